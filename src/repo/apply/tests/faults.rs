//! Every step fails, and every step is the last one that a killed process makes.

use std::io::ErrorKind;

use super::cases::{Case, LOCK, cases, edit, path, reading, snapshot, text, whole};
use crate::error::Kind;
use crate::model::tree::{Node, Tree};
use crate::repo::apply::fault::{Fault, FaultyDisk};
use crate::repo::apply::{RealDisk, Recovered, apply, recover};
use crate::repo::discover::discover;
use crate::repo::worktree::WorkTree;

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
fn files_that_are_synced_at_once_are_not_lost_when_the_machine_goes_down() {
    for case in cases() {
        let (dir, place) = case.lay();
        let disk = FaultyDisk::new(&RealDisk, usize::MAX, Fault::Dies).at_once();
        apply(&place, &case.edits, &disk).unwrap();
        let (new, new_reading, steps) = (snapshot(dir.path()), reading(&place), disk.steps());
        for n in 0..steps {
            let (dir, place) = case.lay();
            let old = snapshot(dir.path());
            let disk = FaultyDisk::new(&RealDisk, n, Fault::LosesPower).at_once();
            apply(&place, &case.edits, &disk).unwrap_err();
            let seen = reading(&discover(dir.path()).unwrap());
            recover(&discover(dir.path()).unwrap(), &RealDisk).unwrap();
            let wanted = if seen == new_reading { &new } else { &old };
            assert_eq!(snapshot(dir.path()), *wanted, "{}, step {n}", case.name);
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
