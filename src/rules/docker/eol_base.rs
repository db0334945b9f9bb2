use super::eol::ended;
use super::file::files;
use crate::catalogue::images::Reference;
use crate::edit::dockerfile::Base;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/eol-base",
    title: "A base image gets no more security fixes",
    gain: "holes that are public, and that nobody will ever close in this image, are open in what you ship",
    severity: Severity::High,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("eol_base.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for stage in &file.docker.stages {
            let Base::Image(name) = &stage.base else { continue };
            if let Some(what) = ended(&Reference::read(name)) {
                let message = format!("{what} gets no more security fixes");
                report.at(file.subject, &stage.base_span, message).address(format!("FROM {}", stage.written));
            }
        }
    }
}
