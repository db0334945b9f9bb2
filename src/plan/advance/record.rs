//! The lock after a move: at which base each file stands then.

use super::settle::{Settling, Stand};
use crate::model::file::BlobId;
use crate::model::path::RepoPath;
use crate::model::plan::Plan;
use crate::model::repo_files::{Lock, LockedFile};
use crate::plan::lock::Draft;

impl Settling<'_> {
    /// The plan, and the lock after it.
    pub(super) fn finish(self) -> (Plan, Lock) {
        let lock = self.lock();
        (self.plan, lock)
    }

    fn lock(&self) -> Lock {
        let mut draft = Draft::new(self.inputs.lock, self.inputs.tree, &self.plan.edits);
        let goal = draft.base(self.target);
        for (path, place) in &self.lies_at {
            draft.lies_at(path, place);
            if let Some(from) = self.was_at.get(path) {
                draft.lies_at(from, place);
            }
        }
        let reached = |path: &RepoPath| self.stands.get(path) != Some(&Stand::Waits);
        draft.stand(self.target, &goal, &reached, &|path| self.was_at.get(path).cloned());
        let (Some(old), true) = (self.inputs.lock, self.stands.values().any(|stand| *stand == Stand::Waits)) else {
            return draft.finish(goal);
        };
        let base_of = |path: &RepoPath| {
            let entry = old.file(path);
            let own = entry.and_then(|entry| entry.base.as_ref()).filter(|id| old.bases.contains_key(*id));
            own.unwrap_or(&old.base).to_owned()
        };
        for (path, _) in self.stands.iter().filter(|(_, stand)| **stand == Stand::Waits) {
            let from = self.was_at.get(path).unwrap_or(path);
            let entries: Vec<_> = old.files.iter().filter(|entry| entry.path == *from).collect();
            for entry in &entries {
                draft.keep(entry, &base_of(from));
            }
            // Where it is asked for, the base at which it waits has nothing.
            let asked = self.target.files.iter().find(|part| part.path == *path);
            if let Some(part) = asked.filter(|_| entries.is_empty() || from != path) {
                draft.mark(path, &part.asset, part.ownership, &base_of(from));
            }
        }
        if !self.partial {
            return draft.finish(goal);
        }
        // The repo as a whole stays where it was. What is gone is marked as standing at the target, which has it no more.
        let gone = |path: &&RepoPath| !self.target.files.iter().any(|part| part.path == **path);
        let done = self.stands.iter().filter(|(_, stand)| **stand == Stand::Reached).map(|(path, _)| path);
        let left: Vec<&RepoPath> =
            done.flat_map(|path| [Some(path), self.was_at.get(path)]).flatten().filter(gone).collect();
        for entry in old.files.iter().filter(|entry| left.contains(&&entry.path)) {
            draft.mark(&entry.path, &entry.asset, entry.mode, &goal);
        }
        // What an earlier run took away is gone still.
        let is_marked = |entry: &&LockedFile| entry.pristine == BlobId::NULL && !self.stands.contains_key(&entry.path);
        for entry in old.files.iter().filter(is_marked).filter(|entry| gone(&&entry.path)) {
            draft.keep(entry, &base_of(&entry.path));
        }
        draft.finish(old.base.clone())
    }
}
