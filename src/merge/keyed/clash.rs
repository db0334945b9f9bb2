//! What the keys cannot settle.

use std::ops::Range;

use crate::edit::tree::{Document, Layout, Node};
use crate::merge::file::places;
use crate::merge::text::Lines;

/// One place that both sides changed.
#[derive(Clone, Debug)]
pub(super) struct Clash {
    /// The place by keys and numbers; empty for the whole document.
    pub address: String,
    /// What happened there.
    pub kind: ClashKind,
    /// The value here.
    pub ours: Option<Lines>,
    /// The value in the golden path's.
    pub theirs: Option<Lines>,
}

/// What two sides can do to one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClashKind {
    /// Different values.
    Changed,
    /// Each added the key or item, with different values.
    Added,
    /// Gone here, changed there.
    DeletedHere,
    /// Changed here, gone there.
    DeletedThere,
    /// Different items at one place of a list.
    Place,
    /// Different orders of a list.
    Order,
    /// Nobody can tell which item is which.
    Alike,
    /// Anchors or aliases in what changed.
    Anchors,
    /// Different comments after one value.
    Comment,
}

impl Clash {
    /// What collides, and where.
    pub(super) fn message(&self) -> String {
        let what = match self.kind {
            ClashKind::Changed => "was changed on both sides",
            ClashKind::Added => "was added on both sides, with different content",
            ClashKind::DeletedHere => "was deleted here and changed by the golden path",
            ClashKind::DeletedThere => "was changed here and deleted by the golden path",
            ClashKind::Place => "got different items at the same place on both sides",
            ClashKind::Order => "was put in another order on both sides",
            ClashKind::Alike => "holds items that look alike, and both sides changed them",
            ClashKind::Anchors => "changed, and uses anchors or aliases, which roadbed does not merge",
            ClashKind::Comment => "got another comment after it on both sides",
        };
        let places = places(self.ours.as_ref(), self.theirs.as_ref());
        let address = if self.address.is_empty() { "the document".to_owned() } else { format!("`{}`", self.address) };
        format!("{address} {what}{}{places}", if places.is_empty() { "" } else { ": " })
    }
}

/// The lines of a byte range, `above` lines of the file standing before the document.
pub(super) fn lines(document: &Document, span: &Range<usize>, above: usize) -> Lines {
    let line = |place: usize| document.text()[..place].matches('\n').count();
    let end = document.text()[span.clone()].trim_end().len() + span.start;
    let first = line(span.start);
    Lines(above + first..above + line(end.max(span.start)) + 1)
}

/// Where what is gone from `parent` stood: behind `before`, or at its start.
pub(super) fn gap(document: &Document, parent: &Node, before: Option<&Node>, above: usize) -> Lines {
    let all = lines(document, &parent.span, above);
    if parent.layout() == Some(Layout::Flow) {
        return all;
    }
    let at = before.map_or(all.0.start, |node| lines(document, &node.span, above).0.end);
    Lines(at..at)
}
