//! What is not written, and what is kept.

use std::fs;

use super::cases::{Case, cases, edit, link, program, snapshot, text, whole};
use crate::error::Kind;
use crate::repo::apply::fault::{Fault, FaultyDisk};
use crate::repo::apply::{RealDisk, apply, recover};
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
