//! Changes to a document as values, and the one way to carry them out: splice, read back, compare
//! with the same change made to the tree. What does not read back as meant is never returned.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::error::EditError;
use super::format::Format;
use super::source::Splice;
use super::tree::{Document, Entry, Item, Kind, Layout, Node, Scalar, Style, Type};

/// The way to a node: the index of a child at each level.
pub(crate) type Way = Vec<usize>;

/// Something to put into a document, taken from another one with its text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece<'a> {
    /// A key with its value.
    Entry(&'a Document, Origin, &'a Entry),
    /// An item of a list.
    Item(&'a Document, Origin, &'a Item),
    /// All that the other document holds.
    Root(&'a Document, &'a Node),
    /// `{}`
    EmptyMapping,
    /// `[]`
    EmptySequence,
}

/// Where a piece stood.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// How the mapping or list around it is written.
    pub layout: Layout,
    /// Whether it was the first there.
    pub first: bool,
}

impl<'a> Piece<'a> {
    /// The child of `parent` at `index`, if there is one.
    pub(crate) fn of(document: &'a Document, parent: &'a Node, index: usize) -> Option<Self> {
        let origin = |layout: &Layout| Origin { layout: *layout, first: index == 0 };
        match &parent.kind {
            Kind::Mapping(layout, entries) => Some(Piece::Entry(document, origin(layout), entries.get(index)?)),
            Kind::Sequence(layout, items) => Some(Piece::Item(document, origin(layout), items.get(index)?)),
            Kind::Scalar(_) | Kind::Alias(_) => None,
        }
    }

    /// Its value.
    pub(crate) fn value(&self) -> Node {
        let bare = |kind: Kind| Node { span: 0..0, anchor: None, tag: None, kind };
        match self {
            Piece::Entry(_, _, entry) => entry.value.clone(),
            Piece::Item(_, _, item) => item.value.clone(),
            Piece::Root(_, node) => (*node).clone(),
            Piece::EmptyMapping => bare(Kind::Mapping(Layout::Flow, Vec::new())),
            Piece::EmptySequence => bare(Kind::Sequence(Layout::Flow, Vec::new())),
        }
    }
}

/// One change. Ways and indices count in the document as it was before all changes.
#[derive(Clone, Debug)]
pub(crate) enum Op<'a> {
    /// The value at `at` becomes the piece's; the key stays.
    Set {
        /// Which value.
        at: Way,
        /// What it becomes.
        piece: Piece<'a>,
    },
    /// The piece goes before the child at `index`, or to the end.
    Insert {
        /// The mapping or list that takes it.
        into: Way,
        /// Before which child.
        index: usize,
        /// What goes there.
        piece: Piece<'a>,
    },
    /// The key or item at `at` goes.
    Remove {
        /// Which one.
        at: Way,
        /// The comment lines above it that go with it, trimmed; they go only if they are these.
        lead: Vec<String>,
    },
}

impl Op<'_> {
    fn place(&self) -> Way {
        match self {
            Op::Set { at, .. } | Op::Remove { at, .. } => at.clone(),
            Op::Insert { into, index, .. } => {
                let mut way = into.clone();
                way.push(*index);
                way
            }
        }
    }

    fn rank(&self) -> u8 {
        u8::from(matches!(self, Op::Insert { .. }))
    }
}

/// `text` after `ops`, in which inserts at one place keep their order.
pub(crate) fn apply(format: Format, text: &str, ops: Vec<Op<'_>>) -> Result<String, EditError> {
    let mut document = Document::parse(format, text)?;
    let ops = from_the_end(ops);
    if let Some(result) = at_once(format, &document, &ops)? {
        return Ok(result);
    }
    let lost = |document: &Document| EditError::unfaithful(document.text(), 0);
    let mut named = Vec::new();
    for op in ops {
        named.push((Named::of(&document, &op).ok_or_else(|| lost(&document))?, op));
    }
    for (name, op) in named {
        let op = name.find(&document, op).ok_or_else(|| lost(&document))?;
        refuse_shared(&document, &op)?;
        let mut expected = document.root.clone();
        let place = place_in_text(&document, &op);
        change(&mut expected, &op).ok_or_else(|| EditError::unfaithful(document.text(), place))?;
        let result = match splices(format, &document, &op)? {
            Some(splices) => document.source.splice(splices)?,
            None => super::toml::change::change(&document, &op)?,
        };
        let unfaithful = || EditError::unfaithful(document.text(), place);
        let next = Document::parse(format, &result).map_err(|_| unfaithful())?;
        if !same_roots(expected.as_ref(), next.root.as_ref()) {
            return Err(unfaithful());
        }
        document = next;
    }
    Ok(document.source.original().to_owned())
}

/// The splices that carry out `op`; none where TOML takes a way of its own.
fn splices(format: Format, document: &Document, op: &Op<'_>) -> Result<Option<Vec<Splice>>, EditError> {
    match format {
        Format::Yaml => super::yaml::splice::splices(document, op).map(Some),
        Format::Json => super::json::splices(document, op).map(Some),
        Format::Toml => Ok(None),
    }
}

/// All of `ops` with one reading back, where they keep out of each other's way; else none.
fn at_once(format: Format, document: &Document, ops: &[Op<'_>]) -> Result<Option<String>, EditError> {
    let mut shaped = BTreeSet::new();
    let mut all = Vec::new();
    let mut expected = document.root.clone();
    for op in ops {
        refuse_shared(document, op)?;
        let container = match op {
            Op::Set { .. } => None,
            Op::Insert { into, .. } => Some(into.as_slice()),
            Op::Remove { at, .. } => at.split_last().map(|(_, way)| way),
        };
        if container.is_some_and(|way| !shaped.insert(way)) || change(&mut expected, op).is_none() {
            return Ok(None);
        }
        let Ok(Some(splices)) = splices(format, document, op) else { return Ok(None) };
        all.extend(splices);
    }
    let Ok(result) = document.source.splice(all) else { return Ok(None) };
    let faithful = Document::parse(format, &result).is_ok_and(|next| same_roots(expected.as_ref(), next.root.as_ref()));
    Ok(faithful.then_some(result))
}

/// Where an op takes place, in terms that outlive other changes: TOML moves keys before tables.
struct Named(Vec<Step>);

enum Step {
    /// The entry of this key; as the place of an insert, right behind it.
    Key(String),
    Index(usize),
}

impl Named {
    fn of(document: &Document, op: &Op<'_>) -> Option<Self> {
        let way = op.place();
        let mut steps = Vec::new();
        for (depth, index) in way.iter().enumerate() {
            let last_of_insert = depth + 1 == way.len() && op.rank() > 0;
            let entries = document.node(&way[..depth])?.entries();
            let entry = if last_of_insert { index.checked_sub(1) } else { Some(*index) };
            let key = entries.zip(entry).map(|(entries, n)| entries.get(n).map(|entry| entry.key.clone()));
            steps.push(match key {
                Some(key) => Step::Key(key?),
                None => Step::Index(*index),
            });
        }
        Some(Named(steps))
    }

    /// The op with the ways and the index of the document as it is now.
    fn find<'a>(self, document: &Document, op: Op<'a>) -> Option<Op<'a>> {
        let mut way = Way::new();
        let behind = matches!(self.0.last(), Some(Step::Key(_)));
        for step in self.0 {
            way.push(match step {
                Step::Key(key) => document.node(&way)?.entry(&key)?.0,
                Step::Index(index) => index,
            });
        }
        Some(match op {
            Op::Set { piece, .. } => Op::Set { at: way, piece },
            Op::Remove { lead, .. } => Op::Remove { at: way, lead },
            Op::Insert { piece, .. } => {
                let index = way.pop()?;
                Op::Insert { into: way, index: index + usize::from(behind), piece }
            }
        })
    }
}

/// The order in which no change moves what a later one counts on.
fn from_the_end(ops: Vec<Op<'_>>) -> Vec<Op<'_>> {
    let mut numbered: Vec<(Way, usize, Op<'_>)> =
        ops.into_iter().enumerate().map(|(n, op)| (op.place(), n, op)).collect();
    numbered.sort_by(|(a, m, x), (b, n, y)| match b.cmp(a) {
        Ordering::Equal => x.rank().cmp(&y.rank()).then(n.cmp(m)),
        other => other,
    });
    numbered.into_iter().map(|(_, _, op)| op).collect()
}

/// Nothing that other places share through an anchor is changed.
fn refuse_shared(document: &Document, op: &Op<'_>) -> Result<(), EditError> {
    let (way, whole) = match op {
        Op::Set { at, .. } | Op::Remove { at, .. } => (at, true),
        Op::Insert { into, .. } => (into, false),
    };
    let refuse = |node: &Node, what: &str| Err(document.error(what, node.span.start));
    for depth in 0..=way.len() {
        let Some(node) = document.node(&way[..depth]) else { return Ok(()) };
        if matches!(node.kind, Kind::Alias(_)) {
            return refuse(node, "an alias stands for this value; roadbed does not edit what an anchor shares");
        }
        if node.anchor.is_some_and(|anchor| document.is_aliased(anchor)) {
            return refuse(node, "this value is shared through an anchor; roadbed does not edit what others share");
        }
        let target = depth == way.len();
        if target && whole && node.has_anchors() {
            return refuse(node, "this value holds an anchor or an alias; roadbed does not edit those");
        }
        let container = if whole { depth + 1 == way.len() && matches!(op, Op::Remove { .. }) } else { target };
        if container && node.inherits() {
            return refuse(node, "this mapping takes keys from an anchor (`<<`); roadbed does not edit it");
        }
    }
    Ok(())
}

fn place_in_text(document: &Document, op: &Op<'_>) -> usize {
    let way = match op {
        Op::Set { at, .. } | Op::Remove { at, .. } => at,
        Op::Insert { into, .. } => into,
    };
    document.node(way).map_or(0, |node| node.span.start)
}

/// The same change, made to the tree.
fn change(root: &mut Option<Node>, op: &Op<'_>) -> Option<()> {
    match op {
        Op::Set { at, piece } if at.is_empty() => *root = Some(piece.value()),
        Op::Set { at, piece } => *find(root, at)? = piece.value(),
        Op::Insert { into, index, piece } => match (&mut find(root, into)?.kind, piece) {
            (Kind::Mapping(_, entries), Piece::Entry(_, _, entry)) if *index <= entries.len() => {
                entries.insert(*index, (*entry).clone());
            }
            (Kind::Sequence(_, items), Piece::Item(_, _, item)) if *index <= items.len() => {
                items.insert(*index, (*item).clone());
            }
            _ => return None,
        },
        Op::Remove { at, .. } => {
            let (index, parent) = at.split_last()?;
            let parent = find(root, parent)?;
            parent.child(*index)?;
            match &mut parent.kind {
                Kind::Mapping(_, entries) => drop(entries.remove(*index)),
                Kind::Sequence(_, items) => drop(items.remove(*index)),
                Kind::Scalar(_) | Kind::Alias(_) => return None,
            }
        }
    }
    Some(())
}

fn find<'n>(root: &'n mut Option<Node>, way: &[usize]) -> Option<&'n mut Node> {
    way.iter().try_fold(root.as_mut()?, |node, index| node.child_mut(*index))
}

/// A document without content is an empty mapping.
pub(crate) fn same_roots(a: Option<&Node>, b: Option<&Node>) -> bool {
    let nothing = Node {
        span: 0..0,
        anchor: None,
        tag: None,
        kind: Kind::Scalar(Scalar { text: String::new(), resolved: Type::Null, style: Style::Plain }),
    };
    let (a, b) = (a.unwrap_or(&nothing), b.unwrap_or(&nothing));
    (a.is_empty() && b.is_empty()) || a.same(b)
}
