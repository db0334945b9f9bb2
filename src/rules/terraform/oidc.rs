//! Whom a cloud role trusts when a pipeline asks for it.

use std::ops::Range;

use super::blocks::modules;
use super::policy::{Statement, statements};
use super::same::{GUARD, IDS};
use crate::model::finding::Severity;
use crate::rules::facts::{Facts, Subject};
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static NO_SUB: Rule = Rule {
    id: "terraform/aws-oidc-no-sub",
    title: "A role trusts every pipeline of a forge",
    gain: "anybody with an account on the forge takes the role from a pipeline of their own",
    severity: Severity::Critical,
    controls: &["GP-CI-03", "GP-IAC-03"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("aws_oidc_no_sub.md"),
    check: no_sub,
};

pub(super) static WILDCARD: Rule = Rule {
    id: "terraform/oidc-wildcard",
    title: "A role trusts more pipelines than one",
    gain: "a pull request, any branch, or any repository that a member creates gets the role",
    severity: Severity::High,
    controls: &["GP-CI-03", "GP-IAC-03"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("oidc_wildcard.md"),
    check: wildcard,
};

pub(super) static MUTABLE: Rule = Rule {
    id: "terraform/oidc-mutable-name",
    title: "A role trusts a name that can change hands",
    gain: "whoever registers the name after it was given up gets the role",
    severity: Severity::Medium,
    controls: &["GP-CI-03"],
    routing: Routing::Security,
    fix: Offer::Unsafe,
    page: include_str!("oidc_mutable_name.md"),
    check: mutable,
};

/// Statements that let the pipelines of a forge take a role.
fn trusts<'f>(facts: &'f Facts<'_>) -> Vec<Statement<'f>> {
    let mut all = statements(facts);
    all.retain(|statement| {
        let web = statement.actions.iter().any(|action| action.eq_ignore_ascii_case("sts:AssumeRoleWithWebIdentity"));
        let named = statement
            .federated
            .iter()
            .map(String::as_str)
            .chain(statement.conditions.iter().map(|c| c.variable.as_str()));
        let forge = named.into_iter().any(|name| {
            let name = name.to_lowercase();
            name.contains("github") || name.contains("gitlab")
        });
        statement.allows && web && forge
    });
    all
}

fn no_sub(facts: &Facts<'_>, report: &mut Report) {
    for statement in trusts(facts) {
        let lacking: Vec<&str> = [(":sub", "sub"), (":aud", "aud")]
            .into_iter()
            .filter(|(key, _)| statement.on(key).is_empty())
            .map(|(_, name)| name)
            .collect();
        if lacking.is_empty() {
            continue;
        }
        let message = if lacking.contains(&"sub") {
            "no condition on `sub` says which repository may take this role".to_owned()
        } else {
            "no condition on `aud` says that the token was made for this".to_owned()
        };
        let found = report.at(statement.subject, &statement.head(), message).address(statement.address.clone());
        if !lacking.contains(&"sub") {
            found.milder();
        }
    }
}

/// Why a subject admits more than one pipeline; none where it does not.
pub(super) fn too_wide(subject: &str) -> Option<&'static str> {
    let literal = subject.replace("${", "\u{0}");
    if literal.ends_with(":pull_request") {
        return Some("admits pull requests, and so whoever opens one");
    }
    if !literal.contains(['*', '?']) {
        return None;
    }
    let parts: Vec<&str> = subject.splitn(3, ':').collect();
    Some(match parts.as_slice() {
        [kind, ..] if kind.contains('*') => "admits every repository",
        [_, repository, ..] if repository.contains('*') => {
            "admits every repository that matches, also ones that do not exist yet"
        }
        _ => "admits every branch, tag and pull request that matches",
    })
}

fn wildcard(facts: &Facts<'_>, report: &mut Report) {
    for statement in trusts(facts) {
        for condition in statement.on(":sub") {
            if condition.test.to_lowercase().starts_with("forallvalues") {
                let message = "`ForAllValues` is also true where the token has no `sub` at all";
                report
                    .at(statement.subject, &statement.head(), message)
                    .address(format!("{} {}", statement.address, condition.test));
                continue;
            }
            // Where only exact texts count, a star is just a star.
            let exact = condition.test.contains("StringEquals");
            let wide = condition.values.iter().find_map(|(value, place)| {
                let why = too_wide(value).filter(|_| !exact || value.ends_with(":pull_request"))?;
                Some((value, place, why))
            });
            if let Some((value, place, why)) = wide {
                report
                    .at(statement.subject, place, format!("`{value}` {why}"))
                    .address(format!("{} {value}", statement.address));
            }
        }
    }
}

fn mutable(facts: &Facts<'_>, report: &mut Report) {
    let trusts = trusts(facts);
    for statement in &trusts {
        for condition in statement.on(":sub") {
            for (value, place) in &condition.values {
                let Some(name) = mutable_name(value) else { continue };
                let message =
                    format!("`{name}` is a name, which a new repository can take over; `owner@id/repo@id` cannot be");
                report
                    .at(statement.subject, place, message)
                    .address(format!("{} {value}", statement.address))
                    .fix(numbered(facts, &trusts, statement, value, place));
            }
        }
    }
}

/// The owner and repository of a subject that names them by name alone.
fn mutable_name(subject: &str) -> Option<&str> {
    let name = subject.strip_prefix("repo:")?.split(':').next()?;
    (too_wide(subject).is_none() && !name.contains("${") && !name.contains('@')).then_some(name)
}

/// The subject with the numbers of owner and repository, which the module's inputs tell. They are those of one
/// repository, so a module that trusts several by name gets no fix.
fn numbered(
    facts: &Facts<'_>,
    trusts: &[Statement<'_>],
    statement: &Statement<'_>,
    value: &str,
    place: &Range<usize>,
) -> Option<Repair> {
    let directory = |subject: &Subject<'_>| subject.path.parent().map_or_else(String::new, |dir| dir.to_string());
    let own = directory(statement.subject);
    let (owner, name) = mutable_name(value)?.split_once('/')?;
    let others = trusts.iter().filter(|other| directory(other.subject) == own);
    let names = others.flat_map(|other| other.on(":sub")).flat_map(|condition| &condition.values);
    let one = names.filter_map(|(value, _)| mutable_name(value)).all(|other| other == format!("{owner}/{name}"));
    let text = statement.subject.seen();
    if !one || text.get(place.clone()) != Some(format!("\"{value}\"").as_str()) {
        return None;
    }
    let rest = value.strip_prefix("repo:")?.strip_prefix(owner)?.strip_prefix('/')?.strip_prefix(name)?;
    let [owner_id, repository_id] = IDS;
    let subject = format!("\"repo:{owner}@${{var.{owner_id}}}/{name}@${{var.{repository_id}}}{rest}\"");
    let mut repair = Repair::risky("name the numbers of owner and repository, too").guarded(GUARD);
    repair = repair.replace(place.clone(), subject);
    let module = modules(facts).remove(&own).unwrap_or_default();
    let declared = |id: &str| module.iter().flat_map(|file| &file.body.blocks).any(|block| block.is("variable", id));
    let mut inputs = Vec::new();
    for (id, what) in [(owner_id, format!("orgs/{owner}")), (repository_id, format!("repos/{owner}/{name}"))] {
        if !declared(id) {
            inputs.push(format!(
                "\nvariable \"{id}\" {{\n  description = \"The number that `gh api {what} --jq .id` prints.\"\n  type        = string\n}}\n"
            ));
        }
    }
    Some(if inputs.is_empty() { repair } else { repair.insert(text.len(), inputs.concat()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_wide_where_it_admits_more_than_one() {
        for (subject, wide) in [
            ("repo:acme/app:ref:refs/heads/main", false),
            ("repo:acme/app:environment:production", false),
            ("repo:acme@1/app@2:environment:production", false),
            ("repo:${var.repo}:environment:production", false),
            ("repo:acme/app:*", true),
            ("repo:acme/*", true),
            ("repo:acme/*:ref:refs/heads/main", true),
            ("repo:*", true),
            ("*", true),
            ("repo:acme/app:pull_request", true),
            ("project_path:acme/app:ref_type:branch:ref:*", true),
        ] {
            assert_eq!(too_wide(subject).is_some(), wide, "{subject}");
        }
    }
}
