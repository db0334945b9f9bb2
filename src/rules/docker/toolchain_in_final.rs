use super::file::files;
use crate::catalogue::images::Reference;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/toolchain-in-final",
    title: "The image that ships holds a compiler or a whole distribution",
    gain: "an intruder finds compilers, package managers and their holes ready in the container",
    severity: Severity::Low,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("toolchain_in_final.md"),
    check,
};

/// Images that are there to build with, whatever the tag.
const TOOLS: [&str; 11] = [
    "golang",
    "rust",
    "maven",
    "gradle",
    "gcc",
    "swift",
    "haskell",
    "clojure",
    "sbt",
    "mcr.microsoft.com/dotnet/sdk",
    "openjdk",
];

/// Runtimes whose plain tags carry a compiler and its libraries; the slim ones do not.
const FULL: [&str; 5] = ["node", "python", "ruby", "php", "perl"];

/// What marks a tag that holds little more than the runtime.
const SMALL: [&str; 6] = ["slim", "alpine", "distroless", "nanoserver", "minimal", "fpm-alpine"];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        let Some(image) = file.image(file.last()) else { continue };
        let Some(stage) = file.docker.stages.last() else { continue };
        if let Some(why) = heavy(&image) {
            let message =
                format!("the image that ships is built on {why}; build there, and copy the result into a small one");
            report.at(file.subject, &stage.base_span, message).address(format!("FROM {}", stage.written));
        }
    }
}

fn heavy(image: &Reference) -> Option<String> {
    let name = image.short_name();
    let tag = image.tag.as_deref().unwrap_or_default();
    let runtime_only = tag.contains("jre") || tag.contains("runtime");
    if TOOLS.contains(&name) && !runtime_only {
        return Some(format!("`{name}`, which holds a compiler"));
    }
    let small = SMALL.iter().any(|mark| tag.contains(mark));
    (FULL.contains(&name) && !small).then(|| format!("the full `{name}`, which holds a compiler"))
}
