//! What a structured file tells: its values and comments, however they are laid out.

use std::collections::BTreeMap;

use super::documents::documents;
use super::format::Format;
use super::keys::below;
use super::source::Source;
use super::tree::{Document, Kind, Node};

/// What a file tells. A place is the keys that lead there, each as it is shown and after a line end, `[]` for any item of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// How often each place has each value. Places in lists do not count, so an item that moves is still told.
    pub(crate) values: BTreeMap<(String, String), usize>,
    /// How often each line of comment stands there.
    pub(crate) comments: BTreeMap<String, usize>,
    /// Those lines, in order.
    pub(crate) said: Vec<String>,
    /// The items of each list, in order.
    pub(crate) lists: BTreeMap<String, Vec<String>>,
}

/// What `text` tells; none if it is not of its format.
pub(crate) fn told(format: Format, text: &str) -> Option<Told> {
    let mut told = Told::default();
    if text.trim().is_empty() {
        return Some(told);
    }
    match format {
        Format::Yaml => {
            for part in documents(&Source::new(text).text).ok()? {
                told.document(&part.document);
            }
        }
        Format::Json | Format::Toml => told.document(&Document::parse(format, text).ok()?),
    }
    Some(told)
}

/// A place as people read it: `jobs.test.steps[].run`.
pub(crate) fn shown(place: &str) -> String {
    place.trim_start_matches('\n').replace("\n[]", "[]").replace('\n', ".")
}

impl Told {
    /// How many values stand at a place.
    pub(crate) fn at(&self, place: &str) -> usize {
        let from = (place.to_owned(), String::new());
        self.values.range(from..).take_while(|((at, _), _)| at == place).map(|(_, n)| n).sum()
    }

    fn document(&mut self, document: &Document) {
        for comment in &document.comments {
            for line in document.text()[comment.clone()].lines() {
                *self.comments.entry(line.trim().to_owned()).or_default() += 1;
                self.said.push(line.trim().to_owned());
            }
        }
        if let Some(root) = &document.root {
            self.leaves(document, root, "");
        }
    }

    /// Counts what stands in `node`, and says it in one text.
    fn leaves(&mut self, document: &Document, node: &Node, at: &str) -> String {
        let value = match &node.kind {
            Kind::Mapping(_, entries) if !entries.is_empty() => {
                let said = entries.iter().map(|entry| {
                    let key = below("", &entry.key);
                    let value = self.leaves(document, &entry.value, &format!("{at}\n{key}"));
                    format!("{key}\n{value}")
                });
                return said.collect::<Vec<_>>().join("\n");
            }
            Kind::Sequence(_, items) if !items.is_empty() => {
                let place = format!("{at}\n[]");
                let said: Vec<String> = items.iter().map(|item| self.leaves(document, &item.value, &place)).collect();
                self.lists.entry(at.to_owned()).or_default().extend(said.iter().cloned());
                return said.join("\n");
            }
            Kind::Mapping(..) => "{}".to_owned(),
            Kind::Sequence(..) => "[]".to_owned(),
            Kind::Scalar(scalar) => scalar.text.clone(),
            Kind::Alias(_) => document.text()[node.span.clone()].to_owned(),
        };
        *self.values.entry((at.to_owned(), value.clone())).or_default() += 1;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Told {
        told(Format::Yaml, text).unwrap()
    }

    #[test]
    fn layout_and_places_in_lists_do_not_count() {
        let (one, other) = (of("a: [1, 2]\nb: {c: x}\n"), of("b:\n  c: 'x'\na:\n- 2\n- 1\n"));
        assert_eq!((&one.values, &one.comments), (&other.values, &other.comments));
        assert_ne!(one.lists, other.lists);
        assert_ne!(of("a: 1\n"), of("a: 1 # mine\n"));
        assert_ne!(of("a: 1\n"), of("b: 1\n"));
        assert_eq!(told(Format::Json, "{"), None);
        assert_eq!(told(Format::Json, ""), Some(Told::default()));
    }

    #[test]
    fn places_are_counted_and_read() {
        let told = of("steps:\n- run: x\n- run: y\nempty: []\n");
        let places: Vec<String> = told.values.keys().map(|(at, value)| format!("{} = {value}", shown(at))).collect();
        assert_eq!(places, ["empty = []", "steps[].run = x", "steps[].run = y"]);
        assert_eq!((told.at("\nsteps\n[]\nrun"), told.at("\nempty"), told.at("\nsteps")), (2, 1, 0));
    }

    #[test]
    fn keys_that_could_be_taken_for_several_are_quoted() {
        let places = |text| of(text).values.into_keys().map(|(at, _)| shown(&at)).collect::<Vec<_>>();
        assert_eq!(places("a.b: 1\n"), ["\"a.b\""]);
        assert_eq!(places("a:\n  b: 1\n"), ["a.b"]);
        assert_eq!(places("\"a\\nb\": 1\n"), [r#""a\nb""#]);
        assert_eq!(places("\"[]\": [1]\n"), ["\"[]\"[]"]);
    }
}
