//! Conflict markers that a merge left behind.

use crate::model::finding::Span;

/// The first conflict in `text`: `<<<<<<<`, `=======` and `>>>>>>>` at the start of lines, in that order.
pub fn first(text: &str) -> Option<Span> {
    // Nearly no file has one, and to find none this way costs least.
    memchr::memmem::find(text.as_bytes(), b"<<<<<<<")?;
    let is = |line: &str, mark: &str| {
        line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r']))
    };
    let mut start = None;
    let mut divided = false;
    for (n, line) in text.lines().enumerate() {
        if is(line, "<<<<<<<") {
            start = Some(n + 1);
            divided = false;
        } else if is(line, "=======") {
            divided = true;
        } else if is(line, ">>>>>>>") && divided {
            return start.map(|line| Span::of_line(text, line));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn only_a_whole_conflict_counts() {
        let conflict = "a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n";
        assert_eq!(first(conflict).map(|span| span.line), Some(2));
        assert_eq!(first("Title\n=======\n"), None);
        assert_eq!(first("<<<<<<< ours\n>>>>>>> theirs\n"), None);
        assert_eq!(first("\u{20}<<<<<<< a\n=======\n>>>>>>> b\n"), None);
    }
}
