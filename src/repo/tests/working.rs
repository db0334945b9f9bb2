use crate::model::file::FileMode;
use crate::model::tree::{Node, Obstacle, Tree};
use crate::repo::discover::discover;
use crate::repo::testing::{Sandbox, path, texts};
use crate::repo::worktree::WorkTree;

fn open(sandbox: &Sandbox) -> WorkTree {
    WorkTree::open(&discover(sandbox.dir()).unwrap()).unwrap()
}

#[test]
fn files_are_the_tracked_and_the_untracked_that_git_does_not_ignore() {
    let sandbox = Sandbox::repository();
    sandbox.write(".gitignore", "*.log\nbuild/\n!keep.log\n").write("kept/forced.log", "x").write("gone", "x");
    sandbox.write("build/tracked", "x").git(&["add", "-f", "kept/forced.log", "gone", "build/tracked"]);
    sandbox.write("a.log", "x").write("keep.log", "x").write("build/out", "x").write("new/file", "x");
    sandbox.write("sub/.gitignore", "/only-here\n").write("sub/only-here", "x").write("sub/in/only-here", "x");
    sandbox.write(".git/info/exclude", "excluded\n").write("excluded", "x");
    std::fs::remove_file(sandbox.dir().join("gone")).unwrap();
    let files = open(&sandbox).files().unwrap();
    assert_eq!(
        texts(&files),
        [
            ".gitignore",
            "build/tracked",
            "keep.log",
            "kept/forced.log",
            "new/file",
            "sub/.gitignore",
            "sub/in/only-here"
        ]
    );
}

/// The index is held against the listing in one pass, so both must be in one order.
#[test]
fn files_come_in_the_order_of_their_whole_paths() {
    let sandbox = Sandbox::repository();
    let names = ["a-b", "a.b/c", "a/b", "a/b-c", "a/b.c/d", "a/z", "a0", "ab", "b/ä", "b/é/x"];
    for name in names.iter().rev() {
        sandbox.write(name, "x");
    }
    assert_eq!(texts(&open(&sandbox).files().unwrap()), names);
    sandbox.write(".gitignore", "a.b/\nz\n").git(&["add", "-f", "a.b/c", "a/z", "ab"]);
    let files = open(&sandbox).files().unwrap();
    assert_eq!(texts(&files)[1..], names);
    assert!(files.is_sorted());
}

#[test]
fn git_agrees_on_what_is_ignored() {
    let sandbox = Sandbox::repository();
    sandbox.write(".gitignore", "# c\n*.o\n/top\ndir/\na/**/z\n!a/keep/z\nx[0-9]\n\\#h\nsp\\ \n**/deep\ntrail \n");
    for file in [
        "m.o",
        "q/m.o",
        "top",
        "q/top",
        "dir/f",
        "q/dir/f",
        "dirx/f",
        "a/z",
        "a/b/z",
        "a/b/c/z",
        "a/keep/z",
        "x1",
        "xa",
        "#h",
        "q/deep/f",
        "deep",
        "trail",
        "q/.hidden",
        "sp ",
    ] {
        sandbox.write(file, "x");
    }
    sandbox.write("q/.gitignore", "!m.o\n*\n!.gitignore\n!/top\n");
    let listed = sandbox.git(&["ls-files", "--others", "--exclude-standard", "-z"]);
    let mut wanted: Vec<&str> = listed.split('\0').filter(|name| !name.is_empty()).collect();
    wanted.sort_unstable();
    assert_eq!(texts(&open(&sandbox).files().unwrap()), wanted);
}

#[test]
fn territories_of_others_are_left_out() {
    let sandbox = Sandbox::repository();
    sandbox.write("mine", "x").write("svc/.roadbed/policy.yaml", "x").write("svc/theirs", "x").commit_all();
    sandbox.git(&["init", "-q", "nested"]);
    sandbox.write("nested/f", "x");
    let root = open(&sandbox);
    assert_eq!(texts(&root.files().unwrap()), ["mine"]);
    assert_eq!(root.node(&path("nested/f")), Node::Obstacle(Obstacle::Repository(path("nested"))));
    let inner = WorkTree::open(&discover(&sandbox.dir().join("svc")).unwrap()).unwrap();
    assert_eq!(texts(&inner.files().unwrap()), [".roadbed/policy.yaml", "theirs"]);
    assert!(matches!(inner.node(&path("theirs")), Node::File(_)));
}

#[test]
fn ignore_rules_above_a_laid_directory_hold_in_it() {
    let sandbox = Sandbox::repository();
    sandbox.write(".gitignore", "*.log\n").write("svc/.roadbed/policy.yaml", "x").write("svc/a.log", "x");
    let inner = WorkTree::open(&discover(&sandbox.dir().join("svc")).unwrap()).unwrap();
    assert_eq!(texts(&inner.files().unwrap()), [".roadbed/policy.yaml"]);
}

#[test]
fn where_modes_and_links_mean_nothing_the_index_tells() {
    let sandbox = Sandbox::repository();
    sandbox.write("run", "x").write("plain", "x").write("link", "run").git(&["add", "-A"]);
    sandbox.git(&["update-index", "--chmod=+x", "run"]);
    let blob = sandbox.git(&["hash-object", "-w", "link"]);
    sandbox.git(&["update-index", "--cacheinfo", &format!("120000,{},link", blob.trim())]);
    let mode = |name: &str| open(&sandbox).node(&path(name)).into_file().unwrap().mode;
    if cfg!(unix) {
        assert_eq!(mode("run"), FileMode::Regular);
        assert_eq!(mode("link"), FileMode::Regular);
    }
    sandbox.git(&["config", "core.fileMode", "false"]);
    sandbox.git(&["config", "core.symlinks", "false"]);
    assert_eq!(
        [mode("run"), mode("plain"), mode("link")],
        [FileMode::Executable, FileMode::Regular, FileMode::Symlink]
    );
}

#[test]
fn split_indexes_and_sha256_are_read_through_git() {
    let sandbox = Sandbox::repository();
    sandbox.write(".gitignore", "*\n").write("f", "x").git(&["add", "-f", "f"]);
    sandbox.git(&["update-index", "--split-index"]);
    assert_eq!(texts(&open(&sandbox).files().unwrap()), ["f"]);

    let sandbox = Sandbox::empty();
    sandbox.git(&["init", "-q", "--object-format=sha256"]);
    sandbox.write(".gitignore", "*\n").write("f", "x").git(&["add", "-f", "f"]);
    assert_eq!(texts(&open(&sandbox).files().unwrap()), ["f"]);
}
