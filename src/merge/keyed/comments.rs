//! Comments go where their values go: what only the golden path wrote is taken over, all else is ours.

use std::collections::BTreeMap;
use std::ops::Range;

use super::splice::Steps;
use super::walk::Versions;
use crate::edit::Format;
use crate::edit::tree::{Document, Kind, Layout, Node};
use crate::merge::Labels;
use crate::merge::text;

/// The comments at one key or item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Comments {
    /// The comments and blank lines further up, from the value before on; none where something else stands on the line.
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
    pub wanted: Wanted,
}

/// What comments a key or item is to have.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// What stands further up, instead of what does; none where that stays.
    pub above: Option<Vec<String>>,
    /// What comes between that and the lines right above.
    pub more: Vec<String>,
    /// The lines right above.
    pub lead: Vec<String>,
    /// The one behind it.
    pub trail: String,
    /// Whether that is added to what is there, and nothing of it goes.
    pub adds: bool,
}

/// How often each line of comment stands somewhere.
pub(super) type Counts = BTreeMap<String, usize>;

/// Counts the lines of all comments.
pub(super) fn counts(document: &Document) -> Counts {
    let mut counts = Counts::new();
    for comment in &document.comments {
        for line in document.text()[comment.clone()].lines() {
            *counts.entry(line.trim().to_owned()).or_default() += 1;
        }
    }
    counts
}

/// Reads comments in three versions.
pub(super) struct Notes<'a> {
    versions: Versions<'a>,
    base: Counts,
}

impl<'a> Notes<'a> {
    pub(super) fn new(versions: Versions<'a>) -> Self {
        Notes { versions, base: counts(versions.base) }
    }

    /// How often each line of comment may stand in the result: as often as in ours, and once more for each that the
    /// golden path added.
    pub(super) fn limits(&self) -> Counts {
        let mut limits = counts(self.versions.ours);
        for (line, theirs) in counts(self.versions.theirs) {
            let added = theirs.saturating_sub(self.base.get(&line).copied().unwrap_or_default());
            *limits.entry(line).or_default() += added;
        }
        limits
    }

    /// The comments that the child of base, ours and theirs ends up with, unless all three agree.
    /// An error where both sides changed the comment behind it.
    pub(super) fn at(&self, at: [(&Node, usize); 3]) -> Result<Option<Wanted>, ()> {
        let Versions { base, ours, theirs, .. } = self.versions;
        let [b, o, t] =
            [(base, at[0]), (ours, at[1]), (theirs, at[2])].map(|(document, (node, n))| comments(document, node, n));
        if b == o && o == t {
            return Ok(None);
        }
        let trail = match [&b.trail, &o.trail, &t.trail].map(|trail| trail.trim()) {
            [old, here, there] if old == there || here == there => o.trail,
            [old, here, _] if old == here => t.trail,
            _ => return Err(()),
        };
        let (above, more) = match t.above {
            Some(theirs) if takes_above(b.above.as_deref(), o.above.as_deref(), &theirs) => (Some(theirs), Vec::new()),
            Some(theirs) => (None, self.new_blocks(&theirs, o.above.as_deref().unwrap_or_default())),
            None => (None, Vec::new()),
        };
        let lead = both(&b.lead, o.lead, t.lead);
        Ok(Some(Wanted { above, more, lead, trail, adds: false }))
    }

    /// The comments of a child that comes from theirs, or that both sides added alike.
    pub(super) fn fresh(&self, node: &Node, index: usize) -> Option<Wanted> {
        let Comments { above, lead, trail } = comments(self.versions.theirs, node, index);
        let more = self.new_blocks(&above.unwrap_or_default(), &[]);
        let says = !(more.is_empty() && lead.is_empty() && trail.is_empty());
        says.then_some(Wanted { above: None, more, lead, trail, adds: true })
    }

    /// Those comments among `lines` of theirs that neither the base nor `ours` has, each with the blank line behind it.
    fn new_blocks(&self, lines: &[String], ours: &[String]) -> Vec<String> {
        let has = |line: &&String| {
            let line = line.trim();
            self.base.contains_key(line) || ours.iter().any(|other| other.trim() == line)
        };
        let mut new = Vec::new();
        for block in lines.split(|line| line.trim().is_empty()) {
            if !block.iter().all(|line| has(&line)) {
                new.extend(block.iter().cloned());
                new.push(String::new());
            }
        }
        new
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

/// Lines of comment as both sides have them: merged line by line, or ours and then what is new in theirs.
pub(super) fn both(base: &[String], ours: Vec<String>, theirs: Vec<String>) -> Vec<String> {
    let text = |lines: &[String]| lines.iter().flat_map(|line| [line.trim_end(), "\n"]).collect::<String>();
    let none = Labels { ours: String::new(), theirs: String::new() };
    if let Ok(merged) = text::merge(&[text(base), text(&ours), text(&theirs)], &none) {
        return merged.lines().map(str::to_owned).collect();
    }
    let has = |all: &[String], line: &String| all.iter().any(|other| other.trim() == line.trim());
    let kept: Vec<String> = ours.into_iter().filter(|line| !has(base, line) || has(&theirs, line)).collect();
    let new: Vec<String> = theirs.into_iter().filter(|line| !has(base, line) && !has(&kept, line)).collect();
    [kept, new].concat()
}

/// The start of the child at `index`, and where a comment behind it would be looked for.
pub(super) fn ends(parent: &Node, index: usize) -> Option<(usize, Option<usize>)> {
    let is_block = |value: &Node| value.layout() == Some(Layout::Block);
    // A table of TOML starts with its header.
    let headed = |start: usize, value: &Node| is_block(value) && value.span.start == start;
    let after_it = |value: &Node| value.entries().map(|_| value.span.end);
    match &parent.kind {
        Kind::Mapping(_, entries) => {
            let entry = entries.get(index)?;
            let end = match &entry.value {
                value if headed(entry.span.start, value) => after_it(value),
                value if is_block(value) => Some(entry.after_colon),
                value => Some(value.span.end.max(entry.after_colon)),
            };
            Some((entry.span.start, end))
        }
        Kind::Sequence(_, items) => {
            let item = items.get(index)?;
            let end = match &item.value {
                value if headed(item.span.start, value) => after_it(value),
                value if is_block(value) => None,
                _ => Some(item.span.end),
            };
            Some((item.span.start, end))
        }
        Kind::Scalar(_) | Kind::Alias(_) => None,
    }
}

/// The range of the comment behind `end`, the space before it included; empty, behind what is
/// there, if there is none. None where something else follows on the line.
pub(super) fn trail(document: &Document, end: usize) -> Option<Range<usize>> {
    let source = &document.source;
    let comma = source.skip_blanks(end);
    let end = if source.text[comma..].starts_with(',') { comma + 1 } else { end };
    match document.comment_after(end) {
        Some(comment) => (comment.end == source.line_end(comment.start)).then_some(end..comment.end),
        None => (source.skip_blanks(end) == source.line_end(end)).then_some(end..end),
    }
}

/// The comments at the child of `parent` at `index`.
pub(super) fn comments(document: &Document, parent: &Node, index: usize) -> Comments {
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
pub(super) fn above(document: &Document, start: usize) -> usize {
    let source = &document.source;
    let mut first = start;
    while first > 0 {
        let line = source.line_start(first - 1);
        first = match document.comment_above(first) {
            Some(comment) => source.line_start(comment.start),
            None if source.blank_line(line) => line,
            None => break,
        };
    }
    first
}

/// The comment lines above `start`, and their range; none if something stands before it on its line.
pub(super) fn lead(document: &Document, start: usize) -> Option<(Vec<String>, Range<usize>)> {
    let source = &document.source;
    source.starts_line(start).then(|| {
        let range = document.lead_start(start)..source.line_start(start);
        (source.text[range.clone()].lines().map(|line| line.trim().to_owned()).collect(), range)
    })
}

/// Whether every comment of `ours` that the golden path did not take out is in `result` too.
pub(super) fn survive(format: Format, base: &str, ours: &str, theirs: &str, result: &str) -> bool {
    let of = |text: &str| -> Option<Counts> {
        let mut all = Counts::new();
        for (_, document) in super::documents::split(format, text) {
            for (line, count) in counts(&Document::parse(format, document).ok()?) {
                *all.entry(line).or_default() += count;
            }
        }
        Some(all)
    };
    let (Some(base), Some(ours), Some(theirs), Some(result)) = (of(base), of(ours), of(theirs), of(result)) else {
        return false;
    };
    let count = |all: &Counts, line: &str| all.get(line).copied().unwrap_or_default();
    ours.iter().all(|(line, ours)| {
        let taken_out = count(&base, line).saturating_sub(count(&theirs, line));
        count(&result, line) + taken_out >= *ours
    })
}
