use super::expression::{Expr, fenced};
use super::required::{self, Required, check_lines, judges_changes, names, required, runs_check};
use super::workflow::{Job, Workflow, get, text};
use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/gate-disabled",
    title: "A required check can be skipped or ignored",
    gain: "a change that the check would stop is merged, and the list of checks is green",
    severity: Severity::High,
    controls: &["GP-REV-02", "GP-GOV-01"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("gate_disabled.md"),
    check,
};

/// What makes a line of shell succeed whatever roadbed says.
const IGNORING: [&str; 6] = ["|| true", "|| :", "|| exit 0", "|| echo", "--fail-on never", "--fail-on=never"];

fn check(facts: &Facts<'_>, report: &mut Report) {
    let all = required(facts);
    let mut filtered: Vec<&str> = Vec::new();
    for one in &all {
        let job = &one.job;
        judge(one, &all, report);
        let path = job.workflow.subject.path.as_str();
        if !filtered.contains(&path) {
            filtered.push(path);
            filters(&job.workflow, report);
        }
    }
    twins(facts, &all, report);
}

/// What the job itself says.
fn judge(one: &Required<'_>, all: &[Required<'_>], report: &mut Report) {
    let job = &one.job;
    let (subject, address) = (job.workflow.subject, job.address());
    let what = match &one.check {
        Some(check) => format!("required check `{check}`"),
        None => "the drift check".to_owned(),
    };
    if let Some(node) = job.get("if").filter(|node| is_never(node)) {
        let message = format!("{what} never runs, and a skipped check counts as success");
        report.at(subject, &node.span, message).address(format!("{address}.if"));
    } else if required::is_skipped_with_its_needs(job, all) {
        let message = format!(
            "{what} is skipped when a job that it needs fails, and a skipped check counts as success: it needs `if: always()` and a look at the results"
        );
        report.at(subject, &job.entry.key_span, message).address(format!("{address}.needs"));
    }
    if let Some(node) = job.get("continue-on-error").filter(|node| is_on(node)) {
        let message = format!("{what} succeeds even if it fails");
        report.at(subject, &node.span, message).address(format!("{address}.continue-on-error"));
    }
    for step in job.steps().iter().filter(|step| runs_check(step)) {
        let address = step.address();
        if let Some(node) = step.get("if").filter(|node| is_never(node)) {
            report.at(subject, &node.span, "the drift check never runs").address(format!("{address}.if"));
        }
        if let Some(node) = step.get("continue-on-error").filter(|node| is_on(node)) {
            let message = "the drift check succeeds even if it fails";
            report.at(subject, &node.span, message).address(format!("{address}.continue-on-error"));
        }
        for (line, range) in check_lines(step) {
            if let Some(sign) = IGNORING.iter().find(|sign| line.contains(**sign)) {
                let message = format!("`{sign}`: the drift check succeeds whatever it finds");
                report.at(subject, &range, message).address(format!("{address}.run"));
            }
        }
    }
}

/// Paths that decide whether the workflow runs at all.
fn filters(workflow: &Workflow<'_>, report: &mut Report) {
    let Some(on) = workflow.get("on") else { return };
    for event in ["pull_request", "pull_request_target", "merge_group"] {
        let Some(filters) = get(workflow.document, on, event) else { continue };
        for key in ["paths", "paths-ignore"] {
            let Some((_, entry)) = filters.entry(key) else { continue };
            let message = format!("`{key}` leaves out changes that a required check has to judge");
            report.at(workflow.subject, &entry.key_span, message).address(format!("on.{event}.{key}"));
        }
    }
}

/// Other jobs whose check has the same name: the branch takes whichever it gets.
fn twins(facts: &Facts<'_>, all: &[Required<'_>], report: &mut Report) {
    let jobs: Vec<Job<'_>> = Workflow::all(facts).filter(judges_changes).flat_map(|workflow| workflow.jobs()).collect();
    let mut said: Vec<&str> = Vec::new();
    for one in all {
        let Some(name) = names(&one.job).first().copied().filter(|name| !said.contains(name)) else { continue };
        said.push(name);
        let mut same: Vec<&Job<'_>> = jobs.iter().filter(|job| names(job).first() == Some(&name)).collect();
        // The one that does most is the check itself; roadbed's own comes before all.
        let weight = |job: &Job<'_>| {
            let steps = job.steps();
            (job.is_call() || steps.iter().any(runs_check), steps.len())
        };
        same.sort_by_key(|job| std::cmp::Reverse(weight(job)));
        for job in same.iter().skip(1) {
            let kept = same[0].workflow.subject.path.as_str();
            let message =
                format!("a check named `{name}` comes from `{kept}`, too, and the branch takes whichever succeeds");
            report
                .at(job.workflow.subject, &job.entry.key_span, message)
                .address(format!("{}.name[{name}]", job.address()));
        }
    }
}

/// Whether a condition can never hold.
fn is_never(node: &Node) -> bool {
    let Some(value) = text(node).map(str::trim) else { return false };
    let fences = fenced(value);
    let inner = match fences.as_slice() {
        [fence] if fence.whole.len() == value.len() => &value[fence.inner.clone()],
        [] => value,
        _ => return false,
    };
    Expr::parse(inner).is_some_and(|expr| never(&expr))
}

fn never(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(word) => matches!(word.as_str(), "false" | "null" | "0" | ""),
        Expr::Binary("&&", left, right) => never(left) || never(right),
        Expr::Binary("||", left, right) => never(left) && never(right),
        Expr::Not(inner) => matches!(inner.as_ref(), Expr::Literal(word) if word == "true"),
        _ => false,
    }
}

/// Whether a switch is on, or may be.
fn is_on(node: &Node) -> bool {
    text(node).is_some_and(|value| value != "false" && value.replace(' ', "") != "${{false}}")
}
