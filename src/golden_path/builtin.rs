//! The golden path that is in the binary. It has no privileges that others lack.

use std::borrow::Cow;
use std::collections::BTreeMap;

use include_dir::{Dir, DirEntry, include_dir};

use super::digest::belongs;
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
