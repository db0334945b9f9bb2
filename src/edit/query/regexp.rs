//! RFC 9485's regular expressions, by the `regex` crate, whose time is linear in the text.

use regex::{Regex, RegexBuilder};

/// No compiled expression is larger, in bytes.
const MAX_COMPILED: usize = 512 * 1024;
/// No expression is longer, in bytes.
pub(super) const MAX_LENGTH: usize = 1_000;

/// The expression, or none if it is none; `whole` for the whole text.
pub(super) fn compile(pattern: &str, whole: bool) -> Option<Regex> {
    if pattern.len() > MAX_LENGTH {
        return None;
    }
    let inner = translated(pattern);
    let pattern = if whole { format!(r"\A(?:{inner})\z") } else { inner };
    RegexBuilder::new(&pattern).size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED).nest_limit(50).build().ok()
}

/// There a dot is anything but the two ends of a line.
fn translated(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let (mut escaped, mut class) = (false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '.' if !class => {
                out.push_str(r"[^\n\r]");
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}
