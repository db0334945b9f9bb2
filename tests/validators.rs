//! What the built-in golden path lays passes the validators that others wrote, with nothing silenced.
//!
//! `tests/run` installs the validators and names their directory in `ROADBED_VALIDATORS`; without it these tests say that they
//! were skipped. Each validator first refuses a bad file, so that one that sees nothing cannot pass for one that finds nothing.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use support::laid::{Laid, has_extension, laid};
use support::{Bed, Ran, validator};

/// A file that a validator must refuse, and a word of what it then says.
struct Bad {
    file: &'static str,
    content: &'static str,
    says: &'static str,
}

fn in_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a validator on all laid files that it is for: it must accept each of them, and refuse the bad one.
fn validate(tool: &str, args: &[&str], bad: &Bad, is_for: impl Fn(&str, &str) -> bool) {
    let Some(program) = validator(tool, tool) else { return };
    let run =
        |bed: &Bed, files: &[String]| Ran::of(&bed.command(&program, ".").args(args).args(files).output().unwrap());
    let bed = Bed::new();
    bed.write(bad.file, bad.content);
    let refusal = run(&bed, &[bad.file.to_owned()]);
    let words = format!("{}{}", refusal.stdout, refusal.stderr);
    assert!(refusal.code != 0 && words.contains(bad.says), "{tool} ended with {} and said:\n{words}", refusal.code);
    let laid = laid();
    let files: Vec<String> = laid.files(is_for).iter().map(|file| format!("{}/{}", file.dir, file.path)).collect();
    // Many at once: some take longer to start than to judge.
    for some in files.chunks(100) {
        let ran = run(&laid.bed, some);
        assert_eq!(ran.code, 0, "{tool}:\n{}{}", ran.stdout, ran.stderr);
    }
}

/// Runs a validator on each laid repository that holds the file `marker`, as a whole.
fn validate_whole(tool: &str, program: &Path, args: &[&str], marker: &str) {
    let laid = laid();
    for dir in laid.with(marker) {
        let ran = Ran::of(&laid.bed.command(program, dir).args(args).output().unwrap());
        assert_eq!(ran.code, 0, "{tool} on {dir}:\n{}{}", ran.stdout, ran.stderr);
    }
}

fn is_workflow(path: &str, _: &str) -> bool {
    path.starts_with(".github/workflows/")
}

const UNPINNED: Bad = Bad {
    file: ".github/workflows/bad.yml",
    content: "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n",
    says: "unpinned-uses",
};

#[test]
fn zizmor_finds_nothing_in_workflows_and_updates_even_when_it_is_pedantic() {
    let args = [
        "--offline",
        "--no-progress",
        "--no-config",
        "--no-ignores",
        "--strict-collection",
        "--collect=all",
        "--persona",
        "pedantic",
    ];
    validate("zizmor", &args, &UNPINNED, |path, content| {
        is_workflow(path, content) || [".github/dependabot.yml", ".pre-commit-config.yaml"].contains(&path)
    });
}

#[test]
fn hadolint_accepts_the_container_file_with_its_own_defaults() {
    let bad = Bad { file: "Dockerfile", content: "FROM debian\nRUN cd /tmp\n", says: "DL3003" };
    let args = ["--config", "/dev/null", "--disable-ignore-pragma"];
    validate("hadolint", &args, &bad, |path, _| path.ends_with("Dockerfile"));
}

#[test]
fn workflows_fit_their_schema() {
    let bad = Bad { file: "bad.yml", content: "on: push\njobs: {a: {runs_on: x, steps: []}}\n", says: "runs_on" };
    validate("check-jsonschema", &["--builtin-schema", "vendor.github-workflows"], &bad, is_workflow);
}

#[test]
fn every_job_of_a_workflow_has_a_timeout() {
    let args = ["--builtin-schema", "custom.github-workflows-require-timeout"];
    let bad = Bad { says: "timeout-minutes", ..UNPINNED };
    validate("check-jsonschema", &args, &bad, is_workflow);
}

#[test]
fn updates_fit_their_schema() {
    let bad = Bad { file: "bad.yml", content: "version: 3\nupdates: []\n", says: "version" };
    let args = ["--builtin-schema", "vendor.dependabot"];
    validate("check-jsonschema", &args, &bad, |path, _| path == ".github/dependabot.yml");
}

#[test]
fn the_other_update_bot_fits_its_schema_too() {
    let bad = Bad { file: "renovate.json", content: r#"{"minimumReleaseAge": 7}"#, says: "minimumReleaseAge" };
    validate("check-jsonschema", &["--builtin-schema", "vendor.renovate"], &bad, |path, _| path == "renovate.json");
}

#[test]
fn the_catalogue_entry_fits_the_schema_of_backstage() {
    let schema = in_package("tests/schemas/catalog-info.schema.json");
    let bad = Bad {
        file: "bad.yaml",
        content: "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a}\nspec: {type: service}\n",
        says: "owner",
    };
    let args = ["--verbose", "--schemafile", schema.to_str().unwrap()];
    validate("check-jsonschema", &args, &bad, |path, _| path == "catalog-info.yaml");
}

#[test]
fn yamllint_accepts_every_yaml_file() {
    // The defaults, but for taste: comments stand one space away, `on:` is a key, and lines may have 120 characters, or
    // more where one word cannot be broken: an image by digest.
    let rules = "{extends: default, rules: {document-start: disable, \
                 line-length: {max: 120, allow-non-breakable-inline-mappings: true}, \
                 truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}}}";
    let bad = Bad { file: "bad.yaml", content: "a: 1\na: 2\n", says: "key-duplicates" };
    // What is under `.roadbed/` is one entry a line, so that git merges it.
    validate("yamllint", &["--strict", "--config-data", rules], &bad, |path, _| {
        !path.starts_with(".roadbed/") && (has_extension(path, "yml") || has_extension(path, "yaml"))
    });
}

#[test]
fn shellcheck_accepts_every_script() {
    let bad = Bad { file: "bad", content: "#!/bin/sh\nrm $1\n", says: "SC2086" };
    validate("shellcheck", &["--norc", "--enable=check-unassigned-uppercase,deprecate-which"], &bad, |_, content| {
        let first = content.lines().next().unwrap_or_default();
        first.starts_with("#!") && first.ends_with("sh")
    });
}

/// The scripts inside workflows, as the runner starts them.
#[test]
fn shellcheck_accepts_every_step_of_a_workflow() {
    let Some(shellcheck) = validator("shellcheck", "shellcheck") else { return };
    let bed = Bed::new();
    let judge = |script: &str| {
        bed.write("step", script);
        Ran::of(&bed.command(&shellcheck, ".").args(["--norc", "step"]).output().unwrap())
    };
    judge("#!/bin/bash -e\nrm $1\n").code(1).prints("SC2086");
    let mut judged = BTreeSet::new();
    for file in laid().files(is_workflow) {
        for (env, run) in steps(&serde_yaml::from_str(&file.text).unwrap()) {
            let script = format!("#!/bin/bash -e\n{env}{run}\n");
            if judged.insert(script.clone()) {
                let ran = judge(&script);
                assert_eq!(ran.code, 0, "{}/{}:\n{}", file.dir, file.path, ran.stdout);
            }
        }
    }
    assert!(!judged.is_empty());
}

/// Of every step that is a script: its variables as assignments, and the script.
fn steps(workflow: &serde_yaml::Value) -> Vec<(String, String)> {
    let jobs = workflow["jobs"].as_mapping().cloned().unwrap_or_default();
    let steps = jobs.values().flat_map(|job| job["steps"].as_sequence().cloned().unwrap_or_default());
    let script = |step: serde_yaml::Value| {
        let env = step["env"].as_mapping().cloned().unwrap_or_default();
        let names: Vec<&str> = env.keys().map(|name| name.as_str().unwrap()).collect();
        let env = names.iter().fold(String::new(), |env, name| env + "export " + name + "=x\n");
        Some((env, step["run"].as_str()?.to_owned()))
    };
    steps.filter_map(script).collect()
}

#[test]
fn every_text_ends_with_one_newline() {
    for file in laid().files(|_, _| true) {
        let ends_well = file.text.ends_with('\n') && !file.text.ends_with("\n\n");
        assert!(ends_well || file.text.is_empty(), "{}/{}", file.dir, file.path);
    }
}

#[test]
fn laying_everything_twice_gives_the_same_bytes() {
    let (first, second) = (laid(), Laid::new());
    for dir in &first.dirs {
        assert!(first.bed.files(dir) == second.bed.files(dir), "{dir} is not what it was");
    }
}

#[test]
fn pre_commit_accepts_its_configuration() {
    let bad = Bad { file: "bad.yaml", content: "repos: [{repo: local}]\n", says: "hooks" };
    validate("pre-commit", &["validate-config"], &bad, |path, _| path == ".pre-commit-config.yaml");
}

#[test]
fn ruff_accepts_the_code_with_the_rules_that_the_repository_states() {
    let Some(ruff) = validator("ruff", "ruff") else { return };
    validate_whole("ruff check", &ruff, &["check", "--no-cache", "--ignore-noqa", "."], "pyproject.toml");
    validate_whole("ruff format", &ruff, &["format", "--no-cache", "--check", "."], "pyproject.toml");
    let bed = Bed::new();
    bed.write("pyproject.toml", laid().bed.read("python-service-defaults/pyproject.toml"));
    bed.write("src/service/bad.py", "def f(a):\n    exec(a)\n");
    Ran::of(&bed.command(&ruff, ".").args(["check", "--no-cache", "."]).output().unwrap()).code(1).prints("S102");
}

#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn checkov_finds_nothing() {
    let Some(checkov) = validator("checkov", "checkov") else { return };
    let args =
        ["--directory=.", "--framework=github_actions,dockerfile,secrets", "--compact", "--quiet", "--skip-download"];
    validate_whole("checkov", &checkov, &args, ".roadbed");
    let bed = Bed::new();
    bed.write("bad/Dockerfile", "FROM debian\nADD http://a.example/b /b\n");
    Ran::of(&bed.command(&checkov, "bad").args(args).output().unwrap()).code(1).prints("CKV_DOCKER");
}

#[test]
fn no_file_silences_a_validator() {
    let markers = [
        "zizmor: ignore",
        "hadolint ignore",
        "shellcheck disable",
        "yamllint disable",
        "noqa",
        "# nosec",
        "#nosec",
        "checkov:skip",
    ];
    for file in laid().files(|_, _| true) {
        assert_eq!(markers.iter().find(|marker| file.text.contains(**marker)), None, "{}/{}", file.dir, file.path);
    }
}
