//! What the built-in golden path lays passes the validators that others wrote, with nothing silenced.
//!
//! `tests/run` installs the validators and names their directory in `ROADBED_VALIDATORS`; without it these tests say that they
//! were skipped. Each validator first refuses a bad file, so that one that sees nothing cannot pass for one that finds nothing.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use support::{Bed, Ran, validator};

#[derive(Deserialize)]
struct Cases {
    template: String,
    sets: Vec<Set>,
}

#[derive(Deserialize)]
struct Set {
    name: String,
    answers: serde_yaml::Value,
}

/// A file that a validator must refuse, and a word of what it then says.
struct Bad {
    file: &'static str,
    content: &'static str,
    says: &'static str,
}

/// Lays every answer set of the built-in path in the bed; their directories.
fn lay(bed: &Bed) -> Vec<String> {
    let mut dirs = Vec::new();
    let mut files: Vec<PathBuf> =
        in_package("templates/tests").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let cases: Cases = serde_yaml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        for set in cases.sets {
            let dir = format!("{}-{}", cases.template, set.name);
            let answers = format!("{dir}.yaml");
            bed.write(&answers, serde_yaml::to_string(&set.answers).unwrap());
            bed.run(".", &["new", &cases.template, &dir, "--answers", &answers, "--defaults"]).ok();
            dirs.push(dir);
        }
    }
    assert!(!dirs.is_empty(), "the built-in path has no answer sets");
    dirs
}

fn in_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a validator on each laid file that it is for: it must accept all of them, and refuse the bad one.
fn validate(tool: &str, args: &[&str], bad: &Bad, is_for: impl Fn(&str, &[u8]) -> bool) {
    let Some(program) = validator(tool, tool) else { return };
    let bed = Bed::new();
    let run = |dir: &str, file: &str| Ran::of(&bed.command(&program, dir).args(args).arg(file).output().unwrap());
    bed.write(&format!("bad/{}", bad.file), bad.content);
    let refusal = run("bad", bad.file);
    let words = format!("{}{}", refusal.stdout, refusal.stderr);
    assert!(refusal.code != 0 && words.contains(bad.says), "{tool} ended with {} and said:\n{words}", refusal.code);
    for dir in lay(&bed) {
        let files: Vec<String> = bed
            .files(&dir)
            .into_iter()
            .filter(|(path, content, _)| is_for(path, content))
            .map(|(path, ..)| path)
            .collect();
        assert!(!files.is_empty(), "{dir} has no file for {tool}");
        for file in files {
            let ran = run(&dir, &file);
            assert_eq!(ran.code, 0, "{tool} on {dir}/{file}:\n{}{}", ran.stdout, ran.stderr);
        }
    }
}

/// Runs a validator on each laid repository as a whole.
fn validate_whole(tool: &str, program: &Path, args: &[&str]) {
    let bed = Bed::new();
    for dir in lay(&bed) {
        let ran = Ran::of(&bed.command(program, &dir).args(args).output().unwrap());
        assert_eq!(ran.code, 0, "{tool} on {dir}:\n{}{}", ran.stdout, ran.stderr);
    }
}

fn is_workflow(path: &str, _: &[u8]) -> bool {
    path.starts_with(".github/workflows/")
}

const UNPINNED: Bad = Bad {
    file: ".github/workflows/bad.yml",
    content: "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n",
    says: "unpinned-uses",
};

#[test]
fn zizmor_finds_nothing_in_workflows_and_updates_even_when_it_is_pedantic() {
    let args =
        ["--offline", "--no-progress", "--no-config", "--no-ignores", "--strict-collection", "--persona", "pedantic"];
    // File by file: one that it cannot parse would end the audit of all.
    validate("zizmor", &args, &UNPINNED, |path, content| {
        is_workflow(path, content) || path == ".github/dependabot.yml"
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
    // The defaults, but for taste: comments stand one space away, `on:` is a key, and lines may have 120 characters.
    let rules = "{extends: default, rules: {document-start: disable, line-length: {max: 120}, \
                 truthy: {check-keys: false}, comments: {min-spaces-from-content: 1}}}";
    let bad = Bad { file: "bad.yaml", content: "a: 1\na: 2\n", says: "key-duplicates" };
    // What is under `.roadbed/` is one entry a line, so that git merges it.
    validate("yamllint", &["--strict", "--config-data", rules], &bad, |path, _| {
        !path.starts_with(".roadbed/") && Path::new(path).extension().is_some_and(|e| e == "yml" || e == "yaml")
    });
}

#[test]
fn shellcheck_accepts_every_script() {
    let bad = Bad { file: "bad", content: "#!/bin/sh\nrm $1\n", says: "SC2086" };
    validate("shellcheck", &["--norc", "--enable=check-unassigned-uppercase,deprecate-which"], &bad, |_, content| {
        let first = content.split(|&byte| byte == b'\n').next().unwrap_or_default();
        first.starts_with(b"#!") && first.ends_with(b"sh")
    });
}

#[test]
fn pre_commit_accepts_its_configuration() {
    let bad = Bad { file: "bad.yaml", content: "repos: [{repo: local}]\n", says: "hooks" };
    validate("pre-commit", &["validate-config"], &bad, |path, _| path == ".pre-commit-config.yaml");
}

#[test]
fn ruff_accepts_the_code_with_the_rules_that_the_repository_states() {
    let Some(ruff) = validator("ruff", "ruff") else { return };
    validate_whole("ruff check", &ruff, &["check", "--no-cache", "--ignore-noqa", "."]);
    validate_whole("ruff format", &ruff, &["format", "--no-cache", "--check", "."]);
    let bed = Bed::new();
    let dir = &lay(&bed)[0];
    bed.write(&format!("{dir}/src/service/bad.py"), "def f(a):\n    exec(a)\n");
    let refusal = Ran::of(&bed.command(&ruff, dir).args(["check", "--no-cache", "."]).output().unwrap()).code(1);
    assert!(refusal.stdout.contains("S102"), "{}", refusal.stdout);
}

#[test]
fn the_laid_service_builds_and_passes_its_own_tests() {
    // Any environment's python will do: the service needs nothing installed.
    let Some(python) = validator("ruff", "python") else { return };
    let python = format!("PYTHON={}", python.display());
    validate_whole("make", Path::new("make"), &["--no-print-directory", "build", "test", &python]);
}

#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn checkov_finds_nothing() {
    let Some(checkov) = validator("checkov", "checkov") else { return };
    let args =
        ["--directory=.", "--framework=github_actions,dockerfile,secrets", "--compact", "--quiet", "--skip-download"];
    validate_whole("checkov", &checkov, &args);
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
        "nosec",
        "checkov:skip",
    ];
    let bed = Bed::new();
    for dir in lay(&bed) {
        for (path, content, _) in bed.files(&dir) {
            let text = String::from_utf8_lossy(&content);
            assert_eq!(markers.iter().find(|marker| text.contains(**marker)), None, "{dir}/{path}");
        }
    }
}
