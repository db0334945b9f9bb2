//! The words of an instruction, as BuildKit splits them: by white space outside quotes.

use std::ops::Range;

use super::lines::Logical;

/// A word with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// As written, quotes and variables included.
    pub raw: String,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

/// A name with a value: of `ENV`, `LABEL` or `ARG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// The name, without quotes.
    pub name: String,
    /// The value as written; none for an `ARG` without a default.
    pub value: Option<String>,
    /// Both, in the file.
    pub span: Range<usize>,
}

/// The words of `logical`, with the range of each in its text.
pub(super) fn ranges(logical: &Logical, escape: char) -> Vec<Range<usize>> {
    let text = logical.text();
    let mut found = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if start.is_none() {
            if c.is_whitespace() {
                continue;
            }
            start = Some(at);
        }
        if escaped {
            escaped = false;
            continue;
        }
        match quote {
            Some('\'') if c == '\'' => quote = None,
            Some('"') if c == '"' => quote = None,
            Some('"') | None if c == escape => escaped = true,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c.is_whitespace() => found.extend(start.take().map(|start| start..at)),
            Some(_) | None => {}
        }
    }
    found.extend(start.map(|start| start..text.len()));
    found
}

/// The words of `logical`.
pub(super) fn words(logical: &Logical, escape: char) -> Vec<Word> {
    let word = |range: Range<usize>| Word { raw: logical.text()[range.clone()].to_owned(), span: logical.range(range) };
    ranges(logical, escape).into_iter().map(word).collect()
}

/// The pairs of an `ENV` or a `LABEL`: `a=b c=d`, or the old `a b c`, which is one pair.
pub(super) fn pairs(logical: &Logical, escape: char) -> Vec<Pair> {
    let ranges = ranges(logical, escape);
    let text = logical.text();
    let Some(first) = ranges.first() else { return Vec::new() };
    if !text[first.clone()].contains('=') {
        let name = text[first.clone()].to_owned();
        let value = text[first.end..].trim().to_owned();
        return vec![Pair {
            name: unquote(&name),
            value: Some(value),
            span: logical.range(first.start..text.trim_end().len()),
        }];
    }
    ranges
        .into_iter()
        .map(|range| {
            let raw = &text[range.clone()];
            let (name, value) = raw.split_once('=').map_or((raw, None), |(name, value)| (name, Some(value.to_owned())));
            Pair { name: unquote(name), value, span: logical.range(range) }
        })
        .collect()
}

/// A word without the quotes around its parts; escapes and variables stay.
pub(crate) fn unquote(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut quote = None;
    for c in raw.chars() {
        match quote {
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raws(text: &str) -> Vec<String> {
        words(&Logical::of(text, 0), '\\').into_iter().map(|word| word.raw).collect()
    }

    #[test]
    fn words_split_outside_quotes() {
        assert_eq!(raws(r#"a  'b c' "d \" e"f g\ h"#), ["a", "'b c'", r#""d \" e"f"#, r"g\ h"]);
        assert_eq!(raws("  "), Vec::<String>::new());
    }

    #[test]
    fn pairs_come_in_two_forms() {
        let read = |text: &str| {
            let pairs = pairs(&Logical::of(text, 0), '\\');
            pairs.into_iter().map(|pair| (pair.name, pair.value)).collect::<Vec<_>>()
        };
        assert_eq!(read("A=1 B='2 3'"), [("A".into(), Some("1".into())), ("B".into(), Some("'2 3'".into()))]);
        assert_eq!(read("A one two"), [("A".into(), Some("one two".into()))]);
        assert_eq!(read("\"a.b\"=\"c\""), [("a.b".into(), Some("\"c\"".into()))]);
    }
}
