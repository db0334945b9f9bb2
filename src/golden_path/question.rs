//! Questions: what a golden path asks before it lays anything.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::answer::Answer;

/// What kind of answer a question takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum QuestionType {
    /// A text on one line.
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// One of `choices`.
    Choice,
    /// Any number of `choices`.
    Multichoice,
    /// Any number of texts or whole numbers.
    List,
}

impl QuestionType {
    /// The word as `golden-path.yaml` spells it.
    pub fn word(self) -> &'static str {
        match self {
            QuestionType::String => "string",
            QuestionType::Integer => "integer",
            QuestionType::Boolean => "boolean",
            QuestionType::Choice => "choice",
            QuestionType::Multichoice => "multichoice",
            QuestionType::List => "list",
        }
    }

    /// Whether answers come out of `choices`.
    pub fn has_choices(self) -> bool {
        matches!(self, QuestionType::Choice | QuestionType::Multichoice)
    }
}

impl fmt::Display for QuestionType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One question. Its id is the key it stands under, and the variable that templates read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What kind of answer it takes.
    #[serde(rename = "type")]
    pub kind: QuestionType,
    /// The words it is asked with; the id, where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// A sentence more, for who wants to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The answer when nobody gives one. `<{ }>` inside texts is rendered over earlier answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Answer>,
    /// A regular expression that a text (or each text of a list) must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// An expression that must hold; it may use the answer itself and earlier ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validate: Option<String>,
    /// An expression over earlier answers; where it does not hold, the question is not asked and has no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What a `choice` or `multichoice` takes. `<{ }>` inside texts is rendered over earlier answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Answer>,
    /// The id that this question had in an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// What earlier answers mean now.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, Answer>,
}

impl Question {
    /// The words it is asked with.
    pub fn words<'a>(&'a self, id: &'a str) -> &'a str {
        self.prompt.as_deref().unwrap_or(id)
    }
}

/// Questions in the order they are asked: the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questions(pub Vec<(String, Question)>);

impl Questions {
    /// Questions with their ids, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Question)> {
        self.0.iter().map(|(id, question)| (id.as_str(), question))
    }

    /// The question of this id.
    pub fn get(&self, id: &str) -> Option<&Question> {
        self.iter().find(|(known, _)| *known == id).map(|(_, question)| question)
    }

    /// Puts a question in the place of the one with its id, else at the end.
    pub fn put(&mut self, id: &str, question: &Question) {
        match self.0.iter_mut().find(|(known, _)| known == id) {
            Some((_, old)) => *old = question.clone(),
            None => self.0.push((id.to_owned(), question.clone())),
        }
    }
}

impl Serialize for Questions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Questions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Questions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of questions by id")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Questions, M::Error> {
                let mut questions = Vec::new();
                while let Some(next) = map.next_entry()? {
                    questions.push(next);
                }
                Ok(Questions(questions))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

impl JsonSchema for Questions {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Questions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, Question>::json_schema(generator)
    }
}
