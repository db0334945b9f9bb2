//! Which jobs somebody outside can start: by which events, through which workflows, and what their conditions let through.

use std::collections::{BTreeMap, BTreeSet};

use super::expression::{Context, Expr, fenced};
use super::needs_graph::needed;
use super::workflow::{Job, Workflow, text};
use crate::rules::facts::Facts;

/// Events that somebody outside can cause.
const OUTSIDE: [&str; 6] = [
    "pull_request",
    "pull_request_target",
    "pull_request_review",
    "pull_request_review_comment",
    "issue_comment",
    "workflow_run",
];

/// The events by which outsiders start each workflow, itself or by way of another one, by path.
pub(super) struct Outsiders(BTreeMap<String, BTreeSet<&'static str>>);

impl Outsiders {
    /// Reads the workflows of a repository.
    pub(super) fn of(facts: &Facts<'_>) -> Self {
        let mut reached: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
        for workflow in Workflow::all(facts) {
            let own = OUTSIDE.into_iter().filter(|event| workflow.is_triggered_by(event));
            reached.entry(workflow.subject.path.to_string()).or_default().extend(own);
        }
        let mut outsiders = Outsiders(reached);
        // Each round goes one call further; rounds end when nothing is new.
        loop {
            let mut grew = false;
            for workflow in Workflow::all(facts) {
                for job in workflow.running_jobs() {
                    let Some(called) = job.get("uses").and_then(text).and_then(|uses| uses.strip_prefix("./")) else {
                        continue;
                    };
                    let events = outsiders.starting(&job);
                    let known = outsiders.0.entry(called.to_owned()).or_default();
                    let before = known.len();
                    known.extend(events);
                    grew |= known.len() > before;
                }
            }
            if !grew {
                return outsiders;
            }
        }
    }

    /// The events by which outsiders start a job.
    pub(super) fn starting(&self, job: &Job<'_>) -> Vec<&'static str> {
        let events = self.0.get(job.workflow.subject.path.as_str());
        let jobs = job.workflow.jobs();
        events.into_iter().flatten().copied().filter(|event| may_run(job, &jobs, event, &mut BTreeSet::new())).collect()
    }
}

/// Whether a job may run when an outsider causes an event: its condition does not forbid it, and neither do those of the
/// jobs that it waits for.
fn may_run<'f>(job: &Job<'f>, jobs: &[Job<'f>], event: &str, seen: &mut BTreeSet<&'f str>) -> bool {
    let condition = job.get("if").and_then(text).and_then(parsed);
    if condition.as_ref().is_some_and(|expr| holds(expr, event) == Some(false)) {
        return false;
    }
    // A job whose condition asks how others ended runs even though they were skipped.
    let mut asks = false;
    if let Some(expr) = &condition {
        expr.walk(&mut |part| {
            asks |= matches!(part, Expr::Call(name, ..) if matches!(name.as_str(), "always" | "cancelled" | "failure"));
        });
    }
    if asks || !seen.insert(job.id()) {
        return true;
    }
    needed(job).into_iter().all(|(id, _)| {
        let other = jobs.iter().find(|other| other.id() == id);
        other.is_none_or(|other| may_run(other, jobs, event, seen))
    })
}

/// The expression of an `if`, which may stand without its fence.
fn parsed(condition: &str) -> Option<Expr> {
    let condition = condition.trim();
    match fenced(condition).as_slice() {
        [] => Expr::parse(condition),
        [fence] if fence.whole.len() == condition.len() => Expr::parse(&condition[fence.inner.clone()]),
        _ => None,
    }
}

/// Whether a condition holds when an outsider causes an event; none if that cannot be told.
fn holds(expr: &Expr, event: &str) -> Option<bool> {
    match expr {
        Expr::Literal(word) if word == "true" => Some(true),
        Expr::Literal(word) if word == "false" => Some(false),
        Expr::Not(inner) => holds(inner, event).map(|is| !is),
        Expr::Binary("&&", left, right) => match (holds(left, event), holds(right, event)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Expr::Binary("||", left, right) => match (holds(left, event), holds(right, event)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        Expr::Binary("==", left, right) => equal(left, right, event),
        Expr::Binary("!=", left, right) => equal(left, right, event).map(|is| !is),
        Expr::Context(context) => is_from_fork(&context.pattern()?, event),
        Expr::Call(name, arguments, tail) if tail.is_empty() => {
            let [Expr::Context(context), Expr::Literal(word)] = arguments.as_slice() else { return None };
            let word = word.to_lowercase();
            match (name.as_str(), known(&context.pattern()?, event)?) {
                ("startswith", Known::Word(value)) => Some(value.starts_with(&word)),
                ("contains", Known::Word(value)) => Some(value.contains(&word)),
                // Every ref begins alike, and the one of a pull request goes on with its number.
                ("startswith", Known::Within(start)) => match (word.starts_with(start), start.starts_with(&word)) {
                    (false, starts) => Some(starts),
                    _ => None,
                },
                _ => None,
            }
        }
        _ => None,
    }
}

/// What is known of a value.
enum Known {
    /// All of it.
    Word(String),
    /// How it begins.
    Within(&'static str),
}

/// What a value is when an outsider causes an event.
fn known(pattern: &str, event: &str) -> Option<Known> {
    let word = |word: &str| Some(Known::Word(word.to_owned()));
    match pattern {
        "github.event_name" => word(event),
        // The others run for the base branch.
        "github.ref" if event.starts_with("pull_request") && event != "pull_request_target" => {
            Some(Known::Within("refs/pull/"))
        }
        "github.event.workflow_run.event" if event == "workflow_run" => word("pull_request"),
        _ if pattern.ends_with(".author_association") => word("none"),
        _ => None,
    }
}

/// Whether the change comes from a fork, as an outsider's does.
fn is_from_fork(pattern: &str, event: &str) -> Option<bool> {
    let pulled = event.starts_with("pull_request");
    (pulled && pattern == "github.event.pull_request.head.repo.fork").then_some(true)
}

/// Pairs of values that are the same only where the change is the repository's own.
const OWN: [(&str, &str); 4] = [
    ("github.event.pull_request.head.repo.full_name", "github.repository"),
    ("github.event.pull_request.head.repo.owner.login", "github.repository_owner"),
    ("github.event.pull_request.head.repo.id", "github.repository_id"),
    ("github.event.workflow_run.head_repository.full_name", "github.repository"),
];

fn equal(left: &Expr, right: &Expr, event: &str) -> Option<bool> {
    let name = |context: &Context| context.pattern().unwrap_or_default();
    match (left, right) {
        (Expr::Context(a), Expr::Context(b)) => {
            let (a, b) = (name(a), name(b));
            let base = |own: &str| own.replace("github.repository", "github.event.pull_request.base.repo.full_name");
            let own = OWN.iter().any(|(head, own)| {
                let is = |text: &str| text == *own || *own == "github.repository" && text == base(own);
                a == *head && is(&b) || b == *head && is(&a)
            });
            own.then_some(false)
        }
        (Expr::Context(context), Expr::Literal(word)) | (Expr::Literal(word), Expr::Context(context)) => {
            let (pattern, word) = (name(context), word.to_lowercase());
            if let Some(fork) = is_from_fork(&pattern, event) {
                return matches!(word.as_str(), "true" | "false").then(|| fork == (word == "true"));
            }
            match known(&pattern, event)? {
                Known::Word(value) => Some(value == word),
                Known::Within(start) => (!word.starts_with(start)).then_some(false),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_says_whether_an_outsider_gets_past_it() {
        let says = |condition: &str, event: &str| holds(&parsed(condition).unwrap(), event);
        for (condition, event, expected) in [
            ("github.event_name == 'push'", "pull_request", Some(false)),
            ("github.event_name != 'pull_request'", "pull_request", Some(false)),
            ("github.event_name != 'pull_request'", "issue_comment", Some(true)),
            ("!startsWith(github.event_name, 'pull_request')", "pull_request_target", Some(false)),
            ("github.ref == 'refs/heads/main'", "pull_request", Some(false)),
            ("github.ref == 'refs/heads/main'", "pull_request_target", None),
            ("startsWith(github.ref, 'refs/tags/')", "pull_request", Some(false)),
            ("startsWith(github.ref, 'refs/')", "pull_request", Some(true)),
            ("startsWith(github.ref, 'refs/pull/1')", "pull_request", None),
            ("github.event_name == 'push' || github.actor == 'x'", "pull_request", None),
            ("github.event_name == 'push' && github.actor == 'x'", "pull_request", Some(false)),
            ("github.event.pull_request.head.repo.full_name == github.repository", "pull_request", Some(false)),
            ("${{ !github.event.pull_request.head.repo.fork }}", "pull_request", Some(false)),
            ("github.event.pull_request.head.repo.fork == false", "pull_request_target", Some(false)),
            ("github.event.comment.author_association == 'MEMBER'", "issue_comment", Some(false)),
            ("github.event.workflow_run.event == 'push'", "workflow_run", Some(false)),
            ("github.repository == 'o/r'", "pull_request", None),
        ] {
            assert_eq!(says(condition, event), expected, "{condition} on {event}");
        }
    }
}
