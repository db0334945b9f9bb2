//! What git knows of the files, as the planner needs it.

use crate::model::file::BlobId;
use crate::model::path::RepoPath;
use crate::model::plan::ConflictKind;
use crate::model::tree::Node;

/// Facts about a working directory that only its git repository knows.
pub trait Tracking {
    /// Why what was found at `path` must not be edited: it has changes that are not committed, or git does
    /// not track it. None where it is clean, and everywhere without git.
    fn unsafe_to_edit(&self, path: &RepoPath, node: &Node) -> crate::error::Result<Option<ConflictKind>>;

    /// Whether git has what was found at `path` in its index: never without git.
    fn tracks(&self, path: &RepoPath, node: &Node) -> crate::error::Result<bool>;

    /// A blob of the repository's own objects.
    fn blob(&self, id: BlobId) -> Option<Vec<u8>>;
}

/// No git: every file counts as clean.
pub struct Untracked;

impl Tracking for Untracked {
    fn unsafe_to_edit(&self, _path: &RepoPath, _node: &Node) -> crate::error::Result<Option<ConflictKind>> {
        Ok(None)
    }

    fn tracks(&self, _path: &RepoPath, _node: &Node) -> crate::error::Result<bool> {
        Ok(false)
    }

    fn blob(&self, _id: BlobId) -> Option<Vec<u8>> {
        None
    }
}
