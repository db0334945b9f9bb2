use super::conditions::conditions;
use super::expression::{Context, Expr};
use super::workflow::Workflow;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/spoofable-bot",
    title: "A condition trusts the last actor for a bot",
    gain: "an outsider lets the bot touch his pull request last, and the workflow takes his change for the bot's",
    severity: Severity::High,
    controls: &["GP-CI-04"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("spoofable_bot.md"),
    check,
};

/// Who acted last; on a pull request that need not be who wrote it.
const ACTORS: [&str; 4] =
    ["github.actor", "github.triggering_actor", "github.event.sender.login", "github.event.pull_request.sender.login"];

/// The numbers of well-known bots' accounts: dependabot, renovate, github-actions, and mend's.
const IDS: [&str; 4] = ["49699333", "29139614", "41898282", "25180681"];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        // Only who may write to the repository sets a status.
        let triggers = workflow.triggers();
        if !triggers.is_empty() && triggers.iter().all(|trigger| trigger.name == "status") {
            continue;
        }
        for condition in conditions(&workflow) {
            let Some(expr) = &condition.expr else { continue };
            let Some(context) = spoofable(expr) else { continue };
            let inner = &workflow.document.text()[condition.inner.clone()];
            let name = &inner[context.span.clone()];
            let start = condition.inner.start + context.span.start;
            let range = start..condition.inner.start + context.span.end;
            let message = format!("`{name}` is who acted last, not who wrote the change");
            let by_name = !name.to_lowercase().ends_with("id") && !name.to_lowercase().ends_with("id']");
            let repair = author(&workflow).filter(|_| by_name).map(|author| {
                Repair::risky(format!("ask for `{author}`"))
                    .replace(range.clone(), author)
                    .changes(condition.way.clone())
            });
            report.at(workflow.subject, &range, message).address(condition.address).fix(repair);
        }
    }
}

/// The actor that a condition compares with a bot's name.
fn spoofable(expr: &Expr) -> Option<&Context> {
    match expr {
        Expr::Binary("==", left, right) => match (&**left, &**right) {
            (Expr::Context(context), Expr::Literal(name)) | (Expr::Literal(name), Expr::Context(context)) => {
                let pattern = context.pattern().unwrap_or_default();
                let by_name = ACTORS.contains(&pattern.as_str()) && name.ends_with("[bot]");
                let by_number = matches!(pattern.as_str(), "github.actor_id" | "github.event.sender.id")
                    && IDS.contains(&name.as_str());
                (by_name || by_number).then_some(context)
            }
            (left, right) => spoofable(left).or_else(|| spoofable(right)),
        },
        Expr::Binary(_, left, right) => spoofable(left).or_else(|| spoofable(right)),
        Expr::Not(inner) => spoofable(inner),
        Expr::Call(_, arguments, _) => arguments.iter().find_map(spoofable),
        Expr::Literal(_) | Expr::Context(_) => None,
    }
}

/// Who wrote what started the workflow, where one event alone starts it.
fn author(workflow: &Workflow<'_>) -> Option<&'static str> {
    let triggers = workflow.triggers();
    let [trigger] = triggers.as_slice() else { return None };
    Some(match trigger.name {
        "pull_request" | "pull_request_target" => "github.event.pull_request.user.login",
        "issue_comment" | "discussion_comment" | "pull_request_review_comment" => "github.event.comment.user.login",
        "pull_request_review" => "github.event.review.user.login",
        "issues" => "github.event.issue.user.login",
        "discussion" => "github.event.discussion.user.login",
        "release" => "github.event.release.author.login",
        _ => return None,
    })
}
