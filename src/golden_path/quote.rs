//! Answers as values of another language, quoted so that they cannot be anything else.
//!
//! What these functions write is part of the rendering engine: a change needs a new engine number.

use std::fmt::Write as _;

/// What is written: a text or a value that no language here quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    /// A text.
    Text(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
}

/// A language that values are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// YAML; lists in flow style.
    Yaml,
    /// JSON.
    Json,
    /// TOML.
    Toml,
    /// HCL; interpolation is escaped.
    Hcl,
    /// A word of a POSIX shell; a list is several words.
    Shell,
}

impl Language {
    /// One value.
    pub(super) fn scalar(self, value: &Scalar) -> String {
        match (value, self) {
            (Scalar::Boolean(value), _) => value.to_string(),
            (Scalar::Integer(value), _) => value.to_string(),
            (Scalar::Text(text), Language::Yaml) if is_plain_yaml(text) => text.clone(),
            (Scalar::Text(text), Language::Shell) => shell_word(text),
            (Scalar::Text(text), Language::Hcl) => double_quoted(text).replace("${", "$${").replace("%{", "%%{"),
            (Scalar::Text(text), _) => double_quoted(text),
        }
    }

    /// A list of values.
    pub(super) fn list(self, values: &[Scalar]) -> String {
        let items: Vec<String> = values.iter().map(|value| self.scalar(value)).collect();
        if self == Language::Shell { items.join(" ") } else { format!("[{}]", items.join(", ")) }
    }
}

/// Escapes that JSON, YAML, TOML and HCL all read alike. What could hide or turn text is escaped too.
fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if needs_escape(c) => {
                let _ = write!(out, "\\u{:04X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn needs_escape(c: char) -> bool {
    c.is_control() || turns_text(c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The characters that change the direction of what is shown: text that holds them reads as something else.
pub(super) fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether every YAML reader, old or new, takes the bare word as this text.
fn is_plain_yaml(text: &str) -> bool {
    const WORDS: [&str; 12] = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf", "none"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_./-".contains(c))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@%+:,./-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NASTY: [&str; 14] = [
        "",
        "no",
        "1.10",
        "0x1f",
        "2001-01-01",
        "a: b",
        "a #b",
        "- x",
        "'\"\\",
        "${x}%{y}$${",
        "`$(id)`",
        "*a",
        "\u{202e}x\u{7}",
        "ä\u{2028}",
    ];

    fn text(value: &str) -> Scalar {
        Scalar::Text(value.to_owned())
    }

    #[test]
    fn every_reader_gets_the_text_back() {
        for nasty in NASTY {
            let yaml: String = serde_yaml::from_str(&Language::Yaml.scalar(&text(nasty))).unwrap();
            let json: String = serde_json::from_str(&Language::Json.scalar(&text(nasty))).unwrap();
            let toml: toml_edit::DocumentMut =
                format!("x = {}\n", Language::Toml.scalar(&text(nasty))).parse().unwrap();
            assert_eq!((yaml.as_str(), json.as_str(), toml["x"].as_str()), (nasty, nasty, Some(nasty)));
        }
    }

    #[test]
    fn hcl_interpolates_nothing_and_a_shell_runs_nothing() {
        assert_eq!(Language::Hcl.scalar(&text("${a}%{b}")), r#""$${a}%%{b}""#);
        assert_eq!(Language::Shell.scalar(&text("a'$(id)")), r"'a'\''$(id)'");
        assert_eq!(Language::Shell.scalar(&text("")), "''");
    }

    #[test]
    fn lists_are_written_on_one_line() {
        let list = [text("a"), Scalar::Integer(1), Scalar::Boolean(true), text("no")];
        assert_eq!(Language::Yaml.list(&list), r#"[a, 1, true, "no"]"#);
        assert_eq!(Language::Shell.list(&list), "a 1 true no");
    }
}
