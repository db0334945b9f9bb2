//! What the repository holds: something that runs, something that others depend on, a Terraform module, or other.
//!
//! The golden path's own `detect` already proposes a service wherever its manifest lies. So only what speaks clearly
//! for or against a service is told here; where nothing does, nothing is.

use super::framework::{self, Makes};
use super::observation::Observation;
use super::scene::{Scene, is_foreign};
use super::{container, kubernetes};
use crate::edit::hcl;
use crate::model::path::RepoPath;

/// So many Go files are read in search of `package main`.
const MOST_READ: usize = 500;

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let seen = service(scene)
        .or_else(|| module(scene))
        .or_else(|| action(scene))
        .or_else(|| command(scene))
        .or_else(|| library(scene));
    seen.into_iter().collect()
}

fn kind(value: &'static str, why: impl Into<String>, path: &RepoPath, line: usize) -> Observation {
    Observation::new("kind", value, why).at(path, line).likely().answers("kind")
}

fn service(scene: &Scene<'_>) -> Option<Observation> {
    let manifests = scene.manifests();
    if let Some((path, line)) = container::server(scene) {
        return Some(kind("service", "an image that serves or starts something", &path, line));
    }
    if let Some((path, line)) = kubernetes::workload(scene).filter(|_| !manifests.is_empty()) {
        return Some(kind("service", "a workload", &path, line));
    }
    let is_library = |path: &RepoPath| manifests.iter().any(|one| one.path == *path && one.library.is_some());
    let served = framework::found(scene)
        .into_iter()
        .find(|(one, _, _, makes)| *makes == Makes::Service && !is_library(&one.path));
    served.map(|(manifest, name, line, _)| kind("service", format!("built with {name}"), &manifest.path, line))
}

/// A module is called by others, so it configures no provider and keeps no state. A function that it brings along may
/// have a manifest of its own.
fn module(scene: &Scene<'_>) -> Option<Observation> {
    let manifests = scene.manifests();
    if manifests.iter().any(|manifest| manifest.path.parent().is_none()) {
        return None;
    }
    let is_aside = || !has_image(scene) || is_mostly_terraform(scene);
    at_the_root(scene).filter(|seen| manifests.is_empty() || seen.value == "module" && is_aside())
}

/// Whether programs, and the images that are built of them, are only helpers beside Terraform.
fn is_mostly_terraform(scene: &Scene<'_>) -> bool {
    const CODE: [&str; 8] = [".go", ".py", ".js", ".ts", ".java", ".kt", ".rs", ".rb"];
    let code: usize = CODE.iter().map(|ending| scene.with_ending(ending).len()).sum();
    scene.with_ending(".tf").len() > code
}

/// What Terraform at the root says.
fn at_the_root(scene: &Scene<'_>) -> Option<Observation> {
    let at_root: Vec<&RepoPath> = scene.with_ending(".tf").into_iter().filter(|path| path.parent().is_none()).collect();
    let mut first = None;
    for path in at_root {
        let text = scene.text(path)?;
        let Ok(body) = hcl::parse(&text) else { continue };
        let line = |place: usize| text[..place].matches('\n').count() + 1;
        let states = body.all("terraform").find_map(|block| {
            block.body.blocks.iter().find(|inner| matches!(inner.kind.as_str(), "backend" | "cloud"))
        });
        if let Some(block) = states {
            return Some(kind(
                "other",
                "Terraform with a state of its own, so no module for others",
                path,
                line(block.head.start),
            ));
        }
        if let Some(block) = body.blocks.iter().find(|block| block.kind == "provider") {
            return Some(kind(
                "other",
                "Terraform that configures its provider, so no module for others",
                path,
                line(block.head.start),
            ));
        }
        let variable = body.blocks.iter().find(|block| matches!(block.kind.as_str(), "variable" | "output"));
        if let (None, Some(block)) = (&first, variable) {
            first = Some(kind(
                "module",
                "Terraform with inputs and outputs, and no state of its own",
                path,
                line(block.head.start),
            ));
        }
    }
    first
}

/// The repository is one step of other people's workflows.
fn action(scene: &Scene<'_>) -> Option<Observation> {
    let path =
        ["action.yml", "action.yaml"].iter().find_map(|name| RepoPath::new(*name).ok().filter(|_| scene.has(name)))?;
    let line = scene.text(&path)?.lines().position(|line| line.starts_with("runs:"))?;
    Some(kind("other", "an action, which other repositories' workflows run", &path, line + 1))
}

/// A command line may come in an image, too, as long as nothing of it listens: an image that says so is a service's.
fn command(scene: &Scene<'_>) -> Option<Observation> {
    if has_image(scene) && (container::publishes(scene) || listens(scene)) {
        return None;
    }
    let found = framework::found(scene);
    let command = |makes| makes == Makes::Command;
    let (manifest, name, line, _) = found.into_iter().find(|(manifest, _, _, makes)| {
        command(*makes) && (manifest.program.is_some() || (manifest.language == "go" && has_main(scene)))
    })?;
    Some(kind("other", format!("a command line ({name}), and nothing that serves"), &manifest.path, line))
}

/// What code says that waits for others: for requests, or for messages of a queue.
const LISTENS: [&str; 14] = [
    "ListenAndServe",
    "net.Listen(",
    ".Serve(",
    "TcpListener",
    "UnixListener",
    "hyper::server",
    "serve_forever",
    "HTTPServer",
    "socketserver",
    "createServer(",
    ".listen(",
    "ServerSocket",
    "HttpServer",
    "subscribe(",
];

fn listens(scene: &Scene<'_>) -> bool {
    const CODE: [&str; 8] = [".go", ".rs", ".py", ".js", ".ts", ".mjs", ".java", ".kt"];
    let files = scene.own(&|path| CODE.iter().any(|ending| path.file_name().ends_with(ending)));
    // Of more code than that nobody can tell here.
    files.len() > MOST_READ
        || files
            .into_iter()
            .any(|path| scene.text(path).is_some_and(|text| LISTENS.iter().any(|word| text.contains(word))))
}

fn library(scene: &Scene<'_>) -> Option<Observation> {
    if has_image(scene) {
        return None;
    }
    let manifest = scene.manifests().first().filter(|manifest| manifest.path.parent().is_none())?;
    if manifest.language == "go" {
        let has_code = scene.with_ending(".go").iter().any(|path| !path.file_name().ends_with("_test.go"));
        let is_library = has_code && !has_main(scene);
        return is_library.then(|| kind("library", "no `package main`", &manifest.path, 1));
    }
    // A manifest beside it may hold the settings of tools alone.
    let beside =
        scene.manifests().iter().filter(|one| one.path.parent().is_none() && one.language == manifest.language);
    if beside.clone().any(|one| one.program.is_some()) {
        return None;
    }
    let manifest = beside.clone().find(|one| one.library.is_some())?;
    let (why, line) = manifest.library.as_ref()?;
    let shown = RepoPath::new(why.as_str()).ok().filter(|path| scene.has(path.as_str()));
    match shown {
        Some(path) => Some(kind("library", "a library, and no program beside it", &path, 1)),
        None => Some(kind("library", format!("`{why}`, and nothing that starts it"), &manifest.path, *line)),
    }
}

/// Whether an image is built of it: then it is not clear that nothing serves.
fn has_image(scene: &Scene<'_>) -> bool {
    !container::dockerfiles(scene).is_empty()
}

/// Whether some Go file is a program.
fn has_main(scene: &Scene<'_>) -> bool {
    let files = scene.files.iter().filter(|path| is_go(path) && !is_foreign(path));
    let program = |path: &RepoPath| {
        let text = scene.text(path).unwrap_or_default();
        text.lines().find(|line| line.starts_with("package ")).is_some_and(|line| line.trim() == "package main")
    };
    files.filter(|path| !path.file_name().ends_with("_test.go")).take(MOST_READ).any(program)
}

fn is_go(path: &RepoPath) -> bool {
    path.file_name().rsplit_once('.').is_some_and(|(_, ending)| ending == "go")
}
