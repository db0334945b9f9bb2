//! What a reader of YAML says of a slip, in the words of those who write it.

/// What is wrong, and what to do about it where that is known.
pub(super) struct Said {
    pub(super) message: String,
    pub(super) hint: Option<&'static str>,
}

/// A value of the wrong type, as `serde` words it: `tier: invalid type: string "high", expected u8`.
pub(super) fn type_slip(said: &str) -> Option<Said> {
    let at = ["invalid type: ", "invalid value: "].into_iter().find_map(|mark| Some((said.find(mark)?, mark.len())));
    let (start, mark) = at?;
    let (found, wanted) = said[start + mark..].rsplit_once(", expected ")?;
    let key = match said[..start].trim_end_matches(": ") {
        "" => "this".to_owned(),
        key => format!("`{key}`"),
    };
    let hint = match wanted {
        _ if is_whole(wanted) && found.starts_with("string") => Some("write the number without quotes"),
        "a string" | "string" if !["map", "sequence", "unit"].iter().any(|word| found.starts_with(word)) => {
            Some("put it in quotes")
        }
        "a sequence" => Some("write a list: [a, b], or one `- item` a line"),
        "a boolean" => Some("write true or false, without quotes"),
        _ => None,
    };
    Some(Said { message: format!("{key} must be {}, not {}", kind(wanted), value(found)), hint })
}

fn is_whole(wanted: &str) -> bool {
    ["u8", "u16", "u32", "u64", "usize", "i32", "i64"].contains(&wanted)
}

/// What was expected, without the names of our types.
fn kind(wanted: &str) -> String {
    let plain = match wanted {
        "a string" | "string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "a mapping (`key: value`)",
        "semver version" => "a version of three numbers, such as 1.2.0",
        "semver version requirement" => "a range of versions, such as ^1",
        _ if is_whole(wanted) => "a whole number",
        _ if wanted.starts_with("struct ") => "a mapping (`key: value`)",
        other => other,
    };
    plain.to_owned()
}

/// What stands there instead.
fn value(found: &str) -> String {
    let inside = |prefix: &str| Some(found.strip_prefix(prefix)?.trim_matches('`').to_owned());
    if let Some(text) = found.strip_prefix("string ") {
        return format!("the text {text}");
    }
    if let Some(number) = inside("integer ").or_else(|| inside("floating point ")) {
        return format!("the number {number}");
    }
    if let Some(word) = inside("boolean ") {
        return format!("`{word}`");
    }
    match found {
        "sequence" => "a list".to_owned(),
        "map" => "a mapping".to_owned(),
        found if found.starts_with("unit") || found == "null" => "nothing".to_owned(),
        other => other.to_owned(),
    }
}

/// What most likely makes a text no YAML, by what the parser says of it; `rest` is the line from where it stopped.
pub(super) fn syntax_hint(said: &str, rest: &str) -> Option<&'static str> {
    let is = |words: &[&str]| words.iter().any(|word| said.contains(word));
    Some(match () {
        () if rest.starts_with('\t') || is(&["tab"]) => "indent with spaces: YAML knows no tabs there",
        () if rest.starts_with(['@', '`', '%']) => "put a value that begins with `@`, `%` or a backtick in quotes",
        () if is(&["mapping values are not allowed"]) => {
            "put a value that holds `: ` in quotes, or mend the indentation"
        }
        () if is(&["quoted scalar"]) => "close the quote",
        () if is(&["flow", "bracket", "',' or ']'", "',' or '}'"]) => "close the bracket that is open here",
        () if is(&["expected key", "'-' indicator", "simple key", "block mapping", "indentation"]) => {
            "look at the indentation of this line and of the one above"
        }
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        type_slip(text).map(|said| said.message).unwrap_or_default()
    }

    #[test]
    fn types_are_named_in_plain_words() {
        let tier = said("tier: invalid type: string \"high\", expected u8");
        assert_eq!(tier, "`tier` must be a whole number, not the text \"high\"");
        let comma = said("answers: invalid type: string \"a, expected b\", expected a map");
        assert_eq!(comma, "`answers` must be a mapping (`key: value`), not the text \"a, expected b\"");
        assert_eq!(
            said("invalid type: sequence, expected struct Config"),
            "this must be a mapping (`key: value`), not a list"
        );
        assert_eq!(
            said("omit: invalid type: integer `5`, expected a sequence"),
            "`omit` must be a list, not the number 5"
        );
        assert!(type_slip("missing field `template`").is_none());
    }
}
