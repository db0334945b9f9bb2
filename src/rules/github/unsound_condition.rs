use super::conditions::{Condition, conditions};
use super::expression::Expr;
use super::workflow::Workflow;
use crate::edit::tree::Style;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/unsound-condition",
    title: "A condition is not what it reads like",
    gain: "a step that should be skipped runs for everybody",
    severity: Severity::High,
    controls: &["GP-CI-04", "GP-CI-05"],
    routing: Routing::Service,
    fix: Offer::Safe,
    page: include_str!("unsound_condition.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        for condition in conditions(&workflow) {
            if condition.has_more {
                let message = "text around the expression makes the condition always true";
                let repair = strip(&workflow, &condition);
                report.at(workflow.subject, &condition.value, message).address(condition.address).fix(repair);
                continue;
            }
            let Some(expr) = &condition.expr else { continue };
            if let Some(words) = part_of_words(expr) {
                let message = format!("`contains('{words}', …)` is also true for parts of these words");
                report.at(workflow.subject, &condition.value, message).address(condition.address).milder();
            } else if falsy_choice(expr) {
                let message = "the value after `&&` counts as false, so the one after `||` is always taken";
                report.at(workflow.subject, &condition.value, message).address(condition.address).milder();
            }
        }
    }
}

/// `if: |` becomes `if: |-`, so that the last newline is no part of the condition.
fn strip(workflow: &Workflow<'_>, condition: &Condition) -> Option<Repair> {
    let text = workflow.document.text();
    let header = text[condition.value.clone()].lines().next()?;
    let fit = condition.style == Style::Block && matches!(header.trim_end(), "|" | ">");
    let start = condition.value.start;
    fit.then(|| {
        Repair::safe("leave the last newline out of the condition")
            .insert(start + 1, "-")
            .changes(condition.way.clone())
    })
}

/// The words of a `contains('a b c', value)`.
fn part_of_words(expr: &Expr) -> Option<String> {
    let mut found = None;
    expr.walk(&mut |expr| {
        let Expr::Call(name, arguments, _) = expr else { return };
        if let ("contains", [Expr::Literal(words), Expr::Context(_)]) = (name.as_str(), arguments.as_slice())
            && found.is_none()
        {
            found = Some(words.clone());
        }
    });
    found
}

/// Whether a `condition && value || other` can never yield its value.
fn falsy_choice(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |expr| {
        if let Expr::Binary("||", left, _) = expr
            && let Expr::Binary("&&", _, value) = &**left
            && let Expr::Literal(text) = &**value
        {
            found |= matches!(text.as_str(), "" | "false" | "null" | "0");
        }
    });
    found
}
