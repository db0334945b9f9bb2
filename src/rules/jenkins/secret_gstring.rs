use std::collections::BTreeSet;

use super::file::{File, files, stage};
use crate::edit::jenkinsfile::{Placed, Quote, Statement, Token, parse, replaced};
use crate::edit::source::Source;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Guard, Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "jenkins/secret-gstring",
    title: "Groovy writes a secret or a parameter into a command",
    gain: "the secret is in the process list and the log, and whoever sets the parameter runs commands",
    severity: Severity::High,
    controls: &["GP-CI-04", "GP-SEC-01"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("secret_gstring.md"),
    check,
};

/// Steps that hand a text to a shell.
const SHELLS: [&str; 4] = ["sh", "bat", "powershell", "pwsh"];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        let names = names(&file);
        file.walk(|statement, around| {
            for (at, placed) in statement.tokens.iter().enumerate() {
                let Token::Word(word) = &placed.token else { continue };
                let shell = SHELLS.contains(&word.as_str());
                let Some((literal, quote, body)) = argument(statement, at).filter(|_| shell) else { continue };
                let found = replaced(body);
                let Some((expression, _)) = found.iter().find(|(expression, _)| is_risky(expression, &names)) else {
                    continue;
                };
                let what = if head(expression) == "params" { "whoever starts the build writes" } else { "is secret" };
                let message =
                    format!("Groovy puts `{expression}`, which {what}, into the text of `{word}`; let the shell do it");
                let fix = if word == "sh" { repair(literal, quote, body, &found, &names) } else { None };
                report
                    .at(file.subject, &literal.span, message)
                    .address(format!("{}/{word} {expression}", stage(around)))
                    .fix(fix);
            }
        });
    }
}

/// The string that a step gets: right behind it, behind a bracket, or as `script:`.
fn argument(statement: &Statement, at: usize) -> Option<(&Placed, Quote, &str)> {
    let mut rest = statement.tokens.get(at + 1..)?.iter();
    let expanded = |placed: &'_ Placed| matches!(placed.token, Token::Text(Quote::Double | Quote::TripleDouble, _));
    let found = match &rest.clone().next()?.token {
        Token::Text(..) => rest.next(),
        Token::Mark('(') | Token::Word(_) => {
            let script =
                statement.tokens.iter().skip(at + 1).position(|placed| placed.token == Token::Word("script".into()));
            match script {
                Some(n) => statement.tokens.get(at + 1 + n + 2),
                None => statement.tokens.get(at + 2),
            }
        }
        Token::Mark(_) => None,
    }?;
    match &found.token {
        Token::Text(quote, body) if expanded(found) => Some((found, *quote, body)),
        _ => None,
    }
}

/// What a pipeline knows by name.
struct Names {
    /// In the environment of its commands.
    environment: BTreeSet<String>,
    /// Bound to credentials.
    secret: BTreeSet<String>,
}

fn names(file: &File<'_>) -> Names {
    let mut names = Names { environment: BTreeSet::new(), secret: BTreeSet::new() };
    file.walk(|statement, around| {
        if around.last().is_some_and(|outer| outer.name() == "environment")
            && let [Placed { token: Token::Word(name), .. }, Placed { token: Token::Mark('='), .. }, value @ ..] =
                statement.tokens.as_slice()
        {
            names.environment.insert(name.clone());
            if value.first().is_some_and(|value| value.token == Token::Word("credentials".into())) {
                names.secret.insert(name.clone());
                for end in ["_USR", "_PSW"] {
                    names.environment.insert(format!("{name}{end}"));
                    names.secret.insert(format!("{name}{end}"));
                }
            }
        }
        if statement.name() == "withCredentials" {
            let tokens = &statement.tokens;
            for window in tokens.windows(3) {
                let [key, colon, value] = window else { continue };
                let (Token::Word(key), Token::Mark(':'), Token::Text(_, name)) =
                    (&key.token, &colon.token, &value.token)
                else {
                    continue;
                };
                if key == "variable" || key.ends_with("Variable") {
                    names.environment.insert(name.clone());
                    names.secret.insert(name.clone());
                }
            }
        }
    });
    names
}

const PARTS: [&str; 7] = ["password", "passwd", "secret", "token", "api_key", "apikey", "access_key"];

fn is_risky(expression: &str, names: &Names) -> bool {
    if expression.starts_with("params") && head(expression) == "params" {
        return !is_choice(expression);
    }
    let name = expression.strip_prefix("env.").unwrap_or(expression);
    let head = head(name);
    let telling = head == name && PARTS.iter().any(|part| name.to_lowercase().contains(part));
    names.secret.contains(head) || telling
}

/// The name that an expression begins with.
fn head(expression: &str) -> &str {
    let end = expression.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(expression.len());
    &expression[..end]
}

/// Whether a value only decides between two texts that are written down: `params.X ? '-v' : ''`.
fn is_choice(expression: &str) -> bool {
    let literal = |text: &str| {
        let text = text.trim();
        let quoted = ['\'', '"'].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
        quoted.is_some_and(|inner| !inner.contains(['\'', '"', '$']))
    };
    let branches = expression.split_once('?').and_then(|(_, rest)| rest.split_once(':'));
    branches.is_some_and(|(yes, no)| literal(yes) && literal(no))
}

/// Single quotes, and the shell's own variables, where every name is one of the environment.
fn repair(
    literal: &Placed,
    quote: Quote,
    body: &str,
    found: &[(String, std::ops::Range<usize>)],
    names: &Names,
) -> Option<Repair> {
    let known = found.iter().all(|(expression, _)| {
        let name = expression.strip_prefix("env.").unwrap_or(expression);
        names.environment.contains(name)
            || expression.starts_with("env.") && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    if !known || body.contains(['\\', '\'']) {
        return None;
    }
    let mut text = String::new();
    let mut done = 0;
    for (expression, range) in found {
        let name = expression.strip_prefix("env.").unwrap_or(expression);
        let next = body[range.end..].chars().next();
        let glued = next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
        text.push_str(&body[done..range.start]);
        let (open, close) = if glued { ("${", "}") } else { ("$", "") };
        text.push_str(open);
        text.push_str(name);
        text.push_str(close);
        done = range.end;
    }
    text.push_str(&body[done..]);
    let mark = if quote == Quote::TripleDouble { "'''" } else { "'" };
    let title = "let the shell read its environment";
    Some(Repair::safe(title).replace(literal.span.clone(), format!("{mark}{text}{mark}")).guarded(GUARD))
}

/// The pipeline is the same but for the quotes of strings, and `env.`, braces and images' digests in them.
pub(super) const GUARD: Guard = Guard::Holds(|before, after| {
    let read = |text: &str| {
        parse(&Source::new(text).text).ok().map(|statements| statements.iter().map(words).collect::<Vec<_>>())
    };
    let before = read(before);
    before.is_some() && before == read(after)
});

fn words(statement: &Statement) -> String {
    // What `jenkins/options` adds is no part of what is compared.
    if statement.name() == "options" {
        return String::new();
    }
    let token = |placed: &Placed| match &placed.token {
        Token::Text(_, text) => {
            format!("{:?}", without_digests(text).replace("env.", "").replace(['{', '}'], ""))
        }
        other => format!("{other:?}"),
    };
    let own: Vec<String> = statement.tokens.iter().map(token).collect();
    let inner: Vec<String> = statement.inner().map(words).filter(|words| !words.is_empty()).collect();
    format!("{own:?} {inner:?}")
}

/// A text without the digests of images.
fn without_digests(text: &str) -> String {
    let mut parts = text.split("@sha256:");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str(part.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
    }
    bare
}
