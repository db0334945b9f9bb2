use super::file::files;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/sudo",
    title: "`sudo` in a build step",
    gain: "a `sudo` that stays in the image lets whoever breaks in become root without a password",
    severity: Severity::High,
    controls: &["GP-DK-01"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("sudo.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for run in file.runs() {
            if run.script.commands.iter().any(|command| command.name() == "sudo") {
                let message = "a build step can say which user it runs as; it needs no `sudo`";
                report.at(file.subject, &file.head(run), message).address(file.address(run));
            }
        }
    }
}
