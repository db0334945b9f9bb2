//! The images that jobs run in.

use super::jobs::{Pipeline, pipelines, text};
use crate::catalogue::images::Reference;
use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::image_pin;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static UNPINNED: Rule = Rule {
    id: "gitlab/image-unpinned",
    title: "A job's image is named by a tag alone",
    gain: "whoever can move the tag runs code in the pipeline, with its variables",
    severity: Severity::Medium,
    controls: &["GP-CI-01"],
    routing: Routing::Platform,
    fix: Offer::Either,
    page: include_str!("image_unpinned.md"),
    check: unpinned,
};

pub(super) static VARIABLE: Rule = Rule {
    id: "gitlab/image-from-variable",
    title: "A variable chooses a job's image",
    gain: "whoever may start a pipeline with variables of his own chooses what runs with its secrets",
    severity: Severity::Medium,
    controls: &["GP-CI-01", "GP-CI-04"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("image_from_variable.md"),
    check: variable,
};

struct Image<'f> {
    pipeline: Pipeline<'f>,
    address: String,
    way: Vec<String>,
    node: &'f Node,
    text: &'f str,
}

fn images<'f>(facts: &'f Facts<'_>) -> Vec<Image<'f>> {
    let mut all = Vec::new();
    for pipeline in pipelines(facts) {
        for (place, node) in pipeline.places() {
            let base: Vec<String> = if place == "global" { Vec::new() } else { vec![place.clone()] };
            let mut add = |value: &'f Node, way: Vec<String>| {
                let (named, way) = match value.entry("name") {
                    Some((_, entry)) => (&entry.value, [way, vec!["name".to_owned()]].concat()),
                    None => (value, way),
                };
                if let Some(scalar) = named.scalar()
                    && !scalar.text.is_empty()
                {
                    let address = format!("{place}/{}", scalar.text);
                    all.push(Image { pipeline, address, way, node: named, text: &scalar.text });
                }
            };
            if let Some((_, entry)) = node.entry("image") {
                add(&entry.value, [base.clone(), vec!["image".to_owned()]].concat());
            }
            let services = node.entry("services").and_then(|(_, entry)| entry.value.items()).unwrap_or_default();
            for (n, item) in services.iter().enumerate() {
                add(&item.value, [base.clone(), vec!["services".to_owned(), n.to_string()]].concat());
            }
        }
    }
    all
}

fn unpinned(facts: &Facts<'_>, report: &mut Report) {
    for image in images(facts) {
        let read = Reference::read(image.text);
        if read.digest.is_some() || image.text.contains('$') {
            continue;
        }
        let message =
            format!("`{}` has no digest, so another image can take its place under the same name", image.text);
        let place = image.pipeline.place(&image.node.span);
        // The guard reads the file as one document.
        let first = image.pipeline.part.start == 0;
        let repair = image_pin::end_in(image.pipeline.subject.seen(), &place, image.text)
            .filter(|_| first)
            .and_then(|end| image_pin::pin(facts, &read, end))
            .map(|repair| repair.changes(image.way.clone()));
        report
            .at(image.pipeline.subject, &place, message)
            .address(image.address)
            .fix(repair)
            .asks(image_pin::lookup(facts, &read).filter(|_| first));
    }
}

fn variable(facts: &Facts<'_>, report: &mut Report) {
    for image in images(facts) {
        let fixed = Reference::read(image.text).digest.is_some_and(|digest| !digest.contains('$'));
        if !image.text.contains('$') || image.text.contains("$[[") || fixed {
            continue;
        }
        let message = format!("`{}` is whatever its variables say when the pipeline starts", image.text);
        report.at(image.pipeline.subject, &image.pipeline.place(&image.node.span), message).address(image.address);
    }
}

pub(super) static INCLUDE: Rule = Rule {
    id: "gitlab/include-unpinned",
    title: "A pipeline includes what can change without a change here",
    gain: "whoever can push to the included file runs code in your pipeline, with its variables",
    severity: Severity::High,
    controls: &["GP-CI-01"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("include_unpinned.md"),
    check: include,
};

fn is_commit(reference: &str) -> bool {
    reference.len() == 40 && reference.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_version(reference: &str) -> bool {
    let bare = reference.strip_prefix('v').unwrap_or(reference);
    bare.contains('.') && bare.starts_with(|c: char| c.is_ascii_digit())
}

fn include(facts: &Facts<'_>, report: &mut Report) {
    for pipeline in pipelines(facts) {
        let Some((_, entry)) = pipeline.root.entry("include") else { continue };
        let items: Vec<&Node> = match entry.value.items() {
            Some(items) => items.iter().map(|item| &item.value).collect(),
            None => vec![&entry.value],
        };
        for item in items {
            let whole = item.scalar().map(|scalar| scalar.text.as_str()).filter(|text| text.contains("://"));
            let mut mild = false;
            let (what, message) = if let Some(remote) = whole.or_else(|| text(item, "remote")) {
                if item.entry("integrity").is_some() {
                    continue;
                }
                (remote, format!("`{remote}` is included without `integrity`, whatever it holds that day"))
            } else if let Some(project) = text(item, "project") {
                match text(item, "ref") {
                    Some(reference) if is_commit(reference) || reference.contains('$') => continue,
                    Some(reference) => {
                        mild = is_version(reference);
                        (
                            project,
                            format!("`{reference}` of `{project}` can be moved to other content; a commit cannot"),
                        )
                    }
                    None => (project, format!("`{project}` is included as its default branch has it")),
                }
            } else if let Some(component) = text(item, "component") {
                match component.rsplit_once('@') {
                    Some((_, version)) if is_commit(version) || is_version(version) || version.contains('$') => {
                        continue;
                    }
                    Some((name, version)) => (component, format!("`{name}` is taken at `{version}`, which moves")),
                    None => (component, format!("`{component}` names no version")),
                }
            } else {
                continue;
            };
            let place = ["remote", "ref", "project", "component"]
                .into_iter()
                .find_map(|key| item.entry(key))
                .map_or(&item.span, |(_, entry)| &entry.value.span);
            let found = report.at(pipeline.subject, &pipeline.place(place), message).address(format!("include {what}"));
            if mild {
                found.milder();
            }
        }
    }
}
