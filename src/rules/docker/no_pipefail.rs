use super::file::{File, files};
use super::same::GUARD;
use crate::edit::dockerfile::{Base, Instruction};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/no-pipefail",
    title: "A pipe hides the failure of what feeds it",
    gain: "a download or a check that fails is not noticed, and the build goes on with what there is",
    severity: Severity::Low,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("no_pipefail.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for stage in 0..file.docker.stages.len() {
            let mut safe = file.chain(stage).into_iter().skip(1).any(|parent| sets(&file, parent));
            let mut first: Option<&Instruction> = None;
            for instruction in file.docker.stage(stage) {
                match instruction.keyword.as_str() {
                    "SHELL" => safe = fails_in_pipes(instruction),
                    "RUN" if !safe && !instruction.script.pipes.is_empty() && !sets_itself(instruction) => {
                        let first = *first.get_or_insert(instruction);
                        let message = "only the last command of the pipe decides whether this step fails";
                        report
                            .at(file.subject, &file.head(instruction), message)
                            .address(file.address(instruction))
                            .fix(repair(&file, stage, first));
                    }
                    _ => {}
                }
            }
        }
    }
}

fn sets(file: &File<'_>, stage: usize) -> bool {
    let shell = file.docker.stage(stage).rfind(|instruction| instruction.keyword == "SHELL");
    shell.is_some_and(fails_in_pipes)
}

fn fails_in_pipes(shell: &Instruction) -> bool {
    shell.args.text().contains("pipefail")
}

/// Shells of Windows, whose pipes know no such option.
fn is_windows(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_lowercase();
    matches!(name.strip_suffix(".exe").unwrap_or(&name), "powershell" | "pwsh" | "cmd")
}

/// `set -o pipefail` before the pipe, or a shell that is called with it, or one that has no such option.
fn sets_itself(run: &Instruction) -> bool {
    run.args.text().contains("pipefail")
        || run.script.commands.iter().any(|command| command.has_arg("pipefail"))
        || run.args.text().split_whitespace().next().is_some_and(is_windows)
}

/// One `SHELL` before the first pipe of the stage: it serves all that follow.
fn repair(file: &File<'_>, stage: usize, first: &Instruction) -> Option<Repair> {
    let bottom = *file.chain(stage).last()?;
    let image = file.image(bottom)?;
    let small = image.short_name() == "alpine" || image.tag.as_deref().is_some_and(|tag| tag.contains("alpine"));
    if matches!(file.docker.stages.get(bottom)?.base, Base::Scratch | Base::Unknown) || first.onbuild {
        return None;
    }
    let shell = if small { "/bin/ash\", \"-eo" } else { "/bin/bash\", \"-o" };
    let line = format!("SHELL [\"{shell}\", \"pipefail\", \"-c\"]\n");
    Some(Repair::risky("let a pipe fail with any of its commands").insert(first.span.start, line).guarded(GUARD))
}
