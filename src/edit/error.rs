//! Why an edit was not made.

use std::ops::Range;

use crate::error::Position;

/// A text that could not be read or edited; nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EditError {
    /// What could not be done and why, in one sentence without a full stop.
    pub message: String,
    /// Where in the text, if there is one place.
    pub position: Option<Position>,
}

impl EditError {
    /// An error without a place.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        EditError { message: message.into(), position: None }
    }

    /// An error at byte `offset` of `text`.
    pub(crate) fn at(message: impl Into<String>, text: &str, offset: usize) -> Self {
        EditError { message: message.into(), position: Some(position(text, offset)) }
    }

    /// An edit that does not read back as what was asked for: a mistake of ours, never written.
    pub(crate) fn unfaithful(text: &str, offset: usize) -> Self {
        EditError::at("this place cannot be edited without a change to something else", text, offset)
    }
}

/// The line and column of byte `offset`, which is moved back to the start of its character.
pub(crate) fn position(text: &str, offset: usize) -> Position {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |n| n + 1);
    Position { line: before.matches('\n').count() + 1, column: before[start..].chars().count() + 1 }
}

/// Lines and columns of a byte range.
pub(crate) fn span(text: &str, range: &Range<usize>) -> crate::model::finding::Span {
    let (start, end) = (position(text, range.start), position(text, range.end));
    crate::model::finding::Span { line: start.line, column: start.column, end_line: end.line, end_column: end.column }
}
