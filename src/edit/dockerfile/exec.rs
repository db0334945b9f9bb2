//! The exec form of an instruction: a JSON list of strings.

use super::instruction::ExecWord;
use super::lines::Logical;

/// The strings of a JSON list, if `args` is one and nothing else. What BuildKit does not read as
/// JSON, it hands to a shell.
pub(super) fn exec(args: &Logical) -> Option<Vec<ExecWord>> {
    let text = args.text().trim_end();
    if !text.starts_with('[') || !text.ends_with(']') {
        return None;
    }
    let strings: Vec<String> = serde_json::from_str(text).ok()?;
    let mut ranges = Vec::new();
    let mut start = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (c, start) {
            _ if escaped => escaped = false,
            ('\\', Some(_)) => escaped = true,
            ('"', None) => start = Some(at),
            ('"', Some(open)) => {
                ranges.push(open..at + 1);
                start = None;
            }
            _ => {}
        }
    }
    let places = ranges.into_iter().map(|range| args.range(range));
    Some(strings.into_iter().zip(places).map(|(text, span)| ExecWord { text, span }).collect())
}
