//! What becomes of one file's content: by who owns it before and after, nothing about where it lies.

use super::named::{self, Lost};
use super::was::{Before, Old};
use crate::edit::envelope::{Envelope, same_text};
use crate::edit::{Format, markers, same_document};
use crate::golden_path::Pristine;
use crate::merge::{Labels, Merged, Sides, differ, merge};
use crate::model::file::{File, FileMode};
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::plan::ConflictKind;
use crate::model::tree::Modes;
use crate::plan::grouped::Asked;
use crate::plan::measure::fresh;
use crate::plan::newer;

/// What becomes of a file.
#[derive(Clone)]
pub(super) enum After {
    /// It stays as it is.
    Same,
    /// It becomes this.
    Write(File),
    /// It becomes this, and what somebody edited in it against the rules is lost.
    Restore(File, Lost),
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
    /// What it becomes decided for the repo's side and for the path's, if that is known without them.
    pub(super) either: Option<Either>,
}

/// A file decided for each side; none where it goes. With what of somebody's own goes all the same.
#[derive(Clone)]
pub(super) struct Either {
    pub(super) ours: (Option<File>, Lost),
    pub(super) theirs: (Option<File>, Lost),
}

/// What becomes of a part that was edited and goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Edited {
    /// A person is asked.
    Asks,
    /// Its text stays, as the repo's own.
    Stays,
    Goes,
}

/// Three versions of a whole file.
#[derive(Clone)]
pub(super) struct Versions {
    pub(super) base: Option<File>,
    pub(super) ours: File,
    pub(super) theirs: File,
}

impl After {
    pub(super) fn clash(kind: ConflictKind, message: impl Into<String>) -> Self {
        After::Clash(Box::new(Clash { kind, message: message.into(), marked: None, sides: None, either: None }))
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
    /// Who knows which files may be run.
    pub(super) modes: Modes,
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
    pub(super) fn whole(&self) -> Option<&Old> {
        self.before.first()
    }

    /// The file as roadbed laid it, put together from its parts; none where one of them is lost.
    pub(super) fn as_laid(&self) -> Option<File> {
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
            same_mode(self.modes, base, file) && (same_text(&base.bytes, &sides.ours.bytes) || same(base, &sides.ours))
        });
        if !is_link(file) && !is_link(&wanted) {
            let as_laid = sides.base.as_ref().is_some_and(|base| same_text(&base.bytes, &sides.ours.bytes));
            if same(&wanted, file) && !as_laid {
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
            // An equal document may hold comments of somebody's own.
            let base = sides.base.as_ref().filter(|base| base.mode == file.mode && base.bytes != sides.ours.bytes);
            let lost = base.map(|base| named::of_files(self.to, Some(base), &sides.ours, Some(&wanted), Some(&wanted)));
            match lost.filter(|lost| new.parsed && !lost.what.is_empty()) {
                Some(lost) => After::Restore(wanted, lost),
                None => After::Write(wanted),
            }
        } else {
            let lost = named::of_files(self.to, sides.base.as_ref(), file, Some(&wanted), Some(&wanted));
            After::Restore(wanted, lost)
        }
    }

    fn merged(&self, new: &Pristine, sides: Versions) -> After {
        let three = Sides { base: sides.base.as_ref(), ours: &sides.ours, theirs: &sides.theirs };
        match merge(self.to, &three, &new.matching, self.labels) {
            Merged::Same if sides.ours == *self.file => After::Same,
            Merged::Same => After::Write(sides.ours),
            Merged::Clean(file) if file == *self.file => After::Same,
            Merged::Clean(file) => match named::comments_back(self.to, &sides, &file) {
                Some(back) => After::Restore(file, back),
                None => After::Write(file),
            },
            Merged::Conflict { kind, message, marked } => {
                After::Clash(Box::new(Clash { kind, message, marked, sides: Some(sides), either: None }))
            }
        }
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
            let differ = differ(file, &part.file);
            let message = format!("the repo has this file already, and asset `{}` lays another: {differ}", part.asset);
            let sides = Some(Versions { base: None, ours: file.clone(), theirs: part.file.clone() });
            After::Clash(Box::new(Clash { kind: ConflictKind::AddAdd, message, marked, sides, either: None }))
        }
        Asked::Parts(_) => {
            let before = Before::new();
            Passage {
                from: to,
                to,
                before: &before,
                asked,
                file,
                labels,
                restores: true,
                only_inserts,
                modes: Modes::Here,
            }
            .after()
        }
    }
}

/// Whether two files are of one kind and, where anybody knows it, may both be run or both not.
pub(super) fn same_mode(modes: Modes, a: &File, b: &File) -> bool {
    let is_link = |file: &File| file.mode == FileMode::Symlink;
    a.mode == b.mode || (modes == Modes::Nowhere && is_link(a) == is_link(b))
}

pub(super) const NO_COMMENTS: &str = "the format has no comments to mark a block with";

pub(super) fn is_part(ownership: Ownership) -> bool {
    matches!(ownership, Ownership::Keys | Ownership::Block)
}

/// Whether a part of the target is what became of a part that was laid.
pub(super) fn follows(old: &Old, new: &Pristine) -> bool {
    match (&old.block, &new.block) {
        (Some((a, _)), Some((b, _))) => a == b,
        (None, None) => old.asset == new.asset || !is_part(old.ownership),
        _ => false,
    }
}

/// Whether nothing about a part changed.
pub(super) fn is_same(old: &Old, new: &Pristine) -> bool {
    old.asset == new.asset && old.block == new.block && old.base.as_ref() == Some(&new.file)
}

pub(super) fn pristine(path: &RepoPath, old: &Old) -> Option<Pristine> {
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

pub(super) fn unsettled(file: &File) -> Option<usize> {
    file.text().and_then(markers::first).map(|span| span.line)
}

pub(super) fn still_unsettled(line: usize) -> After {
    After::clash(ConflictKind::Content, format!("an earlier conflict is not settled: markers from line {line} on"))
}

pub(super) fn write(now: &File, after: File) -> After {
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
