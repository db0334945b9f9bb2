//! A YAML file of several documents, each read by itself.

use super::error::EditError;
use super::format::Format;
use super::source::Source;
use super::tree::Document;

/// One document of a file.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Where its text starts in the file; the places in its tree count from there.
    pub start: usize,
    /// It.
    pub document: Document,
}

/// Reads every document of `text`, which ends its lines with LF. Those that hold nothing are left out.
pub(crate) fn documents(text: &str) -> Result<Vec<Part>, EditError> {
    read(text, |piece| Document::parse(Format::Yaml, piece))
}

/// The same, as readers do that let the last of a key's values count.
pub(crate) fn documents_last_counts(text: &str) -> Result<Vec<Part>, EditError> {
    read(text, Document::parse_last_counts)
}

fn read(text: &str, parse: fn(&str) -> Result<Document, EditError>) -> Result<Vec<Part>, EditError> {
    let mut parts = Vec::new();
    for (start, piece) in split(text) {
        let document = parse(piece).map_err(|error| {
            let above = text[..start].matches('\n').count();
            let position = error.position.map(|at| crate::error::Position { line: at.line + above, ..at });
            EditError { position, ..error }
        })?;
        if document.root.is_some() {
            parts.push(Part { start, document });
        }
    }
    Ok(parts)
}

/// Whether `text` is of its format; YAML may hold several documents.
pub fn readable(format: Format, text: &str) -> Result<(), EditError> {
    match format {
        Format::Yaml => documents(&Source::new(text).text).map(drop),
        Format::Json | Format::Toml => Document::parse(format, text).map(drop),
    }
}

/// The text of each document with its start. What stands above the first marker belongs to its document, if
/// it is but comments.
fn split(text: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let (mut start, mut place) = (0, 0);
    let mut said = false;
    for line in text.split_inclusive('\n') {
        let marker = line.strip_prefix("---").is_some_and(|rest| rest.starts_with([' ', '\n', '\t']));
        if marker && said {
            pieces.push((start, &text[start..place]));
            start = place;
        }
        said |= marker || !(line.trim().is_empty() || line.starts_with(['#', '%']));
        place += line.len();
    }
    pieces.push((start, &text[start..]));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_has_its_place() {
        let text = "# top\n---\na: 1\n---\n# nothing\n--- # two\nb: |\n  ---\n";
        let parts = documents(text).unwrap();
        let keys: Vec<_> =
            parts.iter().map(|part| part.document.root.as_ref().unwrap().entries().unwrap()[0].key.clone()).collect();
        assert_eq!(keys, ["a", "b"]);
        assert!(text[parts[1].start..].starts_with("--- # two"));
        let error = documents("a: 1\n---\nb: [\n").unwrap_err();
        assert!(error.position.unwrap().line >= 3);
    }

    #[test]
    fn the_last_of_two_values_counts_where_the_reader_says_so() {
        let text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: *x\n  <<: *y\n  d: 1\n  d: &last 2\n  e: *last\n";
        assert!(documents(text).is_err());
        let parts = documents_last_counts(text).unwrap();
        let document = &parts[0].document;
        let z = &document.root.as_ref().unwrap().entry("z").unwrap().1.value;
        let own = |key: &str| document.resolve(&z.entry(key).unwrap().1.value).scalar().unwrap().text.clone();
        assert_eq!((own("d").as_str(), own("e").as_str()), ("2", "2"));
        let merged = |key: &str| document.inherited(z, key).and_then(|node| node.scalar()).map(|s| s.text.clone());
        assert_eq!(
            (merged("a").as_deref(), merged("b").as_deref(), merged("c").as_deref()),
            (Some("1"), Some("2"), Some("2"))
        );
        assert_eq!(z.entries().unwrap().iter().filter(|entry| entry.is_overridden()).count(), 1);
    }
}
