use super::base_latest::unversioned;
use super::file::files;
use super::same::GUARD;
use crate::catalogue::images::Reference;
use crate::edit::dockerfile::Base;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::image_pin;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/base-no-digest",
    title: "A base image is named by a tag alone",
    gain: "whoever can move the tag puts code of their own into every image that you build next",
    severity: Severity::Medium,
    controls: &["GP-DK-02"],
    routing: Routing::Platform,
    fix: Offer::Either,
    page: include_str!("base_no_digest.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for stage in &file.docker.stages {
            let Base::Image(name) = &stage.base else { continue };
            let image = Reference::read(name);
            if image.digest.is_some() || unversioned(stage).is_some() {
                continue;
            }
            let message = format!("`{name}` has no digest, so another image can take its place under the same tag");
            let literal = *name == stage.written;
            let repair = if literal { image_pin::pin(facts, &image, stage.base_span.end) } else { None };
            report
                .at(file.subject, &stage.base_span, message)
                .address(format!("FROM {}", stage.written))
                .fix(repair.map(|repair| repair.guarded(GUARD)))
                .asks(image_pin::lookup(facts, &image).filter(|_| literal));
        }
    }
    super::compose::images(facts, |service| {
        let image = Reference::read(&service.image);
        if image.digest.is_some() || is_latest(&image) {
            return;
        }
        let message =
            format!("`{}` has no digest, so another image can take its place under the same tag", service.image);
        let repair = image_pin::end_in(service.subject.seen(), &service.node.span, &service.image)
            .and_then(|end| image_pin::pin(facts, &image, end));
        report
            .at(service.subject, &service.node.span, message)
            .address(format!("services.{}.image", service.name))
            .fix(repair.map(|repair| repair.changes(service.way.clone())))
            .asks(image_pin::lookup(facts, &image));
    });
}

/// Whether another rule speaks of the image: it names no version at all.
pub(super) fn is_latest(image: &Reference) -> bool {
    image.digest.is_none() && image.tag.as_deref().is_none_or(|tag| tag == "latest")
}
