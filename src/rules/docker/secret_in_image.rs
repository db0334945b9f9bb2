use super::file::{File, files};
use crate::edit::dockerfile::Instruction;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/secret-in-image",
    title: "A secret becomes part of the image",
    gain: "everybody who can pull the image reads the secret in its history or its files",
    severity: Severity::Critical,
    controls: &["GP-SEC-01"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("secret_in_image.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for instruction in &file.docker.instructions {
            let message = match instruction.keyword.as_str() {
                "ENV" | "ARG" => variable(instruction),
                "COPY" | "ADD" => copied(facts, &file, instruction),
                _ => None,
            };
            if let Some(message) = message {
                report.at(file.subject, &file.head(instruction), message).address(file.address(instruction));
            }
        }
    }
}

/// Parts of a name that say that the value is secret.
const PARTS: [&str; 9] =
    ["api_key", "apikey", "client_key", "password", "passwd", "private", "secret", "token", "access_key"];

/// Names of secrets that have none of these parts.
const NAMES: [&str; 4] = ["aws_access_key_id", "docker_username", "cf_username", "okta_client_orgurl"];

/// Ends of names that say that the value only tells where the secret is, or how it is used.
const HARMLESS: [&str; 15] = [
    "_file",
    "_path",
    "_dir",
    "_url",
    "_uri",
    "_ttl",
    "_name",
    "_length",
    "_expiry",
    "_expiration",
    "_id_file",
    "_type",
    "_allow_empty_password",
    "_random_root_password",
    "_enabled",
];

fn variable(instruction: &Instruction) -> Option<String> {
    let pair = instruction.pairs().into_iter().find(|pair| is_secret(&pair.name))?;
    let what = if instruction.keyword == "ARG" { "a build argument" } else { "an environment variable" };
    Some(format!(
        "`{}` looks like a secret, and {what} stays in the image; mount it: `RUN --mount=type=secret`",
        pair.name
    ))
}

fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let harmless = HARMLESS.iter().any(|end| name.ends_with(end));
    !harmless && (NAMES.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part)))
}

/// Files that hold secrets, by the last part of their path.
const FILES: [&str; 15] = [
    ".env",
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".git-credentials",
    ".dockercfg",
    ".pgpass",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "credentials.json",
    "service-account.json",
    ".htpasswd",
    "secrets.yml",
];

fn copied(facts: &Facts<'_>, file: &File<'_>, copy: &Instruction) -> Option<String> {
    if copy.flag("from").is_some_and(|flag| flag.value.as_deref() != Some("")) {
        return None;
    }
    let sources = super::copy::sources(file, copy);
    let destination = super::copy::destination(file, copy).unwrap_or_default();
    // What is downloaded was public before.
    let mut own = sources.iter().filter(|source| !source.contains("://"));
    let source = own.find(|source| {
        let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let dot_env = name.starts_with(".env.")
            && !["example", "sample", "template", "dist"].iter().any(|end| name.ends_with(end));
        let end = name.rsplit('.').next().unwrap_or_default();
        FILES.contains(&name) && !is_only_settings(facts, file, name, source)
            || dot_env
            || source.ends_with(".aws/credentials")
            || source.ends_with(".docker/config.json")
            || (end == "pem" && name.contains("key") && !is_public(name, &destination))
            || (end == "key" && name != "key" && !is_public(name, &destination))
            || name == ".ssh"
            || name == ".aws"
    })?;
    Some(format!("`{source}` usually holds secrets, and becomes a layer of the image"))
}

/// Whether it is an `.npmrc` that lies in the repository and holds no password.
fn is_only_settings(facts: &Facts<'_>, file: &File<'_>, name: &str, source: &str) -> bool {
    let path = (name == ".npmrc").then(|| file.beside(facts, source.trim_start_matches("./"))).flatten();
    // What is written as a variable is filled in where the file is used.
    let secret = |line: &str| {
        line.split_once('=').is_some_and(|(key, value)| {
            let ends = ["_auth", "_authToken", "_password"];
            ends.iter().any(|end| key.trim().ends_with(end)) && !value.contains("${")
        })
    };
    path.and_then(|path| facts.text(&path)).is_some_and(|text| !text.lines().any(secret))
}

/// Whether a key is the public half, by its name or by the one that it gets in the image.
fn is_public(name: &str, destination: &str) -> bool {
    let said = |text: &str| ["pub", "gpg", "asc", "keyring"].iter().any(|part| text.contains(part));
    said(name) || said(destination)
}
