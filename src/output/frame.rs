//! A code frame: the lines that a span covers, as they can be shown, and where the span lies in each.

use unicode_width::UnicodeWidthChar as _;

use super::encode;
use super::source::{self, Source};
use crate::model::finding::Span;

/// Of a span, at most so many lines are shown.
const MOST_LINES: usize = 4;
/// Of a line, at most so many columns are shown.
const MOST_COLUMNS: usize = 110;
/// Of a part of a line, at most so many characters are looked at: more never fit.
const MOST_SHOWN: usize = 16 * MOST_COLUMNS;
const TAB: &str = "    ";

/// One line of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: usize,
    /// What stands before the span, in it, and after it; tabs are spaces, tricks are visible.
    pub parts: [String; 3],
}

impl Line {
    /// Columns before the span, and in it.
    pub fn columns(&self) -> (usize, usize) {
        (columns(&self.parts[0]), columns(&self.parts[1]).max(1))
    }
}

/// The lines that `span` covers; the first few of them where there are many. Empty if the source has no such line.
pub fn frame(source: &Source, span: Span) -> Vec<Line> {
    let last = span.end_line.max(span.line);
    // A span that ends before the first column of a line does not cover that line.
    let last = if last > span.line && span.end_column <= 1 { last - 1 } else { last };
    (span.line..=last)
        .map_while(|number| Some((number, source.line(number)?)))
        .take(MOST_LINES)
        .map(|(number, line)| {
            let indent = || line.text().chars().take_while(|c| c.is_whitespace()).count();
            let start = if number == span.line { span.column.saturating_sub(1) } else { indent() };
            let end = if number == span.end_line { span.end_column.saturating_sub(1) } else { usize::MAX };
            Line { number, parts: cut(line, start, end) }
        })
        .collect()
}

/// Cuts a line at two character columns, and shortens what does not fit.
fn cut(line: source::Line<'_>, start: usize, end: usize) -> [String; 3] {
    let first = line.byte(start);
    let last = line.byte(end).max(first);
    let line = line.text();
    let shown = |text: &str| encode::line(&text.replace('\t', TAB)).into_owned();
    let [before, inside, after] = [
        shown(end_of(&line[..first], MOST_SHOWN)),
        shown(start_of(&line[first..last], MOST_SHOWN)),
        shown(start_of(&line[last..], MOST_SHOWN)),
    ];
    let inside = head(&inside, MOST_COLUMNS);
    let room = MOST_COLUMNS.saturating_sub(columns(&inside));
    let before = tail(&before, if columns(&after) < room / 2 { room - columns(&after) } else { room / 2 });
    let after = head(&after, room.saturating_sub(columns(&before)));
    [before, inside, after]
}

/// The first `most` characters.
fn start_of(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(byte, _)| &text[..byte])
}

/// The last `most` characters.
fn end_of(text: &str, most: usize) -> &str {
    text.char_indices().nth_back(most.saturating_sub(1)).map_or(text, |(byte, _)| &text[byte..])
}

fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

fn head(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut taken = 0;
    let kept = text.chars().take_while(|c| {
        taken += c.width().unwrap_or(0);
        taken < most.max(1)
    });
    kept.chain(['…']).collect()
}

fn tail(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut taken = 0;
    let kept: Vec<char> = text
        .chars()
        .rev()
        .take_while(|c| {
            taken += c.width().unwrap_or(0);
            taken < most.max(1)
        })
        .collect();
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, line: usize, column: usize, end_line: usize, end_column: usize) -> Vec<(usize, [String; 3])> {
        let lines = frame(&Source::new(text), Span { line, column, end_line, end_column });
        lines.into_iter().map(|line| (line.number, line.parts)).collect()
    }

    fn parts(before: &str, inside: &str, after: &str) -> [String; 3] {
        [before.to_owned(), inside.to_owned(), after.to_owned()]
    }

    #[test]
    fn a_span_is_cut_out_of_its_line_by_characters() {
        assert_eq!(of("a\n\tü: x # y\n", 2, 5, 2, 6), [(2, parts("    ü: ", "x", " # y"))]);
        assert_eq!(of("a\n", 1, 9, 1, 12), [(1, parts("a", "", ""))]);
        assert_eq!(of("a\n", 7, 1, 7, 2), []);
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        assert_eq!(of("\u{feff}on: push\r\n", 1, 1, 1, 3), [(1, parts("", "on", ": push"))]);
    }

    #[test]
    fn several_lines_are_marked_from_their_indentation_and_at_most_four_are_shown() {
        let text = "jobs:\n  a:\n    b: 1\n    c: 2\n    d: 3\n    e: 4\nx: y\n";
        let lines = of(text, 2, 3, 7, 1);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0], (2, parts("  ", "a:", "")));
        assert_eq!(lines[1], (3, parts("    ", "b: 1", "")));
    }

    #[test]
    fn tricks_become_visible_and_long_lines_are_shortened_around_the_span() {
        assert_eq!(of("a\u{202e}b\n", 1, 2, 1, 3)[0].1, parts("a", "\\u{202e}", "b"));
        let long = format!("{}HERE{}", "x".repeat(5000), "y".repeat(5000));
        let [before, inside, after] = of(&long, 1, 5001, 1, 5005)[0].1.clone();
        assert_eq!(inside, "HERE");
        assert!(before.starts_with('…') && after.ends_with('…'));
        assert!(columns(&before) + columns(&inside) + columns(&after) <= MOST_COLUMNS);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let line = &frame(&Source::new("漢字: x\n"), Span { line: 1, column: 5, end_line: 1, end_column: 6 })[0];
        assert_eq!(line.columns(), (6, 1));
    }
}
