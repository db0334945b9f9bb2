//! Released versions of the built-in golden path never change.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use support::Bed;

/// Every released version with the digest it was released with. Add a line with each release; never change one.
const RELEASED: [(&str, &str); 9] = [
    ("1.0.0", "sha256:611352c20a98164f8f07cef7293ab235b1cdf68d5c76945eb9d7426ffee4b555"),
    ("1.1.0", "sha256:e184e0e7389f11f3260a62d695bf238e854f3e7850ea373f32baaf82f98e83f5"),
    ("1.2.0", "sha256:74ca46cd5935e2ed9762ed0b28910f59022d8d12a2b21bdb0d838b2f84277be6"),
    ("1.3.0", "sha256:61b1a7ca62519d16ee75d58b6a4552b667116e1016b57781a3cd72584132262a"),
    ("1.4.0", "sha256:f4e3c21b4dfadeb291712eb1f1cbac0144b534e142c3147c28ba285aa0cbe710"),
    ("1.5.0", "sha256:4da60296f4682fc28b8627590cbd2320324c4816a498e0e67f7941dc7c3c9649"),
    ("1.6.0", "sha256:e288491c659bc379f18d25dc15e990dc025ef52b0b9ec58b3679110fd4359459"),
    ("1.7.0", "sha256:f09699c34206bcac538f9098e7e7ee3ce186e23fa5828c47d4731bcc6968a13a"),
    ("1.8.0", "sha256:ebc059f0305b327586a1f16e9094e3e97eb01255c2588efd2fcf917336a5fb53"),
];

#[test]
fn every_release_has_the_digest_it_was_released_with() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/releases");
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut found: Vec<String> = names.map(|name| name.trim_end_matches(".tar.zst").to_owned()).collect();
    found.sort();
    assert_eq!(found, RELEASED.map(|(version, _)| version));
    let bed = Bed::new();
    for (version, digest) in RELEASED {
        let dir = format!("at-{}", version.replace('.', "-"));
        bed.run(".", &["new", "python-service", &dir, "--defaults", "--golden-path", &format!("builtin@{version}")])
            .ok();
        let lock = bed.read(&format!("{dir}/.roadbed/lock.yaml"));
        assert!(lock.contains(&format!("digest: \"{digest}\"")), "{version}:\n{lock}");
        bed.run(&dir, &["check"]).ok();
    }
}

/// What is embedded loses its mode, so a mode in the tree would make two digests of one version.
#[cfg(unix)]
#[test]
fn no_file_of_the_built_in_path_is_executable() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                assert_eq!(path.metadata().unwrap().permissions().mode() & 0o111, 0, "{}", path.display());
            }
        }
    }
}

#[test]
fn rendering_twice_gives_the_same_bytes() {
    let bed = Bed::new();
    let mut trees = BTreeMap::new();
    for name in ["one", "two"] {
        let args = ["new", "python-service", name, "--defaults", "--set", "name=demo"];
        bed.run(".", &args).ok();
        trees.insert(name, (bed.files(name), bed.git(name, &["rev-parse", "HEAD^{tree}"])));
    }
    assert_eq!(trees["one"], trees["two"]);
}

/// Where nobody edited, an upgrade makes of every release what `new` lays at the newest version, and there is a way back.
/// Only `once` files may be others: they are the team's.
#[test]
fn every_release_is_upgraded_to_what_the_newest_lays() {
    let bed = Bed::new();
    bed.run(".", &["new", "python-service", "fresh", "--defaults", "--set", "name=demo"]).ok();
    let lock = bed.read("fresh/.roadbed/lock.yaml");
    let is_the_teams = |path: &str| {
        path.starts_with(".roadbed/")
            || lock.lines().any(|line| line.contains(&format!("path: {path},")) && line.contains("mode: once"))
    };
    let files = |dir: &str| -> Vec<_> { bed.files(dir).into_iter().filter(|file| !is_the_teams(&file.0)).collect() };
    for (version, _) in RELEASED {
        let dir = format!("from-{}", version.replace('.', "-"));
        let source = format!("builtin@{version}");
        bed.run(".", &["new", "python-service", &dir, "--defaults", "--set", "name=demo", "--golden-path", &source])
            .ok();
        let before = files(&dir);
        bed.run(&dir, &["upgrade"]).ok();
        assert_eq!(names(&files(&dir)), names(&files("fresh")), "{version}");
        assert!(files(&dir) == files("fresh"), "{version}: another content");
        let drift: Vec<String> =
            bed.findings(&dir, &["--pedantic"]).into_iter().filter(|f| f.contains(" drift/")).collect();
        assert_eq!(drift, Vec::<String>::new(), "{version}");
        bed.run(&dir, &["upgrade", "--to", version]).ok();
        assert_eq!(names(&files(&dir)), names(&before), "{version}, and back");
        assert!(files(&dir) == before, "{version}, and back: another content");
    }
}

fn names(files: &[(String, Vec<u8>, bool)]) -> Vec<&str> {
    files.iter().map(|file| file.0.as_str()).collect()
}
