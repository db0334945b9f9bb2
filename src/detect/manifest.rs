//! Package manifests: what a package is called, what it is for, and what it depends on.

use super::scene::{Parsed, Said, Scene};
use crate::model::path::RepoPath;

/// No more manifests are read.
const MOST: usize = 50;

/// One package manifest.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) path: RepoPath,
    /// The language's word in the built-in golden path.
    pub(super) language: &'static str,
    pub(super) name: Option<(String, usize)>,
    pub(super) description: Option<(String, usize)>,
    /// The licence's SPDX id.
    pub(super) licence: Option<(String, usize)>,
    /// Names of what it depends on, with their lines.
    pub(super) dependencies: Vec<(String, usize)>,
    /// What shows that it is made for others to depend on.
    pub(super) library: Option<(String, usize)>,
    /// What shows that it is a program.
    pub(super) program: Option<(String, usize)>,
}

/// Every manifest, the root's first.
pub(super) fn read(scene: &Scene<'_>) -> Vec<Manifest> {
    type Reader = fn(&Scene<'_>, &RepoPath) -> Option<Manifest>;
    const READERS: [(&str, Reader); 9] = [
        ("go.mod", go),
        ("Cargo.toml", cargo),
        ("pyproject.toml", pyproject),
        ("setup.py", setup_py),
        ("requirements.txt", requirements),
        ("package.json", package_json),
        ("pom.xml", pom),
        ("build.gradle", gradle),
        ("build.gradle.kts", gradle),
    ];
    let mut found: Vec<Manifest> = Vec::new();
    for (name, read) in READERS {
        found.extend(scene.named(name).into_iter().take(MOST).filter_map(|path| read(scene, path)));
    }
    found.sort_by_key(|manifest| manifest.path.parts().count());
    found
}

fn empty(path: &RepoPath, language: &'static str) -> Manifest {
    Manifest {
        path: path.clone(),
        language,
        name: None,
        description: None,
        licence: None,
        dependencies: Vec::new(),
        library: None,
        program: None,
    }
}

fn pair(said: Said) -> (String, usize) {
    (said.text, said.line)
}

fn go(scene: &Scene<'_>, path: &RepoPath) -> Option<Manifest> {
    let mut manifest = empty(path, "go");
    let mut in_require = false;
    for (n, line) in scene.text(path)?.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let module = |word: &str| word.trim_matches('"').to_owned();
        match words.as_slice() {
            ["module", name, ..] => manifest.name = Some((last_of_module(&module(name)), n + 1)),
            ["require", "(", ..] => in_require = true,
            [")", ..] => in_require = false,
            ["require", name, ..] => manifest.dependencies.push((module(name), n + 1)),
            [name, version, ..] if in_require && version.starts_with('v') => {
                manifest.dependencies.push((module(name), n + 1));
            }
            _ => {}
        }
    }
    Some(manifest)
}

/// `example.com/acme/payments/v2` is called `payments`.
fn last_of_module(module: &str) -> String {
    let is_version = |part: &str| {
        part.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit()))
    };
    let part = module.rsplit('/').find(|part| !is_version(part)).unwrap_or(module);
    part.to_owned()
}

fn cargo(scene: &Scene<'_>, path: &RepoPath) -> Option<Manifest> {
    let parsed = scene.document(path)?;
    let mut manifest = empty(path, "rust");
    manifest.name = parsed.said(&["package", "name"]).map(pair);
    manifest.description = parsed.said(&["package", "description"]).map(pair);
    manifest.licence = parsed.said(&["package", "license"]).map(pair);
    for table in [&["dependencies"][..], &["workspace", "dependencies"]] {
        let entries = parsed.entries(table).into_iter();
        // What only a feature brings in does not say what the program is.
        let always = entries.filter(|(key, ..)| {
            let optional = parsed.said(&[table, &[key, "optional"]].concat());
            optional.is_none_or(|said| said.text != "true")
        });
        manifest.dependencies.extend(always.map(|(key, _, line)| (key.to_owned(), line)));
    }
    let beside = |file: &str| path.parent().map_or_else(|| file.to_owned(), |dir| format!("{dir}/{file}"));
    if let Some((_, _, line)) = parsed.entries(&[]).into_iter().find(|(key, ..)| *key == "bin") {
        manifest.program = Some(("[[bin]]".to_owned(), line));
    } else if scene.has(&beside("src/main.rs")) {
        manifest.program = Some((beside("src/main.rs"), 1));
    }
    if manifest.program.is_none() && scene.has(&beside("src/lib.rs")) {
        manifest.library = Some((beside("src/lib.rs"), 1));
    }
    Some(manifest)
}

fn pyproject(scene: &Scene<'_>, path: &RepoPath) -> Option<Manifest> {
    let parsed = scene.document(path)?;
    let mut manifest = empty(path, "python");
    let first = |ways: [&[&str]; 2]| ways.into_iter().find_map(|way| parsed.said(way)).map(pair);
    manifest.name = first([&["project", "name"], &["tool", "poetry", "name"]]);
    manifest.description = first([&["project", "description"], &["tool", "poetry", "description"]]);
    manifest.licence = first([&["project", "license"], &["project", "license", "text"]])
        .or_else(|| parsed.said(&["tool", "poetry", "license"]).map(pair));
    let listed = parsed.node(&["project", "dependencies"]).and_then(|node| node.items()).unwrap_or_default();
    for said in listed.iter().filter_map(|item| parsed.scalar(&item.value)) {
        manifest.dependencies.push((requirement(&said.text), said.line));
    }
    let poetry = parsed.entries(&["tool", "poetry", "dependencies"]);
    manifest.dependencies.extend(poetry.into_iter().map(|(key, _, line)| (key.to_lowercase(), line)));
    if let Some(scripts) = parsed.node(&["project", "scripts"]).or_else(|| parsed.node(&["tool", "poetry", "scripts"]))
    {
        manifest.program = Some(("scripts".to_owned(), parsed.line(scripts.span.start)));
    }
    if let Some(system) = parsed.node(&["build-system"]).filter(|_| manifest.name.is_some()) {
        manifest.library = Some(("[build-system]".to_owned(), parsed.line(system.span.start)));
    }
    Some(manifest)
}

fn setup_py(scene: &Scene<'_>, path: &RepoPath) -> Option<Manifest> {
    let text = scene.text(path)?;
    let mut manifest = empty(path, "python");
    let mut in_requires = false;
    for (n, line) in text.lines().enumerate() {
        let argument =
            |name: &str| line.trim().strip_prefix(name).and_then(|rest| quoted(rest.strip_prefix('=')?.trim()));
        let fill = |slot: &mut Option<(String, usize)>, name| {
            if let (None, Some(word)) = (&*slot, argument(name)) {
                *slot = Some((word, n + 1));
            }
        };
        fill(&mut manifest.name, "name");
        fill(&mut manifest.description, "description");
        fill(&mut manifest.licence, "license");
        in_requires |= line.contains("install_requires");
        if in_requires {
            manifest.dependencies.extend(all_quoted(line).into_iter().map(|word| (requirement(&word), n + 1)));
            in_requires = !line.contains(']');
        }
        if line.trim_start().starts_with("setup(") {
            manifest.library = Some(("setup()".to_owned(), n + 1));
        }
    }
    Some(manifest)
}

fn requirements(scene: &Scene<'_>, path: &RepoPath) -> Option<Manifest> {
    let mut manifest = empty(path, "python");
    for (n, line) in scene.text(path)?.lines().enumerate() {
        let line = line.trim();
        if line.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            manifest.dependencies.push((requirement(line), n + 1));
        }
    }
    Some(manifest)
}

/// `Flask[async]>=3` requires `flask`.
fn requirement(text: &str) -> String {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(text.len());
    text[..end].to_lowercase().replace('_', "-")
}

fn package_json(scene: &Scene<'_>, path: &RepoPath) -> Option<Manifest> {
    let parsed = scene.document(path)?;
    let mut manifest = empty(path, "node");
    manifest.name = parsed.said(&["name"]).map(|said| (bare_package(&said.text), said.line));
    manifest.description = parsed.said(&["description"]).map(pair);
    manifest.licence = parsed.said(&["license"]).map(pair);
    let listed = parsed.entries(&["dependencies"]);
    manifest.dependencies = listed.into_iter().map(|(key, _, line)| (key.to_owned(), line)).collect();
    let line_of = |key: &str| key_line(&parsed, key);
    manifest.program = parsed.said(&["scripts", "start"]).map(|said| ("scripts.start".to_owned(), said.line));
    if manifest.program.is_none() {
        manifest.program = line_of("bin").map(|line| ("bin".to_owned(), line));
    }
    let is_private = parsed.said(&["private"]).is_some_and(|said| said.text == "true");
    let exported =
        ["exports", "types", "module", "publishConfig", "files"].into_iter().find_map(|key| Some((key, line_of(key)?)));
    manifest.library = exported.filter(|_| !is_private).map(|(key, line)| (key.to_owned(), line));
    Some(manifest)
}

fn key_line(parsed: &Parsed, wanted: &str) -> Option<usize> {
    parsed.entries(&[]).into_iter().find(|(key, ..)| *key == wanted).map(|(_, _, line)| line)
}

/// `@acme/payments` is called `payments`.
fn bare_package(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}

/// Plugins of Java's build tools that publish a package for others.
const PUBLISHES: [&str; 6] = [
    "central-publishing-maven-plugin",
    "nexus-staging-maven-plugin",
    "maven-gpg-plugin",
    "maven-publish",
    "java-library",
    "com.vanniktech.maven.publish",
];

/// Packagings of Maven's that are loaded by another program, and start nothing themselves.
const LOADED: [&str; 8] =
    ["hpi", "maven-plugin", "jenkins-module", "bundle", "eclipse-plugin", "atlassian-plugin", "nar", "maven-archetype"];

/// A pom by its lines: the project's own name stands outside its parent, its build and its dependencies.
fn pom(scene: &Scene<'_>, path: &RepoPath) -> Option<Manifest> {
    const OTHERS: [&str; 6] = ["parent", "dependencies", "dependencyManagement", "build", "profiles", "licenses"];
    let mut manifest = empty(path, "java");
    let mut inside: Option<&str> = None;
    for (n, line) in scene.text(path)?.lines().enumerate() {
        let line = line.trim();
        if inside.is_none() {
            inside = OTHERS.into_iter().find(|tag| line.starts_with(&format!("<{tag}>")));
        }
        let artifact = element(line, "artifactId");
        match (inside, artifact) {
            (None, Some(name)) if manifest.name.is_none() => manifest.name = Some((name, n + 1)),
            (Some("build" | "profiles"), Some(name)) if PUBLISHES.contains(&name.as_str()) => {
                manifest.library.get_or_insert((name, n + 1));
            }
            (Some("parent" | "dependencies" | "dependencyManagement" | "build"), Some(name)) => {
                manifest.dependencies.push((name, n + 1));
            }
            _ => {}
        }
        if let (None, Some(packaging)) = (inside, element(line, "packaging").filter(|p| LOADED.contains(&p.as_str()))) {
            manifest.library.get_or_insert((format!("<packaging>{packaging}"), n + 1));
        }
        if let (None, None, Some(text)) = (inside, &manifest.description, element(line, "description")) {
            manifest.description = Some((text, n + 1));
        }
        if inside.is_some_and(|tag| line.contains(&format!("</{tag}>"))) {
            inside = None;
        }
    }
    Some(manifest)
}

fn element(line: &str, tag: &str) -> Option<String> {
    let (_, rest) = line.split_once(&format!("<{tag}>"))?;
    rest.split_once(&format!("</{tag}>")).map(|(text, _)| text.trim().to_owned())
}

fn gradle(scene: &Scene<'_>, path: &RepoPath) -> Option<Manifest> {
    let mut manifest = empty(path, "java");
    for (n, line) in scene.text(path)?.lines().enumerate() {
        // In Kotlin the plugins of Gradle's own are names; those with a dash stand in backticks.
        let bare = line.trim();
        let named = bare.trim_matches('`');
        if named.len() + 2 == bare.len() && PUBLISHES.contains(&named) || bare.starts_with("publishing {") {
            let why = if named.len() < bare.len() { named } else { "publishing" };
            manifest.library.get_or_insert((why.to_owned(), n + 1));
        }
        if bare == "application" {
            manifest.program.get_or_insert((bare.to_owned(), n + 1));
        }
        for word in all_quoted(line) {
            if word == "application" {
                manifest.program.get_or_insert((word.clone(), n + 1));
            }
            let parts: Vec<&str> = word.split(':').collect();
            if PUBLISHES.contains(&word.as_str()) {
                manifest.library.get_or_insert((word.clone(), n + 1));
            }
            // A coordinate, or the id of a plugin.
            let name = if let [_, artifact, ..] = parts.as_slice() { artifact } else { word.as_str() };
            manifest.dependencies.push((name.to_owned(), n + 1));
        }
    }
    let settings = ["settings.gradle", "settings.gradle.kts"].into_iter().find_map(|name| scene.at(name));
    if let Some(settings) = settings.filter(|_| path.parent().is_none()) {
        let text = scene.text(settings)?;
        let named = text.lines().find(|line| line.trim_start().starts_with("rootProject.name"));
        manifest.name = named.and_then(|line| all_quoted(line).into_iter().next()).map(|name| (name, 1));
    }
    Some(manifest)
}

/// The text between the first pair of quotes, if `text` starts with one.
fn quoted(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text[1..].split_once(quote).map(|(inner, _)| inner.to_owned())
}

/// Every text between quotes.
fn all_quoted(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find(['"', '\'']) {
        let quote = &rest[start..=start];
        let Some((inner, after)) = rest[start + 1..].split_once(quote) else { break };
        found.push(inner.to_owned());
        rest = after;
    }
    found
}
