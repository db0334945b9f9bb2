//! Versions: of modules, of Terraform, of providers.

use std::collections::BTreeSet;

use super::blocks::{File, blocks, modules, place};
use crate::edit::hcl::Value;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static MODULE: Rule = Rule {
    id: "terraform/module-unpinned",
    title: "A module can change without a change here",
    gain: "whoever can push to the module's repository changes your infrastructure with the next apply",
    severity: Severity::High,
    controls: &["GP-CI-01"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("module_unpinned.md"),
    check: module,
};

pub(super) static CONSTRAINTS: Rule = Rule {
    id: "terraform/version-constraints",
    title: "Nothing says which version of Terraform or of a provider is meant",
    gain: "the next run takes a version that nobody tried, and may replace what is running",
    severity: Severity::Low,
    controls: &["GP-SEC-05"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("version_constraints.md"),
    check: constraints,
};

fn module(facts: &Facts<'_>, report: &mut Report) {
    for (subject, block) in blocks(facts) {
        let Some(attribute) = block.body.attribute("source").filter(|_| block.kind == "module") else { continue };
        let Some(source) = attribute.value.value.text() else { continue };
        match pin(source, block.body.attribute("version").is_some()) {
            Pin::Held => {}
            Pin::Floats(message) => {
                report.at(subject, &place(block, Some(attribute)), message).address(block.address());
            }
            Pin::Tag(message) => {
                report.at(subject, &place(block, Some(attribute)), message).address(block.address()).milder();
            }
        }
    }
}

enum Pin {
    Held,
    /// A tag, or a version missing in a registry that keeps what it published.
    Tag(String),
    Floats(String),
}

fn pin(source: &str, version: bool) -> Pin {
    let local = source.starts_with("./") || source.starts_with("../") || source.starts_with('/') || source.is_empty();
    if local {
        return Pin::Held;
    }
    let hosts = ["github.com/", "bitbucket.org/", "git@", "git::", "gitlab.com/", "hg::"];
    let remote = source.rsplit('.').next() == Some("git")
        || hosts.iter().any(|host| source.starts_with(host))
        || source.contains(".git?")
        || source.contains(".git//");
    if remote {
        let reference =
            source.split_once('?').and_then(|(_, query)| query.split('&').find_map(|part| part.strip_prefix("ref=")));
        return match reference {
            Some(commit) if commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()) => Pin::Held,
            Some(tag) => Pin::Tag(format!("`{tag}` can be moved to other code; a commit cannot")),
            None => Pin::Floats(format!("`{source}` is whatever its default branch holds")),
        };
    }
    let archive = ["https://", "http://", "s3::", "gcs::"].iter().any(|scheme| source.starts_with(scheme));
    if archive {
        let checked = source.contains("checksum=");
        return if checked { Pin::Held } else { Pin::Floats(format!("`{source}` is whatever lies there on the day")) };
    }
    if version { Pin::Held } else { Pin::Tag(format!("`{source}` names no `version`, so the newest one is taken")) }
}

/// Providers that are part of Terraform itself.
const BUILT_IN: [&str; 1] = ["terraform"];

fn constraints(facts: &Facts<'_>, report: &mut Report) {
    for files in modules(facts).into_values() {
        let settings = || files.iter().flat_map(|file| file.body.all("terraform"));
        let first = settings().next();
        let used = used(&files);
        if used.is_empty() && first.is_none() {
            continue;
        }
        // Where the finding stands: the settings, else the file that should have them.
        let home = files
            .iter()
            .find(|file| file.body.all("terraform").next().is_some())
            .or_else(|| files.iter().find(|file| file.subject.path.file_name() == "versions.tf"))
            .or_else(|| files.iter().find(|file| file.subject.path.file_name() == "main.tf"))
            .or(files.first());
        let Some(home) = home else { continue };
        let range = home.body.all("terraform").next().map(|block| block.head.clone());
        let mut say = |message: String, address: String| {
            match &range {
                Some(range) => report.at(home.subject, range, message).address(address),
                None => report.file(home.subject, message).address(address),
            };
        };
        if !settings().any(|block| block.body.attribute("required_version").is_some()) {
            say(
                "no `required_version` says which Terraform this is written for".to_owned(),
                "required_version".to_owned(),
            );
        }
        let mut held = BTreeSet::new();
        for block in settings().flat_map(|block| block.body.all("required_providers")) {
            for attribute in &block.body.attributes {
                let version = match &attribute.value.value {
                    Value::Object(_) => {
                        attribute.value.value.get("version").is_some() || attribute.value.value.get("source").is_none()
                    }
                    _ => true,
                };
                if version {
                    held.insert(attribute.key.as_str());
                }
            }
        }
        let lacking: Vec<&str> =
            used.into_iter().filter(|name| !held.contains(name) && !BUILT_IN.contains(name)).collect();
        if !lacking.is_empty() {
            let message = format!(
                "no version is asked of {}",
                lacking.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            );
            say(message, format!("required_providers {}", lacking.join(" ")));
        }
    }
}

/// The providers that a module's resources and data come from.
fn used<'f>(files: &[File<'f>]) -> BTreeSet<&'f str> {
    let blocks = files.iter().flat_map(|file| &file.body.blocks);
    blocks
        .filter_map(|block| {
            let label = block.labels.first()?.as_str();
            match block.kind.as_str() {
                "resource" | "data" => Some(label.split('_').next().unwrap_or(label)),
                "provider" => Some(label),
                _ => None,
            }
        })
        .collect()
}
