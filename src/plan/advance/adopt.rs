//! Laying a path under what exists: files that serve the same purpose elsewhere, keys that stay what they are, and what
//! a collision would become the golden path's way.

use super::content::{After, in_envelope};
use super::settle::{Settling, Stand};
use crate::catalogue::OFFLINE;
use crate::edit::{Format, compare};
use crate::error::Result;
use crate::golden_path::Pristine;
use crate::model::file::File;
use crate::model::finding::Safety;
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::plan::{ConflictKind, Edit, Kept};
use crate::model::tree::Tree;
use crate::plan::grouped::{Asked, by_path};
use crate::plan::hold::{mover, shell_word};
use crate::plan::twins::{Effect, Twin, twin};
use crate::plan::{measure, newer};

impl Settling<'_> {
    /// Whether a file that does not lie at `to` lies elsewhere under its purpose: then it is not laid twice.
    pub(super) fn has_elsewhere(&mut self, to: &RepoPath, asked: &Asked<'_>, tree: &dyn Tree) -> Result<Option<Stand>> {
        let wanted = by_path(self.target);
        let Some(twin) = twin(tree, to, &|path| wanted.contains_key(path))? else { return Ok(None) };
        let place = &twin.path;
        if matches!(asked, Asked::Whole(part) if part.ownership == Ownership::Merged) {
            self.plan.notes.push(format!("{to} is not laid: {place} serves its purpose"));
            return Ok(Some(Stand::Reached));
        }
        let (message, next) = elsewhere(to, &twin, mover(self.inputs, place)?, "roadbed fix");
        let before = tree.node(place).into_file();
        let after = match twin.effect {
            Effect::Beside => measure::fresh(to, asked).ok(),
            Effect::Hides | Effect::Doubles => before.as_ref().and_then(|file| by_the_path(to, asked, file)),
        };
        let moves = twin.effect != Effect::Beside;
        let before = before.filter(|_| moves);
        self.offer(to, moves.then(|| place.clone()), before, after, asked);
        Ok(Some(self.conflict(to, ConflictKind::AddAdd, message, next)))
    }

    /// What a file that is left for a person would be the golden path's way.
    pub(super) fn offer(
        &mut self,
        path: &RepoPath,
        from: Option<RepoPath>,
        before: Option<File>,
        after: Option<File>,
        asked: &Asked<'_>,
    ) {
        let Some(after) = after.filter(|after| before.as_ref() != Some(after) || from.is_some()) else { return };
        let asset = asked.first().map(|part| part.asset.clone());
        let path = path.clone();
        self.plan.offers.push(Edit { path, from, before, after: Some(after), asset, rule: None, safety: Safety::Safe });
    }

    /// The keys that stay what they are in a file that gets the others, and the file with all of them.
    pub(super) fn keep(&mut self, path: &RepoPath, asked: &Asked<'_>, file: &File, after: &After) {
        let written = match after {
            After::Same => file,
            After::Write(file) | After::Restore(file, _) => file,
            After::Clash(_) => return,
        };
        let (Asked::Parts(parts), Some(format), Some(text)) = (asked, Format::of(path), written.text()) else { return };
        let mut kept = Vec::new();
        for part in parts.iter().filter(|part| part.block.is_none()) {
            kept.extend(kept_keys(path, part, format, text));
        }
        if !kept.is_empty() {
            self.plan.kept.extend(kept);
            self.offer(path, None, Some(written.clone()), by_the_path(path, asked, written), asked);
        }
    }
}

/// What the two places mean, and the command that settles it.
pub(in crate::plan) fn elsewhere(to: &RepoPath, twin: &Twin, mv: &str, command: &str) -> (String, String) {
    let (place, word) = (&twin.path, shell_word(to.as_str()));
    let moved = format!("{mv} {} {word} && {command} {word}", shell_word(place.as_str()));
    match twin.effect {
        Effect::Hides => (format!("{place} serves this purpose, and a file here would take its place"), moved),
        Effect::Doubles => (format!("{place} serves this purpose already; it is not laid twice"), moved),
        Effect::Beside => {
            let message = format!("{place} may do the same; the golden path's is not laid beside it unasked");
            (message, format!("{command} {word}"))
        }
    }
}

/// What of the repo's own goes where the file becomes what the golden path asks for; none where nothing does.
pub(super) fn lost(path: &RepoPath, asked: &Asked<'_>, file: &File) -> Option<String> {
    const MOST: usize = 5;
    let Asked::Parts(parts) = asked else { return Some("the whole file".to_owned()) };
    let (format, text) = (Format::of(path)?, file.text()?);
    let keys = parts.iter().filter(|part| part.block.is_none()).flat_map(|part| {
        let body = part.file.text().unwrap_or_default();
        compare(format, text, body, &part.matching, &newer::tolerance(part, &OFFLINE)).unwrap_or_default()
    });
    let keys: Vec<String> = keys.filter(|gap| !gap.missing).map(|gap| format!("`{}`", gap.address)).collect();
    let rest = keys.len().saturating_sub(MOST);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    (!keys.is_empty()).then(|| format!("{}{more}", keys[..keys.len() - rest].join(", ")))
}

/// The file as the golden path asks for it, the rest of it kept where it owns parts alone.
pub(super) fn by_the_path(path: &RepoPath, asked: &Asked<'_>, file: &File) -> Option<File> {
    match asked {
        Asked::Whole(part) => Some(in_envelope(file, &part.file)),
        Asked::Parts(parts) => {
            let mut text = file.text()?.to_owned();
            for part in parts {
                text = measure::assert_part(path, part, &text, &OFFLINE).ok()?;
            }
            Some(File { mode: file.mode, bytes: text.into_bytes() })
        }
    }
}

fn kept_keys(path: &RepoPath, part: &Pristine, format: Format, text: &str) -> Vec<Kept> {
    let body = part.file.text().unwrap_or_default();
    let gaps = compare(format, text, body, &part.matching, &newer::tolerance(part, &OFFLINE)).unwrap_or_default();
    let told = gaps.into_iter().map(|gap| Kept {
        path: path.clone(),
        line: gap.span.map(|span| span.line),
        message: match &gap.found {
            Some(found) => format!("`{}` stays `{found}`; the golden path asks for `{}`", gap.address, gap.expected),
            None if gap.missing => format!(
                "`{}` is not inserted, because it is about the repo's own jobs; the golden path asks for `{}`",
                gap.address, gap.expected
            ),
            None => format!("`{}` stays as it is; the golden path asks for `{}`", gap.address, gap.expected),
        },
        next: format!("roadbed fix {}", shell_word(path.as_str())),
    });
    told.collect()
}
