//! Leaving the path: `.roadbed/` and the block markers go, every file stays.

use super::Inputs;
use super::hold::guarded;
use crate::edit::{block, comment_style};
use crate::error::Result;
use crate::model::file::File;
use crate::model::finding::Safety;
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::plan::{Edit, Plan};

/// Plans to leave.
pub(super) fn plan(inputs: &Inputs<'_>) -> Result<Plan> {
    let mut plan = Plan::default();
    let Some(locked) = inputs.locked else { return Ok(plan) };
    for part in locked.files.iter().filter(|part| part.ownership == Ownership::Block) {
        let node = inputs.tree.node(&part.path);
        let (Some(text), Some(style)) = (node.file().and_then(File::text), comment_style(&part.path)) else { continue };
        let after = block::unwrap_all(text, style);
        if after == text || plan.edits.iter().any(|edit: &Edit| edit.path == part.path) {
            continue;
        }
        if let Some(conflict) = guarded(inputs, &part.path, &node)? {
            if !plan.conflicts.iter().any(|known| known.path == part.path) {
                plan.conflicts.push(conflict);
            }
            continue;
        }
        let mode = node.file().map_or(part.file.mode, |file| file.mode);
        plan.edits.push(Edit {
            path: part.path.clone(),
            from: None,
            before: node.into_file(),
            after: Some(File { mode, bytes: after.into_bytes() }),
            asset: Some(part.asset.clone()),
            rule: None,
            safety: Safety::Safe,
        });
    }
    let lock = RepoPath::roadbed("lock.yaml");
    let own: Vec<RepoPath> =
        inputs.tree.files()?.into_iter().filter(|path| path.parts().next() == Some(".roadbed")).collect();
    for path in own.iter().filter(|path| **path != lock) {
        plan.conflicts.extend(guarded(inputs, path, &inputs.tree.node(path))?);
    }
    if !plan.conflicts.is_empty() {
        // Leaving is all or nothing: without `.roadbed/` nobody could settle the rest.
        plan.edits.clear();
        return Ok(plan);
    }
    for path in own {
        let before = inputs.tree.node(&path).into_file();
        plan.edits.push(Edit { path, from: None, before, after: None, asset: None, rule: None, safety: Safety::Safe });
    }
    Ok(plan)
}
