use crate::repo::clean::{Dirt, dirt};
use crate::repo::discover::discover;
use crate::repo::testing::{Sandbox, path};

fn of(sandbox: &Sandbox, name: &str) -> Option<Dirt> {
    dirt(&discover(sandbox.dir()).unwrap(), &path(name)).unwrap()
}

#[test]
fn a_file_is_clean_when_disk_index_and_commit_agree() {
    for init in [&[][..], &["--object-format=sha256"]] {
        let sandbox = Sandbox::empty();
        sandbox.git(&[&["init", "-q"], init].concat());
        sandbox.write("unborn", "x").git(&["add", "-A"]);
        assert_eq!(of(&sandbox, "unborn"), Some(Dirt::Modified));
        for name in ["clean", "edited", "staged", "staged-back", "gone", "sub/ok", "mode"] {
            sandbox.write(name, "one\ntwo\n");
        }
        sandbox.write(".gitignore", "*.log\nout/\n").write("crlf", "one\ntwo\n").commit_all();
        sandbox.write("edited", "x").write("staged", "x").write("staged-back", "x").write("crlf", "one\r\ntwo\r\n");
        sandbox.git(&["add", "staged", "staged-back"]);
        sandbox.write("staged-back", "one\ntwo\n").write("new", "x").write("a.log", "x").write("out/f", "x");
        std::fs::remove_file(sandbox.dir().join("gone")).unwrap();
        for (name, wanted) in [
            ("clean", None),
            ("sub/ok", None),
            ("crlf", None),
            ("gone", None),
            ("never-there", None),
            ("edited", Some(Dirt::Modified)),
            ("staged", Some(Dirt::Modified)),
            ("staged-back", Some(Dirt::Modified)),
            ("new", Some(Dirt::Untracked)),
            ("a.log", Some(Dirt::Ignored)),
            ("out/f", Some(Dirt::Ignored)),
        ] {
            assert_eq!(of(&sandbox, name), wanted, "{name} {init:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_mode_that_changed_is_dirt_where_modes_mean_something() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::repository();
    sandbox.write("run", "x").commit_all();
    let file = sandbox.dir().join("run");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(of(&sandbox, "run"), Some(Dirt::Modified));
    sandbox.git(&["config", "core.fileMode", "false"]);
    assert_eq!(of(&sandbox, "run"), None);
}

#[test]
fn without_git_everything_is_clean() {
    let sandbox = Sandbox::empty();
    sandbox.write("f", "x");
    assert_eq!(of(&sandbox, "f"), None);
}

#[test]
fn paths_count_from_the_laid_directory() {
    let sandbox = Sandbox::repository();
    sandbox.write("svc/.roadbed/p", "x").write("svc/f", "x").commit_all().write("svc/f", "y");
    let place = discover(&sandbox.dir().join("svc")).unwrap();
    assert_eq!(dirt(&place, &path("f")), Ok(Some(Dirt::Modified)));
    assert_eq!(dirt(&place, &path(".roadbed/p")), Ok(None));
}
