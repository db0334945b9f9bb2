use std::collections::{BTreeMap, BTreeSet};

use super::actions::{is_reads, is_unlimited};
use super::blocks::{blocks, modules, place, resource};
use super::policy::{Statement, statements, texts};
use crate::edit::hcl::{Block, Value};
use crate::model::finding::Severity;
use crate::rules::facts::{Facts, Subject};
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "terraform/iam-star",
    title: "A role may do everything, or to everything",
    gain: "whoever gets hold of the role gets the account with it",
    severity: Severity::High,
    controls: &["GP-IAC-03"],
    routing: Routing::Security,
    fix: Offer::Nothing,
    page: include_str!("iam_star.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    let locals = Locals::read(facts);
    let gates = endpoints(facts);
    for mut statement in statements(facts) {
        let directory = directory(statement.subject);
        statement.resources = locals.resolved(&directory, "local.", &statement.resources);
        if gates.contains(&(directory.clone(), statement.address.clone())) {
            // It grants nothing: it says what may pass.
            if let Some(message) = passes(&statement) {
                report.at(statement.subject, &statement.head(), message).address(statement.address.clone()).milder();
            }
            continue;
        }
        if let Some(message) = too_much(&statement) {
            report.at(statement.subject, &statement.head(), message).address(statement.address.clone());
        } else if let Some(message) = reads_too_much(&statement) {
            report.at(statement.subject, &statement.head(), message).address(statement.address.clone()).milder();
        } else if statement.allows && statement.has_principal && every(&statement).is_some() {
            let message = "every action there is, on the resource that this policy is about";
            report.at(statement.subject, &statement.head(), message).address(statement.address.clone()).milder();
        } else {
            // Whoever calls the module may say less.
            statement.resources = locals.resolved(&directory, "var.", &statement.resources);
            let Some(message) = too_much(&statement) else { continue };
            let message = format!("{message}, unless a variable says otherwise");
            report.at(statement.subject, &statement.head(), message).address(statement.address.clone()).milder();
        }
    }
    for (subject, block) in blocks(facts) {
        let directory = directory(subject);
        if let Some((key, message)) =
            granted(block, &directory, &locals).or_else(|| basic_role(block, &directory, &locals))
        {
            report.at(subject, &place(block, block.body.attribute(key)), message).address(block.address());
        } else if let Some((key, message)) =
            basic_reader(block, &directory, &locals).or_else(|| other_self(block, &directory, &locals))
        {
            report.at(subject, &place(block, block.body.attribute(key)), message).address(block.address()).milder();
        }
    }
}

/// The module that a file belongs to.
fn directory(subject: &Subject<'_>) -> String {
    subject.path.parent().map_or_else(String::new, |dir| dir.to_string())
}

/// The policies of VPC endpoints, by module and address: their own, and documents that they name.
fn endpoints(facts: &Facts<'_>) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for (subject, block) in blocks(facts) {
        if resource(block).is_none_or(|kind| !matches!(kind, "aws_vpc_endpoint" | "aws_vpc_endpoint_policy")) {
            continue;
        }
        all.insert((directory(subject), block.address()));
        if let Some(Value::Other(text)) = block.body.value("policy")
            && let Some(rest) = text.strip_prefix("data.aws_iam_policy_document.")
        {
            let name = rest.split(['.', '[']).next().unwrap_or_default();
            all.insert((directory(subject), format!("data.aws_iam_policy_document.{name}")));
        }
    }
    all
}

/// What an endpoint lets through that it need not.
fn passes(statement: &Statement<'_>) -> Option<&'static str> {
    let open = statement.everybody && statement.conditions.is_empty();
    match statement.allows {
        true if open => Some("everybody may pass through the endpoint, in any account"),
        true if every(statement).is_some() => Some("every action there is may pass through the endpoint"),
        _ => None,
    }
}

/// The action that stands for all of them.
fn every<'s>(statement: &'s Statement<'_>) -> Option<&'s String> {
    statement.actions.iter().find(|action| matches!(action.as_str(), "*" | "*:*"))
}

fn too_much(statement: &Statement<'_>) -> Option<String> {
    if !statement.allows {
        return None;
    }
    if let Some(action) = every(statement).filter(|_| !statement.has_principal) {
        return Some(format!("`{action}` allows every action there is"));
    }
    if statement.everybody && statement.conditions.is_empty() {
        return Some("everybody is allowed, in any account".to_owned());
    }
    let everywhere = statement.resources.iter().any(|resource| resource == "*");
    // A policy on a resource means that resource, and a condition may narrow it.
    if !everywhere || statement.has_principal || !statement.conditions.is_empty() {
        return None;
    }
    let action = statement.actions.iter().find(|action| !is_unlimited(action))?;
    Some(format!("`{action}` is allowed on every resource of the account"))
}

/// Reads of EC2 by the one pattern that everybody writes: AWS can limit a tenth of them.
fn reads_too_much(statement: &Statement<'_>) -> Option<String> {
    let everywhere = statement.resources.iter().any(|resource| resource == "*");
    let narrowed = statement.has_principal || !statement.conditions.is_empty();
    let action = statement.actions.iter().find(|action| is_reads(action)).filter(|_| everywhere && !narrowed)?;
    statement.allows.then(|| format!("`{action}` also reads what could be limited to some resources"))
}

/// Roles that are handed out whole, with the attribute that says so.
fn granted(block: &Block, directory: &str, locals: &Locals<'_>) -> Option<(&'static str, String)> {
    let kind = resource(block)?;
    let text = |key: &str| block.body.value(key).and_then(Value::words).unwrap_or_default();
    if kind.starts_with("aws_iam_") && kind.ends_with("_attachment") {
        let arns = locals.each(block, directory, block.body.value("policy_arn")?);
        let admin = arns.iter().any(|arn| arn.ends_with("policy/AdministratorAccess"));
        return admin.then(|| ("policy_arn", "`AdministratorAccess` allows everything".to_owned()));
    }
    if kind == "aws_iam_role" {
        let arns = block.body.value("managed_policy_arns").map(Value::items).unwrap_or_default();
        let admin = arns.into_iter().filter_map(Value::words).any(|arn| arn.ends_with("policy/AdministratorAccess"));
        return admin.then(|| ("managed_policy_arns", "`AdministratorAccess` allows everything".to_owned()));
    }
    if kind == "azurerm_role_definition" {
        let star = |actions: &Value| actions.items().into_iter().filter_map(Value::text).any(|action| action == "*");
        let all = block.body.all("permissions").any(|permissions| permissions.body.value("actions").is_some_and(star));
        return all.then(|| ("name", "`*` allows every action there is".to_owned()));
    }
    if kind == "azurerm_role_assignment" {
        let role = text("role_definition_name");
        let scope = match block.body.value("scope") {
            Some(Value::Other(text) | Value::Text(text) | Value::Template(text)) => text.as_str(),
            _ => "",
        };
        let subscription = scope.contains("azurerm_subscription")
            || scope.starts_with("/subscriptions/") && scope.matches('/').count() == 2;
        return (matches!(role, "Owner" | "Contributor" | "User Access Administrator") && subscription)
            .then(|| ("role_definition_name", format!("`{role}` holds for the whole subscription")));
    }
    None
}

/// The role of Google's that a block hands out, if it is one of these, written out or as one of a list.
fn google_role(block: &Block, directory: &str, locals: &Locals<'_>, wanted: &[&str]) -> Option<String> {
    resource(block).filter(|kind| kind.starts_with("google_") && kind.contains("_iam_"))?;
    let roles = locals.each(block, directory, block.body.value("role")?);
    roles.into_iter().find(|role| wanted.contains(&role.as_str()))
}

fn basic_role(block: &Block, directory: &str, locals: &Locals<'_>) -> Option<(&'static str, String)> {
    let role = google_role(block, directory, locals, &["roles/owner", "roles/editor"])?;
    Some(("role", format!("`{role}` may change nearly everything in the project")))
}

/// Whether a block hands out a role of Google's on more than one thing: of one repository or bucket it holds there alone.
fn is_wide(block: &Block) -> bool {
    let wide = ["google_project_iam_", "google_folder_iam_", "google_organization_iam_"];
    resource(block).is_some_and(|kind| wide.iter().any(|start| kind.starts_with(start)))
}

/// Roles with which their holder acts as any service account below: `iam.serviceAccounts.actAs`, `getAccessToken` and the like.
const OTHER_SELVES: [&str; 17] = [
    "roles/cloudbuild.builds.builder",
    "roles/cloudbuild.builds.editor",
    "roles/composer.worker",
    "roles/dataflow.admin",
    "roles/dataflow.developer",
    "roles/dataproc.hubAgent",
    "roles/deploymentmanager.editor",
    "roles/editor",
    "roles/iam.securityAdmin",
    "roles/iam.serviceAccountAdmin",
    "roles/iam.serviceAccountKeyAdmin",
    "roles/iam.serviceAccountOpenIdTokenCreator",
    "roles/iam.serviceAccountTokenCreator",
    "roles/iam.serviceAccountUser",
    "roles/iam.workloadIdentityUser",
    "roles/owner",
    "roles/run.sourceDeveloper",
];

fn other_self(block: &Block, directory: &str, locals: &Locals<'_>) -> Option<(&'static str, String)> {
    if !is_wide(block) {
        return None;
    }
    if let Some(role) = google_role(block, directory, locals, &OTHER_SELVES) {
        return Some(("role", format!("whoever has `{role}` here acts as any service account below")));
    }
    let role = block.body.value("role")?;
    let named = [texts(Some(role)), locals.each(block, directory, role)].concat();
    let default = locals.resolved(directory, "var.", &named);
    let role = default.into_iter().find(|role| OTHER_SELVES.contains(&role.as_str()))?;
    Some((
        "role",
        format!("unless a variable says otherwise, its holder has `{role}`, and acts as any service account below"),
    ))
}

fn basic_reader(block: &Block, directory: &str, locals: &Locals<'_>) -> Option<(&'static str, String)> {
    if !is_wide(block) {
        return None;
    }
    let role = google_role(block, directory, locals, &["roles/viewer"])?;
    Some(("role", format!("`{role}` may read nearly everything in the project")))
}

/// What each module names: its own values (`local.a`), and the defaults of its variables (`var.a`).
struct Locals<'f>(BTreeMap<(String, String), &'f Value>);

impl<'f> Locals<'f> {
    fn read(facts: &'f Facts<'_>) -> Self {
        let mut all = BTreeMap::new();
        for (directory, files) in modules(facts) {
            for attribute in
                files.iter().flat_map(|file| file.body.all("locals")).flat_map(|block| &block.body.attributes)
            {
                all.insert((directory.clone(), format!("local.{}", attribute.key)), &attribute.value.value);
            }
            for block in files.iter().flat_map(|file| file.body.all("variable")) {
                if let (Some(name), Some(default)) = (block.labels.first(), block.body.value("default")) {
                    all.insert((directory.clone(), format!("var.{name}")), default);
                }
            }
        }
        Locals(all)
    }

    /// What an attribute comes to, or each of what it comes to where the block goes through a list.
    fn each(&self, block: &Block, directory: &str, value: &Value) -> Vec<String> {
        match value {
            Value::Other(text) if matches!(text.as_str(), "each.value" | "each.key") => {
                self.texts(directory, block.body.value("for_each"))
            }
            // `local.roles[count.index]`
            Value::Other(text) => match text.split_once('[') {
                Some((list, "count.index]")) => self.texts(directory, Some(&Value::Other(list.to_owned()))),
                _ => Vec::new(),
            },
            value => texts(Some(value)),
        }
    }

    /// The texts of a list, and of the module's own lists that it names.
    fn texts(&self, directory: &str, value: Option<&Value>) -> Vec<String> {
        self.resolved(directory, "local.", &texts(value))
    }

    /// Texts, of which those that name something of this kind are what it holds.
    fn resolved(&self, directory: &str, kind: &str, all: &[String]) -> Vec<String> {
        let held = |text: &String| {
            let value = self.0.get(&(directory.to_owned(), text.clone())).filter(|_| text.starts_with(kind));
            value.map_or_else(|| vec![text.clone()], |value| texts(Some(value)))
        };
        all.iter().flat_map(held).collect()
    }
}
