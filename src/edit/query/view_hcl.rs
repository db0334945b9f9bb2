//! HCL for queries: `{attributes: {…}, blocks: [{kind, labels, attributes, blocks}]}`, the same at each level.
//!
//! Values are lists, objects and scalars; a template, a reference, an operation or a call is its text as written.

use super::view::{Data, New, View, depth};
use crate::edit::error::EditError;
use crate::edit::hcl::{self, Body, Expr, Value};

/// Reads `text`.
pub(super) fn build(view: &mut View, text: &str) -> Result<(), EditError> {
    let parsed = hcl::parse(text)?;
    let root = view.root(Data::Map(Vec::new()), New::at(0..0))?;
    body(view, text, &parsed, root, 0)
}

fn body(view: &mut View, text: &str, parsed: &Body, to: usize, level: usize) -> Result<(), EditError> {
    depth(level)?;
    let span = view.span(to).clone();
    let attributes = view.add(to, Data::Map(Vec::new()), New::at(span.clone()).key("attributes"))?;
    for attribute in &parsed.attributes {
        expression(view, text, &attribute.value, attributes, Some(&attribute.key), level + 1)?;
    }
    let blocks = view.add(to, Data::List(Vec::new()), New::at(span).key("blocks"))?;
    for block in &parsed.blocks {
        let mut new = New::at(block.span.clone());
        new.shown = block.head.clone();
        let node = view.add(blocks, Data::Map(Vec::new()), new)?;
        let head = || New::at(block.head.clone());
        view.add(node, Data::Text(block.kind.clone()), head().key("kind"))?;
        view.add(node, Data::Text(block.address()), head().key("name"))?;
        let labels = view.add(node, Data::List(Vec::new()), head().key("labels"))?;
        for label in &block.labels {
            view.add(labels, Data::Text(label.clone()), head())?;
        }
        body(view, text, &block.body, node, level + 1)?;
    }
    Ok(())
}

fn expression(
    view: &mut View,
    text: &str,
    parsed: &Expr,
    to: usize,
    key: Option<&str>,
    level: usize,
) -> Result<(), EditError> {
    depth(level)?;
    let simple = text.get(parsed.span.clone()).is_some_and(|written| !written.contains('\n'));
    let mut new = New::at(parsed.span.clone());
    new.key = key.map(str::to_owned);
    let data = match &parsed.value {
        Value::Null => Data::Null,
        Value::Bool(value) => Data::Bool(*value),
        Value::Number(written) => Data::Number(written.clone()),
        Value::Text(value) => Data::Text(value.clone()),
        Value::Template(written) | Value::Other(written) => Data::Text(written.clone()),
        Value::Call(..) => Data::Text(text.get(parsed.span.clone()).unwrap_or_default().trim().to_owned()),
        Value::List(_) => Data::List(Vec::new()),
        Value::Object(_) => Data::Map(Vec::new()),
    };
    let literal = matches!(parsed.value, Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_));
    let node = view.add(to, data, new.editable(literal && simple))?;
    match &parsed.value {
        Value::List(items) => items.iter().try_for_each(|item| expression(view, text, item, node, None, level + 1)),
        Value::Object(entries) => entries.iter().try_for_each(|(name, value)| {
            // A key that is an expression has no name to be asked for.
            name.as_deref().map_or(Ok(()), |name| expression(view, text, value, node, Some(name), level + 1))
        }),
        _ => Ok(()),
    }
}
