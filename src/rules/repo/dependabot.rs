//! `.github/dependabot.yml`.

use crate::edit::tree::{Document, Kind as NodeKind, Layout, Node};
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;
use crate::rules::rule::Repair;

/// An entry of `updates`.
pub(super) struct Update<'f> {
    /// Its file.
    pub subject: &'f Subject<'f>,
    /// Its text, parsed.
    pub document: &'f Document,
    /// Its mapping.
    pub node: &'f Node,
    index: usize,
}

impl Update<'_> {
    /// The text of one of its keys.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        let (_, entry) = self.node.entry(key)?;
        self.document.resolve(&entry.value).scalar().map(|scalar| scalar.text.as_str())
    }

    /// The way to it, and more keys.
    pub(super) fn way(&self, below: &[&str]) -> Vec<String> {
        let mut way = vec!["updates".to_owned(), self.index.to_string()];
        way.extend(below.iter().map(|key| (*key).to_owned()));
        way
    }
}

/// The entries, in order.
pub(super) fn updates<'f>(facts: &'f Facts<'_>) -> Vec<Update<'f>> {
    let mut all = Vec::new();
    for subject in facts.of_kind(Kind::Dependabot) {
        let Some(document) = subject.document() else { continue };
        let list = document.root.as_ref().and_then(|root| root.entry("updates"));
        let items = list.and_then(|(_, entry)| entry.value.items()).unwrap_or_default();
        for (index, item) in items.iter().enumerate().filter(|(_, item)| item.value.entries().is_some()) {
            all.push(Update { subject, document, node: &item.value, index });
        }
    }
    all
}

/// `repair`, and the entry gets `lines` as its last keys.
pub(super) fn append(repair: Repair, update: &Update<'_>, lines: &str) -> Option<Repair> {
    let NodeKind::Mapping(Layout::Block, entries) = &update.node.kind else { return None };
    let source = &update.document.source;
    let indent = " ".repeat(source.column(entries.first()?.span.start));
    let last = entries.last()?.span.end;
    let end = update.document.comment_after(last).map_or(last, |comment| comment.end);
    Some(repair.insert(end, indented(lines, &indent)))
}

/// A repair that adds an entry to the list.
pub(super) fn add(document: &Document, list: &Node, lines: &str) -> Option<Repair> {
    let NodeKind::Sequence(Layout::Block, items) = &list.kind else { return None };
    let dash = document.source.column(items.first()?.span.start);
    let tail = items.last()?.span.end;
    let end = document.comment_after(tail).map_or(tail, |comment| comment.end);
    let indent = " ".repeat(dash + 2);
    let text = indented(lines, &indent);
    let text = text.replacen(&format!("\n{indent}"), &format!("\n{}- ", " ".repeat(dash)), 1);
    let repair = Repair::safe("add an entry").insert(end, text);
    Some(repair.changes(vec!["updates".to_owned()]))
}

fn indented(lines: &str, indent: &str) -> String {
    lines.lines().map(|line| format!("\n{indent}{line}")).collect()
}
