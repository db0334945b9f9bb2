//! Any repository, judged by rules and mended: the real binary, on trees without a golden path and with one.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::Bed;

const WORKFLOW: &str = "\
on: push
permissions: {}
jobs:
  build:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    permissions: {contents: read}
    steps:
      - uses: actions/checkout@v4.2.2 # the code
        with: {persist-credentials: false}
";

fn bed(git: bool) -> Bed {
    let bed = Bed::new();
    bed.write("repo/.github/workflows/ci.yml", WORKFLOW);
    bed.write("repo/README.md", "hello\n");
    if git {
        bed.git("repo", &["init", "-qb", "main"]);
        bed.commit("repo");
    }
    bed
}

#[test]
fn a_repo_that_nothing_was_laid_in_is_served_with_and_without_git() {
    for git in [true, false] {
        let bed = bed(git);
        let found = bed.findings("repo", &["--rule", "github/unpinned-action", "--pedantic"]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].ends_with("github/unpinned-action .github/workflows/ci.yml:9"), "{found:?}");
        let patch = bed.run("repo", &["diff", "--rule", "github/unpinned-action"]).ok().stdout;
        assert!(
            patch.contains(
                "+      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2 the code\n"
            ),
            "{patch}"
        );
        bed.run("repo", &["fix", "--rule", "github/unpinned-action"]).ok();
        let text = bed.read("repo/.github/workflows/ci.yml");
        assert_eq!(
            text,
            WORKFLOW.replace("v4.2.2 # the code", "11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2 the code")
        );
        assert!(bed.findings("repo", &["--rule", "github/unpinned-action", "--pedantic"]).is_empty());
        bed.run("repo", &["fix", "--rule", "github/unpinned-action", "--allow-dirty"]).ok();
        assert_eq!(bed.read("repo/.github/workflows/ci.yml"), text);
        assert!(!bed.exists("repo/.roadbed"));
    }
}

#[test]
fn pins_that_look_alike_are_all_mended_at_once() {
    let bed = bed(true);
    let alike = "      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683\n        with: {persist-credentials: false}\n";
    let text =
        WORKFLOW.replace("v4.2.2 # the code", "v4.2.2") + &alike.repeat(2) + &alike.replace("683\n", "683 # v4\n");
    bed.write("repo/.github/workflows/ci.yml", text);
    bed.commit("repo");
    bed.run("repo", &["fix", "--unsafe-fixes"]);
    let once = bed.read("repo/.github/workflows/ci.yml");
    assert_eq!(once.matches("# v5.").count(), 4, "{once}");
    bed.run("repo", &["fix", "--unsafe-fixes", "--allow-dirty"]);
    assert_eq!(bed.read("repo/.github/workflows/ci.yml"), once);
}

#[test]
fn a_file_that_does_not_parse_is_a_finding_at_its_place_and_the_rest_is_checked() {
    let bed = bed(true);
    bed.write("repo/.github/workflows/broken.yml", "on: push\njobs:\n  a: [\n");
    let found = bed.findings("repo", &["--pedantic"]);
    assert!(found.iter().any(|f| f.starts_with("warn parse/yaml .github/workflows/broken.yml:")), "{found:?}");
    assert!(found.iter().any(|f| f.ends_with("github/unpinned-action .github/workflows/ci.yml:9")), "{found:?}");
}

#[test]
fn what_is_no_text_is_a_finding_where_its_text_ends() {
    let bed = bed(true);
    let names = ["Dockerfile", "main.tf", ".gitlab-ci.yml", "Jenkinsfile", "compose.yaml", ".github/workflows/x.yml"];
    for (name, bytes) in names.iter().flat_map(|name| [(name, b"# a\n# \xff".as_slice()), (name, b"# a\n# \0")]) {
        bed.write(&format!("repo/{name}"), bytes);
        let found = bed.findings("repo", &["--pedantic"]);
        let place = format!(" {name}:2");
        assert!(found.iter().any(|found| found.contains(" parse/") && found.ends_with(&place)), "{name}: {found:?}");
        std::fs::remove_file(bed.path(&format!("repo/{name}"))).unwrap();
    }
    bed.write("repo/k.yaml", b"apiVersion: v1\nkind: Pod # \xff\n");
    let found = bed.findings("repo", &["--pedantic"]);
    assert!(found.iter().any(|found| found.ends_with("parse/yaml k.yaml:2")), "{found:?}");
    std::fs::remove_file(bed.path("repo/k.yaml")).unwrap();
    // Of any other file nobody knows that it should be read.
    bed.write("repo/a.yaml", b"a\0\xff");
    assert!(!bed.findings("repo", &["--pedantic"]).iter().any(|found| found.contains(" parse/")));
}

#[test]
fn a_workflow_that_nobody_can_read_is_a_finding_and_no_silence() {
    let bed = bed(true);
    let parsed = || -> Vec<String> {
        let found = bed.findings("repo", &["--pedantic"]);
        found.into_iter().filter(|found| found.contains("parse/")).collect()
    };
    assert_eq!(parsed(), Vec::<String>::new());
    bed.write("repo/.github/workflows/large.yml", format!("on: push\njobs: {{}}\n{}\n", "#".repeat(5_000_000)));
    bed.write("repo/.github/workflows/nul.yml", "on: push\njobs: {}\n# \0\n");
    // What no forge runs may be as large as it likes.
    bed.write("repo/large.yml", format!("a: 1\n{}\n", "#".repeat(5_000_000)));
    let wanted = ["large.yml:1", "nul.yml:3"].map(|place| format!("warn parse/yaml .github/workflows/{place}"));
    assert_eq!(parsed(), wanted);
    #[cfg(unix)]
    {
        let path = bed.path("repo/.github/workflows/ci.yml");
        std::fs::remove_file(&path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_eq!(parsed()[0], "warn parse/yaml .github/workflows/ci.yml:1");
    }
}

#[test]
fn what_is_not_the_repos_own_is_not_read() {
    let bed = bed(true);
    for dir in ["vendor/x", "node_modules/x", "ignored"] {
        bed.write(&format!("repo/{dir}/action.yml"), "runs:\n  using: composite\n  steps:\n    - uses: a/b@main\n");
    }
    bed.write("repo/.gitignore", "/ignored/\n");
    bed.write("repo/own/action.yml", "runs:\n  using: composite\n  steps:\n    - uses: a/b@main\n");
    let found = bed.findings("repo", &["--pedantic", "--rule", "github/unpinned-action"]);
    let paths: Vec<&str> = found.iter().map(|f| f.rsplit(' ').next().unwrap()).collect();
    assert_eq!(paths, [".github/workflows/ci.yml:9", "own/action.yml:4"]);
}

#[test]
fn a_rule_that_does_not_exist_is_refused_with_the_nearest() {
    let bed = bed(true);
    bed.run("repo", &["check", "--rule", "github/unpinned-actoin"]).code(2).says("`github/unpinned-action`");
    bed.run("repo", &["check", "--rule", "github/*"]);
}

#[test]
fn a_finding_keeps_its_fingerprint_when_its_file_moves() {
    let bed = bed(false);
    let print = |bed: &Bed| {
        let ran = bed.run("repo", &["check", "--format", "json", "--pedantic", "--rule", "github/unpinned-action"]);
        ran.json()["findings"][0]["fingerprint"].as_str().unwrap().to_owned()
    };
    let before = print(&bed);
    bed.write("repo/.github/workflows/other.yml", format!("# moved\n\n{WORKFLOW}"));
    bed.remove("repo/.github/workflows/ci.yml");
    assert_eq!(print(&bed), before);
}

#[test]
fn anything_with_an_id_is_explained() {
    let bed = bed(true);
    bed.run("repo", &["explain", "github/unpinned-action"]).ok().prints("## Why");
    for rule in ["drift/missing", "parse/toml", "parse/hcl", "governance/policy-weakened"] {
        bed.run("repo", &["explain", rule]).ok().prints(&format!("# {rule}\n\n")).prints("## Why");
    }
    bed.run("repo", &["explain", "GP-CI-01"]).ok().prints("github/unpinned-action");
    bed.run("repo", &["explain", "ci-github"]).ok().prints("An asset");
    bed.run("repo", &["explain", "python-service"]).ok().prints("A template");
    bed.run("repo", &["explain", "github/unpinned-actoin"]).code(2).says("`github/unpinned-action`");
    let laid = Bed::new();
    laid.run(".", &["new", "python-service", "repo", "--defaults"]).ok();
    laid.run("repo", &["explain", ".github/workflows/security.yml"]).ok().prints("May I edit it: no");
    laid.run("repo", &["explain", "README.md"]).ok().prints("yes");
}

#[test]
fn what_a_fix_mends_is_clean_afterwards_and_the_path_still_holds() {
    let bed = Bed::new();
    bed.run(".", &["new", "python-service", "repo", "--defaults"]).ok();
    bed.write("repo/.github/workflows/own.yml", WORKFLOW);
    bed.commit("repo");
    bed.run("repo", &["fix", "--rule", "github/*"]);
    let found = bed.findings("repo", &["--pedantic", "--rule", "github/unpinned-action"]);
    assert!(found.is_empty(), "{found:?}");
    let drift = bed.findings("repo", &["--rule", "drift/*"]);
    assert!(drift.is_empty(), "{drift:?}");
}

#[test]
fn what_a_matrix_includes_that_a_job_computed_only_informs_and_a_matrix_that_is_all_computed_warns() {
    let bed = bed(true);
    bed.write(
        "repo/.github/workflows/ci.yml",
        "on: push\njobs:\n  a:\n    needs: plan\n    runs-on: ubuntu-24.04\n    strategy:\n      matrix:\n        \
         include: ${{ fromJSON(needs.plan.outputs.sets) }}\n    steps:\n      - run: make ${{ matrix.set }}\n",
    );
    let found = |args: &[&str]| bed.findings("repo", &[&["--rule", "github/template-injection"], args].concat());
    assert_eq!(found(&[]), Vec::<String>::new());
    assert_eq!(found(&["--pedantic"]), ["info github/template-injection .github/workflows/ci.yml:10"]);
    bed.replace("repo/.github/workflows/ci.yml", "include:", "set:");
    assert_eq!(found(&[]), ["warn github/template-injection .github/workflows/ci.yml:10"]);
    bed.replace("repo/.github/workflows/ci.yml", "matrix:\n        set:", "matrix:\n       ");
    assert_eq!(found(&[]), ["warn github/template-injection .github/workflows/ci.yml:10"]);
}
