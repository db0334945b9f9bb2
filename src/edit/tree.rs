//! What YAML, JSON and TOML have in common: a tree of mappings, sequences and scalars, each with its place.

use std::collections::BTreeMap;
use std::ops::Range;

use super::error::EditError;
use super::format::Format;
use super::source::Source;

/// No document is nested deeper.
pub(crate) const MAX_DEPTH: usize = 128;

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Its text, tag and anchor included.
    pub span: Range<usize>,
    /// The number of the anchor that it bears.
    pub anchor: Option<usize>,
    /// The tag of a mapping or list that makes it something else (`!reference`).
    pub tag: Option<String>,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Keys with values.
    Mapping(Layout, Vec<Entry>),
    /// A list.
    Sequence(Layout, Vec<Item>),
    /// Anything else.
    Scalar(Scalar),
    /// YAML's `*name`, by the anchor's number.
    Alias(usize),
}

/// How a mapping or a sequence is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// By lines and indentation.
    Block,
    /// Between brackets.
    Flow,
}

/// A key with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The key as text.
    pub key: String,
    /// The key's text.
    pub key_span: Range<usize>,
    /// Where the value may begin: after the colon, or after the key where there is none.
    pub after_colon: usize,
    /// Key and value; a `?` before the key included.
    pub span: Range<usize>,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// Whether a later entry of the same name counts in its place; its key then has a name that no YAML key has.
    pub(crate) fn is_overridden(&self) -> bool {
        self.key.ends_with('\0')
    }
}

/// An item of a list.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The whole item; a dash before it included.
    pub span: Range<usize>,
    /// Its value.
    pub value: Node,
}

/// The type that a scalar resolves to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Nothing.
    Null,
    /// A boolean, YAML 1.1's included.
    Bool,
    /// A number, YAML 1.1's forms included.
    Number,
    /// A date or a time.
    Time,
    /// Text.
    Text,
    /// What a YAML tag says.
    Tagged(String),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Without quotes.
    Plain,
    /// With quotes.
    Quoted,
    /// As a YAML block scalar.
    Block,
}

/// A scalar: its text after escapes, and what it resolves to. Two are equal if both are.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    /// The text.
    pub text: String,
    /// The resolved type.
    pub resolved: Type,
    /// How it is written.
    pub style: Style,
}

impl Scalar {
    /// Whether type and text are equal; every null is.
    pub(crate) fn same(&self, other: &Scalar) -> bool {
        self.resolved == other.resolved && (self.resolved == Type::Null || self.text == other.text)
    }
}

impl Node {
    /// The entries, if it is a mapping.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        if let Kind::Mapping(_, entries) = &self.kind { Some(entries) } else { None }
    }

    /// The items, if it is a list.
    pub(crate) fn items(&self) -> Option<&[Item]> {
        if let Kind::Sequence(_, items) = &self.kind { Some(items) } else { None }
    }

    /// The scalar, if it is one.
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        if let Kind::Scalar(scalar) = &self.kind { Some(scalar) } else { None }
    }

    /// The place of `key` among the entries.
    pub(crate) fn entry(&self, key: &str) -> Option<(usize, &Entry)> {
        self.entries()?.iter().enumerate().find(|(_, entry)| entry.key == key)
    }

    /// How its children are written; none for what has none.
    pub(crate) fn layout(&self) -> Option<Layout> {
        match &self.kind {
            Kind::Mapping(layout, _) | Kind::Sequence(layout, _) => Some(*layout),
            Kind::Scalar(_) | Kind::Alias(_) => None,
        }
    }

    /// The child at `index`.
    pub(crate) fn child(&self, index: usize) -> Option<&Node> {
        match &self.kind {
            Kind::Mapping(_, entries) => entries.get(index).map(|entry| &entry.value),
            Kind::Sequence(_, items) => items.get(index).map(|item| &item.value),
            Kind::Scalar(_) | Kind::Alias(_) => None,
        }
    }

    /// The child at `index`, to be changed.
    pub(crate) fn child_mut(&mut self, index: usize) -> Option<&mut Node> {
        match &mut self.kind {
            Kind::Mapping(_, entries) => entries.get_mut(index).map(|entry| &mut entry.value),
            Kind::Sequence(_, items) => items.get_mut(index).map(|item| &mut item.value),
            Kind::Scalar(_) | Kind::Alias(_) => None,
        }
    }

    /// Whether it has no children, or is null.
    pub(crate) fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Mapping(_, entries) => entries.is_empty(),
            Kind::Sequence(_, items) => items.is_empty(),
            Kind::Scalar(scalar) => scalar.resolved == Type::Null,
            Kind::Alias(_) => false,
        }
    }

    /// Whether it is a mapping that takes entries from elsewhere (`<<`).
    pub(crate) fn inherits(&self) -> bool {
        self.entry("<<").is_some_and(|(_, entry)| !matches!(entry.value.kind, Kind::Scalar(_)))
    }

    /// Whether anything in it bears an anchor or is an alias.
    pub(crate) fn has_anchors(&self) -> bool {
        self.anchor.is_some()
            || match &self.kind {
                Kind::Mapping(_, entries) => entries.iter().any(|entry| entry.value.has_anchors()),
                Kind::Sequence(_, items) => items.iter().any(|item| item.value.has_anchors()),
                Kind::Scalar(_) => false,
                Kind::Alias(_) => true,
            }
    }

    /// Whether two values say the same: types and texts of scalars, lists in order, mappings in any
    /// order. Aliases are compared as they stand, never followed.
    pub(crate) fn same(&self, other: &Node) -> bool {
        self.same_beside(other, &|_| false)
    }

    /// The same, but what stands under keys that are `set_aside` does not count.
    pub(crate) fn same_beside(&self, other: &Node, set_aside: &dyn Fn(&str) -> bool) -> bool {
        if self.anchor.is_some() != other.anchor.is_some() || self.tag != other.tag {
            return false;
        }
        match (&self.kind, &other.kind) {
            (Kind::Scalar(a), Kind::Scalar(b)) => a.same(b),
            (Kind::Alias(a), Kind::Alias(b)) => a == b,
            (Kind::Sequence(_, a), Kind::Sequence(_, b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.value.same_beside(&b.value, set_aside))
            }
            (Kind::Mapping(_, a), Kind::Mapping(_, b)) => {
                let counted = |entry: &&Entry| !set_aside(&entry.key);
                let theirs: BTreeMap<&str, &Node> =
                    b.iter().filter(counted).map(|entry| (entry.key.as_str(), &entry.value)).collect();
                let same = |entry: &Entry| {
                    theirs.get(entry.key.as_str()).is_some_and(|b| entry.value.same_beside(b, set_aside))
                };
                a.iter().filter(counted).count() == theirs.len() && a.iter().filter(counted).all(same)
            }
            _ => false,
        }
    }
}

/// The first place at or after `from` that is neither white space nor in one of `comments`.
pub(crate) fn skip(text: &str, comments: &[Range<usize>], from: usize) -> usize {
    let mut place = from;
    loop {
        let rest = &text[place..];
        place += rest.len() - rest.trim_start().len();
        match comments.binary_search_by_key(&place, |comment| comment.start) {
            Ok(n) => place = comments[n].end,
            Err(_) => return place,
        }
    }
}

/// A parsed text.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Its text.
    pub source: Source,
    /// Its value; none if it holds nothing but comments.
    pub root: Option<Node>,
    /// Its comments, in order, `#` or `//` included.
    pub comments: Vec<Range<usize>>,
    /// Where the document's own text ends (YAML's `...`, or the end).
    pub end: usize,
    /// The way to each anchored node, by the anchor's number.
    pub anchors: BTreeMap<usize, Vec<usize>>,
}

impl Document {
    /// Reads `text`.
    pub(crate) fn parse(format: Format, text: &str) -> Result<Self, EditError> {
        match format {
            Format::Yaml => super::yaml::parse::parse(text),
            Format::Json => super::json::parse(text),
            Format::Toml => super::toml::parse::parse(text),
        }
    }

    /// Reads YAML as readers do that let the last of a key's values count.
    pub(crate) fn parse_last_counts(text: &str) -> Result<Self, EditError> {
        super::yaml::parse::parse_last_counts(text)
    }

    /// The text seen by all spans.
    pub(crate) fn text(&self) -> &str {
        &self.source.text
    }

    /// An error at a place of this text.
    pub(crate) fn error(&self, message: impl Into<String>, place: usize) -> EditError {
        EditError::at(message, self.text(), place)
    }

    /// The node at a way of child indices.
    pub(crate) fn node(&self, way: &[usize]) -> Option<&Node> {
        way.iter().try_fold(self.root.as_ref()?, |node, index| node.child(*index))
    }

    /// The first place at or after `from` that is neither white space nor a comment.
    pub(crate) fn skip(&self, from: usize) -> usize {
        skip(self.text(), &self.comments, from)
    }

    /// The comment that follows `place` in its line.
    pub(crate) fn comment_after(&self, place: usize) -> Option<&Range<usize>> {
        self.comment_from(self.source.skip_blanks(place))
    }

    /// The start of the first of the comment lines that stand right above `start`, in its column.
    pub(crate) fn lead_start(&self, start: usize) -> usize {
        let source = &self.source;
        let mut first = source.line_start(start);
        while let Some(comment) = self.comment_above(first) {
            if source.column(comment.start) != source.column(start) {
                break;
            }
            first = source.line_start(comment.start);
        }
        first
    }

    /// The comment that ends the line above the one that starts at `line`, if nothing else stands on its lines.
    pub(crate) fn comment_above(&self, line: usize) -> Option<&Range<usize>> {
        let before = line.checked_sub(1)?;
        let source = &self.source;
        let end = source.line_start(before) + self.text()[source.line_start(before)..before].trim_end().len();
        let n = self.comments.partition_point(|comment| comment.start < end);
        let comment = self.comments[..n].last()?;
        let ends_there = comment.end >= end && comment.end <= before;
        (ends_there && source.starts_line(comment.start)).then_some(comment)
    }

    /// The comment lines right above the child of `parent` at `index`, trimmed.
    pub(crate) fn lead_lines(&self, parent: &Node, index: usize) -> Vec<String> {
        let start = match &parent.kind {
            Kind::Mapping(Layout::Block, entries) => entries[index].span.start,
            Kind::Sequence(Layout::Block, items) => items[index].span.start,
            _ => return Vec::new(),
        };
        if !self.source.starts_line(start) {
            return Vec::new();
        }
        let above = self.lead_start(start)..self.source.line_start(start);
        self.text()[above].lines().map(|line| line.trim().to_owned()).collect()
    }

    /// Whether an alias stands for the anchor.
    pub(crate) fn is_aliased(&self, anchor: usize) -> bool {
        fn within(node: &Node, anchor: usize) -> bool {
            match &node.kind {
                Kind::Alias(id) => *id == anchor,
                Kind::Scalar(_) => false,
                Kind::Mapping(_, entries) => entries.iter().any(|entry| within(&entry.value, anchor)),
                Kind::Sequence(_, items) => items.iter().any(|item| within(&item.value, anchor)),
            }
        }
        self.root.as_ref().is_some_and(|root| within(root, anchor))
    }

    /// The comment that starts exactly at `place`.
    pub(crate) fn comment_from(&self, place: usize) -> Option<&Range<usize>> {
        self.comments.binary_search_by_key(&place, |comment| comment.start).ok().map(|n| &self.comments[n])
    }

    /// What an alias stands for; any other node is itself.
    pub(crate) fn resolve<'a>(&'a self, node: &'a Node) -> &'a Node {
        let Kind::Alias(anchor) = node.kind else { return node };
        self.anchors.get(&anchor).and_then(|way| self.node(way)).unwrap_or(node)
    }

    /// The value of `key` that a mapping takes from elsewhere through `<<`; what it says itself is not looked at.
    pub(crate) fn inherited<'a>(&'a self, node: &'a Node, key: &str) -> Option<&'a Node> {
        self.inherited_within(node, key, 8)
    }

    fn inherited_within<'a>(&'a self, node: &'a Node, key: &str, levels: usize) -> Option<&'a Node> {
        if levels == 0 {
            return None;
        }
        // There are several only where the last of a key's values counts.
        let merges = node.entries()?.iter().rev().filter(|entry| entry.key == "<<");
        let sources = merges.flat_map(|merge| match self.resolve(&merge.value).items() {
            Some(items) => items.iter().map(|item| &item.value).collect(),
            None => vec![&merge.value],
        });
        sources.into_iter().take(MAX_DEPTH).find_map(|source| {
            let source = self.resolve(source);
            let own = source.entry(key).map(|(_, entry)| &entry.value);
            own.or_else(|| self.inherited_within(source, key, levels - 1))
        })
    }
}
