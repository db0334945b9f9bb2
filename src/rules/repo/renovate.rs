//! How long Renovate waits before it offers an update.

use super::cooldown::DAYS;
use crate::edit::Format;
use crate::edit::tree::{Document, Node};
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;
use crate::rules::rule::{Guard, Repair, Report};

const KEY: &str = "minimumReleaseAge";

/// Reports configurations that do not wait long enough.
pub(super) fn check(facts: &Facts<'_>, report: &mut Report) {
    for subject in facts.of_kind(Kind::Renovate) {
        // Without an ending that says what it is, and in JSON5, it is not read.
        let Some(document) = subject.document() else { continue };
        let Some(root) = document.root.as_ref().filter(|root| root.entries().is_some()) else { continue };
        let Some((_, entry)) = root.entry(KEY) else {
            if !may_come_from_elsewhere(root) {
                let message = format!("updates are offered without `{KEY}`, the day they appear");
                report.file(subject, message).address(KEY).fix(insert(subject, document, root));
            }
            continue;
        };
        let text = entry.value.scalar().map(|scalar| scalar.text.as_str()).unwrap_or_default();
        if days(text).is_some_and(|days| days >= DAYS) {
            continue;
        }
        let message = format!("updates wait `{text}`; {DAYS} days are the least");
        let repair = repair().replace(entry.value.span.clone(), format!("\"{DAYS} days\""));
        report.at(subject, &entry.value.span, message).address(KEY).fix(repair);
    }
}

fn repair() -> Repair {
    let guard = Guard::Same(Format::Json, vec![vec![KEY.to_owned()]]);
    Repair::safe(format!("wait {DAYS} days before an update is offered")).guarded(guard)
}

/// Whether a preset that is not Renovate's own, and so is not known here, may say it.
fn may_come_from_elsewhere(root: &Node) -> bool {
    let Some((_, extends)) = root.entry("extends") else { return false };
    let own = |preset: &str| !preset.contains(['/', '>', '@', '{']);
    let items = extends.value.items().unwrap_or_default().iter().map(|item| &item.value);
    let mut texts = items.chain(std::iter::once(&extends.value)).filter_map(Node::scalar);
    texts.any(|scalar| !own(&scalar.text))
}

/// The key behind `extends`, else behind the last one.
fn insert(subject: &Subject<'_>, document: &Document, root: &Node) -> Option<Repair> {
    let entries = root.entries()?;
    let behind = root.entry("extends").map(|(_, entry)| entry).or_else(|| entries.last())?;
    let source = &document.source;
    let gap = if source.starts_line(behind.span.start) {
        let line = &subject.seen()[source.line_start(behind.span.start)..behind.span.start];
        format!("\n{line}")
    } else {
        " ".to_owned()
    };
    Some(repair().insert(behind.span.end, format!(",{gap}\"{KEY}\": \"{DAYS} days\"")))
}

/// Whole days of a duration such as `3 days`, `1 week` or `36 hours`.
fn days(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = (text[..end].parse::<u64>().ok()?, text[end..].trim().to_lowercase());
    match unit.as_str() {
        "d" | "day" | "days" => Some(number),
        "w" | "week" | "weeks" => number.checked_mul(7),
        "month" | "months" => number.checked_mul(30),
        "y" | "year" | "years" => number.checked_mul(365),
        "h" | "hour" | "hours" => Some(number / 24),
        "m" | "min" | "mins" | "minute" | "minutes" => Some(number / 60 / 24),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn durations_are_read_as_days() {
        for (text, wanted) in [
            ("7 days", Some(7)),
            ("1 week", Some(7)),
            ("14d", Some(14)),
            ("36 hours", Some(1)),
            ("0 days", Some(0)),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(days(text), wanted, "{text}");
        }
    }
}
