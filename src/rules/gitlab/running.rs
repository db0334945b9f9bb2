//! When jobs run, for how long, and where they deploy.

use super::jobs::{Job, pipelines};
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
    fix: Offer::Nothing,
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
    fix: Offer::Nothing,
    page: include_str!("double_pipeline.md"),
    check: double,
};

fn jobs<'f>(facts: &'f Facts<'_>) -> Vec<Job<'f>> {
    pipelines(facts).iter().flat_map(super::jobs::Pipeline::jobs).collect()
}

fn is_deployment(job: &Job<'_>, all: &[Job<'_>]) -> bool {
    let stage = job.get("stage", all).and_then(Node::scalar).map_or("", |scalar| scalar.text.as_str());
    let says = |text: &str| {
        let text = text.to_lowercase();
        text.split(|c: char| !c.is_alphanumeric())
            .any(|word| matches!(word, "deploy" | "deployment" | "production" | "prod"))
    };
    says(stage) || says(job.name())
}

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
        let message = match (has("environment"), bound) {
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
        report.at(job.pipeline.subject, &job.pipeline.place(&job.entry.key_span), message).address(job.name());
    }
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
    let node = job.node();
    let first = node.entries()?.first()?;
    let document = &job.pipeline.part.document;
    if node.layout() != Some(Layout::Block) || node.has_anchors() || job.pipeline.part.start != 0 || node.inherits() {
        return None;
    }
    let indent = " ".repeat(document.source.column(first.span.start));
    let way = vec![job.name().to_owned(), "timeout".to_owned()];
    Some(
        Repair::risky("end it after 30 minutes")
            .insert(first.span.start, format!("timeout: 30 minutes\n{indent}"))
            .changes(way),
    )
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
        report.file(first.subject, message).address("workflow");
    }
}
