use crate::edit::documents::documents;
use crate::edit::tree::Node;
use crate::model::finding::Severity;
use crate::model::path::RepoPath;
use crate::rules::facts::Facts;
use crate::rules::kind::Kind;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "repo/catalog-info",
    title: "Nobody can look up whose service this is",
    gain: "an alert finds no team, and an orphan is patched by nobody",
    severity: Severity::Medium,
    controls: &["GP-OWN-01"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("catalog_info.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    let mut any = false;
    for subject in facts.of_kind(Kind::Catalog) {
        any = true;
        let parts = match documents(subject.seen()) {
            Ok(parts) => parts,
            Err(error) => {
                subject.fail("yaml", error);
                continue;
            }
        };
        for part in &parts {
            let Some(root) = &part.document.root else { continue };
            let kind = text_at(root, &["kind"]).unwrap_or_default();
            let name = text_at(root, &["metadata", "name"]).unwrap_or_default();
            let wanted: &[&[&str]] = match kind {
                "Component" => &[
                    &["metadata", "name"],
                    &["spec", "type"],
                    &["spec", "lifecycle"],
                    &["spec", "owner"],
                    &["spec", "system"],
                ],
                "API" => &[&["metadata", "name"], &["spec", "type"], &["spec", "lifecycle"], &["spec", "owner"]],
                "Resource" => &[&["metadata", "name"], &["spec", "type"], &["spec", "owner"]],
                "System" | "Domain" => &[&["metadata", "name"], &["spec", "owner"]],
                _ => continue,
            };
            let lacking: Vec<String> = wanted
                .iter()
                .filter(|way| text_at(root, way).is_none_or(str::is_empty))
                .map(|way| way.join("."))
                .collect();
            if lacking.is_empty() {
                continue;
            }
            let place = root.entry("kind").map_or(root.span.clone(), |(_, entry)| entry.value.span.clone());
            let range = part.start + place.start..part.start + place.end;
            let message = format!("the {kind} says no `{}`", lacking.join("`, `"));
            report.at(subject, &range, message).address(format!("{kind}[{name}]"));
        }
    }
    if !any && !facts.paths().is_empty() {
        if let Ok(path) = RepoPath::new("catalog-info.yaml") {
            report.missing(path, "no catalog-info.yaml says who owns this and how critical it is");
        }
    }
}

fn text_at<'n>(node: &'n Node, way: &[&str]) -> Option<&'n str> {
    let node = way.iter().try_fold(node, |node, key| node.entry(key).map(|(_, entry)| &entry.value))?;
    node.scalar().map(|scalar| scalar.text.as_str())
}
