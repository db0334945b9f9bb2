use super::workflow::{Workflow, action_steps, text};
use crate::edit::tree::{Document, Entry, Node};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::facts::Subject;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/insecure-commands",
    title: "Commands that GitHub withdrew are switched on again",
    gain: "whatever a step prints can set variables and paths for the later steps, and so run code",
    severity: Severity::High,
    controls: &["GP-CI-04"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("insecure_commands.md"),
    check,
};

const NAME: &str = "ACTIONS_ALLOW_UNSECURE_COMMANDS";

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        let way = vec!["env".to_owned()];
        judge(report, workflow.subject, workflow.document, workflow.root, &way, "env");
        for job in workflow.running_jobs() {
            judge(report, workflow.subject, workflow.document, job.node, &job.way(&["env"]), &job.address());
            for step in job.running_steps() {
                judge(report, step.subject, step.document, step.node, &step.way(&["env"]), &step.address());
            }
        }
    }
    for step in action_steps(facts) {
        judge(report, step.subject, step.document, step.node, &step.way(&["env"]), &step.address());
    }
}

fn judge(report: &mut Report, subject: &Subject<'_>, document: &Document, owner: &Node, way: &[String], address: &str) {
    let Some((_, env)) = owner.entry("env") else { return };
    let Some((index, entry)) = env.value.entry(NAME) else { return };
    if !text(document.resolve(&entry.value)).is_some_and(|value| value.trim().eq_ignore_ascii_case("true")) {
        return;
    }
    let message = "printed text can set variables and paths of later steps";
    let repair = repair(document, env, index, way);
    // The block that it stands in says for whom it holds.
    let range = env.key_span.start..entry.span.end;
    report.at(subject, &range, message).address(format!("{address}.{NAME}")).fix(repair);
}

/// The line goes; an `env` that held nothing else goes with it.
fn repair(document: &Document, env: &Entry, index: usize, way: &[String]) -> Option<Repair> {
    let entries = env.value.entries()?;
    let repair = Repair::risky(format!("take `{NAME}` out"));
    let source = &document.source;
    if entries.len() == 1 {
        let whole_line = source.starts_line(env.span.start);
        let range = source.line_start(env.span.start)..(source.line_end(env.span.end) + 1).min(source.text.len());
        return whole_line.then(|| repair.replace(range, "").changes(way.to_vec()));
    }
    let entry = &entries[index];
    if !source.starts_line(entry.span.start) {
        return None;
    }
    let range = source.line_start(entry.span.start)..(source.line_end(entry.span.end) + 1).min(source.text.len());
    let mut way = way.to_vec();
    way.push(NAME.to_owned());
    Some(repair.replace(range, "").changes(way))
}
