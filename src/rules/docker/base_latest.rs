use super::base_no_digest::is_latest;
use super::file::files;
use crate::catalogue::images::Reference;
use crate::edit::dockerfile::{Base, Stage};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/base-latest",
    title: "A base image names no version",
    gain: "an image that nobody chose is built and shipped as soon as its publisher, or a thief of their account, pushes it",
    severity: Severity::High,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("base_latest.md"),
    check,
};

/// The image of a stage, if what stands there names no version.
pub(super) fn unversioned(stage: &Stage) -> Option<&str> {
    let last = stage.written.rsplit('/').next().unwrap_or(&stage.written);
    match &stage.base {
        // Whoever builds says the tag of `debian:$TAG`.
        Base::Image(name) => {
            let tag = last.split_once(':').is_some_and(|(_, tag)| tag.contains('$'));
            (is_latest(&Reference::read(name)) && !tag).then_some(name)
        }
        // Only the build knows a part of the name, but not the one in which the version would be.
        Base::Unknown => {
            let known = stage.written.ends_with(":latest") || !last.contains(['$', '{', '}']);
            (known && is_latest(&Reference::read(&stage.written))).then_some(&stage.written)
        }
        Base::Scratch | Base::Stage(_) => None,
    }
}

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for stage in &file.docker.stages {
            if let Some(name) = unversioned(stage) {
                let message = format!("`{name}` is whatever its registry holds on the day of the build");
                report.at(file.subject, &stage.base_span, message).address(format!("FROM {}", stage.written));
            }
        }
    }
    super::compose::images(facts, |service| {
        if is_latest(&Reference::read(&service.image)) {
            let message = format!("`{}` is whatever its registry holds on the day that it starts", service.image);
            report.at(service.subject, &service.node.span, message).address(format!("services.{}.image", service.name));
        }
    });
}
