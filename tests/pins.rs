//! `templates/pins.yaml` is the one list of what the built-in path takes from elsewhere: templates name nothing else, and nothing
//! in another version.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_yaml::Value;

/// The part of the list that is called so.
fn pins<T: serde::de::DeserializeOwned>(part: &str) -> T {
    let document: Value =
        serde_yaml::from_str(&std::fs::read_to_string(templates().join("pins.yaml")).unwrap()).unwrap();
    serde_yaml::from_value(document[part].clone()).unwrap_or_else(|error| panic!("{part}: {error}"))
}

type ByName = BTreeMap<String, Value>;

fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")
}

/// Every text that an asset lays, with its file.
fn texts() -> Vec<(String, String)> {
    let (mut open, mut texts) = (vec![templates().join("assets")], Vec::new());
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                texts.push((path.display().to_string(), text));
            }
        }
    }
    texts.sort();
    texts
}

fn text_of<'a>(pin: &'a Value, key: &str) -> &'a str {
    pin.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("{pin:?} has no `{key}`"))
}

#[test]
fn every_action_is_pinned_as_the_list_says() {
    let pins: ByName = pins("actions");
    let mut seen = BTreeSet::new();
    for (file, text) in texts() {
        for line in text.lines().map(|line| line.trim().trim_start_matches("- ")) {
            let Some(uses) = line.strip_prefix("uses: ").filter(|uses| !uses.starts_with("./")) else { continue };
            let (action, pin) = uses.split_once('@').unwrap_or_else(|| panic!("{file}: {line}"));
            let name: Vec<&str> = action.splitn(3, '/').take(2).collect();
            let name = name.join("/");
            let listed = pins.get(&name).unwrap_or_else(|| panic!("{file}: {name} is not in pins.yaml"));
            assert_eq!(pin, format!("{} # {}", text_of(listed, "sha"), text_of(listed, "tag")), "{file}: {name}");
            seen.insert(name);
        }
    }
    let listed: BTreeSet<String> = pins.into_keys().collect();
    assert_eq!(seen, listed, "the list must name what is used, and nothing else");
}

#[test]
fn what_else_is_listed_is_used_as_listed() {
    let texts = texts();
    let used = |words: &[&str]| texts.iter().any(|(_, text)| text.lines().any(|l| words.iter().all(|w| l.contains(w))));
    for image in &pins::<Vec<Value>>("images") {
        let reference = format!("{}:{}@{}", text_of(image, "image"), text_of(image, "tag"), text_of(image, "digest"));
        assert!(used(&[&reference]), "no template uses {reference}");
    }
    for (name, tool) in &pins::<ByName>("tools") {
        let version = text_of(tool, "version");
        assert!(used(&[version]), "no template uses {name} {version}");
        // What its own ecosystem checks against a public log has no checksum here.
        if let Some(checksum) = tool.get("sha256").and_then(Value::as_str) {
            assert!(used(&[checksum]), "no template checks {name} {version} against its checksum");
        }
    }
    for (name, hook) in &pins::<ByName>("pre_commit") {
        let rev = format!("rev: {} # frozen: {}", text_of(hook, "sha"), text_of(hook, "tag"));
        assert!(used(&[&rev]) && used(&[&format!("https://github.com/{name}")]), "no template uses {name}, {rev}");
    }
}

#[test]
fn every_provider_of_terraform_has_the_version_that_the_list_says() {
    let pins: ByName = pins("providers");
    let mut seen = BTreeSet::new();
    for (file, text) in texts() {
        let words = |line: &str| line.split('"').nth(1).unwrap_or_default().to_owned();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for pair in lines.windows(2).filter(|pair| pair[0].starts_with("source") && pair[1].starts_with("version")) {
            let name = words(pair[0]);
            let listed = pins.get(&name).unwrap_or_else(|| panic!("{file}: {name} is not in pins.yaml"));
            assert_eq!(words(pair[1]), text_of(listed, "version"), "{file}: {name}");
            seen.insert(name);
        }
    }
    assert_eq!(seen, pins.into_keys().collect(), "the list must name what is used, and nothing else");
}

/// An image by digest in a template must be on the list: else nobody raises it.
#[test]
fn every_digest_is_on_the_list() {
    let list = std::fs::read_to_string(templates().join("pins.yaml")).unwrap();
    for (file, text) in texts() {
        for (at, _) in text.match_indices("@sha256:") {
            let digest: String = text[at + 1..].chars().take(71).collect();
            let hexadecimal = digest.len() == 71 && digest[7..].chars().all(|c| c.is_ascii_hexdigit());
            // A placeholder, or a digest of one digit repeated, stands for one in words and tests.
            let real = hexadecimal && digest[7..].chars().collect::<BTreeSet<_>>().len() > 4;
            assert!(!real || list.contains(&digest), "{file}: {digest} is not in pins.yaml");
        }
    }
}
