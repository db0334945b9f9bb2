//! `tests/*.yaml` of a golden path: the answers that `path test` renders each template with.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::given::AnswerFile;
use super::globs::{Format, format};
use super::open::GoldenPath;
use super::spot::Spot;
use crate::error::{Error, Kind, Result};
use crate::model::answer::Answers;
use crate::model::document::{self, schemas};

/// No suite has more sets.
const MAX_SETS: usize = 500;

/// One `tests/*.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// `roadbed/test/v1`
    pub schema: String,
    /// The template that is rendered.
    pub template: String,
    /// Answers to render it with.
    pub sets: Vec<AnswerSet>,
}

/// A named set of answers; what it does not answer takes its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerSet {
    /// Names the snapshot: letters, digits, `-` and `_`.
    pub name: String,
    /// The answers.
    #[serde(default)]
    pub answers: Answers,
    /// Whether there is a snapshot of it. One without is rendered, and what renders to something wrong still fails; a suite can
    /// so cover many answers, and leave few trees to read.
    #[serde(default = "yes")]
    pub snapshot: bool,
}

fn yes() -> bool {
    true
}

/// One render that `path test` makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The template.
    pub template: String,
    /// The set's name.
    pub name: String,
    /// Its answers.
    pub answers: Answers,
    /// Whether there is a snapshot of it.
    pub snapshot: bool,
    /// The file that says so.
    pub file: String,
    /// Its place among the file's sets.
    number: usize,
}

impl Case {
    /// Where its answers stand.
    pub fn answer_file(&self, path: &GoldenPath) -> AnswerFile {
        let bytes = path.tree.get_str(&self.file).map_or(&[][..], |file| &file.bytes);
        let within = ["sets".to_owned(), self.number.to_string(), "answers".to_owned()].into();
        AnswerFile { name: self.file.clone(), text: String::from_utf8_lossy(bytes).into_owned(), within }
    }
}

/// Every case of a golden path's own `tests/`, in the order of files and sets.
pub fn cases(path: &GoldenPath) -> Result<Vec<Case>> {
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for (file, content) in path.tree.iter() {
        let name = file.as_str();
        let is_suite = file.parent().is_some_and(|dir| dir.as_str() == "tests") && format(name) == Some(Format::Yaml);
        if !is_suite {
            continue;
        }
        let suite: Suite = match document::read(schemas::TEST, name, &content.bytes) {
            Ok(suite) => suite,
            Err(error) => {
                problems.extend(error.problems);
                continue;
            }
        };
        let spot = Spot::new(name, &content.bytes);
        if !path.manifest.templates.contains_key(&suite.template) {
            problems.push(spot.problem(&["template"], format!("there is no template `{}`", suite.template)));
        }
        if suite.sets.len() > MAX_SETS {
            problems.push(spot.problem(&["sets"], format!("a suite must have at most {MAX_SETS} sets")));
        }
        for (n, set) in suite.sets.into_iter().enumerate().take(MAX_SETS) {
            let keys = ["sets", &n.to_string(), "name"];
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if set.name.is_empty() || !set.name.chars().all(plain) {
                problems.push(spot.problem(&keys, "a set's name must be letters, digits, `-` and `_`"));
            }
            if !seen.insert((suite.template.clone(), set.name.clone())) {
                problems.push(spot.problem(&keys, format!("the template has two sets called `{}`", set.name)));
            }
            cases.push(Case {
                template: suite.template.clone(),
                name: set.name,
                answers: set.answers,
                snapshot: set.snapshot,
                file: name.to_owned(),
                number: n,
            });
        }
    }
    Error::all(Kind::GoldenPath, problems)?;
    Ok(cases)
}
