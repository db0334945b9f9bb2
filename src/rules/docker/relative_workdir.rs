use super::copy::destination;
use super::file::{File, files};
use crate::edit::dockerfile::Instruction;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/relative-workdir",
    title: "A path depends on where the base image happens to be",
    gain: "another base puts files where nobody expects them, or over others",
    severity: Severity::Low,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("relative_workdir.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for instruction in file.docker.instructions.iter().filter(|instruction| !instruction.onbuild) {
            let message = match instruction.keyword.as_str() {
                "WORKDIR" if !is_absolute(instruction.args.text()) => {
                    format!("`WORKDIR {}` counts from wherever the stage stands", instruction.args.text())
                }
                "COPY" if !has_workdir(&file, instruction) => {
                    let Some(to) = destination(&file, instruction).filter(|to| !is_absolute(to)) else { continue };
                    format!("`{to}` counts from the base's directory: no `WORKDIR` says which")
                }
                _ => continue,
            };
            report.at(file.subject, &file.head(instruction), message).address(file.address(instruction));
        }
    }
}

fn is_absolute(path: &str) -> bool {
    let path = path.trim_matches(['"', '\'']);
    let drive = path.as_bytes().get(1) == Some(&b':') && path.starts_with(|c: char| c.is_ascii_alphabetic());
    path.starts_with(['/', '$']) || drive
}

fn has_workdir(file: &File<'_>, copy: &Instruction) -> bool {
    let stage = copy.stage.unwrap_or_default();
    let mut before = file.chain(stage).into_iter().flat_map(|stage| file.docker.stage(stage));
    before.any(|other| other.keyword == "WORKDIR" && other.span.start < copy.span.start)
}
