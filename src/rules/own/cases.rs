//! The cases that a rule brings along, run.

use super::judged::Budget;
use super::{Ready, Select, change, judged};
use crate::edit::query::view::View;
use crate::edit::source::Source;
use crate::error::Result;
use crate::golden_path::OwnRule;
use crate::rules::rule::Guard;

/// A fix can make the next one possible, but not for ever.
const MAX_ROUNDS: usize = 12;

/// A case that did not go as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFailure {
    /// `valid` or `invalid`.
    pub kind: &'static str,
    /// Its number among those, from 0.
    pub number: usize,
    /// What it is called.
    pub name: String,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What the fix should make, and what it makes, where that is it.
    pub texts: Option<(String, String)>,
}

/// The cases of a rule that fail.
pub fn failures(rule: &OwnRule, path: &str, file: &str) -> Result<Vec<CaseFailure>> {
    let ready = Ready::new(rule, path, file)?;
    let mut failures = Vec::new();
    for (number, case) in rule.tests.valid.iter().enumerate() {
        let fail =
            |message: String| CaseFailure { kind: "valid", number, name: case.name.clone(), message, texts: None };
        match found(&ready, &case.content) {
            Err(why) => failures.push(fail(why)),
            Ok(found) => {
                failures.extend(found.first().map(|(line, message)| fail(format!("line {line}: {message}"))));
            }
        }
    }
    for (number, case) in rule.tests.invalid.iter().enumerate() {
        let fail =
            |message: String, texts| CaseFailure { kind: "invalid", number, name: case.name.clone(), message, texts };
        let found = match found(&ready, &case.content) {
            Err(why) => {
                failures.push(fail(why, None));
                continue;
            }
            Ok(found) => found,
        };
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        if lines.is_empty() {
            failures.push(fail("nothing is found".to_owned(), None));
            continue;
        }
        if let Some(line) = case.line.filter(|line| !lines.contains(line)) {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            failures.push(fail(format!("nothing is found at line {line}, but at {}", lines.join(", ")), None));
        }
        let after = mended(&ready, &case.content);
        match &case.fixed {
            Some(wanted) if *wanted != after => {
                let message = "the fix gives something else than `fixed`".to_owned();
                failures.push(fail(message, Some((wanted.clone(), after))));
            }
            None if rule.fix.is_some() && after != case.content => {
                let message = "the fix changes the file, and the case does not say to what".to_owned();
                let hint = (case.content.clone(), after);
                failures.push(fail(message, Some(hint)));
            }
            _ => {}
        }
    }
    Ok(failures)
}

/// The lines and messages of what the rule finds.
fn found(ready: &Ready, content: &str) -> Result<Vec<(usize, String)>, String> {
    let source = Source::new(content);
    let view = read(ready, &source.text)?;
    let line =
        |range: Option<&std::ops::Range<usize>>| range.map_or(1, |range| crate::edit::span(&source.text, range).line);
    let hits = judged::hits(ready, &source.text, view.as_ref(), &Budget::new());
    Ok(hits.into_iter().map(|hit| (line(hit.shown.as_ref()), hit.message)).collect())
}

fn read(ready: &Ready, text: &str) -> Result<Option<View>, String> {
    match &ready.select {
        Select::Pattern(_) => Ok(None),
        Select::Query(syntax, _) => View::parse(*syntax, text).map(Some).map_err(|error| match error.position {
            Some(at) => format!("line {}: {}", at.line, error.message),
            None => error.message,
        }),
    }
}

/// The file once it is mended.
fn mended(ready: &Ready, content: &str) -> String {
    let mut content = content.to_owned();
    for _ in 0..MAX_ROUNDS {
        let source = Source::new(&content);
        let Ok(view) = read(ready, &source.text) else { break };
        let hits = judged::hits(ready, &source.text, view.as_ref(), &Budget::new());
        // One after the other, so that no two touch.
        let repairs = change::repairs(ready, &source.text, view.as_ref(), &hits, &Budget::new());
        let Some((_, repair)) = repairs.into_iter().next() else { break };
        debug_assert!(matches!(repair.guard, Guard::Values(..) | Guard::StillReads));
        let Ok(text) = source.splice(repair.splices) else { break };
        content = text;
    }
    content
}
