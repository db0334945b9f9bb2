//! The gates of GitLab's pipeline, which is put together from several files: what one of them says reaches into the jobs
//! of the others.

use std::collections::BTreeSet;

use globset::GlobBuilder;

use super::{Gate, ignores_failure, names_roadbed, outline, runs_check, shape, text};
use crate::edit::documents::{Part, documents_last_counts};
use crate::edit::source::Source;
use crate::edit::tree::{Entry, Node};
use crate::error::Result;
use crate::model::path::RepoPath;
use crate::model::tree::{Node as Found, Tree};

/// The file that GitLab begins with.
pub(super) const START: &str = ".gitlab-ci.yml";

/// A file of the pipeline, with its documents.
type Read = (RepoPath, Vec<Part>);

/// Every gate of the pipeline that begins at `start`.
pub(super) fn gates(tree: &dyn Tree, start: &RepoPath) -> Result<Vec<Gate>> {
    let files = read(tree, start)?;
    let roots = || {
        files.iter().flat_map(|(path, parts)| parts.iter().filter_map(move |p| Some((path, p.document.root.as_ref()?))))
    };
    let around: BTreeSet<String> = roots().flat_map(|(_, root)| shape::of_pipeline(root)).collect();
    let mut found = Vec::new();
    for (path, root) in roots() {
        for job in root.entries().into_iter().flatten() {
            let Some(mut gate) = gate(path, job) else { continue };
            gate.shape.extend(around.iter().cloned());
            // A job that stands twice is one job.
            let others = roots().filter(|(other, _)| *other != path).filter_map(|(_, root)| root.entry(&job.key));
            gate.shape.extend(others.map(|(_, other)| format!("{}: {}", job.key, outline(&other.value))));
            found.push(gate);
        }
    }
    Ok(found)
}

/// The files of the pipeline that lie here.
fn read(tree: &dyn Tree, start: &RepoPath) -> Result<Vec<Read>> {
    let mut queue = vec![start.clone()];
    let mut seen: BTreeSet<RepoPath> = queue.iter().cloned().collect();
    let mut all = Vec::new();
    while let Some(path) = queue.pop() {
        let Found::File(file) = tree.node(&path) else { continue };
        let Some(parts) = file.text().and_then(|text| documents_last_counts(&Source::new(text).text).ok()) else {
            continue;
        };
        let locals: Vec<String> =
            parts.iter().filter_map(|part| part.document.root.as_ref()).flat_map(locals).collect();
        for local in locals {
            queue.extend(
                named(tree, local.trim_start_matches('/'))?.into_iter().filter(|path| seen.insert(path.clone())),
            );
        }
        all.push((path, parts));
    }
    Ok(all)
}

fn named(tree: &dyn Tree, local: &str) -> Result<Vec<RepoPath>> {
    if !local.contains('*') {
        return Ok(RepoPath::new(local).into_iter().collect());
    }
    let Ok(glob) = GlobBuilder::new(local).literal_separator(true).build() else { return Ok(Vec::new()) };
    let glob = glob.compile_matcher();
    Ok(tree.files()?.into_iter().filter(|path| glob.is_match(path.as_str())).collect())
}

/// What a file includes from the repository itself.
fn locals(root: &Node) -> Vec<String> {
    let Some((_, include)) = root.entry("include") else { return Vec::new() };
    let one = |node: &Node| match node.scalar() {
        Some(scalar) => (!scalar.text.contains("://")).then(|| scalar.text.clone()),
        None => text(node, "local").map(str::to_owned),
    };
    match include.value.items() {
        Some(items) => items.iter().filter_map(|item| one(&item.value)).collect(),
        None => one(&include.value).into_iter().collect(),
    }
}

fn gate(path: &RepoPath, job: &Entry) -> Option<Gate> {
    let script: Vec<&str> = ["before_script", "script", "after_script"]
        .iter()
        .filter_map(|key| job.value.entry(key))
        .flat_map(|(_, entry)| {
            let items = entry.value.items().into_iter().flatten().map(|item| &item.value);
            items.chain(std::iter::once(&entry.value)).filter_map(Node::scalar)
        })
        .map(|scalar| scalar.text.as_str())
        .collect();
    let Some(line) = script.iter().find(|line| runs_check(line)) else {
        return (job.key == "include").then(|| included(path, &job.value)).flatten();
    };
    let allowed = text(&job.value, "allow_failure").filter(|value| *value != "false");
    let manual = text(&job.value, "when").filter(|when| matches!(*when, "manual" | "never"));
    let idle = allowed.map(|_| "allow_failure".to_owned()).or(manual.map(|when| format!("when: {when}")));
    let conditions = ["rules", "only", "except"].iter().filter_map(|key| {
        let (_, entry) = job.value.entry(key)?;
        Some(format!("{key} {}", outline(&entry.value)))
    });
    Some(Gate {
        file: path.to_string(),
        keys: vec![job.key.clone()],
        triggers: BTreeSet::from(["the pipeline".to_owned()]),
        conditions: conditions.collect(),
        idle: idle.or_else(|| ignores_failure(line)),
        shape: shape::of_gitlab(&job.value, &script),
    })
}

/// `include:` entries that bring roadbed in from elsewhere.
fn included(path: &RepoPath, includes: &Node) -> Option<Gate> {
    let names = |node: &Node| {
        let own = node.scalar().map(|scalar| scalar.text.clone());
        let values = node.entries().into_iter().flatten().filter(|entry| entry.key != "local");
        let values = values.filter_map(|entry| entry.value.scalar());
        own.into_iter().chain(values.map(|scalar| scalar.text.clone())).any(|text| names_roadbed(&text))
    };
    let at = includes.items()?.iter().position(|item| names(&item.value))?;
    Some(Gate {
        file: path.to_string(),
        keys: vec!["include".to_owned(), at.to_string()],
        triggers: BTreeSet::from(["the pipeline".to_owned()]),
        conditions: BTreeSet::new(),
        idle: None,
        shape: includes.items()?.get(at).map(|item| shape::included(&item.value)).unwrap_or_default(),
    })
}
