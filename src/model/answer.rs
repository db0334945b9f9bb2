//! Answers to a golden path's questions.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// All answers, by question id.
pub type Answers = BTreeMap<String, Answer>;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Answer {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    String(String),
    /// Several of the above.
    List(Vec<Answer>),
}

impl Answer {
    /// What kind of answer it is, as `golden-path.yaml` names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Answer::Boolean(_) => "boolean",
            Answer::Integer(_) => "integer",
            Answer::String(_) => "string",
            Answer::List(_) => "list",
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Answer::String(text) = self { Some(text) } else { None }
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        Answer::String(text.to_owned())
    }
}

/// As a person would type it after `--set KEY=`.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Boolean(value) => write!(f, "{value}"),
            Answer::Integer(value) => write!(f, "{value}"),
            Answer::String(value) => f.write_str(value),
            Answer::List(values) => {
                for (n, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if n > 0 { "," } else { "" })?;
                }
                Ok(())
            }
        }
    }
}
