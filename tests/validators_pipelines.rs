//! Pipelines and the bots beside them, before judges that read them as the forges do.
//!
//! Set up and skipped like `tests/validators.rs`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use support::laid::{Laid, laid};
use support::{Bed, Ran, skip, validator, validator_if_had};

fn ran(command: &mut Command) -> Ran {
    Ran::of(&command.output().unwrap())
}

#[test]
fn actionlint_finds_nothing_in_workflows() {
    let (Some(actionlint), Some(shellcheck)) =
        (validator("actionlint", "actionlint"), validator("shellcheck", "shellcheck"))
    else {
        return;
    };
    let lint = |bed: &Bed, dir: &str, files: &[String]| {
        let args = ["-no-color", "-pyflakes=", "-shellcheck"];
        ran(bed.command(&actionlint, dir).args(args).arg(&shellcheck).args(files))
    };
    let bed = Bed::new();
    let bad = ".github/workflows/bad.yml";
    bed.write(
        bad,
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v6\n        \
         with: {fetch_depth: 0}\n      - run: rm $1 ${{ github.sah }}\n",
    );
    let refusal = lint(&bed, ".", &[bad.to_owned()]).code(1);
    for says in ["\"fetch_depth\" is not defined in action", "\"sah\" is not defined", "SC2086"] {
        assert!(refusal.stdout.contains(says), "{}", refusal.stdout);
    }
    let laid = laid();
    let files = laid.files(|path, _| path.starts_with(".github/workflows/"));
    let files: Vec<String> = files.iter().map(|file| format!("{}/{}", file.dir, file.path)).collect();
    let ran = lint(&laid.bed, ".", &files);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}

/// Makes a repository as GitLab's runner has it: it came from somewhere, and its default branch is known.
fn cloned(bed: &Bed, dir: &str) {
    bed.git(dir, &["init", "--quiet", "--initial-branch=main"]);
    bed.commit(dir);
    bed.git(dir, &["remote", "add", "origin", "https://gitlab.example/acme/service.git"]);
    bed.git(dir, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    bed.git(dir, &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
}

/// What starts a pipeline.
const EVENTS: [(&str, &[&str]); 3] = [
    ("a push", &[]),
    ("a request", &["--unset-variable=CI_COMMIT_BRANCH", "--variable=CI_PIPELINE_SOURCE=merge_request_event"]),
    (
        "a tag",
        &[
            "--unset-variable=CI_COMMIT_BRANCH",
            "--variable=CI_COMMIT_TAG=v1.2.3",
            "--variable=CI_COMMIT_REF_PROTECTED=true",
        ],
    ),
];

#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn gitlab_ci_local_finds_every_stage_and_need_of_each_pipeline() {
    let Some(program) = validator_if_had("gitlab-ci-local", "gitlab-ci-local") else { return };
    let run = |bed: &Bed, dir: &str, event: &[&str], what: &str| {
        let quiet = "--ignore-predefined-vars=CI_PIPELINE_SOURCE,CI_COMMIT_TAG,CI_COMMIT_REF_PROTECTED";
        ran(bed.command(&program, dir).args([what, quiet, "--no-color"]).args(event))
    };
    let bad = Bed::new();
    bad.write("a/.gitlab-ci.yml", "stages: [build]\ntest:\n  stage: tset\n  script: ['true']\n");
    bad.write("b/.gitlab-ci.yml", "test:\n  needs: [nobody]\n  script: ['true']\n");
    for dir in ["a", "b"] {
        cloned(&bad, dir);
        run(&bad, dir, &[], "--list").code(1);
    }
    let laid = Laid::new();
    for dir in laid.with(".gitlab-ci.yml") {
        cloned(&laid.bed, dir);
        let list = run(&laid.bed, dir, &[], "--list-csv").ok();
        assert!(list.stdout.lines().any(|line| line.starts_with("drift;")), "{dir}: {}", list.stdout);
        for (event, args) in EVENTS {
            let chain = run(&laid.bed, dir, args, "--validate-dependency-chain");
            assert_eq!(chain.code, 0, "{dir} on {event}:\n{}{}", chain.stdout, chain.stderr);
        }
    }
}

/// The jobs that need nothing but their toolchain, on this machine instead of in their image. All others want an image, an
/// account, or a list of advisories.
#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn gitlab_ci_local_runs_the_jobs_that_need_no_network() {
    let Some(program) = validator_if_had("gitlab-ci-local", "gitlab-ci-local") else { return };
    let laid = Laid::new();
    let bed = &laid.bed;
    if bed.command("rsync", ".").arg("--version").output().is_err() {
        return skip("gitlab-ci-local copies a repository with rsync, which is lacking");
    }
    for (dir, toolchain) in [("python-service-gitlab-aws", "python3"), ("library-rust-gitlab", "cargo")] {
        cloned(bed, dir);
        let test = |job: &str| {
            let mut command = bed.command(&program, dir);
            for keep in ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
                if let Some(value) = std::env::var_os(keep) {
                    command.env(keep, value);
                }
            }
            ran(command.args(["--force-shell-executor", "--no-color", job]))
        };
        if bed.command(toolchain, dir).arg("--version").output().is_err() {
            skip(&format!("{toolchain} is lacking: the jobs of {dir} do not run"));
            continue;
        }
        let passed = test("test");
        assert_eq!(passed.code, 0, "{dir}:\n{}{}", passed.stdout, passed.stderr);
        assert!(passed.stdout.contains("PASS"), "{dir}:\n{}", passed.stdout);
        // One line that fails must fail the job.
        bed.replace(&format!("{dir}/Makefile"), "\ntest:", "\ntest: broken");
        bed.write(&format!("{dir}/Makefile"), bed.read(&format!("{dir}/Makefile")) + "\nbroken:\n\tfalse\n");
        assert_ne!(test("test").code, 0, "{dir} passes what fails");
    }
}

#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn renovate_accepts_its_configuration_without_a_word() {
    let Some(program) = validator_if_had("renovate", "renovate-config-validator") else { return };
    let judge = |bed: &Bed, dir: &str| {
        let ran = ran(bed.command(&program, dir).args(["--strict", "--no-global", "renovate.json"]));
        (ran.code, ran.stdout + &ran.stderr)
    };
    let bad = Bed::new();
    for (content, says) in [(r#"{"nonsense": true}"#, "nonsense"), (r#"{"extends": ["config:base"]}"#, "migration")] {
        bad.write("renovate.json", content);
        let (code, words) = judge(&bad, ".");
        assert!(code == 1 && words.contains(says), "{code}: {words}");
    }
    let laid = laid();
    for file in laid.files(|path, _| path == "renovate.json") {
        let (code, words) = judge(&laid.bed, &file.dir);
        assert!(code == 0 && !words.contains("migration"), "{}: {words}", file.dir);
    }
}

/// Groovy alone: that a declarative pipeline is made of the right steps, only Jenkins knows.
#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn groovy_lint_finds_no_error_in_pipelines_of_jenkins() {
    let Some(program) = validator_if_had("npm-groovy-lint", "npm-groovy-lint") else { return };
    let bed = Bed::new();
    if bed.command("java", ".").arg("-version").output().is_err() {
        return skip("npm-groovy-lint needs Java, which is lacking");
    }
    let lint = |dir: &str| {
        let mut command = bed.command(&program, dir);
        if let Some(home) = std::env::var_os("JAVA_HOME") {
            command.env("JAVA_HOME", home);
        }
        ran(command.args(["--noserver", "--failon=error", "--loglevel=error", "Jenkinsfile*"]))
    };
    bed.write("bad/Jenkinsfile", "pipeline {\n  stages {\n");
    let refusal = lint("bad");
    assert_eq!(refusal.code, 1, "{}{}", refusal.stdout, refusal.stderr);
    let mut sources = String::new();
    for (index, file) in laid().files(|path, _| path.starts_with("Jenkinsfile")).into_iter().enumerate() {
        let name = format!("Jenkinsfile.{index}");
        writeln!(sources, "{name} is {}/{}", file.dir, file.path).unwrap();
        bed.write(&Path::new("good").join(name).display().to_string(), file.text);
    }
    let verdict = lint("good");
    assert_eq!(verdict.code, 0, "{sources}{}{}", verdict.stdout, verdict.stderr);
}
