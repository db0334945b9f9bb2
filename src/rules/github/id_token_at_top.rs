use super::workflow::{Job, Workflow, text};
use crate::edit::tree::Layout;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "github/id-token-at-top",
    title: "Every job may ask for an identity token",
    gain: "any step of any job can get a token that the cloud trusts as this pipeline",
    severity: Severity::High,
    controls: &["GP-CI-02", "GP-CI-03"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("id_token_at_top.md"),
    check,
};

/// Actions that ask for an identity token.
const ASK: [&str; 9] = [
    "aws-actions/configure-aws-credentials",
    "google-github-actions/auth",
    "azure/login",
    "actions/attest",
    "actions/attest-build-provenance",
    "actions/attest-sbom",
    "sigstore/cosign-installer",
    "pypa/gh-action-pypi-publish",
    "rust-lang/crates-io-auth-action",
];

fn check(facts: &Facts<'_>, report: &mut Report) {
    for workflow in Workflow::all(facts) {
        let Some(permissions) = workflow.get("permissions") else { continue };
        let Some((_, entry)) = permissions.entry("id-token") else { continue };
        if text(workflow.document.resolve(&entry.value)) == Some("write") {
            let message = "`id-token: write` holds for every job, and only few need it";
            report.at(workflow.subject, &entry.span, message).address("permissions.id-token").fix(repair(&workflow));
        }
    }
}

/// The scope goes from the top to the jobs that ask for a token, together with the scopes that they had from the top.
fn repair(workflow: &Workflow<'_>) -> Option<Repair> {
    let (_, top) = workflow.root.entry("permissions")?;
    let entries = top.value.entries()?;
    if top.value.layout() != Some(Layout::Block) || entries.len() < 2 {
        return None;
    }
    let (_, entry) = top.value.entry("id-token")?;
    let source = &workflow.document.source;
    let line = source.line_start(entry.span.start);
    let mut repair = Repair::risky("give `id-token: write` only to the jobs that ask for a token")
        .replace(line..source.line_end(entry.span.end) + 1, "")
        .changes(vec!["permissions".to_owned(), "id-token".to_owned()]);
    for job in &workflow.jobs() {
        let Some(asks) = asks(job) else { continue };
        repair = match job.node.entry("permissions") {
            Some((_, own)) if own.value.entry("id-token").is_some() => repair,
            Some(_) => return None,
            None => {
                let scopes = entries.iter().map(|entry| {
                    let value = text(&entry.value).unwrap_or("none");
                    let said = workflow.document.comment_after(entry.span.end);
                    let said = said.map(|range| workflow.document.text()[range.clone()].to_owned());
                    let why = said.unwrap_or_else(|| match (entry.key.as_str(), value) {
                        ("id-token", _) => format!("# {asks}"),
                        ("contents", "read") | (_, "none") => String::new(),
                        _ => "# as at the top".to_owned(),
                    });
                    format!("\n  {}: {value} {why}", entry.key).trim_end().to_owned()
                });
                let lines = format!("permissions:{}", scopes.collect::<String>());
                super::insert::in_job(repair, job, "runs-on", &lines)?.changes(job.way(&["permissions"]))
            }
        };
    }
    Some(repair)
}

/// The action of a job that asks for a token.
fn asks(job: &Job<'_>) -> Option<&'static str> {
    let steps = job.steps();
    ASK.into_iter().find(|action| steps.iter().any(|step| step.runs_action(action)))
}
