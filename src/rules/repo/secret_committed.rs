use super::ecosystems::is_sample;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};
use regex::Regex;
use std::sync::OnceLock;

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

/// What only a secret looks like.
struct Form {
    name: &'static str,
    /// One of these is in every such secret: what has none is not searched.
    marks: &'static [&'static str],
    pattern: &'static str,
    ready: OnceLock<Option<Regex>>,
}

impl Form {
    const fn new(name: &'static str, marks: &'static [&'static str], pattern: &'static str) -> Self {
        Form { name, marks, pattern, ready: OnceLock::new() }
    }

    fn regex(&self) -> Option<&Regex> {
        self.ready.get_or_init(|| Regex::new(self.pattern).ok()).as_ref()
    }
}

static FORMS: [Form; 9] = [
    Form::new(
        "a private key",
        &["PRIVATE KEY"],
        r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |PGP |ENCRYPTED )?PRIVATE KEY(?: BLOCK)?-----",
    ),
    Form::new("an AWS access key", &["AKIA", "ASIA"], r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    Form::new(
        "a GitHub token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"],
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b",
    ),
    Form::new("a GitLab token", &["glpat-"], r"\bglpat-[A-Za-z0-9_-]{20,}\b"),
    Form::new("a Slack token", &["xox"], r"\bxox[baprs]-[0-9]{10,}-[A-Za-z0-9-]{20,}\b"),
    Form::new("a Stripe key", &["k_live_"], r"\b[sr]k_live_[A-Za-z0-9]{20,}\b"),
    Form::new("an npm token", &["npm_"], r"\bnpm_[A-Za-z0-9]{36}\b"),
    Form::new("a PyPI token", &["pypi-AgEIcHlwaS5vcmc"], r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}\b"),
    Form::new("a Google API key", &["AIza"], r"\bAIza[A-Za-z0-9_-]{35}\b"),
];

/// Files that people put configuration into.
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
const EXTENSIONS: [&str; 16] = [
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
    "xml",
    "asc",
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for path in facts.paths().iter().filter(|path| holds_settings(path.file_name()) && !is_sample(path)) {
        let Some(text) = facts.text(path.as_str()) else { continue };
        for form in FORMS.iter().filter(|form| form.marks.iter().any(|mark| text.contains(mark))) {
            let form_name = form.name;
            for found in form.regex().into_iter().flat_map(|regex| regex.find_iter(&text)) {
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

/// Code is left to scanners made for it, but for files that are called after what people put into them: `settings.py`.
const CODE: [&str; 12] = ["py", "js", "ts", "mjs", "cjs", "go", "rb", "php", "java", "kt", "cs", "ps1"];
const TELLING: [&str; 4] = ["config", "setting", "secret", "credential"];

fn is_code_of_settings(name: &str, extension: &str) -> bool {
    let stem = name.strip_suffix(extension).unwrap_or_default().to_lowercase();
    CODE.contains(&extension) && TELLING.iter().any(|word| stem.contains(word))
}

/// Whether people put settings into files of this name, or what a stranger should paste.
fn holds_settings(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    NAMES.contains(&name)
        || name.starts_with(".env.")
        || name.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("readme"))
        || EXTENSIONS.contains(&extension)
        || is_code_of_settings(name, extension)
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
