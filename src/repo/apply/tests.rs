//! Every step of an apply fails, and every step is the last one that a killed process makes.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use tempfile::TempDir;

use super::fault::{Fault, FaultyDisk};
use super::{RealDisk, Recovered, apply, recover};
use crate::error::Kind;
use crate::model::file::{File, FileMode};
use crate::model::finding::Safety;
use crate::model::path::RepoPath;
use crate::model::plan::Edit;
use crate::model::tree::{Node, Tree};
use crate::repo::discover::{Place, discover};
use crate::repo::os;
use crate::repo::worktree::WorkTree;

const LOCK: &str = ".roadbed/lock.yaml";

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn text(content: &str) -> File {
    File::regular(content)
}

fn program(content: &str) -> File {
    File { mode: FileMode::Executable, bytes: content.into() }
}

fn link(target: &str) -> File {
    File { mode: FileMode::Symlink, bytes: target.into() }
}

fn edit(at: &str, before: Option<File>, after: Option<File>) -> Edit {
    Edit { path: path(at), from: None, before, after, asset: None, rule: None, safety: Safety::Safe }
}

fn rename(from: &str, to: &str, before: File, after: File) -> Edit {
    Edit { from: Some(path(from)), ..edit(to, Some(before), Some(after)) }
}

/// What a repository holds: files with their content, and directories that are empty.
type Snapshot = BTreeMap<String, String>;

fn snapshot(dir: &Path) -> Snapshot {
    fn visit(dir: &Path, prefix: &str, all: &mut Snapshot) {
        for entry in fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match os::look(&entry.path()).unwrap() {
                os::Entry::Directory if name == ".git" => {
                    let own = fs::read_dir(entry.path()).unwrap().flatten().map(|e| e.file_name());
                    let own = own.filter(|name| name.to_string_lossy().starts_with("roadbed"));
                    all.extend(own.map(|own| (format!(".git/{}", own.to_string_lossy()), String::new())));
                }
                os::Entry::Directory => {
                    all.insert(format!("{name}/"), String::new());
                    visit(&entry.path(), &format!("{name}/"), all);
                }
                os::Entry::Symlink => {
                    let target = os::read_link(&entry.path()).unwrap();
                    all.insert(name, format!("-> {}", String::from_utf8_lossy(&target)));
                }
                os::Entry::File { executable, .. } => {
                    let content = fs::read_to_string(entry.path()).unwrap();
                    all.insert(name, format!("{}{content}", if executable { "x " } else { "" }));
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
    let mut all = Snapshot::new();
    visit(dir, "", &mut all);
    all
}

/// What a reader sees.
fn reading(place: &Place) -> Snapshot {
    let tree = WorkTree::open(place).unwrap();
    let mut all = Snapshot::new();
    for path in tree.files().unwrap() {
        let file = tree.node(&path).into_file().unwrap_or_else(|| panic!("{path}: {:?}", tree.node(&path)));
        all.insert(path.to_string(), format!("{} {}", file.mode.octal(), String::from_utf8_lossy(&file.bytes)));
    }
    all
}

/// An edit set with the files that it is made for.
struct Case {
    name: &'static str,
    git: bool,
    files: Vec<(&'static str, File)>,
    edits: Vec<Edit>,
}

impl Case {
    fn lay(&self) -> (TempDir, Place) {
        let dir = tempfile::tempdir().unwrap();
        if self.git {
            for inner in [".git/objects", ".git/refs"] {
                fs::create_dir_all(dir.path().join(inner)).unwrap();
            }
            fs::write(dir.path().join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        }
        for (at, file) in &self.files {
            let native = dir.path().join(at);
            fs::create_dir_all(native.parent().unwrap()).unwrap();
            match file.mode {
                FileMode::Symlink => os::symlink(&file.bytes, &native).unwrap(),
                mode => os::write_new(&native, &file.bytes, mode == FileMode::Executable, None).unwrap(),
            }
        }
        let place = discover(dir.path()).unwrap();
        (dir, place)
    }
}

fn cases() -> Vec<Case> {
    let roadbed = || vec![(LOCK, text("old lock")), (".roadbed/config.yaml", text("config"))];
    let with = |more: Vec<(&'static str, File)>| [roadbed(), more].concat();
    let lock = || edit(LOCK, Some(text("old lock")), Some(text("new lock")));
    vec![
        Case {
            name: "create in new directories, beside an update, with the lock",
            git: true,
            files: with(vec![("README.md", text("old")), ("keep/me", text("kept"))]),
            edits: vec![
                lock(),
                edit("README.md", Some(text("old")), Some(text("new"))),
                edit(".github/workflows/ci.yml", None, Some(text("on: push"))),
                edit(".github/workflows/deep/er/x.yml", None, Some(program("x"))),
            ],
        },
        Case {
            name: "the first lay, without git",
            git: false,
            files: vec![("main.go", text("package main"))],
            edits: vec![
                edit(LOCK, None, Some(text("new lock"))),
                edit(".roadbed/config.yaml", None, Some(text("config"))),
                edit("Dockerfile", None, Some(text("FROM scratch"))),
                edit("ci/run", None, Some(program("run"))),
            ],
        },
        Case {
            name: "the last eject, without git",
            git: false,
            files: with(vec![("ci/run", program("run"))]),
            edits: vec![
                edit(LOCK, Some(text("old lock")), None),
                edit(".roadbed/config.yaml", Some(text("config")), None),
            ],
        },
        Case {
            name: "deletes that empty directories",
            git: true,
            files: with(vec![("a/b/c", text("1")), ("a/b/d", text("2")), ("e/f", text("3")), ("e/g", text("4"))]),
            edits: vec![
                edit("a/b/c", Some(text("1")), None),
                edit("a/b/d", Some(text("2")), None),
                edit("e/f", Some(text("3")), None),
                lock(),
            ],
        },
        Case {
            name: "modes and symlinks",
            git: true,
            files: with(vec![
                ("run", text("run")),
                ("stop", program("stop")),
                ("link", link("run")),
                ("was", text("w")),
            ]),
            edits: vec![
                edit("run", Some(text("run")), Some(program("run"))),
                edit("stop", Some(program("stop")), Some(text("stop"))),
                edit("link", Some(link("run")), Some(link("stop"))),
                edit("was", Some(text("w")), Some(link("run"))),
                edit("docs/link", None, Some(link("../run"))),
                lock(),
            ],
        },
        Case {
            name: "renames, also in a ring",
            git: true,
            files: with(vec![
                ("one", text("1")),
                ("two", text("2")),
                ("old/deep", text("3")),
                ("README.md", text("r")),
            ]),
            edits: vec![
                rename("one", "two", text("1"), text("1")),
                rename("two", "one", text("2"), text("2!")),
                rename("old/deep", "new/deep", text("3"), text("3")),
                rename("README.md", "Readme.md", text("r"), text("r")),
                lock(),
            ],
        },
        Case {
            name: "a file becomes a directory, and a directory a file",
            git: true,
            files: with(vec![("a", text("file")), ("d/x", text("x")), ("d/y/z", text("z")), ("l", link("a"))]),
            edits: vec![
                edit("a", Some(text("file")), None),
                edit("a/b/c", None, Some(text("c"))),
                edit("d/x", Some(text("x")), None),
                edit("d/y/z", Some(text("z")), None),
                edit("d", None, Some(text("now a file"))),
                edit("l", Some(link("a")), None),
                edit("l/m", None, Some(text("m"))),
                lock(),
            ],
        },
    ]
}

/// Runs a case to its end, and says what the repository held before and after, and in how many steps.
fn whole(case: &Case) -> (Snapshot, Snapshot, Snapshot, Snapshot, usize) {
    let (dir, place) = case.lay();
    let (old, old_reading) = (snapshot(dir.path()), reading(&place));
    let disk = FaultyDisk::new(&RealDisk, usize::MAX, Fault::Dies);
    apply(&place, &case.edits, &disk).unwrap_or_else(|e| panic!("{}: {e}", case.name));
    (old, snapshot(dir.path()), old_reading, reading(&place), disk.steps())
}

#[test]
fn what_is_applied_is_what_was_asked_for() {
    for case in cases() {
        let (dir, place) = case.lay();
        apply(&place, &case.edits, &RealDisk).unwrap();
        let tree = WorkTree::open(&place).unwrap();
        for edit in &case.edits {
            let found = tree.node(&edit.path).into_file();
            assert_eq!(found, edit.after, "{}: {}", case.name, edit.path);
        }
        let left = snapshot(dir.path());
        assert!(!left.keys().any(|name| name.contains("stage-") || name.contains("journal")), "{left:?}");
        assert_eq!(recover(&place, &RealDisk), Ok(None), "{}", case.name);
    }
}

#[test]
fn a_step_that_fails_leaves_all_or_nothing() {
    for case in cases() {
        let (old, new, old_reading, new_reading, steps) = whole(&case);
        assert!(steps > 5, "{}", case.name);
        for kind in [ErrorKind::StorageFull, ErrorKind::PermissionDenied] {
            for n in 0..steps {
                let (dir, place) = case.lay();
                let disk = FaultyDisk::new(&RealDisk, n, Fault::Fails(kind));
                let error = apply(&place, &case.edits, &disk).unwrap_err();
                assert_eq!(error.kind, Kind::Environment, "{}, step {n}: {error}", case.name);
                let seen = reading(&discover(dir.path()).unwrap());
                assert!(seen == old_reading || seen == new_reading, "{}, step {n}: {seen:#?}", case.name);
                let recovered = recover(&place, &RealDisk).unwrap();
                let now = snapshot(dir.path());
                if matches!(recovered, Some(Recovered::Finished(_))) || seen == new_reading {
                    assert_eq!(now, new, "{}, step {n}", case.name);
                } else {
                    assert_eq!(recovered, None, "{}, step {n}: an error before the commit point cleans up", case.name);
                    assert_eq!(now, old, "{}, step {n}", case.name);
                }
            }
        }
    }
}

#[test]
fn a_killed_apply_is_all_or_nothing_before_and_after_recovery() {
    for case in cases() {
        let (old, new, old_reading, new_reading, steps) = whole(&case);
        for fault in [Fault::Dies, Fault::DiesHalfway] {
            for n in 0..steps {
                let (dir, place) = case.lay();
                let disk = FaultyDisk::new(&RealDisk, n, fault);
                apply(&place, &case.edits, &disk).unwrap_err();
                let seen = reading(&discover(dir.path()).unwrap());
                assert!(seen == old_reading || seen == new_reading, "{}, step {n}: {seen:#?}", case.name);
                recover(&discover(dir.path()).unwrap(), &RealDisk).unwrap();
                let wanted = if seen == new_reading { &new } else { &old };
                assert_eq!(snapshot(dir.path()), *wanted, "{}, step {n}", case.name);
            }
        }
    }
}

#[test]
fn a_recovery_that_is_killed_too_is_finished_by_the_next() {
    for case in cases() {
        let (old, new, _, new_reading, steps) = whole(&case);
        for n in 0..steps {
            for m in 0.. {
                let (dir, place) = case.lay();
                apply(&place, &case.edits, &FaultyDisk::new(&RealDisk, n, Fault::Dies)).unwrap_err();
                let seen = reading(&discover(dir.path()).unwrap());
                let disk = FaultyDisk::new(&RealDisk, m, Fault::Dies);
                let first = recover(&place, &disk);
                assert_eq!(reading(&discover(dir.path()).unwrap()), seen, "{}, steps {n} and {m}", case.name);
                recover(&place, &RealDisk).unwrap();
                let wanted = if seen == new_reading { &new } else { &old };
                assert_eq!(snapshot(dir.path()), *wanted, "{}, steps {n} and {m}", case.name);
                if first.is_ok() {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_file_that_changed_meanwhile_stops_everything() {
    for case in cases() {
        let (dir, place) = case.lay();
        fs::write(dir.path().join(case.files[0].0), "work of a person").unwrap();
        let before = snapshot(dir.path());
        let error = apply(&place, &case.edits, &RealDisk);
        if case.edits.iter().any(|edit| edit.path.as_str() == case.files[0].0) {
            assert_eq!(error.unwrap_err().kind, Kind::Environment);
            assert_eq!(snapshot(dir.path()), before, "{}", case.name);
        }
    }
}

#[test]
fn recovery_stops_at_a_target_that_is_neither_old_nor_new_and_keeps_all() {
    let case = &cases()[0];
    let (_, new, _, _, steps) = whole(case);
    let mut stopped = 0;
    for n in 0..steps {
        let (dir, place) = case.lay();
        apply(&place, &case.edits, &FaultyDisk::new(&RealDisk, n, Fault::Dies)).unwrap_err();
        fs::write(dir.path().join("README.md"), "work of a person").unwrap();
        let before = snapshot(dir.path());
        if let Err(error) = recover(&place, &RealDisk) {
            stopped += 1;
            assert_eq!(error.kind, Kind::Environment);
            assert_eq!(error.problems[0].path.as_deref(), Some("README.md"));
            let now = snapshot(dir.path());
            assert_eq!(now["README.md"], "work of a person");
            assert!(before.iter().filter(|(name, _)| name.contains("journal")).all(|(name, _)| now.contains_key(name)));
            fs::write(dir.path().join("README.md"), "old").unwrap();
            recover(&place, &RealDisk)
                .or_else(|_| {
                    fs::write(dir.path().join("README.md"), "new").unwrap();
                    recover(&place, &RealDisk)
                })
                .unwrap();
            assert_eq!(snapshot(dir.path()), new);
        } else {
            assert_eq!(snapshot(dir.path())["README.md"], "work of a person");
        }
    }
    assert!(stopped > 0);
}

#[test]
fn nothing_is_written_out_of_the_repository_or_into_git() {
    let case = Case { name: "", git: true, files: vec![("in", text("x"))], edits: Vec::new() };
    let (dir, place) = case.lay();
    let outside = tempfile::tempdir().unwrap();
    os::symlink(outside.path().to_str().unwrap().as_bytes(), &dir.path().join("out")).unwrap();
    for refused in [
        edit("out/x", None, Some(text("x"))),
        edit(".git/hooks/pre-commit", None, Some(program("x"))),
        edit("a/.GIT/config", None, Some(text("x"))),
        edit("l", None, Some(link("/etc/passwd"))),
        edit("a/l", None, Some(link("../../x"))),
        edit("l", None, Some(link(".git/config"))),
        edit(".roadbed-stage-0123456789abcdef-0", None, Some(text("x"))),
        edit("in", None, Some(text("overwrites"))),
    ] {
        let at = refused.path.clone();
        assert!(apply(&place, &[refused], &RealDisk).is_err(), "{at}");
    }
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    let names: Vec<String> = snapshot(dir.path()).into_keys().collect();
    assert_eq!(names, ["in", "out"]);
}

#[cfg(unix)]
#[test]
fn permissions_beyond_the_right_to_run_are_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = Case { name: "", git: true, files: vec![("secret", text("x"))], edits: Vec::new() };
    let (dir, place) = case.lay();
    let file = dir.path().join("secret");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    apply(&place, &[edit("secret", Some(text("x")), Some(program("y")))], &RealDisk).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_monorepo_s_part_is_finished_from_any_other_part() {
    let case = Case {
        name: "",
        git: true,
        files: vec![("svc/a/.roadbed/lock.yaml", text("old")), ("svc/b/.roadbed/lock.yaml", text("b"))],
        edits: vec![edit(LOCK, Some(text("old")), Some(text("new"))), edit("x/y", None, Some(text("y")))],
    };
    let (dir, _) = case.lay();
    let place = discover(&dir.path().join("svc/a")).unwrap();
    let disk = FaultyDisk::new(&RealDisk, usize::MAX, Fault::Dies);
    apply(&place, &case.edits, &disk).unwrap();
    let (new, steps) = (snapshot(dir.path()), disk.steps());
    for n in 0..steps {
        let (dir, _) = case.lay();
        let old = snapshot(dir.path());
        let a = discover(&dir.path().join("svc/a")).unwrap();
        apply(&a, &case.edits, &FaultyDisk::new(&RealDisk, n, Fault::Dies)).unwrap_err();
        let is_new = WorkTree::open(&a).unwrap().node(&path("x/y")) == Node::File(text("y"));
        let b = discover(&dir.path().join("svc/b")).unwrap();
        assert!(!reading(&b).keys().any(|name| name.contains('y') && name != LOCK));
        recover(&b, &RealDisk).unwrap();
        assert_eq!(snapshot(dir.path()), if is_new { new.clone() } else { old }, "step {n}");
    }
}
