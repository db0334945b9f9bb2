use std::fs;

#[cfg(unix)]
use crate::error::Kind;
use crate::repo::discover::{all_laid, discover, inside_work_tree};
use crate::repo::os::real;
use crate::repo::testing::{Sandbox, path};

#[test]
fn the_nearest_roadbed_serves_and_never_one_above_the_git_root() {
    let outer = Sandbox::empty();
    outer
        .write(".roadbed/policy.yaml", "x")
        .write("repo/svc/a/.roadbed/policy.yaml", "x")
        .write("repo/svc/a/in/f", "x");
    let repo = outer.dir().join("repo");
    outer.git(&["init", "-q", "repo"]);
    let inner = discover(&repo.join("svc/a/in")).unwrap();
    assert_eq!(inner.laid, real(&repo.join("svc/a")).unwrap());
    assert_eq!(inner.prefix, Some(path("svc/a")));
    assert!(inner.has_roadbed);
    let middle = discover(&repo.join("svc")).unwrap();
    assert_eq!((middle.laid, middle.has_roadbed, middle.prefix), (real(&repo).unwrap(), false, None));
    fs::remove_dir_all(repo.join(".git")).unwrap();
    assert_eq!(discover(&repo.join("svc")).unwrap().laid, real(outer.dir()).unwrap());
}

#[test]
fn without_git_and_roadbed_the_start_itself_is_served() {
    let sandbox = Sandbox::empty();
    sandbox.write("a/f", "x");
    let place = discover(&sandbox.dir().join("a")).unwrap();
    assert_eq!((place.laid, place.git, place.bare), (real(&sandbox.dir().join("a")).unwrap(), None, false));
    assert!(!inside_work_tree(&sandbox.dir().join("not/there/yet")));
}

#[test]
fn every_laid_directory_is_found_but_not_in_ignored_or_other_repositories() {
    let sandbox = Sandbox::repository();
    sandbox.write(".gitignore", "vendor/\n");
    for dir in ["", "svc/a/", "svc/b/", "vendor/x/", "other/"] {
        sandbox.write(&format!("{dir}.roadbed/policy.yaml"), "x");
    }
    sandbox.git(&["init", "-q", "other"]);
    let place = discover(sandbox.dir()).unwrap();
    let root = real(sandbox.dir()).unwrap();
    assert_eq!(all_laid(&place).unwrap(), [root.clone(), root.join("svc/a"), root.join("svc/b")]);
    let other = place.with_laid(root.join("svc/b")).unwrap();
    assert_eq!((other.has_roadbed, other.prefix), (true, Some(path("svc/b"))));
    assert!(inside_work_tree(&sandbox.dir().join("not/there/yet")));
}

#[test]
fn linked_work_trees_and_submodules_have_their_own_git_directory() {
    let sandbox = Sandbox::repository();
    sandbox.write("f", "x").commit_all();
    let other = Sandbox::empty();
    let linked = other.dir().join("linked");
    sandbox.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let place = discover(&linked).unwrap();
    let git = place.git.unwrap();
    assert_eq!(git.root, Some(real(&linked).unwrap()));
    assert_eq!(git.common, real(&sandbox.dir().join(".git")).unwrap());
    assert_ne!(git.dir, git.common);

    let parent = Sandbox::repository();
    parent.git(&["submodule", "--quiet", "add", sandbox.dir().to_str().unwrap(), "sub"]);
    let place = discover(&parent.dir().join("sub")).unwrap();
    let git = place.git.unwrap();
    assert_eq!(place.laid, real(&parent.dir().join("sub")).unwrap());
    assert_eq!(git.dir, real(&parent.dir().join(".git/modules/sub")).unwrap());
}

#[test]
fn a_git_file_that_points_nowhere_is_said_so() {
    let sandbox = Sandbox::empty();
    for content in ["gitdir: /nowhere", "", "nonsense", "gitdir: .\n"] {
        sandbox.write(".git", content);
        assert_eq!(discover(sandbox.dir()).unwrap_err().kind.exit_code(), 2, "{content:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_roadbed_that_is_a_link_is_refused() {
    let sandbox = Sandbox::repository();
    sandbox.write("elsewhere/policy.yaml", "x");
    std::os::unix::fs::symlink("elsewhere", sandbox.dir().join(".roadbed")).unwrap();
    assert_eq!(discover(sandbox.dir()).unwrap_err().kind, Kind::Repository);
}
