//! All versions of one golden path, unpacked only when they are asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use semver::{Version, VersionReq};

use super::archive::unpack;
use super::builtin;
use super::digest::{RELEASES, belongs};
use super::manifest::{MANIFEST, Manifest};
use super::open::{self, GoldenPath};
use super::spot::Spot;
use crate::error::{Error, Kind, Problem, Result};
use crate::model::tree::MemoryTree;

/// Every version of one source: the tree as it stands, and what `releases/` holds.
#[derive(Clone, Debug)]
pub struct Versions {
    source: String,
    current: Version,
    /// Of the tree as it stands.
    manifest: Manifest,
    tree: Arc<MemoryTree>,
    releases: BTreeMap<Version, Cow<'static, [u8]>>,
}

impl Versions {
    /// The versions of a directory: `tree` is what it holds (with or without `releases/`), `releases` the
    /// packed versions by file name. `name` is how the user names the directory.
    pub fn directory(name: &str, tree: &MemoryTree, releases: BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let inside = tree.iter().filter(|(path, _)| !belongs(path));
        let mut packed: BTreeMap<String, Cow<'static, [u8]>> =
            inside.map(|(path, file)| (path.file_name().to_owned(), Cow::Owned(file.bytes.clone()))).collect();
        packed.extend(releases.into_iter().map(|(name, bytes)| (name, Cow::Owned(bytes))));
        Versions::new(name, tree.clone(), packed)
    }

    pub(super) fn new(
        source: &str,
        mut tree: MemoryTree,
        packed: BTreeMap<String, Cow<'static, [u8]>>,
    ) -> Result<Self> {
        let manifest = if source == builtin::NAME { builtin::definition(MANIFEST) } else { open::manifest(&tree) }?;
        let current = manifest.version.clone();
        let mut releases = BTreeMap::new();
        for (name, bytes) in packed {
            // What is no version's file (a README, a checksum) may lie beside them.
            let Some(version) = name.strip_suffix(".tar.zst") else { continue };
            let version = version.parse().map_err(|_| {
                let problem =
                    Problem::new(format!("`{version}` is not a version")).in_file(format!("{RELEASES}/{name}"));
                Error::new(Kind::GoldenPath, problem.hint("a release is called `VERSION.tar.zst`"))
            })?;
            releases.insert(version, bytes);
        }
        tree.retain(belongs);
        Ok(Versions { source: source.to_owned(), current, manifest, tree: Arc::new(tree), releases })
    }

    /// Where they come from: `builtin`, or the directory's name.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every version, oldest first.
    pub fn list(&self) -> Vec<Version> {
        let mut all: Vec<Version> = self.releases.keys().cloned().collect();
        if !self.releases.contains_key(&self.current) {
            all.push(self.current.clone());
            all.sort();
        }
        all
    }

    /// The newest version that is no pre-release; where there are only such, the newest of them.
    pub fn latest(&self) -> Version {
        let all = self.list();
        let newest = all.iter().rev().find(|version| version.pre.is_empty()).or(all.last());
        newest.unwrap_or(&self.current).clone()
    }

    /// The newest version in the range. Pre-releases count only where the range names one.
    pub fn newest_allowed(&self, range: &VersionReq) -> Option<Version> {
        self.list().into_iter().rev().find(|version| range.matches(version))
    }

    /// One version; an error that names the others if there is no such.
    pub fn require(&self, version: &Version) -> Result<GoldenPath> {
        self.get(version)?.ok_or_else(|| {
            let there: Vec<String> = self.list().iter().map(Version::to_string).collect();
            let problem = Problem::new(format!("{} has no version {version}", self.source));
            Error::new(Kind::GoldenPath, problem.hint(format!("there is: {}", there.join(", "))))
        })
    }

    /// The version that the tree as it stands names.
    pub fn current_version(&self) -> &Version {
        &self.current
    }

    /// The golden path as it stands.
    pub fn current(&self) -> Result<GoldenPath> {
        let digested = (self.source == builtin::NAME).then_some(builtin::DIGEST);
        self.open(&self.tree, self.manifest.clone(), digested)
    }

    /// One version; none if there is no such.
    pub fn get(&self, version: &Version) -> Result<Option<GoldenPath>> {
        if *version == self.current {
            return self.current().map(Some);
        }
        let Some(bytes) = self.releases.get(version) else { return Ok(None) };
        let file = format!("{RELEASES}/{version}.tar.zst");
        let tree = unpack(bytes).map_err(|error| error.in_file(&file))?;
        let manifest = open::manifest(&tree)?;
        let path = self.open(&Arc::new(tree), manifest, None)?;
        if path.identity.version != *version {
            let message = format!("the release says that it is version {}", path.identity.version);
            return Err(Error::golden_path(message).in_file(&file));
        }
        Ok(Some(path))
    }

    /// Whether the tree was changed since the version that it names was released. The tree is what counts;
    /// the user should know.
    pub fn edited(&self) -> Result<bool> {
        match self.releases.get(&self.current) {
            Some(bytes) => {
                let released = unpack(bytes)?;
                let base = self.base(&self.tree, &self.manifest)?;
                let frozen = open::frozen(&self.tree, base.as_ref().map(|base| &base.identity))?;
                Ok(!released.iter().filter(|(path, _)| belongs(path)).eq(frozen.iter()))
            }
            None => Ok(false),
        }
    }

    pub(super) fn tree(&self) -> &MemoryTree {
        &self.tree
    }

    pub(super) fn release(&self, version: &Version) -> Option<&[u8]> {
        self.releases.get(version).map(AsRef::as_ref)
    }

    fn open(&self, tree: &Arc<MemoryTree>, manifest: Manifest, digested: Option<&str>) -> Result<GoldenPath> {
        let base = self.base(tree, &manifest)?;
        open::load_with(&self.source, tree, manifest, base.as_ref(), digested)
    }

    /// What the tree extends, at the newest version that will do.
    pub(super) fn base(&self, tree: &MemoryTree, manifest: &Manifest) -> Result<Option<GoldenPath>> {
        let Some(extends) = open::extends(manifest, tree)? else { return Ok(None) };
        let fail = |message: String| Err(Error::golden_path(message).in_file(MANIFEST));
        if self.source == builtin::NAME {
            return fail("the built-in golden path cannot extend itself".to_owned());
        }
        let builtin = Versions::builtin()?;
        let found = builtin.newest_allowed(&extends.range).map(|version| builtin.get(&version)).transpose()?;
        let Some(base) = found.flatten() else {
            let there: Vec<String> = builtin.list().iter().map(Version::to_string).collect();
            let bytes = tree.get_str(MANIFEST).map_or(&[][..], |file| &file.bytes);
            let message = format!("no version of the built-in golden path is in `{}`", extends.range);
            let problem = Spot::new(MANIFEST, bytes).problem(&["extends"], message);
            return Err(Error::new(Kind::GoldenPath, problem.hint(format!("there is: {}", there.join(", ")))));
        };
        if extends.digest.as_ref().is_some_and(|digest| *digest != base.identity.digest) {
            let Version { major, minor, patch, .. } = base.identity.version;
            return fail(format!(
                "the built-in golden path {major}.{minor}.{patch} is not the one that this release was made with"
            ));
        }
        Ok(Some(base))
    }
}

#[cfg(test)]
#[path = "versions_tests.rs"]
mod tests;
