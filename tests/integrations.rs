//! The CI integrations: their shell parts are run as the CI systems run them, against a directory of downloads and real clones.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![cfg(unix)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_yaml::Value;
use sha2::{Digest as _, Sha256};
use support::{Bed, Ran, validator};

fn in_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn yaml(path: &str) -> Value {
    serde_yaml::from_str(&std::fs::read_to_string(in_package(path)).unwrap()).unwrap()
}

fn archive() -> String {
    let system = if cfg!(target_os = "macos") { "apple-darwin" } else { "unknown-linux-musl" };
    format!("roadbed-{}-{}-{system}.tar.gz", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH)
}

/// Puts an archive and its checksum into `downloads`; the address and the checksum. To pack the binary itself, with all that
/// a debug build holds, would take minutes: a script that starts it is in the archive.
fn publish(bed: &Bed) -> (String, String) {
    use std::os::unix::fs::PermissionsExt as _;
    let binary = assert_cmd::cargo::cargo_bin!("roadbed");
    bed.write("downloads/roadbed", format!("#!/bin/sh\nexec '{}' \"$@\"\n", binary.display()));
    std::fs::set_permissions(bed.path("downloads/roadbed"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut tar = bed.command("tar", "downloads");
    tar.args(["-czf", &archive(), "roadbed"]);
    Ran::of(&tar.output().unwrap()).ok();
    let sum = Sha256::digest(std::fs::read(bed.path("downloads").join(archive())).unwrap());
    let sum = roadbed::model::finding::hex(&sum);
    bed.write("downloads/SHA256SUMS", format!("{}  other.tar.gz\n{sum}  {}\n", "0".repeat(64), archive()));
    (format!("file://{}", bed.path("downloads").display()), sum)
}

/// A repository that serves any commit by its id, as forges do, with a branch `change` of many commits.
fn origin(commits: usize) -> Bed {
    let bed = Bed::laid();
    bed.remove("repo/Makefile");
    bed.commit("repo");
    bed.git("repo", &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    bed.git("repo", &["switch", "-qc", "change"]);
    for n in 0..commits {
        bed.write("repo/x", n.to_string());
        bed.commit("repo");
    }
    bed.replace("repo/package.json", "\"private\": true", "\"private\": false");
    bed.commit("repo");
    bed
}

fn shallow(bed: &Bed, rev: &str) {
    bed.git(".", &["init", "-q", "clone"]);
    let url = format!("file://{}", bed.path("repo").display());
    bed.git("clone", &["remote", "add", "origin", &url]);
    let id = bed.git("repo", &["rev-parse", rev]).trim().to_owned();
    bed.git("clone", &["fetch", "-q", "--depth", "1", "origin", &id]);
    bed.git("clone", &["checkout", "-q", "FETCH_HEAD"]);
}

/// What the runner puts in place of an expression.
fn expand(text: &str, values: &BTreeMap<&str, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, tail) = after.split_once("}}").unwrap();
        let found = expression.split("||").map(str::trim).filter_map(|name| values.get(name));
        out += before;
        out += found.into_iter().find(|value| !value.is_empty()).map_or("", String::as_str);
        rest = tail;
    }
    out + rest
}

/// Runs the steps of `action.yml` in `dir`, as GitHub's runner would; the first that fails is the last.
fn run_action(bed: &Bed, dir: &str, given: &[(&str, &str)], event: &str) -> Ran {
    let action = yaml("action.yml");
    let mut values: BTreeMap<&str, String> = BTreeMap::new();
    for (name, input) in action["inputs"].as_mapping().unwrap() {
        let default = input["default"].as_str().unwrap_or_default();
        values.insert(format!("inputs.{}", name.as_str().unwrap()).leak(), expand(default, &BTreeMap::new()));
    }
    for (name, value) in given {
        values.insert((*name).to_owned().leak(), (*value).to_owned());
    }
    bed.write("event.json", event);
    let parsed: serde_json::Value = serde_json::from_str(event).unwrap();
    for name in [
        "pull_request.base.sha",
        "pull_request.base.ref",
        "merge_group.base_sha",
        "before",
        "repository.default_branch",
    ] {
        let value = parsed.pointer(&format!("/{}", name.replace('.', "/"))).and_then(serde_json::Value::as_str);
        values.insert(format!("github.event.{name}").leak(), value.unwrap_or_default().to_owned());
    }
    std::fs::create_dir_all(bed.path("temp")).unwrap();
    let mut last = None;
    for step in action["runs"]["steps"].as_sequence().unwrap() {
        if step["if"].as_str().is_some_and(|_| values["inputs.since"] != "auto") {
            continue;
        }
        assert_eq!(step["shell"], Value::from("bash"));
        let mut command = bed.command("bash", dir);
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"].as_str().unwrap()]);
        for (name, value) in step["env"].as_mapping().unwrap() {
            command.env(name.as_str().unwrap(), expand(value.as_str().unwrap(), &values));
        }
        command.env("GITHUB_ACTION_PATH", env!("CARGO_MANIFEST_DIR")).env("RUNNER_TEMP", bed.path("temp"));
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_PATH", bed.path("event.json"));
        command.env("GITHUB_STEP_SUMMARY", bed.path("summary.md"));
        command.env("ROADBED_GOLDEN_PATH", bed.path("acme"));
        let ran = Ran::of(&command.output().unwrap());
        let ended = ran.code != 0;
        last = Some(ran);
        if ended {
            break;
        }
    }
    last.unwrap()
}

fn install(bed: &Bed, variables: &[(&str, &str)]) -> Ran {
    let mut command = bed.command(in_package(".ci/integrations/install"), ".");
    command.arg("into").env("ROADBED_VERSION", env!("CARGO_PKG_VERSION")).envs(variables.iter().copied());
    Ran::of(&command.output().unwrap())
}

#[test]
fn nothing_is_installed_whose_checksum_does_not_fit() {
    let bed = Bed::new();
    let (downloads, sum) = publish(&bed);
    let at = ("ROADBED_DOWNLOADS", downloads.as_str());
    install(&bed, &[at]).ok();
    let version = Ran::of(&bed.command(bed.path("into/roadbed"), ".").arg("--version").output().unwrap()).ok();
    assert_eq!(version.stdout.trim(), concat!("roadbed ", env!("CARGO_PKG_VERSION")));
    bed.remove("into/roadbed");
    install(&bed, &[at, ("ROADBED_SHA256", &sum)]).ok();
    bed.remove("into/roadbed");
    install(&bed, &[at, ("ROADBED_SHA256", &"0".repeat(64))]).code(4).says("nothing was installed");
    install(&bed, &[at, ("ROADBED_VERSION", "9.9.9")]).code(4).says("cannot download");
    bed.write("downloads/SHA256SUMS", format!("{sum}  other.tar.gz\n"));
    install(&bed, &[at]).code(4).says("SHA256SUMS does not name");
    install(&bed, &[("ROADBED_DOWNLOADS", "http://localhost/x")]).code(4);
    assert!(!bed.exists("into/roadbed"));
}

#[test]
fn the_action_finds_what_a_change_brings_in_whatever_the_event_and_the_depth() {
    let bed = origin(60);
    let (downloads, _) = publish(&bed);
    let main = bed.git("repo", &["rev-parse", "main"]).trim().to_owned();
    let zeros = "0".repeat(40);
    let events = [
        format!("{{\"pull_request\": {{\"base\": {{\"sha\": \"{main}\", \"ref\": \"main\"}}}}}}"),
        format!("{{\"merge_group\": {{\"base_sha\": \"{main}\"}}}}"),
        format!("{{\"before\": \"{main}\", \"repository\": {{\"default_branch\": \"main\"}}}}"),
        format!("{{\"before\": \"{zeros}\", \"repository\": {{\"default_branch\": \"main\"}}}}"),
    ];
    for event in events {
        shallow(&bed, "change");
        let given = [("inputs.downloads", downloads.as_str()), ("inputs.sarif", "../out.sarif")];
        let ran = run_action(&bed, "clone", &given, &event).code(1).prints("::error file=package.json");
        assert!(!ran.stdout.contains("Makefile"), "{event}: {}", ran.stdout);
        assert!(bed.read("summary.md").contains("package.json"), "{event}");
        let sarif: serde_json::Value = serde_json::from_str(&bed.read("out.sarif")).unwrap();
        assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2, "code scanning needs all of them");
        std::fs::remove_dir_all(bed.path("clone")).unwrap();
        bed.remove("summary.md");
    }
}

#[test]
fn the_token_takes_the_place_of_the_credentials_that_a_checkout_kept() {
    let bed = Bed::new();
    let key = "http.https://git.example/.extraheader";
    bed.git(".", &["init", "-q", "repo"]);
    bed.git("repo", &["config", "remote.origin.url", "https://git.example/a/b.git"]);
    bed.git("repo", &["config", key, "AUTHORIZATION: basic kept"]);
    // Says what headers a fetch would send, in the order in which git reads them, and fails.
    let real =
        String::from_utf8(bed.command("sh", ".").args(["-c", "command -v git"]).output().unwrap().stdout).unwrap();
    let stub = format!(
        "#!/bin/sh\n[ \"$1\" = fetch ] || exec {0} \"$@\"\n{0} config --get-all {key} >&2\nexit 1\n",
        real.trim()
    );
    bed.write("bin/git", stub);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(bed.path("bin/git"), mode).unwrap();
    let path = format!("{}:{}", bed.path("bin").display(), std::env::var("PATH").unwrap());
    let ran = bed
        .command(in_package(".ci/integrations/fetch-base"), "repo")
        .env("PATH", path)
        .env("ROADBED_BASE_SHA", "1".repeat(40))
        .env("ROADBED_TOKEN", "t")
        .output()
        .unwrap();
    let told = String::from_utf8(ran.stderr).unwrap();
    let headers: Vec<&str> = told.lines().take(3).collect();
    assert_eq!(headers, ["AUTHORIZATION: basic kept", "", "AUTHORIZATION: basic eC1hY2Nlc3MtdG9rZW46dA=="], "{told}");
}

#[test]
fn the_action_takes_a_binary_that_is_there_and_checks_everything_where_no_base_is_wanted() {
    let bed = origin(1);
    shallow(&bed, "change");
    let binary = assert_cmd::cargo::cargo_bin!("roadbed");
    let given = [("inputs.binary", binary.to_str().unwrap()), ("inputs.since", ""), ("inputs.fail-on", "never")];
    run_action(&bed, "clone", &given, "{}").ok().prints("Makefile").prints("package.json");
}

#[test]
fn the_job_for_gitlab_reports_all_and_fails_on_what_is_new() {
    let text = std::fs::read_to_string(in_package(".ci/integrations/gitlab/roadbed.yml")).unwrap();
    let (_, job) = text.split_once("\n---\n").unwrap();
    let bed = origin(1);
    let (downloads, sum) = publish(&bed);
    bed.git(".", &["clone", "-q", "-b", "change", "repo", "clone"]);
    let base = bed.git("repo", &["rev-parse", "main"]).trim().to_owned();
    let inputs = [
        ("stage", "test"),
        ("image", "x"),
        ("version", env!("CARGO_PKG_VERSION")),
        ("downloads", &downloads),
        ("sha256", &sum),
        ("since", "auto"),
        ("fail-on", "block"),
    ];
    let filled =
        inputs.iter().fold(job.to_owned(), |job, (name, value)| job.replace(&format!("$[[ inputs.{name} ]]"), value));
    assert!(!filled.contains("$[["), "{filled}");
    let job: Value = serde_yaml::from_str(&filled).unwrap();
    let mut command = bed.command("sh", "clone");
    command.args(["-c", job["roadbed"]["script"][0].as_str().unwrap()]);
    for (name, value) in job["roadbed"]["variables"].as_mapping().unwrap() {
        command.env(name.as_str().unwrap(), value.as_str().unwrap());
    }
    command.env("GITLAB_CI", "true").env("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main");
    command.env("CI_MERGE_REQUEST_DIFF_BASE_SHA", base).env("ROADBED_GOLDEN_PATH", bed.path("acme"));
    let ran = Ran::of(&command.output().unwrap()).code(1).prints("package.json");
    assert!(!ran.stdout.contains("Makefile"), "{}", ran.stdout);
    let report: serde_json::Value = serde_json::from_str(&bed.read("clone/gl-code-quality-report.json")).unwrap();
    assert_eq!(report.as_array().unwrap().len(), 1);
    let Some(program) = validator("check-jsonschema", "check-jsonschema") else { return };
    bed.write("job.yml", filled);
    let args = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", "job.yml"];
    Ran::of(&bed.command(program, ".").args(args).output().unwrap()).ok();
}

#[test]
fn the_step_for_jenkins_reports_and_fails_on_what_is_new() {
    let text = std::fs::read_to_string(in_package(".ci/integrations/jenkins/vars/roadbedCheck.groovy")).unwrap();
    let script = text.split("'''").nth(1).unwrap();
    let bed = origin(1);
    let (downloads, sum) = publish(&bed);
    bed.git(".", &["clone", "-q", "-b", "change", "repo", "clone"]);
    bed.write("step", script);
    let step = |sum: &str| {
        let mut command = bed.command("sh", "clone");
        command.arg("../step").env("WORKSPACE_TMP", bed.path("temp")).env("CHANGE_TARGET", "main");
        command.env("ROADBED_BINARY", "").env("ROADBED_ARCHIVE", archive()).env("ROADBED_DOWNLOADS", &downloads);
        command.env("ROADBED_SHA256", sum).env("ROADBED_SINCE", "auto").env("ROADBED_FAIL_ON", "block");
        command.env("ROADBED_REPORT", "roadbed.xml").env("ROADBED_GOLDEN_PATH", bed.path("acme"));
        Ran::of(&command.output().unwrap())
    };
    let ran = step(&sum).code(1).prints("package.json");
    assert!(!ran.stdout.contains("Makefile"), "{}", ran.stdout);
    assert!(bed.read("clone/roadbed.xml").contains("failures=\"1\""));
    assert_ne!(step(&"0".repeat(64)).code, 0);
    if let Some(shellcheck) = validator("shellcheck", "shellcheck") {
        Ran::of(&bed.command(shellcheck, ".").args(["--norc", "step"]).output().unwrap()).ok();
    }
}

#[test]
fn the_hook_stops_a_commit_that_brings_something_in() {
    let hooks = yaml(".pre-commit-hooks.yaml");
    let bed = origin(1);
    bed.git("repo", &["switch", "-q", "main"]);
    for hook in hooks.as_sequence().unwrap() {
        let line = hook["entry"].as_str().unwrap().split(' ').skip(1);
        let args: Vec<&str> =
            line.chain(hook["args"].as_sequence().unwrap().iter().filter_map(Value::as_str)).collect();
        bed.run("repo", &args).ok();
        bed.replace("repo/package.json", "\"private\": true", "\"private\": false");
        bed.run("repo", &args).code(1).prints("package.json");
        bed.git("repo", &["checkout", "-q", "."]);
    }
}

#[test]
fn others_find_nothing_wrong_with_the_integrations() {
    let bed = Bed::new();
    let run = |tool: &str, args: &[&str], files: &[PathBuf]| {
        let Some(program) = validator(tool, tool) else { return };
        Ran::of(&bed.command(program, ".").args(args).args(files).output().unwrap()).ok();
    };
    let zizmor = ["--offline", "--no-progress", "--no-config", "--no-ignores", "--persona", "pedantic"];
    run("zizmor", &zizmor, &[in_package("action.yml")]);
    run("check-jsonschema", &["--builtin-schema", "vendor.github-actions"], &[in_package("action.yml")]);
    run(
        "shellcheck",
        &["--norc"],
        &[in_package(".ci/integrations/install"), in_package(".ci/integrations/fetch-base")],
    );
    run("pre-commit", &["validate-manifest"], &[in_package(".pre-commit-hooks.yaml")]);
    for (n, step) in yaml("action.yml")["runs"]["steps"].as_sequence().unwrap().iter().enumerate() {
        let name = format!("step-{n}");
        bed.write(&name, format!("#!/bin/bash\n{}", step["run"].as_str().unwrap()));
        run("shellcheck", &["--norc"], &[bed.path(&name)]);
    }
}
