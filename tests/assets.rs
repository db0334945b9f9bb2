//! `roadbed add`, `remove`, `status` and `eject`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::Bed;

#[test]
fn an_asset_comes_and_goes_and_leaves_no_trace() {
    let bed = Bed::laid();
    let before = bed.files("repo");
    bed.run("repo", &["add", "image"]).ok().prints("create  Dockerfile").prints("update  .github/workflows/ci.yml");
    assert!(bed.read("repo/.github/workflows/ci.yml").contains("  image:\n"));
    assert!(bed.read("repo/.roadbed/config.yaml").contains("add: [image]"));
    assert_eq!(bed.findings("repo", &[]), Vec::<String>::new());
    bed.run("repo", &["remove", "image"]).ok().prints("delete  Dockerfile");
    let after = bed.files("repo");
    let changed: Vec<_> = after.iter().filter(|file| !before.contains(file)).map(|file| &file.0).collect();
    assert!(changed.is_empty(), "{changed:?}\n{}", bed.read("repo/.roadbed/config.yaml"));
}

#[test]
fn a_config_keeps_its_comments() {
    let bed = Bed::laid();
    bed.replace("repo/.roadbed/config.yaml", "answers:", "# who asks?\nanswers: # these");
    bed.run("repo", &["add", "image", "--set", "base=debian:13"]).ok();
    let config = bed.read("repo/.roadbed/config.yaml");
    assert!(config.contains("# who asks?\nanswers: # these\n"), "{config}");
    assert!(config.contains("base: \"debian:13\"") || config.contains("base: debian:13"), "{config}");
    assert!(bed.read("repo/Dockerfile").starts_with("FROM debian:13\n"));
}

#[test]
fn a_file_of_the_repos_own_is_never_written_over() {
    let bed = Bed::laid();
    bed.write("repo/Dockerfile", "FROM scratch\n");
    bed.commit("repo");
    let ran = bed.run("repo", &["add", "image", "--format", "json"]).code(3);
    assert_eq!(ran.json()["conflicts"][0]["kind"], "add-add");
    assert_eq!(bed.read("repo/Dockerfile"), "FROM scratch\n");
    assert!(bed.read("repo/.github/workflows/ci.yml").contains("  image:\n"), "all others are written");
}

#[test]
fn removing_keeps_what_somebody_edited() {
    let bed = Bed::laid();
    bed.run("repo", &["add", "image"]).ok();
    bed.write("repo/Dockerfile", "FROM scratch\n");
    bed.commit("repo");
    let ran = bed.run("repo", &["remove", "image", "--format", "json"]).code(3);
    assert_eq!(ran.json()["conflicts"][0]["kind"], "edited-deleted");
    assert!(bed.exists("repo/Dockerfile"));
    assert!(!bed.read("repo/.github/workflows/ci.yml").contains("image:"));
}

#[test]
fn a_templates_own_asset_is_removed_by_name() {
    let bed = Bed::laid();
    bed.run("repo", &["remove", "base"]).ok();
    assert!(bed.read("repo/.roadbed/config.yaml").contains("without: [base]"));
    assert!(bed.exists("repo/README.md"), "`once` files stay");
    assert!(!bed.exists("repo/bin") && !bed.exists("repo/logo.png") && !bed.exists("repo/.github"));
    bed.run("repo", &["check", "--pedantic"]).ok();
    bed.run("repo", &["add", "base"]).ok();
    bed.run("repo", &["check", "--pedantic"]).ok();
}

#[test]
fn unknown_assets_name_the_nearest() {
    let bed = Bed::laid();
    bed.run("repo", &["add", "imgae"]).code(2).says("did you mean `image`?");
    bed.run(".", &["add", "image"]).code(2).says("no golden path is laid");
}

#[test]
fn status_says_where_the_repo_stands() {
    let bed = Bed::laid();
    bed.replace("repo/.roadbed/config.yaml", "cloud: none", "cloud: aws");
    bed.run("repo", &["status"]).ok().prints("1.0.0 (the newest)").prints("cloud: aws in the config, none in the lock");
    assert_eq!(bed.run("repo", &["status", "--format", "json"]).ok().json()["pending_answers"][0]["id"], "cloud");
}

#[test]
fn eject_keeps_every_file_and_removes_roadbed() {
    let bed = Bed::laid();
    let before: Vec<String> = bed.files("repo").into_iter().map(|file| file.0).collect();
    bed.run("repo", &["eject", "--dry-run"]).ok();
    assert!(bed.exists("repo/.roadbed/lock.yaml"));
    bed.run("repo", &["eject"]).ok();
    let after: Vec<String> = bed.files("repo").into_iter().map(|file| file.0).collect();
    let gone: Vec<&String> = before.iter().filter(|file| !after.contains(file)).collect();
    assert!(gone.iter().all(|file| file.starts_with(".roadbed/")) && gone.len() == 3, "{gone:?}");
    assert!(!bed.exists("repo/.roadbed"));
    let owners = bed.read("repo/.github/CODEOWNERS");
    assert!(!owners.contains("roadbed:") && owners.contains("* @acme/repo\n"), "{owners}");
}

#[test]
fn leaving_is_all_or_nothing_too() {
    let bed = Bed::laid();
    bed.write("repo/.roadbed/exceptions.yaml", "precious\n");
    let files = bed.files("repo");
    bed.run("repo", &["eject"]).code(3);
    assert_eq!(bed.files("repo"), files);
    bed.commit("repo");
    bed.run("repo", &["eject"]).ok();
    assert!(!bed.exists("repo/.roadbed"));
}

#[test]
fn what_could_not_be_removed_is_offered_again() {
    let bed = Bed::laid();
    bed.run("repo", &["add", "image"]).ok();
    bed.commit("repo");
    bed.replace("repo/.github/workflows/ci.yml", "jobs:\n", "# mine\njobs:\n");
    bed.run("repo", &["remove", "image"]).code(3).says("&& roadbed remove image");
    bed.commit("repo");
    bed.run("repo", &["remove", "image"]).ok();
    let ci = bed.read("repo/.github/workflows/ci.yml");
    assert!(ci.contains("# mine") && !ci.contains("image:"), "{ci}");
    bed.run("repo", &["check", "--pedantic"]).ok();
}
