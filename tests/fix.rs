//! `roadbed diff` and `roadbed fix`: the patch is the fix, and the fix is complete.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::fmt::Write as _;

use support::Bed;

/// Drift of every kind that `fix` mends, committed.
fn drifted() -> Bed {
    let bed = Bed::laid();
    bed.replace("repo/.github/workflows/security.yml", "make scan", "true");
    bed.replace("repo/.github/workflows/ci.yml", "        with:\n          persist-credentials: false\n", "");
    bed.replace(
        "repo/.github/workflows/ci.yml",
        "jobs:\n",
        "jobs:\n  # ours\n  lint: {runs-on: ubuntu-24.04, steps: []}\n",
    );
    bed.replace("repo/.github/CODEOWNERS", "@acme/security", "@mallory");
    bed.replace("repo/settings.toml", "requests = 100", "requests = 1 # ours");
    bed.replace("repo/package.json", "\"private\": true", "\"private\": false");
    bed.write("repo/logo.png", b"\x89PNG\r\n\x1a\n\x00\x00other");
    bed.remove("repo/Makefile");
    executable(&bed, "repo/bin/start", false);
    bed.commit("repo");
    bed
}

#[cfg(unix)]
fn executable(bed: &Bed, path: &str, on: bool) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if on { 0o755 } else { 0o644 };
    std::fs::set_permissions(bed.path(path), std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn executable(_bed: &Bed, _path: &str, _on: bool) {}

#[test]
fn the_patch_yields_exactly_what_fix_yields_also_from_a_subdirectory() {
    let (one, two, three) = (drifted(), drifted(), drifted());
    let patch = one.run("repo", &["diff"]).ok().stdout;
    assert_eq!(two.run("repo/bin", &["diff"]).ok().stdout, patch);
    one.write("drift.patch", &patch);
    one.git("repo", &["apply", "--check", "../drift.patch"]);
    one.git("repo", &["apply", "../drift.patch"]);
    two.run("repo", &["fix"]).ok();
    three.run("repo/docs", &["fix"]).ok();
    assert_eq!(one.files("repo"), two.files("repo"));
    assert_eq!(two.files("repo"), three.files("repo"));
}

#[test]
fn after_fix_check_is_clean_and_a_second_fix_changes_nothing() {
    let bed = drifted();
    bed.run("repo", &["fix"]).ok();
    assert_eq!(bed.findings("repo", &[]), Vec::<String>::new());
    let files = bed.files("repo");
    bed.run("repo", &["fix"]).ok().says("nothing to be mended");
    assert_eq!(bed.files("repo"), files);
    assert_eq!(bed.run("repo", &["diff"]).ok().stdout, "");
}

#[test]
fn one_fix_is_enough_however_many_places_of_a_step_it_mends() {
    let bed = Bed::new();
    let mut flags = String::new();
    for n in 0..20 {
        let _ = write!(flags, " --n{n} \"${{{{ steps.form.outputs.n{n} }}}}\"");
    }
    let text = format!(
        "on: push\njobs:\n  apply:\n    runs-on: ubuntu-24.04\n    steps:\n      - id: form\n        run: ./form\n      - run: |\n          ./apply{flags}\n"
    );
    bed.write("repo/.github/workflows/ci.yml", &text);
    bed.run("repo", &["fix", "--unsafe-fixes"]);
    let mended = bed.read("repo/.github/workflows/ci.yml");
    assert!(!mended.contains("\"${{ steps"), "{mended}");
    bed.run("repo", &["fix", "--unsafe-fixes"]);
    assert_eq!(bed.read("repo/.github/workflows/ci.yml"), mended);
}

#[test]
fn a_fix_keeps_what_the_team_wrote_around_it() {
    let bed = drifted();
    bed.run("repo", &["fix"]).ok();
    let ci = bed.read("repo/.github/workflows/ci.yml");
    assert!(ci.contains("  # ours\n  lint: {runs-on: ubuntu-24.04, steps: []}\n"), "{ci}");
    assert!(ci.contains("          persist-credentials: false\n"), "{ci}");
    assert!(bed.read("repo/settings.toml").contains("requests = 100 # ours"));
}

#[test]
fn a_dry_run_lists_and_writes_nothing() {
    let bed = drifted();
    let files = bed.files("repo");
    bed.run("repo", &["fix", "--dry-run"])
        .ok()
        .prints("create  Makefile")
        .prints("update  logo.png")
        .prints("bin/start  (100644 -> 100755)");
    assert_eq!(bed.files("repo"), files);
    let plan = bed.run("repo", &["diff", "--format", "json"]).ok().json();
    assert_eq!((&plan["schema"], &plan["applied"]), (&"roadbed/plan/v1".into(), &false.into()));
    let actions: Vec<_> = plan["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["path"].as_str().unwrap(), c["action"].as_str().unwrap()))
        .collect();
    assert!(actions.contains(&("bin/start", "mode")) && actions.contains(&("Makefile", "create")), "{actions:?}");
}

#[test]
fn paths_and_rules_narrow_a_fix() {
    let bed = drifted();
    bed.run("repo/bin", &["fix", "."]).ok();
    bed.run("repo", &["fix", "--rule", "drift/missing", "Makefile"]).ok();
    bed.run("repo", &["fix", "--rule", "drift/missing", "logo.png"]).ok();
    let status = bed.git("repo", &["status", "--porcelain"]);
    assert!(status.contains("bin/start") && status.contains("Makefile") && !status.contains("logo.png"), "{status}");
    bed.run("repo", &["fix", "../acme"]).code(2).says("../acme");
}

#[test]
fn a_name_that_stands_for_nothing_is_refused() {
    let bed = drifted();
    let before = bed.files("repo");
    for command in ["fix", "diff", "upgrade"] {
        bed.run("repo", &[command, "bin/strat"]).code(2).says("`bin/strat` is neither in this").says("`bin/start`");
        bed.run("repo", &[command, "docs", "nowhere/at/all"]).code(2).says("`nowhere/at/all`");
    }
    assert_eq!(bed.files("repo"), before);
    bed.run("repo", &["upgrade", "Makefile"]).ok();
    bed.run("repo", &["diff", "Makefile"]).ok().prints("Makefile");
    bed.run("repo", &["fix", "Makefile"]).ok();
    assert!(bed.exists("repo/Makefile"), "a file that is gone is known to the golden path");
}

#[test]
fn changes_that_are_not_committed_are_left_alone() {
    let bed = drifted();
    bed.write("repo/.github/workflows/security.yml", "on: precious\n");
    let ran = bed.run("repo", &["fix", "--format", "json"]).code(3);
    let conflicts = &ran.json()["conflicts"];
    assert_eq!(conflicts[0]["kind"], "dirty");
    assert_eq!(conflicts.as_array().unwrap().len(), 1);
    assert_eq!(bed.read("repo/.github/workflows/security.yml"), "on: precious\n");
    assert!(bed.exists("repo/Makefile"), "all others are written");
    bed.run("repo", &["diff"]).code(3).says("not committed");
    bed.run("repo", &["fix", "--allow-dirty"]).ok();
    assert!(bed.read("repo/.github/workflows/security.yml").contains("make scan"));
}

#[test]
fn what_git_does_not_track_is_never_written_over() {
    let bed = Bed::laid();
    bed.git("repo", &["rm", "-q", "--cached", "logo.png"]);
    bed.git("repo", &["commit", "-qm", "x"]);
    bed.write("repo/logo.png", "precious");
    assert_eq!(bed.run("repo", &["fix", "--format", "json"]).code(3).json()["conflicts"][0]["kind"], "untracked");
    assert_eq!(bed.read("repo/logo.png"), "precious");
}

#[test]
fn without_git_every_file_counts_as_clean() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.run(".", &["new", "service", "repo", "--defaults", "--golden-path", "acme", "--no-git"]).ok();
    bed.write("repo/logo.png", "x");
    bed.run("repo", &["fix"]).ok();
    bed.run("repo", &["check"]).ok();
}

#[test]
fn odd_line_ends_and_names_survive() {
    let bed = Bed::laid();
    let file = "repo/.github/workflows/security.yml";
    let text = bed.read(file).replace('\n', "\r\n").replace("make scan", "true");
    bed.write(file, format!("\u{feff}{text}"));
    bed.commit("repo");
    bed.run("repo", &["fix"]).ok();
    let fixed = bed.read(file);
    assert!(
        fixed.starts_with('\u{feff}') && fixed.contains("make scan\r\n") && !fixed.replace("\r\n", "").contains('\n')
    );
}

#[test]
fn the_index_tells_the_mode_where_the_file_system_cannot() {
    let bed = Bed::laid();
    bed.git("repo", &["config", "core.fileMode", "false"]);
    executable(&bed, "repo/bin/start", false);
    assert_eq!(bed.findings("repo", &[]), Vec::<String>::new());

    bed.git("repo", &["update-index", "--chmod=-x", "bin/start"]);
    bed.git("repo", &["commit", "-qm", "x"]);
    let next = "git add --chmod=+x bin/start";
    bed.run("repo", &["check"]).prints("drift/mode").prints(next);
    bed.run("repo", &["fix"]).code(1).says("nothing to be mended");
    assert_eq!(bed.run("repo", &["diff"]).ok().stdout, "", "no patch can mend it");
    let words: Vec<&str> = next.split(' ').skip(1).collect();
    bed.git("repo", &words);
    assert_eq!(bed.findings("repo", &[]), Vec::<String>::new());
}

#[test]
fn a_lock_is_not_rewritten_for_nothing() {
    let bed = Bed::laid();
    let lock = bed.read("repo/.roadbed/lock.yaml");
    bed.run("repo", &["fix"]).ok();
    bed.replace("repo/Makefile", "true", "ours");
    bed.commit("repo");
    bed.run("repo", &["fix"]).ok();
    assert_eq!(bed.read("repo/.roadbed/lock.yaml"), lock);
}

#[test]
fn a_rule_narrows_a_fix_within_one_file() {
    let bed = Bed::laid();
    bed.write("repo/bin/start", "#!/bin/sh\nours\n");
    executable(&bed, "repo/bin/start", false);
    bed.commit("repo");
    bed.run("repo", &["fix", "--rule", "drift/mode"]).ok();
    assert_eq!(bed.read("repo/bin/start"), "#!/bin/sh\nours\n");
    assert_eq!(bed.findings("repo", &[]), ["block drift/edited bin/start:2"]);
}

#[test]
fn what_roadbed_never_wrote_is_not_taken_for_its_own() {
    let bed = Bed::laid();
    bed.write("repo/Dockerfile", "FROM precious\n");
    bed.run("repo", &["add", "image"]).code(3);
    bed.run("repo", &["fix"]);
    assert_eq!(bed.read("repo/Dockerfile"), "FROM precious\n");
    let bed = Bed::laid();
    bed.write("repo/logo.png", "precious");
    bed.remove("repo/.roadbed/lock.yaml");
    bed.run("repo", &["fix"]).code(3);
    bed.run("repo", &["fix"]).code(3);
    assert_eq!(bed.read("repo/logo.png"), "precious");
}

#[test]
fn another_golden_path_leaves_the_lock_alone() {
    let bed = Bed::laid();
    bed.copy_golden_path("acme");
    bed.git(".", &["init", "-q", "x"]);
    std::fs::rename(bed.path("acme"), bed.path("other")).unwrap();
    bed.copy_golden_path("acme");
    bed.replace("other/assets/base/files/.github/workflows/security.yml", "make scan", "make audit");
    let lock = bed.read("repo/.roadbed/lock.yaml");
    bed.run("repo", &["fix", "--golden-path", "../other"]).ok();
    assert!(bed.read("repo/.github/workflows/security.yml").contains("make audit"));
    assert_eq!(bed.read("repo/.roadbed/lock.yaml"), lock);
}

#[test]
fn a_version_that_is_gone_is_never_mended_with_another() {
    let bed = Bed::laid();
    bed.replace("acme/golden-path.yaml", "version: 1.0.0", "version: 1.1.0");
    bed.replace("acme/assets/base/files/Makefile", "scan:", "audit:");
    bed.remove("repo/logo.png");
    let files = bed.files("repo");
    bed.run("repo", &["fix"]).code(1);
    assert_eq!(bed.files("repo"), files);
}

#[cfg(unix)]
#[test]
fn an_answer_to_a_file_follows_no_link() {
    let bed = Bed::laid();
    bed.write("outside", "precious");
    std::os::unix::fs::symlink("../outside", bed.path("repo/report.json")).unwrap();
    bed.run("repo", &["check", "--format", "json", "--output", "report.json"]).ok();
    assert_eq!(bed.read("outside"), "precious");
    assert!(bed.read("repo/report.json").contains("roadbed/findings/v1"));
    bed.run("repo", &["check", "--output", "/dev/null"]).ok();
    assert!(!bed.path("/dev/null").is_file());
}

#[test]
fn a_last_newline_that_went_missing_comes_back() {
    let bed = Bed::laid();
    let file = "repo/.github/workflows/security.yml";
    let text = bed.read(file);
    bed.write(file, text.trim_end());
    bed.commit("repo");
    assert_eq!(bed.findings("repo", &[]).len(), 1);
    bed.run("repo", &["fix"]).ok();
    assert_eq!(bed.read(file), text);
    bed.run("repo", &["check"]).ok();
}

#[test]
fn not_even_allow_dirty_covers_what_git_does_not_track() {
    let bed = Bed::laid();
    bed.git("repo", &["rm", "-q", "--cached", "logo.png"]);
    bed.git("repo", &["commit", "-qm", "x"]);
    bed.write("repo/logo.png", "precious");
    bed.run("repo", &["fix", "--allow-dirty"]).code(3);
    assert_eq!(bed.read("repo/logo.png"), "precious");
}
