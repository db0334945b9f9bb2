//! Released versions of the built-in golden path never change.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use support::Bed;

/// Every released version with the digest it was released with. Add a line with each release; never change one.
const RELEASED: [(&str, &str); 2] = [
    ("1.0.0", "sha256:611352c20a98164f8f07cef7293ab235b1cdf68d5c76945eb9d7426ffee4b555"),
    ("1.1.0", "sha256:e184e0e7389f11f3260a62d695bf238e854f3e7850ea373f32baaf82f98e83f5"),
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
