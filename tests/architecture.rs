//! The layers of `src/lib.rs`, held against every `use crate::` and `crate::` path of the code.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::fs;
use std::path::{Path, PathBuf};

/// Highest first: a module uses only those below it, and itself.
const LAYERS: [&str; 14] = [
    "main",
    "cli",
    "output",
    "plan",
    "detect",
    "rules",
    "online",
    "repo",
    "golden_path",
    "catalogue",
    "merge",
    "edit",
    "model",
    "error",
];

/// The planner is pure: it does not reach the world, which is handed in from above.
const PURE: [&str; 9] = ["plan", "detect", "rules", "golden_path", "catalogue", "merge", "edit", "model", "output"];

fn sources(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

fn all() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files.retain(|path| !path.to_string_lossy().contains("tests"));
    files.sort();
    let module = |path: &Path| {
        let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
        first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
    };
    let name = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
    files.iter().map(|path| (module(path), name(path), fs::read_to_string(path).unwrap())).collect()
}

fn uses(text: &str) -> impl Iterator<Item = &str> {
    text.split("crate::").skip(1).map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
}

#[test]
fn nothing_lower_knows_anything_higher() {
    let rank = |module: &str| LAYERS.iter().position(|layer| *layer == module);
    let mut wrong = Vec::new();
    for (module, name, text) in all() {
        let Some(own) = rank(&module) else { continue };
        for used in uses(&text) {
            if rank(used).is_some_and(|other| other < own) {
                wrong.push(format!("{name} uses crate::{used}"));
            }
        }
        if PURE.contains(&module.as_str()) && uses(&text).any(|used| used == "repo" || used == "online") {
            wrong.push(format!("{name} reaches the world"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_repo_layer_touches_the_world() {
    let mut wrong = Vec::new();
    for (module, name, text) in all() {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for forbidden in ["std::fs", "std::process::Command", "std::env::", "SystemTime", "Instant::now", "git2::"] {
            if module != "repo" && code.contains(forbidden) && !(name == "main.rs" && forbidden == "std::env::") {
                wrong.push(format!("{name} uses {forbidden}"));
            }
        }
        if module != "online" && code.contains("ureq::") {
            wrong.push(format!("{name} reaches the network"));
        }
        for os in ["cfg(unix)", "cfg(windows)", "std::os::"] {
            if code.contains(os) && !name.starts_with("repo/os") {
                wrong.push(format!("{name} assumes an operating system: {os}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_do_one_thing() {
    let long: Vec<String> = all()
        .into_iter()
        .filter(|(_, _, text)| text.lines().count() > 450)
        .map(|(_, name, text)| format!("{name}: {}", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}
