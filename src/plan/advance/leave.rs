//! Files that the path no longer asks for.

use super::content::{Clash, Edited, Either, Passage, is_part, pristine, same_mode};
use super::lost;
use super::named::{self, Lost};
use super::settle::{Settling, Stand};
use super::was::Before;
use crate::edit::envelope::same_text;
use crate::edit::{Format, markers, same_document};
use crate::error::Result;
use crate::merge::{Labels, described, edited};
use crate::model::file::File;
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::plan::ConflictKind;
use crate::model::tree::{Modes, Node, Tree};
use crate::plan::grouped::Asked;
use crate::plan::hold::shell_word;
use crate::plan::{OnConflict, newer};

/// What becomes of a file that the path no longer asks for.
struct Left {
    /// None if it goes.
    after: Option<File>,
    /// What of somebody's own goes with what was laid.
    lost: Option<Lost>,
}

impl Settling<'_> {
    /// The path no longer asks for the file.
    pub(super) fn leave(&mut self, path: &RepoPath, before: &Before, tree: &dyn Tree) -> Result<Stand> {
        if self.target.lets_go.iter().any(|(_, gone)| gone == path) {
            self.plan.notes.push(format!("{path} is the repo's own from now on"));
            return Ok(Stand::Reached);
        }
        if before.iter().all(|old| old.ownership == Ownership::Once) {
            return Ok(Stand::Reached);
        }
        let node = tree.node(path);
        // Nothing lies there, or something that is none of the path's.
        let Node::File(file) = &node else { return Ok(Stand::Reached) };
        let asset = before.first().map(|old| old.asset.clone());
        match leaves(path, before, file, self.inputs.tree.modes()) {
            Ok(Left { after, .. }) if after.as_ref() == Some(file) => Ok(Stand::Reached),
            Ok(Left { after, lost }) => {
                let stand = self.take(path, file, after, asset)?;
                if let Some(lost) = lost {
                    self.note_lost(path, stand, &lost, named::GOES_ALONG);
                }
                Ok(stand)
            }
            Err(clash) => {
                let whole = !before.iter().any(|old| is_part(old.ownership));
                self.edited_and_gone(path, file, *clash, asset, whole)
            }
        }
    }

    fn edited_and_gone(
        &mut self,
        path: &RepoPath,
        file: &File,
        clash: Clash,
        asset: Option<String>,
        whole: bool,
    ) -> Result<Stand> {
        let word = shell_word(path.as_str());
        match (self.ways.conflict, clash.either) {
            (OnConflict::Ours, either) => {
                if let Some(Either { ours: (ours, _), .. }) =
                    either.filter(|either| either.ours.0.as_ref() != Some(file))
                    && self.take(path, file, ours, asset)? == Stand::Waits
                {
                    return Ok(Stand::Waits);
                }
                self.plan.notes.push(format!("{path} stays, and is the repo's own from now on"));
                Ok(Stand::Reached)
            }
            (OnConflict::Theirs, Some(Either { theirs: (theirs, lost), .. })) => {
                let stand = self.take(path, file, theirs, asset)?;
                self.note_lost(path, stand, &lost, named::DECIDED);
                Ok(stand)
            }
            _ if self.ways.lets_edited_go => {
                let message = format!("{}; it is yours now", clash.message);
                let next = if whole { format!("git rm {word}") } else { format!("edit {word} by hand") };
                self.conflict(path, clash.kind, message, next);
                Ok(Stand::Reached)
            }
            _ => {
                let marked = file.text().and_then(markers::first).is_some();
                let first = if marked { format!("take the markers out of {word}, then ") } else { String::new() };
                let next = format!("{first}{} --resolved {word}", self.upgrade());
                Ok(self.conflict(path, clash.kind, clash.message, next))
            }
        }
    }

    /// Leaves `after` where the path no longer asks for anything, unless the file must not be touched.
    fn take(&mut self, path: &RepoPath, file: &File, after: Option<File>, asset: Option<String>) -> Result<Stand> {
        if !self.free(path, &Node::File(file.clone()))? {
            return Ok(Stand::Waits);
        }
        self.push(path, None, Some(file.clone()), after, asset);
        Ok(Stand::Reached)
    }
}

/// What becomes of a file that the path no longer asks for.
fn leaves(path: &RepoPath, before: &Before, file: &File, modes: Modes) -> Result<Left, Box<Clash>> {
    if before.iter().any(|old| is_part(old.ownership)) {
        return parts_leave(path, before, file);
    }
    let clash = |kind, message: String| Box::new(Clash { kind, message, marked: None, sides: None, either: None });
    let is_edited = before.iter().any(|old| match pristine(path, old) {
        Some(part) => {
            let (mut base, mut ours) = (part.file.clone(), file.clone());
            newer::level(&part, &mut None, &mut ours, &mut base);
            let text = same_text(&base.bytes, &ours.bytes);
            let parsed = || match (Format::of(path), base.text(), ours.text()) {
                (Some(format), Some(a), Some(b)) if old.parsed => same_document(format, a, b).unwrap_or(false),
                _ => false,
            };
            !same_mode(modes, &base, file) || !(text || parsed())
        }
        None => file.blob_id() != old.pristine,
    });
    if !is_edited {
        return Ok(Left { after: None, lost: None });
    }
    let asset = before.first().map_or("", |old| old.asset.as_str());
    let known = before.iter().all(|old| old.base.is_some());
    let kind = if known { ConflictKind::EditedDeleted } else { ConflictKind::NoBase };
    let base = before.first().and_then(|old| old.base.as_ref());
    let lost = named::of_files(path, base, file, None, None);
    let lines = base.filter(|_| known).map(|base| edited(base, file)).unwrap_or_default();
    let what = if known { lost.at(&lines) } else { String::new() };
    let mut clash = clash(kind, format!("asset `{asset}` no longer lays this file, but it was edited here{what}"));
    let theirs = (None, lost);
    clash.either = Some(Either { ours: (Some(file.clone()), Lost::nothing()), theirs });
    Err(clash)
}

fn parts_leave(path: &RepoPath, before: &Before, file: &File) -> Result<Left, Box<Clash>> {
    let clash = |kind, message, either| Box::new(Clash { kind, message, marked: None, sides: None, either });
    let Some(text) = file.text() else {
        let message = format!("the golden path owned parts of this file, but it is {}", described(file));
        return Err(clash(ConflictKind::Type, message, None));
    };
    let (asked, labels) = (Asked::Parts(Vec::new()), Labels { ours: String::new(), theirs: String::new() });
    let (from, to, asked, labels) = (path, path, &asked, &labels);
    let passage =
        Passage { from, to, before, asked, file, labels, restores: false, only_inserts: false, modes: Modes::Here };
    let left = |text: &str| {
        let bytes = text.as_bytes().to_vec();
        (!lost::says_nothing(path, before, text)).then_some(File { mode: file.mode, bytes })
    };
    match passage.edited_text(&[], &[], text, Edited::Asks) {
        Ok(after) => {
            let lost = passage.replaced(&[], passage.as_laid().as_ref(), text, &after);
            Ok(Left { after: left(&after), lost })
        }
        Err((kind @ (ConflictKind::EditedDeleted | ConflictKind::NoBase), message)) => {
            let decided = |edited| {
                let after = passage.edited_text(&[], &[], text, edited).ok()?;
                let lost = passage.lost_in(passage.as_laid().as_ref(), text, &after);
                Some((left(&after), lost))
            };
            let ours = decided(Edited::Stays).unwrap_or_else(|| (None, Lost::nothing()));
            let either = decided(Edited::Goes).map(|theirs| Either { ours, theirs });
            Err(clash(kind, message, either))
        }
        Err((kind, message)) => Err(clash(kind, message, None)),
    }
}
