use super::ecosystems::is_sample;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};
use regex::Regex;
use std::sync::LazyLock;

pub(super) static RULE: Rule = Rule {
    id: "repo/secret-committed",
    title: "A secret is in the repository",
    gain: "whoever reads the repository, now or in its history, has the access",
    severity: Severity::Critical,
    controls: &["GP-SEC-01", "GP-DAT-01"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("secret_committed.md"),
    check,
};

/// Forms that only a secret has, each with its name.
static FORMS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    [
        ("a private key", r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |PGP |ENCRYPTED )?PRIVATE KEY(?: BLOCK)?-----"),
        ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
        ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b"),
        ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}\b"),
        ("a Slack token", r"\bxox[baprs]-[0-9]{10,}-[A-Za-z0-9-]{20,}\b"),
        ("a Stripe key", r"\b[sr]k_live_[A-Za-z0-9]{20,}\b"),
        ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("a PyPI token", r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}\b"),
        ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}\b"),
    ]
    .into_iter()
    .filter_map(|(name, form)| Some((name, Regex::new(form).ok()?)))
    .collect()
});

/// Files that people put configuration into; code is left to scanners made for it.
const NAMES: [&str; 14] = [
    ".env",
    ".npmrc",
    ".pypirc",
    ".netrc",
    "credentials",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "Dockerfile",
    "Jenkinsfile",
    "Makefile",
    ".envrc",
    ".git-credentials",
];
const EXTENSIONS: [&str; 18] = [
    "env",
    "pem",
    "key",
    "yml",
    "yaml",
    "json",
    "toml",
    "tf",
    "tfvars",
    "ini",
    "cfg",
    "conf",
    "properties",
    "sh",
    "txt",
    "xml",
    "md",
    "asc",
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for path in facts.paths().iter().filter(|path| !is_sample(path)) {
        let name = path.file_name();
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        if !(NAMES.contains(&name) || name.starts_with(".env.") || EXTENSIONS.contains(&extension)) {
            continue;
        }
        let Some(text) = facts.text(path.as_str()) else { continue };
        for (form_name, form) in FORMS.iter() {
            for found in form.find_iter(&text) {
                if is_example(found.as_str(), &text[found.end()..]) {
                    continue;
                }
                let shown: String = found.as_str().chars().take(4).collect();
                let message = format!("{form_name} (`{shown}…`) lies open in the repository");
                report
                    .text(path, &text, &found.range(), message)
                    .address(format!("{form_name}[{}]", mark(found.as_str())));
            }
        }
    }
}

/// Whether a match is one that documentation uses, or a key's frame without a key in it.
fn is_example(found: &str, after: &str) -> bool {
    let upper = found.to_uppercase();
    let sample = ["EXAMPLE", "XXXX", "0000000", "1234567"].iter().any(|word| upper.contains(word));
    let body: String =
        after.chars().take(200).filter(|c| c.is_ascii_alphanumeric() || *c == '+' || *c == '/').collect();
    let empty_frame = found.starts_with("-----") && (body.len() < 100 || after.trim_start().starts_with("..."));
    sample || empty_frame
}

/// Tells secrets apart without telling them.
fn mark(secret: &str) -> String {
    crate::model::file::BlobId::of(secret.as_bytes()).to_string().chars().take(12).collect()
}
