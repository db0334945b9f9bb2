//! What is put into the plan: edits as far as the disk can hold them, and conflicts.

use super::settle::{Settling, Stand};
use crate::error::Result;
use crate::model::file::{File, FileMode};
use crate::model::finding::Safety;
use crate::model::path::RepoPath;
use crate::model::plan::{Conflict, ConflictKind, Edit};
use crate::model::tree::{Modes, Node};
use crate::plan::grouped::Asked;
use crate::plan::hold::{guarded, shell_word};
use crate::plan::obstacle;

impl Settling<'_> {
    /// The upgrade that leads to the same target; of another command, the one that goes on where it ended.
    pub(super) fn upgrade(&self) -> &str {
        const UPGRADE: &str = "roadbed upgrade";
        let command = self.inputs.command;
        if command.starts_with(UPGRADE) { command } else { UPGRADE }
    }

    /// `after` as far as the disk can hold it: who may run a file, only git's index may know, and that is not ours to write.
    pub(super) fn as_held(&mut self, to: &RepoPath, before: Option<&File>, mut after: File) -> File {
        let modes = self.inputs.tree.modes();
        let was = before.map_or(FileMode::Regular, |file| file.mode);
        let runs = after.mode == FileMode::Executable;
        if modes == Modes::Here || after.mode == was || [was, after.mode].contains(&FileMode::Symlink) {
            return after;
        }
        if modes == Modes::InIndex && self.inputs.lock.is_some() {
            let (may, sign) =
                if runs { ("is to be executable", '+') } else { ("is not to be executable any more", '-') };
            let word = shell_word(to.as_str());
            self.plan
                .notes
                .push(format!("{to} {may}, which only git's index holds here: git add --chmod={sign}x {word}"));
        }
        if before.is_some() {
            after.mode = was;
        }
        after
    }

    pub(super) fn free(&mut self, path: &RepoPath, node: &Node) -> Result<bool> {
        let conflict = guarded(self.inputs, path, node)?;
        let free = conflict.is_none();
        self.plan.conflicts.extend(conflict);
        Ok(free)
    }

    pub(super) fn edit(&mut self, path: &RepoPath, before: Option<File>, after: Option<File>, asked: &Asked<'_>) {
        self.push(path, None, before, after, asked.first().map(|part| part.asset.clone()));
    }

    pub(super) fn rename(&mut self, from: &RepoPath, to: &RepoPath, before: File, after: File, asked: &Asked<'_>) {
        let asset = asked.first().map(|part| part.asset.clone());
        self.push(to, Some(from.clone()), Some(before), Some(after), asset);
    }

    pub(super) fn push(
        &mut self,
        path: &RepoPath,
        from: Option<RepoPath>,
        before: Option<File>,
        after: Option<File>,
        asset: Option<String>,
    ) {
        self.plan.edits.push(Edit { path: path.clone(), from, before, after, asset, rule: None, safety: Safety::Safe });
    }

    pub(super) fn conflict(&mut self, path: &RepoPath, kind: ConflictKind, message: String, next: String) -> Stand {
        self.plan.conflicts.push(Conflict { path: path.clone(), kind, message, next });
        Stand::Waits
    }

    /// Something else lies at `path`. Once it is gone the command lays what `comes` there; what was laid before counts as
    /// deleted then, and only `fix` brings it back.
    pub(super) fn obstructed(&mut self, path: &RepoPath, node: &Node, comes: bool) -> Stand {
        let fix = format!("roadbed fix {}", shell_word(path.as_str()));
        let then = match (self.inputs.lock, comes) {
            (None, _) => fix,
            (Some(_), true) => self.inputs.command.to_owned(),
            (Some(_), false) => format!("{} && {fix}", self.inputs.command),
        };
        self.plan.conflicts.extend(obstacle::in_the_way(path, node, None, &then));
        Stand::Waits
    }
}
