//! Carrying a merge out on our text.

use super::walk::Outcome;
use super::{notes, script, tail};
use crate::edit::ops::{Op, Piece, apply, same_roots};
use crate::edit::tree::{Document, Node};
use crate::edit::{EditError, Format};

/// One step from a value of the result to one in it.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// By key.
    Key(String),
    /// By place, before and after lists are put in order.
    Item { laid: usize, last: usize },
}

/// The steps from the top.
pub(super) type Steps = Vec<Step>;

/// A list to be put in order.
#[derive(Clone, Debug)]
pub(super) struct Move {
    /// Which list.
    pub route: Steps,
    /// For each item as it stands, its place in the end.
    pub order: Vec<usize>,
}

/// The way of child indices that `route` leads; `last`: lists are in their final order.
pub(super) fn way(document: &Document, route: &[Step], last: bool) -> Option<Vec<usize>> {
    let mut node = document.root.as_ref()?;
    let mut way = Vec::new();
    for step in route {
        let index = match step {
            Step::Key(key) => node.entry(key)?.0,
            Step::Item { laid, last: end } => *if last { end } else { laid },
        };
        node = node.child(index)?;
        way.push(index);
    }
    Some(way)
}

/// `ours` as `outcome` wants it. What does not read back as meant is an error.
pub(super) fn carry_out(format: Format, ours: &str, mut outcome: Outcome<'_>) -> Result<String, EditError> {
    let mut text = apply(format, ours, outcome.ops)?;
    outcome.moves.sort_by_key(|moved| std::cmp::Reverse(moved.route.len()));
    for moved in &outcome.moves {
        text = put_in_order(format, &text, moved)?;
    }
    for script in &outcome.scripts {
        text = script::carry_out(format, &text, script)?;
    }
    text = notes::carry_out(format, text, &outcome.notes, &outcome.limits)?;
    for tail in &outcome.tails {
        text = tail::carry_out(format, text, tail, &outcome.limits)?;
    }
    let read = Document::parse(format, &text)?;
    if says(read.root.as_ref(), &outcome.node) { Ok(text) } else { Err(EditError::unfaithful(&text, 0)) }
}

/// Whether a document says what was meant, aliases being told by their number.
fn says(read: Option<&Node>, meant: &Node) -> bool {
    same_roots(read, Some(meant)) || meant.has_anchors()
}

fn put_in_order(format: Format, text: &str, moved: &Move) -> Result<String, EditError> {
    let document = Document::parse(format, text)?;
    let unfaithful = || EditError::unfaithful(text, 0);
    let list = way(&document, &moved.route, false).ok_or_else(unfaithful)?;
    let node = document.node(&list).ok_or_else(unfaithful)?;
    let stay = longest_rise(&moved.order);
    // For each place in the end, the item that comes there.
    let mut from = vec![0; moved.order.len()];
    for (n, last) in moved.order.iter().enumerate() {
        *from.get_mut(*last).ok_or_else(unfaithful)? = n;
    }
    let mut ops = Vec::new();
    let mut index = 0;
    for n in from {
        if stay.contains(&n) {
            index = n + 1;
            continue;
        }
        let piece = Piece::of(&document, node, n).ok_or_else(unfaithful)?;
        let lead = document.lead_lines(node, n);
        ops.push(Op::Insert { into: list.clone(), index, piece });
        ops.push(Op::Remove { at: [list.as_slice(), &[n]].concat(), lead });
    }
    apply(format, text, ops)
}

/// The places of the longest rising part of `order`.
fn longest_rise(order: &[usize]) -> Vec<usize> {
    let mut best: Vec<(usize, Option<usize>)> = Vec::new();
    for (n, value) in order.iter().enumerate() {
        let before = (0..n).filter(|m| order[*m] < *value).max_by_key(|m| best[*m].0);
        best.push((before.map_or(1, |m| best[m].0 + 1), before));
    }
    let mut at = (0..order.len()).max_by_key(|n| best[*n].0);
    let mut rise = Vec::new();
    while let Some(n) = at {
        rise.push(n);
        at = best[n].1;
    }
    rise
}
