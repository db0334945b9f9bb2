use super::file::{File, files};
use super::same::GUARD;
use super::user::{created, is_root, named};
use crate::edit::dockerfile::Instruction;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/runs-as-root",
    title: "The container runs as root",
    gain: "whoever breaks into the service is root in the container, one kernel or mount mistake away from the host",
    severity: Severity::High,
    controls: &["GP-DK-01"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("runs_as_root.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        let last = file.last();
        let Some(user) = file.inherited(last, "USER") else {
            let message = "no `USER` in the last stage, so the container runs as root unless its base says otherwise";
            report.at(file.subject, &file.top(), message).address("no USER").fix(repair(&file));
            continue;
        };
        let root = named(&file, user).map_or_else(|| is_root(user.args.text()), |user| is_root(&user));
        if root {
            let message = "the last `USER` is root, and so is the service";
            report.at(file.subject, &file.head(user), message).address(file.address(user)).fix(repair(&file));
        }
    }
}

/// A `USER` before what starts the container, where the file tells which.
fn repair(file: &File<'_>) -> Option<Repair> {
    let last = file.last();
    let user = if file.image(last).and_then(|image| image.tag).is_some_and(|tag| tag.contains("nonroot")) {
        "65532:65532".to_owned()
    } else {
        // A program that changes the user itself needs to start as root.
        let drops = file.subject.seen();
        if ["gosu", "su-exec", "setpriv"].iter().any(|program| drops.contains(program)) {
            return None;
        }
        let users = created(file, last);
        let [user] = users.as_slice() else { return None };
        user.numbers.clone().unwrap_or_else(|| user.name.clone())
    };
    let stage: Vec<&Instruction> = file.docker.stage(last).collect();
    let starts = |instruction: &&&Instruction| matches!(instruction.keyword.as_str(), "CMD" | "ENTRYPOINT");
    let builds = |instruction: &&Instruction| {
        matches!(instruction.keyword.as_str(), "RUN" | "COPY" | "ADD" | "WORKDIR" | "USER")
    };
    let first = stage.iter().rposition(builds).map_or(1, |at| at + 1);
    let repair = Repair::safe(format!("run as `{user}`")).guarded(GUARD);
    match stage.get(first..)?.iter().find(starts) {
        Some(start) => Some(repair.insert(start.span.start, format!("USER {user}\n"))),
        None => {
            let end = file.subject.source().line_end(stage.last()?.span.end);
            Some(repair.insert(end, format!("\nUSER {user}")))
        }
    }
}
