use super::file::files;
use crate::edit::dockerfile::Instruction;
use crate::edit::dockerfile::shell::Command;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/tls-off",
    title: "Certificates are not checked",
    gain: "whoever sits between the build, or the service, and a server can put anything in its place",
    severity: Severity::High,
    controls: &["GP-IAC-04", "GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("tls_off.md"),
    check,
};

/// Variables that switch the check off, with the values that do.
const VARIABLES: [(&str, &[&str]); 9] = [
    ("NODE_TLS_REJECT_UNAUTHORIZED", &["0"]),
    ("PYTHONHTTPSVERIFY", &["0"]),
    ("NPM_CONFIG_STRICT_SSL", &["false", "0"]),
    ("npm_config_strict_ssl", &["false", "0"]),
    ("YARN_STRICT_SSL", &["false", "0"]),
    ("GIT_SSL_NO_VERIFY", &["1", "true", "yes", "on"]),
    ("PIP_TRUSTED_HOST", &[]),
    ("CARGO_HTTP_CHECK_REVOKE", &["false"]),
    ("HTTPLIB2_DISABLE_SSL_VERIFY", &["1", "true"]),
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for instruction in &file.docker.instructions {
            let what = match instruction.keyword.as_str() {
                "ENV" | "ARG" => variable(instruction),
                "RUN" => command(instruction),
                _ => None,
            };
            if let Some(what) = what {
                let message = format!("{what} accepts any certificate");
                report.at(file.subject, &file.head(instruction), message).address(file.address(instruction));
            }
        }
    }
}

fn variable(instruction: &Instruction) -> Option<String> {
    instruction.pairs().into_iter().find_map(|pair| {
        let value = pair.value?;
        let value = value.trim_matches(['"', '\'']);
        switches_off(&pair.name, value).then(|| format!("`{}={value}`", pair.name))
    })
}

fn switches_off(name: &str, value: &str) -> bool {
    VARIABLES.iter().any(|(known, values)| {
        *known == name
            && !value.is_empty()
            && (values.is_empty() || values.iter().any(|off| off.eq_ignore_ascii_case(value)))
    })
}

fn command(run: &Instruction) -> Option<String> {
    let set = |command: &Command| {
        let words = command
            .assignments
            .iter()
            .chain(command.args().iter().filter(|_| matches!(command.name(), "export" | "env")));
        words.into_iter().find_map(|word| {
            let (name, value) = word.text.split_once('=')?;
            switches_off(name, value).then(|| format!("`{}`", word.text))
        })
    };
    run.script.commands.iter().find_map(|command| {
        set(command).or_else(|| {
            let inner = command.unwrapped().unwrap_or_else(|| command.clone());
            option(&inner)
        })
    })
}

/// The option of a program that switches the check off.
fn option(command: &Command) -> Option<String> {
    let name = command.name();
    let args = command.args();
    let found = match name {
        "curl" => args.iter().find(|word| word.text == "--insecure" || is_short(&word.text, 'k')),
        "wget" => args.iter().find(|word| word.text == "--no-check-certificate"),
        "git" => args.iter().find(|word| word.text.eq_ignore_ascii_case("http.sslverify=false")).or_else(|| {
            let key = args.iter().position(|word| word.text.eq_ignore_ascii_case("http.sslverify"))?;
            args.get(key + 1).filter(|value| matches!(value.text.as_str(), "false" | "0"))
        }),
        "npm" | "yarn" | "pnpm" => args
            .iter()
            .find(|word| matches!(word.text.as_str(), "--strict-ssl=false" | "strict-ssl=false" | "--no-strict-ssl"))
            .or_else(|| {
                let key = args.iter().position(|word| word.text == "strict-ssl" || word.text == "--strict-ssl")?;
                args.get(key + 1).filter(|value| value.text == "false")
            }),
        "yum" | "dnf" | "tdnf" | "microdnf" => args.iter().find(|word| {
            matches!(
                word.text.as_str(),
                "--setopt=sslverify=false" | "--setopt=sslverify=0" | "sslverify=false" | "sslverify=0"
            )
        }),
        "apt-get" | "apt" => args.iter().find(|word| word.text.to_lowercase().contains("::verify-peer=false")),
        _ if name.starts_with("pip") || (name.starts_with("python") && command.has_arg("pip")) => {
            args.iter().find(|word| word.text == "--trusted-host" || word.text.starts_with("--trusted-host="))
        }
        _ => None,
    };
    found.map(|word| format!("`{name} {}`", word.text))
}

fn is_short(word: &str, letter: char) -> bool {
    word.strip_prefix('-').is_some_and(|rest| {
        !rest.starts_with('-')
            && rest.chars().all(|c| c.is_ascii_alphabetic() || c == '#')
            && rest.contains(letter)
            && {
                // What follows `-o` and its like in the same word is a value.
                let value = rest.find(['o', 'H', 'd', 'u', 'X', 'A', 'e', 'x', 'm', 'b', 'c', 'T']);
                rest.find(letter).zip(value).is_none_or(|(letter, value)| letter < value)
            }
    })
}
