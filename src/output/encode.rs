//! What a repo or a golden path says, encoded for the place where it is shown.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` for a terminal: control characters and bidirectional marks become visible escapes, so that
/// no file name moves the cursor or reads backwards. Line feeds stay where `lines` says so.
fn escape(text: &str, lines: bool) -> Cow<'_, str> {
    let keep = |c: char| lines && (c == '\n' || c == '\t');
    if text.chars().all(|c| keep(c) || !is_trick(c)) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\r' if lines => {}
            c if keep(c) || !is_trick(c) => safe.push(c),
            c => {
                let _ = write!(safe, "\\u{{{:x}}}", c as u32);
            }
        }
    }
    Cow::Owned(safe)
}

/// One line for a terminal.
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, false)
}

/// Several lines for a terminal.
pub fn block(text: &str) -> Cow<'_, str> {
    escape(text, true)
}

/// Characters that change how what follows is shown.
fn is_trick(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{061c}' | '\u{feff}')
}

/// Whether `text` holds a character that changes how what follows is shown.
pub fn has_tricks(text: &str) -> bool {
    text.chars().any(is_trick)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_marks_become_visible() {
        assert_eq!(line("a\u{1b}[31mb"), "a\\u{1b}[31mb");
        assert_eq!(line("a\u{202e}b\n"), "a\\u{202e}b\\u{a}");
        assert_eq!(block("a\r\nb\u{7}"), "a\nb\\u{7}");
        assert!(matches!(line("häuser/ok.yml"), Cow::Borrowed(_)));
    }
}
