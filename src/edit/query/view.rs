//! A file as queries see it: mappings, lists and scalars, each with its bytes, whatever the format.

use std::ops::Range;

use super::{view_dockerfile, view_hcl, view_tree};
use crate::edit::error::EditError;
use crate::edit::tree::MAX_DEPTH;

/// No file gives more nodes; aliases count as often as they stand.
const MAX_NODES: usize = 300_000;
/// Keys that name an item of a list.
const IDENTITIES: [&str; 4] = ["id", "name", "key", "uses"];

/// A format that can be queried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Syntax {
    /// Every document of the file.
    Yaml,
    /// Comments are tolerated.
    Json,
    /// TOML 1.
    Toml,
    /// `{attributes: {…}, blocks: [{kind, labels: […], attributes, blocks}]}`
    Hcl,
    /// `{args: […], stages: [{name, from: {image, …}, instructions: [{keyword, args, words, flags, pairs, exec}]}]}`
    Dockerfile,
}

impl Syntax {
    /// The word of `parse/…`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Syntax::Yaml => "yaml",
            Syntax::Json => "json",
            Syntax::Toml => "toml",
            Syntax::Hcl => "hcl",
            Syntax::Dockerfile => "dockerfile",
        }
    }
}

/// A file, read for queries. Nodes are named by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    nodes: Vec<Node>,
    /// The root of each document.
    pub(crate) roots: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Node {
    parent: Option<usize>,
    key: Option<String>,
    /// Its place among the children of its parent as the file has them.
    index: usize,
    data: Data,
    /// Its own bytes, and those to show.
    span: Range<usize>,
    shown: Range<usize>,
    /// Whether an edit of its bytes is an edit of this value and of nothing else.
    editable: bool,
}

/// What a node is. Numbers are as written: `1.10` is not `1.1`.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<usize>),
    Map(Vec<usize>),
}

/// A node to be, with its place.
pub(super) struct New {
    pub(super) key: Option<String>,
    pub(super) index: usize,
    pub(super) span: Range<usize>,
    pub(super) shown: Range<usize>,
    pub(super) editable: bool,
}

impl New {
    pub(super) fn at(span: Range<usize>) -> Self {
        New { key: None, index: 0, shown: span.clone(), span, editable: false }
    }

    pub(super) fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    pub(super) fn index(mut self, index: usize) -> Self {
        self.index = index;
        self
    }

    pub(super) fn editable(mut self, editable: bool) -> Self {
        self.editable = editable;
        self
    }
}

impl View {
    /// Reads `text`, which ends its lines with LF.
    pub(crate) fn parse(syntax: Syntax, text: &str) -> Result<Self, EditError> {
        let mut view = View::default();
        match syntax {
            Syntax::Yaml => view_tree::yaml(&mut view, text)?,
            Syntax::Json => view_tree::single(&mut view, crate::edit::Format::Json, text)?,
            Syntax::Toml => view_tree::single(&mut view, crate::edit::Format::Toml, text)?,
            Syntax::Hcl => view_hcl::build(&mut view, text)?,
            Syntax::Dockerfile => view_dockerfile::build(&mut view, text)?,
        }
        Ok(view)
    }

    /// Adds a root.
    pub(super) fn root(&mut self, data: Data, new: New) -> Result<usize, EditError> {
        let node = self.push(None, data, new)?;
        self.roots.push(node);
        Ok(node)
    }

    /// Adds a child.
    pub(super) fn add(&mut self, parent: usize, data: Data, new: New) -> Result<usize, EditError> {
        let node = self.push(Some(parent), data, new)?;
        if let Data::List(children) | Data::Map(children) = &mut self.nodes[parent].data {
            children.push(node);
        }
        Ok(node)
    }

    fn push(&mut self, parent: Option<usize>, data: Data, new: New) -> Result<usize, EditError> {
        if self.nodes.len() >= MAX_NODES {
            return Err(EditError::new(format!(
                "the file holds more than {MAX_NODES} values, which is too many to judge"
            )));
        }
        let New { key, index, span, shown, editable } = new;
        self.nodes.push(Node { parent, key, index, data, span, shown, editable });
        Ok(self.nodes.len() - 1)
    }

    /// What a node is.
    pub(crate) fn data(&self, node: usize) -> &Data {
        &self.nodes[node].data
    }

    /// Its children, in order.
    pub(crate) fn children(&self, node: usize) -> &[usize] {
        match &self.nodes[node].data {
            Data::List(children) | Data::Map(children) => children,
            _ => &[],
        }
    }

    /// The child of a mapping by its key.
    pub(crate) fn child(&self, node: usize, key: &str) -> Option<usize> {
        self.children(node).iter().copied().find(|child| self.key(*child) == Some(key))
    }

    /// Its key in the mapping around it.
    pub(crate) fn key(&self, node: usize) -> Option<&str> {
        self.nodes[node].key.as_deref()
    }

    /// Its bytes.
    pub(crate) fn span(&self, node: usize) -> &Range<usize> {
        &self.nodes[node].span
    }

    /// The bytes that show where it is.
    pub(crate) fn shown(&self, node: usize) -> &Range<usize> {
        &self.nodes[node].shown
    }

    /// Whether its bytes are this value and nothing else.
    pub(crate) fn is_editable(&self, node: usize) -> bool {
        self.nodes[node].editable
    }

    /// The number of its document, and the children's numbers that lead to it there.
    pub(crate) fn way(&self, node: usize) -> (usize, Vec<usize>) {
        let mut way = Vec::new();
        let mut here = node;
        while let Some(parent) = self.nodes[here].parent {
            way.push(self.nodes[here].index);
            here = parent;
        }
        way.reverse();
        (self.roots.iter().position(|root| *root == here).unwrap_or_default(), way)
    }

    /// The way by keys and numbers of items, behind the number of the document.
    pub(crate) fn steps(&self, node: usize) -> Vec<String> {
        let mut steps = Vec::new();
        let mut here = node;
        while let Some(parent) = self.nodes[here].parent {
            let number = || self.children(parent).iter().position(|child| *child == here).unwrap_or_default();
            steps.push(self.key(here).map_or_else(|| number().to_string(), str::to_owned));
            here = parent;
        }
        steps.push(self.roots.iter().position(|root| *root == here).unwrap_or_default().to_string());
        steps.reverse();
        steps
    }

    /// The way by keys and identities, never by numbers.
    pub(crate) fn address(&self, node: usize) -> String {
        let mut parts = Vec::new();
        let mut here = node;
        while let Some(parent) = self.nodes[here].parent {
            parts.push(self.key(here).map_or_else(|| format!("[{}]", self.identity(here)), str::to_owned));
            here = parent;
        }
        parts.reverse();
        parts.join(".").replace(".[", "[")
    }

    fn identity(&self, node: usize) -> String {
        let scalar = |node: usize| self.text(node).map(|text| text.chars().take(80).collect::<String>());
        let named = || IDENTITIES.iter().find_map(|key| scalar(self.child(node, key)?));
        scalar(node).or_else(named).unwrap_or_default()
    }

    /// The text of a scalar.
    pub(crate) fn text(&self, node: usize) -> Option<&str> {
        match self.data(node) {
            Data::Text(text) | Data::Number(text) => Some(text),
            Data::Bool(value) => Some(if *value { "true" } else { "false" }),
            _ => None,
        }
    }

    /// Whether two files say the same but at `changed` (as [`View::steps`] names places).
    pub(crate) fn same_but(&self, other: &View, changed: &[&Vec<String>]) -> bool {
        self.roots.len() == other.roots.len()
            && self
                .roots
                .iter()
                .zip(&other.roots)
                .enumerate()
                .all(|(n, (a, b))| self.alike(*a, other, *b, &mut vec![n.to_string()], changed))
    }

    fn alike(&self, a: usize, other: &View, b: usize, here: &mut Vec<String>, changed: &[&Vec<String>]) -> bool {
        let relevant: Vec<&Vec<String>> = changed.iter().copied().filter(|way| way.starts_with(here)).collect();
        if relevant.iter().any(|way| way.len() == here.len()) {
            return true;
        }
        match (self.data(a), other.data(b)) {
            (Data::Null, Data::Null) => true,
            (Data::Bool(a), Data::Bool(b)) => a == b,
            (Data::Number(a), Data::Number(b)) | (Data::Text(a), Data::Text(b)) => a == b,
            (Data::List(left), Data::List(right)) => {
                left.len() == right.len()
                    && left.iter().zip(right).enumerate().all(|(n, (a, b))| {
                        here.push(n.to_string());
                        let same = self.alike(*a, other, *b, here, &relevant);
                        here.pop();
                        same
                    })
            }
            (Data::Map(left), Data::Map(right)) => {
                let theirs: std::collections::BTreeMap<&str, usize> =
                    right.iter().filter_map(|child| Some((other.key(*child)?, *child))).collect();
                let mine: std::collections::BTreeSet<&str> = left.iter().filter_map(|child| self.key(*child)).collect();
                let allowed = |key: &str, here: &[String]| {
                    relevant.iter().any(|way| way.len() == here.len() + 1 && way.last().is_some_and(|last| last == key))
                };
                if theirs.keys().any(|key| !mine.contains(key) && !allowed(key, here)) {
                    return false;
                }
                left.iter().all(|child| {
                    let key = self.key(*child).unwrap_or_default();
                    let Some(theirs) = theirs.get(key) else { return allowed(key, here) };
                    here.push(key.to_owned());
                    let same = self.alike(*child, other, *theirs, here, &relevant);
                    here.pop();
                    same
                })
            }
            _ => false,
        }
    }
}

/// The first line of a range, to point at something large.
pub(super) fn first_line(text: &str, span: &Range<usize>) -> Range<usize> {
    let shown = text.get(span.clone()).unwrap_or_default();
    let line = shown.lines().next().unwrap_or_default().trim_end();
    span.start..span.start + line.len()
}

/// An error where nesting is too deep.
pub(super) fn depth(level: usize) -> Result<(), EditError> {
    if level > MAX_DEPTH { Err(EditError::new("the file is nested too deeply")) } else { Ok(()) }
}
