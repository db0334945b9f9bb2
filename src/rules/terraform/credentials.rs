//! Secrets in the code, and variables that carry them.

use super::blocks::blocks;
use super::same::GUARD;
use crate::edit::hcl::{Block, Value};
use crate::edit::source::Source;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};
use crate::rules::stand_ins::stands_in;

pub(super) static STATIC: Rule = Rule {
    id: "terraform/static-credentials",
    title: "A credential stands in the code",
    gain: "everybody who can read the repository, or any copy of it, has the credential",
    severity: Severity::Critical,
    controls: &["GP-CI-03", "GP-SEC-01"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("static_credentials.md"),
    check: literal,
};

pub(super) static SENSITIVE: Rule = Rule {
    id: "terraform/sensitive-variable",
    title: "A secret variable is shown in plans and logs",
    gain: "everybody who can read the pipeline's log reads the secret",
    severity: Severity::Medium,
    controls: &["GP-OBS-01"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("sensitive_variable.md"),
    check: shown,
};

/// Attributes of providers that are credentials.
const KEYS: [&str; 12] = [
    "access_key",
    "secret_key",
    "token",
    "password",
    "client_secret",
    "credentials",
    "api_key",
    "api_token",
    "private_key",
    "subscription_key",
    "app_key",
    "secret",
];

/// Parts of a variable's name that say that it is secret.
const PARTS: [&str; 8] = ["password", "passwd", "secret", "token", "api_key", "apikey", "private_key", "access_key"];

/// Ends of names that only say where a secret is, or how it is used.
const HARMLESS: [&str; 31] = [
    "_arn",
    "_arns",
    "_name",
    "_names",
    "_id",
    "_ids",
    "_path",
    "_version",
    "_length",
    "_ttl",
    "_url",
    "_uri",
    "_enabled",
    "_file",
    "_policy",
    "_type",
    "_expiration",
    "_rotation",
    "_days",
    "_key_name",
    "_count",
    "_prefix",
    "_suffix",
    "_pattern",
    "_interval",
    "_region",
    "_namespace",
    "_stage",
    "_tenant",
    "_annotations",
    "_labels",
];

fn literal(facts: &Facts<'_>, report: &mut Report) {
    for (subject, block) in blocks(facts) {
        if block.kind == "provider" {
            for attribute in &block.body.attributes {
                let written = attribute.value.value.text().is_some_and(is_written);
                if written && KEYS.contains(&attribute.key.as_str()) {
                    let message = format!("`{}` of the provider is written down here", attribute.key);
                    report.at(subject, &attribute.span, message).address(format!(
                        "{}.{}",
                        block.address(),
                        attribute.key
                    ));
                }
            }
        }
        if block.kind == "variable" {
            let name = block.labels.first().map_or("", String::as_str);
            let Some(default) = block.body.attribute("default") else { continue };
            let Some(text) = default.value.value.text().filter(|text| is_written(text)) else { continue };
            let elsewhere = is_name(name, text) || says_where(name, text);
            if is_secret(name) && !elsewhere || is_key_id(text) {
                let message = format!("the default of `{name}` is a secret that is written down here");
                report.at(subject, &default.span, message).address(block.address());
            }
        }
    }
}

/// Whether a value may be the secret itself: it is not empty, no word that stands for it, no blank to be filled in
/// (`<token>`), and no way to where the secret is kept (`/service/token`).
fn is_written(text: &str) -> bool {
    let blank = text.starts_with('<') && text.ends_with('>');
    let way = text.len() > 1
        && text.starts_with('/')
        && text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'/' | b'_' | b'-' | b'.' | b'%'));
    !text.is_empty() && !blank && !way && !stands_in(text)
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    PARTS.iter().any(|part| name.contains(part)) && !HARMLESS.iter().any(|end| name.ends_with(end))
}

/// Whether the value is the variable's name over again: what a secret is called, not the secret.
fn is_name(name: &str, text: &str) -> bool {
    text.replace('-', "_").eq_ignore_ascii_case(&name.replace('-', "_"))
}

/// Whether the variable says where a secret is kept, by its name or by a value that is a way (`admin/db_password`).
fn says_where(name: &str, text: &str) -> bool {
    let name = name.to_lowercase();
    let place = ["directory", "_dir", "folder", "bucket"].iter().any(|end| name.ends_with(end));
    let named = name.starts_with("name_of_") || name.contains("_name_");
    let way = ["admin/", "secret/", "./", "../"].iter().any(|start| text.starts_with(start))
        || (name.starts_with("ssm_") || name.contains("_ssm_")) && text.contains('/');
    place || named || way
}

/// The id of a long-lived key of AWS.
fn is_key_id(text: &str) -> bool {
    text.len() == 20
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn shown(facts: &Facts<'_>, report: &mut Report) {
    for (subject, block) in blocks(facts) {
        let name = block.labels.first().map_or("", String::as_str);
        let kind = block.body.value("type");
        let plain = matches!(kind, Some(Value::Other(kind)) if kind == "bool" || kind == "number");
        let marked = block.body.value("sensitive").is_some_and(Value::is_true);
        if block.kind != "variable" || !is_secret(name) || plain || marked {
            continue;
        }
        let message = format!("`{name}` is secret by its name, and not `sensitive`");
        report.at(subject, &block.head, message).address(block.address()).fix(mark(subject.source(), block));
    }
}

/// Keeps the `=` of neighbouring lines in one column, as `terraform fmt` has it, where they are in one: the attributes
/// right above the block's end, each in one line. Also says what comes behind the new name.
fn aligned(source: &Source, block: &Block, close: usize, mut repair: Repair) -> (Repair, String) {
    let new = "sensitive".len();
    let mut above: Vec<(usize, usize, usize)> = Vec::new();
    let mut at = source.line_start(close);
    for attribute in block.body.attributes.iter().rev() {
        let start = source.line_start(attribute.value.span.start);
        let line = &source.text[start..at];
        let indent = line.len() - line.trim_start().len();
        let assigned = line[indent..].strip_prefix(attribute.key.as_str()).map(str::trim_start);
        if line.matches('\n').count() != 1 || !assigned.is_some_and(|rest| rest.starts_with('=')) {
            break;
        }
        let key = start + indent + attribute.key.len();
        let equals = line.find('=').map_or(key, |equals| start + equals);
        above.push((key, equals, attribute.key.len()));
        at = start;
    }
    let width = above.iter().map(|(.., key)| *key).max().unwrap_or_default();
    let even = above.iter().all(|(key, equals, length)| equals - key == width - length + 1);
    if above.is_empty() || !even || width >= new {
        return (repair, " ".repeat(if even { width.saturating_sub(new) } else { 0 }));
    }
    for (key, equals, length) in above {
        repair = repair.replace(key..equals, " ".repeat(new - length + 1));
    }
    (repair, String::new())
}

/// `sensitive = true` as the last line of the block.
fn mark(source: &Source, block: &Block) -> Option<Repair> {
    let repair = Repair::safe("mark it as sensitive").guarded(GUARD);
    if let Some(attribute) = block.body.attribute("sensitive") {
        let span = attribute.value.span.clone();
        return attribute.value.value.is_false().then(|| repair.replace(span, "true"));
    }
    let close = block.span.end.checked_sub(1)?;
    if source.starts_line(close) {
        let indent = " ".repeat(source.column(close) + 2);
        let (repair, pad) = aligned(source, block, close, repair);
        return Some(repair.insert(source.line_start(close), format!("{indent}sensitive{pad} = true\n")));
    }
    // `variable "x" {}` in one line takes one attribute only.
    let empty = block.body.attributes.is_empty() && block.body.blocks.is_empty();
    let open = source.text[..close].rfind('{')?;
    empty.then(|| repair.replace(open + 1..close, "\n  sensitive = true\n"))
}
