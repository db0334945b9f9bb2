use std::ops::Range;

use super::expression::{Context, Expr, Fenced, fenced};
use super::sources::{Trust, trust};
use super::workflow::{Step, all_steps};
use crate::edit::tree::{Node, Style};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/template-injection",
    title: "An expression is pasted into a script",
    gain: "whoever chooses the value (a title, a branch name) runs commands in your pipeline, with its token and secrets",
    severity: Severity::High,
    controls: &["GP-CI-04"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("template_injection.md"),
    check,
};

/// Inputs of actions that are run as code, by action. `actions/github-script` is the one everybody meets.
const SINKS: [(&str, &[&str]); 13] = [
    ("actions/github-script", &["script"]),
    ("appleboy/ssh-action", &["script"]),
    ("azure/cli", &["inlineScript"]),
    ("azure/powershell", &["inlineScript"]),
    ("mikefarah/yq", &["cmd"]),
    ("devorbitus/yq-action-output", &["cmd"]),
    ("sergeysova/jq-action", &["cmd"]),
    ("8398a7/action-slack", &["custom_payload"]),
    ("amadevus/pwsh-script", &["script"]),
    ("jannekem/run-python-script-action", &["script"]),
    ("cardinalby/js-eval-action", &["expression"]),
    ("addnab/docker-run-action", &["options", "run"]),
    ("gautamkrishnar/blog-post-workflow", &["item_exec"]),
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for step in all_steps(facts) {
        for (key, node) in scripts(&step) {
            let raw = &step.document.text()[node.span.clone()];
            for place in fenced(raw) {
                let inner = &raw[place.inner.clone()];
                let Some(expr) = Expr::parse(inner) else { continue };
                let Some((context, trust)) = worst(&expr, &step) else { continue };
                let range = node.span.start + place.whole.start..node.span.start + place.whole.end;
                let what = context.map_or_else(|| inner.trim().to_owned(), |c| inner[c.span.clone()].to_owned());
                let message = match trust {
                    Trust::Outsider => format!("`{what}` is text that outsiders write, and the script runs it as code"),
                    _ => format!("`{what}` becomes part of the script before the shell sees it"),
                };
                let address = format!("{}.{key}[{}]", step.address(), inner.trim());
                let repair = repair(&step, node, &range, &expr);
                let shown =
                    shown(raw, &place, context).map_or(range, |c| node.span.start + c.start..node.span.start + c.end);
                let found = report.at(step.subject, &shown, message).address(address).fix(repair);
                match trust {
                    Trust::Outsider => {}
                    Trust::Computed => drop(found.only_informs()),
                    Trust::Unknown | Trust::Fixed => drop(found.milder()),
                }
            }
        }
    }
}

/// Where the value stands, if not on the line where its expression begins.
fn shown(raw: &str, place: &Fenced, context: Option<&Context>) -> Option<Range<usize>> {
    let span = &context?.span;
    let range = place.inner.start + span.start..place.inner.start + span.end;
    raw[place.whole.start..range.start].contains('\n').then_some(range)
}

/// The texts of a step that run as code.
fn scripts<'f>(step: &Step<'f>) -> Vec<(&'static str, &'f Node)> {
    if let Some(run) = step.get("run") {
        return vec![("run", run)];
    }
    let sink = SINKS.iter().find(|(action, _)| step.runs_action(action));
    let inputs = sink.map(|(_, inputs)| *inputs).unwrap_or_default();
    inputs.iter().filter_map(|input| Some((*input, step.with(input)?))).collect()
}

/// The least trusted of the values that flow out of an expression; none where all of them are fixed.
fn worst<'e>(expr: &'e Expr, step: &Step<'_>) -> Option<(Option<&'e Context>, Trust)> {
    let rated = expr.flowing().into_iter().map(|context| match context {
        Some(context) => (Some(context), trust(context, step)),
        None => (None, Trust::Unknown),
    });
    rated.filter(|(_, trust)| *trust != Trust::Fixed).max_by_key(|(_, trust)| *trust)
}

/// The expression moves to the step's `env`, and the script reads the variable. Only where the shell is bash,
/// and only where quotes around the place do not change what it means.
fn repair(step: &Step<'_>, run: &Node, range: &Range<usize>, expr: &Expr) -> Option<Repair> {
    let Expr::Context(context) = expr else { return None };
    step.get("run")?;
    if !super::shell::is_posix(step)? || run.scalar()?.style == Style::Quoted {
        return None;
    }
    let document = step.document;
    let text = document.text();
    if matches!(run.scalar()?.style, Style::Plain) && text[run.span.clone()].contains('\n') {
        return None;
    }
    let variable = variable(context)?;
    let whole = &text[range.clone()];
    let line = &text[document.source.line_start(range.start)..range.start];
    let line = if document.source.line_start(range.start) < run.span.start {
        &text[run.span.start..range.start]
    } else {
        line
    };
    let quotes = |mark: char| line.matches(mark).count() % 2 == 1;
    if quotes('\'') || text[run.span.clone()].contains("<<") || line.ends_with('\\') {
        return None;
    }
    let word = if quotes('"') { format!("${{{variable}}}") } else { format!("\"${{{variable}}}\"") };
    let title = format!("read `{}` from the environment variable `{variable}`", whole.trim());
    let repair = Repair::risky(title).replace(range.clone(), word).changes(step.way(&["run"]));
    if context.head() == "env" {
        return Some(repair);
    }
    super::insert::env(repair, step, &variable, whole)
}

/// A name for the variable: `github.event.issue.title` becomes `GITHUB_EVENT_ISSUE_TITLE`.
fn variable(context: &Context) -> Option<String> {
    let pattern = context.pattern()?;
    if let Some(name) = pattern.strip_prefix("env.") {
        // The parser folds case, and environment variables do not.
        return name.chars().all(|c| c == '_' || c.is_ascii_digit()).then(|| name.to_owned());
    }
    let name: String =
        pattern.chars().filter(|c| *c != '*').map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    Some(name.replace("__", "_").to_uppercase())
}
