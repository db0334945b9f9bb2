//! Whether an answer fits its question, and how a typed word becomes an answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::question::{Question, QuestionType};
use super::quote::turns_text;
use crate::model::answer::Answer;

/// No text of an answer is longer, in bytes.
const MAX_TEXT: usize = 4096;
/// No list of an answer is longer.
const MAX_ITEMS: usize = 256;
/// No raw text is read as a YAML list beyond this, in bytes.
const MAX_RAW: usize = 64 * 1024;
const MAX_REGEX: usize = 1024 * 1024;

/// Patterns that were compiled: each is asked of at least twice, and compiling one is the dearest thing about a question.
static COMPILED: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());

/// A question's pattern, compiled once and bounded.
pub(super) fn pattern(text: &str) -> Result<Regex, String> {
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pattern) = compiled.get(text) {
        return Ok(pattern.clone());
    }
    let pattern = compile(text)?;
    compiled.insert(text.to_owned(), pattern.clone());
    Ok(pattern)
}

fn compile(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text).size_limit(MAX_REGEX).dfa_size_limit(MAX_REGEX).build().map_err(|error| {
        let detail = error.to_string();
        let last = detail.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        format!("`{text}` is not a regular expression: {last}")
    })
}

/// Whether the answer has the question's type, is one of `choices`, matches its pattern, and holds nothing
/// that hides or turns text. The message names the rule and the value.
pub(super) fn check(question: &Question, choices: &[Answer], answer: &Answer) -> Result<(), String> {
    let kind = question.kind;
    match (kind, answer) {
        (QuestionType::String, Answer::String(text)) => {
            check_text(text)?;
            check_pattern(question, text)
        }
        (QuestionType::Integer, Answer::Integer(_)) | (QuestionType::Boolean, Answer::Boolean(_)) => Ok(()),
        (QuestionType::Choice, Answer::List(_)) => {
            Err(format!("`{}` is a list; it must be one of {}", show(answer), all(choices)))
        }
        (QuestionType::Choice, one) => check_choice(choices, one),
        (QuestionType::Multichoice, Answer::List(items)) => {
            check_length(items)?;
            items.iter().try_for_each(|item| check_choice(choices, item))
        }
        (QuestionType::List, Answer::List(items)) => {
            check_length(items)?;
            items.iter().try_for_each(|item| match item {
                Answer::String(text) => {
                    check_text(text)?;
                    check_pattern(question, text)
                }
                Answer::Integer(_) if question.pattern.is_none() => Ok(()),
                Answer::Integer(number) => check_pattern(question, &number.to_string()),
                other => {
                    Err(format!("`{}` is {}; items must be texts or whole numbers", show(other), an(other.kind())))
                }
            })
        }
        (kind, other) => Err(format!("`{}` is {}; it must be {}", show(other), an(other.kind()), an(kind.word()))),
    }
}

/// Whether `text` would do as an answer to a question that takes a text.
pub fn fits(question: &Question, text: &str) -> bool {
    question.kind == QuestionType::String && check(question, &[], &Answer::from(text)).is_ok()
}

/// What a message shows of an answer: what cannot mislead, and not all of it.
pub(super) fn show(answer: &Answer) -> String {
    let text = answer.to_string();
    let clean: String = text
        .chars()
        .take(80)
        .flat_map(|c| {
            let hidden = c.is_control() || turns_text(c);
            let escaped: Vec<char> = if hidden { c.escape_unicode().collect() } else { vec![c] };
            escaped
        })
        .collect();
    if text.chars().count() > 80 { format!("{clean}…") } else { clean }
}

/// Choices, as a message names them.
pub(super) fn all(choices: &[Answer]) -> String {
    choices.iter().map(|choice| format!("`{}`", show(choice))).collect::<Vec<_>>().join(", ")
}

fn an(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}

fn check_text(text: &str) -> Result<(), String> {
    if text.len() > MAX_TEXT {
        return Err(format!("it has {} bytes; an answer must have at most {MAX_TEXT}", text.len()));
    }
    match text.chars().find(|c| c.is_control() || turns_text(*c)) {
        Some(c) => {
            Err(format!("it holds the character U+{:04X}, which does not show; an answer must not hold such", c as u32))
        }
        None => Ok(()),
    }
}

fn check_length(items: &[Answer]) -> Result<(), String> {
    if items.len() > MAX_ITEMS {
        return Err(format!("it has {} items; an answer must have at most {MAX_ITEMS}", items.len()));
    }
    Ok(())
}

fn check_pattern(question: &Question, text: &str) -> Result<(), String> {
    let Some(wanted) = &question.pattern else { return Ok(()) };
    if pattern(wanted)?.is_match(text) {
        return Ok(());
    }
    Err(format!("`{}` must match the pattern `{wanted}`", show(&Answer::from(text))))
}

fn check_choice(choices: &[Answer], answer: &Answer) -> Result<(), String> {
    if choices.contains(answer) {
        return Ok(());
    }
    Err(format!("`{}` must be one of {}", show(answer), all(choices)))
}

/// Reads what a person typed after `--set ID=` or into an environment variable, as the question's type.
pub(super) fn read(question: &Question, choices: &[Answer], raw: &str) -> Result<Answer, String> {
    let is_list = matches!(question.kind, QuestionType::Multichoice | QuestionType::List);
    if raw.len() > if is_list { MAX_RAW } else { MAX_TEXT } {
        return Err(format!("it has {} bytes, which is too long for an answer", raw.len()));
    }
    let shown = show(&Answer::from(raw));
    match question.kind {
        QuestionType::String => Ok(Answer::from(raw)),
        QuestionType::Integer => {
            raw.trim().parse().map(Answer::Integer).map_err(|_| format!("`{shown}` must be a whole number"))
        }
        QuestionType::Boolean => match raw.trim().to_lowercase().as_str() {
            "true" | "yes" => Ok(Answer::Boolean(true)),
            "false" | "no" => Ok(Answer::Boolean(false)),
            _ => Err(format!("`{shown}` must be `true` or `false`")),
        },
        QuestionType::Choice => Ok(choose(choices, raw)),
        QuestionType::Multichoice => {
            Ok(Answer::List(words(raw)?.iter().map(|item| choose(choices, &item.to_string())).collect()))
        }
        QuestionType::List => {
            let numbers = matches!(&question.default, Some(Answer::List(items))
                if !items.is_empty() && items.iter().all(|item| matches!(item, Answer::Integer(_))));
            let typed = |item: Answer| match item {
                Answer::String(text) if numbers => text.parse().map_or(Answer::String(text), Answer::Integer),
                other => other,
            };
            Ok(Answer::List(words(raw)?.into_iter().map(typed).collect()))
        }
    }
}

fn choose(choices: &[Answer], word: &str) -> Answer {
    choices.iter().find(|choice| choice.to_string() == word).cloned().unwrap_or_else(|| Answer::from(word))
}

/// `a,b` or a YAML flow list.
fn words(raw: &str) -> Result<Vec<Answer>, String> {
    let raw = raw.trim();
    if raw.is_empty() {
        return Ok(Vec::new());
    }
    if !raw.starts_with('[') {
        return Ok(raw.split(',').map(|word| Answer::from(word.trim())).collect());
    }
    let wrong = "write a list as `a,b` or `[a, b]`, with quotes around what is neither a text nor a whole number";
    serde_yaml::from_str(raw).map_err(|_| format!("`{}` is not a list; {wrong}", show(&Answer::from(raw))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(yaml: &str) -> Question {
        serde_yaml::from_str(yaml).unwrap()
    }

    fn take(yaml: &str, raw: &str) -> Result<Answer, String> {
        let question = question(yaml);
        let answer = read(&question, &question.choices, raw)?;
        check(&question, &question.choices, &answer).map(|()| answer)
    }

    #[test]
    fn typed_words_become_what_the_question_asks_for() {
        assert_eq!(take("{type: string}", "1.10"), Ok("1.10".into()));
        assert_eq!(take("{type: integer}", "8080"), Ok(Answer::Integer(8080)));
        assert_eq!(take("{type: boolean}", "Yes"), Ok(Answer::Boolean(true)));
        assert_eq!(take("{type: choice, choices: [3, a]}", "3"), Ok(Answer::Integer(3)));
        let ports = Answer::List(vec![Answer::Integer(1), Answer::Integer(2)]);
        assert_eq!(take("{type: list, default: [80]}", "1,2"), Ok(ports.clone()));
        assert_eq!(take("{type: list, default: [80]}", "[1, 2]"), Ok(ports));
        assert_eq!(take("{type: list}", "1.10,no"), Ok(Answer::List(vec!["1.10".into(), "no".into()])));
        assert_eq!(take("{type: multichoice, choices: [a, b]}", ""), Ok(Answer::List(vec![])));
    }

    #[test]
    fn what_does_not_fit_is_told_with_the_rule_and_the_value() {
        for (yaml, raw, words) in [
            ("{type: string, pattern: '^[a-z]+$'}", "A1", "`A1` must match the pattern `^[a-z]+$`"),
            ("{type: choice, choices: [a, b]}", "c", "`c` must be one of `a`, `b`"),
            ("{type: integer}", "9x", "`9x` must be a whole number"),
            ("{type: boolean}", "maybe", "`maybe` must be `true` or `false`"),
        ] {
            assert_eq!(take(yaml, raw).unwrap_err(), words);
        }
    }

    #[test]
    fn hostile_answers_are_refused() {
        let long = "x".repeat(5000);
        for raw in ["a\nb", "a\u{1b}[2J", "a\u{202e}b", "a\u{0}", "a\u{85}", "\u{2066}", &long] {
            assert!(take("{type: string}", raw).is_err(), "{raw:?}");
        }
        assert!(take("{type: list}", &"a,".repeat(300)).is_err());
        assert!(take("{type: list}", &"[".repeat(60_000)).is_err());
        assert!(take("{type: list}", "[[a]]").is_err());
        assert!(take("{type: list}", "[1.5]").is_err());
    }

    #[test]
    fn a_regular_expression_is_bounded() {
        assert!(pattern("(((a{100}){100}){100})").is_err());
        assert!(pattern("(").is_err());
    }
}
