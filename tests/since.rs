//! `check --since`, from the outside: what a change brings in, and who judges it.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::{Bed, Ran};

const NOTHING: [&str; 0] = [];

/// `Bed::laid` with some old drift on `main`, and a branch `change` checked out.
fn changing() -> Bed {
    let bed = Bed::laid();
    bed.remove("repo/Makefile");
    bed.commit("repo");
    bed.git("repo", &["switch", "-qc", "change"]);
    bed
}

fn since(bed: &Bed, args: &[&str]) -> Vec<String> {
    bed.findings("repo", &[&["--since", "main"], args].concat())
}

/// `check` as a CI system runs it.
fn in_ci(bed: &Bed, dir: &str, variables: &[(&str, &str)]) -> Ran {
    let mut command = bed.roadbed(dir);
    command.args(["check", "--format", "json", "--since", "auto"]).envs(variables.iter().copied());
    Ran::of(&command.output().unwrap())
}

const WORKFLOW: &str = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n      - uses: x/y@v1\n";

#[test]
fn only_what_the_change_brings_in_is_shown() {
    let bed = changing();
    assert_eq!(since(&bed, &[]), NOTHING);
    bed.run("repo", &["check", "--since", "main"]).ok().says("nothing that main does not have");
    bed.replace("repo/package.json", "\"private\": true", "\"private\": false");
    let new = ["block drift/edited package.json:3"];
    assert_eq!(since(&bed, &[]), new, "not committed");
    bed.commit("repo");
    assert_eq!(since(&bed, &[]), new);
    assert_eq!(since(&bed, &["--rev", "change"]), new);
    assert_eq!(since(&bed, &["--rev", "main"]), NOTHING);
    bed.run("repo", &["check", "--since", "main"]).code(1).prints("1 finding in 1 file that is not in main");
    bed.run("repo", &["check", "--since", "main", "--fail-on", "never"]).ok();
    assert_eq!(since(&bed, &["--rule", "drift/missing"]), NOTHING);
    assert_eq!(since(&bed, &["--owner", "@acme/nobody"]), NOTHING);
    bed.git(".", &["clone", "-q", "--bare", "repo", "bare.git"]);
    let bare = ["--golden-path", "../acme", "--since", "main", "--rev", "change"];
    assert_eq!(bed.findings("bare.git", &bare), new);
}

#[test]
fn what_moved_or_was_renamed_is_not_new() {
    let bed = Bed::new();
    bed.git(".", &["init", "-q", "-b", "main", "repo"]);
    bed.write("repo/.github/workflows/a.yml", WORKFLOW);
    bed.commit("repo");
    let print = |args: &[&str]| {
        let document = bed.run(
            "repo",
            &[&["check", "--format", "json", "--pedantic", "--rule", "github/unpinned-action"], args].concat(),
        );
        let findings = document.json()["findings"].as_array().unwrap().clone();
        findings.iter().map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let old = print(&[]);
    assert_eq!(old.len(), 1);
    bed.git("repo", &["switch", "-qc", "change"]);
    bed.git("repo", &["mv", ".github/workflows/a.yml", ".github/workflows/b.yml"]);
    bed.replace("repo/.github/workflows/b.yml", "on: push\n", "# moved\n\non: push\n");
    bed.commit("repo");
    assert_eq!(print(&[]), old);
    assert_eq!(print(&["--since", "main"]), Vec::<String>::new());
    bed.write("repo/.github/workflows/0.yml", WORKFLOW);
    let copied = bed.findings("repo", &["--since", "change", "--pedantic", "--rule", "github/unpinned-action"]);
    assert_eq!(copied.len(), 1);
    assert!(copied[0].contains("workflows/0.yml:8"), "{copied:?}");
}

#[test]
fn findings_are_compared_with_the_merge_base_not_with_the_tip() {
    let bed = changing();
    bed.git("repo", &["switch", "-q", "main"]);
    bed.run("repo", &["fix"]).ok();
    bed.commit("repo");
    bed.git("repo", &["switch", "-q", "change"]);
    assert_eq!(since(&bed, &[]), NOTHING, "the base was mended later; that is not this change's doing");
}

#[test]
fn a_change_that_weakens_its_judge_blocks_and_is_judged_all_the_same() {
    let policy = "repo/.roadbed/policy.yaml";
    let weaker: [(&str, &str, &str, &str); 6] = [
        (policy, "tier: 3", "tier: 4", "the tier is 4"),
        (policy, "tier: 3", "tier: 3\nomit: [\"docs/adr/**\"]", "is omitted"),
        (policy, "profile: strict", "profile: growth", "lowers the level of `drift/missing`"),
        (policy, "exposure: public", "exposure: internal", "`internal` instead of `public`"),
        (policy, "levels: {drift/extra: block}", "levels: {}", "no longer raised to `block`"),
        ("repo/.roadbed/config.yaml", "template: service", "template: bare", "the asset `base` is dropped"),
    ];
    for (file, from, to, says) in weaker {
        let bed = Bed::laid();
        bed.replace(policy, "profile: growth", "profile: strict");
        bed.replace(policy, "exposure: internal", "exposure: public");
        bed.replace(policy, "tier: 3", "tier: 3\nlevels: {drift/extra: block}");
        bed.commit("repo");
        bed.git("repo", &["switch", "-qc", "change"]);
        bed.replace(file, from, to);
        let ran = bed.run("repo", &["check", "--since", "main", "--rule", "governance/policy-weakened"]);
        assert!(ran.stdout.contains(says), "{to}: {}", ran.stdout);
        bed.remove("repo/Makefile");
        bed.write("repo/.travis.yml", "language: c\n");
        let found = since(&bed, &["--rule", "drift/missing,drift/extra"]);
        assert_eq!(found, ["block drift/extra .travis.yml", "block drift/missing Makefile"], "{to}");
    }
}

#[test]
fn taking_the_golden_path_out_is_the_weakest_of_all() {
    let bed = changing();
    for file in ["policy.yaml", "config.yaml", "lock.yaml"] {
        bed.remove(&format!("repo/.roadbed/{file}"));
    }
    bed.replace("repo/package.json", "\"private\": true", "\"private\": false");
    assert_eq!(
        since(&bed, &["--rule", "governance/policy-weakened,drift/edited"]),
        ["block governance/policy-weakened .roadbed/policy.yaml", "block drift/edited package.json:3"]
    );
}

#[test]
fn with_all_a_directory_that_leaves_the_path_is_not_forgotten() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.git(".", &["init", "-q", "-b", "main", "repo"]);
    for name in ["one", "two"] {
        bed.run("repo", &["new", "service", name, "--defaults", "--golden-path", "../acme"]).ok();
    }
    bed.commit("repo");
    std::fs::remove_dir_all(bed.path("repo/two/.roadbed")).unwrap();
    let ran = bed.run("repo", &["check", "--all", "--since", "main", "--format", "json"]).code(1);
    let rows: Vec<serde_json::Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows.len(), &rows[0]["findings"]), (2, &serde_json::json!([])));
    assert_eq!(rows[1]["findings"][0]["path"], "two/.roadbed/policy.yaml");
    assert_eq!(rows[1]["findings"][0]["rule"], "governance/policy-weakened");
}

#[test]
fn a_golden_path_in_the_repository_itself_cannot_be_edited_in_passing() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.git(".", &["init", "-q", "-b", "main", "repo"]);
    std::fs::rename(bed.path("acme"), bed.path("repo/acme")).unwrap();
    bed.run("repo", &["new", "service", "one", "--defaults", "--golden-path", "acme"]).ok();
    bed.commit("repo");
    bed.write("repo/acme/assets/base/files/more.txt", "x");
    bed.commit("repo");
    let found = |bed: &Bed| bed.findings("repo/one", &["--since", "main", "--rule", "governance/policy-weakened"]);
    assert_eq!(found(&bed), NOTHING);
    bed.replace("repo/acme/assets/base/asset.yaml", "forbids: [.travis.yml]", "forbids: []");
    assert_eq!(found(&bed), ["block governance/policy-weakened one/.roadbed/policy.yaml:3"]);
    bed.run("repo/one", &["check", "--since", "main"]).code(1).prints("acme/assets/base/asset.yaml");
}

#[test]
fn going_back_is_weaker_and_going_forward_is_not() {
    let bed = Bed::laid();
    bed.run("acme", &["path", "release", "1.0.0"]).ok();
    bed.replace("acme/assets/base/files/Makefile", "true", "make -s test");
    bed.run("acme", &["path", "release", "1.1.0"]).ok();
    bed.git("repo", &["switch", "-qc", "change"]);
    bed.run("repo", &["upgrade"]).ok();
    bed.commit("repo");
    assert_eq!(since(&bed, &[]), NOTHING, "a move forward is measured at its own version");
    bed.git("repo", &["switch", "-qc", "back"]);
    bed.run("repo", &["upgrade", "--to", "1.0.0"]).ok();
    bed.commit("repo");
    let back = bed.findings("repo", &["--since", "change", "--rule", "governance/policy-weakened"]);
    assert_eq!(back.len(), 1);
    assert!(back[0].starts_with("block governance/policy-weakened .roadbed/lock.yaml:"), "{back:?}");
}

#[test]
fn a_gate_that_is_switched_off_is_weaker() {
    let bed = Bed::laid();
    let gate = format!("{WORKFLOW}      - run: roadbed check --since auto\n");
    bed.write("repo/.github/workflows/gate.yml", &gate);
    bed.commit("repo");
    bed.git("repo", &["switch", "-qc", "change"]);
    bed.replace("repo/.github/workflows/gate.yml", "--since auto", "--since auto || true");
    let found = since(&bed, &["--rule", "governance/policy-weakened"]);
    assert_eq!(found, ["block governance/policy-weakened .github/workflows/gate.yml:9"]);
    bed.write("repo/.github/workflows/gate.yml", gate.replacen("jobs:", "env: {ROADBED_FAIL_ON: never}\njobs:", 1));
    assert_eq!(since(&bed, &["--rule", "governance/policy-weakened"]).len(), 1);
    bed.write(
        "repo/.github/workflows/gate.yml",
        gate.replace("--since auto", "--since auto --pedantic --fail-on warn"),
    );
    assert_eq!(since(&bed, &["--rule", "governance/policy-weakened"]), NOTHING);
}

#[test]
fn a_repository_that_is_being_laid_is_judged_by_what_it_brings() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.run(".", &["new", "service", "laid", "--defaults", "--golden-path", "acme", "--no-git"]).ok();
    bed.git(".", &["init", "-q", "-b", "main", "repo"]);
    bed.write("repo/x", "x");
    bed.commit("repo");
    bed.git("repo", &["switch", "-qc", "change"]);
    for (name, content, _) in bed.files("laid").into_iter().filter(|(name, ..)| name != "Makefile") {
        bed.write(&format!("repo/{name}"), content);
    }
    assert_eq!(since(&bed, &["--rule", "drift/missing"]), ["warn drift/missing Makefile"]);
    assert_eq!(since(&bed, &["--rule", "governance/policy-weakened"]), NOTHING);
}

#[test]
fn auto_takes_the_base_from_the_event() {
    let bed = changing();
    let main = bed.git("repo", &["rev-parse", "main"]).trim().to_owned();
    bed.replace("repo/package.json", "\"private\": true", "\"private\": false");
    bed.commit("repo");
    let event = bed.path("event.json");
    let event = event.to_str().unwrap();
    for payload in [
        format!("{{\"pull_request\": {{\"base\": {{\"sha\": \"{main}\", \"ref\": \"main\"}}}}}}"),
        format!("{{\"merge_group\": {{\"base_sha\": \"{main}\"}}}}"),
        format!("{{\"before\": \"{main}\"}}"),
    ] {
        bed.write("event.json", &payload);
        let document = in_ci(&bed, "repo", &[("GITHUB_EVENT_PATH", event)]).code(1).json();
        assert_eq!((document["findings"].as_array().unwrap().len(), &document["since"]), (1, &main.clone().into()));
    }
    let gitlab = [("GITLAB_CI", "true"), ("CI_MERGE_REQUEST_DIFF_BASE_SHA", main.as_str())];
    assert_eq!(in_ci(&bed, "repo", &gitlab).code(1).json()["findings"].as_array().unwrap().len(), 1);
    bed.git(".", &["clone", "-q", "repo", "jenkins"]);
    bed.git("jenkins", &["fetch", "-q", "origin", "main"]);
    let jenkins = [("JENKINS_URL", "https://x.example"), ("CHANGE_TARGET", "main")];
    assert_eq!(in_ci(&bed, "jenkins", &jenkins).code(1).json()["findings"].as_array().unwrap().len(), 1);
    in_ci(&bed, "repo", &[]).code(2).says("--since origin/main");
}

#[test]
fn without_a_common_commit_the_command_says_what_to_fetch() {
    let bed = changing();
    for text in ["1", "2"] {
        bed.write("repo/x", text);
        bed.commit("repo");
    }
    let url = format!("file://{}", bed.path("repo").display());
    bed.git(".", &["clone", "-q", "--depth", "1", "--no-single-branch", &url, "shallow"]);
    let ran = bed.run("shallow", &["check", "--golden-path", "../acme", "--since", "origin/main"]).code(4);
    ran.says("git fetch --unshallow");
    bed.git("repo", &["switch", "-q", "--orphan", "other"]);
    bed.write("repo/y", "y");
    bed.commit("repo");
    bed.run("repo", &["check", "--since", "main"]).code(4).says("no commit in common");
    bed.run("repo", &["check", "--since", "nonsense"]).code(2).says("nonsense");
    let event = bed.path("event.json");
    bed.write("event.json", "{\"pull_request\": {\"base\": {\"sha\": \"1234567890123456789012345678901234567890\"}}}");
    in_ci(&bed, "repo", &[("GITHUB_EVENT_PATH", event.to_str().unwrap())]).code(4).says("git fetch --no-tags origin");
    bed.run("repo", &["check", "--all", "--since", "main"]).code(4);
}
