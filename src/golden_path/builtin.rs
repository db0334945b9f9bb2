//! The golden path that is in the binary. It has no privileges that others lack.

use std::borrow::Cow;
use std::collections::BTreeMap;

use include_dir::{Dir, DirEntry, include_dir};

use super::digest::belongs;
use super::manifest::{MANIFEST, Profile};
use super::versions::Versions;
use crate::error::{Error, Result};
use crate::model::file::File;
use crate::model::path::RepoPath;
use crate::model::tree::MemoryTree;

/// Its source, as a policy names it.
pub(super) const NAME: &str = "builtin";

/// The digest of the version that `templates/` is, as the build found it.
pub(super) const DIGEST: &str = env!("ROADBED_BUILTIN_DIGEST");

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The text of one of its files, as it stands.
pub(super) fn text(name: &str) -> Option<&'static str> {
    TEMPLATES.get_file(name)?.contents_utf8()
}

/// Its profiles, for golden paths that bring none. Every check of a repository on such a path asks for them, so only
/// their own lines of the manifest are read.
pub(super) fn profiles() -> Result<BTreeMap<String, Profile>> {
    #[derive(serde::Deserialize)]
    struct Only {
        profiles: BTreeMap<String, Profile>,
    }
    let text = text(MANIFEST).unwrap_or_default();
    let begin = text.find("\nprofiles:").map_or(0, |at| at + 1);
    let mut lines = text[begin..].split_inclusive('\n');
    let first = lines.next().map_or(0, str::len);
    let inside = lines.take_while(|line| line.starts_with([' ', '#', '\n'])).map(str::len).sum::<usize>();
    serde_yaml::from_str(&text[begin..begin + first + inside])
        .map(|Only { profiles }| profiles)
        .map_err(|error| Error::internal(format!("the profiles in the binary do not read: {error}")))
}

impl Versions {
    /// The versions of the built-in golden path.
    ///
    /// Embedding loses which files are executable: no file under `templates/` is, and `asset.yaml` says which
    /// become so where they are laid.
    pub fn builtin() -> Result<Versions> {
        let (mut tree, mut packed) = (MemoryTree::default(), BTreeMap::new());
        collect(&TEMPLATES, &mut tree, &mut packed)?;
        Versions::new(NAME, tree, packed)
    }
}

fn collect(dir: &Dir<'static>, tree: &mut MemoryTree, packed: &mut BTreeMap<String, Cow<'static, [u8]>>) -> Result<()> {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => collect(dir, tree, packed)?,
            DirEntry::File(file) => {
                let name = file.path().to_string_lossy().replace('\\', "/");
                let path = RepoPath::new(name.as_str())
                    .map_err(|fault| Error::internal(format!("the binary holds a file `{name}`: {fault}")))?;
                if belongs(&path) {
                    tree.insert(path, File::regular(file.contents()));
                } else {
                    packed.insert(path.file_name().to_owned(), Cow::Borrowed(file.contents()));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profiles_read_alone_are_those_of_the_manifest() {
        let whole = Versions::builtin().unwrap().current().unwrap().manifest.profiles;
        assert!(!whole.is_empty());
        assert_eq!(profiles().unwrap(), whole);
    }
}
