//! Versions of modules.

use super::blocks::{blocks, place};
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

fn module(facts: &Facts<'_>, report: &mut Report) {
    for (subject, block) in blocks(facts) {
        let Some(attribute) = block.body.attribute("source").filter(|_| block.kind == "module") else { continue };
        let Some(source) = attribute.value.value.text() else { continue };
        // What is computed may be a single version; nothing here says otherwise.
        let version = block.body.attribute("version").map(|version| version.value.value.text().unwrap_or("0"));
        match pin(source, version) {
            Pin::Held => {}
            Pin::Floats(message) => {
                report.at(subject, &place(block, Some(attribute)), message).address(block.address());
            }
            Pin::Tag(message) => {
                report.at(subject, &place(block, Some(attribute)), message).address(block.address()).milder();
            }
            Pin::Version(message) => {
                report.at(subject, &place(block, Some(attribute)), message).address(block.address()).only_informs();
            }
        }
    }
}

enum Pin {
    Held,
    /// A tag; or a registry's module, which never changes in a version, without one version of its own.
    Tag(String),
    /// One version of a registry's module: the registry alone says which code that is.
    Version(String),
    Floats(String),
}

/// How far a source holds, with its version.
fn pin(source: &str, version: Option<&str>) -> Pin {
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
    match version {
        None => Pin::Tag(format!("`{source}` names no `version`, so the newest one is taken")),
        Some(range) if !is_single(range) => {
            Pin::Tag(format!("`{range}` takes the newest version that fits: Terraform locks providers, not modules"))
        }
        Some(one) => Pin::Version(format!("only the registry says which code `{one}` is; a commit says it here")),
    }
}

/// Whether a constraint allows one version alone: `1.2.3`, `= 1.2.3`.
fn is_single(constraint: &str) -> bool {
    let version = constraint.trim().trim_start_matches('=').trim();
    !version.is_empty() && version.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))
}
