//! Problems of meaning, at the line that means it.
//!
//! `model::document` places mistakes of form. What is well formed and still wrong (an asset that does not
//! exist, a default that its own pattern refuses) is placed here, by the keys that lead to it.

use granit_parser::{Event, Parser};

use crate::error::{Position, Problem};

/// A YAML file of a golden path, for saying what is wrong in it.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    file: &'a str,
    text: &'a str,
}

impl<'a> Spot<'a> {
    /// `file` is how the user would name it.
    pub(super) fn new(file: &'a str, bytes: &'a [u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        Spot { file, text: text.strip_prefix('\u{feff}').unwrap_or(text) }
    }

    /// A problem of the value that `keys` lead to, or of the nearest thing above it that the file has.
    /// An item of a list is named by its number.
    pub(super) fn problem(&self, keys: &[&str], message: impl Into<String>) -> Problem {
        self.at(place(self.text, keys, false), message)
    }

    /// A problem of the last of `keys` itself, whatever its value.
    pub(super) fn problem_of_key(&self, keys: &[&str], message: impl Into<String>) -> Problem {
        self.at(place(self.text, keys, true), message)
    }

    fn at(&self, place: Option<Position>, message: impl Into<String>) -> Problem {
        let problem = Problem::new(message).in_file(self.file);
        match place {
            Some(at) => problem.at(at, self.text),
            None => problem,
        }
    }
}

/// A problem in a file of a golden path, at the value that `keys` lead to.
pub fn problem_at(path: &super::GoldenPath, file: &str, keys: &[&str], message: impl Into<String>) -> Problem {
    let bytes = path.tree.get_str(file).map_or(&[][..], |file| &file.bytes);
    Spot::new(file, bytes).problem(keys, message)
}

enum Level {
    Mapping { key: Option<String> },
    Sequence { index: usize },
}

/// The place of the value that `keys` lead to; with `of_key`, of its key.
fn place(text: &str, keys: &[&str], of_key: bool) -> Option<Position> {
    let mut open: Vec<Level> = Vec::new();
    let mut best: Option<(usize, Position)> = None;
    for next in Parser::new_from_str(text) {
        let (event, span) = next.ok()?;
        if best.is_some_and(|(depth, _)| depth == keys.len()) {
            break;
        }
        let at = Position { line: span.start.line(), column: span.start.col() + 1 };
        match event {
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                close(&mut open);
            }
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                note(&open, keys, at, &mut best);
                open.push(match event {
                    Event::MappingStart(..) => Level::Mapping { key: None },
                    _ => Level::Sequence { index: 0 },
                });
            }
            Event::Scalar(value, ..) => {
                if let Some(Level::Mapping { key: key @ None }) = open.last_mut() {
                    *key = Some(value.into_owned());
                    if of_key {
                        note(&open, keys, at, &mut best);
                    }
                } else {
                    note(&open, keys, at, &mut best);
                    close(&mut open);
                }
            }
            _ => {}
        }
    }
    best.map(|(_, at)| at)
}

/// Remembers the place of a value if `keys` lead to it or through it.
fn note(open: &[Level], keys: &[&str], at: Position, best: &mut Option<(usize, Position)>) {
    let leads = open.len() <= keys.len()
        && open.iter().zip(keys).all(|(level, key)| match level {
            Level::Mapping { key: found } => found.as_deref() == Some(*key),
            Level::Sequence { index } => key.parse() == Ok(*index),
        });
    if leads && best.is_none_or(|(depth, _)| open.len() > depth) {
        *best = Some((open.len(), at));
    }
}

/// A value has ended: what holds it goes on to the next.
fn close(open: &mut [Level]) {
    match open.last_mut() {
        Some(Level::Mapping { key }) => *key = None,
        Some(Level::Sequence { index }) => *index += 1,
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_keys_and_a_missing_one_by_what_is_above_it() {
        let text = "a: 1\nb:\n  - {x: [1, 2]}\n  - {x: 3, y: 4}\n";
        let spot = |keys: &[&str]| place(text, keys, false).map(|at| (at.line, at.column));
        assert_eq!(spot(&["b", "0", "x", "1"]), Some((3, 13)));
        assert_eq!(spot(&["b", "1", "y"]), Some((4, 15)));
        assert_eq!(spot(&["b", "1", "z"]), Some((4, 5)));
        assert_eq!(spot(&["c"]), Some((1, 1)));
        let key = |keys: &[&str]| place(text, keys, true).map(|at| (at.line, at.column));
        assert_eq!(key(&["b", "1", "y"]), Some((4, 12)));
        assert_eq!(key(&["b"]), Some((2, 1)));
    }
}
