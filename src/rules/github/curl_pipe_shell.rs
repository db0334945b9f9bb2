use super::shell::{commands, is_posix, script};
use super::workflow::all_steps;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/curl-pipe-shell",
    title: "A script is run straight from the network",
    gain: "whoever controls the server, or the line to it, runs commands in your pipeline",
    severity: Severity::High,
    controls: &["GP-CI-01"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("curl_pipe_shell.md"),
    check,
};

/// Programs that run what they read.
const INTERPRETERS: [&str; 11] =
    ["sh", "bash", "zsh", "dash", "ksh", "python", "python3", "perl", "ruby", "node", "php"];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for step in all_steps(facts) {
        if is_posix(&step) == Some(false) {
            continue;
        }
        let Some((raw, offset)) = script(&step) else { continue };
        for (span, what) in piped(raw) {
            let message = format!("{what} runs whatever the server sends");
            let range = offset + span.start..offset + span.end;
            let address =
                format!("{}.run[{}]", step.address(), raw[span].split_whitespace().collect::<Vec<_>>().join(" "));
            report.at(step.subject, &range, message).address(address);
        }
    }
}

/// Where a download goes into an interpreter.
fn piped(raw: &str) -> Vec<(std::ops::Range<usize>, String)> {
    let all = commands(raw);
    let mut found = Vec::new();
    let mut source: Option<std::ops::Range<usize>> = None;
    for command in &all {
        let program = command.program();
        let runs = INTERPRETERS.contains(&program);
        if let (Some(from), true) = (&source, runs && reads_input(command.arguments())) {
            found.push((from.start..command.span.end, format!("`… | {program}`")));
            source = None;
            continue;
        }
        if downloads(program) && command.piped {
            source = Some(command.span.clone());
        } else if !command.piped {
            source = None;
        }
        let text = &raw[command.span.clone()];
        let substituted =
            ["<(curl", "<(wget", "$(curl", "$(wget", "`curl", "`wget"].iter().any(|part| text.contains(part));
        let evaluates = program == "eval" || program == "source" || program == ".";
        let inline = runs && command.arguments().iter().any(|word| word == "-c" || word.starts_with("<("));
        if substituted && (evaluates || inline) {
            found.push((command.span.clone(), format!("`{program}` on a download")));
        }
    }
    found
}

/// Whether an interpreter with these arguments runs its standard input: no script of its own is named.
fn reads_input(arguments: &[String]) -> bool {
    let mut rest = arguments.iter().map(String::as_str);
    match rest.find(|word| !word.starts_with('-') && !word.contains('>') || *word == "-" || *word == "-c") {
        None | Some("-") => true,
        // `sh -s -- -y`: all words after `-s` are the script's.
        Some("-c") => false,
        Some(_) => arguments.iter().any(|word| word == "-s"),
    }
}

fn downloads(program: &str) -> bool {
    matches!(program, "curl" | "wget" | "fetch")
}
