use super::file::files;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/cd-in-run",
    title: "A step changes directory by itself",
    gain: "a `cd` that fails, or that the next step does not see, leaves commands running in the wrong place",
    severity: Severity::Low,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("cd_in_run.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for run in file.runs().filter(|run| !run.onbuild) {
            if run.script.commands.iter().any(|command| command.name() == "cd") {
                let message = "`WORKDIR` says where a step runs, and the steps after it too";
                report.at(file.subject, &file.head(run), message).address(file.address(run));
            }
        }
    }
}
