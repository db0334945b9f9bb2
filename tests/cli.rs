//! What every command does alike: hints that work, answers for machines, names that are hard to say.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::{Bed, Ran};

const WORKFLOW: &str =
    "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n";

#[test]
fn explain_answers_in_json() {
    let bed = Bed::laid();
    for (subject, kind, text) in [
        ("github/unpinned-action", "rule", "# github/unpinned-action"),
        ("drift/edited", "rule", "# drift/edited"),
        ("GP-CI-01", "control", "Rules: github/unpinned-action"),
        ("service", "template", "A template of these assets: base"),
        ("base", "asset", "An asset."),
        ("Makefile", "file", "in mode `merged`"),
    ] {
        let document = bed.run("repo", &["explain", subject, "--format", "json"]).ok().json();
        assert_eq!(document["schema"], "roadbed/explain/v1");
        assert_eq!((&document["id"], &document["kind"]), (&subject.into(), &kind.into()));
        let page = document["text"].as_str().unwrap();
        assert!(page.contains(text), "{page}");
        assert_eq!(bed.run("repo", &["explain", subject]).ok().stdout, page);
    }
}

#[test]
fn a_word_that_is_unknown_gets_a_hint_that_can_be_read() {
    let bed = Bed::laid();
    let help = |args: &[&str]| {
        let ran = bed.run("repo", args).code(2);
        ran.stderr.lines().find_map(|line| line.split_once("help: ")).unwrap().1.to_owned()
    };
    assert_eq!(help(&["check", "--rule", "docker/base-latst"]), "did you mean `docker/base-latest`?");
    let families = help(&["check", "--rule", "nothing/like-it"]);
    assert!(families.contains("docker/*") && families.contains("drift/*") && families.len() < 200, "{families}");
    let family = help(&["check", "--rule", "jenkins/nothing-like-it-at-all"]);
    assert!(family.contains("jenkins/unpinned-image") && !family.contains("docker/"), "{family}");
    assert_eq!(help(&["explain", "GP-CI-0l"]), "did you mean `GP-CI-01`?");
    assert_eq!(help(&["explain", "bse"]), "did you mean `base`?");
    let nothing = help(&["explain", "nothing-like-it-anywhere"]);
    assert!(nothing.contains("`roadbed path list`") && nothing.len() < 300, "{nothing}");
    let ran = bed.run(".", &["new", "service", "--golden-path", "acme", "--set", "nobody-asks=1"]).code(2);
    ran.says("`roadbed path show TEMPLATE` names the questions");
}

#[test]
fn a_wrong_command_line_is_told_in_json_without_the_manual() {
    let bed = Bed::new();
    for (args, message) in [
        (&["schema", "nope"][..], "invalid value 'nope' for '<NAME>' [possible values: policy,"),
        (&["chek"], "unrecognized subcommand 'chek'"),
        (&["check", "--fail-on", "blok"], "invalid value 'blok' for '--fail-on <LEVEL>'"),
    ] {
        let document = bed.run(".", &[args, &["--format", "json"]].concat()).code(2).json();
        let told = document["errors"][0]["message"].as_str().unwrap();
        assert!(told.starts_with(message), "{told}");
        assert!(!told.contains("try '--help'") && !told.contains("Usage") && !told.contains("tip:"), "{told}");
    }
}

#[test]
#[cfg(unix)]
fn a_name_with_a_line_break_is_told_in_a_command_that_works() {
    let bed = Bed::laid();
    let path = "repo/.github/workflows/it's a\nbreak.yml";
    bed.write(path, WORKFLOW);
    bed.commit("repo");
    let rule = ["--pedantic", "--rule", "github/unpinned-action"];
    let document = bed.run("repo", &[&["check", "--format", "json"], &rule[..]].concat()).json();
    let next = document["findings"][0]["next"].as_str().unwrap();
    bed.run("repo", &[&["check"], &rule[..]].concat()).prints(next);
    let next = next.replacen("roadbed", assert_cmd::cargo::cargo_bin!("roadbed").to_str().unwrap(), 1);
    Ran::of(&bed.command("bash", "repo").args(["-c", &next]).output().unwrap()).ok();
    assert!(bed.read(path).contains("actions/checkout@11d5960a326750d5838078e36cf38b85af677262"));
}

#[test]
#[cfg(target_os = "linux")]
fn names_that_are_not_utf8_are_said_and_survive_every_command() {
    use std::os::unix::ffi::OsStrExt as _;
    let bed = Bed::laid();
    let name = std::ffi::OsStr::from_bytes(b".github/workflows/x\xff.yml");
    let file = bed.path("repo").join(name);
    std::fs::write(&file, WORKFLOW).unwrap();
    let told = "this name is not UTF-8, so it was not checked: `.github/workflows/x\u{fffd}.yml`";
    bed.run("repo", &["check", "--format", "json"]).ok().says(told);
    bed.run("repo", &["check", "--quiet"]).ok();
    bed.commit("repo");
    bed.run("repo", &["check", "--rev", "HEAD"]).ok().says(told);
    bed.remove("repo/Makefile");
    for args in [&["fix"][..], &["diff"], &["status"], &["upgrade"], &["eject"]] {
        bed.run("repo", args).ok();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), WORKFLOW);
    bed.write("repo/.gitignore", "*.yml\n");
    std::fs::write(bed.path("repo").join(std::ffi::OsStr::from_bytes(b"y\xfe.yml")), "").unwrap();
    let ran = bed.run("repo", &["check"]);
    assert!(!ran.stderr.contains("y\u{fffd}.yml"), "{}", ran.stderr);
}

#[test]
fn what_a_policy_must_not_omit_is_named_at_its_place() {
    let bed = Bed::laid();
    let policy = bed.read("repo/.roadbed/policy.yaml");
    bed.write("repo/.roadbed/policy.yaml", format!("{policy}omit:\n  - docs/adr/**\n  - Makefile\n  - \"a[\"\n"));
    let line = policy.lines().count() + 3;
    let document = bed.run("repo", &["check", "--format", "json"]).code(2).json();
    let places = document["errors"].as_array().unwrap().iter();
    let places: Vec<_> = places.map(|row| (row["path"].clone(), row["line"].clone(), row["column"].clone())).collect();
    let at = |line: usize| (".roadbed/policy.yaml".into(), line.into(), 5.into());
    assert_eq!(places, [at(line), at(line + 1)], "{document}");
}

#[test]
fn a_changed_answer_says_the_command_that_applies_it_from_where_one_stands() {
    let bed = Bed::laid();
    bed.replace("repo/.roadbed/config.yaml", "answers:\n", "answers:\n  naem: pay\n");
    bed.replace("repo/.roadbed/config.yaml", "cloud: none", "cloud: aws");
    let nexts = |dir: &str| -> Vec<String> {
        let document = bed.run(dir, &["check", "--rule", "drift/outdated", "--format", "json"]).ok().json();
        document["findings"].as_array().unwrap().iter().map(|row| row["next"].as_str().unwrap().to_owned()).collect()
    };
    let out = "or take `naem` out of the file";
    assert_eq!(nexts("repo"), [format!("roadbed upgrade, {out}"), "roadbed upgrade".to_owned()]);
    assert_eq!(nexts("repo/docs")[1], "roadbed -C .. upgrade");
}

#[test]
fn a_conflict_says_a_command_that_works_where_one_stands() {
    let bed = Bed::laid();
    bed.replace("repo/.github/workflows/security.yml", "make scan", "true");
    let document = bed.run("repo/docs/adr", &["fix", "--format", "json"]).code(3).json();
    let next = document["conflicts"][0]["next"].as_str().unwrap();
    assert!(next.starts_with("cd ../.. && git commit -m"), "{next}");
    bed.run("repo/docs/adr", &["diff"]).code(3).says(next);
    let roadbed = assert_cmd::cargo::cargo_bin!("roadbed").to_str().unwrap();
    bed.git("repo", &["config", "user.name", "t"]);
    bed.git("repo", &["config", "user.email", "t@localhost"]);
    let next = next.replace("roadbed fix", &format!("{roadbed} fix"));
    Ran::of(&bed.command("sh", "repo/docs/adr").args(["-c", &next]).output().unwrap()).ok();
    bed.run("repo", &["check"]).ok();
}

#[test]
#[cfg(unix)]
fn a_link_in_the_way_of_a_file_is_what_has_to_go() {
    let bed = Bed::laid();
    bed.remove("repo/bin/start");
    std::fs::remove_dir(bed.path("repo/bin")).unwrap();
    std::fs::create_dir(bed.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", bed.path("repo/bin")).unwrap();
    bed.commit("repo");
    let document = bed.run("repo", &["fix", "--format", "json"]).code(3).json();
    let next = document["conflicts"][0]["next"].as_str().unwrap();
    assert_eq!(next, "mv bin bin.ours && roadbed fix bin/start");
    std::fs::rename(bed.path("repo/bin"), bed.path("repo/bin.ours")).unwrap();
    bed.run("repo", &["fix", "bin/start"]).ok();
    assert!(bed.exists("repo/bin/start") && !bed.exists("elsewhere/start"));
}

#[test]
fn a_revision_that_is_not_here_says_how_to_get_it() {
    let bed = Bed::laid();
    bed.git("repo", &["checkout", "-q", "-b", "change"]);
    bed.commit("repo");
    bed.git(".", &["clone", "-q", "--depth", "1", &format!("file://{}", bed.path("repo").display()), "shallow"]);
    let ran = bed.run("shallow", &["check", "--since", "origin/main", "--format", "json"]).code(2);
    let hint = ran.json()["errors"][0]["hint"].as_str().unwrap().to_owned();
    assert_eq!(hint, "git fetch --unshallow origin main:refs/remotes/origin/main");
    bed.git("shallow", &hint.split(' ').skip(1).collect::<Vec<_>>());
    std::fs::create_dir(bed.path("empty")).unwrap();
    bed.git("empty", &["init", "-q"]);
    bed.run("shallow", &["check", "--since", "origin/main"]).ok().says("nothing that origin/main does not have");
    bed.run("empty", &["check", "--rev", "HEAD"]).code(2).says("nothing is committed here yet");
}

#[test]
fn colour_is_off_where_it_is_not_wanted() {
    let bed = Bed::laid();
    let coloured = |args: &[&str], set: &[(&str, &str)]| {
        let mut command = bed.roadbed("repo");
        let output = command.args(args).envs(set.iter().copied()).output().unwrap();
        output.stderr.contains(&0x1b)
    };
    assert!(coloured(&["check", "--bogus", "--color", "always"], &[]), "else nothing below could fail");
    assert!(coloured(&["--color=always", "check", "--bogus"], &[]));
    assert!(coloured(&["check", "--bogus"], &[("ROADBED_COLOR", "always")]));
    assert!(!coloured(&["check", "--bogus", "--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn options_that_do_not_fit_say_what_does() {
    let bed = Bed::laid();
    bed.run("repo", &["check", "--as-of", "2026-02-31"]).code(2).says("such as 2026-11-21");
    bed.run("repo", &["check", "--output", "nowhere/x"]).code(4).says("mkdir -p ").says("nowhere");
    bed.run("repo", &["check", "-v"]).ok().says("laid from ../acme 1.0.0 (sha256:").says("profile growth, tier 3");
}
