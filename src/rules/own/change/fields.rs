//! Keys that a fix sets or inserts.

use serde_json::Value;

use super::filled;
use crate::edit::Format;
use crate::edit::ops::{self, Op, Piece};
use crate::edit::tree::{Document, Kind};
use crate::golden_path::own_rule::Fields;
use crate::rules::own::judged::Spot;

/// `part` with the fields in the mapping at `way` (those that are there already only if `over`), or as a new last item
/// of the list there; and the places that changed.
#[allow(clippy::too_many_arguments, reason = "one place is said in the three ways that the editors need")]
pub(super) fn put(
    format: Format,
    parsed: &Document,
    part: &str,
    way: &[usize],
    steps: &[String],
    fields: &Fields,
    over: bool,
    spot: &Spot,
) -> Option<(String, Vec<Vec<String>>)> {
    let node = parsed.node(way)?;
    let fields = texts(fields, spot)?;
    let entries = match &node.kind {
        Kind::Mapping(_, entries) => entries,
        Kind::Sequence(_, items) if !over => {
            let piece = Document::parse(format, &written(format, &fields, true)?).ok()?;
            let list = match format {
                // TOML has no list by itself.
                Format::Toml => &piece.root.as_ref()?.entries()?.first()?.value,
                _ => piece.root.as_ref()?,
            };
            let op = Op::Insert { into: way.to_vec(), index: items.len(), piece: Piece::of(&piece, list, 0)? };
            return Some((ops::apply(format, part, vec![op]).ok()?, vec![steps.to_vec()]));
        }
        _ => return None,
    };
    let piece = Document::parse(format, &written(format, &fields, false)?).ok()?;
    let root = piece.root.as_ref()?;
    let (mut all, mut places) = (Vec::new(), Vec::new());
    for (n, key) in fields.keys().enumerate() {
        let new = Piece::of(&piece, root, n)?;
        let mut place = steps.to_vec();
        place.push(key.clone());
        match node.entry(key) {
            Some((index, _)) if over => all.push(Op::Set { at: [way, &[index]].concat(), piece: new }),
            Some(_) => continue,
            None => all.push(Op::Insert { into: way.to_vec(), index: entries.len(), piece: new }),
        }
        places.push(place);
    }
    Some((ops::apply(format, part, all).ok()?, places))
}

/// The fields with their templates filled.
fn texts(fields: &Fields, spot: &Spot) -> Option<Fields> {
    fields.iter().map(|(key, value)| Some((key.clone(), text(value, spot)?))).collect()
}

fn text(value: &Value, spot: &Spot) -> Option<Value> {
    Some(match value {
        Value::String(template) => Value::String(filled(template, spot)?),
        Value::Array(items) => Value::Array(items.iter().map(|item| text(item, spot)).collect::<Option<_>>()?),
        Value::Object(fields) => Value::Object(texts(fields, spot)?),
        other => other.clone(),
    })
}

/// A document that holds the fields, or a list of them.
fn written(format: Format, fields: &Fields, list: bool) -> Option<String> {
    match (format, list) {
        (Format::Yaml, false) => serde_yaml::to_string(fields).ok(),
        (Format::Yaml, true) => serde_yaml::to_string(&[fields]).ok(),
        (Format::Json, false) => serde_json::to_string_pretty(fields).ok(),
        (Format::Json, true) => serde_json::to_string_pretty(&[fields]).ok(),
        (Format::Toml, false) => {
            let line = |(key, value): (&String, &Value)| Some(format!("{} = {}\n", toml_key(key), toml(value)?));
            fields.iter().map(line).collect()
        }
        (Format::Toml, true) => Some(format!("x = [{}]\n", toml(&Value::Object(fields.clone()))?)),
    }
}

fn toml_key(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { Value::from(key).to_string() }
}

/// A value on one line; TOML has no null.
fn toml(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(toml).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Object(fields) => {
            let pair = |(key, value): (&String, &Value)| Some(format!("{} = {}", toml_key(key), toml(value)?));
            let pairs: Option<Vec<String>> = fields.iter().map(pair).collect();
            format!("{{ {} }}", pairs?.join(", "))
        }
        other => other.to_string(),
    })
}
