//! `golden-path.yaml`, typed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

use super::question::Questions;
use crate::model::answer::Answers;
use crate::model::finding::{Level, Severity};

/// Where the manifest lies in a golden path.
pub const MANIFEST: &str = "golden-path.yaml";

/// `golden-path.yaml`: what the path is called, what it asks, and what it can lay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `roadbed/path/v1`
    pub schema: String,
    /// What people call it.
    pub name: String,
    /// Major: a person must act. Minor: new assets or stricter checks. Patch: fixes.
    #[schemars(with = "String")]
    pub version: Version,
    /// The path below it, `builtin@RANGE`; what has the same id here replaces it whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// The versions of roadbed that read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub requires: Option<VersionReq>,
    /// What all assets share, asked once, in this order.
    #[serde(default)]
    pub questions: Questions,
    /// What `new` starts from, by id.
    #[serde(default)]
    pub templates: BTreeMap<String, Template>,
    /// Which rules block, by the profile's id. A path without any has those of the built-in one.
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

/// A named choice of assets and answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What it is for, in one sentence.
    pub description: String,
    /// Ids of the assets it lays; what those require comes by itself.
    pub assets: Vec<String>,
    /// Answers that it presets: they are not asked, but can be given.
    #[serde(default)]
    pub answers: Answers,
    /// Globs: a repository that has such a file is proposed this template by `adopt`.
    #[serde(default)]
    pub detect: Vec<String>,
}

/// Levels by rule id or glob of ids; `block`, `warn` or `info`.
pub type Levels = BTreeMap<String, Level>;

/// Which rules block, and on what terms one may be excepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Levels for every repository; the most specific entry wins, and a rule that none covers reports `info`.
    #[serde(default)]
    pub levels: Levels,
    /// Levels instead, where anybody can reach the service.
    #[serde(default)]
    pub public: Levels,
    /// Levels instead, where only the organisation can.
    #[serde(default)]
    pub internal: Levels,
    /// Levels instead, for the most critical tier.
    #[serde(default)]
    pub tier1: Levels,
    /// Levels instead, for tier 2.
    #[serde(default)]
    pub tier2: Levels,
    /// Levels instead, for tier 3.
    #[serde(default)]
    pub tier3: Levels,
    /// Levels instead, for tier 4.
    #[serde(default)]
    pub tier4: Levels,
    /// How long an exception may last, by the rule's severity.
    #[serde(default)]
    pub exceptions: BTreeMap<Severity, Terms>,
    /// Who stands behind the words `platform`, `security` and `grc`.
    #[serde(default)]
    pub owners: BTreeMap<String, String>,
}

/// The terms of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// How many days it holds.
    pub days: u32,
    /// How often it may be renewed.
    pub renewals: u32,
    /// How many days before its end it is announced.
    pub warn: u32,
}
