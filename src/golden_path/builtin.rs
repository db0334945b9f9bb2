//! The golden path that is in the binary. It has no privileges that others lack.

use std::borrow::Cow;
use std::collections::BTreeMap;

use include_dir::{Dir, DirEntry, include_dir};

use super::archive::unpack;
use super::digest::belongs;
use super::versions::Versions;
use crate::error::{Error, Result};
use crate::model::file::File;
use crate::model::path::RepoPath;
use crate::model::tree::MemoryTree;

/// Its source, as a policy names it.
pub(super) const NAME: &str = "builtin";

static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

impl Versions {
    /// The versions of the built-in golden path.
    ///
    /// Embedding loses which files are executable, and a release keeps it: where the tree has the contents
    /// of its own release, the release is used.
    pub fn builtin() -> Result<Versions> {
        let (mut tree, mut packed) = (MemoryTree::default(), BTreeMap::new());
        collect(&TEMPLATES, &mut tree, &mut packed)?;
        let versions = Versions::new(NAME, &tree, packed.clone())?;
        let Some(bytes) = versions.release(versions.current_version()) else { return Ok(versions) };
        let released = unpack(bytes)?;
        if same_contents(&released, versions.tree()) { Versions::new(NAME, &released, packed) } else { Ok(versions) }
    }
}

fn same_contents(a: &MemoryTree, b: &MemoryTree) -> bool {
    a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.0 == b.0 && a.1.bytes == b.1.bytes)
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
