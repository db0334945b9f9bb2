use super::conditions::{Condition, conditions, of_actions};
use super::expression::{Expr, fenced};
use super::workflow::Workflow;
use crate::edit::tree::{Document, Style};
use crate::model::finding::Severity;
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;
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
        let all = conditions(&workflow);
        choices(workflow.subject, workflow.document, &all, report);
        for condition in all {
            judge(workflow.subject, workflow.document, condition, report);
        }
    }
    for (subject, document, condition) in of_actions(facts) {
        judge(subject, document, condition, report);
    }
    for subject in facts.of_kind(Kind::Action) {
        let Some(document) = subject.document() else { continue };
        choices(subject, document, &[], report);
    }
}

fn judge(subject: &Subject<'_>, document: &Document, condition: Condition, report: &mut Report) {
    if condition.has_more {
        let message = "text around the expression makes the condition always true";
        let repair = strip(document, &condition);
        report.at(subject, &condition.value, message).address(condition.address).fix(repair);
        return;
    }
    let Some(expr) = &condition.expr else { return };
    if let Some(words) = part_of_words(expr) {
        let message = format!("`contains('{words}', …)` is also true for parts of these words");
        report.at(subject, &condition.value, message).address(condition.address).milder();
    } else if falsy_choice(expr) {
        report.at(subject, &condition.value, NEVER).address(condition.address).milder();
    }
}

const NEVER: &str = "the value after `&&` counts as false, so the one after `||` is always taken";

/// The same choice in expressions that are no condition.
fn choices(subject: &Subject<'_>, document: &Document, conditions: &[Condition], report: &mut Report) {
    let text = document.text();
    for place in fenced(text) {
        let start = place.whole.start;
        let is_said = conditions.iter().any(|condition| condition.value.contains(&start))
            || document.comments.iter().any(|comment| comment.contains(&start));
        let inner = &text[place.inner.clone()];
        // As strings these words count as true.
        let quoted = ["'false'", "'0'", "'null'"].iter().any(|word| inner.contains(word));
        let skipped = is_said || quoted || !inner.contains("||");
        if !skipped && Expr::parse(inner).is_some_and(|expr| falsy_choice(&expr)) {
            report.at(subject, &place.whole, NEVER).address(format!("expression[{}]", inner.trim())).milder();
        }
    }
}

/// `if: |` becomes `if: |-`, so that the last newline is no part of the condition.
fn strip(document: &Document, condition: &Condition) -> Option<Repair> {
    let text = document.text();
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
