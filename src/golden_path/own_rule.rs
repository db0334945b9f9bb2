//! `rules/*.yaml`, typed: what an organisation wants checked, with its fix and its tests.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Problem;
use crate::model::document::{self, schemas};
use crate::model::finding::{Safety, Severity};
use crate::model::tree::MemoryTree;

/// A rule of a golden path's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnRule {
    /// `roadbed/rule/v1`
    pub schema: String,
    /// `family/name`; no rule of roadbed's own has it.
    pub id: String,
    /// What it asks for, in a few words.
    pub title: String,
    /// Ids of the controls that it serves.
    #[serde(default)]
    pub controls: Vec<String>,
    /// What a violation is worth, whatever the policy says.
    pub severity: Severity,
    /// Whose job a violation is.
    #[serde(default)]
    pub owner: RuleOwner,
    /// Globs of the files that it looks into; `*` stays inside one directory, `**` does not.
    pub files: Vec<String>,
    /// How those files are read.
    pub format: RuleFormat,
    /// RFC 9535 `JSONPath` over the parsed file; for `text` a regular expression, whose first group (else whose match) is
    /// the value.
    pub select: String,
    /// How many of the selected values must satisfy `assert`.
    #[serde(default)]
    pub quantifier: Quantifier,
    /// What it means where a file has nothing to select.
    #[serde(default)]
    pub on_missing: OnMissing,
    /// An expression over `value`. One that errors has failed.
    pub assert: String,
    /// What a finding says; a template over `value`.
    pub message: String,
    /// What mends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<RuleFix>,
    /// What it must find, and what it must not.
    #[serde(default)]
    pub tests: RuleTests,
}

/// Whose job the findings of a rule are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleOwner {
    /// The team of the code.
    #[default]
    Service,
    /// Who stands behind `platform` in the profile.
    Platform,
    /// Who stands behind `security`.
    Security,
    /// Who stands behind `grc`.
    Grc,
}

/// How a rule reads a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleFormat {
    /// Every document of a YAML file.
    Yaml,
    /// JSON; comments are tolerated.
    Json,
    /// TOML.
    Toml,
    /// `{attributes: {…}, blocks: [{kind, labels, name, attributes, blocks}]}`; Terraform is HCL.
    Hcl,
    /// `{args, stages: [{name, from: {image}, instructions: [{keyword, args, words, flags, pairs, exec}]}]}`
    Dockerfile,
    /// Lines of anything.
    Text,
}

impl RuleFormat {
    /// The word in `format`.
    pub fn word(self) -> &'static str {
        match self {
            RuleFormat::Yaml => "yaml",
            RuleFormat::Json => "json",
            RuleFormat::Toml => "toml",
            RuleFormat::Hcl => "hcl",
            RuleFormat::Dockerfile => "dockerfile",
            RuleFormat::Text => "text",
        }
    }

    /// Whether keys can be set, inserted and removed in it.
    pub fn has_keys(self) -> bool {
        matches!(self, RuleFormat::Yaml | RuleFormat::Json | RuleFormat::Toml)
    }
}

/// How many of the selected values must satisfy `assert`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Quantifier {
    /// Every one: each that does not is a finding.
    #[default]
    All,
    /// One at least: else the file has one finding.
    Any,
    /// None: each that does is a finding.
    None,
}

/// What it means where a file has nothing to select.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnMissing {
    /// Nothing.
    #[default]
    Pass,
    /// A finding of the file.
    Fail,
}

/// What mends a violation: exactly one of `replace`, `set`, `remove` and `insert`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFix {
    /// Whether the file does the same afterwards.
    pub safety: Safety,
    /// The value's new text; a template over `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace: Option<String>,
    /// Keys of the selected mapping, with what they become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Fields>,
    /// `true`: the value goes, with its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove: Option<bool>,
    /// Keys for the selected mapping, where it lacks them; into a selected list, a new last item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insert: Option<Fields>,
}

/// Keys with values; a text is a template over `value`.
pub type Fields = serde_json::Map<String, serde_json::Value>;

/// The cases that show what a rule is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleTests {
    /// Files in which it must find nothing; at least one.
    #[serde(default)]
    pub valid: Vec<ValidCase>,
    /// Files in which it must find something; at least one.
    #[serde(default)]
    pub invalid: Vec<InvalidCase>,
}

/// A file in which a rule must find nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidCase {
    /// What it shows.
    pub name: String,
    /// The file.
    pub content: String,
}

/// A file in which a rule must find something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvalidCase {
    /// What it shows.
    pub name: String,
    /// The file.
    pub content: String,
    /// The line of a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The file once it is mended, byte for byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
}

/// A rule with the file that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced {
    /// The rule.
    pub rule: OwnRule,
    /// Its file in the golden path.
    pub file: String,
}

/// No golden path has more rules of its own.
const MAX_RULES: usize = 500;

/// The rules of a tree by id, in `rules/*.yaml`.
pub(super) fn read(tree: &MemoryTree, problems: &mut Vec<Problem>) -> BTreeMap<String, Sourced> {
    let mut rules: BTreeMap<String, Sourced> = BTreeMap::new();
    for path in tree.paths() {
        let name = path.as_str();
        let yaml = name.rsplit_once('.').is_some_and(|(_, end)| end == "yaml" || end == "yml");
        if !yaml || path.parent().is_none_or(|dir| dir.as_str() != "rules") {
            continue;
        }
        let Some(file) = tree.get(path) else { continue };
        let rule: OwnRule = match document::read(schemas::RULE, name, &file.bytes) {
            Ok(rule) => rule,
            Err(error) => {
                problems.extend(error.problems);
                continue;
            }
        };
        let spot = super::spot::Spot::new(name, &file.bytes);
        if let Some(other) = rules.get(&rule.id) {
            let message = format!("the rule `{}` is in `{}` already", rule.id, other.file);
            problems.push(spot.problem(&["id"], message).hint("give one of the two another id"));
            continue;
        }
        if rules.len() == MAX_RULES {
            problems.push(Problem::new(format!("a golden path must have at most {MAX_RULES} rules")).in_file(name));
            break;
        }
        rules.insert(rule.id.clone(), Sourced { rule, file: name.to_owned() });
    }
    rules
}

#[cfg(test)]
#[path = "own_rule_tests.rs"]
mod tests;
