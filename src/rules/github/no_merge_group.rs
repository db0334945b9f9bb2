use std::collections::BTreeMap;

use super::required::required;
use super::workflow::Workflow;
use crate::edit::tree::{Layout, Node};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/no-merge-group",
    title: "A required workflow does not run in the merge queue",
    gain: "nothing by itself, but a check that never reports stalls the queue, and the way out is to stop requiring it",
    severity: Severity::Low,
    controls: &["GP-REV-02"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("no_merge_group.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    let mut workflows: BTreeMap<String, (Workflow<'_>, String)> = BTreeMap::new();
    for one in required(facts) {
        let workflow = one.job.workflow;
        let waits = match &one.check {
            Some(check) => format!("branches wait for its check `{check}`"),
            None => "it runs the drift check".to_owned(),
        };
        workflows.entry(workflow.subject.path.to_string()).or_insert((workflow, waits));
    }
    for (workflow, waits) in workflows.into_values() {
        if workflow.is_triggered_by("merge_group") || !workflow.is_triggered_by("pull_request") {
            continue;
        }
        let Some((_, on)) = workflow.root.entry("on") else { continue };
        let message = format!("{waits}, and the workflow does not run on `merge_group`");
        report.at(workflow.subject, &on.key_span, message).address("on.merge_group").fix(repair(&workflow, &on.value));
    }
}

fn repair(workflow: &Workflow<'_>, on: &Node) -> Option<Repair> {
    let repair = Repair::safe("run on `merge_group`, too");
    let whole = vec!["on".to_owned()];
    let document = workflow.document;
    if on.scalar().is_some() {
        let value = &document.text()[on.span.clone()];
        return Some(repair.replace(on.span.clone(), format!("[{value}, merge_group]")).changes(whole));
    }
    if let Some(items) = on.items() {
        let last = items.last()?;
        let repair = repair.changes(whole);
        return Some(match on.layout()? {
            Layout::Flow => repair.insert(last.span.end, ", merge_group"),
            Layout::Block => {
                let source = &document.source;
                let indent = &source.text[source.line_start(last.span.start)..last.span.start];
                let end = document.comment_after(last.span.end).map_or(last.span.end, |comment| comment.end);
                repair.insert(end, format!("\n{indent}- merge_group"))
            }
        });
    }
    let key = if on.layout()? == Layout::Flow { "merge_group: {}" } else { "merge_group:" };
    super::insert::append(repair, document, on, key)
        .map(|repair| repair.changes(vec!["on".to_owned(), "merge_group".to_owned()]))
}
