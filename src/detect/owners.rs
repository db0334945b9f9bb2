//! Who owns it: CODEOWNERS as the forge reads it, then the catalogue. Git's history knows people, not teams, so it
//! is only ever a suggestion.

use super::catalogue_info::catalogue;
use super::observation::Observation;
use super::remote;
use super::scene::Scene;
use crate::rules::Facts;

/// A path that no finer line of CODEOWNERS is about.
const ANYTHING: &str = "a-file-that-nobody-names";

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut seen = Vec::new();
    if let Ok(facts) = Facts::of(scene.tree(), &crate::catalogue::OFFLINE)
        && let Some(codeowners) = facts.codeowners()
    {
        let owners = codeowners.owners(ANYTHING);
        let line_of = |owner: &str| {
            let lines = codeowners.lines.iter().rev();
            lines.into_iter().find(|line| line.owners.iter().any(|one| one == owner)).map_or(1, |line| line.number)
        };
        for owner in &owners {
            let told = Observation::new("owner", *owner, "owns what no finer line names");
            seen.push(told.at(&codeowners.path, line_of(owner)).answers("owner"));
        }
        if owners.is_empty() {
            seen.push(Observation::new("owner", "none", "no line is for everything").at(&codeowners.path, 1));
        }
    }
    if let Some(parsed) = catalogue(scene)
        && let Some(said) = parsed.said(&["spec", "owner"])
    {
        let org = remote::address(scene).map(|address| address.group);
        let owner = handle(&said.text, org.as_deref());
        seen.push(Observation::new("owner", owner, "the catalogue").at(&parsed.path, said.line).answers("owner"));
    }
    let total: usize = scene.outside.authors.iter().map(|author| author.commits).sum();
    if let Some(author) = scene.outside.authors.first() {
        let why = format!("wrote {} of the last {total} commits: ask which team it is", author.commits);
        seen.push(Observation::new("owner", &author.name, why).guess().answers("owner"));
    }
    seen
}

/// `group:default/payments` as CODEOWNERS writes it, where the organisation is known.
fn handle(owner: &str, org: Option<&str>) -> String {
    if owner.starts_with('@') || owner.starts_with("user:") {
        return owner.to_owned();
    }
    let bare = owner.strip_prefix("group:").unwrap_or(owner);
    let bare = bare.rsplit('/').next().unwrap_or(bare);
    match org {
        Some(org) if !org.contains('/') => format!("@{org}/{bare}"),
        _ => owner.to_owned(),
    }
}
