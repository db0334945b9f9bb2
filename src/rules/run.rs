//! Running rules over a repository.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::RULES;
use super::facts::Facts;
use super::rule::{Report, Violation};
use crate::error::Position;
use crate::model::finding::Span;

/// Everything that the rules find, in no order. What does not parse is in [`unparsed`] afterwards.
pub(crate) fn run(facts: &Facts<'_>) -> Vec<Violation> {
    let mut all = Vec::new();
    for rule in RULES.iter().flat_map(|family| family.iter()) {
        let mut report = Report::default();
        (rule.check)(facts, &mut report);
        let id = || Cow::Borrowed(rule.id);
        once(&mut report.0);
        all.extend(report.0.into_iter().map(|violation| Violation { rule: id(), ..violation }));
    }
    facts.own().run(facts, &mut all);
    all
}

/// What is reached through several aliases is still one place that a person must change.
fn once(found: &mut Vec<Violation>) {
    let mut seen = BTreeSet::new();
    found.retain(|violation| {
        let Some(span) = violation.span else { return true };
        seen.insert((
            violation.path.clone(),
            (span.line, span.column, span.end_line, span.end_column),
            violation.message.clone(),
        ))
    });
}

/// Files that a rule asked for and that do not parse: the format, the file and the place where it stops making sense.
pub(crate) fn unparsed(facts: &Facts<'_>) -> Vec<Violation> {
    let mut all = Vec::new();
    for subject in facts.all() {
        for (format, error) in subject.failures() {
            let mut report = Report::default();
            let place = error.position.filter(|_| !subject.seen().is_empty());
            let place = place.and_then(|at| offset(subject.seen(), at.line, at.column));
            match place {
                Some(place) => drop(report.at(subject, &place, error.message).address(subject.path.as_str())),
                None => drop(report.file(subject, error.message).address(subject.path.as_str())),
            }
            // What has no text as a whole still has one up to where it ends.
            if let (Some(at), Some(found)) = (error.position, report.0.last_mut())
                && subject.seen().is_empty()
            {
                let Position { line, column } = at;
                found.span = Some(Span { line, column, end_line: line, end_column: column + 1 });
            }
            let rule = crate::rules::parse_rule(format);
            all.extend(report.0.into_iter().map(|violation| Violation { rule: Cow::Borrowed(rule), ..violation }));
        }
    }
    all
}

/// From a line and a column to the rest of that line.
fn offset(text: &str, line: usize, column: usize) -> Option<std::ops::Range<usize>> {
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let shown = text.get(start..)?.lines().next().unwrap_or_default().trim_end();
    let from = shown.char_indices().nth(column.saturating_sub(1)).map_or(shown.len(), |(at, _)| at);
    Some(start + from..start + shown.len().max(from))
}
