//! How `roadbed adopt` lays a path under what exists: nothing of the team's changes its meaning.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use serde_json::Value;
use support::Bed;

/// A repository with the built-in path's Go service to come.
fn bed(files: &[(&str, &str)]) -> Bed {
    let bed = Bed::new();
    std::fs::create_dir(bed.path("repo")).unwrap();
    bed.git("repo", &["init", "-q", "-b", "main"]);
    bed.write("repo/go.mod", "module payments\n");
    bed.write("repo/main.go", "package main\n\nfunc main() {}\n");
    for (path, text) in files {
        bed.write(&format!("repo/{path}"), text);
    }
    bed.commit("repo");
    bed
}

const ADOPT: [&str; 2] = ["adopt", "--defaults"];

fn paths(document: &Value, key: &str) -> Vec<String> {
    document[key].as_array().unwrap().iter().map(|row| row["path"].as_str().unwrap().to_owned()).collect()
}

/// Lines that git says went.
fn lost(bed: &Bed) -> String {
    bed.git("repo", &["diff", "--numstat"]).lines().filter(|line| line.split('\t').nth(1) != Some("0")).collect()
}

#[test]
fn a_dry_run_is_the_adoption_without_its_writes() {
    let bed = bed(&[
        (".github/workflows/security.yml", "name: ours\non: push\njobs: {}\n"),
        ("docs/CODEOWNERS", "* @acme/payments\n"),
        (".gitignore", "/bin\n"),
    ]);
    let before = bed.files("repo");
    let dry = bed.run("repo", &[&ADOPT[..], &["--dry-run", "--format", "json"]].concat()).code(3).json();
    let text = bed.run("repo", &[&ADOPT[..], &["--dry-run"]].concat()).code(3);
    assert_eq!(bed.files("repo"), before);
    let done = bed.run("repo", &[&ADOPT[..], &["--format", "json"]].concat()).code(3).json();
    for key in ["changes", "conflicts", "observed", "proposed", "answers", "kept", "notes", "to"] {
        assert_eq!(dry[key], done[key], "{key}");
    }
    assert_eq!((&dry["applied"], &done["applied"]), (&false.into(), &true.into()));
    // A collision is shown as what it would become.
    let text = text.prints("-name: ours\n").prints("rename from docs/CODEOWNERS\nrename to .github/CODEOWNERS\n");
    text.prints("What would be inserted into files that are there already:").prints("+# roadbed:begin hygiene\n");
    let diffs: Vec<&str> =
        dry["conflicts"].as_array().unwrap().iter().map(|row| row["diff"].as_str().unwrap()).collect();
    assert!(diffs[0].contains("rename from docs/CODEOWNERS") && diffs[1].contains("-name: ours"), "{diffs:?}");
}

#[test]
fn nothing_is_lost_in_files_that_are_there() {
    let bed = bed(&[
        (".gitignore", "/bin"),
        ("Dockerfile", "FROM scratch\n"),
        (".editorconfig", "root = false\n"),
        ("SECURITY.md", "Call us.\n"),
        (".github/CODEOWNERS", "* @acme/payments\n/docs/ @acme/writers\n"),
        (
            ".pre-commit-config.yaml",
            "# ours\nrepos:\n  - repo: local\n    hooks:\n      - {id: own, name: own, entry: x, language: system}\n",
        ),
        ("README.md", "# Ours\n"),
    ]);
    let merged = ["Dockerfile", ".editorconfig", "SECURITY.md", "README.md", "main.go", "go.mod"];
    let before = merged.map(|path| bed.read(&format!("repo/{path}")));
    bed.run("repo", &ADOPT).ok();
    assert_eq!(lost(&bed), "");
    assert_eq!(merged.map(|path| bed.read(&format!("repo/{path}"))), before);
    assert_eq!(bed.read("repo/README.md"), "# Ours\n");
    assert!(!bed.exists("repo/internal"), "what is laid once is for new repositories");
    let hooks = bed.read("repo/.pre-commit-config.yaml");
    assert!(hooks.starts_with("# ours\n") && hooks.contains("id: own") && hooks.contains("gitleaks"), "{hooks}");
}

#[test]
fn a_file_that_would_silence_theirs_is_not_laid_and_not_by_fix_either() {
    let bed =
        bed(&[("docs/CODEOWNERS", "* @acme/payments\n"), (".github/dependabot.yaml", "version: 2\nupdates: []\n")]);
    let document = bed.run("repo", &[&ADOPT[..], &["--format", "json"]].concat()).code(3).json();
    assert_eq!(paths(&document, "conflicts"), [".github/CODEOWNERS", ".github/dependabot.yml"]);
    bed.commit("repo");
    let findings = bed.findings("repo", &["--rule", "drift/*"]);
    assert_eq!(
        findings,
        [
            // One for each block.
            "block drift/missing .github/CODEOWNERS",
            "block drift/missing .github/CODEOWNERS",
            "block drift/missing .github/dependabot.yml",
        ]
    );
    let ran = bed.run("repo", &["fix", "--rule", "drift/missing"]).code(3);
    assert!(!bed.exists("repo/.github/CODEOWNERS") && !bed.exists("repo/.github/dependabot.yml"));
    ran.says("git mv docs/CODEOWNERS .github/CODEOWNERS && roadbed fix .github/CODEOWNERS");
    // What is said to settle it settles it.
    bed.git("repo", &["mv", "docs/CODEOWNERS", ".github/CODEOWNERS"]);
    bed.commit("repo");
    bed.run("repo", &["fix", ".github/CODEOWNERS", "--rule", "drift/missing"]).ok();
    assert!(bed.read("repo/.github/CODEOWNERS").contains("\n* @acme/payments\n"));
}

#[test]
fn a_file_that_serves_the_purpose_elsewhere_is_not_laid_twice() {
    let bed = bed(&[
        (".github/SECURITY.md", "Call us.\n"),
        ("dockerfile", "FROM scratch\n"),
        (".github/PULL_REQUEST_TEMPLATE.md", "What?\n"),
        ("LICENSE-MIT", "Permission is hereby granted, free of charge, without restriction\n"),
    ]);
    let ran = bed.run("repo", &ADOPT).ok();
    for path in ["SECURITY.md", "Dockerfile", ".github/pull_request_template.md", "LICENSE"] {
        assert!(!bed.exists(&format!("repo/{path}")), "{path}");
    }
    ran.says("SECURITY.md is not laid: .github/SECURITY.md serves its purpose").says("the policy omits it");
    assert!(bed.read("repo/.roadbed/policy.yaml").contains("omit: [LICENSE, SECURITY.md]\n"));
    bed.commit("repo");
    let mut findings = bed.findings("repo", &["--rule", "drift/*"]);
    findings.sort();
    assert_eq!(findings, ["warn drift/moved .github/PULL_REQUEST_TEMPLATE.md", "warn drift/moved dockerfile",]);
    let before = bed.files("repo");
    bed.run("repo", &["fix", "--rule", "drift/missing"]).ok();
    assert_eq!(bed.files("repo"), before);
}

#[test]
fn a_pipeline_of_the_teams_is_not_doubled_unasked() {
    let bed = bed(&[(".github/workflows/build.yml", "on: push\njobs:\n  a: {runs-on: x, steps: [{run: make}]}\n")]);
    bed.run("repo", &ADOPT).code(3).says(".github/workflows/build.yml may do the same");
    assert!(!bed.exists("repo/.github/workflows/ci.yml"));
    bed.commit("repo");
    bed.run("repo", &["fix", ".github/workflows/ci.yml", "--rule", "drift/missing"]).ok();
    assert!(bed.exists("repo/.github/workflows/ci.yml"));
}

/// The golden path `acme`, whose pipeline runs on pushes to main, has no permissions, and one job `test`.
fn acme(workflow: &str) -> Bed {
    let bed = bed(&[(".github/workflows/ci.yml", workflow)]);
    bed.copy_golden_path("acme");
    bed
}

const ACME: [&str; 6] = ["adopt", "--defaults", "--golden-path", "../acme", "--template", "service"];

#[test]
fn jobs_come_beside_jobs_and_what_is_about_all_of_them_stays_out() {
    let ours = "name: ours # and stays\non:\n  push:\n    branches: [main]\njobs:\n  own:\n    runs-on: x # big\n";
    let bed = acme(ours);
    let ran = bed.run("repo", &[&ACME[..], &["--format", "json"]].concat()).ok();
    let text = bed.read("repo/.github/workflows/ci.yml");
    assert!(text.starts_with(ours) && text.contains("  test:\n") && !text.contains("permissions"), "{text}");
    let document = ran.json();
    let kept = document["kept"].as_array().unwrap();
    let told: Vec<&str> = kept.iter().map(|row| row["message"].as_str().unwrap()).collect();
    assert_eq!(kept.len(), 2, "{told:?}");
    assert!(told.iter().any(|row| row.starts_with("`name` stays `ours`")), "{told:?}");
    assert!(told.iter().any(|row| row.starts_with("`permissions` is not inserted")), "{told:?}");
    ran.says("");
    let findings = bed.findings("repo", &["--rule", "drift/*", "--golden-path", "../acme"]);
    assert_eq!(
        findings,
        ["block drift/missing .github/workflows/ci.yml", "block drift/edited .github/workflows/ci.yml:1"]
    );
}

#[test]
fn other_events_and_a_job_of_the_same_name_are_collisions() {
    let on = "on:\n  push:\n    branches: [main]\n";
    for (workflow, message) in [
        ("on: [workflow_dispatch]\njobs:\n  own:\n    runs-on: x\n".to_owned(), "runs on other events"),
        ("on:\n  schedule: [{cron: 1 1 1 1 1}]\njobs:\n  own:\n    runs-on: x\n".to_owned(), "runs on other events"),
        (format!("{on}jobs:\n  test:\n    runs-on: x\n"), "the job `test` is the repo's own here"),
    ] {
        let bed = acme(&workflow);
        let document = bed.run("repo", &[&ACME[..], &["--format", "json"]].concat()).code(3).json();
        assert_eq!(bed.read("repo/.github/workflows/ci.yml"), workflow);
        let conflict = &document["conflicts"][0];
        assert!(conflict["message"].as_str().unwrap().contains(message), "{conflict}");
        assert!(conflict["diff"].as_str().unwrap().contains("+        run: make test"), "{conflict}");
        assert_eq!(conflict["next"], "roadbed fix .github/workflows/ci.yml");
    }
}

#[test]
fn keys_that_say_something_else_stay_and_are_listed() {
    let bed = bed(&[(
        "catalog-info.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: payments # the name\nspec:\n  type: website\n  owner: \"@acme/money\"\n",
    )]);
    let ran = bed.run("repo", &ADOPT).ok();
    let text = bed.read("repo/catalog-info.yaml");
    assert!(text.contains("  name: payments # the name\n") && text.contains("  type: website\n"), "{text}");
    assert!(text.contains("lifecycle:"), "{text}");
    ran.says("catalog-info.yaml:").says("`spec.type` stays `website`").says("next: roadbed fix catalog-info.yaml");
    let findings = bed.findings("repo", &["--rule", "drift/edited"]);
    assert!(findings.iter().any(|row| row.contains("drift/edited catalog-info.yaml")), "{findings:?}");
}

#[test]
fn what_the_check_says_after_it_is_what_was_listed() {
    let bed = bed(&[("Makefile", "all:\n"), (".github/workflows/security.yml", "on: push\njobs: {}\n")]);
    bed.run("repo", &ADOPT).code(3);
    bed.commit("repo");
    assert_eq!(bed.findings("repo", &["--rule", "drift/*"]), ["block drift/edited .github/workflows/security.yml:1"]);
    bed.run("repo", &["fix", "--rule", "drift/edited"]).ok();
    assert_eq!(bed.findings("repo", &["--rule", "drift/*"]), Vec::<String>::new());
}

#[test]
fn a_file_that_is_not_committed_is_not_touched() {
    let bed = bed(&[(".gitignore", "/bin\n")]);
    bed.write("repo/.gitignore", "/bin\n/mine\n");
    let document = bed.run("repo", &[&ADOPT[..], &["--format", "json"]].concat()).code(3).json();
    assert_eq!(
        (paths(&document, "conflicts"), &document["conflicts"][0]["kind"]),
        (vec![".gitignore".to_owned()], &"dirty".into())
    );
    assert_eq!(bed.read("repo/.gitignore"), "/bin\n/mine\n");
}

/// A repository with a GitLab pipeline, and the golden path `acme` with one of its own.
fn gitlab(path: &str, theirs: &str) -> Bed {
    let bed = bed(&[(".gitlab-ci.yml", theirs)]);
    bed.copy_golden_path("acme");
    bed.write("acme/assets/base/files/.gitlab-ci.yml", path);
    bed.replace("acme/assets/base/asset.yaml", "files:\n", "files:\n  - {path: .gitlab-ci.yml, mode: keys}\n");
    bed
}

#[test]
fn jobs_come_beside_jobs_on_gitlab() {
    let theirs = "stages: [build] # ours\nown:\n  stage: build\n  script: [make] # and stays\n.shared: {tags: [big]}\n";
    let bed = gitlab("stages: [build]\nscan:\n  stage: build\n  script: [make scan]\n", theirs);
    bed.run("repo", &ACME).ok();
    let text = bed.read("repo/.gitlab-ci.yml");
    assert_eq!(text.replace("scan:\n  stage: build\n  script: [make scan]\n", ""), theirs);
    assert_ne!(text, theirs);
}

#[test]
fn what_is_about_every_job_on_gitlab_stays_out() {
    let scan = "scan: {script: [make scan]}\n";
    let own = "own: {script: [make]}\n";
    let default = "default: {image: \"ruby:3\"}\n";
    for (path, theirs, message) in [
        // A word that is not there is about every job too.
        (default.to_owned() + scan, own.to_owned(), "`default` is about every job"),
        (default.to_owned() + scan, format!("default: {{retry: 1}}\n{own}"), "`default` is about every job"),
        (format!("image: \"ruby:3\"\n{scan}"), format!("image: \"ruby:2\"\n{own}"), "`image` is about every job"),
        (format!("stages: [a, b]\n{scan}"), own.to_owned(), "`stages` is about every job"),
        (format!("stages: [a, b]\n{scan}"), format!("stages: [b]\n{own}"), "`stages` is about every job"),
        (format!("workflow: {{rules: [{{when: always}}]}}\n{scan}"), own.to_owned(), "`workflow` is about every job"),
        (format!("variables: {{A: x}}\n{scan}"), format!("variables: {{B: x}}\n{own}"), "`variables` is about every"),
        (format!("before_script: [a]\n{scan}"), own.to_owned(), "`before_script` is about every job"),
        (format!("cache: {{paths: [a]}}\n{scan}"), own.to_owned(), "`cache` is about every job"),
        (format!("include: [{{local: a.yml}}]\n{scan}"), own.to_owned(), "`include` is about every job"),
        // A job of their own may be a template, or pages.
        (default.to_owned() + scan, "pages: {script: [make]}\n".to_owned(), "`default` is about every job"),
        (default.to_owned() + scan, ".own: {script: [make]}\n".to_owned(), "`default` is about every job"),
        // Jobs may come from elsewhere, under any name.
        (default.to_owned() + scan, "include: [{local: a.yml}]\n".to_owned(), "`default` is about every job"),
        (scan.to_owned(), "include: a.yml\n".to_owned(), "`include` brings jobs"),
        (scan.to_owned(), format!("include: a.yml\n{own}"), "`include` brings jobs"),
        (scan.to_owned(), "scan: {script: [ours]}\n".to_owned(), "the job `scan` is the repo's own"),
        (scan.to_owned(), "scan: {script: [make scan], tags: [big]}\nown: {script: [make]}\n".to_owned(), ""),
        (scan.to_owned(), "spec:\n  inputs: {a: {default: b}}\n---\nown: {script: [make]}\n".to_owned(), "document"),
        ("pages: {script: [a]}\n".to_owned(), "pages: {script: [b]}\n".to_owned(), "the job `pages` is the repo's own"),
    ] {
        let bed = gitlab(&path, &theirs);
        let ran = bed.run("repo", &[&ACME[..], &["--format", "json"]].concat());
        assert_eq!(bed.read("repo/.gitlab-ci.yml"), theirs, "{path}");
        if message.is_empty() {
            ran.ok();
            continue;
        }
        let document = ran.code(3).json();
        let told = document["conflicts"][0]["message"].as_str().unwrap();
        assert!(told.contains(message), "{path}\n{theirs}\n{told}");
    }
}

#[test]
fn pages_of_the_teams_stay_and_are_no_drift() {
    let pages = [
        ("SECURITY.md", "# Security\n\nWrite to <security@acme.example>, in private.\n"),
        ("CONTRIBUTING.md", "# How to help\n"),
    ];
    let bed = bed(&pages);
    bed.run("repo", &ADOPT).ok();
    for (path, text) in pages {
        assert_eq!(bed.read(&format!("repo/{path}")), text);
    }
    bed.commit("repo");
    assert_eq!(bed.findings("repo", &["--pedantic", "--rule", "drift/*"]), Vec::<String>::new());
    assert_eq!(bed.findings("repo", &["--pedantic", "--rule", "repo/security-policy"]), Vec::<String>::new());
}

#[test]
fn a_collision_says_what_fix_would_replace() {
    let theirs = "workflow: {rules: [{when: always}]}\nimage: ruby:2\nown: {script: [make]}\n";
    let path = "workflow: {rules: [{when: never}]}\nimage: ruby:3\nscan: {script: [make scan]}\n";
    let bed = gitlab(path, theirs);
    let ran = bed.run("repo", &ACME).code(3);
    let told = "`roadbed fix .gitlab-ci.yml` would replace `workflow.rules`, `image` \
                (`roadbed diff .gitlab-ci.yml` shows how)";
    ran.says(told).says("    next: roadbed fix .gitlab-ci.yml\n");
    assert_eq!(bed.read("repo/.gitlab-ci.yml"), theirs);
    bed.commit("repo");
    bed.run("repo", &["diff", ".gitlab-ci.yml"]).ok().prints("-image: ruby:2\n");

    // What would only come beside it is no loss.
    let bed = gitlab("default: {retry: 1}\nscan: {script: [make scan]}\n", "own: {script: [make]}\n");
    let document = bed.run("repo", &[&ACME[..], &["--format", "json"]].concat()).code(3).json();
    let told = document["conflicts"][0]["message"].as_str().unwrap();
    assert!(!told.contains("would replace"), "{told}");

    let bed = bed_of_acme("Makefile", "ours:\n");
    let ran = bed.run("repo", &ACME);
    assert!(!ran.stderr.contains("would replace"), "a merged file stays: {}", ran.stderr);
    let bed = bed_of_acme(".github/workflows/security.yml", "on: push\njobs: {own: {runs-on: x}}\n");
    bed.run("repo", &ACME).code(3).says("would replace the whole file");
}

/// A repository with one file, and the golden path `acme`.
fn bed_of_acme(path: &str, text: &str) -> Bed {
    let bed = bed(&[(path, text)]);
    bed.copy_golden_path("acme");
    bed
}
