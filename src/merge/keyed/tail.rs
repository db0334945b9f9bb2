//! The comments at the very end of a document: they stand at no key, so they are merged line by line.

use std::ops::Range;

use super::walk::Versions;
use crate::edit::source::Splice;
use crate::edit::tree::Document;
use crate::edit::{EditError, Format};

/// What stands at the end of the result, where that is not what stands at the end of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    lines: Vec<String>,
    /// Whether a blank line is above it in the golden path's file.
    apart: bool,
}

/// The lines from the first comment on that nothing but comments follows; empty, at the end, if there are none.
fn range(document: &Document) -> Range<usize> {
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

/// What both sides say at the end; none if ours says it already.
pub(super) fn merge(versions: &Versions<'_>) -> Option<Tail> {
    let Versions { base, ours, theirs, .. } = *versions;
    if [base, ours, theirs].iter().any(|document| document.root.is_none()) {
        return None;
    }
    let [b, o, t] = [base, ours, theirs].map(|document| {
        document.text()[range(document)].lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>()
    });
    let has = |all: &[String], line: &String| all.iter().any(|other| other.trim() == line.trim());
    let lines = if b == t {
        return None;
    } else if b == o {
        t
    } else {
        let kept: Vec<String> = o.iter().filter(|line| !has(&b, line) || has(&t, line)).cloned().collect();
        let new: Vec<String> = t.into_iter().filter(|line| !has(&b, line) && !has(&kept, line)).collect();
        [kept, new].concat()
    };
    let apart = theirs.text()[..range(theirs).start].ends_with("\n\n");
    (lines != o).then_some(Tail { lines, apart })
}

/// `text` with `tail` at its end.
pub(super) fn carry_out(format: Format, text: String, tail: Option<&Tail>) -> Result<String, EditError> {
    let Some(tail) = tail else { return Ok(text) };
    let document = Document::parse(format, &text)?;
    let range = range(&document);
    let mut lines: String = tail.lines.iter().flat_map(|line| [line, "\n"]).collect();
    if tail.apart && range.is_empty() && !document.text()[..range.start].ends_with("\n\n") {
        lines.insert(0, '\n');
    }
    document.source.splice(vec![Splice::replace(range.start, range.end, lines)])
}
