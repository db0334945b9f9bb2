use super::workflow::{Pin, Uses, is_commit, pins};
use crate::catalogue;
use crate::model::finding::Severity;
use crate::model::lookup::Lookup;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/unpinned-action",
    title: "An action is not pinned to a commit",
    gain: "whoever can move the tag or branch runs code in your pipeline, with its token and secrets",
    severity: Severity::High,
    controls: &["GP-CI-01"],
    routing: Routing::Platform,
    fix: Offer::Safe,
    page: include_str!("unpinned_action.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for pin in pins(facts) {
        let Uses::Action { name, path, reference } = pin.uses else { continue };
        let reference = reference.unwrap_or_default();
        if is_commit(reference) || catalogue::compromised_tag(name, reference) {
            continue;
        }
        let message = if reference.is_empty() {
            format!("`{name}{path}` names no version, so it runs whatever its default branch holds")
        } else {
            format!("`{name}{path}@{reference}` can be moved to other code; a commit cannot")
        };
        report
            .at(pin.subject, &pin.node.span, message)
            .address(pin.address())
            .fix(repair(facts, &pin))
            .asks(lookup(facts, name, reference));
    }
}

/// The commit that the tag names, with its most specific tag as a comment; other words of a comment stay.
fn repair(facts: &Facts<'_>, pin: &Pin<'_>) -> Option<Repair> {
    let Uses::Action { name, path, reference: Some(tag) } = pin.uses else { return None };
    let commit = facts.known().commit(name, tag)?;
    if catalogue::compromised(name, commit) {
        return None;
    }
    let exact = facts.known().newest_tag(name, commit).unwrap_or_else(|| tag.to_owned());
    let value = &pin.document.text()[pin.node.span.clone()];
    let at = value.rfind('@')?;
    let start = pin.node.span.start + at + 1;
    let title = format!("pin `{name}{path}` to {commit} ({exact})");
    let repair = Repair::safe(title).replace(start..start + tag.len(), commit).changes(pin.way());
    Some(super::comment::with_version(repair, pin, &exact))
}

/// Whatever the catalogue does not name may be a tag.
fn lookup(facts: &Facts<'_>, name: &str, reference: &str) -> Option<Lookup> {
    let unknown = !reference.is_empty() && facts.known().commit(name, reference).is_none();
    unknown.then(|| Lookup::tag(name, reference))
}
