//! Whether two partial documents of one file can both hold: no key is named by both.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::globs::{Format, format};
use super::render::Pristine;
use crate::model::file::File;

/// Items of lists are told apart by the keys that `match` names.
type Matching = BTreeMap<String, Vec<String>>;

/// Whether no leaf of one is a leaf of the other or lies inside one. What cannot be read is not disjoint.
pub(super) fn disjoint(a: &Pristine, b: &Pristine) -> bool {
    match (document(&a.file, a.path.file_name()), document(&b.file, b.path.file_name())) {
        (Ok(left), Ok(right)) => apart(&left, &right, "", &a.matching, &b.matching),
        _ => false,
    }
}

/// A rendered document as a value, or why it is none; only for a path's own files, never for a repo's.
pub(super) fn document(file: &File, name: &str) -> Result<Value, String> {
    let text = file.text().ok_or("it is not UTF-8")?;
    match format(name).ok_or("it is neither YAML, JSON nor TOML")? {
        Format::Yaml => serde_yaml::from_str(text).map_err(|error| error.to_string()),
        Format::Json => serde_yaml::from_str(text).map_err(|error| {
            // JSON is YAML, but whoever writes it thinks of JSON.
            let json = serde_json::from_str::<serde_json::Value>(text).err().map(|error| error.to_string());
            json.unwrap_or_else(|| error.to_string())
        }),
        Format::Toml => match text.parse::<toml_edit::DocumentMut>() {
            Ok(document) => Ok(table(document.as_table())),
            Err(error) => {
                let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
                Err(format!("{} at line {line}", error.message().lines().next().unwrap_or_default()))
            }
        },
    }
}

fn table(table: &dyn toml_edit::TableLike) -> Value {
    Value::Mapping(table.iter().map(|(key, item)| (Value::from(key), from_toml(item))).collect())
}

fn from_toml(item: &toml_edit::Item) -> Value {
    match item {
        toml_edit::Item::ArrayOfTables(tables) => Value::Sequence(tables.iter().map(|t| table(t)).collect()),
        toml_edit::Item::Value(toml_edit::Value::Array(items)) => {
            Value::Sequence(items.iter().map(|item| from_toml(&toml_edit::Item::Value(item.clone()))).collect())
        }
        item => match item.as_table_like() {
            Some(inside) => table(inside),
            // Only what is equal matters, so the text of a value stands for it.
            None => Value::from(item.to_string().trim()),
        },
    }
}

fn apart(a: &Value, b: &Value, key: &str, of_a: &Matching, of_b: &Matching) -> bool {
    match (a, b) {
        (Value::Mapping(left), Value::Mapping(right)) => left.iter().all(|(key, value)| {
            let Some(other) = right.get(key) else { return true };
            apart(value, other, key.as_str().unwrap_or_default(), of_a, of_b)
        }),
        (Value::Sequence(left), Value::Sequence(right)) => {
            let (Some(by), true) = (of_a.get(key), of_a.get(key) == of_b.get(key)) else { return false };
            left.iter().all(|item| {
                right.iter().all(|other| match (identity(item, by), identity(other, by)) {
                    (Some(one), Some(two)) if one != two => true,
                    (Some(one), Some(two)) if one == two => false,
                    _ => false,
                })
            })
        }
        _ => false,
    }
}

fn identity<'a>(item: &'a Value, by: &'a [String]) -> Option<(&'a str, &'a Value)> {
    by.iter().find_map(|key| Some((key.as_str(), item.get(key.as_str())?)))
}
