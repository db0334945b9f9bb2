//! The lock as text: sorted, one entry a line, so that git merges it and people can read a diff of it.

use std::fmt::Write as _;

use crate::model::answer::Answer;
use crate::model::document::schemas;
use crate::model::repo_files::{Base, Lock, LockedFile};

/// The text of `lock`.
pub fn lock_text(lock: &Lock) -> String {
    let mut text =
        String::from("# Written by roadbed; do not edit. It is a cache: `roadbed check` renders again and compares.\n");
    let _ = writeln!(text, "schema: {}", schemas::LOCK.line());
    let _ = writeln!(text, "base: {}", quoted_word(&lock.base));
    text.push_str("bases:\n");
    for (id, base) in &lock.bases {
        let _ = writeln!(text, "  {}: {}", quoted_word(id), base_line(base));
    }
    if lock.files.is_empty() {
        text.push_str("files: []\n");
    } else {
        text.push_str("files:\n");
    }
    for file in &lock.files {
        let _ = writeln!(text, "  - {}", file_line(file));
    }
    text
}

fn base_line(base: &Base) -> String {
    let mut line = Flow::default();
    line.put("source", &scalar(&base.source));
    line.put("version", &scalar(&base.version.to_string()));
    line.put("commit", &base.commit.as_deref().map_or_else(|| "null".to_owned(), scalar));
    line.put("digest", &scalar(&base.digest));
    line.put("engine", &base.engine.to_string());
    line.put("extends", &flow_list(&base.extends));
    line.put("template", &base.template.as_deref().map_or_else(|| "null".to_owned(), scalar));
    line.put("assets", &flow_list(&base.assets));
    let mut answers = Flow::default();
    for (id, value) in &base.answers {
        answers.put(&scalar(id), &flow_answer(value));
    }
    line.put("answers", &answers.close());
    line.close()
}

fn file_line(file: &LockedFile) -> String {
    let mut line = Flow::default();
    line.put("path", &scalar(file.path.as_str()));
    line.put("asset", &scalar(&file.asset));
    line.put("mode", file.mode.word());
    if let Some(block) = &file.block {
        line.put("block", &scalar(block));
    }
    if let Some(base) = &file.base {
        line.put("base", &quoted_word(base));
    }
    if let Some(place) = &file.lies_at {
        line.put("lies_at", &scalar(place.as_str()));
    }
    line.put("pristine", &quoted_word(&file.pristine.to_string()));
    line.put("written", &quoted_word(&file.written.to_string()));
    line.close()
}

#[derive(Default)]
struct Flow(String);

impl Flow {
    fn put(&mut self, key: &str, value: &str) {
        let comma = if self.0.is_empty() { "" } else { ", " };
        let _ = write!(self.0, "{comma}{key}: {value}");
    }

    fn close(self) -> String {
        format!("{{{}}}", self.0)
    }
}

/// Texts as a YAML flow list.
pub fn flow_list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| scalar(item)).collect::<Vec<_>>().join(", "))
}

/// An answer as a YAML flow value.
pub fn flow_answer(value: &Answer) -> String {
    match value {
        Answer::Boolean(value) => value.to_string(),
        Answer::Integer(value) => value.to_string(),
        Answer::String(text) => scalar(text),
        Answer::List(values) => format!("[{}]", values.iter().map(flow_answer).collect::<Vec<_>>().join(", ")),
    }
}

/// A text as a YAML flow scalar: plain where every reader agrees that it is a text, else quoted.
pub(super) fn scalar(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./+".contains(c);
    let starts_as_text = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '/')
        || (text.starts_with('.') && text[1..].starts_with(|c: char| c.is_ascii_alphabetic()));
    let looks_like_else = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"];
    if starts_as_text && text.chars().all(safe) && !looks_like_else.contains(&text.to_lowercase().as_str()) {
        return text.to_owned();
    }
    let mut quoted = serde_json::to_string(text).unwrap_or_default();
    // To YAML these end a line or may not stand in a text, to JSON they are letters.
    for unseen in ['\u{7f}', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'] {
        if quoted.contains(unseen) {
            quoted = quoted.replace(unseen, &format!("\\u{:04x}", u32::from(unseen)));
        }
    }
    quoted
}

/// Hexadecimal ids may look like numbers (`1234e5`): quoted unless a letter makes them plain text.
fn quoted_word(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().any(|c| c.is_ascii_alphabetic());
    if plain { text.to_owned() } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scalar_reads_back_as_the_same_text() {
        let texts = [
            "main",
            "1.0.0",
            "@acme/x",
            "true",
            "No",
            "",
            " x",
            "a: b",
            "a#b",
            "1e5",
            "0x1f",
            ".github/a.yml",
            ".5",
            "ä",
            "-",
            "~",
            "null",
            "a\"b",
            "a\\b",
            "^1",
            "sha256:ab",
            "2026-01-01",
            "..",
            "/abs",
            "[x]",
            "{x}",
            "*a",
            "&a",
            "!t",
        ];
        for text in texts {
            let line = format!("{{a: {}}}", scalar(text));
            let back: std::collections::BTreeMap<String, Answer> = serde_yaml::from_str(&line).unwrap();
            assert_eq!(back["a"], Answer::from(text), "{line}");
        }
    }
}
