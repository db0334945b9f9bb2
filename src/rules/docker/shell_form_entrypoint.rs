use super::file::{File, files};
use super::same::GUARD;
use crate::edit::dockerfile::Instruction;
use crate::edit::dockerfile::shell::split;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/shell-form-entrypoint",
    title: "The service starts through a shell",
    gain: "the service never hears the signal to stop, so it is killed in the middle of its work",
    severity: Severity::Low,
    controls: &["GP-DK-01"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("shell_form_entrypoint.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for start in &file.docker.instructions {
            let message = match start.keyword.as_str() {
                "CMD" | "ENTRYPOINT" => {
                    format!("`{}` runs a shell that runs the service, and signals reach only the shell", start.keyword)
                }
                "HEALTHCHECK" if !start.args.text().eq_ignore_ascii_case("none") => {
                    "every check runs a shell first, which the image must have".to_owned()
                }
                _ => continue,
            };
            if start.onbuild || start.exec().is_some() || start.args.text().is_empty() {
                continue;
            }
            report.at(file.subject, &file.head(start), message).address(file.address(start)).fix(repair(&file, start));
        }
    }
}

/// What a shell would act on, or do in another way than the words say.
const META: [char; 21] =
    ['$', '`', '&', '|', ';', '<', '>', '(', ')', '*', '?', '[', ']', '{', '}', '~', '#', '!', '\\', '\n', '='];

/// Words that are part of the shell.
const BUILTINS: [&str; 16] = [
    "cd", "exec", "source", ".", "export", "set", "eval", "ulimit", "umask", "trap", "wait", "if", "while", "for",
    "until", "case",
];

fn repair(file: &File<'_>, start: &Instruction) -> Option<Repair> {
    let run = start.command();
    let text = run.text();
    let stage = start.stage?;
    let other_shell = file.inherited(stage, "SHELL").is_some();
    // The words of a `CMD` would become arguments of an `ENTRYPOINT`.
    let entrypoint = start.keyword == "CMD" && file.inherited(stage, "ENTRYPOINT").is_some();
    if text.contains(META) || other_shell || entrypoint {
        return None;
    }
    let script = split(&run);
    let [command] = script.commands.as_slice() else { return None };
    if !command.assignments.is_empty() || script.compound || BUILTINS.contains(&command.name()) {
        return None;
    }
    let words: Vec<String> =
        command.words.iter().map(|word| serde_json::Value::from(word.text.as_str()).to_string()).collect();
    let range = run.range(0..text.len());
    Some(Repair::safe("start it without a shell").replace(range, format!("[{}]", words.join(", "))).guarded(GUARD))
}
