//! Texts of several lines in one value.

use super::splice::{Steps, way};
use crate::edit::source::Splice;
use crate::edit::tree::{Document, Kind, Node, Scalar, Style};
use crate::edit::{EditError, Format};
use crate::merge::{Labels, text};

/// A text that is to be written anew, line by line.
#[derive(Clone, Debug)]
pub(super) struct Script {
    /// Where, in the result.
    pub route: Steps,
    /// What it says.
    pub text: String,
}

/// A text of several lines, such as a script, that both sides changed in different lines.
pub(super) fn lines_of_one(base: &Node, ours: &Node, theirs: &Node) -> Option<Node> {
    let node = ours;
    let block = |node: &Node| match &node.kind {
        Kind::Scalar(scalar) if scalar.style == Style::Block => Some(scalar.clone()),
        _ => None,
    };
    let (base, ours, theirs) = (block(base)?, block(ours)?, block(theirs)?);
    if base.resolved != ours.resolved || base.resolved != theirs.resolved {
        return None;
    }
    let unnamed = Labels { ours: String::new(), theirs: String::new() };
    let text = text::merge(&[base.text, ours.text.clone(), theirs.text], &unnamed).ok()?;
    Some(Node { kind: Kind::Scalar(Scalar { text, ..ours }), ..node.clone() })
}

/// `text` with the script in the lines of ours, which keep their head and indentation. Whether it reads back as meant is
/// for the caller to tell.
pub(super) fn carry_out(format: Format, text: &str, script: &Script) -> Result<String, EditError> {
    let document = Document::parse(format, text)?;
    let unfaithful = || EditError::unfaithful(text, 0);
    let place = way(&document, &script.route, true).ok_or_else(unfaithful)?;
    let node = document.node(&place).ok_or_else(unfaithful)?;
    let source = &document.source;
    let (head, start) = (source.line_start(node.span.start), source.line_end(node.span.start) + 1);
    // In a folded text a line is no line of the file.
    let literal = document.text()[head..start.min(document.text().len())].contains('|');
    let lines = document.text().get(start..node.span.end.max(start)).filter(|_| literal).ok_or_else(unfaithful)?;
    let first = lines.lines().find(|line| !line.trim().is_empty()).ok_or_else(unfaithful)?;
    let indent = &first[..first.len() - first.trim_start_matches(' ').len()];
    let ended = lines.ends_with('\n');
    let mut written = String::new();
    for line in script.text.trim_end_matches('\n').split('\n') {
        let indent = if line.is_empty() { "" } else { indent };
        written.extend([indent, line, "\n"]);
    }
    if !ended {
        written.pop();
    }
    source.splice(vec![Splice::replace(start, start + lines.len(), written)])
}
