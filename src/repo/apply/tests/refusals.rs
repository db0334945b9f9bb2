//! What is not written, and what is kept.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::cases::{Case, cases, edit, link, program, snapshot, text, whole};
use crate::error::Kind;
use crate::repo::apply::disk::Stamped;
use crate::repo::apply::fault::{Fault, FaultyDisk};
use crate::repo::apply::{Disk, RealDisk, apply, recover};
use crate::repo::os;
#[cfg(unix)]
use crate::repo::testing::reads_everything;

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

#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_is_found_before_anything_changes() {
    use std::os::unix::fs::PermissionsExt as _;
    if reads_everything() {
        return;
    }
    let files = vec![("a/f", text("x")), ("locked/f", text("x"))];
    let case = Case { name: "", git: true, files, edits: Vec::new() };
    let (dir, place) = case.lay();
    let before = snapshot(dir.path());
    let locked = dir.path().join("locked");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    let update = |at| edit(at, Some(text("x")), Some(text("y")));
    for edits in [
        vec![update("a/f"), update("locked/f")],
        vec![update("a/f"), edit("locked/f", Some(text("x")), None)],
        vec![update("a/f"), edit("locked/new/f", None, Some(text("y")))],
    ] {
        let error = apply(&place, &edits, &RealDisk).unwrap_err();
        assert_eq!(error.kind, Kind::Environment);
        assert_eq!(snapshot(dir.path()), before, "{error}");
    }
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The real disk, on which somebody writes into files just before the first of an apply's renames into place.
struct Meddled<'a> {
    disk: FaultyDisk<'a>,
    first: PathBuf,
    meddle: &'a dyn Fn(),
}

impl Disk for Meddled<'_> {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.disk.create_dir(path)
    }

    fn write_new(&self, path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<()> {
        self.disk.write_new(path, bytes, executable, like)
    }

    fn write_unsynced(&self, path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<Stamped> {
        self.disk.write_unsynced(path, bytes, executable, like)
    }

    fn syncs_at_once(&self, count: usize, dirs: &BTreeSet<PathBuf>) -> bool {
        self.disk.syncs_at_once(count, dirs)
    }

    fn sync_at_once(&self, dirs: &BTreeSet<PathBuf>) -> io::Result<()> {
        self.disk.sync_at_once(dirs)
    }

    fn symlink(&self, target: &[u8], path: &Path) -> io::Result<()> {
        self.disk.symlink(target, path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.disk.sync_dir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if to == self.first {
            (self.meddle)();
        }
        self.disk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.disk.remove_dir(path)
    }
}

#[test]
fn what_changes_once_it_is_decided_is_not_overwritten_and_not_believed() {
    let update = |at| edit(at, Some(text("old")), Some(text("new")));
    let files = vec![("a", text("old")), ("b", text("old")), ("gone", text("old"))];
    let case = Case {
        name: "",
        git: true,
        files,
        edits: vec![update("a"), update("b"), edit("gone", Some(text("old")), None)],
    };
    let staged = |dir: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(dir).unwrap().flatten().map(|entry| entry.path());
        entries.filter(|path| path.to_string_lossy().contains("-stage-")).collect()
    };
    for waits in [0, 50] {
        for which in ["nothing", "target", "target's rights", "staged"] {
            let (dir, place) = case.lay();
            // Long enough for the file system's clock to tell what was written before from what is written now.
            std::thread::sleep(std::time::Duration::from_millis(waits));
            let b = dir.path().join("b");
            let meddle = || match which {
                "target" => fs::write(&b, "own").unwrap(),
                #[cfg(unix)]
                "target's rights" => {
                    use std::os::unix::fs::PermissionsExt as _;
                    fs::set_permissions(&b, fs::Permissions::from_mode(0o755)).unwrap();
                }
                "staged" => staged(dir.path()).iter().for_each(|file| fs::write(file, "bad").unwrap()),
                _ => {}
            };
            let disk = FaultyDisk::new(&RealDisk, usize::MAX, Fault::Dies).at_once();
            let disk = Meddled { disk, first: dir.path().join("a"), meddle: &meddle };
            let done = apply(&place, &case.edits, &disk);
            let now = snapshot(dir.path());
            if which == "nothing" || (which == "target's rights" && cfg!(not(unix))) {
                done.unwrap();
                assert_eq!(
                    now.into_iter().collect::<Vec<_>>(),
                    [("a", "new"), ("b", "new")].map(|(a, b)| (a.into(), b.into()))
                );
                continue;
            }
            let error = done.unwrap_err();
            assert_eq!(error.problems[0].path.as_deref(), Some("b"), "{which}: {error}");
            let kept = match which {
                "target" => "own",
                "target's rights" => "x old",
                _ => "old",
            };
            assert_eq!(now["b"], kept, "{which}");
        }
    }
}
