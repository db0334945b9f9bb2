//! What is open to everybody, and what is kept where everybody could read it.

use std::collections::BTreeMap;

use super::blocks::{blocks, modules, place, resource};
use crate::edit::hcl::{Body, Value};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static PUBLIC: Rule = Rule {
    id: "terraform/public-exposure",
    title: "Administration or storage is open to the whole internet",
    gain: "everybody can try to log in, or read what is stored",
    severity: Severity::High,
    controls: &["GP-IAC-05"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("public_exposure.md"),
    check: public,
};

pub(super) static STATE: Rule = Rule {
    id: "terraform/unencrypted-state",
    title: "The state is local, unencrypted or unlocked",
    gain: "the state holds every password in the clear, and two runs at once break it",
    severity: Severity::High,
    controls: &["GP-IAC-02"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("unencrypted_state.md"),
    check: state,
};

/// Ports that administrators use.
const ADMIN: [i64; 2] = [22, 3389];

fn number(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(text) | Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// A port or a range of ports, with quotes or without.
fn written(value: &Value) -> Option<&str> {
    match value {
        Value::Number(text) | Value::Text(text) => Some(text),
        _ => None,
    }
}

/// The defaults of each module's variables.
struct Defaults<'f>(BTreeMap<(String, &'f str), &'f Value>);

impl<'f> Defaults<'f> {
    fn read(facts: &'f Facts<'_>) -> Self {
        let modules = modules(facts).into_iter();
        let blocks = modules.flat_map(|(directory, files)| {
            let blocks = files.into_iter().flat_map(|file| file.body.all("variable"));
            blocks.map(move |block| (directory.clone(), block)).collect::<Vec<_>>()
        });
        Defaults(
            blocks
                .filter_map(|(directory, block)| {
                    Some(((directory, block.labels.first()?.as_str()), block.body.value("default")?))
                })
                .collect(),
        )
    }

    /// Whether one of these values means the whole internet, if nothing else is said.
    fn everybody(&self, directory: &str, value: Option<&Value>) -> bool {
        let wide =
            |value: &Value| matches!(value.text(), Some("0.0.0.0/0" | "::/0" | "*" | "Internet" | "0.0.0.0" | "any"));
        value.is_some_and(|value| {
            value.items().into_iter().any(|item| match item {
                Value::Other(text) => {
                    let name = text.strip_prefix("var.").unwrap_or_default();
                    self.0.get(&(directory.to_owned(), name)).is_some_and(|value| value.items().into_iter().any(wide))
                }
                item => wide(item),
            })
        })
    }
}

/// The administrators' port that a range of ports holds.
fn admin_port(body: &Body) -> Option<i64> {
    let protocol = body.value("protocol").or_else(|| body.value("ip_protocol"));
    // What looks like ports there are kinds of messages.
    if protocol.and_then(Value::text).is_some_and(|text| text.to_lowercase().starts_with("icmp")) {
        return None;
    }
    let all = matches!(protocol, Some(Value::Text(text) | Value::Number(text)) if text == "-1" || text == "all");
    let (from, to) = (number(body.value("from_port")), number(body.value("to_port")));
    ADMIN.into_iter().find(|port| all || from.zip(to).is_some_and(|(from, to)| from <= *port && *port <= to))
}

fn public(facts: &Facts<'_>, report: &mut Report) {
    let defaults = Defaults::read(facts);
    for (subject, block) in blocks(facts) {
        let Some(kind) = resource(block) else { continue };
        let body = &block.body;
        let directory = subject.path.parent().map_or_else(String::new, |dir| dir.to_string());
        let everybody = |value: Option<&Value>| defaults.everybody(&directory, value);
        let open = |body: &Body| {
            let wide = ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"]
                .iter()
                .any(|key| everybody(body.value(key)));
            admin_port(body).filter(|_| wide)
        };
        let said = |port: i64| format!("port {port} is open to the whole internet");
        match kind {
            "aws_security_group" | "aws_default_security_group" => {
                for ingress in body.all("ingress") {
                    if let Some(port) = open(&ingress.body) {
                        report.at(subject, &ingress.head, said(port)).address(format!("{} {port}", block.address()));
                    }
                }
            }
            "aws_security_group_rule" | "aws_vpc_security_group_ingress_rule" => {
                let inward =
                    kind.ends_with("ingress_rule") || body.value("type").and_then(Value::text) == Some("ingress");
                if let Some(port) = open(body).filter(|_| inward) {
                    report.at(subject, &block.head, said(port)).address(format!("{} {port}", block.address()));
                }
            }
            "google_compute_firewall" => {
                let inward = body.value("direction").and_then(Value::text) != Some("EGRESS");
                let ports: Vec<&str> = body
                    .all("allow")
                    .filter_map(|allow| allow.body.value("ports"))
                    .flat_map(Value::items)
                    .filter_map(written)
                    .collect();
                let everything =
                    body.all("allow").any(|allow| allow.body.value("protocol").and_then(Value::text) == Some("all"));
                let port = ADMIN.into_iter().find(|port| everything || ports.iter().any(|range| holds(range, *port)));
                if let Some(port) = port.filter(|_| inward && everybody(body.value("source_ranges"))) {
                    report.at(subject, &block.head, said(port)).address(format!("{} {port}", block.address()));
                }
            }
            "azurerm_network_security_rule" | "azurerm_network_security_group" => {
                let rules: Vec<(&Body, _)> = if kind.ends_with("_rule") {
                    vec![(body, &block.head)]
                } else {
                    body.all("security_rule").map(|rule| (&rule.body, &rule.head)).collect()
                };
                for (rule, head) in rules {
                    let text = |key: &str| rule.value(key).and_then(Value::text).unwrap_or_default();
                    let inward = text("direction").eq_ignore_ascii_case("inbound")
                        && text("access").eq_ignore_ascii_case("allow")
                        && !text("protocol").eq_ignore_ascii_case("icmp");
                    let ports = ["destination_port_range", "destination_port_ranges"]
                        .into_iter()
                        .filter_map(|key| rule.value(key));
                    let ports: Vec<&str> = ports.flat_map(Value::items).filter_map(written).collect();
                    let port =
                        ADMIN.into_iter().find(|port| ports.iter().any(|range| *range == "*" || holds(range, *port)));
                    let wide = everybody(rule.value("source_address_prefix"))
                        || everybody(rule.value("source_address_prefixes"));
                    if let Some(port) = port.filter(|_| inward && wide) {
                        report.at(subject, head, said(port)).address(format!("{} {port}", block.address()));
                    }
                }
            }
            "aws_s3_bucket" | "aws_s3_bucket_acl" => {
                let acl = body.attribute("acl");
                if let Some(text) =
                    acl.and_then(|acl| acl.value.value.text()).filter(|text| text.starts_with("public-"))
                {
                    let message = format!("`{text}` lets everybody read the bucket");
                    report.at(subject, &place(block, acl), message).address(format!("{} acl", block.address()));
                }
            }
            "google_storage_bucket_iam_member" | "google_storage_bucket_iam_binding" => {
                for key in ["member", "members"] {
                    let Some(attribute) = body.attribute(key) else { continue };
                    let all = attribute
                        .value
                        .value
                        .items()
                        .into_iter()
                        .filter_map(Value::text)
                        .find(|who| matches!(*who, "allUsers" | "allAuthenticatedUsers"));
                    if let Some(who) = all {
                        report
                            .at(subject, &attribute.span, format!("`{who}` can reach what is stored"))
                            .address(block.address());
                    }
                }
            }
            _ => {}
        }
    }
    unblocked(facts, report);
}

/// Whether `"20-30"` or `"22"` holds a port.
fn holds(range: &str, port: i64) -> bool {
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    from.trim().parse::<i64>().is_ok_and(|from| from <= port) && to.trim().parse::<i64>().is_ok_and(|to| port <= to)
}

/// Buckets for which nothing in their module blocks public access.
fn unblocked(facts: &Facts<'_>, report: &mut Report) {
    for files in modules(facts).into_values() {
        let all = || files.iter().flat_map(|file| file.body.blocks.iter().map(move |block| (file.subject, block)));
        let blocked: Vec<String> = all()
            .filter(|(_, block)| resource(block) == Some("aws_s3_bucket_public_access_block"))
            .filter(|(_, block)| {
                ["block_public_acls", "block_public_policy"]
                    .iter()
                    .all(|key| block.body.value(key).is_some_and(|value| !value.is_false()))
            })
            .filter_map(|(_, block)| match block.body.value("bucket")? {
                Value::Other(text) | Value::Text(text) | Value::Template(text) => Some(text.clone()),
                _ => None,
            })
            .collect();
        for (subject, block) in all().filter(|(_, block)| resource(block) == Some("aws_s3_bucket")) {
            let name = block.labels.get(1).map_or("", String::as_str);
            let literal = block.body.value("bucket").and_then(Value::words).unwrap_or_default();
            let reference = format!("aws_s3_bucket.{name}");
            let means = |text: &String| {
                let rest = text.trim_start_matches("${").strip_prefix(&reference);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', '}']))
                    || !literal.is_empty() && text == literal
            };
            if !blocked.iter().any(means) {
                let message = "no `aws_s3_bucket_public_access_block` keeps the bucket from being made public";
                report.at(subject, &block.head, message).address(block.address());
            }
        }
    }
}

fn state(facts: &Facts<'_>, report: &mut Report) {
    for (subject, block) in blocks(facts) {
        for backend in block.body.all("backend").filter(|_| block.kind == "terraform") {
            let body = &backend.body;
            let message = match backend.labels.first().map(String::as_str) {
                Some("local") => "the state lies on the disk of whoever runs Terraform",
                Some("s3")
                    if !body.value("encrypt").is_some_and(Value::is_true) && body.attribute("kms_key_id").is_none() =>
                {
                    "`encrypt = true` is missing: the state's secrets are stored as they are"
                }
                Some("s3")
                    if body.attribute("dynamodb_table").is_none()
                        && !body.value("use_lockfile").is_some_and(Value::is_true) =>
                {
                    "nothing locks the state (`use_lockfile = true`), so two runs at once break it"
                }
                _ => continue,
            };
            report.at(subject, &backend.head, message).address(format!("backend {}", backend.labels.join(" ")));
        }
    }
}
