//! Repositories that would harm whoever looks at them.

use std::fs;
use std::time::{Duration, Instant};

use crate::model::tree::{MAX_FILE, Node, Obstacle, Tree};
use crate::repo::clean::{Dirt, dirt};
use crate::repo::commit::CommitTree;
use crate::repo::discover::discover;
use crate::repo::git;
#[cfg(unix)]
use crate::repo::testing::reads_everything;
use crate::repo::testing::{Sandbox, path, texts};
use crate::repo::worktree::WorkTree;

fn open(sandbox: &Sandbox) -> WorkTree {
    WorkTree::open(&discover(sandbox.dir()).unwrap()).unwrap()
}

#[test]
fn a_configuration_runs_nothing_and_moves_nothing() {
    let sandbox = Sandbox::repository();
    sandbox.write(".gitattributes", "* filter=evil diff=evil\n").write("f", "x").write("g", "x").commit_all();
    let elsewhere = Sandbox::empty();
    elsewhere.write("secret", "x");
    let trap = sandbox.dir().join("sprung");
    let run = format!("touch {}", trap.display());
    for key in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.askPass",
        "core.gitProxy",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "gpg.program",
        "credential.helper",
        "core.alternateRefsCommand",
        "alias.rev-parse",
        "uploadpack.packObjectsHook",
        "alias.ls-files",
    ] {
        sandbox.git(&["config", key, &run]);
    }
    sandbox.git(&["config", "core.worktree", elsewhere.dir().to_str().unwrap()]);
    sandbox.git(&["config", "filter.evil.required", "true"]);
    sandbox.write(".git/hooks/post-index-change", format!("#!/bin/sh\n{run}\n"));
    sandbox.write(".git/hooks/fsmonitor-watchman", format!("#!/bin/sh\n{run}\n"));
    sandbox.write("f", "y");
    let place = discover(sandbox.dir()).unwrap();
    assert_eq!(texts(&open(&sandbox).files().unwrap()), [".gitattributes", "f", "g"]);
    assert_eq!(dirt(&place, &path("f")), Ok(Some(Dirt::Modified)));
    assert_eq!(dirt(&place, &path("g")), Ok(None));
    CommitTree::open(&place, "HEAD").unwrap();
    CommitTree::open(&place, "main@{0}").unwrap();
    let git_dir = place.git.as_ref().unwrap();
    git::output(git_dir, &["ls-files", "--stage", "-z"]).unwrap().unwrap();
    git::output(git_dir, &["status", "--porcelain"]).unwrap().unwrap();
    assert!(!trap.exists());
    sandbox.git(&["-c", &format!("core.worktree={}", sandbox.dir().display()), "status"]);
    assert!(trap.exists(), "the trap would have sprung");
}

#[test]
fn no_git_variable_reaches_git() {
    let sandbox = Sandbox::repository();
    let place = discover(sandbox.dir()).unwrap();
    let command = git::command(place.git.as_ref(), git::Reach::Local);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        assert!(command.get_envs().any(|(key, _)| key == name), "{name:?} is inherited");
    }
    let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect();
    assert!(args.contains(&"--git-dir".to_owned()) && args.contains(&"--work-tree".to_owned()));
}

#[test]
fn a_large_file_is_told_and_not_read() {
    let sandbox = Sandbox::repository();
    sandbox.write("sparse", "");
    let size = 200 * 1024 * 1024 * 1024;
    fs::OpenOptions::new().write(true).open(sandbox.dir().join("sparse")).unwrap().set_len(size).unwrap();
    assert_eq!(open(&sandbox).node(&path("sparse")), Node::Obstacle(Obstacle::TooLarge(size)));
    let small = Sandbox::repository();
    small.write("big", vec![b'x'; usize::try_from(MAX_FILE).unwrap() + 1]).commit_all();
    let tree = CommitTree::open(&discover(small.dir()).unwrap(), "HEAD").unwrap();
    assert_eq!(tree.node(&path("big")), Node::Obstacle(Obstacle::TooLarge(MAX_FILE + 1)));
}

#[test]
fn a_bomb_of_trees_is_refused_in_bounded_time() {
    let sandbox = Sandbox::repository();
    let blob = sandbox.write("f", "x").git(&["hash-object", "-w", "f"]);
    let sixteen = |entry: &str| (0..16).fold(String::new(), |listing, n| listing + entry + &format!("\t{n}\n"));
    let mut listing = sixteen(&format!("100644 blob {}", blob.trim()));
    let mut tree = String::new();
    for _ in 0..10 {
        sandbox.write("listing", &listing);
        let file = fs::File::open(sandbox.dir().join("listing")).unwrap();
        let made =
            std::process::Command::new("git").arg("mktree").current_dir(sandbox.dir()).stdin(file).output().unwrap();
        tree = String::from_utf8(made.stdout).unwrap().trim().to_owned();
        listing = sixteen(&format!("040000 tree {tree}"));
    }
    let commit = sandbox.git(&["commit-tree", "-m", "x", &tree]);
    let began = Instant::now();
    let error = CommitTree::open(&discover(sandbox.dir()).unwrap(), commit.trim()).err().unwrap();
    assert_eq!(error.kind.exit_code(), 2);
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}

#[test]
fn ten_thousand_files_are_listed_in_bounded_time() {
    let sandbox = Sandbox::repository();
    for dir in 0..10 {
        let dir = sandbox.dir().join(format!("d{dir}/in"));
        fs::create_dir_all(&dir).unwrap();
        for file in 0..1000 {
            fs::File::create(dir.join(format!("f{file}"))).unwrap();
        }
    }
    let began = Instant::now();
    assert_eq!(open(&sandbox).files().unwrap().len(), 10_000);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn damaged_git_directories_are_errors_and_no_panics() {
    for (file, content) in [
        (".git/index", "DIRC nonsense"),
        (".git/HEAD", "ref: refs/heads/../../../../etc/passwd\n"),
        (".git/HEAD", "\0\0\0"),
        (".git/HEAD", "ref: HEAD\n"),
        (".git/packed-refs", "x\n\n \n"),
        (".git/config", "[core\n\tworktree ="),
        (".git/objects/info/alternates", "/nowhere\n../../x\n"),
        (".git/roadbed-journal.json", "{}"),
    ] {
        let sandbox = Sandbox::repository();
        sandbox.write("f", "x").commit_all().write(file, content);
        if let Ok(place) = discover(sandbox.dir()) {
            let _ = WorkTree::open(&place).map(|tree| tree.files());
            let _ = dirt(&place, &path("f"));
            let _ = CommitTree::open(&place, "HEAD").map(|tree| tree.files());
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn fifo(sandbox: &Sandbox, name: &str) {
        let file = sandbox.dir().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&file);
        assert!(std::process::Command::new("mkfifo").arg(file).status().unwrap().success());
    }

    #[test]
    fn fifos_and_sockets_are_never_opened() {
        let sandbox = Sandbox::repository();
        fifo(&sandbox, "Dockerfile");
        let _socket = std::os::unix::net::UnixListener::bind(sandbox.dir().join("socket")).unwrap();
        let tree = open(&sandbox);
        assert_eq!(tree.node(&path("Dockerfile")), Node::Obstacle(Obstacle::Special("fifo")));
        assert_eq!(tree.node(&path("socket")), Node::Obstacle(Obstacle::Special("socket")));
        assert_eq!(tree.node(&path("Dockerfile/x")), Node::Obstacle(Obstacle::Behind(path("Dockerfile"))));
        for name in [".gitignore", ".git/info/exclude", ".git/config", ".git/packed-refs", ".git/HEAD"] {
            fifo(&sandbox, name);
            if let Ok(place) = discover(sandbox.dir()) {
                let _ = WorkTree::open(&place).map(|tree| tree.files());
                let _ = dirt(&place, &path("Dockerfile"));
            }
        }
    }

    #[test]
    fn symlinks_are_told_and_never_followed() {
        let sandbox = Sandbox::repository();
        let outside = Sandbox::empty();
        outside.write("secret", "x");
        symlink("loop-b", sandbox.dir().join("loop-a")).unwrap();
        symlink("loop-a", sandbox.dir().join("loop-b")).unwrap();
        symlink(outside.dir(), sandbox.dir().join("out")).unwrap();
        symlink(".", sandbox.dir().join("self")).unwrap();
        sandbox.write("real/f", "x").git(&["add", "-A"]);
        fs::rename(sandbox.dir().join("real"), sandbox.dir().join("moved")).unwrap();
        symlink("moved", sandbox.dir().join("real")).unwrap();
        let tree = open(&sandbox);
        assert_eq!(tree.node(&path("out/secret")), Node::Obstacle(Obstacle::Behind(path("out"))));
        assert_eq!(tree.node(&path("self/self/f")), Node::Obstacle(Obstacle::Behind(path("self"))));
        assert_eq!(tree.node(&path("loop-a")).into_file().unwrap().bytes, b"loop-b");
        assert_eq!(texts(&tree.files().unwrap()), ["loop-a", "loop-b", "moved/f", "out", "real", "self"]);
    }

    #[test]
    fn unreadable_files_are_obstacles_and_unreadable_directories_are_passed_over() {
        if reads_everything() {
            return;
        }
        let sandbox = Sandbox::repository();
        sandbox.write("f", "x").write("d/f", "x");
        fs::set_permissions(sandbox.dir().join("f"), fs::Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(sandbox.dir().join("d"), fs::Permissions::from_mode(0o000)).unwrap();
        let tree = open(&sandbox);
        assert!(matches!(tree.node(&path("f")), Node::Obstacle(Obstacle::Unreadable(_))));
        assert!(matches!(tree.node(&path("d/f")), Node::Obstacle(Obstacle::Unreadable(_))));
        assert_eq!(texts(&tree.files().unwrap()), ["f"]);
        fs::set_permissions(sandbox.dir().join("d"), fs::Permissions::from_mode(0o700)).unwrap();
    }
}
