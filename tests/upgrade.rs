//! `roadbed upgrade` where a scenario of files before and after does not reach: lost versions, sources that move, and what the
//! lock keeps while a conflict waits. The scenarios themselves are in `tests/scenarios/`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::Bed;

/// A repository laid from `acme` 1.0.0, which has a release; `acme` itself is at 1.1.0 with a longer Makefile.
fn bed() -> Bed {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.run("acme", &["path", "release", "1.0.0"]).ok();
    bed.run(".", &["new", "service", "repo", "--defaults", "--golden-path", "acme"]).ok();
    bed.replace("acme/golden-path.yaml", "version: 1.0.0", "version: 1.1.0");
    bed.write("acme/assets/base/files/Makefile", "test:\n\tmake -C x\n\nscan:\n\ttrue\n");
    bed
}

fn collide(bed: &Bed) {
    bed.replace("repo/Makefile", "test:\n\ttrue", "test:\n\tfalse");
    bed.commit("repo");
}

fn lock(bed: &Bed) -> String {
    bed.read("repo/.roadbed/lock.yaml")
}

#[test]
fn a_conflict_waits_with_its_base_until_somebody_settles_it() {
    let bed = bed();
    collide(&bed);
    let ran = bed.run("repo", &["upgrade", "--format", "json"]).code(3);
    assert_eq!(ran.json()["conflicts"][0]["kind"], "content");
    assert_eq!(bed.read("repo/Makefile"), "test:\n\tfalse\n\nscan:\n\ttrue\n");
    assert!(lock(&bed).contains("version: \"1.0.0\"") && lock(&bed).contains("version: \"1.1.0\""), "{}", lock(&bed));
    assert_eq!(bed.findings("repo", &[]), ["warn drift/outdated Makefile"]);
    bed.run("repo", &["status"]).ok().prints("Makefile stands at 1.0.0");
    bed.run("repo", &["upgrade"]).code(3).says("both sides changed the same place");
    bed.run("repo", &["fix"]).ok();
    assert!(lock(&bed).contains("version: \"1.0.0\""), "`fix` keeps what waits: {}", lock(&bed));
    bed.write("repo/Makefile", "test:\n\tmake -C x || false\n\nscan:\n\ttrue\n");
    bed.run("repo", &["upgrade", "--resolved", "Makefile"]).ok();
    assert!(!lock(&bed).contains("version: \"1.0.0\""), "{}", lock(&bed));
    bed.run("repo", &["check", "--pedantic"]).ok();
    bed.run("repo", &["upgrade"]).ok().says("nothing to be upgraded");
}

#[test]
fn a_machine_is_told_of_replaced_edits_too() {
    let bed = bed();
    bed.replace("acme/assets/base/files/.github/workflows/security.yml", "make scan", "make audit");
    bed.replace("repo/.github/workflows/security.yml", "make scan", "true");
    bed.commit("repo");
    let plan = bed.run("repo", &["upgrade", "--format", "json"]).ok().json();
    let notes = plan["notes"].to_string();
    assert!(notes.contains("security.yml: what was edited here is replaced"), "{plan}");
    assert_eq!(bed.run("repo", &["upgrade", "--format", "json"]).ok().json()["notes"], serde_json::Value::Null);
}

#[test]
fn an_answer_that_does_not_fit_is_named_at_its_line() {
    let bed = bed();
    bed.replace("repo/.roadbed/config.yaml", "  name: repo", "  name: My Service");
    let ran = bed.run("repo", &["upgrade", "--format", "json"]).code(2);
    let error = &ran.json()["errors"][0];
    assert_eq!(error["path"], ".roadbed/config.yaml", "{error}");
    assert_eq!(error["column"], 9, "{error}");
}

#[test]
fn a_file_that_got_markers_was_not_left_as_it_was() {
    let bed = bed();
    collide(&bed);
    let path = ["upgrade", "--conflict"];
    let kept = bed.run("repo", &[&path[..], &["keep"]].concat()).code(3).says("1 file left as it was for a person:\n");
    assert!(!kept.stderr.contains("marked"), "{}", kept.stderr);
    let marked = bed.run("repo", &[&path[..], &["markers"]].concat()).code(3).says("1 file marked for a person:\n");
    assert!(!marked.stderr.contains("left as"), "{}", marked.stderr);
}

#[test]
fn what_is_not_the_paths_cannot_be_resolved() {
    let bed = bed();
    bed.run("repo", &["upgrade", "--resolved", "nothing.txt"]).code(2).says("not a file that the golden path lays");
}

#[test]
fn some_paths_move_and_the_others_follow_later() {
    let bed = bed();
    bed.write("acme/assets/base/files/docs/adr/0001-decisions.md", "# Decisions\n\nOne more.\n");
    bed.run("repo", &["upgrade", "Makefile"]).ok();
    assert!(bed.read("repo/Makefile").contains("make -C x"));
    assert_eq!(bed.read("repo/docs/adr/0001-decisions.md"), "# Decisions\n");
    assert_eq!(bed.findings("repo", &[]), ["warn drift/outdated Makefile"]);
    bed.run("repo", &["upgrade"]).ok();
    assert_eq!(bed.read("repo/docs/adr/0001-decisions.md"), "# Decisions\n\nOne more.\n");
    bed.run("repo", &["check", "--pedantic"]).ok();
    assert!(!lock(&bed).contains("version: \"1.0.0\""), "{}", lock(&bed));
}

#[test]
fn a_lost_version_is_found_in_the_repositorys_own_objects() {
    let bed = bed();
    std::fs::remove_dir_all(bed.path("acme/releases")).unwrap();
    bed.replace("repo/Makefile", "scan:\n", "# mine\nscan:\n");
    bed.commit("repo");
    bed.run("repo", &["upgrade"]).ok();
    assert_eq!(bed.read("repo/Makefile"), "test:\n\tmake -C x\n\n# mine\nscan:\n\ttrue\n");
}

#[test]
fn without_any_base_an_edited_file_is_a_conflict_and_is_not_touched() {
    let bed = bed();
    std::fs::remove_dir_all(bed.path("acme/releases")).unwrap();
    std::fs::remove_dir_all(bed.path("repo/.git")).unwrap();
    bed.replace("repo/Makefile", "scan:\n", "# mine\nscan:\n");
    let before = bed.read("repo/Makefile");
    let ran = bed.run("repo", &["upgrade", "--format", "json"]).code(3);
    assert_eq!(ran.json()["conflicts"][0]["kind"], "no-base");
    assert_eq!(bed.read("repo/Makefile"), before);
    assert!(bed.findings("repo", &[]).contains(&"warn drift/no-base Makefile".to_owned()));
    bed.run("repo", &["upgrade"]).code(3);
    bed.run("repo", &["upgrade", "--conflict", "ours"]).ok();
    assert_eq!(bed.read("repo/Makefile"), before);
    assert_eq!(bed.findings("repo", &[]), Vec::<String>::new());
}

#[test]
fn a_source_that_moved_is_named_anew() {
    let bed = bed();
    std::fs::rename(bed.path("acme"), bed.path("elsewhere")).unwrap();
    bed.run("repo", &["check"]).code(2);
    bed.replace("repo/.roadbed/policy.yaml", "profile:", "# why?\nprofile:");
    bed.commit("repo");
    bed.run("repo", &["path", "relocate", "../elsewhere"]).ok();
    assert!(bed.read("repo/.roadbed/policy.yaml").contains("../elsewhere"));
    assert!(bed.read("repo/.roadbed/policy.yaml").contains("# why?"));
    bed.run("repo", &["check"]).ok();
    bed.run("repo", &["upgrade"]).ok();
    bed.run("repo", &["path", "relocate", "builtin"]).code(2);
}

#[test]
fn an_answer_edited_in_the_config_is_applied() {
    let bed = bed();
    bed.replace("repo/.roadbed/config.yaml", "name: repo", "name: other");
    bed.run("repo", &["upgrade"]).ok();
    assert!(bed.read("repo/.github/workflows/ci.yml").contains("SERVICE=other"));
    bed.run("repo", &["upgrade", "--set", "name=third"]).ok();
    assert!(bed.read("repo/.roadbed/config.yaml").contains("name: third"));
    bed.run("repo", &["check", "--pedantic"]).ok();
}

#[test]
fn a_file_that_was_moved_is_merged_where_it_lies() {
    let bed = bed();
    bed.git("repo", &["mv", "Makefile", "build.mk"]);
    bed.commit("repo");
    assert_eq!(bed.findings("repo", &[]), ["warn drift/moved build.mk"]);
    bed.run("repo", &["upgrade"]).ok();
    assert!(!bed.exists("repo/Makefile"));
    assert!(bed.read("repo/build.mk").contains("make -C x"));
}
