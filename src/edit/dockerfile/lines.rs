//! From lines to the logical text of one instruction, with the way back to the file.

use std::ops::Range;

/// A text put together from pieces of a file, which knows where each piece came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Logical {
    text: String,
    /// Where a piece starts in the text, and where in the file.
    pieces: Vec<(usize, usize)>,
}

impl Logical {
    /// A piece of the file as it stands.
    pub(crate) fn of(text: &str, start: usize) -> Self {
        Logical { text: text.to_owned(), pieces: vec![(0, start)] }
    }

    /// Appends a piece that starts at byte `start` of the file.
    pub(crate) fn push(&mut self, text: &str, start: usize) {
        self.pieces.push((self.text.len(), start));
        self.text.push_str(text);
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The byte of the file that stands at `at`.
    pub(crate) fn place(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|(start, _)| *start <= at);
        self.pieces.get(next.saturating_sub(1)).map_or(at, |(start, place)| place + (at - start))
    }

    /// The bytes of the file from the first to the last byte of `range`.
    pub(crate) fn range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.place(range.start);
        if range.end <= range.start { start..start } else { start..self.place(range.end - 1) + 1 }
    }

    /// A part of it.
    pub(crate) fn slice(&self, range: Range<usize>) -> Logical {
        let mut part =
            Logical { text: self.text[range.clone()].to_owned(), pieces: vec![(0, self.place(range.start))] };
        for (start, place) in &self.pieces {
            if *start > range.start && *start < range.end {
                part.pieces.push((start - range.start, *place));
            }
        }
        part
    }

    /// It, without white space around it.
    pub(crate) fn trimmed(&self) -> Logical {
        let start = self.text.len() - self.text.trim_start().len();
        let end = self.text.trim_end().len();
        self.slice(start.min(end)..end)
    }
}

/// The text of a line without its ending.
pub(super) fn bare(line: &str) -> &str {
    line.trim_end_matches(['\n', '\r'])
}

/// Whether a line is a comment, whatever its indentation.
pub(super) fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// The text before a trailing escape that continues the line; none where the line ends.
///
/// An escape that is escaped itself does not continue: BuildKit wants another character before it.
pub(super) fn continued(line: &str, escape: char) -> Option<&str> {
    let body = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!body.ends_with(escape)).then_some(body)
}

/// The directives at the top of the file: `# name=value` lines before anything else.
pub(super) fn directives(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let Some((name, value)) = line.trim_start().strip_prefix('#').and_then(|rest| rest.split_once('=')) else {
            break;
        };
        let name = name.trim().to_ascii_lowercase();
        let known = matches!(name.as_str(), "syntax" | "escape" | "check");
        if !known || found.iter().any(|(seen, _)| *seen == name) {
            break;
        }
        found.push((name, value.trim().to_owned()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logical_text_knows_its_way_back() {
        let mut logical = Logical::of("ab", 10);
        logical.push("cd", 20);
        assert_eq!(logical.text(), "abcd");
        assert_eq!((logical.place(1), logical.place(2)), (11, 20));
        assert_eq!(logical.range(1..3), 11..21);
        assert_eq!(logical.range(1..2), 11..12);
        assert_eq!(logical.slice(1..4).range(0..3), 11..22);
    }

    #[test]
    fn an_escape_continues_unless_it_is_escaped() {
        assert_eq!(continued("RUN a \\", '\\'), Some("RUN a "));
        assert_eq!(continued("RUN a \\ \t", '\\'), Some("RUN a "));
        assert_eq!(continued("\\", '\\'), Some(""));
        assert_eq!(continued("RUN a \\\\", '\\'), None);
        assert_eq!(continued("RUN a `", '`'), Some("RUN a "));
    }

    #[test]
    fn directives_end_with_the_first_other_line() {
        let found = directives("# syntax=docker/dockerfile:1\n# escape = `\n# just=words\n# check=skip=all\n");
        assert_eq!(found, [("syntax".into(), "docker/dockerfile:1".into()), ("escape".into(), "`".into())]);
        assert!(directives("\n# escape=`\n").is_empty());
    }
}
