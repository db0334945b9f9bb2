//! A file's text with the places of its lines: a line of megabytes may have thousands of findings, so nothing here
//! reads a line again for each of them.

/// Of a line that is not ASCII, the place of each so-many-th character is known.
const STEP: usize = 256;

/// A text that is asked for many of its places.
#[derive(Debug)]
pub struct Source {
    text: String,
    lines: Vec<Known>,
}

/// What is known of one line, in bytes of the text.
#[derive(Debug)]
struct Known {
    start: usize,
    /// Where it ends, white space at its end left out.
    end: usize,
    /// How many characters it has.
    characters: usize,
    /// Where each `STEP`-th character begins, from the line's start; empty where all are ASCII.
    marks: Vec<usize>,
}

/// One line of a source, without the white space at its end.
#[derive(Clone, Copy, Debug)]
pub struct Line<'s> {
    text: &'s str,
    known: &'s Known,
}

impl Source {
    /// Finds the lines of `text`. Columns count without a byte-order mark.
    pub fn new(text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut start = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            let known = Known::new(start, line.trim_end());
            start += line.len();
            known
        });
        let lines = lines.collect();
        Source { text: text.to_owned(), lines }
    }

    /// One line, from 1.
    pub fn line(&self, number: usize) -> Option<Line<'_>> {
        let known = self.lines.get(number.checked_sub(1)?)?;
        Some(Line { text: &self.text[known.start..known.end], known })
    }
}

impl Known {
    fn new(start: usize, line: &str) -> Self {
        let end = start + line.len();
        if line.is_ascii() {
            return Known { start, end, characters: line.len(), marks: Vec::new() };
        }
        let mut characters = 0;
        let mut marks = Vec::new();
        for (byte, _) in line.char_indices() {
            if characters % STEP == 0 {
                marks.push(byte);
            }
            characters += 1;
        }
        Known { start, end, characters, marks }
    }
}

impl<'s> Line<'s> {
    /// The whole line.
    pub fn text(self) -> &'s str {
        self.text
    }

    /// How many characters it has.
    pub fn characters(self) -> usize {
        self.known.characters
    }

    /// The byte at which a character begins, from 0; the line's end where it has fewer.
    pub fn byte(self, character: usize) -> usize {
        if self.known.marks.is_empty() {
            return character.min(self.text.len());
        }
        let Some(mark) = self.known.marks.get(character / STEP) else { return self.text.len() };
        let rest = self.text[*mark..].char_indices().nth(character % STEP);
        rest.map_or(self.text.len(), |(byte, _)| mark + byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_found_wherever_they_stand() {
        for line in ["", "plain", "ü", &"ü漢x".repeat(STEP), &format!("{}é", "a".repeat(STEP - 1))] {
            let source = Source::new(&format!("\u{feff}{line} \t\r\nnext"));
            let found = source.line(1).unwrap();
            assert_eq!((found.text(), found.characters()), (line, line.chars().count()));
            let starts = line.char_indices().map(|(byte, _)| byte).chain([line.len(); 2]);
            for (character, byte) in starts.enumerate() {
                assert_eq!(found.byte(character), byte, "character {character} of {line}");
            }
            assert_eq!(source.line(2).map(Line::text), Some("next"));
            assert!(source.line(0).is_none() && source.line(3).is_none());
        }
    }
}
