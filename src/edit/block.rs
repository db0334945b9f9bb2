//! `block` ownership: the text between `roadbed:begin ID` and `roadbed:end ID`, in the file's own comments.

use super::comment_style::CommentStyle;
use super::envelope::{Envelope, LineEnd};
use super::error::EditError;
use crate::error::Position;
use crate::model::ownership::At;

/// What a file holds of one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockState {
    /// Neither marker.
    Absent,
    /// One whole block.
    Present {
        /// The lines between the markers, each ended with LF.
        body: String,
        /// Line of the begin marker, from 1.
        first_line: usize,
        /// Line of the end marker, from 1.
        last_line: usize,
        /// Whether it stands at the end asked for: only other blocks and blank lines lie beyond it.
        placed: bool,
    },
    /// Markers that do not make one block.
    Broken {
        /// The marker at fault, from 1.
        line: usize,
        /// What is wrong with it, in one sentence without a full stop.
        why: String,
    },
}

struct Marker<'a> {
    line: usize,
    begins: bool,
    id: &'a str,
}

/// What `text` holds of the block `id`, and whether it stands at `at`.
pub fn find(text: &str, id: &str, style: CommentStyle, at: At) -> BlockState {
    let lines: Vec<&str> = bare(text).lines().collect();
    let markers = markers(&lines, style);
    match pair(&markers, id) {
        Ok(None) => BlockState::Absent,
        Ok(Some((first, last))) => BlockState::Present {
            body: lines[first + 1..last].iter().flat_map(|line| [*line, "\n"]).collect(),
            first_line: first + 1,
            last_line: last + 1,
            placed: placed(&lines, &markers, first, last, style, at),
        },
        Err((line, why)) => BlockState::Broken { line: line + 1, why },
    }
}

/// `text` with the block `id` holding `body`. A block that is absent, or not at its end, goes to
/// that end; everything outside the block stays byte for byte.
pub fn lay(text: &str, id: &str, style: CommentStyle, at: At, body: &str) -> Result<String, EditError> {
    let body = normal_body(body);
    let inner: Vec<&str> = body.lines().collect();
    if let Some(marker) = markers(&inner, style).first() {
        let message = format!("the block's own text holds a marker of the block `{}`", marker.id);
        return Err(EditError::at(message, &body, 0));
    }
    match find(text, id, style, at) {
        BlockState::Absent => Ok(insert(text, id, style, at, &body)),
        BlockState::Present { body: old, placed: true, .. } if old == body => Ok(text.to_owned()),
        BlockState::Present { first_line, last_line, placed: true, .. } => {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let mut result = lines[..first_line - 1].concat();
            // The mark stands before the block if the block is the first thing in the file.
            if first_line == 1 && text.starts_with('\u{feff}') {
                result.push('\u{feff}');
            }
            result.push_str(&with_ends_of(text, &whole(id, style, &body)));
            let rest = lines[last_line..].concat();
            if rest.is_empty() && !text.ends_with('\n') {
                trim_last_newline(&mut result);
            }
            Ok(result + &rest)
        }
        BlockState::Present { .. } => Ok(insert(&remove(text, id, style)?, id, style, at, &body)),
        BlockState::Broken { line, why } => Err(broken(line, why)),
    }
}

/// `text` without the block `id`, and without the blank line that set it apart.
pub fn remove(text: &str, id: &str, style: CommentStyle) -> Result<String, EditError> {
    let (first_line, last_line) = match find(text, id, style, At::End) {
        BlockState::Absent => return Ok(text.to_owned()),
        BlockState::Present { first_line, last_line, .. } => (first_line, last_line),
        BlockState::Broken { line, why } => return Err(broken(line, why)),
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (mut before, mut after) = (&lines[..first_line - 1], &lines[last_line..]);
    let blank = |line: &str| bare(line).trim().is_empty();
    let top = preamble(&bare(text).lines().collect::<Vec<_>>(), style);
    if after.first().is_none_or(|line| blank(line)) && before.last().is_some_and(|line| blank(line)) {
        before = &before[..before.len() - 1];
    } else if before.len() <= top && after.first().is_some_and(|line| blank(line)) {
        after = &after[1..];
    }
    let mut result = before.concat();
    if first_line == 1 && text.starts_with('\u{feff}') {
        result.push('\u{feff}');
    }
    if after.is_empty() && !text.ends_with('\n') {
        trim_last_newline(&mut result);
    }
    Ok(result + &after.concat())
}

/// `text` without any marker line; what they enclosed stays.
pub fn unwrap_all(text: &str, style: CommentStyle) -> String {
    unwrap_those(text, style, &|_| true)
}

/// `text` without the marker lines of the block `id`; what they enclosed stays.
pub fn unwrap_one(text: &str, id: &str, style: CommentStyle) -> String {
    unwrap_those(text, style, &|other| other == id)
}

fn unwrap_those(text: &str, style: CommentStyle, goes: &dyn Fn(&str) -> bool) -> String {
    let kept = |line: &&str| marker(bare(line), style).is_none_or(|(_, id)| !goes(id));
    let result: String = text.split_inclusive('\n').filter(kept).collect();
    if text.starts_with('\u{feff}') && !result.starts_with('\u{feff}') { format!("\u{feff}{result}") } else { result }
}

/// A new file that holds only the block.
pub fn whole(id: &str, style: CommentStyle, body: &str) -> String {
    let line = |word: &str| {
        let close = if style.close.is_empty() { String::new() } else { format!(" {}", style.close) };
        format!("{} roadbed:{word} {id}{close}\n", style.open)
    };
    format!("{}{}{}", line("begin"), normal_body(body), line("end"))
}

/// A block's text as [`BlockState::Present`] gives it: LF, every line ended, no byte-order mark.
pub fn normal_body(body: &str) -> String {
    let body = bare(body).replace("\r\n", "\n");
    if body.is_empty() || body.ends_with('\n') { body } else { body + "\n" }
}

fn bare(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn marker(line: &str, style: CommentStyle) -> Option<(bool, &str)> {
    let inner = line.trim().strip_prefix(style.open)?.strip_suffix(style.close)?.trim();
    let (begins, id) = match inner.strip_prefix("roadbed:begin") {
        Some(rest) => (true, rest),
        None => (false, inner.strip_prefix("roadbed:end")?),
    };
    let id = id.strip_prefix([' ', '\t'])?.trim();
    (!id.is_empty() && !id.contains(char::is_whitespace)).then_some((begins, id))
}

fn markers<'a>(lines: &[&'a str], style: CommentStyle) -> Vec<Marker<'a>> {
    let found = lines.iter().enumerate();
    found.filter_map(|(line, text)| marker(text, style).map(|(begins, id)| Marker { line, begins, id })).collect()
}

/// The lines (from 0) of the markers of `id`, or the marker at fault.
fn pair(markers: &[Marker<'_>], id: &str) -> Result<Option<(usize, usize)>, (usize, String)> {
    let mine: Vec<usize> = (0..markers.len()).filter(|n| markers[*n].id == id).collect();
    let fail = |n: usize, why: String| Err((markers[n].line, why));
    let (begin, end) = match mine.as_slice() {
        [] => return Ok(None),
        [one] => {
            let other = if markers[*one].begins { "end" } else { "begin" };
            return fail(*one, format!("the marker `roadbed:{other} {id}` is missing"));
        }
        [first, second] if markers[*first].begins && !markers[*second].begins => (*first, *second),
        [first, second] if !markers[*first].begins && markers[*second].begins => {
            return fail(*first, format!("the block `{id}` ends before it begins"));
        }
        [_, second, ..] => return fail(*second, format!("the block `{id}` is marked more than once")),
    };
    if end > begin + 1 {
        let inner = &markers[begin + 1];
        return fail(begin + 1, format!("a marker of the block `{}` stands inside the block `{id}`", inner.id));
    }
    let around = (0..begin).find(|n| {
        let open = &markers[*n];
        open.begins
            && !markers[*n + 1..begin].iter().any(|m| m.id == open.id)
            && markers[end + 1..].iter().find(|m| m.id == open.id).is_some_and(|m| !m.begins)
    });
    match around {
        Some(n) => fail(begin, format!("the block `{id}` stands inside the block `{}`", markers[n].id)),
        None => Ok(Some((markers[begin].line, markers[end].line))),
    }
}

fn placed(lines: &[&str], markers: &[Marker<'_>], first: usize, last: usize, style: CommentStyle, at: At) -> bool {
    let mut beyond = match at {
        At::Start => preamble(lines, style).min(first)..first,
        At::End => last + 1..lines.len(),
    };
    let mut inside: Option<&str> = None;
    beyond.all(|n| {
        let marker = markers.iter().find(|marker| marker.line == n);
        match (marker, inside) {
            (Some(marker), None) if marker.begins => inside = Some(marker.id),
            (Some(marker), Some(id)) if !marker.begins && marker.id == id => inside = None,
            (Some(_), _) => return false,
            (None, Some(_)) => {}
            (None, None) => return lines[n].trim().is_empty(),
        }
        true
    }) && inside.is_none()
}

/// The number of lines that only mean something at the very top.
fn preamble(lines: &[&str], style: CommentStyle) -> usize {
    let special = |line: &&str| {
        let line = line.trim_end();
        let directive = line
            .strip_prefix('#')
            .map(str::trim_start)
            .is_some_and(|rest| ["syntax=", "escape=", "check=", "-*-"].iter().any(|word| rest.starts_with(word)));
        match style.open {
            "#" => line.starts_with("#!") || directive || line.starts_with("%YAML") || line == "---",
            "<!--" => line.starts_with("<?xml") || line.to_lowercase().starts_with("<!doctype"),
            _ => line.starts_with("#!"),
        }
    };
    let top = lines.iter().take_while(|line| special(line)).count();
    let fenced = style.open == "<!--" && lines.first().is_some_and(|line| line.trim_end() == "---");
    let closing = || lines.iter().skip(1).position(|line| line.trim_end() == "---").map(|n| n + 2);
    if fenced { closing().unwrap_or(top) } else { top }
}

fn insert(text: &str, id: &str, style: CommentStyle, at: At, body: &str) -> String {
    let block = with_ends_of(text, &whole(id, style, body));
    let newline = if ends_with_cr(text) { "\r\n" } else { "\n" };
    let mark = if text.starts_with('\u{feff}') { "\u{feff}" } else { "" };
    let lines: Vec<&str> = bare(text).split_inclusive('\n').collect();
    let blank = |line: &&str| line.trim().is_empty();
    if at == At::Start {
        let (before, after) = lines.split_at(preamble(&lines, style));
        if !after.is_empty() || before.is_empty() {
            let gap = if after.first().is_none_or(blank) { "" } else { newline };
            return format!("{mark}{}{block}{gap}{}", before.concat(), after.concat());
        }
    }
    let mut result = text.to_owned();
    let ended = bare(text).is_empty() || text.ends_with('\n');
    if !ended {
        result.push_str(newline);
    }
    if !lines.last().is_none_or(blank) {
        result.push_str(newline);
    }
    result.push_str(&block);
    if !ended {
        trim_last_newline(&mut result);
    }
    result
}

fn ends_with_cr(text: &str) -> bool {
    match Envelope::of(text).line_end {
        LineEnd::Lf => false,
        LineEnd::CrLf => true,
        LineEnd::Mixed => text.matches("\r\n").count() * 2 > text.matches('\n').count(),
    }
}

fn with_ends_of(text: &str, block: &str) -> String {
    if ends_with_cr(text) { block.replace('\n', "\r\n") } else { block.to_owned() }
}

fn trim_last_newline(text: &mut String) {
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
}

fn broken(line: usize, why: String) -> EditError {
    EditError { message: why, position: Some(Position { line, column: 1 }) }
}

#[cfg(test)]
mod tests;
