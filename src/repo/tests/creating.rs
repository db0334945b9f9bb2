use std::fs;

use crate::error::Kind;
use crate::model::file::{File, FileMode};
use crate::model::path::RepoPath;
use crate::repo::create::{FirstCommit, create};
use crate::repo::testing::{Sandbox, path};

fn files() -> Vec<(RepoPath, File)> {
    vec![
        (path("README.md"), File::regular("hello\n")),
        (path(".gitignore"), File::regular("*.log\n")),
        (path("kept.log"), File::regular("ignored, yet laid\n")),
        (path(".gitattributes"), File::regular("*.bat text eol=crlf\n*.bin -text\n")),
        (path("run.bat"), File::regular("echo\r\n")),
        (path("data.bin"), File::regular("a\r\nb\0")),
        (path("raw.txt"), File::regular("a\r\nb\r\n")),
        (path("bin/run"), File { mode: FileMode::Executable, bytes: b"#!/bin/sh\n".to_vec() }),
        (path("link"), File { mode: FileMode::Symlink, bytes: b"bin/run".to_vec() }),
    ]
}

fn first() -> FirstCommit {
    FirstCommit { message: "Lay the golden path".to_owned() }
}

#[test]
fn a_new_repository_has_one_commit_and_a_clean_status() {
    let sandbox = Sandbox::empty();
    let created = create(&sandbox.dir().join("svc"), files(), Some(first())).unwrap();
    let git = |args: &[&str]| sandbox.git(&[&["-C", "svc"], args].concat());
    assert_eq!(git(&["status", "--porcelain", "--ignored"]), "");
    for autocrlf in ["true", "input", "false"] {
        git(&["update-index", "--really-refresh"]);
        assert_eq!(git(&["-c", &format!("core.autocrlf={autocrlf}"), "status", "--porcelain"]), "", "{autocrlf}");
    }
    assert_eq!(git(&["rev-parse", "--abbrev-ref", "HEAD"]).trim(), "main");
    assert_eq!(git(&["rev-parse", "HEAD"]).trim(), created.commit.unwrap());
    assert_eq!(git(&["rev-list", "--count", "HEAD"]).trim(), "1");
    assert_eq!(git(&["ls-files"]).lines().count(), files().len());
    assert!(git(&["ls-files", "--stage", "bin/run"]).starts_with("100755"));
    assert!(git(&["ls-files", "--stage", "link"]).starts_with("120000"));
    assert_eq!(git(&["log", "-1", "--format=%s"]).trim(), "Lay the golden path");
    assert!(!git(&["config", "--local", "--list"]).contains("autocrlf"));
    let left: Vec<_> = fs::read_dir(sandbox.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["svc"]);
}

#[test]
fn what_exists_is_not_overwritten_and_what_is_empty_is_filled() {
    let sandbox = Sandbox::empty();
    sandbox.write("full/precious", "x").write("file", "x");
    for taken in ["full", "file"] {
        assert_eq!(create(&sandbox.dir().join(taken), files(), None).unwrap_err().kind, Kind::Usage);
    }
    fs::create_dir(sandbox.dir().join("empty")).unwrap();
    let created = create(&sandbox.dir().join("empty"), files(), None).unwrap();
    assert_eq!(created.commit, None);
    assert!(sandbox.dir().join("empty/bin/run").exists());
    assert!(!sandbox.dir().join("empty/.git").exists());
    create(&sandbox.dir().join("a/b/new"), files(), None).unwrap();
    assert!(sandbox.dir().join("a/b/new/README.md").exists());
}

#[test]
fn what_a_killed_run_left_is_cleared() {
    let sandbox = Sandbox::empty();
    sandbox.write(".svc.roadbed-new/half", "x").write(".svc.roadbed-new.lock", "");
    create(&sandbox.dir().join("svc"), files(), None).unwrap();
    assert!(!sandbox.dir().join("svc/half").exists());
    assert_eq!(fs::read_dir(sandbox.dir()).unwrap().count(), 1);
}

#[test]
fn a_path_into_git_leaves_nothing_behind() {
    let sandbox = Sandbox::empty();
    let hostile = vec![(path("ok"), File::regular("x")), (path(".git/hooks/post-checkout"), File::regular("x"))];
    assert!(create(&sandbox.dir().join("svc"), hostile, Some(first())).is_err());
    assert_eq!(fs::read_dir(sandbox.dir()).unwrap().count(), 0);
}
