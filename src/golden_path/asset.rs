//! `asset.yaml`, typed: the unit that one can add to a repo.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::question::Questions;
use crate::model::ownership::{At, Ownership};
use crate::model::path::RepoPath;

/// `asset.yaml`: what an asset is for, what it asks, and who owns each of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    /// `roadbed/asset/v1`
    pub schema: String,
    /// What it is for, in one sentence.
    pub description: String,
    /// Ids of the controls that it serves.
    #[serde(default)]
    pub controls: Vec<String>,
    /// Ids of assets that come with it.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Ids of assets that cannot lie beside it.
    #[serde(default)]
    pub conflicts: Vec<String>,
    /// What only this asset asks. The same id elsewhere means the same question.
    #[serde(default)]
    pub questions: Questions,
    /// Who owns which file; the first that matches wins, and a file that none names is `merged`.
    #[serde(default)]
    pub files: Vec<FileRule>,
    /// Files that an earlier version laid elsewhere.
    #[serde(default)]
    pub renames: Vec<RenameRule>,
    /// Files that are no longer the path's: they stay where they are.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub lets_go: Vec<RepoPath>,
    /// Globs of files that the path wants gone.
    #[serde(default)]
    pub forbids: Vec<String>,
}

/// Who owns the files that a glob names, and how.
///
/// The glob is matched against the path as it lands in the repo: placeholders rendered, a `.jinja` suffix
/// stripped. Placeholders in the glob itself are rendered too, and stand for themselves. Where a path
/// cannot be rendered (it uses an answer that nobody was asked for), what cannot be rendered matches the
/// same placeholder and `*`, so that a `when` can leave the file out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRule {
    /// A glob; `*` stays inside one directory, `**` does not.
    pub path: String,
    /// Who may edit what.
    #[serde(default)]
    pub mode: Ownership,
    /// For `keys`: by which of its keys an item is found, for each list's key.
    #[serde(default, rename = "match")]
    pub matching: BTreeMap<String, Vec<String>>,
    /// `parsed`: equal documents are no drift, whatever the formatting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// What bots may raise without drift: `action-pins`, `image-digests`, or key paths whose values are versions.
    #[serde(default)]
    pub allow_newer: Vec<String>,
    /// For `block`: the id in the marker lines; the asset's, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// For `block`: at which end of the file it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<At>,
    /// An expression over the answers; where it does not hold, the file is not laid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Whether the file must be executable.
    #[serde(default)]
    pub executable: bool,
    /// Whether a repo's policy may omit the file.
    #[serde(default)]
    pub optional: bool,
}

/// How a file is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Compare {
    /// As documents, not as texts.
    Parsed,
}

/// A file that an earlier version laid elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameRule {
    /// Where it was.
    #[schemars(with = "String")]
    pub from: RepoPath,
    /// Where it is.
    #[schemars(with = "String")]
    pub to: RepoPath,
    /// The version that moved it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub since: Option<Version>,
}
