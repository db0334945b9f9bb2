//! Comments go where their values go: what only the golden path changed is taken over, all else is ours.

use super::splice::{Steps, way};
use super::walk::Versions;
use crate::edit::source::Splice;
use crate::edit::tree::{Document, Kind, Layout, Node};
use crate::edit::{EditError, Format};

/// The comments at one key or item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Comments {
    /// The comments and blank lines further up, from the value before on. None in what is wanted: they stay.
    pub above: Option<Vec<String>>,
    /// The lines right above, trimmed.
    pub lead: Vec<String>,
    /// The one behind it on its line, with the space before; empty if there is none.
    pub trail: String,
}

/// The comments that a key or item has in the result.
#[derive(Clone, Debug)]
pub(super) struct Note {
    /// Where.
    pub route: Steps,
    /// What.
    pub wanted: Comments,
}

/// Reads comments in three versions.
pub(super) struct Notes<'a> {
    versions: Versions<'a>,
}

impl<'a> Notes<'a> {
    pub(super) fn new(versions: Versions<'a>) -> Self {
        Notes { versions }
    }

    /// The comments that the child of base, ours and theirs ends up with, unless all three agree.
    /// An error where the value `changed` and both sides changed the comment behind it.
    pub(super) fn at(&self, at: [(&Node, usize); 3], changed: bool) -> Result<Option<Comments>, ()> {
        let Versions { base, ours, theirs, .. } = self.versions;
        let [b, o, t] =
            [(base, at[0]), (ours, at[1]), (theirs, at[2])].map(|(document, (node, n))| comments(document, node, n));
        if b == o && o == t {
            return Ok(None);
        }
        let trails = [&b.trail, &o.trail, &t.trail].map(|trail| trail.trim());
        let trail = match trails {
            [b, o, t] if b == t || o == t => at_ours(&self.versions, at),
            [b, o, _] if b == o => t.trail.clone(),
            _ if changed => return Err(()),
            _ => o.trail.clone(),
        };
        let above = t.above.filter(|theirs| takes_above(b.above.as_deref(), o.above.as_deref(), theirs));
        let lead = if b.lead == o.lead { t.lead } else { o.lead };
        Ok(Some(Comments { above, lead, trail }))
    }
}

/// Whether the golden path alone changed what stands further up. Fewer comments there may only be less far up: a new key
/// took its place among them.
fn takes_above(base: Option<&[String]>, ours: Option<&[String]>, theirs: &[String]) -> bool {
    fn said(lines: &[String]) -> Vec<&str> {
        lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect()
    }
    let (Some(base), Some(ours)) = (base, ours) else { return false };
    let (base, ours, theirs) = (said(base), said(ours), said(theirs));
    base == ours && base != theirs && theirs.len() >= base.len()
}

fn at_ours(versions: &Versions<'_>, at: [(&Node, usize); 3]) -> String {
    comments(versions.ours, at[1].0, at[1].1).trail
}

/// The start of the child at `index`, and where a comment behind it would be looked for.
fn ends(parent: &Node, index: usize) -> Option<(usize, Option<usize>)> {
    let inline = |value: &Node| !matches!(value.layout(), Some(Layout::Block));
    match &parent.kind {
        Kind::Mapping(_, entries) => {
            let entry = entries.get(index)?;
            let end =
                if inline(&entry.value) { entry.value.span.end.max(entry.after_colon) } else { entry.after_colon };
            Some((entry.span.start, Some(end)))
        }
        Kind::Sequence(_, items) => {
            let item = items.get(index)?;
            Some((item.span.start, inline(&item.value).then_some(item.span.end)))
        }
        Kind::Scalar(_) | Kind::Alias(_) => None,
    }
}

/// The range of the comment behind `end`, the space before it included; empty, behind what is
/// there, if there is none. None where something else follows on the line.
fn trail(document: &Document, end: usize) -> Option<std::ops::Range<usize>> {
    let source = &document.source;
    let comma = source.skip_blanks(end);
    let end = if source.text[comma..].starts_with(',') { comma + 1 } else { end };
    match document.comment_after(end) {
        Some(comment) => (comment.end == source.line_end(comment.start)).then_some(end..comment.end),
        None => (source.skip_blanks(end) == source.line_end(end)).then_some(end..end),
    }
}

fn comments(document: &Document, parent: &Node, index: usize) -> Comments {
    let Some((start, end)) = ends(parent, index) else { return Comments::default() };
    let range = end.and_then(|end| trail(document, end));
    let trail = range.map(|range| document.text()[range].to_owned()).unwrap_or_default();
    let (lead, above) = match lead(document, start) {
        Some((lead, range)) => {
            let above = &document.text()[above(document, range.start)..range.start];
            (lead, Some(above.lines().map(|line| line.trim_end().to_owned()).collect()))
        }
        None => (Vec::new(), None),
    };
    Comments { above, lead, trail }
}

/// The start of the first of the lines above `start` that hold but comments or nothing.
fn above(document: &Document, start: usize) -> usize {
    let source = &document.source;
    let mut first = start;
    while first > 0 {
        let line = source.line_start(first - 1);
        if !source.blank_line(line) && document.comment_from(source.skip_blanks(line)).is_none() {
            break;
        }
        first = line;
    }
    first
}

/// The comment lines above `start`, and their range; none if something stands before it on its line.
fn lead(document: &Document, start: usize) -> Option<(Vec<String>, std::ops::Range<usize>)> {
    let source = &document.source;
    source.starts_line(start).then(|| {
        let range = document.lead_start(start)..source.line_start(start);
        (source.text[range.clone()].lines().map(|line| line.trim().to_owned()).collect(), range)
    })
}

/// `text` with the wanted comments.
pub(super) fn carry_out(format: Format, text: String, notes: &[Note]) -> Result<String, EditError> {
    let document = Document::parse(format, &text)?;
    let mut splices = Vec::new();
    for note in notes {
        let Some(way) = way(&document, &note.route, true) else { continue };
        let Some((index, parent)) = way.split_last() else { continue };
        let Some(parent) = document.node(parent) else { continue };
        let Some((start, end)) = ends(parent, *index) else { continue };
        let now = comments(&document, parent, *index);
        if let (true, Some((_, range))) = (now.lead != note.wanted.lead, lead(&document, start)) {
            let indent = &document.text()[document.source.line_start(start)..start];
            let lines: String = note.wanted.lead.iter().flat_map(|line| [indent, line, "\n"]).collect();
            splices.push(Splice::replace(range.start, range.end, lines));
        }
        if let (Some(wanted), Some((_, range))) = (&note.wanted.above, lead(&document, start)) {
            let lines: String = wanted.iter().flat_map(|line| [line, "\n"]).collect();
            splices.push(Splice::replace(above(&document, range.start), range.start, lines));
        }
        if let (true, Some(range)) = (now.trail != note.wanted.trail, end.and_then(|end| trail(&document, end))) {
            splices.push(Splice::replace(range.start, range.end, note.wanted.trail.clone()));
        }
    }
    if splices.is_empty() { Ok(text) } else { document.source.splice(splices) }
}

/// Whether every comment of `ours` that is not the golden path's own is in `result` too.
pub(super) fn survive(format: Format, base: &str, ours: &str, result: &str) -> bool {
    let of = |text: &str| -> Option<Vec<String>> {
        let mut all = Vec::new();
        for (_, document) in super::documents::split(format, text) {
            let document = Document::parse(format, document).ok()?;
            all.extend(document.comments.iter().map(|range| document.text()[range.clone()].trim().to_owned()));
        }
        all.sort();
        Some(all)
    };
    let (Some(mut base), Some(ours), Some(mut result)) = (of(base), of(ours), of(result)) else { return false };
    let take = |all: &mut Vec<String>, comment: &String| {
        all.iter().position(|other| other == comment).map(|n| all.swap_remove(n)).is_some()
    };
    ours.iter().all(|comment| {
        let kept = take(&mut result, comment);
        let known = take(&mut base, comment);
        kept || known
    })
}
