//! Where two versions of a file differ, in words that a conflict's message ends with.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::file::{Content, Labels, ends, places};
use super::text::{Lines, lines};
use crate::model::file::{File, FileMode, is_binary};

/// So many places are named, and the rest is counted.
const NAMED: usize = 3;

/// The lines that differ on both sides; where one side has no lines, what each side is.
pub fn differ(ours: &File, theirs: &File) -> String {
    match line_places(ours, theirs) {
        Some(found) if !found.is_empty() => named(&found),
        _ => format!("{} here, {} in the golden path", described(ours), described(theirs)),
    }
}

/// Where `ours` was edited since it was `base`: its lines; where it has none, what it is. Empty if nothing but its mode or
/// the frame of its lines changed.
pub fn edited(base: &File, ours: &File) -> String {
    match line_places(ours, base) {
        Some(found) if found.is_empty() && ends(base) != ends(ours) => "its last newline".to_owned(),
        Some(found) => {
            let edited = found
                .iter()
                .take(NAMED)
                .map(|(here, _)| if here.0.is_empty() { format!("what stood {here}") } else { here.to_string() });
            let here: Vec<String> = edited.collect();
            let more = if found.len() > NAMED { format!(" and {} more", found.len() - NAMED) } else { String::new() };
            format!("{}{more}", here.join(", "))
        }
        None => format!("it is {} now", described(ours)),
    }
}

/// What lies there, with its size.
pub fn described(file: &File) -> String {
    if file.mode == FileMode::Symlink {
        return format!("a symlink to `{}`", String::from_utf8_lossy(&file.bytes));
    }
    let lines = Content::of(&file.bytes).seen().matches('\n').count();
    match (is_binary(&file.bytes), file.bytes.len(), lines) {
        (_, 0, _) => "an empty file".to_owned(),
        (true, 1, _) => "a binary file of 1 byte".to_owned(),
        (true, bytes, _) => format!("a binary file of {} bytes", grouped(bytes)),
        (false, _, 1) => "a file of 1 line".to_owned(),
        (false, _, lines) => format!("a file of {} lines", grouped(lines)),
    }
}

/// The first places by their lines on both sides, and how many there are more.
pub(super) fn named(found: &[(Lines, Lines)]) -> String {
    let mut named: Vec<String> =
        found.iter().take(NAMED).map(|(ours, theirs)| places(Some(ours), Some(theirs))).collect();
    if found.len() > NAMED {
        named.push(format!("and {} more", found.len() - NAMED));
    }
    named.join("; ")
}

/// Both texts in one, with markers wherever they differ.
pub(super) fn both(ours: &str, theirs: &str, labels: &Labels) -> String {
    let (our_lines, their_lines) = (lines(ours), lines(theirs));
    let mut out = String::new();
    for op in capture_diff_slices(Algorithm::Myers, &our_lines, &their_lines) {
        let (here, there) = (&our_lines[op.old_range()], &their_lines[op.new_range()]);
        if matches!(op, DiffOp::Equal { .. }) {
            out.extend(here.iter().copied());
        } else {
            super::text::mark(&mut out, here, there, labels);
        }
    }
    out
}

/// The places where two texts differ; none if one of them is no text.
fn line_places(ours: &File, theirs: &File) -> Option<Vec<(Lines, Lines)>> {
    if [ours, theirs].into_iter().any(|file| file.mode == FileMode::Symlink || is_binary(&file.bytes)) {
        return None;
    }
    let texts = [ours, theirs].map(|file| Content::of(&file.bytes).seen());
    let [ours, theirs] = texts.each_ref().map(|text| lines(text));
    let differences = capture_diff_slices(Algorithm::Myers, &ours, &theirs);
    let differences = differences.iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    Some(differences.map(|op| (Lines(op.old_range()), Lines(op.new_range()))).collect())
}

/// A number with its thousands apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut out = digits[..first].to_owned();
    for group in digits.as_bytes()[first..].chunks(3) {
        if !out.is_empty() {
            out.push(',');
        }
        out.extend(group.iter().copied().map(char::from));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> File {
        File::regular(text.as_bytes())
    }

    #[test]
    fn lines_are_named_on_both_sides() {
        let said = |ours, theirs| differ(&text(ours), &text(theirs));
        assert_eq!(said("a\nb\nc\n", "a\nx\ny\nc\n"), "line 2 here, lines 2-3 of the golden path's");
        assert_eq!(said("a\nc\n", "a\r\nb\r\nc"), "after line 1 here, line 2 of the golden path's");
        assert_eq!(said("a\n", ""), "line 1 here, before line 1 of the golden path's");
        assert_eq!(
            said("a\n1\nb\n2\nc\n3\nd\n4\n", "a\nb\nc\nd\n"),
            "line 2 here, after line 1 of the golden path's; line 4 here, after line 2 of the golden path's; \
             line 6 here, after line 3 of the golden path's; and 1 more"
        );
    }

    #[test]
    fn what_has_no_lines_is_described() {
        let link = File { mode: FileMode::Symlink, bytes: b"x".to_vec() };
        assert_eq!(differ(&link, &text("1\n2")), "a symlink to `x` here, a file of 2 lines in the golden path");
        let (old, new) = (File::regular(vec![0; 1024]), File::regular(vec![0; 1_234_567]));
        assert_eq!(
            differ(&old, &new),
            "a binary file of 1,024 bytes here, a binary file of 1,234,567 bytes in the golden path"
        );
    }

    #[test]
    fn an_edit_is_where_its_lines_are() {
        assert_eq!(edited(&text("a\nb\nc\n"), &text("a\nc\nd\n")), "what stood after line 1, line 3");
        assert_eq!(edited(&text("a\n"), &text("a\r\n")), "");
        assert_eq!(edited(&text("a\n"), &text("a")), "its last newline");
        assert_eq!(edited(&text("a\n"), &File::regular(vec![0])), "it is a binary file of 1 byte now");
    }
}
