//! What was answered before anybody is asked, and by whom.

use std::collections::BTreeMap;

use super::spot::Spot;
use crate::error::Problem;
use crate::model::answer::Answers;

/// Where an answer comes from. The first in this order wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// `--set ID=VALUE`
    Set,
    /// `ROADBED_SET_<ID>`; ids are compared without regard to case.
    Environment,
    /// A file of answers, such as `--answers FILE`.
    File(AnswerFile),
    /// The repo's config or lock: what was answered before. Only here do a question's `map` and
    /// `renamed_from` count, and ids that no question has (any more) are dropped.
    Stored,
    /// The template's own `answers`.
    Template,
    /// What the repository's own files say, the surest first. One that does not fit is told and passed over.
    Detected(usize),
}

/// A file that holds answers: its text says where each of them stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnswerFile {
    /// How the user would name it.
    pub name: String,
    /// What it says.
    pub text: String,
    /// The keys that lead to its answers; none where the whole file is answers.
    pub within: Vec<String>,
}

impl AnswerFile {
    /// The problem, at the answer that it is about.
    pub(super) fn at_answer(&self, id: &str, problem: Problem) -> Problem {
        self.place(problem, |spot, message| spot.problem(&self.keys(id), message))
    }

    /// The problem, at the id of an answer that nobody asks for.
    pub(super) fn at_id(&self, id: &str, problem: Problem) -> Problem {
        self.place(problem, |spot, message| spot.problem_of_key(&self.keys(id), message))
    }

    fn keys<'a>(&'a self, id: &'a str) -> Vec<&'a str> {
        self.within.iter().map(String::as_str).chain([id]).collect()
    }

    fn place(&self, problem: Problem, placed: impl FnOnce(Spot<'_>, String) -> Problem) -> Problem {
        Problem { hint: problem.hint, ..placed(Spot::new(&self.name, self.text.as_bytes()), problem.message) }
    }
}

/// Answers of one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Supplied {
    /// As somebody typed them; the question's type says what they mean.
    Raw(BTreeMap<String, String>),
    /// As YAML holds them.
    Typed(Answers),
}

impl Supplied {
    pub(super) fn ids(&self) -> Vec<&str> {
        match self {
            Supplied::Raw(raw) => raw.keys().map(String::as_str).collect(),
            Supplied::Typed(typed) => typed.keys().map(String::as_str).collect(),
        }
    }
}

/// All answers that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// In any order: the origin decides.
    pub layers: Vec<(Origin, Supplied)>,
}

impl Given {
    /// With answers of one more origin.
    #[must_use]
    pub fn with(mut self, origin: Origin, supplied: Supplied) -> Self {
        self.layers.push((origin, supplied));
        self
    }

    pub(super) fn sorted(&self) -> Vec<&(Origin, Supplied)> {
        let mut layers: Vec<_> = self.layers.iter().collect();
        layers.sort_by(|a, b| a.0.cmp(&b.0));
        layers
    }
}
