//! What of somebody's own goes where the path owns parts of a file: it is said, or a person is asked.

use std::collections::BTreeMap;

use super::content::{Passage, follows, pristine};
use super::was::{Before, Old};
use crate::catalogue::OFFLINE;
use crate::edit::block::{self, BlockState};
use crate::edit::{Format, comment_style, told};
use crate::golden_path::Pristine;
use crate::model::file::{BlobId, File};
use crate::model::path::RepoPath;
use crate::model::plan::ConflictKind;
use crate::plan::newer;

type Counts = BTreeMap<String, usize>;

/// What stands before a value in [`told::counts`].
const VALUE: &str = "\n= ";

impl Passage<'_> {
    /// Whether something that somebody wrote into `text`, or took out of what was laid, is otherwise in `after`.
    pub(super) fn replaces_edits(&self, new: &[&Pristine], laid: Option<&File>, text: &str, after: &str) -> bool {
        new.iter().any(|part| self.replaces_block(part, text)) || self.replaces_values(laid, text, after)
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

    /// By values and comments, wherever they stand: keys may move, and lists may grow.
    fn replaces_values(&self, laid: Option<&File>, text: &str, after: &str) -> bool {
        let (Some(format), Some(laid)) = (Format::of(self.to), laid.and_then(File::text)) else { return false };
        let all = [laid, text, after].map(|text| told::counts(format, text));
        let [Some(laid), Some(ours), Some(after)] = &all else { return false };
        let count = |counts: &Counts, what: &str| counts.get(what).copied().unwrap_or_default();
        let raised = |what: &str| self.before.iter().any(|old| is_raised(self.from, old, laid, what));
        let gone = |what: &str, n: usize| n > count(laid, what) && n > count(after, what);
        let written = ours.iter().any(|(what, n)| gone(what, *n) && !raised(what));
        let taken_out = |what: &str, n: usize| count(ours, what) < n && count(after, what) > count(ours, what);
        written || laid.iter().any(|(what, n)| taken_out(what, *n))
    }
}

/// Whether a value or a comment is what a bot may raise, and so nobody's edit.
fn is_raised(path: &RepoPath, old: &Old, laid: &Counts, what: &str) -> bool {
    let Some(part) = pristine(path, old).filter(|part| !part.allow_newer.is_empty()) else { return false };
    let Some((at, value)) = what.rsplit_once(VALUE) else {
        let version = what.trim_start_matches(['#', ' ']).trim_start_matches('v');
        return version.starts_with(|c: char| c.is_ascii_digit()) && !version.contains(' ');
    };
    let address = at.split('\n').filter(|step| !matches!(*step, "" | "[]")).collect::<Vec<_>>().join(".");
    let before = laid.keys().filter_map(|what| what.strip_prefix(at)?.strip_prefix(VALUE));
    before.into_iter().any(|before| newer::tolerance(&part, &OFFLINE)(&address, before, value))
}

/// Why a block must not go that the path no longer lays; none if it is what was laid.
pub(super) fn edited_block(path: &RepoPath, old: &Old, text: &str) -> Option<(ConflictKind, String)> {
    let ((id, at), style) = (old.block.as_ref()?, comment_style(path)?);
    let BlockState::Present { body, .. } = block::find(text, id, style, *at) else { return None };
    if is_as_laid(old, &body) {
        return None;
    }
    Some(match &old.base {
        Some(_) => {
            let message = format!("asset `{}` no longer lays the block `{id}`, but it was edited here", old.asset);
            (ConflictKind::EditedDeleted, message)
        }
        None => {
            let message =
                format!("nobody knows what the block `{id}` was rendered to, and it is not what the lock says");
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
