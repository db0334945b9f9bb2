//! One top-level value of a YAML file replaced; everything else stays byte for byte.

use granit_parser::{Event, Parser};

/// `text` with the scalar under the top-level `key` replaced by `value`; none where there is no such scalar.
pub(super) fn set_scalar(text: &str, key: &str, value: &str) -> Option<String> {
    let (mut depth, mut on_key, mut wanted) = (0_usize, true, false);
    for next in Parser::new_from_str(text) {
        let (event, span) = next.ok()?;
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                depth += 1;
                wanted = false;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth -= 1;
                if depth == 1 {
                    on_key = true;
                }
            }
            Event::Scalar(found, ..) if depth == 1 => {
                if wanted {
                    let range = span.byte_range()?;
                    let end = range.start + text.get(range.clone())?.trim_end().len();
                    let start = range.start;
                    return Some(format!("{}{value}{}", text.get(..start)?, text.get(end..)?));
                }
                wanted = on_key && found == key;
                on_key = !on_key;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_value_changes() {
        let text = "# ä\nschema: x\nquestions:\n  version: {a: 1}\nversion:  \"1.0.0\"   # keep\nb: [version]\n";
        let after = set_scalar(text, "version", "1.1.0").unwrap();
        assert_eq!(after, text.replace("\"1.0.0\"", "1.1.0"));
        assert_eq!(set_scalar("version: 1.0.0", "version", "2.0.0").as_deref(), Some("version: 2.0.0"));
        assert_eq!(
            set_scalar("{a: 1, version: 1.0.0}\n", "version", "2.0.0").as_deref(),
            Some("{a: 1, version: 2.0.0}\n")
        );
        assert_eq!(set_scalar("a: 1\n", "version", "1"), None);
        assert_eq!(set_scalar("version: {a: 1}\n", "version", "1"), None);
    }
}
