//! What of somebody's own goes where the path owns parts of a file: it is said, or a person is asked.

use super::content::{Passage, follows, pristine};
use super::named::{Lost, Texts};
use super::was::{Before, Old};
use crate::catalogue::OFFLINE;
use crate::edit::block::{self, BlockState};
use crate::edit::told::Told;
use crate::edit::{Format, comment_style};
use crate::golden_path::Pristine;
use crate::model::file::{BlobId, File};
use crate::model::path::RepoPath;
use crate::model::plan::ConflictKind;
use crate::plan::measure::fresh;
use crate::plan::newer;

impl Passage<'_> {
    /// What somebody wrote into `text`, or took out of what was laid, that is otherwise in `after`; none where nothing is.
    pub(super) fn replaced(&self, new: &[&Pristine], laid: Option<&File>, text: &str, after: &str) -> Option<Lost> {
        let mut what = self.named(laid, text, after);
        let mut blocks = new.iter().filter(|part| self.replaces_block(part, text)).peekable();
        let edited = blocks.peek().is_some();
        if what.is_empty() {
            what.extend(blocks.filter_map(|part| Some(format!("the block `{}`", part.block.as_ref()?.0))));
        }
        (edited || !what.is_empty()).then_some(Lost { what, known: laid.is_some() })
    }

    /// What somebody wrote that goes where a person decides for one side.
    pub(super) fn lost_in(&self, laid: Option<&File>, ours: &str, after: &str) -> Lost {
        Lost { what: self.named(laid, ours, after), known: laid.is_some() }
    }

    /// Each thing that somebody wrote, or took out, and that is otherwise in `after`.
    pub(super) fn named(&self, laid: Option<&File>, ours: &str, after: &str) -> Vec<String> {
        let laid = laid.map_or(Some(""), File::text);
        let theirs = self.theirs();
        let raised = |laid: &Told, place: Option<&str>, what: &str| {
            self.before.iter().any(|old| is_raised(self.from, old, laid, place, what))
        };
        laid.map(|laid| Texts { laid, ours, theirs: &theirs, after }.named(Format::of(self.to), &raised))
            .unwrap_or_default()
    }

    /// What the path has in this file now, without the marks of its blocks.
    fn theirs(&self) -> String {
        let Ok(whole) = fresh(self.to, self.asked) else { return String::new() };
        let text = whole.text().unwrap_or_default();
        comment_style(self.to).map_or_else(|| text.to_owned(), |style| block::unwrap_all(text, style))
    }

    fn replaces_block(&self, part: &Pristine, text: &str) -> bool {
        let Some((id, at)) = &part.block else { return false };
        let old = self.before.iter().find(|old| follows(old, part));
        let path = if old.is_some() { self.from } else { self.to };
        let Some(style) = comment_style(path) else { return false };
        let wanted = block::normal_body(part.file.text().unwrap_or_default());
        match (block::find(text, id, style, *at), old) {
            (BlockState::Present { body, placed: true, .. }, _) if body == wanted => false,
            (BlockState::Present { .. }, None) | (BlockState::Absent, Some(_)) => true,
            (BlockState::Present { body, .. }, Some(old)) => {
                let was_at = old.block.as_ref().map_or(*at, |(_, at)| *at);
                let there = block::find(text, id, style, was_at);
                !is_as_laid(old, &body) || !matches!(there, BlockState::Present { placed: true, .. })
            }
            (BlockState::Absent, None) | (BlockState::Broken { .. }, _) => false,
        }
    }
}

/// Whether a value (with its place) or a comment is what a bot may raise, and so nobody's edit.
fn is_raised(path: &RepoPath, old: &Old, laid: &Told, place: Option<&str>, what: &str) -> bool {
    let Some(part) = pristine(path, old).filter(|part| !part.allow_newer.is_empty()) else { return false };
    let Some(place) = place else {
        let version = what.trim_start_matches(['#', ' ']).trim_start_matches('v');
        return version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains(' ');
    };
    let address = place.split('\n').filter(|step| !matches!(*step, "" | "[]")).collect::<Vec<_>>().join(".");
    let mut before = laid.values.keys().filter(|(at, _)| at == place);
    before.any(|(_, before)| newer::tolerance(&part, &OFFLINE)(&address, before, what))
}

/// Why a block must not go that the path no longer lays; none if it is what was laid.
pub(super) fn edited_block(path: &RepoPath, old: &Old, text: &str) -> Option<(ConflictKind, String)> {
    let ((id, at), style) = (old.block.as_ref()?, comment_style(path)?);
    let BlockState::Present { body, first_line, last_line, .. } = block::find(text, id, style, *at) else {
        return None;
    };
    if is_as_laid(old, &body) {
        return None;
    }
    let lines = format!("lines {first_line}-{last_line}");
    Some(match &old.base {
        Some(_) => {
            let message =
                format!("asset `{}` no longer lays the block `{id}`, but it was edited here: {lines}", old.asset);
            (ConflictKind::EditedDeleted, message)
        }
        None => {
            let message = format!(
                "nobody knows what the block `{id}` was rendered to, and it is not what the lock says: {lines}"
            );
            (ConflictKind::NoBase, message)
        }
    })
}

/// Whether the body of a block is what was laid; without a base, by the lock's id.
pub(super) fn is_as_laid(old: &Old, body: &str) -> bool {
    match old.base.as_ref().map(File::text) {
        Some(base) => base.is_some_and(|base| block::normal_body(base) == body),
        None => {
            let is = |text: &str| BlobId::of(text.as_bytes()) == old.pristine;
            // The lock's id is that of the fragment as it was rendered, whose last line may not have ended.
            is(body) || body.strip_suffix('\n').is_some_and(is)
        }
    }
}

/// Whether a file that only ever held the path's parts has nothing of somebody's own to say.
pub(super) fn says_nothing(path: &RepoPath, before: &Before, text: &str) -> bool {
    let trimmed = text.trim();
    if matches!(trimmed, "" | "{}" | "---") {
        return true;
    }
    let Some(style) = comment_style(path).filter(|_| Format::of(path).is_some()) else { return false };
    let laid: Vec<&str> = before
        .iter()
        .filter_map(|old| old.base.as_ref().and_then(File::text))
        .flat_map(str::lines)
        .map(str::trim)
        .collect();
    let ours =
        |line: &&str| !line.is_empty() && *line != "---" && !(line.starts_with(style.open) && laid.contains(line));
    !trimmed.lines().map(str::trim).any(|line| ours(&line))
}
