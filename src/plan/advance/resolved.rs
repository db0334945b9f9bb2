//! Files that a person has merged.

use super::Step;
use super::content::merged_mode;
use super::settle::{Settling, Stand};
use crate::edit::markers;
use crate::error::Result;
use crate::model::file::File;
use crate::model::plan::ConflictKind;
use crate::model::tree::{Node, Tree};
use crate::plan::hold::{guarded, shell_word};

impl Settling<'_> {
    /// A person has merged it: its content stays as it is, where the golden path has it now.
    pub(super) fn resolved(&mut self, step: &Step<'_>, tree: &dyn Tree) -> Result<Stand> {
        for path in [step.to.map(|to| to.0), step.from.map(|from| from.0)].into_iter().flatten() {
            let node = self.inputs.tree.node(path);
            let text = node.file().and_then(File::text);
            if let Some(span) = text.and_then(markers::first) {
                let message = format!("it still holds conflict markers, from line {} on", span.line);
                let word = shell_word(path.as_str());
                let next = format!("take the markers out of {word}, then {} --resolved {word}", self.upgrade());
                return Ok(self.conflict(path, ConflictKind::Content, message, next));
            }
        }
        if let (Some((from, _)), Some((to, asked))) = (step.from, step.to)
            && from != to
            && let (Node::File(file), Node::Absent) = (self.inputs.tree.node(from), tree.node(to))
        {
            // Who merged it by hand has not committed it yet; its bytes go along as they are.
            let guard = guarded(self.inputs, from, &Node::File(file.clone()))?;
            if let Some(mut guard) = guard.filter(|guard| guard.kind != ConflictKind::Dirty) {
                // The next run must be told again.
                guard.next = format!("{} --resolved {}", guard.next, shell_word(from.as_str()));
                self.plan.conflicts.push(guard);
                return Ok(Stand::Waits);
            }
            let base = step.from.and_then(|(_, before)| before.first()).and_then(|old| old.base.as_ref());
            let mode = asked.first().map_or(file.mode, |part| merged_mode(&file, base, &part.file));
            let after = self.as_held(to, Some(&file), File { mode, ..file.clone() });
            self.rename(from, to, file, after, asked);
        }
        Ok(Stand::Reached)
    }
}
