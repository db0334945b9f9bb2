//! One change to a YAML text, as splices.

use super::flow_text::{flow_key, flow_text};
use crate::edit::error::EditError;
use crate::edit::flow::{Brackets, Fresh};
use crate::edit::ops::{Op, Piece};
use crate::edit::source::Splice;
use crate::edit::tree::{Document, Entry, Item, Kind, Layout, Node, Style};

/// The splices that carry out `op`.
pub(crate) fn splices(document: &Document, op: &Op<'_>) -> Result<Vec<Splice>, EditError> {
    match op {
        Op::Set { at, piece } => match at.split_last() {
            None => Ok(set_root(document, piece)),
            Some((index, parent)) => set(document, known(document, parent)?, *index, piece),
        },
        Op::Insert { into, index, piece } => insert(document, known(document, into)?, *index, piece),
        Op::Remove { at, lead } => {
            let (index, parent) = at.split_last().ok_or_else(|| EditError::unfaithful(document.text(), 0))?;
            remove(document, known(document, parent)?, *index, lead)
        }
    }
}

fn known<'a>(document: &'a Document, way: &[usize]) -> Result<&'a Node, EditError> {
    document.node(way).ok_or_else(|| EditError::unfaithful(document.text(), 0))
}

fn set_root(document: &Document, piece: &Piece<'_>) -> Vec<Splice> {
    let text = match piece {
        Piece::Root(other, _) => other.text()[first_line_of_content(other)..other.end].to_owned(),
        Piece::EmptySequence => "[]\n".to_owned(),
        _ => "{}\n".to_owned(),
    };
    if let Some(root) = &document.root {
        return vec![Splice::replace(root.span.start, root.span.end, text.trim_end())];
    }
    let glue = if document.text()[..document.end].ends_with('\n') || document.end == 0 { "" } else { "\n" };
    vec![Splice::insert(document.end, format!("{glue}{text}"))]
}

/// Where the document's own lines begin, after `---`.
fn first_line_of_content(document: &Document) -> usize {
    let text = document.text();
    if text.starts_with("---\n") { 4 } else { 0 }
}

/// A place that holds a value in block style.
struct Slot<'a> {
    column: usize,
    /// After the colon, or after the dash.
    from: usize,
    value: &'a Node,
    end: usize,
}

impl<'a> Slot<'a> {
    fn entry(document: &Document, entry: &'a Entry) -> Self {
        let column = document.source.column(entry.span.start);
        Slot { column, from: entry.after_colon, value: &entry.value, end: entry.span.end }
    }

    fn item(document: &Document, item: &'a Item) -> Self {
        let column = document.source.column(item.span.start);
        Slot { column, from: item.span.start + 1, value: &item.value, end: item.span.end.max(item.span.start + 1) }
    }
}

fn set(document: &Document, parent: &Node, index: usize, piece: &Piece<'_>) -> Result<Vec<Splice>, EditError> {
    let slot = match &parent.kind {
        Kind::Mapping(_, entries) => Slot::entry(document, &entries[index]),
        Kind::Sequence(_, items) => Slot::item(document, &items[index]),
        Kind::Scalar(_) | Kind::Alias(_) => return Err(EditError::unfaithful(document.text(), parent.span.start)),
    };
    if parent.layout() == Some(Layout::Flow) {
        return Ok(set_in_flow(document, &slot, piece));
    }
    let source = &document.source;
    let old_inline = is_inline(document, slot.value);
    if let (true, Some((text, comment))) = (old_inline, inline_text(piece)) {
        if slot.value.span.is_empty() {
            return Ok(vec![Splice::insert(slot.from, format!(" {text}"))]);
        }
        let start = if text.is_empty() { slot.from } else { slot.value.span.start };
        let mut end = slot.value.span.end;
        if let (Some(_), Some(old)) = (&comment, document.comment_after(end)) {
            end = old.end;
        }
        return Ok(vec![Splice::replace(start, end, text + &comment.unwrap_or_default())]);
    }
    let tail = tail(piece, slot.column);
    let broken = tail.starts_with('\n');
    let line_end = source.line_end(slot.value.span.end.max(slot.from));
    if broken && slot.value.span.is_empty() {
        return Ok(vec![Splice::insert(line_end, tail)]);
    }
    if broken && old_inline && document.comment_after(slot.value.span.end).is_some() {
        return Ok(vec![Splice::replace(slot.from, slot.value.span.end, ""), Splice::insert(line_end, tail)]);
    }
    Ok(vec![Splice::replace(slot.from, deep_end(document, slot.end, slot.column), tail)])
}

fn set_in_flow(document: &Document, slot: &Slot<'_>, piece: &Piece<'_>) -> Vec<Splice> {
    let text = bracket_text(piece);
    let text_before = &document.text()[..slot.from];
    if !slot.value.span.is_empty() {
        return vec![Splice::replace(slot.value.span.start, slot.value.span.end, text)];
    }
    let colon = if text_before.ends_with(':') { " " } else { ": " };
    vec![Splice::insert(slot.from, format!("{colon}{text}"))]
}

/// Whether the value stands on one line and could be swapped for another such.
fn is_inline(document: &Document, value: &Node) -> bool {
    let block = match &value.kind {
        Kind::Scalar(scalar) => scalar.style == Style::Block,
        _ => value.layout() == Some(Layout::Block),
    };
    !block && !document.text()[value.span.clone()].contains('\n')
}

/// The piece's value if it fits on the line of its key, and the comment after it, with the space before.
fn inline_text(piece: &Piece<'_>) -> Option<(String, Option<String>)> {
    let (other, layout, value) = match piece {
        Piece::Entry(other, origin, entry) => (other, origin.layout, &entry.value),
        Piece::Item(other, origin, item) => (other, origin.layout, &item.value),
        Piece::Root(..) => return None,
        Piece::EmptyMapping => return Some(("{}".to_owned(), None)),
        Piece::EmptySequence => return Some(("[]".to_owned(), None)),
    };
    if layout == Layout::Flow {
        return Some((flow_text(other, value), None));
    }
    let end = value.span.end;
    let comment = other.comment_after(end).map(|comment| other.text()[end..comment.end].to_owned());
    is_inline(other, value).then(|| (other.text()[value.span.clone()].to_owned(), comment))
}

fn bracket_text(piece: &Piece<'_>) -> String {
    match piece {
        Piece::Entry(other, _, entry) => flow_text(other, &entry.value),
        Piece::Item(other, _, item) => flow_text(other, &item.value),
        Piece::Root(other, node) => flow_text(other, node),
        Piece::EmptyMapping => "{}".to_owned(),
        Piece::EmptySequence => "[]".to_owned(),
    }
}

/// All that follows the piece's colon or dash, for a key or dash at `column`.
fn tail(piece: &Piece<'_>, column: usize) -> String {
    let slot = match piece {
        Piece::Entry(other, origin, entry) if origin.layout == Layout::Block => {
            Some((other, Slot::entry(other, entry)))
        }
        Piece::Item(other, origin, item) if origin.layout == Layout::Block => Some((other, Slot::item(other, item))),
        _ => None,
    };
    match slot {
        Some((other, slot)) => {
            let text = &other.text()[slot.from..deep_end(other, slot.end, slot.column)];
            let text = text.trim_start_matches([' ', '\t']);
            let moved = reindent(text, slot.column, column);
            if moved.starts_with('\n') || moved.is_empty() { moved } else { format!(" {moved}") }
        }
        None => format!(" {}", bracket_text(piece)),
    }
}

/// The piece from its key or dash on, for `column`; without the comments above it.
fn body(piece: &Piece<'_>, column: usize) -> String {
    match piece {
        Piece::Entry(other, origin, entry) if origin.layout == Layout::Block => {
            let head = &other.text()[entry.span.start..entry.after_colon];
            format!("{head}{}", tail(piece, column))
        }
        Piece::Entry(other, _, entry) => {
            format!("{}:{}", &other.text()[entry.key_span.clone()], tail(piece, column))
        }
        _ => format!("-{}", tail(piece, column)),
    }
}

/// The comment lines right above the piece, for `column`, and whether a blank line stands above those.
fn lead(piece: &Piece<'_>, column: usize) -> (String, bool) {
    let (other, origin, start) = match piece {
        Piece::Entry(other, origin, entry) => (other, origin, entry.span.start),
        Piece::Item(other, origin, item) => (other, origin, item.span.start),
        _ => return (String::new(), false),
    };
    if origin.layout == Layout::Flow || !other.source.starts_line(start) {
        return (String::new(), false);
    }
    let first = other.lead_start(start);
    let indent = " ".repeat(column);
    let comments: String = other.text()[first..other.source.line_start(start)]
        .lines()
        .flat_map(|line| [line.trim(), "\n", &indent])
        .collect();
    let blank = first > 0 && other.source.blank_line(other.source.line_start(first - 1));
    (comments, blank && !origin.first)
}

fn insert(document: &Document, parent: &Node, index: usize, piece: &Piece<'_>) -> Result<Vec<Splice>, EditError> {
    if parent.layout() == Some(Layout::Flow) {
        let text = match piece {
            Piece::Entry(other, _, entry) => {
                format!("{}: {}", flow_key(other, &entry.key_span, &entry.key), flow_text(other, &entry.value))
            }
            _ => bracket_text(piece),
        };
        return Brackets::of(document, parent).insert(index, &Fresh { text, alone: (String::new(), String::new()) });
    }
    let slots: Vec<(usize, Slot<'_>)> = match &parent.kind {
        Kind::Mapping(_, entries) => entries.iter().map(|e| (e.span.start, Slot::entry(document, e))).collect(),
        Kind::Sequence(_, items) => items.iter().map(|i| (i.span.start, Slot::item(document, i))).collect(),
        Kind::Scalar(_) | Kind::Alias(_) => Vec::new(),
    };
    let Some((first, slot)) = slots.first() else {
        return Err(EditError::unfaithful(document.text(), parent.span.start));
    };
    let column = slot.column;
    let source = &document.source;
    let (comments, blank) = lead(piece, column);
    let text = comments + &body(piece, column);
    let indent = " ".repeat(column);
    let spaced = slots.len() > 1
        && slots[1..].iter().all(|(start, _)| {
            let top = document.lead_start(*start);
            top > 0 && source.blank_line(source.line_start(top - 1))
        });
    if let Some((_, before)) = index.checked_sub(1).and_then(|n| slots.get(n)) {
        let place = deep_end(document, before.end, column);
        let already = source.blank_line(source.line_start(place));
        let gap = if (blank || spaced) && !already { "\n" } else { "" };
        return Ok(vec![Splice::insert(place, format!("\n{gap}{indent}{text}"))]);
    }
    let gap = if spaced { "\n" } else { "" };
    let top = document.lead_start(*first);
    // The comments at the very top are the file's own, whatever key comes first.
    if source.starts_line(*first) && top > 0 {
        return Ok(vec![Splice::insert(top, format!("{indent}{text}\n{gap}"))]);
    }
    Ok(vec![Splice::insert(*first, format!("{text}\n{gap}{indent}"))])
}

fn remove(document: &Document, parent: &Node, index: usize, lead: &[String]) -> Result<Vec<Splice>, EditError> {
    if parent.layout() == Some(Layout::Flow) {
        return Brackets::of(document, parent).remove(index);
    }
    let (start, slot) = match &parent.kind {
        Kind::Mapping(_, entries) => (entries[index].span.start, Slot::entry(document, &entries[index])),
        Kind::Sequence(_, items) => (items[index].span.start, Slot::item(document, &items[index])),
        Kind::Scalar(_) | Kind::Alias(_) => return Err(EditError::unfaithful(document.text(), parent.span.start)),
    };
    let source = &document.source;
    let text = document.text();
    let end = deep_end(document, slot.end, slot.column);
    if !source.starts_line(start) {
        let rest = &text[end..];
        return Ok(vec![Splice::replace(start, end + (rest.len() - rest.trim_start().len()), "")]);
    }
    let mut first = source.line_start(start);
    let top = document.lead_start(start);
    let above = text[top..first].lines().map(str::trim);
    if !lead.is_empty() && above.eq(lead.iter().map(String::as_str)) {
        first = top;
    }
    let mut after = (end + 1).min(text.len());
    let blank_after = after >= text.len() || source.blank_line(after);
    if blank_after && first > 0 && source.blank_line(source.line_start(first - 1)) {
        first = source.line_start(first - 1);
    } else if first == 0 && after < text.len() && source.blank_line(after) {
        after = (source.line_end(after) + 1).min(text.len());
    }
    Ok(vec![Splice::replace(first, after, "")])
}

/// The end of what belongs to a key or dash at `column` whose value ends at `end`: the rest of its
/// line, and the comment lines below that are indented deeper.
fn deep_end(document: &Document, end: usize, column: usize) -> usize {
    let source = &document.source;
    let mut last = source.line_end(end);
    let mut line = last + 1;
    while line < source.text.len() && line < document.end {
        let text = source.skip_blanks(line);
        let end = source.line_end(line);
        if document.comment_from(text).is_some() && text - line > column {
            last = end;
        } else if !source.blank_line(line) {
            break;
        }
        line = end + 1;
    }
    last
}

/// `text` moved from one column to another; its first line stays where it is put.
fn reindent(text: &str, from: usize, to: usize) -> String {
    let indent = " ".repeat(to);
    let mut result = String::with_capacity(text.len());
    for (n, line) in text.split('\n').enumerate() {
        if n == 0 {
            result.push_str(line);
            continue;
        }
        result.push('\n');
        let spaces = line.len() - line.trim_start_matches(' ').len();
        let rest = &line[spaces.min(from)..];
        if !rest.is_empty() {
            result.push_str(&indent);
            result.push_str(rest);
        }
    }
    result
}
