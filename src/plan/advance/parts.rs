//! Files of which the path owns parts: blocks and keys.

use super::content::{After, Clash, Edited, Either, NO_COMMENTS, Passage, follows, in_envelope, is_same, merged_mode};
use super::content::{still_unsettled, unsettled, write};
use super::lost;
use super::named::Lost;
use super::was::Old;
use crate::catalogue::OFFLINE;
use crate::edit::block::BlockState;
use crate::edit::envelope::{Envelope, LineEnd, same_text};
use crate::edit::{EditError, Format, block, comment_style, drop_keys};
use crate::golden_path::Pristine;
use crate::merge::described;
use crate::model::file::File;
use crate::model::ownership::Ownership;
use crate::model::plan::ConflictKind;
use crate::plan::measure::{assert_part, fresh, insert_part};

impl Passage<'_> {
    /// The file with the parts that are asked for, and without those that are no more.
    pub(super) fn parts(&self, new: &[&Pristine], by_parts: bool) -> After {
        let changed: Vec<&Pristine> =
            new.iter().copied().filter(|part| !self.before.iter().any(|old| is_same(old, part))).collect();
        let gone = self.before.iter().any(|old| !new.iter().any(|part| follows(old, part)));
        if changed.is_empty() && !gone && !self.restores && by_parts {
            return After::Same;
        }
        let Some(text) = self.file.text() else {
            let what = described(self.file);
            return After::clash(
                ConflictKind::Type,
                format!("the golden path owns parts of this file, but it is {what}"),
            );
        };
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
        let file = |text: String| {
            let theirs = new.first().map_or(self.file, |part| &part.file);
            File { mode: merged_mode(self.file, as_laid.as_ref(), theirs), bytes: text.into_bytes() }
        };
        match self.edited_text(new, &wanted, text, Edited::Asks) {
            Ok(after) => {
                let lost = self.replaced(new, as_laid.as_ref(), text, &after);
                let after = file(after);
                match lost.filter(|_| *self.file != after) {
                    Some(lost) => After::Restore(after, lost),
                    None => write(self.file, after),
                }
            }
            Err((kind @ (ConflictKind::EditedDeleted | ConflictKind::NoBase), message)) => {
                let decided = |edited| {
                    let after = self.edited_text(new, &wanted, text, edited).ok()?;
                    let lost = self.lost_in(as_laid.as_ref(), text, &after);
                    Some((Some(file(after)), lost))
                };
                let ours = decided(Edited::Stays).unwrap_or_else(|| (Some(self.file.clone()), Lost::nothing()));
                let either = decided(Edited::Goes).map(|theirs| Either { ours, theirs });
                After::Clash(Box::new(Clash { kind, message, marked: None, sides: None, either }))
            }
            Err((kind, why)) => After::clash(kind, why),
        }
    }

    /// `text` without the parts that are no more, and with those that are wanted.
    pub(super) fn edited_text(
        &self,
        new: &[&Pristine],
        wanted: &[&Pristine],
        text: &str,
        edited: Edited,
    ) -> Result<String, (ConflictKind, String)> {
        let mut after = text.to_owned();
        for old in self.before {
            after = self.without(old, new, &after, edited)?;
        }
        for part in wanted {
            after = self.with(part, &after).map_err(|why| (ConflictKind::Content, why))?;
        }
        // Where nothing of it stays, its line ends and its byte-order mark do.
        let (frame, now) = (Envelope::of(text), Envelope::of(&after));
        let anew = (frame.bom && !now.bom) || (frame.line_end == LineEnd::CrLf && now.line_end == LineEnd::Lf);
        if anew {
            Ok(Envelope { final_newline: now.final_newline, ..frame }.restore(&now.strip(&after)))
        } else {
            Ok(after)
        }
    }

    /// `text` without what `old` named and `new` names no more, where nobody changed it.
    fn without(
        &self,
        old: &Old,
        new: &[&Pristine],
        text: &str,
        edited: Edited,
    ) -> Result<String, (ConflictKind, String)> {
        let content = |error: EditError| (ConflictKind::Content, self.said(&error, text));
        let next = new.iter().find(|part| follows(old, part));
        match &old.block {
            Some((id, _)) => {
                let style = comment_style(self.from).ok_or_else(|| content(EditError::new(NO_COMMENTS)))?;
                let stays = next.is_some() && comment_style(self.to) == Some(style);
                match lost::edited_block(self.from, old, text) {
                    // What is known of it is replaced, and that is said.
                    Some(why) if edited == Edited::Asks && (next.is_none() || old.base.is_none()) => Err(why),
                    Some(_) if edited == Edited::Stays && next.is_none() => Ok(block::unwrap_one(text, id, style)),
                    Some(why) if edited == Edited::Stays && old.base.is_none() => Err(why),
                    _ if stays => Ok(text.to_owned()),
                    _ => block::remove(text, id, style).map_err(content),
                }
            }
            None => {
                let (Some(base), Some(format)) = (old.base.as_ref().and_then(File::text), Format::of(self.to)) else {
                    // Without a base nobody can tell what the path named: nothing is dropped.
                    return Ok(text.to_owned());
                };
                // Where its block stands already, as it did before the file was the team's for a while, the rest is the team's.
                let stands = |part: &&Pristine| match (&part.block, comment_style(self.to)) {
                    (Some((id, at)), Some(style)) => block::find(text, id, style, *at) != BlockState::Absent,
                    _ => false,
                };
                if old.ownership == Ownership::Once && new.iter().any(stands) {
                    return Ok(text.to_owned());
                }
                let (matching, next) = match next {
                    Some(part) => (&part.matching, part.file.text()),
                    None => (&old.matching, None),
                };
                drop_keys(format, text, base, next, matching).map_err(content)
            }
        }
    }

    fn with(&self, part: &Pristine, text: &str) -> Result<String, String> {
        let done = if self.only_inserts {
            insert_part(self.to, part, text)
        } else {
            assert_part(self.to, part, text, &OFFLINE)
        };
        done.map_err(|error| self.said(&error, text))
    }

    /// Why `text` cannot be edited, with the line in the file as it lies here: the same, or the one that says the same.
    fn said(&self, error: &EditError, text: &str) -> String {
        let here = self.file.text().unwrap_or_default();
        let line = error.position.map(|at| at.line).and_then(|line| {
            if here == text {
                return Some(line);
            }
            let wrong = text.lines().nth(line.checked_sub(1)?)?;
            let mut alike = here.lines().enumerate().filter(|(_, other)| *other == wrong);
            alike.next().filter(|_| alike.next().is_none()).map(|(n, _)| n + 1)
        });
        line.map_or(error.message.clone(), |line| format!("{}: line {line} here", error.message))
    }
}
