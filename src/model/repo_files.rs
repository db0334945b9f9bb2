//! The files under `.roadbed/`, typed. `document` reads them; the planner writes the lock.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::Answers;
use super::file::BlobId;
use super::finding::Level;
use super::ownership::Ownership;
use super::path::RepoPath;

/// `.roadbed/policy.yaml`: what platform and security ask of this repo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// `roadbed/policy/v1`
    pub schema: String,
    /// Which golden path, and which versions of it.
    pub golden_path: PathRange,
    /// The profile of the golden path that sets the levels.
    #[serde(default = "default_profile")]
    pub profile: String,
    /// Who can reach the service.
    #[serde(default)]
    pub exposure: Exposure,
    /// 1 (most critical) to 4.
    #[serde(default = "default_tier")]
    #[schemars(range(min = 1, max = 4))]
    pub tier: u8,
    /// Globs of files that this repo leaves out; only what an asset declares optional.
    #[serde(default)]
    pub omit: Vec<String>,
    /// Levels by rule id; only stricter than the profile's.
    #[serde(default)]
    pub levels: BTreeMap<String, Level>,
}

fn default_profile() -> String {
    "growth".to_owned()
}

fn default_tier() -> u8 {
    3
}

/// A golden path and the versions that a repo may be on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PathRange {
    /// `builtin`, `builtin@VERSION` for one version alone, or a directory (a relative one counts from the laid directory).
    pub source: String,
    /// A semver range such as `^1`.
    #[serde(default = "any_version")]
    pub version: String,
}

fn any_version() -> String {
    "*".to_owned()
}

/// Who can reach the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "lowercase")]
pub enum Exposure {
    /// Anybody.
    Public,
    /// The organisation.
    #[default]
    Internal,
}

/// `.roadbed/config.yaml`: what the team chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// `roadbed/config/v1`
    pub schema: String,
    /// The template whose assets are followed.
    #[serde(default)]
    pub template: Option<String>,
    /// Assets beyond the template's.
    #[serde(default)]
    pub add: Vec<String>,
    /// Assets of the template's that are not wanted.
    #[serde(default)]
    pub without: Vec<String>,
    /// Answers to the golden path's questions.
    #[serde(default)]
    pub answers: Answers,
}

/// `.roadbed/lock.yaml`: where this repo stands. A cache, never an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// `roadbed/lock/v1`
    pub schema: String,
    /// Id of the base that files were rendered from unless they say otherwise.
    pub base: String,
    /// Bases by id.
    pub bases: BTreeMap<String, Base>,
    /// Every file of the path, sorted by path.
    pub files: Vec<LockedFile>,
}

impl Lock {
    /// The first entry of a path. Entries are sorted, as roadbed writes them; what somebody else put in another order is found, too.
    pub fn file(&self, path: &RepoPath) -> Option<&LockedFile> {
        let place = self.files.partition_point(|file| file.path < *path);
        let here = self.files.get(place).filter(|file| file.path == *path);
        here.or_else(|| self.files.iter().find(|file| file.path == *path))
    }
}

/// What a render was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// The golden path's source.
    pub source: String,
    /// Its exact version.
    #[schemars(with = "String")]
    pub version: semver::Version,
    /// The commit it was read at, for sources in git.
    pub commit: Option<String>,
    /// `sha256:…` over its tree.
    pub digest: String,
    /// Number of the rendering rules.
    pub engine: u32,
    /// `source@version digest` of each golden path that it extends.
    #[serde(default)]
    pub extends: Vec<String>,
    /// The template.
    pub template: Option<String>,
    /// Its assets, sorted.
    pub assets: Vec<String>,
    /// All answers, resolved.
    pub answers: Answers,
}

/// One file of the path, as roadbed last left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LockedFile {
    /// Where it lies.
    #[schemars(with = "String")]
    pub path: RepoPath,
    /// The asset that lays it.
    pub asset: String,
    /// Who owns it.
    pub mode: Ownership,
    /// The block's id, for `block`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// The base it was rendered from, where that is not the lock's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Where the repo has put the file, as roadbed found it when it last changed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub lies_at: Option<RepoPath>,
    /// Blob id of the rendered file or fragment.
    #[schemars(with = "String")]
    pub pristine: BlobId,
    /// Blob id of the whole file as roadbed last wrote it.
    #[schemars(with = "String")]
    pub written: BlobId,
}
