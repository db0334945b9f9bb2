//! Where the value under a path of keys stands.

use super::error;
use super::format::Format;
use super::tree::Document;
use crate::model::finding::Span;

/// The place of the value at `address` (keys; for a list, the number of the item). A value without a
/// text has its key's place. None if there is no such value, or the text does not parse.
pub fn locate(format: Format, text: &str, address: &[&str]) -> Option<Span> {
    let document = Document::parse(format, text).ok()?;
    let mut node = document.root.as_ref()?;
    let mut span = node.span.clone();
    for part in address {
        if let Some((_, entry)) = node.entry(part) {
            node = &entry.value;
            span = if node.span.is_empty() { entry.key_span.clone() } else { node.span.clone() };
        } else {
            let item = node.items()?.get(part.parse::<usize>().ok()?)?;
            node = &item.value;
            span = if node.span.is_empty() { item.span.clone() } else { node.span.clone() };
        }
    }
    Some(error::span(document.text(), &span))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(format: Format, text: &str, address: &[&str]) -> Option<(usize, usize, usize)> {
        locate(format, text, address).map(|span| (span.line, span.column, span.end_column))
    }

    #[test]
    fn values_are_found_by_their_keys() {
        let yaml = "\u{feff}a: 1\r\nb:\r\n  - c: ä # x\r\n    d: y\r\n  -\r\ne:\r\n";
        assert_eq!(place(Format::Yaml, yaml, &["a"]), Some((1, 4, 5)));
        assert_eq!(place(Format::Yaml, yaml, &["b", "0", "c"]), Some((3, 8, 9)));
        assert_eq!(place(Format::Yaml, yaml, &["b", "0", "d"]), Some((4, 8, 9)));
        assert_eq!(place(Format::Yaml, yaml, &["e"]), Some((6, 1, 2)));
        assert_eq!(place(Format::Yaml, yaml, &["b", "1"]).map(|p| p.0), Some(5));
        assert_eq!(place(Format::Yaml, yaml, &["b", "c"]), None);
        assert_eq!(place(Format::Json, "{\"a\": [1, 22]}", &["a", "1"]), Some((1, 11, 13)));
        assert_eq!(place(Format::Toml, "[a.b]\nc = 'x'\n", &["a", "b", "c"]), Some((2, 5, 8)));
        assert_eq!(place(Format::Toml, "[a.b\n", &["a"]), None);
    }
}
