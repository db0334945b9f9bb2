use std::ops::Range;

use super::grammar;
use super::needs_graph::judge_needs;
use super::workflow::{Job, Step, Uses, Workflow, get, text};
use crate::edit::tree::{Entry, Kind, Node, Type};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::kind::Kind as FileKind;
use crate::rules::rule::{Found, Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/invalid-workflow",
    title: "GitHub refuses the workflow",
    gain: "a workflow that GitHub refuses never runs, so what it should have tested, scanned or gated goes through unseen",
    severity: Severity::High,
    controls: &["GP-CI-05", "GP-REV-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("invalid_workflow.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        let mut judge = Judge { workflow, facts, report };
        judge.top();
        judge.events();
        judge.jobs();
    }
    for subject in facts.of_kind(FileKind::Workflow) {
        let Some(document) = subject.document() else { continue };
        match &document.root {
            None => drop(report.file(subject, "the workflow is empty").address("on")),
            Some(root) if root.entries().is_none() => {
                report.at(subject, &root.span, "a workflow is a mapping of keys, and this is none").address("on");
            }
            Some(_) => {}
        }
    }
}

/// What is said of one workflow.
struct Judge<'j, 'f> {
    workflow: Workflow<'f>,
    facts: &'f Facts<'f>,
    report: &'j mut Report,
}

impl<'f> Judge<'_, 'f> {
    fn at(&mut self, range: &Range<usize>, address: &str, message: String) -> Found<'_> {
        self.report.at(self.workflow.subject, range, message).address(address)
    }

    fn resolve(&self, node: &'f Node) -> &'f Node {
        self.workflow.document.resolve(node)
    }

    fn top(&mut self) {
        self.keys(self.workflow.root, &[&grammar::WORKFLOW], "the workflow", "");
        for key in ["on", "jobs"] {
            // A reader of YAML 1.1 writes `on` back as `true`, and GitHub still reads it.
            if self.workflow.get(key).is_none() && !(key == "on" && self.workflow.get("true").is_some()) {
                let message = format!("the workflow has no `{key}`");
                self.report.file(self.workflow.subject, message).address(key);
            }
        }
        self.permissions(self.workflow.get("permissions"), "");
        self.concurrency(self.workflow.get("concurrency"), "");
    }

    /// Every key must be one that GitHub knows. One that is no slip of a known one may be newer than this rule, so it warns only.
    fn keys(&mut self, mapping: &'f Node, known: &[&[&'static str]], place: &str, address: &str) {
        let known: Vec<&'static str> = known.concat();
        for entry in mapping.entries().unwrap_or_default() {
            if !known.contains(&entry.key.as_str()) && entry.key != "<<" && !(address.is_empty() && entry.key == "true")
            {
                self.unknown("key", &entry.key, &entry.key_span, &known, place, address);
            }
        }
    }

    fn unknown(&mut self, what: &str, word: &str, range: &Range<usize>, known: &[&str], place: &str, address: &str) {
        let meant = grammar::meant(word, known);
        let message = match meant {
            Some(meant) => format!("{place} has no {what} `{word}`; did you mean `{meant}`?"),
            None => format!("{place} has no {what} `{word}` that this version of roadbed knows"),
        };
        let found = self.at(range, &join(address, word), message);
        if meant.is_none() {
            found.milder();
        }
    }

    fn events(&mut self) {
        let Some(on) = self.workflow.get("on") else { return };
        let mut names: Vec<(&'f str, Range<usize>)> = Vec::new();
        names.extend(text(on).map(|name| (name, on.span.clone())));
        for item in on.items().unwrap_or_default() {
            names.extend(text(self.resolve(&item.value)).map(|name| (name, item.value.span.clone())));
        }
        let entries = on.entries().unwrap_or_default();
        names.extend(entries.iter().map(|entry| (entry.key.as_str(), entry.key_span.clone())));
        let empty = on.is_empty() || names.iter().all(|(name, _)| name.is_empty());
        if empty {
            self.at(&on.span, "on", "no event starts the workflow".to_owned());
            return;
        }
        for (name, range) in names {
            if name == "schedule" && entries.is_empty() {
                self.at(&range, "on.schedule", "a `schedule` needs a `cron` of five fields".to_owned());
            }
            if !grammar::EVENTS.contains(&name) && name != "<<" {
                self.unknown("event", name, &range, &grammar::EVENTS, "GitHub", "on");
            }
        }
        for entry in entries {
            self.filters(entry);
        }
    }

    fn filters(&mut self, event: &'f Entry) {
        let node = self.resolve(&event.value);
        let address = format!("on.{}", event.key);
        if ["push", "pull_request", "pull_request_target"].contains(&event.key.as_str()) {
            self.keys(node, &[&grammar::FILTERS], &format!("`{}`", event.key), &address);
            for key in ["branches", "tags", "paths"] {
                let other = format!("{key}-ignore");
                if let (Some(_), Some((_, both))) = (node.entry(key), node.entry(&other)) {
                    let message =
                        format!("`{}` has `{key}` and `{other}`, and GitHub takes only one of them", event.key);
                    self.at(&both.key_span, &join(&address, &other), message);
                }
            }
        }
        if event.key == "schedule" {
            for item in node.items().unwrap_or_default() {
                let item = self.resolve(&item.value);
                let cron = get(self.workflow.document, item, "cron");
                let place = cron.unwrap_or(item).span.clone();
                let fields = cron.and_then(text).map(|cron| cron.split_whitespace().count());
                if fields != Some(5) {
                    let message = "a `schedule` needs a `cron` of five fields".to_owned();
                    self.at(&place, "on.schedule", message);
                }
            }
        }
        if event.key == "workflow_call" {
            let inputs = get(self.workflow.document, node, "inputs").and_then(Node::entries).unwrap_or_default();
            for input in inputs {
                let kind = get(self.workflow.document, self.resolve(&input.value), "type").and_then(text);
                if input.key != "<<" && !matches!(kind, Some("string" | "number" | "boolean")) {
                    let message =
                        format!("input `{}` of a called workflow needs `type`: string, number or boolean", input.key);
                    self.at(&input.key_span, &format!("on.workflow_call.inputs.{}", input.key), message);
                }
            }
        }
    }

    fn permissions(&mut self, node: Option<&'f Node>, address: &str) {
        let Some(node) = node else { return };
        let address = join(address, "permissions");
        if let Some(word) = text(node).filter(|word| !word.is_empty()) {
            if !matches!(word, "read-all" | "write-all") {
                let message = format!("`permissions: {word}` is neither `read-all`, `write-all` nor a list of scopes");
                self.at(&node.span, &address, message);
            }
            return;
        }
        self.keys(node, &[&grammar::SCOPES], "the token", &address);
        for entry in node.entries().unwrap_or_default() {
            let value = self.resolve(&entry.value);
            let words: &[&str] = match entry.key.as_str() {
                "id-token" => &["write", "none"],
                _ => &["read", "write", "none"],
            };
            if entry.key != "<<" && !text(value).is_some_and(|word| words.contains(&word)) {
                let message = format!("`{}` is one of: {}", entry.key, words.join(", "));
                self.at(&entry.span, &join(&address, &entry.key), message);
            }
        }
    }

    fn concurrency(&mut self, node: Option<&'f Node>, address: &str) {
        let Some(node) = node.filter(|node| node.entries().is_some()) else { return };
        let address = join(address, "concurrency");
        self.keys(node, &[&grammar::CONCURRENCY], "`concurrency`", &address);
        if node.entry("group").is_none() && !node.inherits() {
            self.at(&node.span, &address, "`concurrency` has no `group`".to_owned());
        }
    }

    fn jobs(&mut self) {
        let Some(jobs) = self.workflow.get("jobs") else { return };
        let entries = jobs.entries().unwrap_or_default();
        if entries.is_empty() {
            self.at(&jobs.span, "jobs", "the workflow has no job".to_owned());
        }
        for entry in entries {
            let (id, address) = (entry.key.as_str(), format!("jobs.{}", entry.key));
            if !is_identifier(id) && id != "<<" {
                let message = format!("`{id}` is no name for a job: letters, digits, `-` and `_`, and no digit first");
                self.at(&entry.key_span, &address, message);
            }
            let node = self.resolve(&entry.value);
            if node.entries().is_none() && id != "<<" {
                self.at(&entry.key_span, &address, format!("job `{id}` says nothing"));
            }
        }
        let (workflow, report) = (self.workflow, &mut *self.report);
        judge_needs(&workflow, report);
        for job in self.workflow.jobs().into_iter().filter(|job| !job.node.inherits()) {
            self.job(&job);
        }
    }

    fn job(&mut self, job: &Job<'f>) {
        let (place, address) = (format!("job `{}`", job.id()), job.address());
        self.permissions(job.get("permissions"), &address);
        self.concurrency(job.get("concurrency"), &address);
        if let Some(strategy) = job.get("strategy") {
            self.keys(strategy, &[&grammar::STRATEGY], "`strategy`", &address);
        }
        self.minutes(job.get("timeout-minutes"), &address);
        let (calls, runs) = (job.get("uses"), job.get("runs-on"));
        let has_steps = job.get("steps").is_some();
        match (calls, runs) {
            (None, None) => {
                let known = [&grammar::JOB[..], &grammar::STEPS_JOB, &grammar::CALLING_JOB];
                self.keys(job.node, &known, &place, &address);
                let message = format!("{place} says neither what it runs on (`runs-on`) nor what it calls (`uses`)");
                self.at(&job.entry.key_span, &address, message);
            }
            (Some(uses), _) => {
                self.keys(
                    job.node,
                    &[&grammar::JOB, &grammar::CALLING_JOB],
                    &format!("{place}, which calls a workflow,"),
                    &address,
                );
                if runs.is_some() {
                    let message = format!("{place} calls a workflow, so it cannot have `runs-on`");
                    self.at(&job.entry.key_span, &address, message);
                }
                self.call(job, uses);
            }
            (None, Some(runs)) => {
                self.keys(
                    job.node,
                    &[&grammar::JOB, &grammar::STEPS_JOB],
                    &format!("{place}, which has a runner,"),
                    &address,
                );
                if runs.is_empty() {
                    self.at(&runs.span, &join(&address, "runs-on"), format!("{place} names no runner"));
                }
                if !has_steps {
                    self.at(&job.entry.key_span, &join(&address, "steps"), format!("{place} has no steps"));
                }
            }
        }
        if has_steps && calls.is_none() {
            self.steps(job);
        }
    }

    fn minutes(&mut self, node: Option<&'f Node>, address: &str) {
        let Some(node) = node else { return };
        let number = node.scalar().is_some_and(|scalar| scalar.resolved == Type::Number || scalar.text.contains("${{"));
        if !number {
            let message = "`timeout-minutes` is a number".to_owned();
            self.at(&node.span, &join(address, "timeout-minutes"), message);
        }
    }

    /// A called workflow must be a file of a workflow; one of this repository must be there, and may be called.
    fn call(&mut self, job: &Job<'f>, node: &'f Node) {
        let address = join(&job.address(), "uses");
        let Some(value) = text(node) else { return };
        let file = value.split('@').next().unwrap_or(value);
        let named = file.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "yml" | "yaml"));
        let local = file.strip_prefix("./").or_else(|| file.strip_prefix("$/"));
        if !named || value.contains("${{") || Uses::of(value).is_none() {
            let message = format!(
                "`{value}` is no workflow that a job can call: the path of a file, in this repository or in `owner/name@ref`"
            );
            self.at(&node.span, &address, message);
            return;
        }
        let Some(local) = local.filter(|_| !value.contains('@')) else {
            if local.is_none() && !value.contains('@') {
                let message = format!("`{value}` names no ref: `@` and a tag or a commit");
                self.at(&node.span, &address, message);
            }
            return;
        };
        if !self.facts.has(local) {
            self.at(&node.span, &address, format!("there is no file `{local}` to call"));
            return;
        }
        let callee = Workflow::all(self.facts).find(|other| other.subject.path.as_str() == local);
        if callee.is_some_and(|callee| callee.get("on").is_some() && !callee.is_triggered_by("workflow_call")) {
            self.at(&node.span, &address, format!("`{local}` has no `workflow_call`, so nothing can call it"));
        }
    }

    fn steps(&mut self, job: &Job<'f>) {
        let Some(list) = job.get("steps") else { return };
        let address = join(&job.address(), "steps");
        let Some(items) = list.items() else {
            if !list.scalar().is_some_and(|scalar| scalar.text.contains("${{")) {
                self.at(&list.span, &address, format!("`steps` of job `{}` is no list", job.id()));
            }
            return;
        };
        for (n, item) in items.iter().enumerate() {
            let node = self.resolve(&item.value);
            if node.entries().is_none() {
                let message = format!("step {} of job `{}` is no mapping", n + 1, job.id());
                self.at(&item.span, &format!("{address}[{n}]"), message);
            }
        }
        let mut ids: Vec<String> = Vec::new();
        for step in job.steps().iter().filter(|step| !step.node.inherits()) {
            self.step(step, &mut ids);
        }
    }

    fn step(&mut self, step: &Step<'f>, ids: &mut Vec<String>) {
        let address = step.address();
        let deeds: Vec<&str> = grammar::DEEDS.into_iter().filter(|key| step.node.entry(key).is_some()).collect();
        let known: &[&[&str]] = match deeds.as_slice() {
            ["run", ..] => &[&grammar::STEP, &grammar::DEEDS, &grammar::RUN_STEP],
            ["uses", ..] => &[&grammar::STEP, &grammar::DEEDS, &grammar::USES_STEP],
            _ => &[&grammar::STEP, &grammar::DEEDS, &grammar::RUN_STEP, &grammar::USES_STEP],
        };
        self.keys(step.node, known, "the step", &address);
        let message = match deeds.as_slice() {
            [] => Some("the step neither runs a script (`run`) nor uses an action (`uses`)".to_owned()),
            [_] => None,
            [first, second, ..] => Some(format!("the step has `{first}` and `{second}`, and can do only one thing")),
        };
        if let Some(message) = message {
            self.at(&step.node.span, &address, message);
        }
        self.minutes(step.get("timeout-minutes"), &address);
        for key in ["run", "uses"] {
            let Some((_, entry)) = step.node.entry(key) else { continue };
            let value = self.resolve(&entry.value);
            let said = match &value.kind {
                Kind::Scalar(scalar) => scalar.resolved != Type::Null && !scalar.text.trim().is_empty(),
                _ => false,
            };
            if !said {
                self.at(&entry.span, &join(&address, key), format!("`{key}` of the step says nothing"));
            }
        }
        if let Some(id) = step.get("id").filter(|id| text(id).is_some_and(|id| !id.contains("${{"))) {
            let name = text(id).unwrap_or_default();
            if ids.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                self.at(&id.span, &join(&address, "id"), format!("two steps of one job have the id `{name}`"));
            }
            ids.push(name.to_owned());
        }
    }
}

fn join(address: &str, key: &str) -> String {
    if address.is_empty() { key.to_owned() } else { format!("{address}.{key}") }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}
