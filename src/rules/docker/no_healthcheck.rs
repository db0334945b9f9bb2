use super::file::files;
use super::same::GUARD;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/no-healthcheck",
    title: "Nothing says whether the container is well",
    gain: "a service that hangs keeps its place, and nobody is told",
    severity: Severity::Low,
    controls: &["GP-OBS-02"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("no_healthcheck.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        if file.inherited(file.last(), "HEALTHCHECK").is_some() {
            continue;
        }
        let Some(last) = file.docker.instructions.last() else { continue };
        let end = file.subject.source().line_end(last.span.end);
        // hadolint cannot read what stands right behind a here-document.
        let line = if last.heredocs.is_empty() { "\nHEALTHCHECK NONE" } else { "\n\nHEALTHCHECK NONE" };
        let repair = Repair::risky("say that the orchestrator looks after it").insert(end, line).guarded(GUARD);
        let message = "no `HEALTHCHECK` in the last stage; `HEALTHCHECK NONE` says that an orchestrator probes it";
        report.at(file.subject, &file.top(), message).address("no HEALTHCHECK").fix(repair);
    }
}
