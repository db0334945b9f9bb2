//! The same question for Google Cloud and Azure.

use super::blocks::{blocks, place, resource};
use super::oidc::too_wide;
use crate::edit::hcl::{Block, Value};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static GCP: Rule = Rule {
    id: "terraform/gcp-wif-condition",
    title: "A workload identity pool trusts every pipeline of a forge",
    gain: "anybody with an account on the forge acts in your project from a pipeline of their own",
    severity: Severity::Critical,
    controls: &["GP-CI-03", "GP-IAC-03"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("gcp_wif_condition.md"),
    check: gcp,
};

pub(super) static AZURE: Rule = Rule {
    id: "terraform/azure-fic",
    title: "A federated credential trusts more than one branch or environment",
    gain: "a pull request, or a token made for something else, becomes the application",
    severity: Severity::High,
    controls: &["GP-CI-03", "GP-IAC-03"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("azure_fic.md"),
    check: azure,
};

fn words<'b>(block: &'b Block, key: &str) -> &'b str {
    block.body.value(key).and_then(Value::words).unwrap_or_default()
}

/// The issuer of a provider, or the name of what says it (`var.gitlab_url`).
fn issuer(oidc: &Block) -> &str {
    match oidc.body.value("issuer_uri") {
        Some(Value::Text(text) | Value::Template(text) | Value::Other(text)) => text,
        _ => "",
    }
}

fn is_forge(issuer: &str) -> bool {
    let issuer = issuer.to_lowercase();
    issuer.contains("githubusercontent.com") || issuer.contains("gitlab")
}

fn gcp(facts: &Facts<'_>, report: &mut Report) {
    for (subject, block) in blocks(facts) {
        if resource(block) == Some("google_iam_workload_identity_pool_provider") {
            let forge = block.body.all("oidc").any(|oidc| is_forge(issuer(oidc)));
            let condition = block.body.attribute("attribute_condition");
            let text = condition.and_then(|attribute| match &attribute.value.value {
                Value::Text(text) | Value::Template(text) => Some(text.as_str()),
                _ => None,
            });
            let message = match (condition, text) {
                (None, _) => "no `attribute_condition`: every token of the issuer is accepted".to_owned(),
                (Some(_), Some("" | "true")) => "the `attribute_condition` is always true".to_owned(),
                (Some(_), Some(text)) if by_name_only(text) => {
                    "the condition compares names, which can change hands; compare `repository_id` or `repository_owner_id`".to_owned()
                }
                _ => continue,
            };
            if forge {
                report.at(subject, &place(block, condition), message).address(block.address());
            }
        } else if resource(block).is_some_and(|kind| kind.starts_with("google_")) {
            for key in ["member", "members"] {
                let Some(attribute) = block.body.attribute(key) else { continue };
                let all = attribute
                    .value
                    .value
                    .items()
                    .into_iter()
                    .filter_map(Value::words)
                    .find(|member| member.starts_with("principalSet://") && member.ends_with("/*"));
                if let Some(member) = all {
                    let message = format!("`{member}` is everybody in the pool");
                    report.at(subject, &attribute.span, message).address(block.address());
                }
            }
        }
    }
}

/// Whether a condition speaks of names, and of nothing that stays.
fn by_name_only(condition: &str) -> bool {
    let stays = ["_id", "workflow_sha", "project_id", "namespace_id"].iter().any(|key| condition.contains(key));
    let names =
        ["repository", "repository_owner", "project_path", "namespace_path"].iter().any(|key| condition.contains(key));
    names && !stays
}

fn azure(facts: &Facts<'_>, report: &mut Report) {
    for (subject, block) in blocks(facts) {
        let Some("azuread_application_federated_identity_credential" | "azurerm_federated_identity_credential") =
            resource(block)
        else {
            continue;
        };
        if !is_forge(words(block, "issuer")) {
            continue;
        }
        let attribute = block.body.attribute("subject");
        if let Some(value) = attribute.and_then(|attribute| attribute.value.value.words())
            && let Some(why) = too_wide(value)
        {
            report.at(subject, &place(block, attribute), format!("`{value}` {why}")).address(block.address());
            continue;
        }
        let key = ["audiences", "audience"].into_iter().find_map(|key| block.body.attribute(key));
        let Some(audiences) = key else { continue };
        let wrong = audiences
            .value
            .value
            .items()
            .into_iter()
            .filter_map(Value::text)
            .find(|text| !text.starts_with("api://AzureADTokenExchange"));
        if let Some(wrong) = wrong {
            let message = format!("a token made for `{wrong}` is accepted; ask for `api://AzureADTokenExchange`");
            report.at(subject, &audiences.span, message).address(block.address());
        }
    }
}
