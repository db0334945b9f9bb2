//! Roll-outs, and the way back, as the pipeline of GitHub does them, against stand-ins of its tools.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use support::{Bed, Ran};

/// Writes its arguments into `calls`. Before it ran what stands in `calls.was`, and alone that gets ready: on the way
/// back, if it was an image at all.
const KUBECTL: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$CALLS"
case "$*" in
  *"get deployment"*) cat "$CALLS.was" 2>/dev/null || true ;;
  *"rollout undo"*) grep -q @ "$CALLS.was" && touch "$CALLS.undone" ;;
  *"rollout status"*) test -e "$CALLS.undone" ;;
esac
"#;

/// A new token each time, as the forge mints them, for the audience that is asked for.
const CURL: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$CALLS.asked"
printf '{"value":"token-%s"}\n' "$(wc -l <"$CALLS.asked" | tr -d ' ')"
"#;

/// It knows what runs, and rolls out nothing else; nor that, if `calls.broken` is there.
const TERRAFORM: &str = r#"#!/bin/sh
printf '%s\n' "$*" >>"$CALLS"
case "$*" in
  *" output "*) printf 'ghcr.io/acme/my-service@sha256:%064d' 1 ;;
  *" apply "*) test ! -e "$CALLS.broken" && case "$*" in *"@sha256:0"*) ;; *) exit 1 ;; esac ;;
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

/// A roll-out to Kubernetes that does not get ready, over `was`. What it said, and what it told kubectl.
fn roll_out(was: Option<&str>) -> (Ran, String) {
    let bed = bed("runtime=kubernetes");
    if let Some(was) = was {
        bed.write("calls.was", was);
    }
    let image = format!("ghcr.io/acme/my-service@sha256:{}", "a".repeat(64));
    let ran = Ran::of(&command(&bed, "scripts/deploy").args(["staging", &image]).output().unwrap()).code(1);
    (ran, bed.read("calls"))
}

#[test]
fn what_does_not_get_ready_is_put_back() {
    let (ran, calls) = roll_out(Some("ghcr.io/acme/my-service@sha256:b"));
    ran.says("did not become ready; ghcr.io/acme/my-service@sha256:b, which was there before, serves again");
    let at = |text: &str| calls.find(text).unwrap_or_else(|| panic!("{text}: {calls}"));
    assert!(at("apply --filename") < at("rollout status") && at("rollout status") < at("rollout undo"), "{calls}");
    assert!(at("get events") < at("rollout undo"), "why it failed is asked while it can be seen: {calls}");
}

#[test]
fn the_first_roll_out_that_fails_has_no_way_back_and_says_so() {
    let (ran, calls) = roll_out(None);
    ran.says("did not become ready, and nothing was there before").says("roll out again");
    assert!(!calls.contains("rollout undo"), "{calls}");
}

#[test]
fn a_way_back_that_fails_says_what_to_do() {
    let (ran, _) = roll_out(Some("never-released"));
    ran.says("and neither did never-released, which was there before").says("roll out a digest that did");
}

/// A roll-out by Terraform.
fn terraform(bed: &Bed, image: &str) -> Ran {
    for file in ["main.tf", ".terraform.lock.hcl"] {
        bed.write(&format!("repo/infra/live/staging/{file}"), "");
    }
    Ran::of(&command(bed, "scripts/deploy").args(["staging", image]).output().unwrap()).code(1)
}

#[test]
fn what_terraform_could_not_roll_out_is_put_back() {
    let bed = bed("cloud=aws");
    let image = format!("ghcr.io/acme/my-service@sha256:{}", "a".repeat(64));
    let ran = terraform(&bed, &image);
    let before = format!("ghcr.io/acme/my-service@sha256:{:064}", 1);
    let calls = bed.read("calls");
    let applied: Vec<_> = calls.lines().filter_map(|call| call.split("-var image=").nth(1)).collect();
    assert_eq!(applied, [&image, &before], "{calls}");
    ran.says(&format!("{image} could not be rolled out; {before} serves again"));
}

#[test]
fn what_terraform_cannot_put_back_either_does_not_pass_for_serving() {
    let bed = bed("cloud=aws");
    bed.write("calls.broken", "");
    let ran = terraform(&bed, &format!("ghcr.io/acme/my-service@sha256:{}", "a".repeat(64)));
    ran.says("and neither could ghcr.io/acme/my-service@sha256:0").says("out again");
}

/// Service accounts of Google's may have 30 characters with the suffix, container apps of Azure's 32.
#[test]
fn a_name_too_long_for_a_cloud_is_shortened_there_and_nowhere_else() {
    let bed = Bed::new();
    for (cloud, name, short) in [
        ("gcp", "payments-reconciliatio-for-everybody", "payments-reconciliatio"),
        ("azure", "payments-reconciliation-of-al-countries", "payments-reconciliation-of-al"),
        ("gcp", "ledger", "ledger"),
    ] {
        let repo = format!("{cloud}-{}", name.len());
        let (cloud, answer) = (format!("cloud={cloud}"), format!("name={name}"));
        bed.run(".", &["new", "python-service", &repo, "--defaults", "--no-git", "--set", &cloud, "--set", &answer])
            .ok();
        let example = bed.read(&format!("{repo}/infra/service/examples/complete/main.tf"));
        let named = example.lines().find_map(|line| line.trim().strip_prefix("name ")).unwrap();
        assert!(named.ends_with(&format!("= \"{short}\"")), "{named}");
        assert!(bed.read(&format!("{repo}/catalog-info.yaml")).contains(&format!("name: {name}\n")));
    }
}
