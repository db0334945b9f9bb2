use super::download::interpreter;
use super::file::files;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/curl-pipe-shell",
    title: "A download is run as it comes in",
    gain: "whoever controls the server, or the way to it, runs commands in your build",
    severity: Severity::High,
    controls: &["GP-DK-02", "GP-CI-01"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("curl_pipe_shell.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for run in file.runs() {
            if let Some(program) = interpreter(&run.script) {
                let message = format!("`{program}` runs what the download brings, whatever that is today");
                report.at(file.subject, &file.head(run), message).address(file.address(run));
            }
        }
    }
}
