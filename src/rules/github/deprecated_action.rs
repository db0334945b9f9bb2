use super::retired::{archived, old_runtime};
use super::workflow::{Uses, is_commit, pins};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/deprecated-action",
    title: "An action is no longer maintained",
    gain: "a hole that is found in it stays open, and the account that owns it is easier to take over",
    severity: Severity::Medium,
    controls: &["GP-CI-01", "GP-SEC-04"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("deprecated_action.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for pin in pins(facts) {
        let Uses::Action { name, reference, .. } = pin.uses else { continue };
        let reference = reference.unwrap_or_default();
        let message = if let Some(instead) = archived(name) {
            match instead {
                "" => format!("`{name}` is archived: nobody mends it any more"),
                instead => format!("`{name}` is archived: use {instead}"),
            }
        } else {
            let tag = if is_commit(reference) {
                facts.known().newest_tag(name, reference)
            } else {
                Some(reference.to_owned())
            };
            let Some((runtime, first)) = tag.and_then(|tag| old_runtime(name, &tag)) else { continue };
            format!("`{name}@{reference}` runs on {runtime}, which runners no longer support: use v{first} or newer")
        };
        report.at(pin.subject, &pin.node.span, message).address(pin.address());
    }
}
