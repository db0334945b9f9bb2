//! Answers that somebody gave to another generator: copier, cruft, cookiecutter.

use super::observation::{Confidence, Observation};
use super::scene::{Parsed, Scene};
use crate::edit::Format;
use crate::edit::tree::Node;

/// What other templates call what is asked here. The id itself comes first.
const SYNONYMS: [(&str, &[&str]); 6] = [
    ("name", &["project_slug", "project_name", "service_name", "repo_name", "app_name", "package_name"]),
    ("description", &["project_description", "project_short_description", "short_description"]),
    ("org", &["github_org", "github_organization", "github_username", "organization", "repository_namespace"]),
    ("repo", &["repo_name", "repository_name", "github_repo", "repository"]),
    ("licence", &["license", "copyright_license", "open_source_license", "project_license"]),
    ("owner", &["team", "owning_team", "codeowner", "code_owner"]),
];

/// A list of answers longer than this is not shown in full.
const MOST: usize = 100;

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut seen = Vec::new();
    let is_copier =
        |name: &str| name.starts_with(".copier-answers") && [".yml", ".yaml"].iter().any(|end| name.ends_with(end));
    for path in scene.files.iter().filter(|path| path.parent().is_none() && is_copier(path.file_name())) {
        if let Some(parsed) = scene.document(path) {
            seen.extend(source(&parsed, "copier", &["_src_path"], &["_commit"]));
            seen.extend(answers(&parsed, &[], "copier"));
        }
    }
    if let Some(parsed) = scene.at(".cruft.json").and_then(|path| scene.document(path)) {
        seen.extend(source(&parsed, "cruft", &["template"], &["commit"]));
        seen.extend(answers(&parsed, &["context", "cookiecutter"], "cruft"));
    }
    for (place, keys) in [(".cookiecutter.json", &[][..]), (".cookiecutterrc", &["default_context"][..])] {
        let format = if place.ends_with("rc") { Format::Yaml } else { Format::Json };
        if let Some(parsed) = scene.at(place).and_then(|path| scene.parsed(path, format)) {
            let keys = if parsed.node(&["cookiecutter"]).is_some() { &["cookiecutter"] } else { keys };
            seen.extend(answers(&parsed, keys, "cookiecutter"));
        }
    }
    seen
}

/// Which template the repository was made from.
fn source(parsed: &Parsed, tool: &'static str, template: &[&str], version: &[&str]) -> Option<Observation> {
    let said = parsed.said(template)?;
    let version = parsed.said(version).map(|said| format!(" at {}", said.text)).unwrap_or_default();
    // An address may hold somebody's password.
    let bare = match said.text.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            format!("{scheme}://{}/{path}", authority.rsplit('@').next().unwrap_or(authority))
        }
        None => said.text.clone(),
    };
    Some(Observation::new("made with", tool, format!("{bare}{version}")).at(&parsed.path, said.line))
}

/// Each answer under these keys: it answers the question of its own id, else the one that it is another word for.
fn answers(parsed: &Parsed, keys: &[&str], tool: &'static str) -> Vec<Observation> {
    let mut seen = Vec::new();
    for (key, node, line) in parsed.entries(keys).into_iter().take(MOST) {
        if key.starts_with('_') {
            continue;
        }
        let Some(value) = word(parsed, node).filter(|value| !value.is_empty()) else { continue };
        let told = |confidence, question: &str| {
            let mut seen =
                Observation::new("answer", &value, format!("{tool}'s answer `{key}`")).at(&parsed.path, line);
            seen.confidence = confidence;
            seen.answers(question)
        };
        seen.push(told(Confidence::Certain, key));
        for (question, _) in SYNONYMS.iter().filter(|(_, others)| others.contains(&key)) {
            seen.push(told(Confidence::Likely, question));
        }
    }
    seen
}

/// A scalar or a list of scalars, as a person would type it.
fn word(parsed: &Parsed, node: &Node) -> Option<String> {
    if let Some(items) = node.items() {
        let words: Option<Vec<String>> =
            items.iter().map(|item| parsed.scalar(&item.value).map(|said| said.text)).collect();
        return words.map(|words| words.join(","));
    }
    let scalar = node.scalar()?;
    Some(scalar.text.clone())
}
