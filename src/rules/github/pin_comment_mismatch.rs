use super::comment::{version_in, words};
use super::workflow::{Pin, Uses, is_commit, pins};
use crate::catalogue;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/pin-comment-mismatch",
    title: "The comment at a pin names another version",
    gain: "a reviewer reads a version that is not what runs, so a swapped commit passes unseen",
    severity: Severity::Medium,
    controls: &["GP-CI-01"],
    routing: Routing::Platform,
    fix: Offer::Safe,
    page: include_str!("pin_comment_mismatch.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for pin in pins(facts) {
        let Uses::Action { name, reference: Some(commit), .. } = pin.uses else { continue };
        if !is_commit(commit) || catalogue::compromised(name, commit) {
            continue;
        }
        let Some(exact) = facts.known().newest_tag(name, commit) else { continue };
        let told = version_told(&pin);
        // A tag need not be a version: any word that names the commit is the truth.
        let names = |tag: &str| {
            let bare = tag.trim_start_matches('v');
            !bare.is_empty() && [bare, &format!("v{bare}")].iter().any(|tag| facts.known().names(name, tag, commit))
        };
        let comment = pin.comment().map(|(range, _)| &pin.document.text()[range]).unwrap_or_default();
        if words(comment).any(|word| names(&comment[word])) {
            continue;
        }
        let message = match &told {
            Some(told) => format!("the comment says {told}, and the commit is {exact}"),
            None => format!("no comment says that this commit is {exact}"),
        };
        let title = format!("write `# {exact}` behind the pin");
        let repair = super::comment::with_version(Repair::safe(title), &pin, &exact);
        let repair = (!repair.splices.is_empty()).then_some(repair);
        report.at(pin.subject, &pin.node.span, message).address(pin.address()).fix(repair);
    }
}

/// The version that the pin's comment names.
fn version_told(pin: &Pin<'_>) -> Option<String> {
    let (range, _) = pin.comment()?;
    let comment = &pin.document.text()[range];
    version_in(comment).map(|found| comment[found].to_owned())
}
