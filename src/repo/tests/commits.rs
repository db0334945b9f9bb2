use crate::error::Kind;
use crate::model::file::{BlobId, File, FileMode};
use crate::model::tree::{Node, Obstacle, Tree};
use crate::repo::clean::find_blob;
use crate::repo::commit::CommitTree;
use crate::repo::discover::discover;
use crate::repo::testing::{Sandbox, makes_reftables, path, texts};
use crate::repo::worktree::WorkTree;

fn open(sandbox: &Sandbox, rev: &str) -> CommitTree {
    CommitTree::open(&discover(sandbox.dir()).unwrap(), rev).unwrap()
}

#[test]
fn a_commit_is_read_as_it_was_whatever_lies_there_now() {
    let sandbox = Sandbox::repository();
    sandbox.write("a/f", "old").write("g", "g").write("svc/.roadbed/p", "x").write("svc/h", "h").commit_all();
    sandbox.write("a/f", "new").commit_all();
    sandbox.write("a/f", "newer");
    let tree = open(&sandbox, "HEAD~1");
    assert_eq!(tree.node(&path("a/f")), Node::File(File::regular("old")));
    assert_eq!(tree.known_blob(&path("a/f")), Some(BlobId::of(b"old")));
    assert_eq!(tree.node(&path("a")), Node::Directory);
    assert_eq!(tree.node(&path("nope")), Node::Absent);
    assert_eq!(tree.node(&path("g/x")), Node::Obstacle(Obstacle::Behind(path("g"))));
    assert_eq!(texts(&tree.files().unwrap()), ["a/f", "g"]);
    assert_eq!(tree.commit(), sandbox.git(&["rev-parse", "HEAD~1"]).trim());
    let inner = CommitTree::open(&discover(&sandbox.dir().join("svc")).unwrap(), "HEAD").unwrap();
    assert_eq!(texts(&inner.files().unwrap()), [".roadbed/p", "h"]);
}

#[test]
fn revisions_mean_what_git_means_by_them() {
    let sandbox = Sandbox::repository();
    sandbox.write("f", "1").commit_all().git(&["tag", "v1"]);
    sandbox.git(&["tag", "-a", "-m", "x", "annotated"]);
    sandbox.git(&["checkout", "-q", "-b", "side/branch"]);
    sandbox.write("g", "2").commit_all().git(&["checkout", "-q", "main"]);
    sandbox.write("h", "3").commit_all().git(&["merge", "-q", "-m", "m", "side/branch"]);
    sandbox.git(&["update-ref", "refs/remotes/origin/main", "v1"]);
    sandbox.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    let head = sandbox.git(&["rev-parse", "HEAD"]);
    let short = &head[..10];
    let revisions = [
        "HEAD",
        "@",
        "main",
        "HEAD^",
        "HEAD^2",
        "HEAD~2",
        "HEAD^2~1",
        "@~1^0",
        "v1",
        "annotated",
        "annotated^{}",
        "annotated^{commit}",
        "side/branch",
        "origin/main",
        "origin",
        "refs/heads/main",
        "heads/main",
        "tags/v1",
        "main@{0}",
        ":/x",
        short,
    ];
    for packed in [false, true] {
        if packed {
            sandbox.git(&["pack-refs", "--all"]);
            sandbox.git(&["gc", "-q"]);
        }
        for rev in revisions {
            let wanted = sandbox.git(&["rev-list", "-1", rev]);
            assert_eq!(open(&sandbox, rev).commit(), wanted.trim(), "{rev}");
        }
    }
    for unknown in ["nope", "HEAD~99", "--help", "", "main:f", "../../HEAD", "v1^{tree}", "-x", "a\0b"] {
        let error = CommitTree::open(&discover(sandbox.dir()).unwrap(), unknown).err().unwrap();
        assert_eq!(error.kind, Kind::Usage, "{unknown:?}");
        assert!(error.problems[0].hint.is_some());
    }
}

#[test]
fn a_bare_repository_has_commits_and_no_work_tree() {
    let sandbox = Sandbox::repository();
    sandbox.write(".roadbed/p", "x").write("run", "x").git(&["add", "-A"]);
    sandbox.git(&["update-index", "--chmod=+x", "run"]);
    sandbox.git(&["commit", "-q", "-m", "x"]);
    let bare = Sandbox::empty();
    bare.git(&["clone", "-q", "--bare", sandbox.dir().to_str().unwrap(), "x.git"]);
    let place = discover(&bare.dir().join("x.git")).unwrap();
    assert!(place.bare);
    assert_eq!(WorkTree::open(&place).unwrap_err().kind, Kind::Usage);
    let tree = CommitTree::open(&place, "main").unwrap();
    assert_eq!(texts(&tree.files().unwrap()), [".roadbed/p", "run"]);
    assert_eq!(tree.node(&path("run")).into_file().unwrap().mode, FileMode::Executable);
    assert_eq!(find_blob(&place, BlobId::of(b"x")), Some(b"x".to_vec()));
    assert_eq!(find_blob(&place, BlobId::of(b"y")), None);
}

#[test]
fn what_libgit2_does_not_open_is_read_all_the_same() {
    let source = Sandbox::repository();
    source.write("a/f", "old").commit_all().write("a/f", "new").commit_all();
    source.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", source.dir().display());
    let reftable = makes_reftables().then_some("--ref-format=reftable");
    for init in ["--object-format=sha256"].into_iter().chain(reftable) {
        let sandbox = Sandbox::empty();
        sandbox.git(&["init", "-q", "-b", "main", init]);
        sandbox.write("a/f", "old").commit_all().write("a/f", "new").commit_all();
        let tree = open(&sandbox, "main~1");
        assert_eq!(tree.node(&path("a/f")), Node::File(File::regular("old")), "{init}");
        assert_eq!(open(&sandbox, "HEAD").node(&path("a/f")), Node::File(File::regular("new")), "{init}");
    }
    let sandbox = Sandbox::empty();
    sandbox.git(&["clone", "-q", "--bare", "--filter=blob:none", &url, "x.git"]);
    let tree = CommitTree::open(&discover(&sandbox.dir().join("x.git")).unwrap(), "main").unwrap();
    assert_eq!(texts(&tree.files().unwrap()), ["a/f"]);
    assert!(matches!(tree.node(&path("a/f")), Node::Obstacle(Obstacle::Unreadable(_))), "nothing is fetched");
}

#[test]
fn submodules_are_obstacles_in_commits_and_work_trees() {
    let inner = Sandbox::repository();
    inner.write("f", "x").commit_all();
    let sandbox = Sandbox::repository();
    sandbox.git(&["submodule", "--quiet", "add", inner.dir().to_str().unwrap(), "sub"]);
    sandbox.commit_all();
    let commit = open(&sandbox, "HEAD");
    let work = WorkTree::open(&discover(sandbox.dir()).unwrap()).unwrap();
    for tree in [&commit as &dyn Tree, &work] {
        assert_eq!(tree.node(&path("sub")), Node::Obstacle(Obstacle::Submodule(path("sub"))));
        assert_eq!(tree.node(&path("sub/f")), Node::Obstacle(Obstacle::Submodule(path("sub"))));
        assert_eq!(texts(&tree.files().unwrap()), [".gitmodules"]);
    }
}
