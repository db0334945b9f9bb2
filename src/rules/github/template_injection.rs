use std::collections::BTreeMap;
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
const SINKS: [(&str, &[&str]); 18] = [
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
    // These fill templates in which code may stand.
    ("imjohnbo/issue-bot", &["body", "linked-comments-previous-issue-text", "linked-comments-new-issue-text"]),
    ("lucasbento/auto-close-issues", &["issue-close-message"]),
    ("roots/issue-closer-action", &["issue-close-message", "pr-close-message"]),
    ("skitionek/notify-microsoft-teams", &["overwrite"]),
    ("tibdex/backport", &["body_template", "head_template", "labels_template", "title_template"]),
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for step in all_steps(facts) {
        for (key, node) in scripts(&step) {
            let all = pasted(&step, node);
            // An expression that repeats close by is told once, where it stands first.
            let mut told: BTreeMap<usize, Vec<&Pasted>> = BTreeMap::new();
            for one in &all {
                let alike =
                    |other: &Pasted| other.what == one.what && other.variable.is_some() == one.variable.is_some();
                let near = all.partition_point(|other| other.at < one.near);
                let first = all[near..].iter().position(alike).map_or(0, |first| near + first);
                told.entry(first).or_default().push(one);
            }
            for (first, group) in told {
                let Pasted { what, inner, trust, shown, .. } = &all[first];
                let times = if group.len() > 1 { format!(" ({} times)", group.len()) } else { String::new() };
                let message = match trust {
                    Trust::Outsider => {
                        format!("`{what}` is text that outsiders write, and the script runs it as code{times}")
                    }
                    _ => format!("`{what}` becomes part of the script before the shell sees it{times}"),
                };
                let address = format!("{}.{key}[{inner}]", step.address());
                let found = report.at(step.subject, shown, message).address(address).fix(repair(&step, &group));
                match trust {
                    Trust::Outsider => {}
                    Trust::Computed => drop(found.only_informs()),
                    Trust::Unknown | Trust::Fixed => drop(found.milder()),
                }
            }
        }
    }
}

/// An expression in a script.
struct Pasted {
    /// The value that is not to be trusted, as it is written.
    what: String,
    /// The expression, without its fence.
    inner: String,
    /// How far it can be trusted.
    trust: Trust,
    /// The expression with its fence.
    range: Range<usize>,
    /// What is pointed at.
    shown: Range<usize>,
    /// Where the value stands.
    at: usize,
    /// The same value at or behind this place is close by: no further up than the blanks that indent the script make.
    near: usize,
    /// What could take its place; none where no fix is known.
    variable: Option<Variable>,
}

/// The expressions in a script that somebody else can bend.
fn pasted(step: &Step<'_>, node: &Node) -> Vec<Pasted> {
    let raw = &step.document.text()[node.span.clone()];
    let mut all = Vec::new();
    let mut indentation = Indentation::of(raw, node);
    let fit = Variable::fit(step, node);
    for place in fenced(raw) {
        let inner = &raw[place.inner.clone()];
        let Some(expr) = Expr::parse(inner) else { continue };
        let Some((context, trust)) = worst(&expr, step) else { continue };
        let range = node.span.start + place.whole.start..node.span.start + place.whole.end;
        let shown =
            shown(raw, &place, context).map_or(range.clone(), |c| node.span.start + c.start..node.span.start + c.end);
        let within = context.map_or(0, |context| context.span.start);
        let near = place.whole.start - indentation.before(place.whole.start) + within;
        all.push(Pasted {
            what: context.map_or_else(|| inner.trim().to_owned(), |c| inner[c.span.clone()].to_owned()),
            inner: inner.trim().to_owned(),
            trust,
            shown,
            at: node.span.start + place.inner.start + within,
            near: node.span.start + near,
            variable: if fit { Variable::instead(step, node, &range, &expr) } else { None },
            range,
        });
    }
    all
}

/// Counts how many bytes of a block scalar before a place are none of its text: its header, and its lines' indentation.
/// Places come in order, so that a script with thousands of them is walked once.
struct Indentation<'t> {
    raw: &'t str,
    /// How far its lines are indented; none where it is no block.
    least: Option<usize>,
    /// What has been walked, and what was counted on the way.
    walked: usize,
    counted: usize,
}

impl<'t> Indentation<'t> {
    fn of(raw: &'t str, node: &Node) -> Self {
        let is_block = node.scalar().is_some_and(|scalar| scalar.style == Style::Block);
        let header = raw.find('\n').map(|end| end + 1).filter(|_| is_block);
        let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let least = header.map(|header| {
            raw[header..].lines().filter(|line| !line.trim().is_empty()).map(blanks).min().unwrap_or_default()
        });
        let header = header.unwrap_or_default();
        Indentation { raw, least, walked: header, counted: header }
    }

    /// Before `at`, which lies on no line before the last that was asked for.
    fn before(&mut self, at: usize) -> usize {
        let Some(least) = self.least.filter(|_| at >= self.walked) else { return 0 };
        let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let line = self.raw[self.walked..at].rfind('\n').map_or(self.walked, |end| self.walked + end + 1);
        self.counted +=
            self.raw[self.walked..line].split_inclusive('\n').map(|line| blanks(line).min(least)).sum::<usize>();
        self.walked = line;
        self.counted + blanks(&self.raw[line..at]).min(least)
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

/// The expressions move to the step's `env`, and the script reads the variable.
fn repair(step: &Step<'_>, group: &[&Pasted]) -> Option<Repair> {
    let first = group.first()?;
    let whole = &step.document.text()[first.range.clone()];
    let Variable { name, is_there, .. } = first.variable.as_ref()?;
    let title = format!("read `{}` from the environment variable `{name}`", whole.trim());
    let mut repair = Repair::risky(title).changes(step.way(&["run"]));
    for one in group {
        repair = repair.replace(one.range.clone(), one.variable.as_ref()?.word.as_str());
    }
    if *is_there { Some(repair) } else { super::insert::env(repair, step, name, whole) }
}

/// A variable of the environment in place of an expression.
struct Variable {
    name: String,
    /// How the script reads it.
    word: String,
    /// Whether the step has it already.
    is_there: bool,
}

impl Variable {
    /// Only where the shell is bash or alike.
    fn fit(step: &Step<'_>, run: &Node) -> bool {
        let posix = step.get("run").is_some() && super::shell::is_posix(step).unwrap_or_default();
        let script = &step.document.text()[run.span.clone()];
        match run.scalar().map(|scalar| scalar.style) {
            Some(Style::Plain) => posix && !script.contains('\n') && !script.contains("<<"),
            Some(Style::Block) => posix && !script.contains("<<"),
            Some(Style::Quoted) | None => false,
        }
    }

    /// Only where quotes around the place do not change what it means.
    fn instead(step: &Step<'_>, run: &Node, range: &Range<usize>, expr: &Expr) -> Option<Self> {
        let Expr::Context(context) = expr else { return None };
        let document = step.document;
        let text = document.text();
        let name = variable(context)?;
        let line = &text[document.source.line_start(range.start).max(run.span.start)..range.start];
        let quotes = |mark: char| line.matches(mark).count() % 2 == 1;
        if quotes('\'') || line.ends_with('\\') {
            return None;
        }
        let word = if quotes('"') { format!("${{{name}}}") } else { format!("\"${{{name}}}\"") };
        Some(Variable { name, word, is_there: context.head() == "env" })
    }
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
