//! Killed at any system call that changes the disk, a repository holds the old files or the new ones after the next command.
//!
//! `strace` kills the real binary at its n-th such call, for every n. The unit tests of `repo::apply` do the same to every step
//! of the protocol with a faulty disk; this one proves that the protocol is what the binary runs.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![cfg(target_os = "linux")]

mod support;

use std::io::Write as _;
use std::process::Command;

use support::Bed;

const CALLS: &str = "rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,fsync,fdatasync,syncfs,symlinkat,fchmod,fchmodat,ftruncate";

fn has_strace() -> bool {
    let works =
        Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success());
    if !works {
        // Not `println!`: the harness would swallow it.
        std::io::stderr().write_all(b"SKIPPED: strace cannot run here; `tests/run` installs it\n").unwrap();
    }
    works
}

/// Runs roadbed and does `fault` to its n-th call; false if it made fewer.
fn faulty(bed: &Bed, dir: &str, args: &[&str], fault: &str, n: usize) -> bool {
    let mut command = bed.command("strace", dir);
    command.args(["-f", "-qq", "-o"]).arg(bed.path("trace")).args(["-e", &format!("trace={CALLS}")]);
    command.args(["-e", &format!("inject={CALLS}:{fault}:when={n}")]);
    command.arg(assert_cmd::cargo::cargo_bin!("roadbed")).args(args).output().unwrap();
    let trace = bed.read("trace");
    trace.contains("SIGKILL") || trace.contains("(INJECTED)")
}

type Files = Vec<(String, Vec<u8>, bool)>;

/// Kills `command` at every call, and looks at what the next writing command makes of it.
fn old_or_new(prepare: fn() -> Bed, command: &[&str], fault: &str) {
    old_or_new_at(prepare, command, fault, 1);
}

/// The same, at every `stride`-th call.
fn old_or_new_at(prepare: fn() -> Bed, command: &[&str], fault: &str, stride: usize) {
    if !has_strace() {
        return;
    }
    let whole = prepare();
    let old = whole.files("repo");
    whole.run("repo", command).ok();
    let new = whole.files("repo");
    assert_ne!(old, new);
    let mut seen = (false, false);
    for n in (1..).step_by(stride) {
        let bed = prepare();
        let hit = faulty(&bed, "repo", command, fault, n);
        // Reading looks through the journal: it sees the old state or the new one, and writes nothing.
        let left = bed.files("repo");
        bed.run("repo", &["status"]);
        assert_eq!(bed.files("repo"), left, "reading wrote something after call {n}");
        bed.run("repo", &["add", "--dry-run", "nothing"]).code(2);
        let ran = bed.run("repo", &["fix", "docs"]);
        assert!(ran.code == 0 || ran.code == 1 || ran.stderr.contains("no golden path"), "after call {n}: {ran:?}");
        let files: Files = bed.files("repo");
        assert!(files == old || files == new, "neither old nor new after call {n}: {}", names(&files, &old, &new));
        seen = (seen.0 || files == old, seen.1 || files == new);
        if !hit {
            assert!(n > 5, "the command made only {n} calls");
            break;
        }
    }
    assert_eq!(seen, (true, true), "a kill early leaves the old files, one late the new");
}

fn names(files: &Files, old: &Files, new: &Files) -> String {
    let odd = files.iter().filter(|file| !old.contains(file) || !new.contains(file));
    odd.map(|file| {
        format!(
            "{} is {}",
            file.0,
            if new.contains(file) {
                "new"
            } else if old.contains(file) {
                "old"
            } else {
                "neither"
            }
        )
    })
    .collect::<Vec<_>>()
    .join(", ")
}

fn drifted() -> Bed {
    let bed = Bed::laid();
    bed.write("repo/logo.png", "x");
    bed.replace("repo/settings.toml", "100", "1");
    bed.remove("repo/.github/CODEOWNERS");
    bed.remove("repo/Makefile");
    bed.commit("repo");
    bed
}

/// So many files are missing that they are synced together.
fn many_missing() -> Bed {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    let names: Vec<String> = (0..40).map(|n| format!("many/{n}.txt")).collect();
    for name in &names {
        bed.write(&format!("acme/assets/base/files/{name}"), name);
    }
    bed.run(".", &["new", "service", "repo", "--defaults", "--golden-path", "acme"]).ok();
    for name in &names {
        bed.remove(&format!("repo/{name}"));
    }
    bed.commit("repo");
    bed
}

fn with_image() -> Bed {
    let bed = Bed::laid();
    bed.run("repo", &["add", "image"]).ok();
    bed
}

#[test]
fn fix_is_all_or_nothing() {
    old_or_new(drifted, &["fix"], "signal=KILL");
}

#[test]
fn fix_is_all_or_nothing_on_a_full_disk() {
    old_or_new(drifted, &["fix"], "error=ENOSPC");
}

#[test]
fn many_files_are_all_or_nothing() {
    old_or_new_at(many_missing, &["fix"], "signal=KILL", 4);
}

#[test]
fn many_files_are_all_or_nothing_on_a_full_disk() {
    old_or_new_at(many_missing, &["fix"], "error=ENOSPC", 7);
}

#[test]
fn add_is_all_or_nothing() {
    old_or_new(Bed::laid, &["add", "image"], "signal=KILL");
}

#[test]
fn remove_is_all_or_nothing() {
    old_or_new(with_image, &["remove", "image"], "signal=KILL");
}

#[test]
fn eject_is_all_or_nothing() {
    old_or_new(Bed::laid, &["eject"], "signal=KILL");
}

#[test]
fn new_appears_whole_or_not_at_all() {
    if !has_strace() {
        return;
    }
    let args = ["new", "service", "repo", "--defaults", "--golden-path", "acme"];
    for n in 1.. {
        let bed = Bed::new();
        bed.copy_golden_path("acme");
        let hit = faulty(&bed, ".", &args, "signal=KILL", n);
        if bed.exists("repo") {
            bed.run("repo", &["check"]).ok();
            assert_eq!(bed.git("repo", &["status", "--porcelain"]), "", "after call {n}");
        } else {
            bed.run(".", &args).ok();
        }
        let beside: Vec<_> = std::fs::read_dir(bed.path(".")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert!(
            beside.iter().all(|name| ["acme", "repo", "trace", ".repo.roadbed-new.lock"].iter().any(|n| name == n)),
            "after call {n}: {beside:?}"
        );
        if !hit {
            break;
        }
    }
}

#[test]
fn a_second_writer_waits_and_then_gives_up() {
    let bed = drifted();
    let lock = bed.path("repo/.git/roadbed.lock");
    let file = std::fs::File::options().create(true).truncate(false).write(true).open(&lock).unwrap();
    file.lock().unwrap();
    bed.run("repo", &["fix"]).code(4).says("another roadbed");
    drop(file);
    bed.run("repo", &["fix"]).ok();
}
