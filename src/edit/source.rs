//! A text as the editors see it (LF, no byte-order mark, last line ended), and splices mapped back
//! onto the bytes it came from.

use memchr::{memchr_iter, memmem};

use super::envelope::{Envelope, LineEnd};
use super::error::EditError;

/// One replacement in the seen text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Splice {
    /// First byte that goes.
    pub start: usize,
    /// The byte after the last that goes.
    pub end: usize,
    /// What comes instead, with LF.
    pub text: String,
}

impl Splice {
    /// Puts `text` at `at`.
    pub(crate) fn insert(at: usize, text: impl Into<String>) -> Self {
        Splice { start: at, end: at, text: text.into() }
    }

    /// Puts `text` in place of a range.
    pub(crate) fn replace(start: usize, end: usize, text: impl Into<String>) -> Self {
        Splice { start, end, text: text.into() }
    }
}

/// A text and what it came from.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    original: String,
    /// LF only, no byte-order mark, and a last newline unless empty.
    pub text: String,
    /// For each CR that was dropped, the place of its LF in `text`.
    dropped: Vec<usize>,
    bom: usize,
    line_end: &'static str,
    final_newline: bool,
}

impl Source {
    /// Prepares `original`.
    pub(crate) fn new(original: &str) -> Self {
        let bare = original.strip_prefix('\u{feff}').unwrap_or(original);
        let mut text = String::with_capacity(bare.len() + 1);
        let mut dropped = Vec::new();
        let mut rest = bare;
        while let Some(end) = memmem::find(rest.as_bytes(), b"\r\n") {
            text.push_str(&rest[..end]);
            dropped.push(text.len());
            text.push('\n');
            rest = &rest[end + 2..];
        }
        text.push_str(rest);
        let final_newline = text.is_empty() || text.ends_with('\n');
        if !final_newline {
            text.push('\n');
        }
        let line_end = if dropped.len() * 2 > memchr_iter(b'\n', text.as_bytes()).count() { "\r\n" } else { "\n" };
        Source {
            original: original.to_owned(),
            dropped,
            bom: original.len() - bare.len(),
            line_end,
            final_newline,
            text,
        }
    }

    /// The text as it came.
    pub(crate) fn original(&self) -> &str {
        &self.original
    }

    /// Carries out `splices`; all other bytes of the original stay.
    pub(crate) fn splice(&self, mut splices: Vec<Splice>) -> Result<String, EditError> {
        splices.sort_by_key(|splice| (splice.start, splice.end));
        let mut result = String::with_capacity(self.original.len());
        let mut done = 0;
        for splice in &splices {
            let (start, end) = (self.back(splice.start), self.back(splice.end));
            let kept = self.original.get(done..start).ok_or_else(|| EditError::unfaithful(&self.text, splice.start))?;
            result.push_str(kept);
            if !self.final_newline && splice.start == self.text.len() {
                result.push_str(self.line_end);
            }
            if self.line_end == "\n" {
                result.push_str(&splice.text);
            } else {
                result.push_str(&splice.text.replace('\n', self.line_end));
            }
            done = end;
        }
        result.push_str(self.original.get(done..).unwrap_or_default());
        if !self.final_newline && result.ends_with('\n') {
            result.pop();
            if result.ends_with('\r') {
                result.pop();
            }
        }
        Ok(result)
    }

    /// A text made from the seen one as a whole, with the line ends, mark and last newline of the original.
    pub(crate) fn reframe(&self, result: &str) -> String {
        let envelope = Envelope::of(&self.original);
        if envelope.line_end != LineEnd::Mixed {
            return envelope.restore(result);
        }
        let lines = |text: &str| text.split_inclusive('\n').map(ToOwned::to_owned).collect::<Vec<_>>();
        let (old, new, mut originals) = (lines(&self.text), lines(result), lines(&self.original));
        // The last line may come to stand before others.
        if let Some(last) = originals.last_mut().filter(|line| !line.ends_with('\n')) {
            last.push_str(self.line_end);
        }
        let mut framed = String::new();
        for op in similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new) {
            if let similar::DiffOp::Equal { old_index, len, .. } = op {
                framed.push_str(&originals[old_index..old_index + len].concat());
            } else {
                framed.push_str(&new[op.new_range()].concat().replace('\n', self.line_end));
            }
        }
        if envelope.bom && !framed.starts_with('\u{feff}') {
            framed.insert(0, '\u{feff}');
        }
        if !self.final_newline && framed.ends_with('\n') {
            framed.pop();
            if framed.ends_with('\r') {
                framed.pop();
            }
        }
        framed
    }

    fn back(&self, place: usize) -> usize {
        let crs = self.dropped.partition_point(|lf| *lf < place);
        (place + crs + self.bom).min(self.original.len())
    }

    /// Where the line of `place` starts.
    pub(crate) fn line_start(&self, place: usize) -> usize {
        self.text[..place].rfind('\n').map_or(0, |n| n + 1)
    }

    /// Where the line of `place` ends: its newline, or the end of the text.
    pub(crate) fn line_end(&self, place: usize) -> usize {
        self.text[place..].find('\n').map_or(self.text.len(), |n| place + n)
    }

    /// Bytes between the start of the line and `place`.
    pub(crate) fn column(&self, place: usize) -> usize {
        place - self.line_start(place)
    }

    /// The first place at or after `from` that is neither a space nor a tab.
    pub(crate) fn skip_blanks(&self, from: usize) -> usize {
        let rest = &self.text[from..];
        from + (rest.len() - rest.trim_start_matches([' ', '\t']).len())
    }

    /// Whether only spaces and tabs stand before `place` in its line.
    pub(crate) fn starts_line(&self, place: usize) -> bool {
        self.skip_blanks(self.line_start(place)) >= place
    }

    /// Whether the line that starts at `start` is blank.
    pub(crate) fn blank_line(&self, start: usize) -> bool {
        self.text[start..self.line_end(start)].trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untouched_bytes_survive_mixed_line_ends() {
        let source = Source::new("\u{feff}a\r\nb\nc\r\nd\r\n");
        assert_eq!(source.text, "a\nb\nc\nd\n");
        let at = source.line_end(2);
        let result = source.splice(vec![Splice::insert(at, "\nx"), Splice::replace(4, 5, "C")]).unwrap();
        assert_eq!(result, "\u{feff}a\r\nb\r\nx\nC\r\nd\r\n");
    }

    #[test]
    fn a_missing_last_newline_stays_missing() {
        let source = Source::new("a\nb");
        assert_eq!(source.splice(vec![Splice::insert(3, "\nc")]).unwrap(), "a\nb\nc");
        assert_eq!(source.splice(vec![Splice::replace(2, 4, "")]).unwrap(), "a");
    }
}
