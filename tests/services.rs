//! Every snapshot with code of ours builds and passes its own tests, with the language's own tool.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{Bed, Ran};

/// A tool, how it says that it is there, and the variables of this machine that it needs.
struct Toolchain {
    program: &'static str,
    version: &'static str,
    keeps: &'static [&'static str],
}

const GO: Toolchain = Toolchain { program: "go", version: "version", keeps: &[] };
const JAVA: Toolchain = Toolchain { program: "javac", version: "--version", keeps: &["JAVA_HOME"] };
const NODE: Toolchain = Toolchain { program: "npm", version: "--version", keeps: &["NPM_CONFIG_USERCONFIG"] };
const RUST: Toolchain =
    Toolchain { program: "cargo", version: "--version", keeps: &["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] };
const PYTHON: Toolchain = Toolchain { program: "python3", version: "--version", keeps: &[] };

fn snapshots(template: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(template);
    let mut found: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    assert!(!found.is_empty(), "{} holds no snapshot", root.display());
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Runs `make build test` in a copy of every snapshot of `template`.
fn builds_and_passes(template: &str, toolchain: &Toolchain) {
    those_build_and_pass(template, &snapshots(template), toolchain);
}

/// The same for one language of the template `library`, whose snapshots are named after it.
fn library_builds_and_passes(language: &str, toolchain: &Toolchain) {
    let mut these = snapshots("library");
    these.retain(|snapshot| snapshot.ends_with(language));
    assert_eq!(these.len(), 1, "snapshots of {language}");
    those_build_and_pass("library", &these, toolchain);
}

fn those_build_and_pass(template: &str, snapshots: &[PathBuf], toolchain: &Toolchain) {
    if !Command::new(toolchain.program).arg(toolchain.version).output().is_ok_and(|output| output.status.success()) {
        // Past the test harness, which would swallow it.
        let _ = writeln!(std::io::stderr(), "SKIPPED: {template}: this machine has no `{}`", toolchain.program);
        return;
    }
    let bed = Bed::new();
    for snapshot in snapshots {
        // Not the bare name: `go` in a home is where Go keeps its own.
        let dir = format!("laid-{}", snapshot.file_name().unwrap().to_string_lossy());
        copy(snapshot, &bed.path(&dir));
        let mut make = bed.command("make", &dir);
        for keep in toolchain.keeps {
            if let Some(value) = std::env::var_os(keep) {
                make.env(keep, value);
            }
        }
        // Go looks for another toolchain elsewhere if it is older than go.mod says; there is none here.
        make.env("GOTOOLCHAIN", "local").args(["--no-print-directory", "build", "test"]);
        let ran = Ran::of(&make.output().unwrap());
        assert_eq!(ran.code, 0, "{}\n{}{}", snapshot.display(), ran.stdout, ran.stderr);
    }
}

#[test]
fn go_services_build_and_pass_their_tests() {
    builds_and_passes("go-service", &GO);
}

#[test]
fn java_services_build_and_pass_their_tests() {
    builds_and_passes("java-service", &JAVA);
}

#[test]
fn node_services_build_and_pass_their_tests() {
    builds_and_passes("node-service", &NODE);
}

#[test]
fn python_services_build_and_pass_their_tests() {
    builds_and_passes("python-service", &PYTHON);
}

#[test]
fn rust_services_build_and_pass_their_tests() {
    builds_and_passes("rust-service", &RUST);
}

#[test]
fn libraries_build_and_pass_their_tests() {
    for (language, toolchain) in [("go", &GO), ("node", &NODE), ("python", &PYTHON), ("rust", &RUST), ("java", &JAVA)] {
        library_builds_and_passes(language, toolchain);
    }
}
