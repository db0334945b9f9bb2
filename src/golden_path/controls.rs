//! `controls.yaml`: why rules and assets exist, in words.

use std::collections::BTreeMap;

use super::builtin;
use super::open::GoldenPath;
use crate::model::file::File;

/// A control in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// What it asks for, in a few words.
    pub title: String,
    /// What it asks for, in a sentence.
    pub statement: String,
}

/// The file that describes them.
const CONTROLS: &str = "controls.yaml";

/// The controls that the path's own `controls.yaml` describes.
fn own_controls(path: &GoldenPath) -> BTreeMap<String, Control> {
    described(path.extras.get_str(CONTROLS).and_then(File::text).unwrap_or_default())
}

/// The controls that a text describes, by id.
fn described(text: &str) -> BTreeMap<String, Control> {
    let document: serde_yaml::Value = serde_yaml::from_str(text).unwrap_or_default();
    let controls = document.get("controls").and_then(serde_yaml::Value::as_sequence).cloned().unwrap_or_default();
    let word = |control: &serde_yaml::Value, key: &str| {
        control.get(key).and_then(serde_yaml::Value::as_str).unwrap_or_default().to_owned()
    };
    let control = |entry: &serde_yaml::Value| {
        let id = entry.get("id")?.as_str()?.to_owned();
        Some((id, Control { title: word(entry, "title"), statement: word(entry, "statement") }))
    };
    controls.iter().filter_map(control).collect()
}

/// The controls that the path and the built-in one describe; the path's own words win.
pub fn controls(path: Option<&GoldenPath>) -> BTreeMap<String, Control> {
    let mut known = described(builtin::text(CONTROLS).unwrap_or_default());
    known.extend(path.map(own_controls).unwrap_or_default());
    known
}
