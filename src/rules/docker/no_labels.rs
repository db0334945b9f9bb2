use super::file::files;
use crate::edit::dockerfile::Instruction;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/no-labels",
    title: "The image does not say where it comes from",
    gain: "an image that misbehaves cannot be traced to its source or its owner",
    severity: Severity::Low,
    controls: &["GP-OWN-01"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("no_labels.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        let labels = file.chain(file.last()).into_iter().flat_map(|stage| file.docker.stage(stage));
        let mut pairs = labels.filter(|label| label.keyword == "LABEL" && !label.onbuild).flat_map(Instruction::pairs);
        if !pairs.any(|pair| pair.name.starts_with("org.opencontainers.image.")) {
            let message = "no `org.opencontainers.image` label says which source and team the image comes from";
            report.at(file.subject, &file.top(), message).address("no labels");
        }
    }
}
