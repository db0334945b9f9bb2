//! Infrastructure as code: Terraform by its providers, and the other tools by their files.

use std::collections::BTreeMap;

use super::observation::Observation;
use super::scene::Scene;
use crate::edit::hcl;
use crate::model::path::RepoPath;

/// So many files are read.
const MOST_READ: usize = 300;

/// Providers that are a cloud.
pub(super) const CLOUDS: [(&str, &str); 6] = [
    ("aws", "aws"),
    ("awscc", "aws"),
    ("google", "gcp"),
    ("google-beta", "gcp"),
    ("azurerm", "azure"),
    ("azuread", "azure"),
];

const TOOLS: [(&str, &str); 8] = [
    ("Pulumi.yaml", "Pulumi"),
    ("cdk.json", "AWS CDK"),
    ("serverless.yml", "Serverless Framework"),
    ("samconfig.toml", "AWS SAM"),
    ("terragrunt.hcl", "Terragrunt"),
    ("skaffold.yaml", "Skaffold"),
    ("ansible.cfg", "Ansible"),
    ("main.bicep", "Bicep"),
];

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut seen: Vec<Observation> = Vec::new();
    let files = scene.with_ending(".tf");
    if let Some(first) = files.first() {
        let count = if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
        seen.push(Observation::new("infrastructure", "Terraform", count).file(first));
    }
    for (name, tool) in TOOLS {
        if let Some(path) = scene.named(name).first() {
            seen.push(Observation::new("infrastructure", tool, "its configuration").at(path, 1));
        }
    }
    for (provider, (path, line, _)) in providers(scene) {
        seen.push(Observation::new("provider", provider, "Terraform's").at(&path, line));
    }
    seen
}

/// Terraform's providers with the first place of each, and how often it is named.
pub(super) fn providers(scene: &Scene<'_>) -> BTreeMap<String, (RepoPath, usize, usize)> {
    let mut found: BTreeMap<String, (RepoPath, usize, usize)> = BTreeMap::new();
    for path in scene.with_ending(".tf").into_iter().take(MOST_READ) {
        let Some(text) = scene.text(path) else { continue };
        let Ok(body) = hcl::parse(&text) else { continue };
        let mut put = |provider: &str, place: usize| {
            let line = text[..place.min(text.len())].matches('\n').count() + 1;
            found.entry(provider.to_owned()).or_insert_with(|| (path.clone(), line, 0)).2 += 1;
        };
        for block in &body.blocks {
            let first = block.labels.first().map(String::as_str);
            match (block.kind.as_str(), first) {
                ("provider", Some(name)) => put(name, block.head.start),
                ("resource" | "data", Some(name)) => {
                    let prefix = name.split('_').next().unwrap_or(name);
                    if CLOUDS.iter().any(|(provider, _)| *provider == prefix) {
                        put(prefix, block.head.start);
                    }
                }
                ("terraform", _) => {
                    let required = block.body.blocks.iter().filter(|inner| inner.kind == "required_providers");
                    for attribute in required.flat_map(|inner| &inner.body.attributes) {
                        put(&attribute.key, attribute.span.start);
                    }
                }
                _ => {}
            }
        }
    }
    found
}
