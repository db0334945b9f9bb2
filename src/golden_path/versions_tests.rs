//! Versions of a path, and the releases they are read from.

use super::*;
use crate::error::Problem;
use crate::golden_path::check;
use crate::golden_path::digest::digest;
use crate::golden_path::fixture::{MANIFEST as TEXT, tree, with};
use crate::golden_path::release::release;

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn versions(tree: &MemoryTree) -> Versions {
    Versions::directory("acme", tree, BTreeMap::new()).unwrap()
}

/// The tree after a release of it.
fn after(tree: &MemoryTree, number: &str) -> Result<MemoryTree> {
    let edits = release(&versions(tree), &version(number))?;
    let mut tree = tree.clone();
    for (path, file) in edits {
        tree.insert(path, file);
    }
    Ok(tree)
}

#[test]
fn a_release_sets_the_version_and_keeps_everything_else() {
    let tree = after(&tree(), "1.1.0").unwrap();
    let manifest = tree.get_str("golden-path.yaml").unwrap().text().unwrap();
    assert_eq!(manifest, TEXT.replace("1.0.0        # keep", "1.1.0        # keep"));
    assert!(tree.get_str("releases/1.1.0.tar.zst").is_some());
}

#[test]
fn a_release_never_changes() {
    let once = after(&tree(), "1.0.0").unwrap();
    assert_eq!(release(&versions(&once), &version("1.0.0")).unwrap(), []);
    let mut edited = once.clone();
    edited.insert(crate::model::path::RepoPath::new("CHANGELOG.md").unwrap(), crate::model::file::File::regular("x"));
    assert!(!versions(&once).edited().unwrap());
    assert!(versions(&edited).edited().unwrap());
    let error = release(&versions(&edited), &version("1.0.0")).unwrap_err();
    assert_eq!(error.problems[0].hint.as_deref(), Some("roadbed path release 1.0.1"));
}

#[test]
fn a_release_opens_to_what_it_was_made_of() {
    let once = after(&tree(), "1.0.0").unwrap();
    let before = versions(&once).current().unwrap().identity;
    let twice = after(&once, "1.1.0").unwrap();
    let all = versions(&twice);
    assert_eq!(all.list(), [version("1.0.0"), version("1.1.0")]);
    assert_eq!(all.get(&version("1.0.0")).unwrap().unwrap().identity, before);
    assert_ne!(all.current().unwrap().identity.digest, before.digest);
    assert!(all.get(&version("9.0.0")).unwrap().is_none());
}

#[test]
fn pre_releases_come_only_when_they_are_asked_for() {
    let packed: BTreeMap<String, Vec<u8>> =
        ["1.1.0", "1.2.0-rc.1", "2.0.0-rc.1"].iter().map(|v| (format!("{v}.tar.zst"), Vec::new())).collect();
    let all = Versions::directory("acme", &tree(), packed).unwrap();
    assert_eq!(all.latest(), version("1.1.0"));
    let newest = |range: &str| all.newest_allowed(&range.parse().unwrap());
    assert_eq!(newest("^1"), Some(version("1.1.0")));
    assert_eq!(newest("*"), Some(version("1.1.0")));
    assert_eq!(newest("=1.2.0-rc.1"), Some(version("1.2.0-rc.1")));
    assert_eq!(newest("^3"), None);
}

#[test]
fn what_is_no_release_is_refused_by_name() {
    let wrong = |name: &str, bytes: &[u8]| {
        let packed = BTreeMap::from([(name.to_owned(), bytes.to_vec())]);
        Versions::directory("acme", &tree(), packed).and_then(|all| all.get(&version("3.0.0"))).err()
    };
    assert!(wrong("latest.tar.zst", b"").is_some());
    assert_eq!(wrong("README.md", b""), None);
    let path = |problem: &Problem| problem.path.clone();
    assert_eq!(
        wrong("3.0.0.tar.zst", b"rubbish").and_then(|e| path(&e.problems[0])).as_deref(),
        Some("releases/3.0.0.tar.zst")
    );
    let mislabelled = crate::golden_path::pack(&tree()).unwrap();
    assert!(wrong("3.0.0.tar.zst", &mislabelled).is_some());
}

#[test]
fn another_roadbed_is_asked_for_before_anything_else_is_said() {
    let text = TEXT.replace("name: acme", "name: acme\nrequires: \">=99\"");
    let error = Versions::directory("acme", &with(&[("golden-path.yaml", &text)]), BTreeMap::new()).unwrap_err();
    assert!(error.problems[0].message.contains("needs roadbed >=99"), "{error}");
    assert_eq!(error.problems[0].position.map(|at| at.line), Some(3));
}

#[test]
fn an_extended_path_takes_what_it_does_not_replace() {
    let text = TEXT.replace("name: acme", "name: acme\nextends: \"builtin@>=0\"");
    let all = versions(&with(&[("golden-path.yaml", &text)]));
    let builtin = Versions::builtin().unwrap().current().unwrap();
    let path = all.current().unwrap();
    assert!(path.assets.contains_key("app") && builtin.assets.keys().all(|id| path.assets.contains_key(id)));
    assert_eq!(path.identity.extends, [format!("builtin@{} {}", builtin.identity.version, builtin.identity.digest)]);
    let released = after(&with(&[("golden-path.yaml", &text)]), "1.0.0").unwrap();
    assert!(released.get_str("golden-path.yaml").unwrap().text().unwrap().contains("builtin@>=0"));
    let bytes = &released.get_str("releases/1.0.0.tar.zst").unwrap().bytes;
    let packed = unpack(bytes).unwrap();
    let frozen = format!("builtin@={} {}", builtin.identity.version, builtin.identity.digest);
    assert!(packed.get_str("golden-path.yaml").unwrap().text().unwrap().contains(&frozen));
    assert_eq!(
        Versions::directory("acme", &packed, BTreeMap::new()).unwrap().current().unwrap().identity,
        path.identity
    );
}

#[test]
fn what_extends_names_must_be_there() {
    for extends in ["builtin@^99", "../other", "git+https://x"] {
        let text = TEXT.replace("name: acme", &format!("name: acme\nextends: \"{extends}\""));
        let error = versions(&with(&[("golden-path.yaml", &text)])).current().unwrap_err();
        assert_eq!(error.kind, Kind::GoldenPath, "{extends}");
    }
}

#[test]
fn every_version_in_the_binary_is_sound_so_that_none_needs_to_be_checked_again() {
    let builtin = Versions::builtin().unwrap();
    assert!(builtin.list().contains(builtin.current_version()));
    for version in builtin.list() {
        let path = builtin.get(&version).unwrap().unwrap();
        assert_eq!(path.identity.digest, digest(&path.tree), "{version}");
        let own: Vec<String> = path.assets.keys().cloned().collect();
        assert_eq!(check::path(&path, &own).unwrap().0, [], "{version}");
    }
}
