//! `roadbed adopt`: a path laid under what exists, and the first upgrade after it.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::Bed;

/// A bed with the golden path `acme`, released as 1.0.0, and a repository of somebody's own.
fn bed() -> Bed {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.run("acme", &["path", "release", "1.0.0"]).ok();
    std::fs::create_dir(bed.path("repo")).unwrap();
    bed.git("repo", &["init", "-q"]);
    bed.write("repo/Makefile", "test:\n\tcargo test\n\nscan:\n\ttrue\n");
    bed.write("repo/.github/CODEOWNERS", "/docs/ @acme/writers\n");
    bed.write("repo/.github/workflows/ci.yml", "name: ci\non: [push]\njobs:\n  own:\n    runs-on: x\n");
    bed.write("repo/.github/workflows/security.yml", "name: ours\n");
    bed.commit("repo");
    bed
}

fn adopt<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["adopt", "--template", "service", "--golden-path", "../acme", "--defaults"], more].concat()
}

#[test]
fn what_exists_stays_and_the_rest_is_laid_beside_it() {
    let bed = bed();
    let before = bed.files("repo");
    bed.run("repo", &adopt(&["--dry-run"])).code(3);
    assert_eq!(bed.files("repo"), before, "--dry-run writes nothing");
    let ran = bed.run("repo", &adopt(&["--format", "json"])).code(3);
    let document = ran.json();
    let conflicts: Vec<_> =
        document["conflicts"].as_array().unwrap().iter().map(|c| c["path"].as_str().unwrap()).collect();
    assert_eq!(conflicts, [".github/workflows/ci.yml", ".github/workflows/security.yml"]);
    assert_eq!(bed.read("repo/Makefile"), "test:\n\tcargo test\n\nscan:\n\ttrue\n");
    assert_eq!(bed.read("repo/.github/workflows/security.yml"), "name: ours\n");
    let owners = bed.read("repo/.github/CODEOWNERS");
    assert!(owners.starts_with("/docs/ @acme/writers\n\n# roadbed:begin ownership\n"), "{owners}");
    assert!(!bed.exists("repo/README.md"), "what is laid once is for new repositories");
    assert!(bed.exists("repo/bin/start") && bed.exists("repo/.roadbed/lock.yaml"));
    let blocks = bed.findings("repo", &[]);
    assert!(blocks.iter().any(|row| row.contains("drift/edited .github/workflows/security.yml")), "{blocks:?}");
}

#[test]
fn keys_are_inserted_where_nothing_stands() {
    let bed = bed();
    bed.write("repo/.github/workflows/ci.yml", "# ours\njobs:\n  own:\n    runs-on: x\n");
    bed.commit("repo");
    bed.run("repo", &adopt(&[])).code(3);
    let ci = bed.read("repo/.github/workflows/ci.yml");
    assert!(ci.starts_with("# ours\n") && ci.contains("  own:\n    runs-on: x\n") && ci.contains("make test"), "{ci}");
}

#[test]
fn the_first_upgrade_merges_into_what_was_there() {
    let bed = bed();
    bed.run("repo", &adopt(&[])).code(3);
    bed.commit("repo");
    bed.replace("acme/golden-path.yaml", "version: 1.0.0", "version: 1.1.0");
    bed.write("acme/assets/base/files/Makefile", "test:\n\ttrue\n\nscan:\n\ttrue\n\nlint:\n\ttrue\n");
    bed.run("repo", &["upgrade"]).ok();
    assert_eq!(bed.read("repo/Makefile"), "test:\n\tcargo test\n\nscan:\n\ttrue\n\nlint:\n\ttrue\n");
}

#[test]
fn a_laid_repository_is_not_laid_again() {
    let bed = Bed::laid();
    bed.run("repo", &["adopt", "--golden-path", "../acme"]).code(2).says("laid here already");
}

#[test]
fn without_a_hint_the_templates_are_named() {
    let bed = bed();
    bed.run("repo", &["adopt", "--golden-path", "../acme"]).code(2).says("bare, service");
}

#[test]
fn what_was_never_there_is_not_called_gone() {
    let bed = bed();
    bed.run("repo", &adopt(&[])).code(3);
    bed.remove("repo/bin/start");
    let text = bed.run("repo", &["check", "--rule", "drift/missing"]).code(1).stdout;
    assert!(text.contains("`permissions` is missing") && text.contains("the file is missing"), "{text}");
    assert!(!text.contains("gone"), "{text}");
}

#[test]
fn where_nothing_is_laid_adopt_is_named() {
    bed().run("repo", &["status"]).code(2).says("roadbed adopt");
}
