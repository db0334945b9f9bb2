//! Where a repo's file falls short of a partial document.

use std::ops::Range;

use super::Match;
use super::identity::{align, below, label};
use crate::edit::error::EditError;
use crate::edit::ops::{Op, Piece, Way};
use crate::edit::tree::{Document, Item, Kind, Node, Scalar, Type};

/// Whether a value that is not the expected one may stand: its address, what was expected, what is there.
pub(crate) type Tolerate<'a> = &'a dyn Fn(&str, &str, &str) -> bool;

/// One place where the file falls short.
pub(crate) struct Gap<'p> {
    /// The place by keys and identities.
    pub address: String,
    /// The value at fault in the file, or the nearest thing above what is missing.
    pub span: Option<Range<usize>>,
    /// Whether nothing is there.
    pub missing: bool,
    /// What should be there.
    pub expected: &'p Node,
    /// What is there.
    pub found: Option<String>,
    /// The change that mends it; none where the place is only reached through an anchor.
    pub op: Option<Op<'p>>,
}

/// Walks both documents together.
pub(crate) struct Walk<'p, 'w> {
    partial: &'p Document,
    ours: &'w Document,
    matching: &'w Match,
    tolerate: Tolerate<'w>,
    gaps: Vec<Gap<'p>>,
}

/// Where the walk stands in the repo's file.
#[derive(Clone)]
struct Here {
    address: String,
    /// None where an alias or `<<` led here.
    way: Option<Way>,
    /// The key of the nearest mapping above: what `match` goes by.
    key: String,
}

impl Here {
    fn child(&self, address: String, index: Option<usize>, key: &str) -> Here {
        let way = self.way.as_ref().zip(index).map(|(way, index)| [way.as_slice(), &[index]].concat());
        Here { address, way, key: key.to_owned() }
    }
}

/// Every gap between a partial document and the repo's.
pub(crate) fn gaps<'p>(
    partial: &'p Document,
    ours: &Document,
    matching: &Match,
    tolerate: Tolerate<'_>,
) -> Result<Vec<Gap<'p>>, EditError> {
    let Some(root) = &partial.root else { return Ok(Vec::new()) };
    if root.has_anchors() {
        return Err(EditError::new("the golden path's file uses anchors; a file with `mode: keys` must not"));
    }
    let mut walk = Walk { partial, ours, matching, tolerate, gaps: Vec::new() };
    match &ours.root {
        Some(theirs) => {
            let here = Here { address: String::new(), way: Some(Vec::new()), key: String::new() };
            walk.node(root, theirs, &here, Piece::Root(partial, root), None);
        }
        None if root.is_empty() => {}
        None => walk.gaps.push(Gap {
            address: String::new(),
            span: None,
            missing: true,
            expected: root,
            found: None,
            op: Some(Op::Set { at: Vec::new(), piece: Piece::Root(partial, root) }),
        }),
    }
    Ok(walk.gaps)
}

impl<'p> Walk<'p, '_> {
    /// `at` is the place to point at where the value itself has no text.
    fn node(&mut self, expected: &'p Node, found: &Node, here: &Here, piece: Piece<'p>, at: Option<&Range<usize>>) {
        let seen = self.ours.resolve(found);
        let here = if std::ptr::eq(seen, found) { here.clone() } else { Here { way: None, ..here.clone() } };
        match (&expected.kind, &seen.kind) {
            (Kind::Mapping(..), Kind::Mapping(..))
                if expected.tag == seen.tag && (expected.is_empty() || !seen.is_empty()) =>
            {
                return self.mapping(expected, seen, &here, at);
            }
            (Kind::Sequence(_, wanted), Kind::Sequence(_, items)) if expected.tag == seen.tag => {
                if let Some(keys) = self.matching.get(&here.key) {
                    if wanted.is_empty() || !items.is_empty() {
                        return self.list(wanted, items, keys, expected, &here, at);
                    }
                } else if self.holds(expected, seen, &here.address) {
                    return;
                }
            }
            _ if self.holds(expected, seen, &here.address) => return,
            _ => {}
        }
        let span = if found.span.is_empty() { at.cloned() } else { Some(found.span.clone()) };
        self.gaps.push(Gap {
            address: here.address.clone(),
            span,
            missing: false,
            expected,
            found: Some(short(seen)),
            op: here.way.clone().map(|at| Op::Set { at, piece }),
        });
    }

    fn mapping(&mut self, expected: &'p Node, found: &Node, here: &Here, at: Option<&Range<usize>>) {
        let entries = expected.entries().unwrap_or_default();
        let own: Vec<Option<usize>> = entries.iter().map(|e| found.entry(&e.key).map(|(n, _)| n)).collect();
        for (n, entry) in entries.iter().enumerate() {
            let address = below(&here.address, &entry.key);
            let Some(piece) = Piece::of(self.partial, expected, n) else { continue };
            if let Some((index, theirs)) = found.entry(&entry.key) {
                let child = here.child(address, Some(index), &entry.key);
                self.node(&entry.value, &theirs.value, &child, piece, Some(&theirs.key_span));
            } else if let Some(value) = self.ours.inherited(found, &entry.key) {
                self.node(&entry.value, value, &here.child(address, None, &entry.key), piece, at);
            } else {
                let before = own[..n].iter().rev().flatten().next().map(|index| index + 1);
                let after = || own[n + 1..].iter().flatten().next().copied();
                let end = found.entries().map_or(0, <[_]>::len);
                let index = before.or_else(after).unwrap_or(end);
                self.missing(address, &entry.value, here, index, piece, at);
            }
        }
    }

    fn list(
        &mut self,
        wanted: &'p [Item],
        items: &[Item],
        keys: &[String],
        expected: &'p Node,
        here: &Here,
        at: Option<&Range<usize>>,
    ) {
        let partners = align((self.partial, wanted), (self.ours, items), keys);
        for (n, item) in wanted.iter().enumerate() {
            let Some(piece) = Piece::of(self.partial, expected, n) else { continue };
            let address = format!("{}{}", here.address, label(self.partial, wanted, n, keys));
            if let Some(index) = partners[n] {
                let theirs = &items[index];
                let span = first_line(self.ours, &theirs.span);
                self.node(&item.value, &theirs.value, &here.child(address, Some(index), ""), piece, Some(&span));
            } else {
                let index = partners[..n].iter().rev().flatten().next().map_or(0, |index| index + 1);
                self.missing(address, &item.value, here, index, piece, at);
            }
        }
    }

    fn missing(
        &mut self,
        address: String,
        expected: &'p Node,
        here: &Here,
        index: usize,
        piece: Piece<'p>,
        at: Option<&Range<usize>>,
    ) {
        self.gaps.push(Gap {
            address,
            span: at.cloned(),
            missing: true,
            expected,
            found: None,
            op: here.way.clone().map(|into| Op::Insert { into, index, piece }),
        });
    }

    /// Whether a leaf holds; lists are compared item by item, so that one value in them may be tolerated.
    fn holds(&self, expected: &Node, found: &Node, address: &str) -> bool {
        let found = self.ours.resolve(found);
        if expected.tag != found.tag {
            return false;
        }
        match (&expected.kind, &found.kind) {
            (Kind::Scalar(a), Kind::Scalar(b)) => a.same(b) || (self.tolerate)(address, &a.text, &b.text),
            (Kind::Sequence(_, a), Kind::Sequence(_, b)) => {
                let pair =
                    |(n, (a, b)): (usize, (&Item, &Item))| self.holds(&a.value, &b.value, &format!("{address}[{n}]"));
                a.len() == b.len() && a.iter().zip(b).enumerate().all(pair)
            }
            (Kind::Mapping(_, a), Kind::Mapping(_, b)) => {
                !found.inherits()
                    && a.len() == b.len()
                    && a.iter().all(|entry| {
                        let other = found.entry(&entry.key).map(|(_, other)| &other.value);
                        other.is_some_and(|other| self.holds(&entry.value, other, &below(address, &entry.key)))
                    })
            }
            _ => false,
        }
    }
}

/// From the start of a range to the end of its first line.
fn first_line(document: &Document, span: &Range<usize>) -> Range<usize> {
    span.start..document.source.line_end(span.start).min(span.end).max(span.start)
}

const SHORT: usize = 80;

/// A value on one line, cut where it gets long.
pub(crate) fn short(node: &Node) -> String {
    let mut text = String::new();
    write_short(node, &mut text);
    if text.chars().count() > SHORT {
        text = text.chars().take(SHORT - 1).collect::<String>() + "…";
    }
    text
}

fn write_short(node: &Node, out: &mut String) {
    if out.len() > 4 * SHORT {
        return;
    }
    match &node.kind {
        Kind::Scalar(Scalar { resolved: Type::Null, .. }) => out.push_str("null"),
        Kind::Scalar(Scalar { text, .. }) => {
            let mut lines = text.lines();
            out.push_str(lines.next().unwrap_or_default());
            out.push_str(if lines.next().is_some() { " …" } else { "" });
        }
        Kind::Alias(_) => out.push('*'),
        Kind::Mapping(_, entries) => {
            out.push('{');
            for (n, entry) in entries.iter().enumerate() {
                out.push_str(if n > 0 { ", " } else { "" });
                out.push_str(&entry.key);
                out.push_str(": ");
                write_short(&entry.value, out);
            }
            out.push('}');
        }
        Kind::Sequence(_, items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n > 0 { ", " } else { "" });
                write_short(&item.value, out);
            }
            out.push(']');
        }
    }
}
