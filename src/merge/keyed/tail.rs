//! Comments that stand at no key: above and below a document, and before a closing bracket. They are merged line by line.

use std::ops::Range;

use super::comments::{Counts, both, counts, trail};
use super::notes::within;
use super::splice::{Steps, way};
use super::walk::Versions;
use crate::edit::source::Splice;
use crate::edit::tree::{Document, Kind, Layout, Node};
use crate::edit::{EditError, Format};

/// What stands in one place of the result, where that is not what stands there in ours.
#[derive(Clone, Debug)]
pub(super) struct Tail {
    place: Place,
    lines: Vec<String>,
    /// Whether a blank line is above it in the golden path's file.
    apart: bool,
}

/// A place for comments that are no key's.
#[derive(Clone, Debug)]
enum Place {
    /// Above the `---` of a YAML document, or the bracket that opens one.
    Head,
    /// The end of the document.
    End,
    /// Below the `...` of a YAML document.
    After,
    /// Before the bracket that closes a mapping or list.
    Bracket(Steps),
}

/// The lines from the first comment on that nothing but comments follows; empty, at the end, if there are none.
fn end(document: &Document) -> Range<usize> {
    let text = document.text();
    let mut start = document.end;
    for comment in document.comments.iter().rev().filter(|comment| comment.end <= document.end) {
        let follows = text[comment.end..start].trim();
        if !follows.is_empty() || !document.source.starts_line(comment.start) {
            break;
        }
        start = document.source.line_start(comment.start);
    }
    start..document.end
}

/// The lines above `---`, or above the bracket that opens the document; none where there is neither, or more than
/// comments above it.
fn head(document: &Document) -> Option<Range<usize>> {
    let source = &document.source;
    let opens = document.root.as_ref().filter(|root| root.layout() == Some(Layout::Flow)).map(|root| root.span.start);
    let marker = || {
        let mut lines = source.text.split_inclusive('\n').scan(0, |place, line| {
            *place += line.len();
            Some((*place - line.len(), line))
        });
        lines.find(|(_, line)| line.starts_with("---")).map(|(place, _)| place)
    };
    let place = opens.filter(|place| document.skip(0) == *place && source.starts_line(*place)).or_else(marker)?;
    let lines = 0..source.line_start(place);
    (document.skip(0) >= lines.end).then_some(lines)
}

/// The lines below `...`; none where there is no such line.
fn after(document: &Document) -> Option<Range<usize>> {
    let text = document.text();
    let dots = text[document.end..].starts_with("...");
    dots.then(|| (document.source.line_end(document.end) + 1).min(text.len())..text.len())
}

/// The lines between the last child of a mapping or list in brackets and the bracket that closes it; none where that
/// stands on the line of something else.
fn bracket(document: &Document, node: &Node) -> Option<Range<usize>> {
    let (source, text) = (&document.source, document.text());
    let close = close(node)?;
    let last = match &node.kind {
        Kind::Mapping(_, entries) => entries.last().map(|entry| entry.span.end),
        Kind::Sequence(_, items) => items.last().map(|item| item.span.end),
        Kind::Scalar(_) | Kind::Alias(_) => None,
    };
    let end = trail(document, last.unwrap_or(node.span.start + 1))?.end;
    let lines = source.line_end(end) + 1..source.line_start(close);
    let starts = lines.start <= lines.end && source.starts_line(close);
    // A comma on a line of its own is no comment.
    (starts && document.skip(lines.start) == close && !text[lines.clone()].contains(',')
        || starts && document.skip(end) == close)
        .then_some(lines)
}

/// Where the bracket is that closes `node`; none if there is none.
fn close(node: &Node) -> Option<usize> {
    let bracketed = node.layout() == Some(Layout::Flow);
    node.span.end.checked_sub(1).filter(|close| bracketed && *close > node.span.start)
}

/// What both sides say around the document; nothing of what ours says already.
pub(super) fn around(versions: &Versions<'_>) -> Vec<Tail> {
    let Versions { base, ours, theirs, .. } = *versions;
    if [base, ours, theirs].iter().any(|document| document.root.is_none()) {
        return Vec::new();
    }
    let three = [base, ours, theirs];
    let all = [
        merged(Place::Head, three, &three.map(head)),
        merged(Place::End, three, &three.map(|document| Some(end(document)))),
        merged(Place::After, three, &three.map(after)),
    ];
    all.into_iter().flatten().collect()
}

/// What both sides say before the bracket that closes the value at `route`.
pub(super) fn closing(versions: &Versions<'_>, at: [&Node; 3], route: &Steps) -> Option<Tail> {
    let Versions { base, ours, theirs, .. } = *versions;
    let three = [(base, at[0]), (ours, at[1]), (theirs, at[2])];
    // Most have none: no need to look at the others.
    bracket(theirs, at[2]).filter(|lines| !theirs.text()[lines.clone()].trim().is_empty())?;
    close(at[1])?;
    let ranges = three.map(|(document, node)| bracket(document, node));
    merged(Place::Bracket(route.clone()), [base, ours, theirs], &ranges)
}

fn merged(place: Place, documents: [&Document; 3], ranges: &[Option<Range<usize>>; 3]) -> Option<Tail> {
    let [b, o, t] = [0, 1, 2].map(|n: usize| {
        let text = ranges[n].clone().map_or("", |range| &documents[n].text()[range]);
        text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>()
    });
    let said = |lines: &[String]| lines.iter().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    if said(&b) == said(&t) || said(&o) == said(&t) {
        return None;
    }
    let start = ranges[2].as_ref().map_or(0, |range| range.start);
    let apart = documents[2].text()[..start].ends_with("\n\n");
    let lines = if said(&b) == said(&o) { t } else { both(&b, o, t) };
    Some(Tail { place, lines, apart })
}

/// `text` with the comments of `tail` in their place, no line of which stands more often than `limits` allow.
pub(super) fn carry_out(format: Format, text: String, tail: &Tail, limits: &Counts) -> Result<String, EditError> {
    let document = Document::parse(format, &text)?;
    let source = &document.source;
    let (range, indent) = match &tail.place {
        Place::Head => (head(&document).unwrap_or(0..0), None),
        Place::End => (end(&document), None),
        Place::After => (after(&document).unwrap_or(document.end..document.end), None),
        Place::Bracket(route) => {
            let Some(node) = way(&document, route, true).and_then(|way| document.node(&way).cloned()) else {
                return Ok(text);
            };
            let Some(close) = close(&node) else { return Ok(text) };
            (bracket(&document, &node).unwrap_or(close..close), Some(indent(&document, &node)))
        }
    };
    let mut there = counts(&document);
    for line in document.text()[range.clone()].lines() {
        there.entry(line.trim().to_owned()).and_modify(|count| *count = count.saturating_sub(1));
    }
    let mut lines: String = tail.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    if let Some(inner) = &indent {
        let trimmed = tail.lines.iter().map(|line| line.trim());
        lines = trimmed.flat_map(|line| [if line.is_empty() { "" } else { inner }, line, "\n"]).collect();
    }
    let mut lines = within(&lines, limits, &mut there);
    let above = &document.text()[..range.start];
    match &tail.place {
        Place::End if tail.apart && range.is_empty() && !above.ends_with("\n\n") && !lines.is_empty() => {
            lines.insert(0, '\n');
        }
        Place::Head if head(&document).is_none() && !lines.is_empty() && !lines.ends_with("\n\n") => lines.push('\n'),
        Place::Bracket(_) if !source.starts_line(range.start) && !lines.is_empty() => {
            // The bracket gets a line of its own.
            let outer = &document.text()[source.line_start(range.start)..];
            let outer = &outer[..outer.len() - outer.trim_start_matches([' ', '\t']).len()];
            lines = format!("\n{lines}{outer}");
        }
        _ => {}
    }
    source.splice(vec![Splice::replace(range.start, range.end, lines)])
}

/// The white space before the children of `node`.
fn indent(document: &Document, node: &Node) -> String {
    let source = &document.source;
    let white = |place: usize| {
        document.text()[source.line_start(place)..source.skip_blanks(source.line_start(place))].to_owned()
    };
    let first = match &node.kind {
        Kind::Mapping(_, entries) => entries.first().map(|entry| entry.span.start),
        Kind::Sequence(_, items) => items.first().map(|item| item.span.start),
        Kind::Scalar(_) | Kind::Alias(_) => None,
    };
    match first.filter(|first| source.starts_line(*first)) {
        Some(first) => white(first),
        None => white(node.span.start) + "  ",
    }
}
