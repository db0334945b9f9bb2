//! The golden path that is in the binary. It has no privileges that others lack.

use std::borrow::Cow;
use std::collections::BTreeMap;

use include_dir::{Dir, DirEntry, include_dir};
use serde::de::DeserializeOwned;

use super::digest::belongs;
use super::manifest::Profile;
use super::versions::Versions;
use crate::error::{Error, Result};
use crate::model::path::RepoPath;
use crate::model::tree::MemoryTree;

/// Its source, as a policy names it.
pub(super) const NAME: &str = "builtin";

/// The digest of the version that `templates/` is, as the build found it.
pub(super) const DIGEST: &str = env!("ROADBED_BUILTIN_DIGEST");

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Its profiles, its manifest and its assets' definitions, one a line: the name, a tab, and the same as JSON, which reads much faster
/// than YAML does.
static DEFINITIONS: &str = include_str!(concat!(env!("OUT_DIR"), "/definitions.txt"));

/// One of its definitions, typed.
pub(super) fn definition<T: DeserializeOwned>(name: &str) -> Result<T> {
    stored(name).unwrap_or_else(|| Err(Error::internal(format!("`{name}` is not in the binary"))))
}

fn stored<T: DeserializeOwned>(name: &str) -> Option<Result<T>> {
    let json = DEFINITIONS.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'))?;
    let fail = |error| Error::internal(format!("`{name}` in the binary does not read: {error}"));
    Some(serde_json::from_str(json).map_err(fail))
}

/// The text of one of its files, as it stands.
pub(super) fn text(name: &str) -> Option<&'static str> {
    TEMPLATES.get_file(name)?.contents_utf8()
}

/// One of its profiles, for golden paths that bring none. Every check of a repository on such a path asks for one, so
/// each stands by itself.
pub(super) fn profile(name: &str) -> Result<Option<Profile>> {
    stored(&format!("profiles/{name}")).transpose()
}

/// The names of its profiles.
pub(super) fn profile_names() -> Vec<&'static str> {
    let profiles = DEFINITIONS.lines().map_while(|line| line.strip_prefix("profiles/"));
    profiles.filter_map(|line| Some(line.split_once('\t')?.0)).collect()
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
                    tree.embed(path, file.contents());
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
    use crate::golden_path::open;
    use crate::model::document::{self, schemas};

    #[test]
    fn its_definitions_are_what_stands_in_its_files() {
        let path = Versions::builtin().unwrap().current().unwrap();
        assert_eq!(path.manifest, open::manifest(&path.tree).unwrap());
        for (id, asset) in &path.assets {
            let name = open::yaml_of(id);
            let written = document::read(schemas::ASSET, &name, &path.tree.get_str(&name).unwrap().bytes).unwrap();
            assert_eq!(*asset, written, "{name}");
        }
    }

    #[test]
    fn a_profile_read_alone_is_that_of_the_manifest() {
        let whole = Versions::builtin().unwrap().current().unwrap().manifest.profiles;
        assert!(!whole.is_empty());
        let alone = profile_names().into_iter().map(|name| (name.to_owned(), profile(name).unwrap().unwrap()));
        assert_eq!(alone.collect::<BTreeMap<_, _>>(), whole);
        assert_eq!(profile("none").unwrap(), None);
    }
}
