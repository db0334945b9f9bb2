//! Variables and scripts: secrets in them, and what strangers can put into them.

use super::jobs::{Pipeline, lines, pipelines};
use crate::edit::dockerfile::Logical;
use crate::edit::dockerfile::shell::split;
use crate::edit::tree::{Node, Type};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};
use crate::rules::stand_ins::stands_in;

pub(super) static INLINE: Rule = Rule {
    id: "gitlab/inline-secret",
    title: "A secret stands in the pipeline",
    gain: "everybody who can read the repository has the secret",
    severity: Severity::Critical,
    controls: &["GP-SEC-01"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("inline_secret.md"),
    check: inline,
};

pub(super) static CLOUD: Rule = Rule {
    id: "gitlab/static-cloud-key",
    title: "A pipeline uses a key that never ends",
    gain: "a key that leaks from one job is good for ever, from anywhere",
    severity: Severity::High,
    controls: &["GP-CI-03"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("static_cloud_key.md"),
    check: cloud,
};

pub(super) static UNTRUSTED: Rule = Rule {
    id: "gitlab/untrusted-interpolation",
    title: "What a stranger wrote is run as a command",
    gain: "whoever opens a merge request runs commands in your pipeline",
    severity: Severity::High,
    controls: &["GP-CI-04"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("untrusted_interpolation.md"),
    check: untrusted,
};

pub(super) static DIND: Rule = Rule {
    id: "gitlab/insecure-dind",
    title: "Docker's socket is open without TLS",
    gain: "whoever reaches the service's port is root on the runner",
    severity: Severity::High,
    controls: &["GP-SC-03"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("insecure_dind.md"),
    check: dind,
};

pub(super) static TRACE: Rule = Rule {
    id: "gitlab/debug-trace",
    title: "A pipeline logs every command with its variables",
    gain: "everybody who can read the job's log reads its secrets",
    severity: Severity::High,
    controls: &["GP-OBS-01"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("debug_trace.md"),
    check: trace,
};

/// A variable with a literal value.
struct Variable<'f> {
    pipeline: Pipeline<'f>,
    address: String,
    name: &'f str,
    value: &'f str,
    node: &'f Node,
}

fn variables<'f>(facts: &'f Facts<'_>) -> Vec<Variable<'f>> {
    let mut all = Vec::new();
    for pipeline in pipelines(facts) {
        for (place, node) in pipeline.places() {
            let Some((_, entry)) = node.entry("variables") else { continue };
            for variable in pipeline.resolve(&entry.value).entries().unwrap_or_default() {
                let value = match variable.value.entry("value") {
                    Some((_, entry)) => &entry.value,
                    None => &variable.value,
                };
                if let Some(scalar) = value.scalar().filter(|scalar| scalar.resolved != Type::Null) {
                    let address = format!("{place}/{}", variable.key);
                    all.push(Variable { pipeline, address, name: &variable.key, value: &scalar.text, node: value });
                }
            }
        }
    }
    all
}

const PARTS: [&str; 9] =
    ["password", "passwd", "secret", "token", "api_key", "apikey", "private_key", "access_key", "credential"];
const HARMLESS: [&str; 12] =
    ["_file", "_path", "_dir", "_url", "_uri", "_ttl", "_name", "_id", "_enabled", "_type", "_version", "_user"];

/// Passwords that the images of databases and queues are started with.
const SERVICES: [&str; 8] = [
    "PGPASSWORD",
    "POSTGRES_PASSWORD",
    "MYSQL_PASSWORD",
    "MYSQL_ROOT_PASSWORD",
    "MARIADB_PASSWORD",
    "MARIADB_ROOT_PASSWORD",
    "MONGO_INITDB_ROOT_PASSWORD",
    "RABBITMQ_DEFAULT_PASS",
];

fn inline(facts: &Facts<'_>, report: &mut Report) {
    for variable in variables(facts) {
        let name = variable.name.to_lowercase();
        // Settings of GitLab's own scanner are called so.
        let name = name.strip_prefix("secret_detection_").unwrap_or(&name);
        let secret = PARTS.iter().any(|part| name.contains(part)) && !HARMLESS.iter().any(|end| name.ends_with(end));
        // Google's tools take the path of a file here.
        let secret = secret && name != "google_application_credentials";
        let plain =
            !variable.value.is_empty() && !variable.value.contains('$') && !matches!(variable.value, "true" | "false");
        let plain = plain && !stands_in(variable.value);
        let key = variable.value.len() == 20 && variable.value.starts_with("AKIA");
        if (secret && plain) || key || variable.value.contains("PRIVATE KEY-----") {
            let message = format!("`{}` is a secret that is written down here", variable.name);
            let found = report
                .at(variable.pipeline.subject, &variable.pipeline.place(&variable.node.span), message)
                .address(variable.address);
            // It guards a database that lives as long as the job.
            let starts = || variable.pipeline.places().iter().any(|(_, node)| node.entry("services").is_some());
            if SERVICES.contains(&variable.name) && starts() {
                found.milder();
            }
        }
    }
}

/// Variables that carry long-lived keys.
const KEYS: [&str; 8] = [
    "AWS_SECRET_ACCESS_KEY",
    "GCP_SERVICE_KEY",
    "GCP_SA_KEY",
    "GCLOUD_SERVICE_KEY",
    "GOOGLE_CREDENTIALS",
    "GOOGLE_APPLICATION_CREDENTIALS_JSON",
    "AZURE_CLIENT_SECRET",
    "ARM_CLIENT_SECRET",
];

/// Tokens that were not bound to an audience.
const OLD_TOKENS: [&str; 3] = ["CI_JOB_JWT_V1", "CI_JOB_JWT_V2", "CI_JOB_JWT"];

/// The variable of this list that a text uses.
fn uses<'n>(text: &str, names: &[&'n str]) -> Option<&'n str> {
    names.iter().copied().find(|name| {
        text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            before.is_some_and(|c| c == '$' || c == '{') && !after.is_some_and(word)
        })
    })
}

fn scripts<'f>(facts: &'f Facts<'_>) -> Vec<(Pipeline<'f>, String, &'f Node)> {
    let mut all = Vec::new();
    for pipeline in pipelines(facts) {
        for (place, node) in pipeline.places() {
            for key in ["before_script", "script", "after_script"] {
                all.extend(lines(node, key).into_iter().map(|line| (pipeline, place.clone(), line)));
            }
        }
    }
    all
}

fn cloud(facts: &Facts<'_>, report: &mut Report) {
    let said = |name: &str| {
        if OLD_TOKENS.contains(&name) {
            format!("`{name}` is a token for everybody; ask for one with `id_tokens`")
        } else {
            format!("`{name}` is a key that never ends; `id_tokens` gives one for this job")
        }
    };
    let all: Vec<&str> = KEYS.iter().chain(&OLD_TOKENS).copied().collect();
    for variable in variables(facts) {
        let named = KEYS.iter().copied().find(|key| *key == variable.name && variable.value.contains('$'));
        if let Some(name) = named.or_else(|| uses(variable.value, &all)) {
            report
                .at(variable.pipeline.subject, &variable.pipeline.place(&variable.node.span), said(name))
                .address(variable.address);
        }
    }
    for (pipeline, place, line) in scripts(facts) {
        let text = line.scalar().map_or("", |scalar| scalar.text.as_str());
        if let Some(name) = uses(text, &all) {
            report.at(pipeline.subject, &pipeline.place(&line.span), said(name)).address(format!("{place}/{name}"));
        }
    }
}

/// Variables whose text comes from whoever opens a merge request.
const STRANGERS: [&str; 9] = [
    "CI_MERGE_REQUEST_TITLE",
    "CI_MERGE_REQUEST_DESCRIPTION",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_COMMIT_MESSAGE",
    "CI_COMMIT_TITLE",
    "CI_COMMIT_DESCRIPTION",
    "CI_COMMIT_REF_NAME",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_AUTHOR",
];

fn untrusted(facts: &Facts<'_>, report: &mut Report) {
    for (pipeline, place, line) in scripts(facts) {
        let text = line.scalar().map_or("", |scalar| scalar.text.as_str());
        let script = split(&Logical::of(text, 0));
        let found = script.commands.iter().find_map(|command| {
            let shell = matches!(
                command.name(),
                "sh" | "bash" | "ash" | "zsh" | "python" | "python3" | "perl" | "ruby" | "node"
            );
            let runs = command.name() == "eval"
                || command.name() == "ssh"
                || shell && (command.has_flag("c") || command.has_flag("e"));
            runs.then(|| command.args().iter().find_map(|word| uses(&word.text, &STRANGERS)))
                .flatten()
                .map(|name| (command.name().to_owned(), name))
        });
        // In single quotes the outer shell leaves a variable alone, and the inner one expands it as a text.
        if let Some((program, name)) =
            found.filter(|(program, name)| program == "eval" || !text.contains(&format!("'{name}'")))
        {
            let message =
                format!("`{program}` runs what stands in `{name}`, which whoever opens a merge request writes");
            report.at(pipeline.subject, &pipeline.place(&line.span), message).address(format!("{place}/{name}"));
        }
    }
}

fn dind(facts: &Facts<'_>, report: &mut Report) {
    for variable in variables(facts) {
        let open = match variable.name {
            "DOCKER_TLS_CERTDIR" => variable.value.is_empty(),
            "DOCKER_HOST" => variable.value.starts_with("tcp://") && variable.value.ends_with(":2375"),
            _ => false,
        };
        if open {
            let message = format!("`{}: {:?}` speaks to Docker without TLS", variable.name, variable.value);
            report
                .at(variable.pipeline.subject, &variable.pipeline.place(&variable.node.span), message)
                .address(variable.address);
        }
    }
}

fn trace(facts: &Facts<'_>, report: &mut Report) {
    for variable in variables(facts) {
        let on = matches!(variable.value.to_lowercase().as_str(), "true" | "1");
        if matches!(variable.name, "CI_DEBUG_TRACE" | "CI_DEBUG_SERVICES") && on {
            let message = format!("`{}` writes every variable into the log", variable.name);
            report
                .at(variable.pipeline.subject, &variable.pipeline.place(&variable.node.span), message)
                .address(variable.address);
        }
    }
}
