//! Asking questions on a terminal.

use std::io::IsTerminal as _;

use inquire::error::InquireError;
use inquire::{Confirm, MultiSelect, Select, Text};

use super::session;
use crate::error::{Error, Result};
use crate::golden_path::{Asker, Prompt, QuestionType};
use crate::model::answer::Answer;
use crate::output::encode;

/// Asks with prompts where there is a terminal; elsewhere answers nothing.
pub(super) struct Terminal {
    interactive: bool,
}

impl Terminal {
    /// Asks only if both ends are a terminal and `quiet` does not forbid it.
    pub(super) fn new(ask: bool) -> Self {
        Terminal { interactive: ask && std::io::stdin().is_terminal() && std::io::stderr().is_terminal() }
    }
}

impl Terminal {
    /// Whether there is anybody to ask.
    pub(super) fn is_interactive(&self) -> bool {
        self.interactive
    }
}

impl Asker for Terminal {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Option<Answer>> {
        if !self.interactive {
            return Ok(None);
        }
        let title = encode::line(prompt.question.words(prompt.id)).into_owned();
        let help = prompt.question.help.as_deref().map(|help| encode::line(help).into_owned());
        let answer = match prompt.question.kind {
            QuestionType::Boolean => confirm(&title, help.as_deref(), prompt),
            QuestionType::Choice => select(&title, help.as_deref(), prompt),
            QuestionType::Multichoice => multiselect(&title, help.as_deref(), prompt),
            QuestionType::String | QuestionType::Integer | QuestionType::List => text(&title, help.as_deref(), prompt),
        };
        answer.map(Some).map_err(|error| match error {
            InquireError::OperationCanceled | InquireError::OperationInterrupted => {
                Error::usage("the questions were cancelled; nothing was written")
            }
            other => Error::environment(format!("the terminal cannot ask `{}`: {other}", prompt.id))
                .hint(format!("answer with --set {}=…", prompt.id)),
        })
    }
}

fn confirm(title: &str, help: Option<&str>, prompt: &Prompt<'_>) -> Result<Answer, InquireError> {
    let mut ask = Confirm::new(title);
    ask.help_message = help;
    ask.default = prompt.default.as_ref().map(|default| *default == Answer::Boolean(true));
    ask.prompt().map(Answer::Boolean)
}

fn select(title: &str, help: Option<&str>, prompt: &Prompt<'_>) -> Result<Answer, InquireError> {
    let start = prompt.default.as_ref().and_then(|default| prompt.choices.iter().position(|choice| choice == default));
    let mut ask = Select::new(title, prompt.choices.clone()).with_starting_cursor(start.unwrap_or(0));
    ask.help_message = help.or(ask.help_message);
    ask.prompt()
}

fn multiselect(title: &str, help: Option<&str>, prompt: &Prompt<'_>) -> Result<Answer, InquireError> {
    let chosen = |choice: &Answer| matches!(&prompt.default, Some(Answer::List(values)) if values.contains(choice));
    let start: Vec<usize> = (0..prompt.choices.len()).filter(|n| chosen(&prompt.choices[*n])).collect();
    let mut ask = MultiSelect::new(title, prompt.choices.clone()).with_default(&start);
    ask.help_message = help.or(ask.help_message);
    ask.prompt().map(Answer::List)
}

/// Asks until the answer fits. (A validator of inquire's must live for ever; a prompt of ours does not.)
fn text(title: &str, help: Option<&str>, prompt: &Prompt<'_>) -> Result<Answer, InquireError> {
    let default = prompt.default.as_ref().map(ToString::to_string);
    loop {
        let mut ask = Text::new(title);
        ask.help_message = help;
        ask.default = default.as_deref();
        match prompt.read(&ask.prompt()?) {
            Ok(answer) => return Ok(answer),
            Err(why) => session::warn(&why),
        }
    }
}
