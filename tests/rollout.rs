//! Roll-outs, and the way back, as the pipeline of GitHub does them, against stand-ins of its tools.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use support::{Bed, Ran};

/// Writes its arguments into `calls`. Its roll-out never gets ready, but on the way back.
const KUBECTL: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$CALLS"
case "$*" in
  *"rollout undo"*) touch "$CALLS.undone" ;;
  *"rollout status"*) test -e "$CALLS.undone" ;;
esac
"#;

/// A new token each time, as the forge mints them, for the audience that is asked for.
const CURL: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$CALLS.asked"
printf '{"value":"token-%s"}\n' "$(wc -l <"$CALLS.asked" | tr -d ' ')"
"#;

/// It knows what runs, and rolls out nothing else.
const TERRAFORM: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$CALLS"
case "$*" in
  *" output "*) printf 'ghcr.io/acme/my-service@sha256:%064d' 1 ;;
  *" apply "*) case "$*" in *"@sha256:0"*) ;; *) exit 1 ;; esac ;;
esac
"#;

/// A service that runs where `answer` says, with stand-ins before all else on the path.
fn bed(answer: &str) -> Bed {
    let bed = Bed::new();
    bed.run(".", &["new", "go-service", "repo", "--defaults", "--no-git", "--set", answer]).ok();
    let tools = [("kubectl", KUBECTL), ("curl", CURL), ("kustomize", "#!/bin/sh\n"), ("terraform", TERRAFORM)];
    for (name, content) in tools {
        let place = format!("bin/{name}");
        bed.write(&place, content);
        std::fs::set_permissions(bed.path(&place), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::fs::create_dir(bed.path("temp")).unwrap();
    bed
}

fn command(bed: &Bed, program: &str) -> Command {
    let mut command = bed.command(program, "repo");
    let path = format!("{}:{}", bed.path("bin").display(), std::env::var("PATH").unwrap());
    command
        .env("PATH", path)
        .env("CALLS", bed.path("calls"))
        .env("RUNNER_TEMP", bed.path("temp"))
        .env("SERVER", "https://cluster.example:6443")
        .env("AUTHORITY", "PEM")
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request")
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", "https://forge.example/token?a=b");
    command
}

/// Runs the step of deploy.yml that signs in; what it told kubectl.
fn sign_in(bed: &Bed) -> String {
    let workflow: serde_yaml::Value = serde_yaml::from_str(&bed.read("repo/.github/workflows/deploy.yml")).unwrap();
    let steps = workflow["jobs"]["roll-out"]["steps"].as_sequence().unwrap();
    let step = steps.iter().find(|step| step["name"] == "Sign in to the cluster").unwrap();
    bed.write("step", step["run"].as_str().unwrap());
    let step = bed.path("step");
    Ran::of(&command(bed, "bash").args(["-e", "-o", "pipefail"]).arg(step).output().unwrap()).ok();
    bed.read("calls")
}

fn has_jq() -> bool {
    let found = Command::new("jq").arg("--version").output().is_ok();
    if !found {
        let _ = writeln!(std::io::stderr(), "SKIPPED: jq is not there");
    }
    found
}

#[test]
fn a_token_that_ends_before_the_way_back_is_asked_for_anew() {
    if !has_jq() {
        return;
    }
    let bed = bed("runtime=kubernetes");
    let calls = sign_in(&bed);
    // The forge's tokens end after five minutes, and a roll-out waits as long: none may be kept.
    assert!(!calls.contains("token-"), "{calls}");
    let line = calls.lines().find(|line| line.contains("--exec-command=")).unwrap_or_else(|| panic!("{calls}"));
    let value = |name: &str| line.split(' ').find_map(|word| word.strip_prefix(name)).unwrap().to_owned();
    let ask = || {
        let ran = Ran::of(&command(&bed, &value("--exec-command=")).arg(value("--exec-arg=")).output().unwrap()).ok();
        let credential = ran.json();
        assert_eq!(credential["apiVersion"], value("--exec-api-version="));
        assert_eq!(credential["kind"], "ExecCredential");
        assert!(credential["status"]["expirationTimestamp"].as_str().unwrap().ends_with('Z'));
        credential["status"]["token"].as_str().unwrap().to_owned()
    };
    assert_ne!(ask(), ask(), "kubectl must get a new token each time");
    let asked = bed.read("calls.asked");
    assert!(asked.contains("https://forge.example/token?a=b&audience=https://cluster.example:6443"), "{asked}");
}

#[test]
fn what_does_not_get_ready_is_put_back() {
    let bed = bed("runtime=kubernetes");
    let image = format!("ghcr.io/acme/my-service@sha256:{}", "a".repeat(64));
    let ran = Ran::of(&command(&bed, "scripts/deploy").args(["staging", &image]).output().unwrap()).code(1);
    ran.says("did not become ready; what was there before serves again");
    let calls = bed.read("calls");
    let at = |text: &str| calls.find(text).unwrap_or_else(|| panic!("{text}: {calls}"));
    assert!(at("apply --filename") < at("rollout status") && at("rollout status") < at("rollout undo"), "{calls}");
}

#[test]
fn what_terraform_could_not_roll_out_is_put_back() {
    let bed = bed("cloud=aws");
    for file in ["main.tf", ".terraform.lock.hcl"] {
        bed.write(&format!("repo/infra/live/staging/{file}"), "");
    }
    let image = format!("ghcr.io/acme/my-service@sha256:{}", "a".repeat(64));
    let ran = Ran::of(&command(&bed, "scripts/deploy").args(["staging", &image]).output().unwrap()).code(1);
    let before = format!("ghcr.io/acme/my-service@sha256:{:064}", 1);
    let calls = bed.read("calls");
    let applied: Vec<_> = calls.lines().filter_map(|call| call.split("-var image=").nth(1)).collect();
    assert_eq!(applied, [&image, &before], "{calls}");
    ran.says(&format!("{image} could not be rolled out; {before} serves again"));
}
