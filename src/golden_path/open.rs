//! A golden path, opened: its files read, typed, merged with what it extends, and found to be sound.

use std::collections::BTreeMap;
use std::sync::Arc;

use semver::Version;

use super::archive::{MAX_BYTES, MAX_ENTRIES, stays_inside};
use super::asset::Asset;
use super::builtin;
use super::check::{self, Outlines};
use super::digest::{belongs, digest};
use super::manifest::{MANIFEST, Manifest, Profile};
use super::own_check;
use super::own_rule::{self, Sourced};
use super::source::Extends;
use super::splice::set_scalar;
use super::spot::Spot;
use crate::error::{Error, Kind, Problem, Result};
use crate::model::document::{self, schemas};
use crate::model::file::{File, FileMode};
use crate::model::path::RepoPath;
use crate::model::tree::MemoryTree;

/// Which golden path it is, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Where it comes from, without the version: `builtin`, or a directory.
    pub source: String,
    /// The version that its manifest names.
    pub version: Version,
    /// The commit it was read at, for sources in git.
    pub commit: Option<String>,
    /// `sha256:…` over its tree, with what it extends frozen.
    pub digest: String,
    /// `source@version digest` of each golden path that it extends.
    pub extends: Vec<String>,
}

/// A golden path that can be rendered.
#[derive(Clone, Debug)]
pub struct GoldenPath {
    /// Which one it is.
    pub identity: Identity,
    /// Its manifest, together with what it extends.
    pub manifest: Manifest,
    /// Its assets by id, those that it extends included.
    pub assets: BTreeMap<String, Asset>,
    /// The files of each asset, as written under its `files/`.
    pub files: BTreeMap<String, MemoryTree>,
    /// Rules of its own by id, those that it extends included.
    pub rules: BTreeMap<String, Sourced>,
    /// `rules/`, `controls.yaml` and `pins.yaml`, those that it extends included.
    pub extras: MemoryTree,
    /// Its own tree, without `releases/`.
    pub tree: Arc<MemoryTree>,
    /// What its templates read, as far as they were looked at.
    pub(super) outlines: Outlines,
}

impl GoldenPath {
    /// What `CHANGELOG.md` says, if there is one.
    pub fn changelog(&self) -> Option<&str> {
        self.tree.get_str("CHANGELOG.md").and_then(File::text)
    }

    /// The profile of that name, if there is one. A golden path that brings no profiles has those of the built-in one.
    pub fn profile(&self, id: &str) -> Result<Option<Profile>> {
        if self.manifest.profiles.is_empty() {
            return builtin::profile(id);
        }
        Ok(self.manifest.profiles.get(id).cloned())
    }

    /// The names of all profiles.
    pub fn profile_ids(&self) -> Vec<&str> {
        if self.manifest.profiles.is_empty() {
            return builtin::profile_names();
        }
        self.manifest.profiles.keys().map(String::as_str).collect()
    }

    /// Ids of all questions, of the path and of every asset.
    pub(super) fn question_ids(&self) -> impl Iterator<Item = String> {
        let own = self.manifest.questions.iter().map(|(id, _)| id.to_owned());
        own.chain(self.assets.values().flat_map(|asset| asset.questions.iter().map(|(id, _)| id.to_owned())))
    }
}

/// Reads only the manifest, and checks that this roadbed may read the rest.
pub(super) fn manifest(tree: &MemoryTree) -> Result<Manifest> {
    let Some(file) = tree.get_str(MANIFEST) else {
        let problem = Problem::new(format!("there is no `{MANIFEST}` here, so it is no golden path"));
        return Err(Error::new(Kind::GoldenPath, problem.hint("name the directory that holds it")));
    };
    let manifest: Manifest = document::read(schemas::PATH, MANIFEST, &file.bytes)?;
    let mut ours = Version::parse(env!("CARGO_PKG_VERSION"))
        .map_err(|error| Error::internal(format!("roadbed's own version does not parse: {error}")))?;
    // A pre-release of roadbed reads what its release will read.
    ours.pre = semver::Prerelease::EMPTY;
    if let Some(wanted) = manifest.requires.as_ref().filter(|wanted| !wanted.matches(&ours)) {
        let spot = Spot::new(MANIFEST, &file.bytes);
        let message = format!("this golden path needs roadbed {wanted}, and this is {ours}");
        let problem = spot.problem(&["requires"], message).hint("install a roadbed of that version");
        return Err(Error::new(Kind::GoldenPath, problem));
    }
    Ok(manifest)
}

/// What a manifest extends.
pub(super) fn extends(manifest: &Manifest, tree: &MemoryTree) -> Result<Option<Extends>> {
    let Some(text) = &manifest.extends else { return Ok(None) };
    text.parse().map(Some).map_err(|message: String| {
        let bytes = tree.get_str(MANIFEST).map_or(&[][..], |file| &file.bytes);
        let problem = Spot::new(MANIFEST, bytes).problem(&["extends"], message);
        Error::new(Kind::GoldenPath, problem.hint("write `extends: builtin@^1`, or take the line out"))
    })
}

/// The tree as a release holds it: without `releases/`, and with `extends` frozen to what it meant.
pub(super) fn frozen(tree: &MemoryTree, base: Option<&Identity>) -> Result<MemoryTree> {
    let mut frozen: MemoryTree =
        tree.iter().filter(|(path, _)| belongs(path)).map(|(path, file)| (path.clone(), file.clone())).collect();
    if let Some(base) = base {
        let value = format!("\"{}@={} {}\"", base.source, base.version, base.digest);
        let text = tree.get_str(MANIFEST).and_then(File::text).unwrap_or_default();
        let text = set_scalar(text, "extends", &value)
            .ok_or_else(|| Error::golden_path("`extends` must be a text of its own").in_file(MANIFEST))?;
        let path = RepoPath::new(MANIFEST).map_err(|fault| Error::internal(fault.to_string()))?;
        frozen.insert(path, File::regular(text));
    }
    Ok(frozen)
}

/// Opens the golden path that `tree` holds. `base` is what its `extends` names.
///
/// Everything that is wrong is in the one error: form, meaning, and what does not fit together.
pub fn load(source: &str, tree: &MemoryTree, base: Option<&GoldenPath>) -> Result<GoldenPath> {
    load_with(source, &Arc::new(tree.clone()), manifest(tree)?, base, None)
}

/// The same, with the manifest that was read already, and with the digest where it is known.
pub(super) fn load_with(
    source: &str,
    tree: &Arc<MemoryTree>,
    mut manifest: Manifest,
    base: Option<&GoldenPath>,
    digested: Option<&str>,
) -> Result<GoldenPath> {
    let extends = extends(&manifest, tree)?;
    let base = match (&extends, base) {
        (None, _) => None,
        (Some(_), Some(base)) => Some(base),
        (Some(_), None) => return Err(Error::golden_path("what `extends` names is not at hand").in_file(MANIFEST)),
    };
    // A test holds the tree in the binary to all that is looked for here.
    let embedded = source == builtin::NAME && digested.is_some();
    let mut problems = if embedded { Vec::new() } else { check_tree(tree) };
    let (mut assets, mut files) = (BTreeMap::new(), BTreeMap::new());
    for (id, parts) in split(tree, &mut problems) {
        let name = yaml_of(&id);
        let read = || match tree.get(&parts.yaml) {
            _ if embedded => builtin::definition(&name),
            Some(yaml) if source == builtin::NAME => document::read_own(schemas::ASSET, &name, &yaml.bytes),
            yaml => document::read(schemas::ASSET, &name, yaml.map_or(&[][..], |yaml| &yaml.bytes)),
        };
        match read() {
            Ok(asset) => {
                assets.insert(id.clone(), asset);
            }
            Err(error) => problems.extend(error.problems),
        }
        files.insert(id, parts.files);
    }
    let mut rules = own_rule::read(tree, &mut problems);
    Error::all(Kind::GoldenPath, std::mem::take(&mut problems))?;

    let identity = Identity {
        source: source.to_owned(),
        version: manifest.version.clone(),
        commit: None,
        digest: match digested {
            Some(digest) => digest.to_owned(),
            None => match base {
                Some(base) => digest(&frozen(tree, Some(&base.identity))?),
                None => digest(tree),
            },
        },
        extends: base.iter().flat_map(|base| inherited(base)).collect(),
    };
    let own: Vec<String> = assets.keys().cloned().collect();
    let mut extras = extras_of(tree);
    if let Some(base) = base {
        inherit(&mut manifest, base);
        for (id, asset) in &base.assets {
            if !assets.contains_key(id) {
                assets.insert(id.clone(), asset.clone());
                files.insert(id.clone(), base.files.get(id).cloned().unwrap_or_default());
            }
        }
        for (id, rule) in &base.rules {
            rules.entry(id.clone()).or_insert_with(|| rule.clone());
        }
        for (path, file) in base.extras.iter() {
            if extras.get(path).is_none() {
                extras.insert(path.clone(), file.clone());
            }
        }
    }
    let tree = Arc::clone(tree);
    let mut path = GoldenPath { identity, manifest, assets, files, rules, extras, tree, outlines: Outlines::new() };
    // A test holds every version in the binary to the same checks: to repeat them is a third of a run of `check`.
    if path.identity.source != builtin::NAME {
        let (mut problems, outlines) = check::path(&path, &own)?;
        problems.extend(own_check::rules(&path)?);
        Error::all(Kind::GoldenPath, problems)?;
        path.outlines = outlines;
    }
    Ok(path)
}

/// How the user would name an asset's definition.
pub(super) fn yaml_of(asset: &str) -> String {
    format!("assets/{asset}/asset.yaml")
}

fn inherited(base: &GoldenPath) -> Vec<String> {
    let Identity { source, version, digest, extends, .. } = &base.identity;
    let mut all = vec![format!("{source}@{version} {digest}")];
    all.extend(extends.iter().cloned());
    all
}

/// What has the same id is replaced whole; the base's questions come first.
fn inherit(manifest: &mut Manifest, base: &GoldenPath) {
    let mut questions = base.manifest.questions.clone();
    manifest.questions.iter().for_each(|(id, question)| questions.put(id, question));
    manifest.questions = questions;
    for (id, template) in &base.manifest.templates {
        manifest.templates.entry(id.clone()).or_insert_with(|| template.clone());
    }
    for (id, profile) in &base.manifest.profiles {
        manifest.profiles.entry(id.clone()).or_insert_with(|| profile.clone());
    }
}

fn extras_of(tree: &MemoryTree) -> MemoryTree {
    let wanted = |path: &RepoPath| {
        path.as_str().starts_with("rules/") || ["controls.yaml", "pins.yaml"].contains(&path.as_str())
    };
    let mut extras = tree.clone();
    extras.retain(wanted);
    extras
}

/// Sizes, and symlinks that are no asset's files.
fn check_tree(tree: &MemoryTree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (mut count, mut size) = (0, 0_u64);
    for (path, file) in tree.iter().filter(|(path, _)| belongs(path)) {
        count += 1;
        size += file.bytes.len() as u64;
        if file.mode != FileMode::Symlink || path.as_str().starts_with("tests/snapshots/") {
            continue;
        }
        let parts: Vec<&str> = path.parts().collect();
        let laid = match parts.as_slice() {
            ["assets", _, "files", inside @ ..] if !inside.is_empty() => RepoPath::new(inside.join("/")).ok(),
            _ => None,
        };
        match laid {
            None => problems.push(
                Problem::new("a golden path must hold symlinks only among the files that it lays")
                    .in_file(path.as_str())
                    .hint("put a copy in its place"),
            ),
            Some(laid) if !stays_inside(&laid, &file.bytes) => problems.push(
                Problem::new("the symlink must be relative and lead to something inside the repository")
                    .in_file(path.as_str()),
            ),
            Some(_) => {}
        }
    }
    if count > MAX_ENTRIES || size > MAX_BYTES {
        let message = format!(
            "the golden path has {count} files of {size} bytes; it must have at most {MAX_ENTRIES} of {MAX_BYTES}"
        );
        problems.push(Problem::new(message));
    }
    problems
}

struct Parts {
    yaml: RepoPath,
    files: MemoryTree,
}

fn split(tree: &MemoryTree, problems: &mut Vec<Problem>) -> BTreeMap<String, Parts> {
    let mut found: BTreeMap<String, (Option<RepoPath>, MemoryTree)> = BTreeMap::new();
    for path in tree.paths() {
        let parts: Vec<&str> = path.parts().collect();
        let ["assets", id, rest @ ..] = parts.as_slice() else { continue };
        if rest.is_empty() {
            continue;
        }
        let asset = found.entry((*id).to_owned()).or_default();
        match rest {
            ["asset.yaml"] => asset.0 = Some(path.clone()),
            ["files", inside @ ..] if !inside.is_empty() => {
                if let Ok(inside) = RepoPath::new(inside.join("/")) {
                    asset.1.share(inside, tree, path);
                }
            }
            _ => {}
        }
    }
    let mut assets = BTreeMap::new();
    for (id, (yaml, files)) in found {
        match yaml {
            Some(yaml) => {
                assets.insert(id, Parts { yaml, files });
            }
            None => problems.push(
                Problem::new("the asset has no `asset.yaml`")
                    .in_file(format!("assets/{id}"))
                    .hint("write one: `schema: roadbed/asset/v1` and a `description`"),
            ),
        }
    }
    assets
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
