//! Small edits of roadbed's own YAML files, comments kept.

use super::flow_text::quoted;
use crate::edit::error::EditError;
use crate::edit::format::Format;
use crate::edit::keys::{Match, assert_keys};
use crate::edit::ops::{Op, Piece, apply};
use crate::edit::resolve;
use crate::edit::tree::{Document, Node, Type};

/// `text` with `value` (YAML source on one line) under the keys of `path`, which are made where they are missing. A new key
/// below the top takes its place among sorted ones, so that two branches that each add one merge.
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
    if let Some(set) = among_sorted(text, path, &partial)? {
        return Ok(set);
    }
    assert_keys(Format::Yaml, text, &partial, &Match::new(), &|_, _, _| false)
}

/// `text` with the one key of `partial` before the first that sorts after it; none where the key is there already, comes last,
/// or finds no order.
fn among_sorted(text: &str, path: &[&str], partial: &str) -> Result<Option<String>, EditError> {
    let Some((key, above)) = path.split_last().filter(|(_, above)| !above.is_empty()) else { return Ok(None) };
    let (ours, partial) = (Document::parse(Format::Yaml, text)?, Document::parse(Format::Yaml, partial)?);
    let (Some((into, mapping)), Some((_, made))) = (below(&ours, above), below(&partial, above)) else {
        return Ok(None);
    };
    let keys: Vec<&str> = mapping.entries().into_iter().flatten().map(|entry| entry.key.as_str()).collect();
    let after = keys.iter().position(|other| other > key);
    match (after, Piece::of(&partial, made, 0)) {
        (Some(index), Some(piece)) if keys.is_sorted() && !keys.contains(key) => {
            Ok(apply(Format::Yaml, text, vec![Op::Insert { into, index, piece }]).ok())
        }
        _ => Ok(None),
    }
}

/// The node under `keys`, and the way to it.
fn below<'a>(document: &'a Document, keys: &[&str]) -> Option<(Vec<usize>, &'a Node)> {
    let mut node = document.root.as_ref()?;
    let mut way = Vec::new();
    for key in keys {
        let (index, entry) = node.entry(key)?;
        way.push(index);
        node = &entry.value;
    }
    Some((way, node))
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

    #[test]
    fn a_new_key_takes_its_place_among_sorted_ones() {
        let text = "schema: x\ntemplate: y\nanswers:\n  # where it runs\n  cloud: aws\n  name: a # b\n";
        let set = |key: &str| set_yaml(text, &["answers", key], "1").unwrap();
        assert_eq!(set("ci"), text.replace("  # where", "  ci: 1\n  # where"));
        assert_eq!(set("language"), text.replace("  name", "  language: 1\n  name"));
        assert_eq!(set("owner"), format!("{text}  owner: 1\n"));
        assert_eq!(set_yaml(text, &["add"], "[z]").unwrap(), format!("{text}add: [z]\n"));
        let flow = "answers: {cloud: aws, name: a}\n";
        assert_eq!(set_yaml(flow, &["answers", "ci"], "1").unwrap(), "answers: {ci: 1, cloud: aws, name: a}\n");
        let unsorted = "answers:\n  name: a\n  cloud: aws\n";
        assert_eq!(set_yaml(unsorted, &["answers", "ci"], "1").unwrap(), format!("{unsorted}  ci: 1\n"));
    }
}
