//! Moving: from what the locked version renders to (nothing, for `new`) to what another one does.

use std::collections::BTreeSet;

use super::grouped::{Asked, by_path};
use super::hold::{guarded, shell_word};
use super::lock::next_lock;
use super::measure::{assert_part, fresh};
use super::policy::Omitted;
use super::{Inputs, own_files};
use crate::edit::envelope::{Envelope, same_text};
use crate::edit::{Format, block, comment_style, drop_keys};
use crate::error::Result;
use crate::golden_path::{Pristine, Render};
use crate::model::file::File;
use crate::model::finding::Safety;
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::plan::{Conflict, ConflictKind, Edit, Plan};
use crate::model::tree::Node;

/// Plans to reach `target`.
pub(super) fn plan(inputs: &Inputs<'_>, target: &Render, config: &str, policy: Option<&str>) -> Result<Plan> {
    let omitted = Omitted::new(inputs.omit, target)?;
    let mut advance = Advance { inputs, plan: Plan::default() };
    let nothing = std::collections::BTreeMap::new();
    let base = inputs.locked.map_or(nothing, by_path);
    let wanted = by_path(target);
    let paths: BTreeSet<&RepoPath> = base.keys().chain(wanted.keys()).copied().collect();
    for path in paths {
        let node = inputs.tree.node(path);
        if node == Node::Absent && omitted.covers(path) {
            continue;
        }
        let kept = target.lets_go.iter().any(|(_, gone)| gone == path);
        match (base.get(path), wanted.get(path)) {
            (None, Some(asked)) => advance.arrive(path, asked, &node)?,
            (Some(from), Some(to)) => advance.change(path, from, to, &node)?,
            (Some(from), None) if !kept => advance.leave(path, from, &node)?,
            (Some(_), None) => advance.plan.notes.push(format!("{path} is the repo's own from now on")),
            (None, None) => {}
        }
    }
    let unsettled = |conflict: &Conflict| !matches!(conflict.kind, ConflictKind::AddAdd | ConflictKind::EditedDeleted);
    if advance.plan.conflicts.iter().any(unsettled) {
        // The repo stays where it was on record, so that the same command offers again what could not be done.
        advance
            .plan
            .notes
            .push(format!("nothing is on record yet: settle what is listed, then run `{}` again", inputs.command));
        return Ok(advance.plan);
    }
    let lock = next_lock(target, inputs.lock, &advance.plan.edits);
    advance.plan.edits.extend(own_files::edit(inputs.tree, "config.yaml", config)?);
    if let Some(policy) = policy {
        advance.plan.edits.extend(own_files::edit(inputs.tree, "policy.yaml", policy)?);
    }
    advance.plan.edits.extend(own_files::lock_edit(inputs.tree, inputs.lock, &lock)?);
    Ok(advance.plan)
}

struct Advance<'a> {
    inputs: &'a Inputs<'a>,
    plan: Plan,
}

impl Advance<'_> {
    /// The path starts to ask for the file.
    fn arrive(&mut self, path: &RepoPath, asked: &Asked<'_>, node: &Node) -> Result<()> {
        let once = matches!(asked, Asked::Whole(part) if part.ownership == Ownership::Once);
        let file = match node {
            _ if once && *node != Node::Absent => return Ok(()),
            Node::Absent => {
                let file = fresh(path, asked)?;
                self.edit(path, None, Some(file), asked);
                return Ok(());
            }
            Node::File(file) => file,
            _ => {
                self.obstructed(path, node);
                return Ok(());
            }
        };
        match asked {
            Asked::Whole(part) if same_text(&file.bytes, &part.file.bytes) && is_link(file) == is_link(&part.file) => {
                Ok(())
            }
            Asked::Whole(part) => {
                let message = format!("the repo has this file already, and asset `{}` lays another", part.asset);
                let word = shell_word(path.as_str());
                let next = format!("git mv {word} {word}.ours && roadbed fix {word}");
                self.conflict(path, ConflictKind::AddAdd, message, next);
                Ok(())
            }
            Asked::Parts(parts) => self.assert_parts(path, parts, parts, file),
        }
    }

    /// The path asked for the file before and still does.
    fn change(&mut self, path: &RepoPath, from: &Asked<'_>, to: &Asked<'_>, node: &Node) -> Result<()> {
        let file = match node {
            // What the repo deleted stays deleted; `check` reports it.
            Node::Absent => return Ok(()),
            Node::File(file) => file,
            _ => {
                self.obstructed(path, node);
                return Ok(());
            }
        };
        match (from, to) {
            (Asked::Whole(old), Asked::Whole(new)) => self.change_whole(path, old, new, file, to),
            (Asked::Parts(old), Asked::Parts(new)) => {
                let same = |a: &Pristine, b: &Pristine| a.asset == b.asset && a.block == b.block && a.file == b.file;
                let changed: Vec<_> = new.iter().copied().filter(|n| !old.iter().any(|o| same(o, n))).collect();
                let gone: Vec<_> = old
                    .iter()
                    .copied()
                    .filter(|o| !new.iter().any(|n| n.asset == o.asset && n.block == o.block))
                    .collect();
                self.reshape(path, &gone, &changed, new, file)
            }
            _ => self.arrive(path, to, node),
        }
    }

    fn change_whole(
        &mut self,
        path: &RepoPath,
        old: &Pristine,
        new: &Pristine,
        file: &File,
        to: &Asked<'_>,
    ) -> Result<()> {
        let same = |part: &Pristine| file.mode == part.file.mode && same_text(&file.bytes, &part.file.bytes);
        if old.file == new.file || same(new) || new.ownership == Ownership::Once {
            return Ok(());
        }
        if same(old) || new.ownership == Ownership::Enforced {
            if self.free(path, &Node::File(file.clone()))? {
                self.edit(path, Some(file.clone()), Some(in_envelope(file, &new.file)), to);
            }
            return Ok(());
        }
        let message = "the repo and the golden path both changed this file".to_owned();
        self.conflict(path, ConflictKind::Content, message, format!("roadbed diff {}", shell_word(path.as_str())));
        Ok(())
    }

    /// The path no longer asks for the file.
    fn leave(&mut self, path: &RepoPath, from: &Asked<'_>, node: &Node) -> Result<()> {
        let file = match node {
            Node::Absent => return Ok(()),
            Node::File(file) => file,
            _ => {
                self.obstructed(path, node);
                return Ok(());
            }
        };
        match from {
            Asked::Whole(part) if part.ownership == Ownership::Once => Ok(()),
            Asked::Whole(part) => {
                let pristine = file.mode == part.file.mode && same_text(&file.bytes, &part.file.bytes);
                if !pristine {
                    let message =
                        format!("asset `{}` goes, but this file of it was edited here; it is yours now", part.asset);
                    let next = format!("git rm {}", shell_word(path.as_str()));
                    self.conflict(path, ConflictKind::EditedDeleted, message, next);
                } else if self.free(path, node)? {
                    self.edit(path, Some(file.clone()), None, from);
                }
                Ok(())
            }
            Asked::Parts(parts) => self.reshape(path, parts, &[], &[], file),
        }
    }

    fn assert_parts(&mut self, path: &RepoPath, parts: &[&Pristine], all: &[&Pristine], file: &File) -> Result<()> {
        self.reshape(path, &[], parts, all, file)
    }

    /// Takes parts out of a file and puts others in; a file of which nothing is left goes.
    fn reshape(
        &mut self,
        path: &RepoPath,
        gone: &[&Pristine],
        wanted: &[&Pristine],
        all: &[&Pristine],
        file: &File,
    ) -> Result<()> {
        if gone.is_empty() && wanted.is_empty() {
            return Ok(());
        }
        let Some(text) = file.text() else {
            self.obstructed(path, &Node::File(file.clone()));
            return Ok(());
        };
        let mut after = Ok(text.to_owned());
        for part in gone {
            after = after.and_then(|text| take_out(path, part, &text));
        }
        for part in wanted {
            after = after.and_then(|text| assert_part(path, part, &text));
        }
        let after = match after {
            Ok(after) => after,
            Err(why) => {
                let next = format!("mend {path} by hand, then run the command again");
                self.conflict(path, ConflictKind::Content, why, next);
                return Ok(());
            }
        };
        let empty = all.is_empty() && says_nothing(path, &after);
        let after = (!empty).then(|| File { mode: file.mode, bytes: after.into_bytes() });
        if after.as_ref() != Some(file) && self.free(path, &Node::File(file.clone()))? {
            let asked = Asked::Parts(gone.iter().chain(wanted).copied().collect());
            self.edit(path, Some(file.clone()), after, &asked);
        }
        Ok(())
    }

    fn free(&mut self, path: &RepoPath, node: &Node) -> Result<bool> {
        let conflict = guarded(self.inputs, path, node)?;
        let free = conflict.is_none();
        self.plan.conflicts.extend(conflict);
        Ok(free)
    }

    fn edit(&mut self, path: &RepoPath, before: Option<File>, after: Option<File>, asked: &Asked<'_>) {
        let asset = asked.first().map(|part| part.asset.clone());
        let edit = Edit { path: path.clone(), from: None, before, after, asset, rule: None, safety: Safety::Safe };
        self.plan.edits.push(edit);
    }

    fn conflict(&mut self, path: &RepoPath, kind: ConflictKind, message: String, next: String) {
        self.plan.conflicts.push(Conflict { path: path.clone(), kind, message, next });
    }

    fn obstructed(&mut self, path: &RepoPath, node: &Node) {
        self.plan.conflicts.extend(super::measure::in_the_way(path, node, None));
    }
}

/// `text` without what `part` asked for, where nobody changed it.
fn take_out(path: &RepoPath, part: &Pristine, text: &str) -> Result<String, String> {
    let body = part.file.text().unwrap_or_default();
    match &part.block {
        Some((id, _)) => {
            let style = comment_style(path).ok_or("the format has no comments to mark a block with")?;
            block::remove(text, id, style).map_err(|e| e.message)
        }
        None => {
            let format = Format::of(path).ok_or("the format is none that roadbed edits by keys")?;
            drop_keys(format, text, body, None, &part.matching).map_err(|e| e.message)
        }
    }
}

/// Whether a file that only ever held the path's parts has nothing left to say.
fn says_nothing(path: &RepoPath, text: &str) -> bool {
    let trimmed = text.trim();
    let comments_only = comment_style(path)
        .is_some_and(|style| Format::of(path).is_some() && trimmed.lines().all(|l| l.trim().starts_with(style.open)));
    trimmed.is_empty() || trimmed == "{}" || trimmed == "---" || comments_only
}

/// `new` with the line ends and the byte-order mark of `ours`.
fn in_envelope(ours: &File, new: &File) -> File {
    match (ours.text(), new.text()) {
        (Some(mine), Some(text)) => {
            let flat = Envelope::of(text).strip(text);
            File { mode: new.mode, bytes: Envelope::of(mine).restore(&flat).into_bytes() }
        }
        _ => new.clone(),
    }
}

fn is_link(file: &File) -> bool {
    file.mode == crate::model::file::FileMode::Symlink
}
