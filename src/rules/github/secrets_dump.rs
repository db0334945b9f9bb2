use super::expression::{Expr, Part, fenced};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::facts::Subject;
use crate::rules::kind::Kind;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/secrets-dump",
    title: "All secrets go to the runner at once",
    gain: "a step that is taken over reads every secret of the repository, not only those that the job needs",
    severity: Severity::High,
    controls: &["GP-CI-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("secrets_dump.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for subject in facts.of_kind(Kind::Workflow).chain(facts.of_kind(Kind::Action)) {
        if subject.document().is_some() {
            judge(subject, report);
        }
    }
}

fn judge(subject: &Subject<'_>, report: &mut Report) {
    let Some(document) = subject.document() else { return };
    let text = document.text();
    for place in fenced(text) {
        let inside = |comment: &std::ops::Range<usize>| comment.contains(&place.whole.start);
        if document.comments.iter().any(inside) {
            continue;
        }
        let inner = &text[place.inner.clone()];
        if Expr::parse(inner).is_some_and(|expr| takes_all(&expr)) {
            let message = format!("`{}` gives the job every secret there is", inner.trim());
            report.at(subject, &place.whole, message).address(inner.trim());
        }
    }
}

/// Whether all of `secrets` is needed to evaluate an expression: as text, or by a name that is computed.
fn takes_all(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |expr| match expr {
        Expr::Call(name, arguments, _) if name == "tojson" => {
            found |= arguments.iter().any(|argument| {
                matches!(argument, Expr::Context(context) if context.parts.len() == 1 && context.head() == "secrets")
            });
        }
        Expr::Context(context) if context.head() == "secrets" => {
            found |= matches!(context.parts.get(1), Some(Part::Computed(_)));
        }
        _ => {}
    });
    found
}
