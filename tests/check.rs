//! `roadbed check`, from the outside: what it finds, where, and what it says to do.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::Bed;

const NOTHING: [&str; 0] = [];

#[test]
fn each_ownership_mode_drifts_in_its_own_way() {
    let bed = Bed::laid();
    bed.replace("repo/.github/workflows/security.yml", "make scan", "true");
    bed.replace("repo/.github/workflows/ci.yml", "timeout-minutes: 10", "timeout-minutes: 500");
    bed.replace("repo/.github/CODEOWNERS", "@acme/security", "@mallory");
    bed.replace("repo/settings.toml", "requests = 100", "requests = 100000");
    bed.replace("repo/package.json", "\"private\": true", "\"private\": false");
    bed.replace("repo/Makefile", "true", "make -C src test");
    bed.replace("repo/README.md", "Owned", "Cherished");
    let expected = [
        "block drift/edited .github/CODEOWNERS:3",
        "block drift/edited .github/workflows/ci.yml:9",
        "block drift/edited .github/workflows/security.yml:12",
        "block drift/edited package.json:3",
        "block drift/edited settings.toml:6",
    ];
    assert_eq!(bed.findings("repo", &[]), expected);
    bed.run("repo", &["check"]).code(1).prints("roadbed fix .github/workflows/ci.yml").prints("make scan");
}

#[test]
fn what_a_team_adds_beside_the_paths_keys_and_blocks_is_no_drift() {
    let bed = Bed::laid();
    bed.replace(
        "repo/.github/workflows/ci.yml",
        "jobs:\n",
        "jobs:\n  # ours\n  lint:\n    runs-on: ubuntu-24.04\n    steps: []\n",
    );
    bed.replace(
        "repo/.github/workflows/ci.yml",
        "      - name: Test\n",
        "      - run: make warm-up\n      - name: Test\n",
    );
    bed.replace("repo/settings.toml", "[limits]\n", "[limits]\nbytes = 5 # ours\n");
    bed.replace(
        "repo/package.json",
        "\"test\": \"make test\"",
        "\"test\": \"make test\",\n    \"lint\": \"make lint\"",
    );
    let owners = bed.read("repo/.github/CODEOWNERS");
    bed.write("repo/.github/CODEOWNERS", format!("/docs/ @acme/writers\n{owners}"));
    assert_eq!(bed.findings("repo", &[]), NOTHING);
}

#[test]
fn missing_files_weigh_by_who_owns_them() {
    let bed = Bed::laid();
    for file in
        [".github/workflows/security.yml", ".github/workflows/ci.yml", ".github/CODEOWNERS", "Makefile", "README.md"]
    {
        bed.remove(&format!("repo/{file}"));
    }
    let expected = [
        "block drift/missing .github/CODEOWNERS",
        "block drift/missing .github/workflows/ci.yml",
        "block drift/missing .github/workflows/security.yml",
        "warn drift/missing Makefile",
    ];
    assert_eq!(bed.findings("repo", &[]), expected);
}

#[test]
fn an_optional_file_may_be_omitted_and_no_other() {
    let bed = Bed::laid();
    bed.remove("repo/docs/adr/0001-decisions.md");
    assert_eq!(bed.findings("repo", &[]), ["warn drift/missing docs/adr/0001-decisions.md"]);
    bed.replace("repo/.roadbed/policy.yaml", "tier: 3", "tier: 3\nomit: [\"docs/adr/**\"]");
    assert_eq!(bed.findings("repo", &[]), NOTHING);
    bed.replace("repo/.roadbed/policy.yaml", "docs/adr/**", "Makefile");
    bed.run("repo", &["check"]).code(2).says("does not declare optional");
}

#[test]
fn a_file_that_the_path_wants_gone_is_extra() {
    let bed = Bed::laid();
    bed.write("repo/.travis.yml", "language: c\n");
    assert_eq!(bed.findings("repo", &[]), ["warn drift/extra .travis.yml"]);
    bed.commit("repo");
    bed.run("repo", &["fix"]).ok();
    assert!(bed.exists("repo/.travis.yml"));
    bed.run("repo", &["fix", "--unsafe-fixes"]).ok();
    assert!(!bed.exists("repo/.travis.yml"));
}

#[cfg(unix)]
#[test]
fn a_wrong_mode_is_found_and_mended() {
    use std::os::unix::fs::PermissionsExt as _;
    let bed = Bed::laid();
    std::fs::set_permissions(bed.path("repo/bin/start"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(bed.findings("repo", &[]), ["block drift/mode bin/start"]);
    bed.commit("repo");
    bed.run("repo", &["fix"]).ok();
    assert_eq!(bed.findings("repo", &[]), NOTHING);
}

#[test]
fn conflict_markers_block() {
    let bed = Bed::laid();
    bed.write("repo/Makefile", "a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n");
    assert_eq!(bed.findings("repo", &[]), ["block drift/conflict-markers Makefile:2"]);
}

#[test]
fn line_ends_and_a_byte_order_mark_are_no_drift() {
    let bed = Bed::laid();
    for file in ["security.yml", "ci.yml"] {
        let text = bed.read(&format!("repo/.github/workflows/{file}"));
        bed.write(&format!("repo/.github/workflows/{file}"), format!("\u{feff}{}", text.replace('\n', "\r\n")));
    }
    let owners = bed.read("repo/.github/CODEOWNERS").replace('\n', "\r\n");
    bed.write("repo/.github/CODEOWNERS", owners);
    assert_eq!(bed.findings("repo", &[]), NOTHING);
}

#[test]
fn a_pin_that_a_bot_raised_is_no_drift_and_one_that_nobody_knows_is() {
    let bed = Bed::laid();
    let file = "repo/.github/workflows/security.yml";
    let old = "08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0";
    bed.replace(file, old, "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1");
    assert_eq!(bed.findings("repo", &[]), NOTHING);
    bed.replace(file, "3d3c42e5aac5ba805825da76410c181273ba90b1", "0000000000000000000000000000000000000000");
    assert_eq!(bed.findings("repo", &[]), ["block drift/edited .github/workflows/security.yml:9"]);
}

#[test]
fn a_forged_lock_is_found_out_and_mended() {
    let bed = Bed::laid();
    let lock = bed.read("repo/.roadbed/lock.yaml");
    let forgeries = [
        lock.replace("mode: enforced", "mode: once"),
        lock.replacen("pristine: ", "pristine: 0", 1).replacen("pristine: 0", "pristine: ", 0),
        lock.lines().filter(|line| !line.contains("security.yml")).collect::<Vec<_>>().join("\n"),
        lock.replace("assets: [base]", "assets: []"),
    ];
    for (n, forgery) in forgeries.iter().enumerate().filter(|(n, _)| *n != 1) {
        bed.write("repo/.roadbed/lock.yaml", forgery);
        let findings = bed.findings("repo", &["--rule", "drift/lock-forged"]);
        assert_eq!(findings.len(), 1, "forgery {n}: {findings:?}");
        assert!(findings[0].starts_with("block drift/lock-forged .roadbed/lock.yaml:"), "{findings:?}");
        bed.run("repo", &["fix"]).ok();
        assert_eq!(bed.read("repo/.roadbed/lock.yaml"), lock, "forgery {n}");
    }
    bed.remove("repo/.roadbed/lock.yaml");
    assert_eq!(bed.findings("repo", &[]), ["block drift/lock-forged .roadbed/lock.yaml"]);
}

#[test]
fn a_lock_that_hides_an_edit_hides_nothing() {
    let bed = Bed::laid();
    bed.write("repo/.github/workflows/security.yml", "on: []\n");
    let evil = bed.git("repo", &["hash-object", ".github/workflows/security.yml"]);
    let lock = bed.read("repo/.roadbed/lock.yaml");
    let forged: Vec<String> = lock
        .lines()
        .map(|line| match (line.contains("security.yml"), line.find("pristine: ")) {
            (true, Some(at)) => format!("{}pristine: \"{1}\", written: \"{1}\"}}", &line[..at], evil.trim()),
            _ => line.to_owned(),
        })
        .collect();
    bed.write("repo/.roadbed/lock.yaml", forged.join("\n"));
    let findings = bed.findings("repo", &[]);
    assert!(findings.contains(&"block drift/edited .github/workflows/security.yml:1".to_owned()), "{findings:?}");
    assert!(findings.iter().any(|finding| finding.contains("drift/lock-forged")), "{findings:?}");
}

#[test]
fn an_answer_that_changed_in_the_config_is_outdated_at_its_line() {
    let bed = Bed::laid();
    bed.replace("repo/.roadbed/config.yaml", "cloud: none", "cloud: aws");
    assert_eq!(bed.findings("repo", &[]), ["warn drift/outdated .roadbed/config.yaml:5"]);
    bed.run("repo", &["check"]).ok();
    bed.run("repo", &["check", "--fail-on", "warn"]).code(1);
    bed.run("repo", &["check", "--fail-on", "never"]).ok();
}

#[test]
fn a_newer_version_informs() {
    let bed = Bed::laid();
    bed.run("acme", &["path", "release", "1.0.0"]).ok();
    bed.replace("acme/golden-path.yaml", "version: 1.0.0", "version: 1.1.0");
    assert_eq!(bed.findings("repo", &[]), NOTHING);
    let mut findings = bed.findings("repo", &["--pedantic"]);
    findings.retain(|row| row.contains(" drift/"));
    assert_eq!(findings.len(), 1);
    assert!(findings[0].starts_with("info drift/outdated .roadbed/lock.yaml:"), "{findings:?}");
}

#[test]
fn a_commit_is_checked_without_a_checkout_in_bare_repositories_too() {
    let bed = Bed::laid();
    bed.replace("repo/.github/workflows/security.yml", "make scan", "true");
    bed.commit("repo");
    bed.git(".", &["clone", "-q", "--bare", "repo", "bare.git"]);
    let drift = ["block drift/edited .github/workflows/security.yml:12"];
    assert_eq!(bed.findings("repo", &["--rev", "HEAD~1"]), NOTHING);
    assert_eq!(bed.findings("repo", &["--rev", "main"]), drift);
    assert_eq!(bed.findings("bare.git", &["--golden-path", "../acme", "--rev", "main~1"]), NOTHING);
    assert_eq!(bed.findings("bare.git", &["--golden-path", "../acme"]), drift);
    bed.run("repo", &["check", "--rev", "nonsense"]).code(2).says("nonsense");
}

#[test]
fn all_laid_directories_answer_one_line_each() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.git(".", &["init", "-q", "mono"]);
    for name in ["one", "two"] {
        bed.run("mono", &["new", "service", name, "--defaults", "--golden-path", "../acme"]).ok();
    }
    bed.replace("mono/two/Makefile", "true", "false");
    bed.remove("mono/two/.github/CODEOWNERS");
    let ran = bed.run("mono", &["check", "--all", "--format", "json"]).code(1);
    let rows: Vec<serde_json::Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["findings"].as_array().unwrap().len(), 0);
    assert_eq!(rows[1]["findings"][0]["path"], "two/.github/CODEOWNERS");
    assert_eq!(bed.findings("mono/two/bin", &[]), ["block drift/missing two/.github/CODEOWNERS"]);
    assert_eq!(rows[1]["findings"][0]["next"], "roadbed -C two fix .github/CODEOWNERS");
    bed.run("mono/two/bin", &["check"]).code(1).prints("roadbed -C .. fix .github/CODEOWNERS");
}

#[test]
fn every_key_of_the_document_is_present() {
    let bed = Bed::laid();
    bed.remove("repo/Makefile");
    let document = bed.run("repo", &["check", "--format", "json", "--as-of", "2026-11-21"]).ok().json();
    assert_eq!(document["schema"], "roadbed/findings/v1");
    assert_eq!(document["as_of"], "2026-11-21");
    assert_eq!(document["commit"], serde_json::Value::Null);
    assert_eq!(document["golden_path"]["version"], "1.0.0");
    assert_eq!(document["summary"], serde_json::json!({"block": 0, "warn": 1, "info": 0, "excepted": 0, "pending": 0}));
    let finding = document["findings"][0].as_object().unwrap();
    let keys = [
        "rule",
        "status",
        "level",
        "severity",
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "message",
        "owner",
        "controls",
        "asset",
        "fix",
        "fingerprint",
        "introduced",
    ];
    for key in keys {
        assert!(finding.contains_key(key), "{key}");
    }
    assert_eq!(finding["line"], serde_json::Value::Null);
    assert_eq!(finding["owner"], "@acme/repo");
    assert_eq!(finding["fix"]["safety"], "safe");
}

#[test]
fn mistakes_in_our_own_files_are_shown_at_their_place() {
    let bed = Bed::laid();
    bed.replace("repo/.roadbed/config.yaml", "answers:", "anwsers:");
    let ran = bed.run("repo", &["check"]).code(2).says("did you mean `answers`?");
    assert!(ran.stderr.contains(".roadbed/config.yaml:4:1"), "{}", ran.stderr);
    let error = &bed.run("repo", &["check", "--format", "json"]).code(2).json()["errors"][0];
    assert_eq!((error["line"].as_u64(), error["column"].as_u64()), (Some(4), Some(1)));
}

#[test]
fn a_tier_out_of_range_is_refused_at_its_line_and_a_broken_lock_says_how_to_get_a_new_one() {
    let bed = Bed::laid();
    bed.replace("repo/.roadbed/policy.yaml", "tier: 3", "tier: 9");
    let error = &bed.run("repo", &["check", "--format", "json"]).code(2).json()["errors"][0];
    assert_eq!((error["path"].as_str(), error["line"].as_u64()), (Some(".roadbed/policy.yaml"), Some(6)));
    bed.replace("repo/.roadbed/policy.yaml", "tier: 9", "tier: 3");
    let lock = bed.read("repo/.roadbed/lock.yaml");
    bed.write("repo/.roadbed/lock.yaml", "x: [");
    bed.run("repo", &["check"]).code(2).says("delete the lock, and `roadbed fix` writes it again");
    bed.remove("repo/.roadbed/lock.yaml");
    bed.run("repo", &["fix"]).ok();
    assert_eq!(bed.read("repo/.roadbed/lock.yaml"), lock);
}

#[test]
fn a_profile_of_the_path_sets_levels_and_the_policy_may_only_be_stricter() {
    let bed = Bed::laid();
    bed.remove("repo/Makefile");
    bed.replace("repo/.roadbed/policy.yaml", "profile: growth", "profile: strict");
    assert_eq!(bed.findings("repo", &[]), ["block drift/missing Makefile"]);
    bed.replace("repo/.roadbed/policy.yaml", "tier: 3", "tier: 3\nlevels: {drift/missing: info}");
    assert_eq!(bed.findings("repo", &[]), ["block drift/missing Makefile"]);
    bed.replace("repo/.roadbed/policy.yaml", "profile: strict", "profile: stirct");
    bed.run("repo", &["check"]).code(2).says("strict");
}

#[test]
fn a_level_that_changes_nothing_is_said_at_its_line() {
    let bed = Bed::laid();
    let with = |levels: &str| {
        bed.replace("repo/.roadbed/policy.yaml", "tier: 3", &format!("tier: 3\nlevels:\n{levels}"));
        let ran = bed.run("repo", &["check"]).ok();
        bed.replace("repo/.roadbed/policy.yaml", &format!("tier: 3\nlevels:\n{levels}"), "tier: 3");
        ran
    };
    with("  github/unpined-action: block\n").says("did you mean `github/unpinned-action`?").says("policy.yaml:8:26");
    with("  other/*: block\n").says("names `other/*`, and there is no such rule");
    bed.replace("repo/.roadbed/policy.yaml", "profile: growth", "profile: strict");
    with("  drift/missing: info\n").says("a policy can only be stricter");
    let stricter = with("  github/no-timeout: block\n  \"docker/*\": warn\n");
    assert!(!stricter.stderr.contains("levels"), "{}", stricter.stderr);
}

#[test]
fn a_version_that_is_typed_is_what_the_repo_is_measured_against() {
    let bed = Bed::new();
    bed.run(".", &["new", "python-service", "repo", "--defaults", "--golden-path", "builtin@1.0.0"]).ok();
    bed.run("repo", &["check", "--rule", "drift/*"]).ok();
    bed.run("repo", &["check", "--rule", "drift/*", "--golden-path", "builtin@1.0.0"]).ok();
    bed.run("repo", &["check", "--rule", "drift/*", "--golden-path", "builtin@1.1.0"]).code(1);
    bed.run("repo", &["check", "--golden-path", "builtin@9.9.9"]).code(2).says("has no version 9.9.9");
    let lock = bed.read("repo/.roadbed/lock.yaml");
    bed.run("repo", &["fix", "--golden-path", "builtin@1.1.0"]);
    assert_eq!(bed.read("repo/.roadbed/lock.yaml"), lock, "only an upgrade moves on");
}

#[test]
fn outside_any_laid_path_there_is_nothing_to_hold_to() {
    let bed = Bed::new();
    bed.git(".", &["init", "-q", "plain"]);
    bed.run("plain", &["check"]).ok().says("no golden path is laid here");
    assert_eq!(bed.run("plain", &["check", "--format", "json"]).ok().json()["findings"], serde_json::json!([]));
}

#[test]
fn a_forged_digest_or_template_weakens_nothing() {
    let bed = Bed::laid();
    bed.write("repo/.github/workflows/security.yml", "on: []\n");
    let lock = bed.read("repo/.roadbed/lock.yaml");
    let at = lock.find("sha256:").unwrap();
    bed.write("repo/.roadbed/lock.yaml", lock.replacen(&lock[at..at + 20], "sha256:0000000000000", 1));
    bed.run("repo", &["check"]).code(1);
    bed.write(
        "repo/.roadbed/lock.yaml",
        lock.replace("template: service, assets: [base]", "template: bare, assets: [image]"),
    );
    bed.run("repo", &["check"]).code(1);
}

#[test]
fn a_policy_that_moved_on_warns() {
    let bed = Bed::laid();
    bed.run("acme", &["path", "release", "1.0.0"]).ok();
    bed.run("acme", &["path", "release", "2.0.0"]).ok();
    bed.replace("repo/.roadbed/policy.yaml", "^1", "^2");
    assert_eq!(bed.findings("repo", &[]), ["warn drift/outdated .roadbed/lock.yaml:5"]);
}

#[test]
fn a_commit_from_before_the_path_was_laid_has_nothing_to_hold_to() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.git(".", &["init", "-q", "-b", "main", "repo"]);
    bed.write("repo/x", "x");
    bed.commit("repo");
    bed.run(".", &["new", "service", "laid", "--defaults", "--golden-path", "acme", "--no-git"]).ok();
    for (name, content, _) in bed.files("laid") {
        bed.write(&format!("repo/{name}"), content);
    }
    bed.commit("repo");
    bed.run("repo", &["check", "--rev", "HEAD~1"]).ok().says("no golden path is laid here");
}

#[test]
fn every_field_of_a_base_is_found_out() {
    let bed = Bed::laid();
    let lock = bed.read("repo/.roadbed/lock.yaml");
    let forgeries = [
        ("engine: 1", "engine: 9"),
        ("commit: null", "commit: abc"),
        ("source: \"../acme\"", "source: builtin"),
        ("name: repo", "name: \"No Name\""),
    ];
    for (from, to) in forgeries {
        bed.write("repo/.roadbed/lock.yaml", lock.replacen(from, to, 1));
        let findings = bed.findings("repo", &["--rule", "drift/lock-forged"]);
        assert_eq!(findings.len(), 1, "{to}: {findings:?}");
        bed.run("repo", &["fix"]).ok();
        assert_eq!(bed.read("repo/.roadbed/lock.yaml"), lock, "{to}");
    }
}

#[test]
fn all_works_on_commits_and_in_bare_repositories() {
    let bed = Bed::new();
    bed.git(".", &["init", "-q", "-b", "main", "mono"]);
    for name in ["svc/one", "svc/two"] {
        bed.run("mono", &["new", "python-service", name, "--defaults"]).ok();
    }
    bed.commit("mono");
    bed.remove("mono/svc/two/.github/workflows/security.yml");
    bed.commit("mono");
    bed.git(".", &["clone", "-q", "--bare", "mono", "mono.git"]);
    for (dir, rev, code) in
        [("mono.git", "main", 1), ("mono.git", "main~1", 0), ("mono", "HEAD~1", 0), ("mono", "HEAD", 1)]
    {
        let ran = bed.run(dir, &["check", "--all", "--rev", rev, "--format", "json"]).code(code);
        assert_eq!(ran.stdout.lines().count(), 2, "{dir} {rev}");
    }
}

#[test]
fn a_filter_that_names_no_rule_is_refused() {
    let bed = Bed::laid();
    bed.run("repo", &["check", "--rule", "drift/edted"]).code(2).says("did you mean `drift/edited`?");
}
