//! Puts the comments of a merge where they are wanted.

use std::ops::Range;

use super::comments::{Counts, Note, above, comments, counts, ends, lead, trail};
use super::splice::way;
use crate::edit::source::Splice;
use crate::edit::tree::Document;
use crate::edit::{EditError, Format};

/// One range that says other comments.
struct Change {
    range: Range<usize>,
    text: String,
}

/// `text` with the wanted comments, no line of which stands more often than `limits` allow.
pub(super) fn carry_out(format: Format, text: String, notes: &[Note], limits: &Counts) -> Result<String, EditError> {
    let document = Document::parse(format, &text)?;
    let mut changes: Vec<Change> = Vec::new();
    // The inner of two places that begin on one line comes first: the outer one's comments are the same.
    for note in notes.iter().rev() {
        for change in wanted(&document, note) {
            let meets = |other: &Change| {
                other.range == change.range && !change.range.is_empty()
                    || other.range.start < change.range.end && change.range.start < other.range.end
            };
            if !changes.iter().any(meets) {
                changes.push(change);
            }
        }
    }
    if changes.is_empty() {
        return Ok(text);
    }
    let mut there = counts(&document);
    for line in changes.iter().flat_map(|change| document.text()[change.range.clone()].lines()) {
        there.entry(line.trim().to_owned()).and_modify(|count| *count = count.saturating_sub(1));
    }
    changes.sort_by_key(|change| change.range.start);
    let splices = changes.into_iter().map(|Change { range, text }| {
        let text = if text.ends_with('\n') { within(&text, limits, &mut there) } else { text };
        Splice::replace(range.start, range.end, text)
    });
    document.source.splice(splices.collect())
}

/// The lines of `text` that may stand once more than they do.
pub(super) fn within(text: &str, limits: &Counts, there: &mut Counts) -> String {
    let mut kept = String::new();
    let mut says = false;
    for line in text.split_inclusive('\n') {
        let comment = line.trim();
        if !comment.is_empty() {
            let count = there.entry(comment.to_owned()).or_default();
            if *count >= limits.get(comment).copied().unwrap_or_default() {
                continue;
            }
            *count += 1;
            says = true;
        }
        kept.push_str(line);
    }
    if says { kept } else { String::new() }
}

fn wanted(document: &Document, note: &Note) -> Vec<Change> {
    let mut changes = Vec::new();
    let Some(way) = way(document, &note.route, true) else { return changes };
    let Some((index, parent)) = way.split_last() else { return changes };
    let Some(parent) = document.node(parent) else { return changes };
    let Some((start, end)) = ends(parent, *index) else { return changes };
    let (now, wanted) = (comments(document, parent, *index), &note.wanted);
    if let Some((_, range)) = lead(document, start) {
        let indent = &document.text()[document.source.line_start(start)..start];
        if let Some(lines) = &wanted.above {
            let text = lines.iter().flat_map(|line| [line, "\n"]).collect();
            changes.push(Change { range: above(document, range.start)..range.start, text });
        }
        if !wanted.more.is_empty() {
            let apart = now.above.iter().flatten().last().map_or(range.start > 0, |line| !line.is_empty());
            let mut text = if apart { "\n".to_owned() } else { String::new() };
            for line in &wanted.more {
                let line = line.trim();
                text.extend([if line.is_empty() { "" } else { indent }, line, "\n"]);
            }
            changes.push(Change { range: range.start..range.start, text });
        }
        let adds = wanted.adds && !now.lead.ends_with(&wanted.lead);
        if adds || !wanted.adds && now.lead != wanted.lead {
            let old = if adds { now.lead.as_slice() } else { &[] };
            let text = old.iter().chain(&wanted.lead).flat_map(|line| [indent, line, "\n"]).collect();
            changes.push(Change { range, text });
        }
    }
    let trails = if wanted.adds { now.trail.is_empty() && !wanted.trail.is_empty() } else { now.trail != wanted.trail };
    if let (true, Some(range)) = (trails, end.and_then(|end| trail(document, end))) {
        changes.push(Change { range, text: wanted.trail.clone() });
    }
    changes
}
