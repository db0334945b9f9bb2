//! The names of the files that an apply makes for itself.

use std::hash::{BuildHasher as _, RandomState};

use crate::model::path::RepoPath;
use crate::repo::os;

/// The journal in a git directory.
pub(super) const JOURNAL_IN_GIT: &str = "roadbed-journal.json";
/// The journal in `.roadbed/`, where there is no git.
pub(super) const JOURNAL_IN_ROADBED: &str = ".journal.json";
/// What a journal's name gets while it is written.
pub(super) const UNFINISHED: &str = ".tmp";
const STAGED: &str = ".roadbed-stage-";

/// A run's mark in the names of its staged files, unlike that of any other run.
pub(super) fn mark() -> String {
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}

/// The name of the staged file number `n` of a run.
pub(super) fn staged(mark: &str, n: usize) -> String {
    format!("{STAGED}{mark}-{n}")
}

/// Whether a name is that of a staged file.
pub(super) fn is_staged(name: &str) -> bool {
    let Some((mark, n)) = name.strip_prefix(STAGED).and_then(|rest| rest.split_once('-')) else { return false };
    let is_mark = mark.len() == 16 && mark.bytes().all(|b| b.is_ascii_hexdigit());
    is_mark && !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a file in `.roadbed/` is one that an apply makes for itself.
pub(crate) fn is_own_file(name: &str) -> bool {
    is_staged(name) || name == JOURNAL_IN_ROADBED || name.strip_suffix(UNFINISHED) == Some(JOURNAL_IN_ROADBED)
}

/// Whether the file at `path` is one that an apply makes for itself.
pub(crate) fn is_own_path(path: &RepoPath) -> bool {
    let name = path.file_name();
    name == os::GUARD
        || is_staged(name)
        || (is_own_file(name) && path.parent().is_some_and(|dir| dir.file_name() == ".roadbed"))
}
