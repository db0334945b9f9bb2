//! TOML text to a tree.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Item as TomlItem, Table, TableLike, Value};

use crate::edit::error::EditError;
use crate::edit::source::Source;
use crate::edit::tree::{Document, Entry, Item, Kind, Layout, Node, Scalar, Style, Type};

/// Reads `text`.
pub(crate) fn parse(text: &str) -> Result<Document, EditError> {
    let source = Source::new(text);
    let parsed = toml_edit::Document::parse(source.text.as_str()).map_err(|error| {
        let message = format!("this is not TOML: {}", error.message().lines().next().unwrap_or_default());
        EditError::at(message, &source.text, error.span().map_or(0, |span| span.start))
    })?;
    let root = Reader { text: &source.text }.mapping(parsed.as_table(), Layout::Block, 0..0);
    let empty = root.entries().is_none_or(<[Entry]>::is_empty);
    let comments = comments(&source.text);
    let end = source.text.len();
    Ok(Document { root: (!empty).then_some(root), comments, end, anchors: BTreeMap::new(), source })
}

fn plain(span: Range<usize>, kind: Kind) -> Node {
    Node { span, anchor: None, tag: None, kind }
}

struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    fn mapping(&self, table: &dyn TableLike, layout: Layout, span: Range<usize>) -> Node {
        let entries = table.iter().filter_map(|(name, item)| {
            let key = table.key(name).and_then(toml_edit::Key::span).unwrap_or(span.start..span.start);
            let value = self.item_node(item, &key)?;
            let headed = value.layout() == Some(Layout::Block) && self.text[value.span.start..].starts_with('[');
            let start = if headed { value.span.start } else { key.start };
            let whole = start..key.end.max(value.span.end);
            Some(Entry { key: name.to_owned(), after_colon: key.end, key_span: key, span: whole, value })
        });
        let entries = entries.collect();
        plain(span, Kind::Mapping(layout, entries))
    }

    fn item_node(&self, item: &TomlItem, key: &Range<usize>) -> Option<Node> {
        match item {
            TomlItem::None => None,
            TomlItem::Value(value) => Some(self.value_node(value, key)),
            TomlItem::Table(table) => Some(self.table_node(table, key)),
            TomlItem::ArrayOfTables(tables) => {
                let items: Vec<Item> = tables
                    .iter()
                    .map(|table| {
                        let value = self.table_node(table, key);
                        Item { span: value.span.clone(), value }
                    })
                    .collect();
                let start = items.first().map_or(key.start, |item| item.span.start);
                let end = items.last().map_or(key.end, |item| item.span.end);
                Some(plain(start..end.max(start), Kind::Sequence(Layout::Block, items)))
            }
        }
    }

    fn table_node(&self, table: &Table, key: &Range<usize>) -> Node {
        self.mapping(table, Layout::Block, table.span().unwrap_or_else(|| key.clone()))
    }

    fn value_node(&self, value: &Value, key: &Range<usize>) -> Node {
        let span = value.span().unwrap_or_else(|| key.clone());
        let scalar = |text: String, resolved: Type, style: Style| Kind::Scalar(Scalar { text, resolved, style });
        let written = |resolved: Type| scalar(self.text[span.clone()].to_owned(), resolved, Style::Plain);
        let kind = match value {
            Value::String(text) => scalar(text.value().clone(), Type::Text, Style::Quoted),
            Value::Integer(_) | Value::Float(_) => written(Type::Number),
            Value::Boolean(_) => written(Type::Bool),
            Value::Datetime(_) => written(Type::Time),
            Value::Array(array) => {
                let items = array.iter().map(|value| {
                    let value = self.value_node(value, key);
                    Item { span: value.span.clone(), value }
                });
                Kind::Sequence(Layout::Flow, items.collect())
            }
            Value::InlineTable(table) => return self.mapping(table, Layout::Flow, span),
        };
        plain(span, kind)
    }
}

/// The comments of a TOML text that parses.
fn comments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut place = 0;
    while let Some(offset) = text[place..].find(['#', '"', '\'']) {
        let start = place + offset;
        let rest = &text[start..];
        if rest.starts_with('#') {
            let end = rest.find('\n').map_or(text.len(), |n| start + n);
            found.push(start..end);
            place = end;
        } else {
            place = start + string_len(rest);
        }
    }
    found
}

/// The length of the string that `text` starts with.
fn string_len(text: &str) -> usize {
    let quote = &text[..1];
    let triple = quote.repeat(3);
    let (mut place, close) = if text.starts_with(&triple) { (3, triple.as_str()) } else { (1, quote) };
    while place < text.len() {
        let rest = &text[place..];
        if quote == "\"" && rest.starts_with('\\') {
            place += 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
        } else if let Some(after) = rest.strip_prefix(close) {
            // A triple quote may close behind up to two quotes of the text itself.
            let more = if close.len() == 3 { after.len() - after.trim_start_matches(quote).len() } else { 0 };
            return place + close.len() + more.min(2);
        } else {
            place += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}
