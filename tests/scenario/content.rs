//! What a scenario says of one file, and what that is in bytes.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::snapshot::{Entry, Kind};

/// A text, or something that a text alone cannot say.
#[derive(Clone, Debug)]
pub enum Content {
    Text(String),
    Spec(Box<Spec>),
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // By hand: an untagged enum would not say what is wrong.
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Content::Text(text)),
            other => serde_json::from_value(other).map(Content::Spec).map_err(serde::de::Error::custom),
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The text itself.
    text: Option<String>,
    /// Bytes, as pairs of hexadecimal digits.
    hex: Option<String>,
    /// A symlink to there.
    link: Option<String>,
    /// A directory with nothing in it.
    empty_directory: Option<bool>,
    /// As the asset `base` of that version has it.
    of: Option<String>,
    /// As the file at that path is now.
    from: Option<String>,
    /// Texts that become others, each once and each there; by default in the file as it is.
    #[serde(default)]
    replace: Vec<(String, String)>,
    /// Whether it is executable; by default as it was.
    executable: Option<bool>,
    #[serde(default)]
    crlf: bool,
    #[serde(default)]
    bom: bool,
    /// Whether it ends with a newline.
    ended: Option<bool>,
}

/// Where a content looks things up.
pub struct Around<'a> {
    pub path: &'a str,
    /// The repository before the step.
    pub tree: &'a BTreeMap<String, Entry>,
    /// The golden path's files by version and path.
    pub versions: &'a BTreeMap<(String, String), Entry>,
}

impl Content {
    pub fn entry(&self, around: &Around<'_>) -> Entry {
        match self {
            Content::Text(text) => Entry { kind: Kind::File, bytes: text.clone().into_bytes() },
            Content::Spec(spec) => spec.entry(around),
        }
    }
}

impl Spec {
    fn entry(&self, around: &Around<'_>) -> Entry {
        if let Some(target) = &self.link {
            return Entry { kind: Kind::Link, bytes: target.clone().into_bytes() };
        }
        if self.empty_directory == Some(true) {
            return Entry { kind: Kind::EmptyDirectory, bytes: Vec::new() };
        }
        let mut entry = self.start(around);
        for (from, to) in &self.replace {
            let text = String::from_utf8(entry.bytes).unwrap_or_else(|_| panic!("{}: not text", around.path));
            assert!(text.contains(from), "the scenario replaces {from:?} in {}, which says:\n{text}", around.path);
            entry.bytes = text.replacen(from, to, 1).into_bytes();
        }
        if self.crlf {
            entry.bytes = String::from_utf8(entry.bytes).unwrap().replace("\r\n", "\n").replace('\n', "\r\n").into();
        }
        if self.bom {
            entry.bytes.splice(0..0, "\u{feff}".bytes());
        }
        if self.ended == Some(false) {
            while entry.bytes.ends_with(b"\n") || entry.bytes.ends_with(b"\r") {
                entry.bytes.pop();
            }
        }
        match self.executable {
            Some(true) => entry.kind = Kind::Executable,
            Some(false) => entry.kind = Kind::File,
            None => {}
        }
        entry
    }

    fn start(&self, around: &Around<'_>) -> Entry {
        let now = |path: &str| around.tree.get(path).unwrap_or_else(|| panic!("there is no {path} here")).clone();
        let kind = || around.tree.get(around.path).map_or(Kind::File, |entry| entry.kind);
        if let Some(text) = &self.text {
            Entry { kind: Kind::File, bytes: text.clone().into_bytes() }
        } else if let Some(hex) = &self.hex {
            Entry { kind: kind(), bytes: bytes(hex) }
        } else if let Some(version) = &self.of {
            let key = (version.clone(), self.from.as_deref().unwrap_or(around.path).to_owned());
            around.versions.get(&key).unwrap_or_else(|| panic!("version {version} has no {}", key.1)).clone()
        } else {
            now(self.from.as_deref().unwrap_or(around.path))
        }
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
