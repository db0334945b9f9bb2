//! Who owns a file: the five ownership modes.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may edit what in a file that the golden path lays. See `design.md` §4 in the project's
/// documentation: `check`, `fix` and `upgrade` all follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
pub enum Ownership {
    /// The path owns every byte; any difference is drift.
    Enforced,
    /// The repo may edit anything; upgrades merge.
    #[default]
    Merged,
    /// The path owns the text between two marker lines.
    Block,
    /// The path owns the keys that its file names.
    Keys,
    /// Laid once, then the repo's.
    Once,
}

impl Ownership {
    /// The word as `asset.yaml` and the lock spell it.
    pub fn word(self) -> &'static str {
        match self {
            Ownership::Enforced => "enforced",
            Ownership::Merged => "merged",
            Ownership::Block => "block",
            Ownership::Keys => "keys",
            Ownership::Once => "once",
        }
    }
}

impl fmt::Display for Ownership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Which end of a file a block stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
pub enum At {
    /// Before everything else.
    Start,
    /// After everything else.
    #[default]
    End,
}
