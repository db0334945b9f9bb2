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

/// Text for HTML or XML, in an element or in a quoted attribute. What XML 1.0 cannot hold is made visible.
pub fn markup(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in line(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(safe, "\\u{{{:x}}}", c as u32);
            }
            c => safe.push(c),
        }
    }
    safe
}

/// Prose for HTML, on one line: parts in backticks become code.
pub fn coded(text: &str) -> String {
    let safe = markup(text);
    let parts: Vec<&str> = safe.split('`').collect();
    // A backtick without another is one that the text means.
    if parts.len().is_multiple_of(2) {
        return safe;
    }
    let part = |(n, part): (usize, &&str)| {
        if n % 2 == 1 { format!("<code>{part}</code>") } else { (*part).to_owned() }
    };
    parts.iter().enumerate().map(part).collect()
}

/// Prose for Markdown, on one line. Parts in backticks become code; in the rest nothing is read as markup, as a
/// mention, as a reference to an issue (so no keyword closes one), or as a link.
pub fn markdown(text: &str) -> String {
    let text = line(text);
    let parts: Vec<&str> = text.split('`').collect();
    let mut safe = String::with_capacity(text.len());
    for (n, part) in parts.iter().enumerate() {
        // Of an odd number of backticks the last one is text.
        let is_code = n % 2 == 1 && n + 1 < parts.len();
        if is_code {
            safe.push_str(&code_span(part));
        } else {
            if n % 2 == 1 {
                safe.push_str("\\`");
            }
            prose(part, &mut safe);
        }
    }
    safe
}

fn prose(text: &str, safe: &mut String) {
    let mut before = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() && !",;'\"?/%".contains(c) {
            safe.push('\\');
        }
        safe.push(c);
        // Forges look for these after the markup is gone, so a backslash does not stop them.
        if matches!(c, '@' | '#' | '!') || (c == '-' && before.to_lowercase().ends_with("gh")) {
            safe.push('\u{200b}');
        }
        before.push(c);
    }
}

/// Text as code in Markdown, on one line.
pub fn code_span(text: &str) -> String {
    let text = line(text);
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    // Spaces at both ends go, so that a backtick may stand there.
    let pad = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A fence for a block of code in Markdown that holds `text`.
pub fn code_fence(text: &str) -> String {
    "`".repeat(longest_run(text, '`').max(2) + 1)
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

/// The message of a workflow command, as GitHub's runner reads it.
pub fn command_data(text: &str) -> String {
    line(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a workflow command, as GitHub's runner reads it.
pub fn command_property(text: &str) -> String {
    command_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A path as a relative URI reference (RFC 3986).
pub fn uri(path: &str) -> String {
    let mut safe = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte) {
            safe.push(byte as char);
        } else {
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
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

    #[test]
    fn markup_holds_no_tag_and_nothing_that_xml_cannot_hold() {
        assert_eq!(markup("<a href=\"x\">'&\u{1}\u{ffff}"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\\u{1}\\u{ffff}");
    }

    #[test]
    fn prose_mentions_nobody_closes_nothing_and_links_nowhere() {
        assert_eq!(markdown("fixes #12, @acme/x"), "fixes \\#\u{200b}12, \\@\u{200b}acme/x");
        assert_eq!(markdown("![x](https://a.example)"), "\\!\u{200b}\\[x\\]\\(https\\://a\\.example\\)");
        assert_eq!(markdown("gh-1 <img>"), "gh\\-\u{200b}1 \\<img\\>");
        assert_eq!(markdown("it must be `@a`, not `b"), "it must be `@a`, not \\`b");
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code_span("a"), "`a`");
        assert_eq!(code_span("`a``b"), "``` `a``b ```");
        assert_eq!(code_fence("a ```` b"), "`````");
    }

    #[test]
    fn a_workflow_command_ends_where_it_should() {
        assert_eq!(command_data("50%\n::error::x"), "50%25\\u{a}::error::x");
        assert_eq!(command_property("a,b:c"), "a%2Cb%3Ac");
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("a b/ä#?%.yml"), "a%20b/%C3%A4%23%3F%25.yml");
        assert_eq!(uri("x:y"), "x%3Ay");
    }
}
