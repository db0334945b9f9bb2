//! Images and what starts several of them together.

use super::observation::Observation;
use super::scene::Scene;
use crate::edit::dockerfile;
use crate::model::path::RepoPath;

/// So many are told.
const MOST: usize = 10;

/// Ends of names of what becomes a Dockerfile, or only speaks of one.
const NOT_ONE: [&str; 8] = ["j2", "jinja", "tmpl", "tpl", "erb", "md", "dockerignore", "bak"];

/// The files that images are built from.
pub(super) fn dockerfiles<'s>(scene: &'s Scene<'_>) -> Vec<&'s RepoPath> {
    scene.own(&|path| {
        let name = path.file_name().to_lowercase();
        let is_named = ["dockerfile", "containerfile"].iter().any(|word| {
            name == *word
                || name.strip_prefix(word).is_some_and(|rest| rest.starts_with('.'))
                || name.ends_with(&format!(".{word}"))
        });
        is_named && !NOT_ONE.iter().any(|end| name.ends_with(&format!(".{end}")))
    })
}

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut seen: Vec<Observation> = Vec::new();
    for path in dockerfiles(scene).into_iter().take(MOST) {
        let from = scene.text(path).and_then(|text| last_from(&text));
        let (why, line) =
            from.map_or(("a Dockerfile".to_owned(), 1), |(image, line)| (format!("runs on {image}"), line));
        seen.push(Observation::new("container", path.as_str(), why).at(path, line));
    }
    for path in compose(scene).into_iter().take(MOST) {
        let Some(parsed) = scene.document(path) else { continue };
        let services: Vec<&str> = parsed.entries(&["services"]).into_iter().map(|(key, ..)| key).collect();
        seen.push(Observation::new("compose", services.join(", "), "services").at(path, 1));
    }
    seen
}

fn compose<'s>(scene: &'s Scene<'_>) -> Vec<&'s RepoPath> {
    scene.own(&|path| {
        let name = path.file_name();
        let is_yaml = [".yml", ".yaml"].iter().any(|end| name.ends_with(end));
        is_yaml && ["docker-compose", "compose.", "compose-"].iter().any(|start| name.starts_with(start))
    })
}

/// Whether a compose file opens a port.
pub(super) fn publishes(scene: &Scene<'_>) -> bool {
    let opens = |text: String| text.lines().any(|line| line.trim_start().starts_with("ports:"));
    compose(scene).into_iter().take(MOST).any(|path| scene.text(path).is_some_and(opens))
}

/// The image that the last stage is built on.
fn last_from(text: &str) -> Option<(String, usize)> {
    let parsed = dockerfile::parse(text).ok()?;
    let stage = parsed.stages.last()?;
    let line = text[..stage.base_span.start.min(text.len())].matches('\n').count() + 1;
    Some((stage.written.clone(), line))
}

/// Where an image says that it serves.
pub(super) fn server(scene: &Scene<'_>) -> Option<(RepoPath, usize)> {
    dockerfiles(scene).into_iter().take(MOST).find_map(|path| {
        let text = scene.text(path)?;
        let parsed = dockerfile::parse(&text).ok()?;
        let serves = parsed
            .instructions
            .iter()
            .find(|one| matches!(one.keyword.to_ascii_uppercase().as_str(), "EXPOSE" | "HEALTHCHECK"))?;
        Some((path.clone(), text[..serves.span.start.min(text.len())].matches('\n').count() + 1))
    })
}
