//! `roadbed new`, from the outside.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::Bed;

#[test]
fn one_command_lays_a_repository_with_one_commit_that_is_on_its_path() {
    let bed = Bed::new();
    bed.run(".", &["new", "python-service", "demo", "--defaults"]).ok();
    assert_eq!(bed.git("demo", &["rev-list", "--count", "HEAD"]).trim(), "1");
    assert_eq!(bed.git("demo", &["branch", "--show-current"]).trim(), "main");
    assert_eq!(bed.git("demo", &["status", "--porcelain", "--ignored"]), "");
    assert_eq!(bed.git("demo", &["log", "--format=%an <%ae>"]).trim(), "roadbed <roadbed@localhost>");
    bed.run("demo", &["check", "--pedantic"]).ok();
    assert_eq!(bed.findings("demo", &["--pedantic"]), Vec::<String>::new());
}

#[test]
fn the_commit_carries_the_identity_of_the_git_configuration() {
    let bed = Bed::new();
    bed.write(".gitconfig", "[user]\nname = Ada\nemail = ada@acme.example\n");
    bed.copy_golden_path("acme");
    bed.run(".", &["new", "service", "demo", "--defaults", "--golden-path", "acme"]).ok();
    assert_eq!(bed.git("demo", &["log", "--format=%an <%ae>"]).trim(), "Ada <ada@acme.example>");
}

#[test]
fn no_hook_of_the_users_git_template_runs() {
    let bed = Bed::new();
    bed.write("template/hooks/post-commit", "#!/bin/sh\ntouch ../ran\n");
    bed.write(
        ".gitconfig",
        format!("[init]\ntemplateDir = {0}\n[core]\nhooksPath = {0}/hooks\n", bed.path("template").display()),
    );
    bed.copy_golden_path("acme");
    bed.run(".", &["new", "service", "demo", "--defaults", "--golden-path", "acme"]).ok();
    assert!(!bed.exists("ran") && !bed.exists("demo/.git/hooks/post-commit"));
}

#[test]
fn the_directory_names_the_service_unless_an_answer_does() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.run(".", &["new", "service", "payments", "--defaults", "--golden-path", "acme"]).ok();
    assert!(bed.read("payments/README.md").contains("# payments\n\nOwned by @acme/payments."));
    bed.run(".", &["new", "service", "--set", "name=ledger", "--golden-path", "acme"]).ok();
    assert!(bed.read("ledger/README.md").contains("# ledger"));
}

#[test]
fn answers_come_from_options_the_environment_and_a_file_in_that_order() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.write("answers.yaml", "name: from-file\nowner: \"@file/team\"\npublic: true\n");
    let output = bed
        .roadbed(".")
        .args([
            "new",
            "service",
            "demo",
            "--golden-path",
            "acme",
            "--answers",
            "answers.yaml",
            "--set",
            "name=from-set",
        ])
        .env("ROADBED_SET_OWNER", "@env/team")
        .output();
    support::Ran::of(&output.unwrap()).ok();
    assert!(bed.read("demo/README.md").starts_with("# from-set\n\nOwned by @env/team.\nAnybody can reach it.\n"));
}

#[test]
fn a_missing_answer_is_named_with_the_option_that_gives_it() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.replace("acme/golden-path.yaml", ", default: my-service}", "}");
    bed.replace("acme/golden-path.yaml", ", default: none}", "}");
    let ran = bed.run(".", &["new", "service", "Demo!", "--golden-path", "acme", "--format", "json"]).code(2);
    let hints: Vec<String> = ran.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["hint"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert!(hints.iter().any(|hint| hint.contains("--set name=")), "{hints:?}");
    assert!(hints.iter().any(|hint| hint.contains("--set cloud=")), "{hints:?}");
    assert!(!bed.exists("Demo!"));
}

#[test]
fn an_answer_that_does_not_fit_shows_the_rule() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    let new = ["new", "service", "demo", "--defaults", "--golden-path", "acme", "--set"];
    bed.run(".", &[&new[..], &["name=A B"]].concat()).code(2).says("^[a-z][a-z0-9-]{1,38}$");
    bed.run(".", &[&new[..], &["cloud=azure"]].concat()).code(2).says("must be one of `aws`, `gcp`, `none`");
    bed.run(".", &[&new[..], &["public=maybe"]].concat()).code(2).says("true");
    bed.run(".", &[&new[..], &["nmae=x"]].concat()).code(2).says("did you mean `name`?");
    assert!(!bed.exists("demo"));
}

#[test]
fn a_dry_run_shows_the_tree_and_writes_nothing() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    let ran = bed.run(".", &["new", "service", "demo", "--defaults", "--golden-path", "acme", "--dry-run"]).ok();
    for line in [
        "demo/",
        "CODEOWNERS  (block)",
        "ci.yml  (keys)",
        "start*  (enforced)",
        "Makefile  (merged)",
        "README.md  (once)",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
    assert!(!bed.exists("demo"));
}

#[test]
fn an_existing_directory_is_filled_only_if_it_is_empty() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.write("full/x", "mine");
    std::fs::create_dir(bed.path("empty")).unwrap();
    bed.run(".", &["new", "service", "full", "--defaults", "--golden-path", "acme"]).code(2).says("full");
    assert_eq!(bed.files("full").len(), 1);
    bed.run(".", &["new", "service", "empty", "--defaults", "--golden-path", "acme"]).ok();
    assert!(bed.exists("empty/.roadbed/lock.yaml"));
}

#[test]
fn inside_a_work_tree_no_second_repository_is_made() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.git(".", &["init", "-q", "mono"]);
    bed.run("mono", &["new", "service", "one", "--defaults", "--golden-path", "../acme"]).ok();
    assert!(!bed.exists("mono/one/.git"));
    bed.run("mono/one", &["check"]).ok();
    bed.run(".", &["new", "service", "plain", "--defaults", "--golden-path", "acme", "--no-git"]).ok();
    assert!(!bed.exists("plain/.git"));
    bed.run("plain", &["check"]).ok();
}

#[test]
fn an_unknown_template_names_the_nearest() {
    let bed = Bed::new();
    bed.run(".", &["new", "pyhton-service", "demo", "--defaults"]).code(2).says("did you mean `python-service`?");
}

#[test]
fn the_environment_of_a_git_hook_changes_nothing() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.git(".", &["init", "-q", "victim"]);
    let mut command = bed.roadbed(".");
    command.args(["new", "service", "demo", "--defaults", "--golden-path", "acme"]);
    command.env("GIT_DIR", bed.path("victim/.git")).env("GIT_INDEX_FILE", bed.path("victim/.git/index"));
    command.env("GIT_WORK_TREE", bed.path("victim")).env("GIT_AUTHOR_NAME", "Mallory");
    support::Ran::of(&command.output().unwrap()).ok();
    assert_eq!(bed.git("demo", &["log", "--format=%an"]).trim(), "roadbed");
    assert_eq!(bed.files("victim"), []);
}
