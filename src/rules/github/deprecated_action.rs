use super::comment::with_version;
use super::retired::{archived, old_runtime, successor};
use super::workflow::{Pin, Uses, get, is_commit, pins, text};
use crate::catalogue;
use crate::model::finding::Severity;
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/deprecated-action",
    title: "An action is no longer maintained",
    gain: "a hole that is found in it stays open, and the account that owns it is easier to take over",
    severity: Severity::Medium,
    controls: &["GP-CI-01", "GP-SEC-04"],
    routing: Routing::Platform,
    fix: Offer::Unsafe,
    page: include_str!("deprecated_action.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for pin in pins(facts) {
        let Uses::Action { name, path, reference } = pin.uses else { continue };
        let reference = reference.unwrap_or_default();
        let (message, next) = if let Some(instead) = archived(name) {
            let message = match instead {
                "" => format!("`{name}` is archived: nobody mends it any more"),
                instead => format!("`{name}` is archived: use {instead}"),
            };
            (message, successor(name).and_then(|(action, path)| repair(&pin, action, path, None)))
        } else {
            let tag = if is_commit(reference) {
                facts.known().newest_tag(name, reference)
            } else {
                Some(reference.to_owned())
            };
            let Some((runtime, first)) = tag.and_then(|tag| old_runtime(name, &tag)) else { continue };
            let message = format!(
                "`{name}@{reference}` runs on {runtime}, which runners no longer support: use v{first} or newer"
            );
            (message, repair(&pin, name, path, Some(first)))
        };
        report.at(pin.subject, &pin.node.span, message).address(pin.address()).fix(next);
    }
    for subject in facts.of_kind(Kind::Action) {
        own_runtime(subject, report);
    }
}

/// An action of the repository's own that names a runtime which GitHub withdrew.
fn own_runtime(subject: &Subject<'_>, report: &mut Report) {
    let Some(document) = subject.document() else { return };
    let runs = document.root.as_ref().and_then(|root| get(document, root, "runs"));
    let Some(using) = runs.and_then(|runs| get(document, runs, "using")) else { return };
    if let Some(runtime @ ("node12" | "node16" | "node20")) = text(using) {
        let message = format!("the action runs on {runtime}, which runners no longer support: use node24");
        report.at(subject, &using.span, message).address("runs.using");
    }
}

/// The newest release that the catalogue knows of `name` (of this major version) takes the place of the pin.
fn repair(pin: &Pin<'_>, name: &str, path: &str, major: Option<u64>) -> Option<Repair> {
    let (tag, sha) = catalogue::latest(name, major)?;
    let value = super::workflow::text(pin.node)?;
    let written = &pin.document.text()[pin.node.span.clone()];
    // An escape or a block would not be the value as it stands.
    if !written.contains(value) {
        return None;
    }
    let text = written.replacen(value, &format!("{name}{path}@{sha}"), 1);
    let repair = Repair::risky(format!("use `{name}{path}` {tag}")).replace(pin.node.span.clone(), text);
    Some(with_version(repair, pin, tag).changes(pin.way()))
}
