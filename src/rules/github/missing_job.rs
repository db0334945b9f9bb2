use super::scans::{SCANS, Scan};
use super::workflow::Workflow;
use crate::model::finding::Severity;
use crate::model::path::RepoPath;
use crate::rules::facts::Facts;
use crate::rules::kind::Kind;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/missing-job",
    title: "A scan that changes should pass is missing",
    gain: "nothing by itself, but a hole that a scan would have shown reaches what is released",
    severity: Severity::Medium,
    controls: &["GP-SEC-01", "GP-SEC-02", "GP-SEC-03", "GP-SEC-05"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("missing_job.md"),
    check,
};

/// Where the missing job should be: the file that the built-in path lays.
const PLACE: &str = ".github/workflows/security.yml";

fn check(facts: &Facts<'_>, report: &mut Report) {
    // Where another system builds, it may scan as well.
    let elsewhere = facts.of_kind(Kind::GitLab).next().is_some() || facts.of_kind(Kind::Jenkinsfile).next().is_some();
    if elsewhere || Workflow::all(facts).next().is_none() {
        return;
    }
    let Ok(place) = RepoPath::new(PLACE) else { return };
    let found = super::scans::found(facts);
    for Scan { kind, what, applies, .. } in &SCANS {
        if !found.contains(kind) && applies(facts) {
            let message = format!("no workflow here {what}");
            report.missing(place.clone(), message).address(format!("{PLACE}#{}", kind.word()));
        }
    }
}
