//! What becomes of one file's content: by who owns it before and after, nothing about where it lies.

use super::was::{Before, Old};
use crate::catalogue::OFFLINE;
use crate::edit::envelope::{Envelope, same_text};
use crate::edit::{Format, block, comment_style, compare, drop_keys, markers, same_document};
use crate::golden_path::Pristine;
use crate::merge::{Labels, Merged, Sides, merge};
use crate::model::file::{File, FileMode};
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::plan::ConflictKind;
use crate::plan::grouped::Asked;
use crate::plan::measure::{assert_part, fresh, insert_part};
use crate::plan::newer;

/// What becomes of a file.
#[derive(Clone)]
pub(super) enum After {
    /// It stays as it is.
    Same,
    /// It becomes this.
    Write(File),
    /// It becomes this, and what somebody edited in it against the rules is lost.
    Restore(File),
    /// A person must settle it.
    Clash(Box<Clash>),
}

/// What a person must settle.
#[derive(Clone)]
pub(super) struct Clash {
    pub(super) kind: ConflictKind,
    pub(super) message: String,
    /// With conflict markers, where it is text.
    pub(super) marked: Option<File>,
    /// The three versions that collide, if they are whole files.
    pub(super) sides: Option<Versions>,
}

/// Three versions of a whole file.
#[derive(Clone)]
pub(super) struct Versions {
    pub(super) base: Option<File>,
    pub(super) ours: File,
    pub(super) theirs: File,
}

impl After {
    fn clash(kind: ConflictKind, message: impl Into<String>) -> Self {
        After::Clash(Box::new(Clash { kind, message: message.into(), marked: None, sides: None }))
    }
}

/// One file on its way from what was laid to what is asked for.
pub(super) struct Passage<'a> {
    /// Where it was laid.
    pub(super) from: &'a RepoPath,
    /// Where it is asked for.
    pub(super) to: &'a RepoPath,
    pub(super) before: &'a Before,
    pub(super) asked: &'a Asked<'a>,
    /// As it lies in the repo.
    pub(super) file: &'a File,
    pub(super) labels: &'a Labels,
    /// Whether parts that the path owns are asserted where the path did not change them, too.
    pub(super) restores: bool,
    /// Whether keys are only added, and none is set to another value.
    pub(super) only_inserts: bool,
}

impl Passage<'_> {
    /// Where the file goes.
    pub(super) fn after(&self) -> After {
        let by_parts = self.before.iter().all(|old| is_part(old.ownership));
        match self.asked {
            Asked::Whole(new) => {
                let as_laid = if by_parts { self.as_laid() } else { self.whole().and_then(|old| old.base.clone()) };
                self.whole_file(new, as_laid)
            }
            Asked::Parts(new) => self.parts(new, by_parts),
        }
    }

    /// The part that was the whole file.
    fn whole(&self) -> Option<&Old> {
        self.before.first()
    }

    /// The file as roadbed laid it, put together from its parts; none where one of them is lost.
    fn as_laid(&self) -> Option<File> {
        let parts: Option<Vec<Pristine>> = self.before.iter().map(|old| pristine(self.from, old)).collect();
        let parts = parts?;
        fresh(self.from, &Asked::Parts(parts.iter().collect())).ok()
    }

    fn whole_file(&self, new: &Pristine, base: Option<File>) -> After {
        if new.ownership == Ownership::Once {
            return After::Same;
        }
        let file = self.file;
        let unchanged = base.as_ref() == Some(&new.file) && self.whole().is_some_and(|o| o.ownership == new.ownership);
        if unchanged && !self.restores {
            return After::Same;
        }
        if let (Some(line), None) = (unsettled(file), base.as_ref().and_then(unsettled)) {
            return still_unsettled(line);
        }
        if unchanged && new.ownership != Ownership::Enforced {
            return After::Same;
        }
        let mut sides = Versions { base, ours: file.clone(), theirs: new.file.clone() };
        newer::level(new, &mut sides.base, &mut sides.ours, &mut sides.theirs);
        if new.ownership == Ownership::Enforced { self.enforced(new, &sides) } else { self.merged(new, sides) }
    }

    fn enforced(&self, new: &Pristine, sides: &Versions) -> After {
        let file = self.file;
        let mut wanted = in_envelope(file, &sides.theirs);
        let is_link = |file: &File| file.mode == FileMode::Symlink;
        if file.mode == wanted.mode && same_text(&file.bytes, &wanted.bytes) {
            return After::Same;
        }
        let same = |a: &File, b: &File| match (Format::of(self.to), a.text(), b.text()) {
            (Some(format), Some(a), Some(b)) if new.parsed => same_document(format, a, b).unwrap_or(false),
            _ => false,
        };
        let untouched = sides.base.as_ref().is_some_and(|base| {
            is_link(base) == is_link(file) && (same_text(&base.bytes, &sides.ours.bytes) || same(base, &sides.ours))
        });
        if !is_link(file) && !is_link(&wanted) {
            if same(&wanted, file) {
                wanted.bytes.clone_from(&file.bytes);
            } else if untouched && new.parsed {
                // Somebody's formatter was here: the change is put into the file as it is formatted.
                let three = Sides { base: sides.base.as_ref(), ours: &sides.ours, theirs: &sides.theirs };
                if let Merged::Clean(merged) = merge(self.to, &three, &new.matching, self.labels)
                    && same(&merged, &wanted)
                {
                    wanted.bytes = merged.bytes;
                }
            }
        }
        if *file == wanted {
            After::Same
        } else if untouched {
            After::Write(wanted)
        } else {
            After::Restore(wanted)
        }
    }

    fn merged(&self, new: &Pristine, sides: Versions) -> After {
        let three = Sides { base: sides.base.as_ref(), ours: &sides.ours, theirs: &sides.theirs };
        match merge(self.to, &three, &new.matching, self.labels) {
            Merged::Same if sides.ours == *self.file => After::Same,
            Merged::Same => After::Write(sides.ours),
            Merged::Clean(file) if file == *self.file => After::Same,
            Merged::Clean(file) => After::Write(file),
            Merged::Conflict { kind, message, marked } => {
                After::Clash(Box::new(Clash { kind, message, marked, sides: Some(sides) }))
            }
        }
    }

    /// The file with the parts that are asked for, and without those that are no more.
    fn parts(&self, new: &[&Pristine], by_parts: bool) -> After {
        let Some(text) = self.file.text() else {
            return After::clash(ConflictKind::Type, "the golden path owns parts of this file, but it is not text");
        };
        let changed: Vec<&Pristine> =
            new.iter().copied().filter(|part| !self.before.iter().any(|old| is_same(old, part))).collect();
        let gone = self.before.iter().any(|old| !new.iter().any(|part| follows(old, part)));
        if changed.is_empty() && !gone && !self.restores && by_parts {
            return After::Same;
        }
        if let Some(line) = unsettled(self.file) {
            return still_unsettled(line);
        }
        let as_laid = if by_parts { self.as_laid() } else { self.whole().and_then(|old| old.base.clone()) };
        let untouched = as_laid.as_ref().is_some_and(|laid| same_text(&laid.bytes, &self.file.bytes));
        if untouched && let Ok(whole) = fresh(self.to, self.asked) {
            let mut whole = in_envelope(self.file, &whole);
            whole.mode = merged_mode(self.file, as_laid.as_ref(), &whole);
            return write(self.file, whole);
        }
        let wanted = if self.restores { new.to_vec() } else { changed };
        let mut after = Ok(text.to_owned());
        for old in self.before {
            after = after.and_then(|text| self.without(old, new, &text));
        }
        for part in wanted {
            after = after.and_then(|text| self.with(part, &text).map_err(|why| (ConflictKind::Content, why)));
        }
        match after {
            Ok(text) => {
                let theirs = new.first().map_or(self.file, |part| &part.file);
                let mode = merged_mode(self.file, as_laid.as_ref(), theirs);
                let after = File { mode, bytes: text.into_bytes() };
                if *self.file != after && self.before.iter().any(|old| self.loses_edits(old, new)) {
                    return After::Restore(after);
                }
                write(self.file, after)
            }
            Err((kind, why)) => After::clash(kind, why),
        }
    }

    /// Whether somebody edited what a part owns, and the part that follows it says something else.
    fn loses_edits(&self, old: &Old, new: &[&Pristine]) -> bool {
        let (Some(text), Some(part)) = (self.file.text(), pristine(self.from, old)) else { return false };
        let (Some(base), Some(next)) = (part.file.text(), new.iter().find(|part| follows(old, part))) else {
            return false;
        };
        if let Some((id, at)) = &old.block {
            let body = comment_style(self.from).map(|style| block::find(text, id, style, *at));
            return matches!(body, Some(block::BlockState::Present { body, .. }) if body != block::normal_body(base));
        }
        let differs = |part: &Pristine| {
            let (Some(format), Some(body)) = (Format::of(self.to), part.file.text()) else { return Vec::new() };
            let gaps = compare(format, text, body, &part.matching, &newer::tolerance(part, &OFFLINE));
            gaps.unwrap_or_default().into_iter().filter(|gap| !gap.missing).map(|gap| gap.address).collect::<Vec<_>>()
        };
        let wanted = differs(next);
        !wanted.is_empty() && is_part(old.ownership) && differs(&part).iter().any(|address| wanted.contains(address))
    }

    /// `text` without what `old` named and `new` names no more, where nobody changed it.
    fn without(&self, old: &Old, new: &[&Pristine], text: &str) -> Result<String, (ConflictKind, String)> {
        let content = |why: String| (ConflictKind::Content, why);
        let next = new.iter().find(|part| follows(old, part));
        match &old.block {
            Some(_) if next.is_some() && comment_style(self.from) == comment_style(self.to) => {
                self.known_block(old, text)?;
                Ok(text.to_owned())
            }
            Some((id, _)) => {
                let style = comment_style(self.from).ok_or_else(|| content(NO_COMMENTS.to_owned()))?;
                block::remove(text, id, style).map_err(|error| content(error.message))
            }
            None => {
                let (Some(base), Some(format)) = (old.base.as_ref().and_then(File::text), Format::of(self.to)) else {
                    // Without a base nobody can tell what the path named: nothing is dropped.
                    return Ok(text.to_owned());
                };
                let (matching, next) = match next {
                    Some(part) => (&part.matching, part.file.text()),
                    None => (&old.matching, None),
                };
                drop_keys(format, text, base, next, matching).map_err(|error| content(error.message))
            }
        }
    }

    /// Where the base is lost, a block is replaced only if it still is what the lock says.
    fn known_block(&self, old: &Old, text: &str) -> Result<(), (ConflictKind, String)> {
        let (None, Some((id, at)), Some(style)) = (&old.base, &old.block, comment_style(self.from)) else {
            return Ok(());
        };
        match block::find(text, id, style, *at) {
            block::BlockState::Present { body, .. }
                if crate::model::file::BlobId::of(body.as_bytes()) != old.pristine =>
            {
                let why =
                    format!("nobody knows what the block `{id}` was rendered to, and it is not what the lock says");
                Err((ConflictKind::NoBase, why))
            }
            _ => Ok(()),
        }
    }

    fn with(&self, part: &Pristine, text: &str) -> Result<String, String> {
        if self.only_inserts { insert_part(self.to, part, text) } else { assert_part(self.to, part, text, &OFFLINE) }
    }
}

/// What a new owner is asked for where the path lays a file that the repo has already.
/// With `only_inserts`, keys that say something else stay.
pub(super) fn meets(to: &RepoPath, asked: &Asked<'_>, file: &File, labels: &Labels, only_inserts: bool) -> After {
    match asked {
        Asked::Whole(part) if part.ownership == Ownership::Once => After::Same,
        Asked::Whole(part) => {
            let is_link = |file: &File| file.mode == FileMode::Symlink;
            if is_link(file) == is_link(&part.file) && same_text(&file.bytes, &part.file.bytes) {
                return After::Same;
            }
            let three = Sides { base: None, ours: file, theirs: &part.file };
            let marked = match merge(to, &three, &part.matching, labels) {
                Merged::Conflict { marked, .. } => marked,
                _ => None,
            };
            let message = format!("the repo has this file already, and asset `{}` lays another", part.asset);
            let sides = Some(Versions { base: None, ours: file.clone(), theirs: part.file.clone() });
            After::Clash(Box::new(Clash { kind: ConflictKind::AddAdd, message, marked, sides }))
        }
        Asked::Parts(_) => {
            let before = Before::new();
            Passage { from: to, to, before: &before, asked, file, labels, restores: true, only_inserts }.after()
        }
    }
}

/// What becomes of a file that the path no longer asks for: `None` if it goes.
pub(super) fn leaves(path: &RepoPath, before: &Before, file: &File) -> Result<Option<File>, Box<Clash>> {
    let clash = |kind, message: String| Err(Box::new(Clash { kind, message, marked: None, sides: None }));
    if before.iter().any(|old| is_part(old.ownership)) {
        let Some(text) = file.text() else {
            return clash(
                ConflictKind::Type,
                "the golden path owned parts of this file, but it is not text".to_owned(),
            );
        };
        let asked = Asked::Parts(Vec::new());
        let labels = Labels { ours: String::new(), theirs: String::new() };
        let passage = Passage {
            from: path,
            to: path,
            before,
            asked: &asked,
            file,
            labels: &labels,
            restores: false,
            only_inserts: false,
        };
        let mut after = Ok(text.to_owned());
        for old in before {
            after = after.and_then(|text| passage.without(old, &[], &text));
        }
        return match after {
            Ok(text) if says_nothing(path, &text) => Ok(None),
            Ok(text) => Ok(Some(File { mode: file.mode, bytes: text.into_bytes() })),
            Err((kind, why)) => clash(kind, why),
        };
    }
    let edited = before.iter().any(|old| match pristine(path, old) {
        Some(part) => {
            let (mut base, mut ours) = (part.file.clone(), file.clone());
            newer::level(&part, &mut None, &mut ours, &mut base);
            let text = same_text(&base.bytes, &ours.bytes);
            let parsed = || match (Format::of(path), base.text(), ours.text()) {
                (Some(format), Some(a), Some(b)) if old.parsed => same_document(format, a, b).unwrap_or(false),
                _ => false,
            };
            base.mode != file.mode || !(text || parsed())
        }
        None => file.blob_id() != old.pristine,
    });
    if !edited {
        return Ok(None);
    }
    let asset = before.first().map_or("", |old| old.asset.as_str());
    let known = before.iter().all(|old| old.base.is_some());
    let kind = if known { ConflictKind::EditedDeleted } else { ConflictKind::NoBase };
    clash(kind, format!("asset `{asset}` no longer lays this file, but it was edited here"))
}

const NO_COMMENTS: &str = "the format has no comments to mark a block with";

pub(super) fn is_part(ownership: Ownership) -> bool {
    matches!(ownership, Ownership::Keys | Ownership::Block)
}

/// Whether a part of the target is what became of a part that was laid.
fn follows(old: &Old, new: &Pristine) -> bool {
    match (&old.block, &new.block) {
        (Some((a, _)), Some((b, _))) => a == b,
        (None, None) => old.asset == new.asset || !is_part(old.ownership),
        _ => false,
    }
}

/// Whether nothing about a part changed.
fn is_same(old: &Old, new: &Pristine) -> bool {
    old.asset == new.asset && old.block == new.block && old.base.as_ref() == Some(&new.file)
}

fn pristine(path: &RepoPath, old: &Old) -> Option<Pristine> {
    Some(Pristine {
        path: path.clone(),
        asset: old.asset.clone(),
        ownership: old.ownership,
        block: old.block.clone(),
        optional: false,
        matching: old.matching.clone(),
        parsed: old.parsed,
        allow_newer: old.allow_newer.clone(),
        executable: false,
        file: old.base.clone()?,
    })
}

fn unsettled(file: &File) -> Option<usize> {
    file.text().and_then(markers::first).map(|span| span.line)
}

fn still_unsettled(line: usize) -> After {
    After::clash(ConflictKind::Content, format!("an earlier conflict is not settled: markers from line {line} on"))
}

fn write(now: &File, after: File) -> After {
    if *now == after { After::Same } else { After::Write(after) }
}

/// The mode follows the path's where nobody changed it here. A file never becomes a symlink so, nor the other way round.
pub(super) fn merged_mode(ours: &File, base: Option<&File>, theirs: &File) -> FileMode {
    match base {
        Some(base) if base.mode == ours.mode && [ours, theirs].iter().all(|file| file.mode != FileMode::Symlink) => {
            theirs.mode
        }
        _ => ours.mode,
    }
}

/// `new` with the line ends and the byte-order mark of `ours`.
pub(super) fn in_envelope(ours: &File, new: &File) -> File {
    match (ours.text(), new.text()) {
        (Some(mine), Some(text)) => {
            let mut envelope = Envelope::of(mine);
            envelope.final_newline = text.ends_with('\n');
            let flat = Envelope::of(text).strip(text);
            File { mode: new.mode, bytes: envelope.restore(&flat).into_bytes() }
        }
        _ => new.clone(),
    }
}

/// Whether a file that only ever held the path's parts has nothing left to say.
fn says_nothing(path: &RepoPath, text: &str) -> bool {
    let trimmed = text.trim();
    let comments_only = comment_style(path)
        .is_some_and(|style| Format::of(path).is_some() && trimmed.lines().all(|l| l.trim().starts_with(style.open)));
    trimmed.is_empty() || trimmed == "{}" || trimmed == "---" || comments_only
}
