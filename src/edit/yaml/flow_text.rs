//! A value written between brackets, for the places where YAML allows nothing else.

use std::fmt::Write as _;

use crate::edit::tree::{Document, Kind, Node, Scalar, Style, Type};

/// The value on one line, in its own quotes where they may stay.
pub(crate) fn flow_text(document: &Document, node: &Node) -> String {
    let mut text = String::new();
    write_node(document, node, &mut text);
    text
}

/// A key as it may stand between brackets.
pub(crate) fn flow_key(document: &Document, key: &std::ops::Range<usize>, text: &str) -> String {
    let source = &document.text()[key.clone()];
    if is_quoted(source) || may_stand_plain(source) { source.to_owned() } else { quoted(text) }
}

fn write_node(document: &Document, node: &Node, out: &mut String) {
    match &node.kind {
        Kind::Mapping(_, entries) => {
            out.push('{');
            for (n, entry) in entries.iter().enumerate() {
                out.push_str(if n > 0 { ", " } else { "" });
                out.push_str(&flow_key(document, &entry.key_span, &entry.key));
                out.push_str(": ");
                write_node(document, &entry.value, out);
            }
            out.push('}');
        }
        Kind::Sequence(_, items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                out.push_str(if n > 0 { ", " } else { "" });
                write_node(document, &item.value, out);
            }
            out.push(']');
        }
        Kind::Scalar(scalar) => out.push_str(&scalar_text(&document.text()[node.span.clone()], scalar)),
        Kind::Alias(_) => out.push_str(&document.text()[node.span.clone()]),
    }
}

fn scalar_text(source: &str, scalar: &Scalar) -> String {
    let one_line = !source.contains('\n');
    match scalar.style {
        _ if source.is_empty() => "null".to_owned(),
        Style::Quoted if one_line => source.to_owned(),
        Style::Plain if one_line && may_stand_plain(source) => source.to_owned(),
        _ if scalar.resolved == Type::Text => quoted(&scalar.text),
        _ => source.to_owned(),
    }
}

fn is_quoted(source: &str) -> bool {
    source.starts_with(['"', '\'']) && !source.contains('\n')
}

fn may_stand_plain(source: &str) -> bool {
    !source.is_empty() && !source.contains([',', '[', ']', '{', '}', '\n']) && !source.ends_with(':')
}

/// The text in double quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
