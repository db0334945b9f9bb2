//! When jobs run, for how long, and where they deploy.

use super::jobs::{Job, Pipeline, pipelines};
use crate::edit::tree::{Layout, Node};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static DEPLOY: Rule = Rule {
    id: "gitlab/deploy-unprotected",
    title: "A deployment runs from any branch, or outside an environment",
    gain: "whoever can push a branch deploys it",
    severity: Severity::High,
    controls: &["GP-DEP-01"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("deploy_unprotected.md"),
    check: deploy,
};

pub(super) static TIMEOUT: Rule = Rule {
    id: "gitlab/no-timeout",
    title: "A job may run for as long as the project allows",
    gain: "a job that hangs, or that somebody mines in, holds a runner for hours",
    severity: Severity::Low,
    controls: &["GP-SC-03"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("no_timeout.md"),
    check: timeout,
};

pub(super) static DOUBLE: Rule = Rule {
    id: "gitlab/double-pipeline",
    title: "A push to a merge request starts two pipelines",
    gain: "one of the two may pass what the other refuses, and either can be shown",
    severity: Severity::Low,
    controls: &["GP-CI-05"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("double_pipeline.md"),
    check: double,
};

fn jobs<'f>(facts: &'f Facts<'_>) -> Vec<Job<'f>> {
    pipelines(facts).iter().flat_map(Pipeline::jobs).collect()
}

fn is_deployment(job: &Job<'_>, all: &[Job<'_>]) -> bool {
    let stage = job.get("stage", all).and_then(Node::scalar).map_or("", |scalar| scalar.text.as_str());
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
    };
    let (stage, name) = (words(stage), words(job.name()));
    let has = |words: &[String], wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let deploys = ["deploy", "deployment"];
    let around = has(&stage, &["pre", "post", "before", "after"]);
    // `build-prod` prepares what goes to production.
    let prepares = has(&stage, &PREPARES) || has(&name, &PREPARES);
    // `test-deploy` tries out how it is done.
    let tries = name.first().is_some_and(|word| word.starts_with("test"));
    has(&name, &deploys) && !tries
        || has(&stage, &deploys) && !around && !(has(&stage, &PREPARES) && has(&name, &PREPARES))
        || (has(&stage, &PRODUCTION) || has(&name, &PRODUCTION)) && !prepares
}

const PRODUCTION: [&str; 2] = ["production", "prod"];

/// Words of what happens before a deployment.
const PREPARES: [&str; 10] =
    ["build", "compile", "package", "test", "tests", "lint", "check", "scan", "plan", "validate"];

fn deploy(facts: &Facts<'_>, report: &mut Report) {
    let all = jobs(facts);
    for job in all.iter().filter(|job| job.runs() && is_deployment(job, &all)) {
        let has = |key: &str| job.get(key, &all).is_some();
        if !has("script") && !has("trigger") {
            continue;
        }
        let text = job
            .get("environment", &all)
            .and_then(|node| node.entry("action"))
            .and_then(|(_, entry)| entry.value.scalar());
        if text.is_some_and(|action| matches!(action.text.as_str(), "stop" | "verify" | "access" | "prepare")) {
            continue;
        }
        let bound = has("rules") || has("only");
        // Of what it serves as pages GitLab itself keeps a record.
        let placed = has("environment") || job.name() == "pages" || has("pages");
        let message = match (placed, bound) {
            (true, true) => continue,
            (false, true) => format!(
                "`{}` deploys outside an `environment`, so nobody approves it and nothing records it",
                job.name()
            ),
            (true, false) => {
                format!("`{}` deploys from every branch: no `rules` bind it to a protected one", job.name())
            }
            (false, false) => format!("`{}` deploys from every branch, and outside an `environment`", job.name()),
        };
        let place = job.pipeline.place(&job.entry.key_span);
        let repair = protect(job, placed || has("trigger"), bound, has("except"));
        report.at(job.pipeline.subject, &place, message).address(job.name()).fix(repair);
    }
}

/// The job gets the environment that its name tells, and runs for protected branches and tags alone.
fn protect(job: &Job<'_>, placed: bool, bound: bool, excepts: bool) -> Option<Repair> {
    // `rules` and `except` cannot stand together.
    if !bound && excepts {
        return None;
    }
    let mut lines = String::new();
    let mut keys = Vec::new();
    if !placed {
        lines = format!("environment: {}\n", environment(job.name()));
        keys.push("environment");
    }
    if !bound {
        lines.push_str("rules:\n  - if: $CI_COMMIT_REF_PROTECTED == \"true\"\n");
        keys.push("rules");
    }
    if lines.is_empty() {
        None
    } else {
        first_in(job, &lines, &keys, "bind it to an environment and to protected branches")
    }
}

/// The environment that a deployment's name speaks of.
fn environment(name: &str) -> &'static str {
    let name = name.to_lowercase();
    let known = [("stag", "staging"), ("review", "review"), ("dev", "development"), ("test", "test"), ("qa", "qa")];
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    words
        .find_map(|word| known.iter().find(|(start, _)| word.starts_with(start)))
        .map_or("production", |(_, name)| name)
}

fn timeout(facts: &Facts<'_>, report: &mut Report) {
    let all = jobs(facts);
    let by_default = pipelines(facts).iter().any(|pipeline| {
        pipeline
            .root
            .entry("default")
            .is_some_and(|(_, entry)| pipeline.resolve(&entry.value).entry("timeout").is_some())
    });
    if by_default {
        return;
    }
    for job in all.iter().filter(|job| job.runs()) {
        let has = |key: &str| job.get(key, &all).is_some();
        if has("timeout") || has("trigger") || !(has("script") || has("run")) {
            continue;
        }
        let message = format!("`{}` has no `timeout`", job.name());
        report
            .at(job.pipeline.subject, &job.pipeline.place(&job.entry.key_span), message)
            .address(job.name())
            .fix(limit(job));
    }
}

fn limit(job: &Job<'_>) -> Option<Repair> {
    first_in(job, "timeout: 30 minutes\n", &["timeout"], "end it after 30 minutes")
}

/// A repair that puts lines, with these keys, before the first of the job.
fn first_in(job: &Job<'_>, lines: &str, keys: &[&str], title: &str) -> Option<Repair> {
    let node = job.node();
    let first = node.entries()?.first()?;
    let document = &job.pipeline.part.document;
    if node.layout() != Some(Layout::Block) || node.has_anchors() || job.pipeline.part.start != 0 || node.inherits() {
        return None;
    }
    let indent = " ".repeat(document.source.column(first.span.start));
    let text = lines.replace('\n', &format!("\n{indent}"));
    let repair = Repair::risky(title).insert(first.span.start, text);
    Some(keys.iter().fold(repair, |repair, key| repair.changes(vec![job.name().to_owned(), (*key).to_owned()])))
}

fn double(facts: &Facts<'_>, report: &mut Report) {
    let all = pipelines(facts);
    let ruled = all.iter().any(|pipeline| {
        pipeline
            .root
            .entry("workflow")
            .is_some_and(|(_, entry)| pipeline.resolve(&entry.value).entry("rules").is_some())
    });
    let Some(first) = all.iter().find(|pipeline| pipeline.subject.path.as_str() == ".gitlab-ci.yml").filter(|_| !ruled)
    else {
        return;
    };
    let jobs = jobs(facts);
    let merges = jobs.iter().any(|job| {
        ["rules", "only"].iter().filter_map(|key| job.get(key, &jobs)).any(|node| {
            let text = &job.pipeline.part.document.text()[node.span.clone()];
            text.contains("merge_request")
        })
    });
    if merges {
        let message =
            "jobs run for merge requests, and no `workflow:rules` keeps the branch's pipeline from running too";
        report.file(first.subject, message).address("workflow").fix(single(first));
    }
}

/// One pipeline a push: the merge request's where there is one, else the branch's, and one for a tag.
const SINGLE: &str = "rules:
  - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"
  - if: $CI_COMMIT_BRANCH && $CI_OPEN_MERGE_REQUESTS
    when: never
  - if: $CI_COMMIT_BRANCH
  - if: $CI_COMMIT_TAG
";

fn single(pipeline: &Pipeline<'_>) -> Option<Repair> {
    let document = &pipeline.part.document;
    let root = pipeline.root;
    if pipeline.part.start != 0 || root.layout() != Some(Layout::Block) {
        return None;
    }
    let repair = Repair::risky("start one pipeline a push");
    if let Some((_, entry)) = root.entry("workflow") {
        let first = entry.value.entries()?.first()?;
        let plain = entry.value.layout() == Some(Layout::Block) && !entry.value.has_anchors();
        let indent = " ".repeat(document.source.column(first.span.start));
        let text = SINGLE.replace('\n', &format!("\n{indent}"));
        let way = vec!["workflow".to_owned(), "rules".to_owned()];
        return plain.then(|| repair.insert(first.span.start, text).changes(way));
    }
    // Comments right above a key speak of it.
    let at = document.lead_start(root.entries()?.first()?.span.start);
    let lines = SINGLE.lines().map(|line| format!("  {line}\n")).collect::<Vec<_>>().concat();
    Some(repair.insert(at, format!("workflow:\n{lines}\n")).changes(vec!["workflow".to_owned()]))
}
