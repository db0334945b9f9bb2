//! What a structured file tells: its values and comments, however they are laid out.

use std::collections::BTreeMap;

use super::documents::documents;
use super::format::Format;
use super::source::Source;
use super::tree::{Document, Kind, Node};

/// How often `text` has each value at its keys and each line of comment; none if it is not of its format.
///
/// Places in lists do not count, so an item that moves is still told; nor does the layout.
pub(crate) fn counts(format: Format, text: &str) -> Option<BTreeMap<String, usize>> {
    let mut counts = BTreeMap::new();
    match format {
        Format::Yaml => {
            for part in documents(&Source::new(text).text).ok()? {
                count(&part.document, &mut counts);
            }
        }
        Format::Json | Format::Toml => count(&Document::parse(format, text).ok()?, &mut counts),
    }
    Some(counts)
}

fn count(document: &Document, counts: &mut BTreeMap<String, usize>) {
    for comment in &document.comments {
        for line in document.text()[comment.clone()].lines() {
            *counts.entry(line.trim().to_owned()).or_default() += 1;
        }
    }
    if let Some(root) = &document.root {
        leaves(document, root, "", counts);
    }
}

fn leaves(document: &Document, node: &Node, at: &str, counts: &mut BTreeMap<String, usize>) {
    match &node.kind {
        Kind::Mapping(_, entries) => {
            for entry in entries {
                leaves(document, &entry.value, &format!("{at}\n{}", entry.key), counts);
            }
        }
        Kind::Sequence(_, items) => {
            for item in items {
                leaves(document, &item.value, &format!("{at}\n[]"), counts);
            }
        }
        Kind::Scalar(scalar) => *counts.entry(format!("{at}\n= {}", scalar.text)).or_default() += 1,
        Kind::Alias(_) => {
            let alias = &document.text()[node.span.clone()];
            *counts.entry(format!("{at}\n{alias}")).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_and_places_in_lists_do_not_count() {
        let of = |text| counts(Format::Yaml, text).unwrap();
        assert_eq!(of("a: [1, 2]\nb: {c: x}\n"), of("b:\n  c: 'x'\na:\n- 2\n- 1\n"));
        assert_ne!(of("a: 1\n"), of("a: 1 # mine\n"));
        assert_ne!(of("a: 1\n"), of("b: 1\n"));
        assert_eq!(counts(Format::Json, "{"), None);
    }
}
