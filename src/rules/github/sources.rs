//! Who controls a value that an expression reads.

use super::expression::{Context, Expr, fenced};
use super::workflow::{Step, get, text};
use crate::edit::tree::{Document, Kind, Node};

/// How far a value can be trusted, from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trust {
    /// GitHub or the file itself decides, within a form that no shell misreads.
    Fixed,
    /// The workflow makes it up: what a matrix includes, a variable of fixed values.
    Computed,
    /// Somebody with access decides, or it cannot be told.
    Unknown,
    /// Anybody outside decides.
    Outsider,
}

/// Values that have one form, whoever triggers the workflow.
const FIXED: [&str; 30] = [
    "github.action",
    "github.action_path",
    "github.action_status",
    "github.actor_id",
    "github.api_url",
    "github.event_name",
    "github.event_path",
    "github.env",
    "github.graphql_url",
    "github.job",
    "github.output",
    "github.path",
    "github.repository",
    "github.repository_id",
    "github.repository_owner",
    "github.repository_owner_id",
    "github.repositoryurl",
    "github.retention_days",
    "github.run_attempt",
    "github.run_id",
    "github.run_number",
    "github.secret_source",
    "github.server_url",
    "github.sha",
    "github.token",
    "github.triggering_actor",
    "github.workflow_sha",
    "github.workspace",
    "github.ref_protected",
    "github.ref_type",
];

/// Last parts of values in `github.event` that are numbers, truth values or words of a fixed list.
const FIXED_FIELDS: [&str; 28] = [
    "id",
    "number",
    "size",
    "state",
    "draft",
    "merged",
    "mergeable",
    "locked",
    "private",
    "fork",
    "archived",
    "disabled",
    "deleted",
    "created",
    "forced",
    "comments",
    "commits",
    "additions",
    "deletions",
    "changed_files",
    "prerelease",
    "site_admin",
    "author_association",
    "run_number",
    "run_attempt",
    "conclusion",
    "run_id",
    "total_count",
];

/// Texts of an event that anybody can write, by their last part.
const OUTSIDE_FIELDS: [&str; 10] =
    ["title", "body", "name", "message", "email", "label", "head_branch", "page_name", "description", "homepage"];

/// Who controls a value in a step.
pub(super) fn trust(context: &Context, step: &Step<'_>) -> Trust {
    // Only who runs the repository sets a secret, whichever of them is meant.
    if context.head() == "secrets" {
        return Trust::Fixed;
    }
    let Some(pattern) = context.pattern() else { return Trust::Unknown };
    let parts: Vec<&str> = pattern.split('.').collect();
    match parts.first().copied().unwrap_or_default() {
        "runner" | "strategy" | "job" => Trust::Fixed,
        // An output may have the same name, and is a text like any other.
        "needs" if matches!(parts[..], [_, _, "result"]) => Trust::Fixed,
        "steps" if matches!(parts[..], [_, _, "outcome" | "conclusion"]) => Trust::Fixed,
        "env" => of_env(&parts, step),
        "inputs" => of_input(&parts, step),
        "matrix" => of_matrix(&parts, step),
        "github" => of_github(&pattern, &parts),
        _ => Trust::Unknown,
    }
}

fn of_github(pattern: &str, parts: &[&str]) -> Trust {
    if FIXED.contains(&pattern) {
        return Trust::Fixed;
    }
    if pattern == "github.head_ref" {
        return Trust::Outsider;
    }
    if parts.get(1) != Some(&"event") {
        return Trust::Unknown;
    }
    // Whoever starts the workflow by hand or by API names these fields, whatever their names are.
    if matches!(parts.get(2), Some(&("inputs" | "client_payload"))) {
        return Trust::Unknown;
    }
    let last = parts.last().copied().unwrap_or_default();
    let by_form = ["_count", "_at", "_sha"].iter().any(|end| last.ends_with(end)) || last == "sha";
    let pushed = matches!(pattern, "github.event.before" | "github.event.after");
    if pushed || parts.len() > 2 && (by_form || FIXED_FIELDS.contains(&last)) {
        return Trust::Fixed;
    }
    let branch = matches!(parts, [.., "head", "ref" | "label"]);
    let whole = parts.len() == 2;
    if whole || branch || OUTSIDE_FIELDS.contains(&last) {
        return Trust::Outsider;
    }
    Trust::Unknown
}

/// Values of letters, digits and dashes: a text that is put together from them stays one word in any shell.
const WORDS: [&str; 9] = [
    "github.event_name",
    "github.event.number",
    "github.job",
    "github.run_attempt",
    "github.run_id",
    "github.run_number",
    "github.sha",
    "runner.arch",
    "runner.os",
];

/// Whether a text in the file comes to something that nobody can bend: it has no expressions, or such words alone.
fn is_settled(value: &str) -> bool {
    let fences = fenced(value);
    let settled = |inner: &str| {
        let fixed = |context: &Context| context.pattern().is_some_and(|name| WORDS.contains(&name.as_str()));
        Expr::parse(inner).is_some_and(|expr| expr.flowing().into_iter().all(|context| context.is_some_and(fixed)))
    };
    fences.len() == value.matches("${{").count() && fences.into_iter().all(|fence| settled(&value[fence.inner]))
}

/// A variable that the file sets to a text with nothing but fixed values in it is the file's own.
fn of_env(parts: &[&str], step: &Step<'_>) -> Trust {
    let Some(name) = parts.get(1) else { return Trust::Unknown };
    let blocks = [
        step.get("env"),
        step.job.and_then(|job| job.get("env")),
        step.workflow().and_then(|workflow| workflow.get("env")),
    ];
    for block in blocks.into_iter().flatten() {
        let entry = block.entries().unwrap_or_default().iter().find(|entry| entry.key.eq_ignore_ascii_case(name));
        if let Some(entry) = entry {
            let value = text(step.document.resolve(&entry.value));
            return match value.filter(|value| is_settled(value)) {
                Some(value) if value.contains("${{") => Trust::Computed,
                Some(_) => Trust::Fixed,
                None => Trust::Unknown,
            };
        }
    }
    Trust::Unknown
}

/// An input that can only be a truth value, a number or a word of a list is no text.
fn of_input(parts: &[&str], step: &Step<'_>) -> Trust {
    let Some(name) = parts.get(1) else { return Trust::Unknown };
    let Some(on) = step.workflow().and_then(|workflow| workflow.get("on")) else { return Trust::Unknown };
    let kinds = ["workflow_call", "workflow_dispatch"].into_iter().filter_map(|event| {
        let inputs = get(step.document, get(step.document, on, event)?, "inputs")?;
        let entry = inputs.entries()?.iter().find(|entry| entry.key.eq_ignore_ascii_case(name))?;
        let kind = get(step.document, step.document.resolve(&entry.value), "type").and_then(text);
        Some(kind.unwrap_or("string"))
    });
    let kinds: Vec<&str> = kinds.collect();
    let closed = |kind: &&str| matches!(*kind, "boolean" | "number" | "choice");
    if !kinds.is_empty() && kinds.iter().all(closed) { Trust::Fixed } else { Trust::Unknown }
}

/// A matrix of texts with nothing but fixed values in them is the file's own.
fn of_matrix(parts: &[&str], step: &Step<'_>) -> Trust {
    let matrix = step.job.and_then(|job| job.get("strategy")).and_then(|node| get(step.document, node, "matrix"));
    // Without a matrix the value is empty.
    let Some(matrix) = matrix else { return Trust::Fixed };
    // A job makes all of it up, keys included.
    if matrix.entries().is_none() {
        return Trust::Unknown;
    }
    let Some(name) = parts.get(1) else {
        return if is_literal(step.document, matrix) { Trust::Fixed } else { Trust::Unknown };
    };
    let below = &parts[2..];
    let mut values: Vec<&Node> = Vec::new();
    let mut open = false;
    for entry in matrix.entries().unwrap_or_default() {
        let value = step.document.resolve(&entry.value);
        if entry.key.eq_ignore_ascii_case(name) {
            match value.items() {
                Some(items) => items.iter().for_each(|item| within(step.document, &item.value, below, &mut values)),
                None => values.push(value),
            }
        }
        if entry.key == "include" {
            open |= value.items().is_none();
            for item in value.items().unwrap_or_default() {
                let item = step.document.resolve(&item.value);
                open |= item.entries().is_none();
                let named = item.entries().unwrap_or_default().iter().filter(|e| e.key.eq_ignore_ascii_case(name));
                named.for_each(|entry| within(step.document, &entry.value, below, &mut values));
            }
        }
    }
    match (values.iter().all(|value| is_literal(step.document, value)), open) {
        (true, false) => Trust::Fixed,
        (true, true) => Trust::Computed,
        (false, _) => Trust::Unknown,
    }
}

/// What stands under some keys of a value of a matrix; the value itself where they do not lead through mappings.
fn within<'f>(document: &'f Document, node: &'f Node, keys: &[&str], values: &mut Vec<&'f Node>) {
    let node = document.resolve(node);
    match (keys.split_first(), node.entries()) {
        (Some((key, rest)), Some(entries)) if *key != "*" => {
            let entry = entries.iter().find(|entry| entry.key.eq_ignore_ascii_case(key));
            // A merge could bring the key.
            match entry {
                Some(entry) => within(document, &entry.value, rest, values),
                None if node.inherits() => values.push(node),
                None => {}
            }
        }
        _ => values.push(node),
    }
}

/// Whether nothing but fixed values stands anywhere in a value of a matrix.
fn is_literal(document: &Document, node: &Node) -> bool {
    match &document.resolve(node).kind {
        Kind::Scalar(scalar) => is_settled(&scalar.text),
        Kind::Mapping(_, entries) => entries.iter().all(|entry| is_literal(document, &entry.value)),
        Kind::Sequence(_, items) => items.iter().all(|item| is_literal(document, &item.value)),
        Kind::Alias(_) => false,
    }
}
