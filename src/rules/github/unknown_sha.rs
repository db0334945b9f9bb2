use super::workflow::{Uses, is_commit, pins};
use crate::catalogue;
use crate::model::finding::Severity;
use crate::model::lookup::Lookup;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/unknown-sha",
    title: "A pinned commit belongs to no known release",
    gain: "a commit of a fork can be named through the repository it was forked from, so the code may be anybody's",
    severity: Severity::Medium,
    controls: &["GP-CI-01"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("unknown_sha.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for pin in pins(facts) {
        let Uses::Action { name, reference: Some(commit), .. } = pin.uses else { continue };
        let known = || facts.known().has_commit(name, commit) || catalogue::compromised(name, commit);
        if is_commit(commit) && catalogue::knows(name) && !known() {
            let message = format!("no release of `{name}` that roadbed knows is this commit");
            report.at(pin.subject, &pin.node.span, message).address(pin.address()).asks(Lookup::commit(name, commit));
        }
    }
}
