use super::workflow::{Pin, Uses, is_commit, pins};
use crate::catalogue;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/compromised-ref",
    title: "A known malicious release is used",
    gain: "whoever planted the code already has whatever the job can reach: its token, its secrets, its artefacts",
    severity: Severity::Critical,
    controls: &["GP-CI-01"],
    routing: Routing::Security,
    fix: Offer::Unsafe,
    page: include_str!("compromised_ref.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for pin in pins(facts) {
        let Uses::Action { name, reference: Some(reference), .. } = pin.uses else { continue };
        let bad = if is_commit(reference) {
            catalogue::compromised(name, &reference.to_lowercase())
        } else {
            catalogue::compromised_tag(name, reference)
        };
        if !bad {
            continue;
        }
        let told = catalogue::incident(name).map(|incident| {
            let id = incident.id.map(|id| format!(" ({id})")).unwrap_or_default();
            format!(": on {} {}{id}", incident.when, incident.what)
        });
        let message = format!("`{name}@{reference}` ran malicious code{}", told.unwrap_or_default());
        report.at(pin.subject, &pin.node.span, message).address(pin.address()).fix(repair(&pin, name, reference));
    }
}

fn repair(pin: &Pin<'_>, name: &str, reference: &str) -> Option<Repair> {
    let (version, commit) = catalogue::incident(name)?.safe?;
    let value = &pin.document.text()[pin.node.span.clone()];
    let start = pin.node.span.start + value.rfind('@')? + 1;
    let title = format!("move `{name}` to {version}, which is safe");
    let repair = Repair::risky(title).replace(start..start + reference.len(), commit).changes(pin.way());
    Some(super::comment::with_version(repair, pin, version))
}
