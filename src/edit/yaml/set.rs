//! Small edits of roadbed's own YAML files, comments kept.

use super::flow_text::quoted;
use crate::edit::error::EditError;
use crate::edit::format::Format;
use crate::edit::keys::{Match, assert_keys};
use crate::edit::ops::{Op, Piece, apply};
use crate::edit::resolve;
use crate::edit::tree::{Document, Type};

/// `text` with `value` (YAML source on one line) under the keys of `path`, which are made where they are missing.
pub fn set_yaml(text: &str, path: &[&str], value: &str) -> Result<String, EditError> {
    let mut partial = String::new();
    for (depth, key) in path.iter().enumerate() {
        partial.push_str(if depth > 0 { "\n" } else { "" });
        partial.push_str(&"  ".repeat(depth));
        partial.push_str(&key_text(key));
        partial.push(':');
    }
    partial.push(' ');
    partial.push_str(value.trim());
    partial.push('\n');
    assert_keys(Format::Yaml, text, &partial, &Match::new(), &|_, _, _| false)
}

/// `text` without the key at the end of `path`; as it was, if there is none. A mapping that this
/// empties becomes `{}`.
pub fn remove_yaml(text: &str, path: &[&str]) -> Result<String, EditError> {
    let document = Document::parse(Format::Yaml, text)?;
    let mut way = Vec::new();
    let Some(mut node) = document.root.as_ref() else { return Ok(text.to_owned()) };
    let mut siblings = 0;
    for key in path {
        let Some((index, entry)) = node.entry(key) else { return Ok(text.to_owned()) };
        siblings = node.entries().map_or(0, <[_]>::len);
        way.push(index);
        node = &entry.value;
    }
    let op = if siblings == 1 && way.len() > 1 {
        way.pop();
        Op::Set { at: way, piece: Piece::EmptyMapping }
    } else {
        Op::Remove { at: way, lead: Vec::new() }
    };
    apply(Format::Yaml, text, vec![op])
}

fn key_text(key: &str) -> String {
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c))
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && resolve::plain(key) == Type::Text;
    if plain { key.to_owned() } else { quoted(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "schema: roadbed/config/v1 # ours\ntemplate: go-service\n# extra\nadd: [terraform-aws]\nanswers:\n  name: payments # the service\n  cloud: aws\n";

    #[test]
    fn keys_are_set_inserted_and_removed_with_comments_kept() {
        let set = set_yaml(CONFIG, &["answers", "cloud"], "gcp").unwrap();
        assert_eq!(set, CONFIG.replace("aws\n", "gcp\n"));
        let set = set_yaml(CONFIG, &["add"], "[terraform-aws, container]").unwrap();
        assert_eq!(set, CONFIG.replace("[terraform-aws]", "[terraform-aws, container]"));
        let set = set_yaml(CONFIG, &["answers", "owner"], "\"@acme/payments\"").unwrap();
        assert_eq!(set, format!("{CONFIG}  owner: \"@acme/payments\"\n"));
        let set = set_yaml("schema: x\nanswers: {name: a}\n", &["answers", "on"], "true").unwrap();
        assert_eq!(set, "schema: x\nanswers: {name: a, \"on\": true}\n");
        let set = set_yaml("schema: x\n", &["answers", "name"], "a").unwrap();
        assert_eq!(set, "schema: x\nanswers:\n  name: a\n");
        assert_eq!(remove_yaml(CONFIG, &["add"]).unwrap(), CONFIG.replace("add: [terraform-aws]\n", ""));
        assert_eq!(remove_yaml(CONFIG, &["nothing", "here"]).unwrap(), CONFIG);
        assert_eq!(remove_yaml("a:\n  b: 1\nc: 2\n", &["a", "b"]).unwrap(), "a: {}\nc: 2\n");
    }
}
