//! What Terraform takes and `hcl-edit` refuses, written so that both take it, byte for byte in its place.
//!
//! Terraform ignores a line's end inside `( )`, `[ ]` and `{ for … }`, and lets an object give a key twice.

/// What the scanner stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// The braces of a block or an object, whose lines count.
    Lines,
    /// Parentheses, brackets, a `for` in braces, or an interpolation, whose lines do not.
    Joined,
    /// A quoted string.
    Quoted,
}

/// `text` with a blank for each line's end and comment that does not count; as long as `text`.
pub(super) fn joined(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut stack: Vec<Inside> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        let inside = stack.last().copied();
        if inside == Some(Inside::Quoted) {
            match byte {
                b'\\' => at += 1,
                b'"' => drop(stack.pop()),
                b'$' | b'%' if next == Some(byte) => at += 1,
                b'$' | b'%' if next == Some(b'{') => {
                    stack.push(Inside::Joined);
                    at += 1;
                }
                _ => {}
            }
            at += 1;
            continue;
        }
        let joined = inside == Some(Inside::Joined);
        let comment = match byte {
            b'#' => Some(line_end(text, at)),
            b'/' if next == Some(b'/') => Some(line_end(text, at)),
            b'/' if next == Some(b'*') => Some(text[at..].find("*/").map_or(text.len(), |end| at + end + 2)),
            _ => None,
        };
        if let Some(end) = comment {
            if joined {
                bytes[at..end].fill(b' ');
            }
            at = end;
            continue;
        }
        match byte {
            b'\n' | b'\r' if joined => bytes[at] = b' ',
            b'"' => stack.push(Inside::Quoted),
            b'(' | b'[' => stack.push(Inside::Joined),
            b'{' => {
                let first = text[at + 1..].trim_start();
                let looped = first.strip_prefix("for").is_some_and(|rest| rest.starts_with(char::is_whitespace));
                stack.push(if looped { Inside::Joined } else { Inside::Lines });
            }
            b')' | b']' | b'}' => drop(stack.pop()),
            b'<' if next == Some(b'<') => {
                at = heredoc_end(text, at);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// `text` whose object key at `offset`, the `turn`th one given twice, has another name of its length.
pub(super) fn renamed(text: &str, offset: usize, turn: usize) -> Option<String> {
    let rest = text.get(offset..)?;
    let start = offset + rest.len() - rest.trim_start_matches(|c: char| c == '"' || c.is_whitespace()).len();
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let length = text[start..].find(|c| !word(c)).unwrap_or(text.len() - start);
    // The last letters count the turns, in the 26 letters that a name may start with.
    let mut name = vec![b'z'; length];
    let mut left = turn;
    for letter in name.iter_mut().rev() {
        *letter -= u8::try_from(left % 26).ok()?;
        left /= 26;
    }
    let name = String::from_utf8(name).ok().filter(|_| left == 0 && length > 0)?;
    Some([&text[..start], &name, &text[start + length..]].concat())
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end)
}

/// The end of the heredoc that starts at `at`; behind its last line's end, which belongs to it.
fn heredoc_end(text: &str, at: usize) -> usize {
    let rest = text[at + 2..].trim_start_matches('-');
    let name: &str = rest.split('\n').next().unwrap_or_default().trim_end();
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
        return at + 2;
    }
    let mut end = line_end(text, at);
    for line in text[end..].split_inclusive('\n') {
        end += line.len();
        if line.trim() == name {
            return end;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::super::{Value, parse};
    use super::joined;

    #[test]
    fn lines_end_anywhere_in_a_for() {
        let text = "a = { for k in b : k => # why\n  c\n  ? { d = 1\n e = \"}\" }\n  : \"${f(\n g)}\" }\nh = 2\n";
        let body = parse(text).unwrap();
        assert_eq!(body.value("h"), Some(&Value::Number("2".into())));
        assert!(matches!(body.value("a"), Some(Value::Other(written)) if written.contains("# why\n  c")));
    }

    #[test]
    fn what_counts_is_left_alone() {
        let text =
            "a {\n  b = [1, # é\n 2]\n  c = <<-E\n ( # é\n  E\n  d = \"# ( $${ \\\" é\"\n}\n# ( é\n/* [ */ e = {\n}\n";
        let made = joined(text);
        assert_eq!(made.len(), text.len());
        assert_eq!(made, text.replace("# é\n 2]", "      2]"));
    }

    #[test]
    fn the_last_of_two_keys_counts() {
        let body = parse("a = {\n  b = 1\n  \"b\" = 2\n  b = 3\n  c = 4\n}\n").unwrap();
        let object = body.value("a").unwrap();
        assert_eq!(object.get("b"), Some(&Value::Number("3".into())));
        assert_eq!(object.get("c"), Some(&Value::Number("4".into())));
    }

    #[test]
    fn keys_given_too_often_are_an_error() {
        let text = format!("a = {{\n{}}}\n", "b = 1\n".repeat(100));
        assert!(parse(&text).is_err());
    }
}
