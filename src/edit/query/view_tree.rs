//! YAML, JSON and TOML for queries. Aliases and `<<` are followed, as a reader of YAML does.

use super::view::{Data, New, View, depth, first_line};
use crate::edit::documents::documents;
use crate::edit::error::EditError;
use crate::edit::format::Format;
use crate::edit::tree::{Document, Kind, Node, Type};

/// Every document of a YAML file.
pub(super) fn yaml(view: &mut View, text: &str) -> Result<(), EditError> {
    for part in documents(text)? {
        Reader { view, document: &part.document, start: part.start }.root()?;
    }
    Ok(())
}

/// A file that is one document.
pub(super) fn single(view: &mut View, format: Format, text: &str) -> Result<(), EditError> {
    let document = Document::parse(format, text)?;
    Reader { view, document: &document, start: 0 }.root()
}

struct Reader<'r> {
    view: &'r mut View,
    document: &'r Document,
    start: usize,
}

impl Reader<'_> {
    fn root(mut self) -> Result<(), EditError> {
        let document = self.document;
        let Some(root) = &document.root else { return Ok(()) };
        let new = self.placed(root, false);
        let node = self.view.root(data(document.resolve(root)), new)?;
        self.children(root, node, false, 0)
    }

    fn placed(&self, node: &Node, shared: bool) -> New {
        let shared = shared || matches!(node.kind, Kind::Alias(_));
        let span = node.span.start + self.start..node.span.end + self.start;
        let marked = node.anchor.is_some() || node.tag.is_some();
        let mut new = New::at(span).editable(!shared && !marked);
        if node.entries().is_some() || node.items().is_some() {
            let line = first_line(self.document.text(), &node.span);
            new.shown = line.start + self.start..line.end + self.start;
        }
        new
    }

    fn children(&mut self, node: &Node, to: usize, shared: bool, level: usize) -> Result<(), EditError> {
        depth(level)?;
        let document = self.document;
        let shared = shared || matches!(node.kind, Kind::Alias(_));
        let node = document.resolve(node);
        match &node.kind {
            Kind::Mapping(..) => self.entries(node, to, shared, level),
            Kind::Sequence(_, items) => {
                for (index, item) in items.iter().enumerate() {
                    let new = self.placed(&item.value, shared).index(index);
                    let child = self.view.add(to, data(document.resolve(&item.value)), new)?;
                    self.children(&item.value, child, shared, level + 1)?;
                }
                Ok(())
            }
            Kind::Scalar(_) | Kind::Alias(_) => Ok(()),
        }
    }

    fn entries(&mut self, node: &Node, to: usize, shared: bool, level: usize) -> Result<(), EditError> {
        let document = self.document;
        let inherits = node.inherits();
        for (index, entry) in node.entries().unwrap_or_default().iter().enumerate() {
            if (inherits && entry.key == "<<") || (shared && self.view.child(to, &entry.key).is_some()) {
                continue;
            }
            let mut new = self.placed(&entry.value, shared).index(index).key(&entry.key);
            let scalar = matches!(document.resolve(&entry.value).kind, Kind::Scalar(_));
            if !scalar || entry.value.span.is_empty() {
                new.shown = entry.key_span.start + self.start..entry.key_span.end + self.start;
            }
            let child = self.view.add(to, data(document.resolve(&entry.value)), new)?;
            self.children(&entry.value, child, shared, level + 1)?;
        }
        if inherits && let Some((_, merge)) = node.entry("<<") {
            let merged = document.resolve(&merge.value);
            let sources: Vec<&Node> = match merged.items() {
                Some(items) => items.iter().map(|item| &item.value).collect(),
                None => vec![merged],
            };
            for source in sources {
                depth(level + 1)?;
                self.entries(document.resolve(source), to, true, level + 1)?;
            }
        }
        Ok(())
    }
}

fn data(node: &Node) -> Data {
    match &node.kind {
        Kind::Mapping(..) => Data::Map(Vec::new()),
        Kind::Sequence(..) => Data::List(Vec::new()),
        Kind::Alias(_) => Data::Null,
        Kind::Scalar(scalar) => match scalar.resolved {
            Type::Null => Data::Null,
            // Only what every reader takes for a boolean; `no` stays what is written.
            Type::Bool => match scalar.text.to_ascii_lowercase().as_str() {
                "true" => Data::Bool(true),
                "false" => Data::Bool(false),
                _ => Data::Text(scalar.text.clone()),
            },
            Type::Number => Data::Number(scalar.text.clone()),
            Type::Time | Type::Text | Type::Tagged(_) => Data::Text(scalar.text.clone()),
        },
    }
}
