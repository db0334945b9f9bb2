//! Texts of several lines in one value.

use crate::edit::tree::{Kind, Node, Scalar, Style};
use crate::merge::{Labels, text};

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
