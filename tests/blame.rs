//! `check --blame`, from the outside: the commit that began each finding.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::collections::BTreeMap;

use support::Bed;

/// The commit that each finding began in, by path.
fn blamed(bed: &Bed, dir: &str, args: &[&str]) -> BTreeMap<String, Option<String>> {
    let ran = bed.run(dir, &[&["check", "--blame", "--format", "json", "--fail-on", "never"], args].concat()).ok();
    let rows = ran.json()["findings"].as_array().unwrap().clone();
    let row = |row: &serde_json::Value| {
        (row["path"].as_str().unwrap().to_owned(), row["introduced"].as_str().map(str::to_owned))
    };
    rows.iter().map(row).collect()
}

fn commit(bed: &Bed) -> String {
    bed.commit("repo");
    bed.git("repo", &["rev-parse", "HEAD"]).trim().to_owned()
}

#[test]
fn the_commit_that_began_the_current_run_is_named() {
    let bed = Bed::laid();
    let json = "repo/package.json";
    bed.remove("repo/Makefile");
    let makefile = commit(&bed);
    bed.replace(json, "\"private\": true", "\"private\": false");
    commit(&bed);
    bed.replace(json, "\"private\": false", "\"private\": true");
    commit(&bed);
    bed.write("repo/unrelated", "1");
    commit(&bed);
    bed.replace(json, "\"private\": true", "\"private\": false");
    let again = commit(&bed);
    bed.write("repo/unrelated", "2");
    commit(&bed);
    bed.replace(json, "{", "{\n");
    commit(&bed);
    bed.replace("repo/settings.toml", "requests = 100", "requests = 1");
    let expected = [("Makefile", Some(makefile)), ("package.json", Some(again)), ("settings.toml", None)];
    let expected: BTreeMap<String, Option<String>> =
        expected.into_iter().map(|(path, commit)| (path.to_owned(), commit)).collect();
    assert_eq!(blamed(&bed, "repo", &[]), expected);
    let at = expected["package.json"].clone().unwrap();
    bed.run("repo", &["check", "--blame"]).code(1).prints(&format!("since {}", &at[..12]));
}

#[test]
fn commits_that_change_nothing_that_a_check_reads_are_not_checked() {
    let bed = Bed::laid();
    bed.write("repo/src/x", "x");
    commit(&bed);
    bed.replace("repo/package.json", "\"private\": true", "\"private\": false");
    commit(&bed);
    for n in 0..5 {
        bed.write("repo/src/x", n.to_string());
        commit(&bed);
    }
    bed.run("repo", &["check", "--blame", "-v"]).code(1).says("2 commits checked");
}

#[test]
fn only_the_first_parents_count() {
    let bed = Bed::laid();
    bed.git("repo", &["switch", "-qc", "side"]);
    bed.remove("repo/Makefile");
    commit(&bed);
    bed.git("repo", &["switch", "-q", "main"]);
    bed.write("repo/x", "x");
    commit(&bed);
    bed.git("repo", &["merge", "-q", "--no-ff", "side", "-m", "merge"]);
    let merge = bed.git("repo", &["rev-parse", "HEAD"]).trim().to_owned();
    assert_eq!(blamed(&bed, "repo", &[])["Makefile"], Some(merge));
}

#[test]
fn a_renamed_file_and_a_commit_that_cannot_be_read_do_not_end_a_run() {
    let bed = Bed::new();
    bed.git(".", &["init", "-q", "-b", "main", "repo"]);
    let workflow = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: x/y@v1\n";
    bed.write("repo/.github/workflows/a.yml", workflow);
    let first = commit(&bed);
    bed.git("repo", &["mv", ".github/workflows/a.yml", ".github/workflows/b.yml"]);
    commit(&bed);
    bed.write("repo/.roadbed/policy.yaml", "nonsense: [");
    commit(&bed);
    bed.remove("repo/.roadbed/policy.yaml");
    commit(&bed);
    let found = blamed(&bed, "repo", &["--pedantic", "--rule", "github/unpinned-action"]);
    assert_eq!(found[".github/workflows/b.yml"], Some(first));
}

#[test]
fn where_the_clone_ends_nothing_is_made_up() {
    let bed = Bed::laid();
    bed.remove("repo/Makefile");
    for n in 0..4 {
        bed.write("repo/x", n.to_string());
        commit(&bed);
    }
    let url = format!("file://{}", bed.path("repo").display());
    bed.git(".", &["clone", "-q", "--depth", "2", &url, "shallow"]);
    let args = ["--golden-path", "../acme"];
    assert_eq!(blamed(&bed, "shallow", &args)["Makefile"], None);
    bed.run("shallow", &[&["check", "--blame"][..], &args].concat()).ok().says("git fetch --unshallow");
    bed.run("shallow", &[&["check", "--blame", "--format", "json"][..], &args].concat()).says("git fetch --unshallow");
    bed.run(".", &["new", "service", "bare", "--defaults", "--no-git", "--golden-path", "acme"]).ok();
    bed.run("bare", &["check", "--blame"]).code(2).says("no history");
}
