//! One change to a TOML text: by splices where a value stands on lines of its own, else through `toml_edit`.

use crate::edit::error::EditError;
use crate::edit::flow::{Brackets, Fresh};
use crate::edit::ops::{Op, Piece};
use crate::edit::source::Splice;
use crate::edit::tree::{Document, Entry, Kind, Layout, Node};

/// The text of `document` after `op`.
pub(crate) fn change(document: &Document, op: &Op<'_>) -> Result<String, EditError> {
    if let Op::Set { at, piece: Piece::Root(other, _) } = op
        && at.is_empty()
    {
        return document.source.splice(vec![Splice::insert(document.end, other.text())]);
    }
    let splices = match op {
        Op::Set { at, piece } => set(document, at, piece),
        Op::Insert { into, index, piece } => insert(document, into, *index, piece)?,
        Op::Remove { at, lead } => remove(document, at, lead)?,
    };
    match splices {
        Some(splices) => document.source.splice(splices),
        None => super::rewrite::rewrite(document, op).ok_or_else(|| EditError::unfaithful(document.text(), 0)),
    }
}

/// Whether the value is written after an equals sign.
fn is_value(node: &Node) -> bool {
    matches!(node.kind, Kind::Scalar(_)) || node.layout() == Some(Layout::Flow)
}

/// Whether the table has a header of its own.
fn has_header(document: &Document, node: &Node) -> bool {
    document.text()[node.span.clone()].starts_with('[')
}

fn set(document: &Document, at: &[usize], piece: &Piece<'_>) -> Option<Vec<Splice>> {
    let node = document.node(at).filter(|node| is_value(node))?;
    let (other, value) = match piece {
        Piece::Entry(other, _, entry) => (other, &entry.value),
        Piece::Item(other, _, item) => (other, &item.value),
        Piece::Root(..) => return None,
        Piece::EmptyMapping => return Some(vec![Splice::replace(node.span.start, node.span.end, "{}")]),
        Piece::EmptySequence => return Some(vec![Splice::replace(node.span.start, node.span.end, "[]")]),
    };
    let within = at.split_last().and_then(|(_, way)| document.node(way)).and_then(Node::layout);
    if within == Some(Layout::Flow) {
        return Some(vec![Splice::replace(node.span.start, node.span.end, inline(other, value))]);
    }
    if !is_value(value) {
        return None;
    }
    let mut text = other.text()[value.span.clone()].to_owned();
    let mut end = node.span.end;
    if let (Piece::Entry(..), Some(comment)) = (piece, other.comment_after(value.span.end)) {
        let lined = document.comment_after(end);
        if lined.is_some() || document.source.skip_blanks(end) == document.source.line_end(end) {
            text.push_str(&other.text()[value.span.end..comment.end]);
            end = lined.map_or(end, |old| old.end);
        }
    }
    Some(vec![Splice::replace(node.span.start, end, text)])
}

/// The value on one line, as it may stand in an inline table.
fn inline(document: &Document, node: &Node) -> String {
    let text = |span: &std::ops::Range<usize>| document.text()[span.clone()].to_owned();
    match &node.kind {
        Kind::Mapping(Layout::Block, entries) => {
            let parts: Vec<String> = entries
                .iter()
                .map(|entry| format!("{} = {}", text(&entry.key_span), inline(document, &entry.value)))
                .collect();
            if parts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", parts.join(", ")) }
        }
        Kind::Sequence(Layout::Block, items) => {
            let parts: Vec<String> = items.iter().map(|item| inline(document, &item.value)).collect();
            format!("[{}]", parts.join(", "))
        }
        _ => text(&node.span),
    }
}

/// `key = value`, and the comment after it.
fn line(document: &Document, entry: &Entry) -> String {
    let end = document.comment_after(entry.value.span.end).map_or(entry.value.span.end, |comment| comment.end);
    let text = document.text();
    format!("{} = {}", &text[entry.key_span.clone()], &text[entry.value.span.start..end])
}

fn insert(
    document: &Document,
    into: &[usize],
    index: usize,
    piece: &Piece<'_>,
) -> Result<Option<Vec<Splice>>, EditError> {
    let Some(parent) = document.node(into) else { return Ok(None) };
    let text = document.text();
    match (parent.layout(), piece) {
        (Some(Layout::Flow), Piece::Entry(other, _, entry)) => {
            let text = format!("{} = {}", &other.text()[entry.key_span.clone()], inline(other, &entry.value));
            let fresh = Fresh { text, alone: (" ".to_owned(), " ".to_owned()) };
            Brackets::of(document, parent).insert(index, &fresh).map(Some)
        }
        (Some(Layout::Flow), Piece::Item(other, _, item)) => {
            let fresh = Fresh { text: inline(other, &item.value), alone: (String::new(), String::new()) };
            Brackets::of(document, parent).insert(index, &fresh).map(Some)
        }
        (Some(Layout::Block), Piece::Entry(other, origin, entry)) if is_value(&entry.value) => {
            let siblings = parent.entries().unwrap_or_default();
            let dotted = !into.is_empty() && !has_header(document, parent);
            let before = siblings[..index.min(siblings.len())].iter().rev().find(|entry| is_value(&entry.value));
            let header = (!into.is_empty() && !dotted).then_some(parent.span.end);
            let Some(place) = before.map(|entry| entry.value.span.end).or(header).filter(|_| !dotted) else {
                return Ok(None);
            };
            let top = other.lead_start(entry.span.start);
            let lead = if origin.layout == Layout::Block && other.source.starts_line(entry.span.start) {
                &other.text()[top..other.source.line_start(entry.span.start)]
            } else {
                ""
            };
            let column = before.map_or(0, |entry| document.source.column(entry.span.start));
            let indent = before.map_or("", |entry| &text[document.source.line_start(entry.span.start)..][..column]);
            let indent = if indent.trim().is_empty() { indent } else { "" };
            let place = document.source.line_end(place);
            Ok(Some(vec![Splice::insert(place, format!("\n{lead}{indent}{}", line(other, entry)))]))
        }
        _ => Ok(None),
    }
}

fn remove(document: &Document, at: &[usize], lead: &[String]) -> Result<Option<Vec<Splice>>, EditError> {
    let Some((index, way)) = at.split_last() else { return Ok(None) };
    let Some(parent) = document.node(way) else { return Ok(None) };
    if parent.layout() == Some(Layout::Flow) {
        return Brackets::of(document, parent).remove(*index).map(Some);
    }
    let source = &document.source;
    let Some(node) = parent.child(*index) else { return Ok(None) };
    if !is_value(node) {
        return Ok(remove_sections(document, node, lead));
    }
    let Some(entry) = parent.entries().and_then(|entries| entries.get(*index)) else { return Ok(None) };
    let start = first_line(document, source.line_start(entry.span.start), lead);
    let end = (source.line_end(entry.value.span.end) + 1).min(source.text.len());
    Ok(Some(vec![Splice::replace(start, end, "")]))
}

/// The line at `start`, or the comment lines above it if they are `lead`.
fn first_line(document: &Document, start: usize, lead: &[String]) -> usize {
    let top = document.lead_start(start);
    let above = document.text()[top..start].lines().map(str::trim);
    if !lead.is_empty() && above.eq(lead.iter().map(String::as_str)) { top } else { start }
}

/// Takes out a table with its headers; none if part of it stands under a header of something else.
fn remove_sections(document: &Document, node: &Node, lead: &[String]) -> Option<Vec<Splice>> {
    let mut mine = Vec::new();
    if !headers(document, node, false, &mut mine) {
        return None;
    }
    let mut all = Vec::new();
    headers(document, document.root.as_ref()?, true, &mut all);
    all.sort_unstable();
    let source = &document.source;
    mine.sort_unstable();
    let mut done = 0;
    let splices = mine.into_iter().map(|header| {
        let mut start = first_line(document, header, lead);
        let next = all.iter().find(|other| **other > header);
        let end = own_end(document, next.map_or(source.text.len(), |next| document.lead_start(*next)));
        // The blank line above the last section goes with it.
        if next.is_none() && start > 0 && source.blank_line(source.line_start(start - 1)) {
            start = source.line_start(start - 1);
        }
        let from = start.max(done);
        done = end;
        Splice::replace(from, end, "")
    });
    Some(splices.collect())
}

/// Where the section ends above the line at `next`: comments that a blank line parts from it are not its own.
fn own_end(document: &Document, next: usize) -> usize {
    let source = &document.source;
    let mut place = next;
    while place > 0 {
        let line = source.line_start(place - 1);
        if !source.blank_line(line) && document.comment_above(place).is_none() {
            break;
        }
        place = line;
    }
    for is_blank in [false, true] {
        while place < next && source.blank_line(place) == is_blank {
            place = source.line_end(place) + 1;
        }
    }
    place.min(next)
}

/// The places of all headers in `node`; false if it holds values that stand under none of them.
fn headers(document: &Document, node: &Node, under: bool, out: &mut Vec<usize>) -> bool {
    match &node.kind {
        Kind::Mapping(Layout::Block, entries) => {
            let headed = has_header(document, node);
            if headed {
                out.push(node.span.start);
            }
            let under = under || headed;
            let mut whole = true;
            for entry in entries {
                whole &= headers(document, &entry.value, under, out);
            }
            whole
        }
        Kind::Sequence(Layout::Block, items) => {
            let mut whole = true;
            for item in items {
                whole &= headers(document, &item.value, under, out);
            }
            whole
        }
        _ => under,
    }
}
