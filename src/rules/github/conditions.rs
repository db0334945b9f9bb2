//! The conditions of jobs and steps.

use std::ops::Range;

use super::expression::{Expr, fenced};
use super::workflow::{Workflow, action_steps, get};
use crate::edit::tree::{Document, Node, Style};
use crate::rules::facts::{Facts, Subject};

/// An `if:`.
pub(super) struct Condition {
    /// Its value.
    pub value: Range<usize>,
    /// The expression's own text in the file.
    pub inner: Range<usize>,
    /// What it says; none if it does not parse.
    pub expr: Option<Expr>,
    /// Whether text stands beside an expression in `${{ … }}`.
    pub has_more: bool,
    /// How the value is written.
    pub style: Style,
    /// Where it is, by keys and identities.
    pub address: String,
    /// The way to it.
    pub way: Vec<String>,
}

/// The conditions of a workflow's jobs and their steps.
pub(super) fn conditions(workflow: &Workflow<'_>) -> Vec<Condition> {
    let mut all = Vec::new();
    for job in workflow.jobs() {
        let own = get(workflow.document, job.node, "if");
        all.extend(own.and_then(|node| read(workflow.document, node, &job.address(), job.way(&["if"]))));
        for step in job.steps() {
            let own = step.get("if");
            all.extend(own.and_then(|node| read(workflow.document, node, &step.address(), step.way(&["if"]))));
        }
    }
    all
}

/// The conditions of the steps of composite actions, each with its file and its text.
pub(super) fn of_actions<'f>(facts: &'f Facts<'_>) -> Vec<(&'f Subject<'f>, &'f Document, Condition)> {
    let of = |step: super::workflow::Step<'f>| {
        let condition = read(step.document, step.get("if")?, &step.address(), step.way(&["if"]))?;
        Some((step.subject, step.document, condition))
    };
    action_steps(facts).into_iter().filter_map(of).collect()
}

fn read(document: &Document, node: &Node, address: &str, way: Vec<String>) -> Option<Condition> {
    let scalar = node.scalar()?;
    let text = document.text();
    let raw = text.get(node.span.clone())?;
    let fences = fenced(raw);
    let inner = match fences.first() {
        Some(fence) => node.span.start + fence.inner.start..node.span.start + fence.inner.end,
        None => {
            // The quotes, or the header of a block, are none of the expression's.
            let skipped = match scalar.style {
                Style::Block => raw.find('\n').map_or(raw.len(), |at| at + 1),
                Style::Quoted => 1,
                Style::Plain => 0,
            };
            let end = if scalar.style == Style::Quoted { node.span.end - 1 } else { node.span.end };
            (node.span.start + skipped).min(end)..end
        }
    };
    let value = &scalar.text;
    let in_value = fenced(value);
    let has_more = in_value.first().is_some_and(|fence| fence.whole.len() < value.len());
    let expr = Expr::parse(&text[inner.clone()]);
    Some(Condition {
        value: node.span.clone(),
        inner,
        expr,
        has_more,
        style: scalar.style,
        address: format!("{address}.if"),
        way,
    })
}
