//! The plan: everything that a command would say or do, as a value.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::File;
use super::finding::{Finding, Safety};
use super::lookup::Lookup;
use super::path::RepoPath;

/// What the planner found and what it would do about it. Every command shows or applies one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is wrong now, sorted.
    pub findings: Vec<Finding>,
    /// What would change, sorted by path, at most one for each path.
    pub edits: Vec<Edit>,
    /// What a person must settle; those paths have no edit.
    pub conflicts: Vec<Conflict>,
    /// What is worth saying once, and neither a finding nor a conflict.
    pub notes: Vec<String>,
    /// What the golden path asks for and the repo has otherwise, in files that get all the rest: for `adopt`.
    pub kept: Vec<Kept>,
    /// What the files of `conflicts` and `kept` would become the golden path's way: for `adopt`.
    pub offers: Vec<Edit>,
    /// What is not known here, and would mend or settle a finding that is wanted.
    pub lookups: BTreeSet<Lookup>,
}

impl Plan {
    /// Every file that it names.
    pub fn paths(&self) -> impl Iterator<Item = &RepoPath> {
        let edited = self.edits.iter().flat_map(|edit| std::iter::once(&edit.path).chain(&edit.from));
        let found = self.findings.iter().map(|finding| &finding.path);
        edited.chain(found).chain(self.conflicts.iter().map(|conflict| &conflict.path))
    }
}

/// One key that stays what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Kept {
    /// The file.
    #[schemars(with = "String")]
    pub path: RepoPath,
    /// The line in the file as it will be; none where the key is missing altogether.
    pub line: Option<usize>,
    /// What it is and what is asked for, in one sentence without a full stop.
    pub message: String,
    /// A command that takes what the golden path asks for.
    pub next: String,
}

/// One file that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The path after the edit (of a deleted file: before).
    pub path: RepoPath,
    /// Where a renamed file lies now.
    pub from: Option<RepoPath>,
    /// What lies there now (at `from`, if it is renamed).
    pub before: Option<File>,
    /// What will lie there.
    pub after: Option<File>,
    /// The asset that asks for it.
    pub asset: Option<String>,
    /// The rule that asks for it.
    pub rule: Option<String>,
    /// Whether what the file does stays.
    pub safety: Safety,
}

impl Edit {
    /// What kind of change it is.
    pub fn action(&self) -> Action {
        match (&self.from, &self.before, &self.after) {
            (Some(_), _, _) => Action::Rename,
            (None, None, _) => Action::Create,
            (None, Some(_), None) => Action::Delete,
            (None, Some(before), Some(after)) if before.bytes == after.bytes => Action::Mode,
            _ => Action::Update,
        }
    }
}

/// The kinds of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A new file.
    Create,
    /// New content.
    Update,
    /// The file goes.
    Delete,
    /// Another path, with or without new content.
    Rename,
    /// The same content with another mode.
    Mode,
}

/// Why a path needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictKind {
    /// Both sides changed the same place.
    Content,
    /// The repo edited what the path deletes.
    EditedDeleted,
    /// The repo deleted what the path changes.
    DeletedEdited,
    /// The repo has a file of its own where the path adds one.
    AddAdd,
    /// Both sides changed a file that is not text.
    Binary,
    /// An untracked or ignored file lies where the path wants to write.
    Untracked,
    /// The file has changes that are not committed.
    Dirty,
    /// Nobody knows what the file was rendered to.
    NoBase,
    /// A directory, a symlink or a special file is in the way.
    Type,
}

/// One path that a person must settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Where.
    pub path: RepoPath,
    /// Why.
    pub kind: ConflictKind,
    /// What is in the way, in one sentence without a full stop.
    pub message: String,
    /// A command that settles it.
    pub next: String,
}
