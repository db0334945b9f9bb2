use super::workflow::{Uses, get, pins, text};
use crate::edit::Format;
use crate::edit::tree::Document;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/self-repo-ref",
    title: "A local action is taken from the workspace",
    gain: "a step that writes to the workspace, or a checkout of a change, puts other code where the action is taken from",
    severity: Severity::Low,
    controls: &["GP-CI-01"],
    routing: Routing::Platform,
    fix: Offer::Unsafe,
    page: include_str!("self_repo_ref.md"),
    check,
};

/// The answer that switches the rule on. A golden path asks for it; without one the rule is off.
const ANSWER: &str = "self_repo_refs";

fn check(facts: &Facts<'_>, report: &mut Report) {
    if !is_on(facts) {
        return;
    }
    for pin in pins(facts) {
        let Uses::Local(local) = pin.uses else { continue };
        let Some(below) = local.strip_prefix("./") else { continue };
        let message = format!("`{local}` is whatever lies in the workspace by then; `$/{below}` is this commit's");
        let value = &pin.document.text()[pin.node.span.clone()];
        let repair = value.find("./").map(|at| {
            let start = pin.node.span.start + at;
            Repair::risky(format!("use `$/{below}`")).replace(start..start + 1, "$").changes(pin.way())
        });
        report.at(pin.subject, &pin.node.span, message).address(pin.address()).fix(repair);
    }
}

/// Whether the repository answers that its runners know `$/`.
fn is_on(facts: &Facts<'_>) -> bool {
    let Some(config) = facts.text(".roadbed/config.yaml") else { return false };
    let Ok(document) = Document::parse(Format::Yaml, &config) else { return false };
    let answers = document.root.as_ref().and_then(|root| get(&document, root, "answers"));
    answers.and_then(|answers| get(&document, answers, ANSWER)).and_then(text) == Some("true")
}
