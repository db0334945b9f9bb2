//! What parsers drop and people notice: byte-order mark, line endings, the last newline.

const BOM: char = '\u{feff}';

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// All with LF, or there is no line end.
    Lf,
    /// All with CRLF.
    CrLf,
    /// Some with LF, some with CRLF.
    Mixed,
}

/// The frame of a text, to be put back around an edited one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Whether it starts with a byte-order mark.
    pub bom: bool,
    /// How its lines end.
    pub line_end: LineEnd,
    /// Whether its last line ends; an empty text counts as ended.
    pub final_newline: bool,
}

impl Envelope {
    /// The envelope of `text`.
    pub fn of(text: &str) -> Self {
        // Most texts have none, which is told at a glance.
        let crlf = if text.as_bytes().contains(&b'\r') { text.matches("\r\n").count() } else { 0 };
        let line_end = match crlf {
            0 => LineEnd::Lf,
            n if n == text.matches('\n').count() => LineEnd::CrLf,
            _ => LineEnd::Mixed,
        };
        let bare = text.strip_prefix(BOM).unwrap_or(text);
        let final_newline = bare.is_empty() || bare.ends_with('\n');
        Envelope { bom: text.starts_with(BOM), line_end, final_newline }
    }

    /// `text` without byte-order mark and with LF only.
    pub fn strip(&self, text: &str) -> String {
        let bare = text.strip_prefix(BOM).unwrap_or(text);
        if bare.as_bytes().contains(&b'\r') { bare.replace("\r\n", "\n") } else { bare.to_owned() }
    }

    /// `text` (LF, no byte-order mark) in this envelope. A mixed one cannot be put back: its lines end with LF.
    pub fn restore(&self, text: &str) -> String {
        let mut body = match (self.final_newline, text.ends_with('\n')) {
            (true, false) if !text.is_empty() => format!("{text}\n"),
            (false, true) => text[..text.len() - 1].to_owned(),
            _ => text.to_owned(),
        };
        if self.line_end == LineEnd::CrLf {
            body = body.replace('\n', "\r\n");
        }
        if self.bom {
            body.insert(0, BOM);
        }
        body
    }
}

/// Whether a content has neither a byte-order mark nor another line end than LF, as most have.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    !bytes.contains(&b'\r') && !bytes.starts_with(BOM.encode_utf8(&mut [0; 3]).as_bytes())
}

/// Whether two contents are equal but for a byte-order mark and line endings. What is not text
/// (a NUL, or not UTF-8) is compared byte by byte.
pub fn same_text(a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    if is_plain(a) && is_plain(b) {
        return false;
    }
    let text = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))?;
        Some(Envelope::of(text).strip(text))
    };
    matches!((text(a), text(b)), (Some(a), Some(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_survives_its_envelope() {
        for text in ["", "a", "a\n", "a\r\nb\r\n", "\u{feff}a\r\nb", "\u{feff}", "a\n\n"] {
            let envelope = Envelope::of(text);
            assert_eq!(envelope.restore(&envelope.strip(text)), text, "{text:?}");
        }
    }

    #[test]
    fn an_edited_text_takes_the_frame_of_the_old_one() {
        assert_eq!(Envelope::of("\u{feff}x\r\ny").restore("a\nb\n"), "\u{feff}a\r\nb");
        assert_eq!(Envelope::of("x\n").restore("a"), "a\n");
        assert_eq!(Envelope::of("x\r\ny\n").line_end, LineEnd::Mixed);
    }

    #[test]
    fn only_frames_are_overlooked() {
        assert!(same_text(b"a\r\nb\n", "\u{feff}a\nb\r\n".as_bytes()));
        assert!(!same_text(b"a\n", b"a"));
        assert!(!same_text(b"a\0\r\n", b"a\0\n"));
        assert!(!same_text(b"\xff\r\n", b"\xff\n"));
    }
}
