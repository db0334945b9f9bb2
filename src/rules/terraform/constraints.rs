//! Versions of Terraform and of providers, where nothing asks for any.

use std::collections::{BTreeMap, BTreeSet};

use super::blocks::{File, modules};
use super::same::GUARD;
use crate::edit::hcl::{self, Body, Value};
use crate::edit::source::Source;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "terraform/version-constraints",
    title: "Nothing says which version of Terraform or of a provider is meant",
    gain: "the next run takes a version that nobody tried, and may replace what is running",
    severity: Severity::Low,
    controls: &["GP-SEC-05"],
    routing: Routing::Platform,
    fix: Offer::Safe,
    page: include_str!("version_constraints.md"),
    check,
};

/// Providers that are part of Terraform itself.
const BUILT_IN: [&str; 1] = ["terraform"];

/// What the built-in path's own modules ask for, where the repository names no version.
const TERRAFORM: &str = "1.11.0";

fn check(facts: &Facts<'_>, report: &mut Report) {
    for (directory, files) in modules(facts) {
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
        let mut say = |message: String, address: String, repair: Option<Repair>| {
            match &range {
                Some(range) => report.at(home.subject, range, message).address(address).fix(repair),
                None => report.file(home.subject, message).address(address).fix(repair),
            };
        };
        if !settings().any(|block| block.body.attribute("required_version").is_some()) {
            let message = "no `required_version` says which Terraform this is written for".to_owned();
            let line = format!("required_version = \"{}\"", terraform(facts, &directory));
            let title = format!("ask for {line}");
            let repair = add(home, &line).map(|repair| Repair { title, ..repair });
            say(message, "required_version".to_owned(), repair);
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
            let repair = providers(facts, &directory, home, &files, &lacking);
            say(message, format!("required_providers {}", lacking.join(" ")), repair);
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

/// A file of the module's directory, else of the root.
fn near(facts: &Facts<'_>, directory: &str, name: &str) -> Option<String> {
    let beside = if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") };
    facts.text(&beside).or_else(|| facts.text(name)).map(|text| Source::new(&text).text)
}

/// The constraint for Terraform: from the version that the repository names, up to the next major one.
fn terraform(facts: &Facts<'_>, directory: &str) -> String {
    let named = near(facts, directory, ".terraform-version").map(|text| text.trim().to_owned());
    let version = named.and_then(|text| semver::Version::parse(&text).ok());
    let least = version.map_or_else(|| TERRAFORM.to_owned(), |version| version.to_string());
    let next = least.split('.').next().and_then(|major| major.parse::<u64>().ok()).map_or(2, |major| major + 1);
    format!(">= {least}, < {next}.0.0")
}

/// Providers of the module's lock file: `hashicorp/aws` to the version that was selected.
fn locked(facts: &Facts<'_>, directory: &str) -> BTreeMap<String, semver::Version> {
    let path = if directory.is_empty() { String::new() } else { format!("{directory}/") };
    let text = facts.text(&format!("{path}.terraform.lock.hcl"));
    let body = text.and_then(|text| hcl::parse(&Source::new(&text).text).ok()).unwrap_or_default();
    let providers = body.blocks.iter().filter(|block| block.kind == "provider");
    providers
        .filter_map(|block| {
            let source = block.labels.first()?.strip_prefix("registry.terraform.io/")?;
            let version = semver::Version::parse(block.body.value("version")?.text()?).ok()?;
            Some((source.to_owned(), version))
        })
        .collect()
}

/// Asks of each provider the minor version that the lock file selected; none where it does not know one of them.
fn providers(
    facts: &Facts<'_>,
    directory: &str,
    home: &File<'_>,
    files: &[File<'_>],
    lacking: &[&str],
) -> Option<Repair> {
    let locked = locked(facts, directory);
    let asks = |source: &str| {
        let version = locked.get(&source.to_lowercase())?;
        Some(format!("version = \"~> {}.{}\"", version.major, version.minor))
    };
    let block = files
        .iter()
        .flat_map(|file| file.body.all("terraform").map(move |block| (file, block)))
        .find_map(|(file, block)| Some((file, block.body.all("required_providers").next()?)));
    let mut repair = Repair::safe("ask for the versions of the lock file").guarded(GUARD);
    let mut new = Vec::new();
    for name in lacking {
        let entry = block.and_then(|(_, block)| block.body.attribute(name));
        let Some(entry) = entry else {
            let line = asks(&format!("hashicorp/{name}"))?;
            new.push(format!("{name} = {{\n  source  = \"hashicorp/{name}\"\n  {line}\n}}"));
            continue;
        };
        // One file is edited at a time.
        let (file, _) = block.filter(|(file, _)| file.subject.path == home.subject.path)?;
        let Value::Object(pairs) = &entry.value.value else { return None };
        let line = asks(entry.value.value.get("source")?.text()?)?;
        let (_, last) = pairs.last()?;
        let source = file.subject.source();
        // Between the braces of one line the next pair needs a comma.
        let one_line = source.line_start(last.span.start) == source.line_start(entry.span.start);
        let text = if one_line {
            format!(", {line}")
        } else {
            let column = source.skip_blanks(source.line_start(last.span.start)) - source.line_start(last.span.start);
            format!("\n{}{line}", " ".repeat(column))
        };
        let rest = &source.text[last.span.end..source.line_end(last.span.end)];
        let at = if one_line { last.span.end } else { last.span.end + rest.trim_end().len() };
        repair = repair.insert(at, text);
    }
    if new.is_empty() {
        return Some(repair);
    }
    let new = new.join("\n");
    match block {
        Some((file, block)) if file.subject.path == home.subject.path => {
            let (at, text) = behind_brace(file, &block.body, block.head.end, &new)?;
            Some(repair.insert(at, text))
        }
        Some(_) => None,
        None => {
            let lines = format!("required_providers {{\n{}\n}}", indented(&new, "  "));
            add(home, &lines).map(|added| Repair { title: repair.title, ..added })
        }
    }
}

/// A repair that puts lines into the `terraform` block of a file, or a block with them at its start.
fn add(home: &File<'_>, lines: &str) -> Option<Repair> {
    let repair = Repair::safe("").guarded(GUARD);
    if let Some(block) = home.body.all("terraform").next() {
        let (at, text) = behind_brace(home, &block.body, block.head.end, lines)?;
        return Some(repair.insert(at, text));
    }
    let text = home.subject.seen();
    let block = format!("terraform {{\n{}\n}}\n", indented(lines, "  "));
    // What a file begins with in comments is about the whole file.
    if text.starts_with('#') || text.starts_with('/') {
        return Some(repair.insert(text.len(), format!("\n{block}")));
    }
    Some(repair.insert(0, format!("{block}\n")))
}

/// Where lines go that come first in a block, and the lines; none where the block is written in one line.
fn behind_brace(file: &File<'_>, body: &Body, head: usize, lines: &str) -> Option<(usize, String)> {
    let source = file.subject.source();
    let open = head + source.text.get(head..)?.find('{')?;
    let line = source.line_end(open);
    let first = body.attributes.iter().map(|attribute| attribute.span.start);
    let first = first.chain(body.blocks.iter().map(|block| block.span.start)).min()?;
    if first <= line || !source.starts_line(first) {
        return None;
    }
    let indent = " ".repeat(source.column(first));
    Some((line, format!("\n{}", indented(lines, &indent))))
}

fn indented(lines: &str, indent: &str) -> String {
    lines.lines().map(|line| format!("{indent}{line}")).collect::<Vec<_>>().join("\n")
}
