use super::dependabot::updates;
use crate::edit::tree::Kind as NodeKind;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "repo/cooldown",
    title: "Updates are taken the day they are published",
    gain: "a release that was hijacked in the morning is in a pull request before anybody notices",
    severity: Severity::Medium,
    controls: &["GP-SEC-04"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("cooldown.md"),
    check,
};

/// Days that most hijacked releases are found within.
pub(super) const DAYS: u64 = 7;

fn check(facts: &Facts<'_>, report: &mut Report) {
    super::renovate::check(facts, report);
    for update in updates(facts) {
        let ecosystem = update.text("package-ecosystem").unwrap_or("?");
        let directory = update.text("directory").unwrap_or("/");
        let address = format!("updates[{ecosystem} {directory}].cooldown");
        let title = format!("wait {DAYS} days before an update is offered");
        let Some((_, cooldown)) = update.node.entry("cooldown") else {
            let Some((_, named)) = update.node.entry("package-ecosystem") else { continue };
            let message = format!("updates of {ecosystem} are offered without `cooldown`, the day they appear");
            let lines = format!("cooldown:\n  default-days: {DAYS}");
            let repair = Repair::safe(title).changes(update.way(&["cooldown"]));
            let repair = super::dependabot::append(repair, &update, &lines);
            report.at(update.subject, &named.value.span, message).address(address).fix(repair);
            continue;
        };
        match cooldown.value.entry("default-days") {
            Some((_, days)) => {
                let text = days.value.scalar().map(|scalar| scalar.text.as_str()).unwrap_or_default();
                if text.parse::<u64>().is_ok_and(|days| days >= DAYS) {
                    continue;
                }
                let message = format!("updates of {ecosystem} wait {text} days; {DAYS} are the least");
                let repair = Repair::safe(title)
                    .replace(days.value.span.clone(), DAYS.to_string())
                    .changes(update.way(&["cooldown", "default-days"]));
                report.at(update.subject, &days.value.span, message).address(address).fix(repair);
            }
            None => {
                let message = format!("the `cooldown` of {ecosystem} does not say `default-days`");
                let block = matches!(cooldown.value.kind, NodeKind::Mapping(crate::edit::tree::Layout::Block, _));
                let first = cooldown.value.entries().and_then(<[_]>::first).filter(|_| block);
                let repair = first.map(|first| {
                    let column = update.document.source.column(first.span.start);
                    Repair::safe(title)
                        .insert(first.span.start, format!("default-days: {DAYS}\n{}", " ".repeat(column)))
                        .changes(update.way(&["cooldown", "default-days"]))
                });
                report.at(update.subject, &cooldown.key_span, message).address(address).fix(repair);
            }
        }
    }
}
