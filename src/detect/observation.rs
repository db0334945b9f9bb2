//! One thing that was seen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::path::RepoPath;

/// How sure an observation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A file says so.
    Certain,
    /// Files let conclude so.
    Likely,
    /// It may be so: a person is asked, and it is never taken for an answer.
    Guess,
}

/// One thing that was seen, with the place that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// What kind of thing: `language`, `owner`.
    pub what: &'static str,
    /// What it is.
    pub value: String,
    /// The file that shows it; none where it is git that does.
    pub path: Option<RepoPath>,
    /// The line in that file, from 1.
    pub line: Option<usize>,
    /// Why the place shows it, in a few words.
    pub why: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// The question that it answers, if there is one of that id.
    pub question: Option<String>,
}

impl Observation {
    /// Something that a file says.
    pub(super) fn new(what: &'static str, value: impl Into<String>, why: impl Into<String>) -> Self {
        Observation {
            what,
            value: value.into(),
            path: None,
            line: None,
            why: why.into(),
            confidence: Confidence::Certain,
            question: None,
        }
    }

    /// Where it was seen.
    pub(super) fn at(mut self, path: &RepoPath, line: usize) -> Self {
        self.path = Some(path.clone());
        self.line = Some(line);
        self
    }

    /// In which file it was seen, where no line says so.
    pub(super) fn file(mut self, path: &RepoPath) -> Self {
        self.path = Some(path.clone());
        self
    }

    /// That it is a conclusion.
    pub(super) fn likely(mut self) -> Self {
        self.confidence = Confidence::Likely;
        self
    }

    /// That it is no more than a guess.
    pub(super) fn guess(mut self) -> Self {
        self.confidence = Confidence::Guess;
        self
    }

    /// Which question it answers.
    pub(super) fn answers(mut self, question: impl Into<String>) -> Self {
        self.question = Some(question.into());
        self
    }
}
