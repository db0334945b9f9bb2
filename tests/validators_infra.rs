//! The infrastructure and the pipelines that the built-in path lays, before judges that others wrote.
//!
//! Set up and skipped like `tests/validators.rs`. What a validator finds that is a decision of the path's is named here, and
//! explained in CONTRIBUTING.md.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use support::{Bed, Ran};

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

/// Lays every answer set of the built-in path in the bed; their directories.
fn lay(bed: &Bed) -> Vec<String> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/tests");
    let mut files: Vec<PathBuf> = tests.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut dirs = Vec::new();
    for file in files {
        let cases: Cases = serde_yaml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        for set in cases.sets {
            let dir = format!("{}-{}", cases.template, set.name);
            let answers = format!("{dir}.yaml");
            bed.write(&answers, serde_yaml::to_string(&set.answers).unwrap());
            bed.run(".", &["new", &cases.template, &dir, "--answers", &answers, "--defaults", "--no-git"]).ok();
            dirs.push(dir);
        }
    }
    dirs
}

/// Says aloud that a test did not run. Not `println!`: the harness would swallow it.
fn skip(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// Where the validators are; none, said aloud, where nobody has set them up.
fn validators(tool: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ROADBED_VALIDATORS").map(PathBuf::from);
    if root.is_none() {
        skip(&format!("{tool} is not set up; `tests/run` installs it and runs this test"));
    }
    root
}

fn validator(tool: &str, program: &str) -> Option<PathBuf> {
    let path = validators(tool)?.join(tool).join("bin").join(program);
    assert!(path.exists(), "{} is not there; `tests/run` installs it", path.display());
    Some(path)
}

/// Each different file of all laid repositories that `is_for` wants, with the repository it is in.
fn files(bed: &Bed, is_for: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for dir in lay(bed) {
        for (path, content, _) in bed.files(&dir) {
            if is_for(&path) && seen.insert((path.clone(), content)) {
                found.push((dir.clone(), path));
            }
        }
    }
    assert!(!found.is_empty(), "no repository has a file for this test");
    found
}

/// Runs `program` on each file: it must accept all of them, and refuse the bad one.
fn validate(program: &Path, args: &[&str], bad: (&str, &str), is_for: impl Fn(&str) -> bool) {
    let bed = Bed::new();
    let run = |dir: &str, file: &str| Ran::of(&bed.command(program, dir).args(args).arg(file).output().unwrap());
    bed.write(&format!("bad/{}", bad.0), bad.1);
    assert_ne!(run("bad", bad.0).code, 0, "{} accepts what is wrong", program.display());
    for (dir, path) in files(&bed, is_for) {
        let ran = run(&dir, &path);
        assert_eq!(ran.code, 0, "{} on {dir}/{path}:\n{}{}", program.display(), ran.stdout, ran.stderr);
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

#[test]
fn a_second_parser_reads_every_terraform_file() {
    let Some(program) = validator("python-hcl2", "hcl2tojson") else { return };
    validate(&program, &[], ("bad.tf", "resource \"a\" {\n"), |path| {
        has_extension(path, "tf") || path.ends_with(".tftest.hcl")
    });
}

#[test]
fn pipelines_of_gitlab_fit_their_schema() {
    let Some(program) = validator("check-jsonschema", "check-jsonschema") else { return };
    let args = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"];
    validate(&program, &args, ("bad.yml", "a: {script: [true], when: sometimes}\n"), |path| {
        path == ".gitlab-ci.yml" || path.starts_with(".gitlab/ci/")
    });
}

/// Of each job of a pipeline of GitLab: its lines, as one script of the runner's.
fn scripts_of_gitlab(text: &str) -> Vec<String> {
    let jobs: serde_yaml::Mapping = serde_yaml::from_str(text).unwrap();
    let parts = ["before_script", "script", "after_script"];
    let scripts = jobs.values().flat_map(|job| parts.map(|part| job.get(part).cloned()));
    let script = |lines: serde_yaml::Value| {
        lines.as_sequence().unwrap().iter().fold(String::new(), |script, line| script + line.as_str().unwrap() + "\n")
    };
    scripts.flatten().map(script).collect()
}

/// Every `sh` step of a Jenkinsfile: one in single quotes, or a block in three.
fn scripts_of_jenkins(text: &str) -> Vec<String> {
    let (mut scripts, mut rest) = (Vec::new(), text);
    while let Some((_, after)) = rest.split_once("sh '") {
        let (body, end) = after.strip_prefix("''").map_or((after, "'"), |block| (block, "'''"));
        let (script, left) = body.split_once(end).unwrap();
        scripts.push(format!("{script}\n"));
        rest = left;
    }
    scripts
}

#[test]
fn shellcheck_accepts_every_shell_block_of_gitlab_and_jenkins() {
    let Some(program) = validator("shellcheck", "shellcheck") else { return };
    let bed = Bed::new();
    let judge = |script: &str| {
        bed.write("block", script);
        Ran::of(&bed.command(&program, ".").args(["--norc", "--shell=sh", "block"]).output().unwrap())
    };
    judge("rm $1\n").code(1).prints("SC2086");
    let (mut gitlab, mut jenkins) = (0, 0);
    let is_gitlab = |path: &str| path == ".gitlab-ci.yml" || path.starts_with(".gitlab/ci/");
    for (dir, path) in files(&bed, |path| is_gitlab(path) || path.starts_with("Jenkinsfile")) {
        let text = bed.read(&format!("{dir}/{path}"));
        let scripts = if is_gitlab(&path) { scripts_of_gitlab(&text) } else { scripts_of_jenkins(&text) };
        *if is_gitlab(&path) { &mut gitlab } else { &mut jenkins } += scripts.len();
        for script in scripts {
            let ran = judge(&script);
            assert_eq!(ran.code, 0, "{dir}/{path}:\n{}", ran.stdout);
        }
    }
    assert!(gitlab > 20 && jenkins > 20, "{gitlab} blocks of GitLab, {jenkins} of Jenkins");
}

#[test]
fn manifests_have_no_field_that_kubernetes_does_not_know() {
    let Some(program) = validator("kubernetes-validate", "kubernetes-validate") else { return };
    let bad = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {port: 80}\n";
    // What kustomize reads alone is not for the cluster; sizes are patches.
    validate(&program, &["--strict"], ("bad.yaml", bad), |path| {
        path.starts_with("deploy/base/") && !path.ends_with("kustomization.yaml")
    });
}

#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn terraform_accepts_every_module_and_its_tests_pass() {
    let Some(root) = validators("terraform") else { return };
    let rc = root.join("terraform/rc");
    let bed = Bed::new();
    if !rc.exists() || bed.command("terraform", ".").arg("version").output().is_err() {
        return skip("terraform and npm judge the modules; one of them is lacking");
    }
    let run = |dir: &str, args: &[&str]| {
        Ran::of(&bed.command("terraform", dir).env("TF_CLI_CONFIG_FILE", &rc).args(args).output().unwrap())
    };
    bed.write("bad/main.tf", "resource \"aws_kms_key\" \"a\" {\n  rotate = true\n}\n");
    run("bad", &["validate", "-no-color"]).code(1);
    let mut modules = BTreeSet::new();
    for (dir, path) in files(&bed, |path| path.ends_with("versions.tf")) {
        let module = format!("{dir}/{}", Path::new(&path).parent().unwrap().display());
        run(&module, &["fmt", "-check", "-recursive", "-diff"]).ok();
        for place in bed.path(&format!("{module}/examples")).read_dir().unwrap() {
            let example = format!("{module}/examples/{}", place.unwrap().file_name().to_str().unwrap());
            run(&example, &["get"]).ok();
            run(&example, &["validate", "-no-color"]).ok();
        }
        run(&module, &["test", "-no-color"]).ok().prints(" passed, 0 failed.");
        modules.insert(path);
    }
    assert!(modules.len() >= 4, "{modules:?}");
}

/// What checkov finds, and the path decided otherwise.
const DECIDED: [&str; 3] = ["CKV_AZURE_33", "CKV2_AZURE_21", "CKV_GCP_125"];

#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn checkov_finds_in_infrastructure_only_what_was_decided() {
    let Some(program) = validator("checkov", "checkov") else { return };
    let bed = Bed::new();
    bed.write("bad/main.tf", "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n}\n");
    let args = ["--framework=terraform,kubernetes", "--compact", "--quiet", "--skip-download", "--output=json"];
    let failed = |dir: &str| -> BTreeSet<String> {
        let ran = Ran::of(&bed.command(&program, dir).arg("--directory=.").args(args).output().unwrap());
        let report: serde_yaml::Value =
            serde_yaml::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
        let reports = report.as_sequence().cloned().unwrap_or_else(|| vec![report.clone()]);
        reports
            .iter()
            .flat_map(|report| report["results"]["failed_checks"].as_sequence().cloned().unwrap_or_default())
            .map(|check| check["check_id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(failed("bad").len() > 2, "checkov accepts what is wrong");
    for dir in lay(&bed) {
        let left: Vec<String> = failed(&dir).into_iter().filter(|id| !DECIDED.contains(&id.as_str())).collect();
        assert!(left.is_empty(), "{dir}: {left:?}");
    }
}
