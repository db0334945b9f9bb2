//! Adding and changing fields of manifests, and what must stay the same.

use super::workload::Object;
use crate::edit::documents::documents_last_counts;
use crate::edit::source::Source;
use crate::edit::tree::{Layout, Node};
use crate::rules::rule::{Guard, Repair};

/// The manifests say the same, but for the fields that the fixes of this family set.
pub(super) const GUARD: Guard = Guard::Holds(holds);

/// The fields that fixes set.
const FIELDS: [&str; 16] = [
    "namespace",
    "securityContext",
    "privileged",
    "allowPrivilegeEscalation",
    "runAsNonRoot",
    "runAsUser",
    "readOnlyRootFilesystem",
    "capabilities",
    "seccompProfile",
    "hostNetwork",
    "hostPID",
    "hostIPC",
    "automountServiceAccountToken",
    "resources",
    "livenessProbe",
    "readinessProbe",
];

fn holds(before: &str, after: &str) -> bool {
    let read = |text: &str| documents_last_counts(&Source::new(text).text).ok();
    let (Some(before), Some(after)) = (read(before), read(after)) else { return false };
    before.len() == after.len()
        && before.iter().zip(&after).all(|(a, b)| match (&a.document.root, &b.document.root) {
            (Some(a), Some(b)) => a.same_beside(b, &|key| FIELDS.contains(&key)),
            (a, b) => a.is_none() && b.is_none(),
        })
}

/// A field to be set: the way to it, and the lines of its value, the first beside the key.
pub(super) struct Field<'a> {
    pub way: &'a [&'a str],
    pub value: &'a str,
}

/// Sets a field of a mapping, after the key `after` where the mapping has nothing of it yet; none where the
/// mapping is not written in lines, or shared through an anchor.
pub(super) fn set(object: &Object<'_>, node: &Node, after: &str, field: &Field<'_>, title: &str) -> Option<Repair> {
    let repair = Repair::risky(title).guarded(GUARD);
    let mut node = node;
    let mut way = field.way;
    while let Some((key, rest)) = way.split_first() {
        if node.has_anchors() || node.layout() != Some(Layout::Block) {
            return None;
        }
        let Some((_, entry)) = node.entry(key) else { break };
        if rest.is_empty() {
            let scalar = entry.value.scalar().is_some() && !field.value.contains('\n');
            return scalar.then(|| repair.replace(object.place(&entry.value.span), field.value));
        }
        node = &entry.value;
        way = rest;
    }
    let source = &object.document().source;
    let entries = node.entries()?;
    let first = entries.first()?;
    let column = source.column(first.span.start);
    let mut lines = String::new();
    let mut indent = column;
    for (depth, key) in way.iter().enumerate() {
        lines.push_str(&" ".repeat(indent));
        lines.push_str(key);
        lines.push(':');
        indent += 2;
        if depth + 1 < way.len() {
            lines.push('\n');
        }
    }
    match field.value.split_once('\n') {
        None => {
            lines.push(' ');
            lines.push_str(field.value);
        }
        Some(_) => {
            for line in field.value.lines().filter(|line| !line.is_empty()) {
                lines.push('\n');
                lines.push_str(&" ".repeat(indent));
                lines.push_str(line);
            }
        }
    }
    let anchor = node.entry(after).map(|(_, entry)| entry).or_else(|| entries.last())?;
    // Block scalars end with their last line; everything else may have a comment behind it.
    let end = anchor.span.end;
    let text = object.document().text();
    let end = if end > 0 && text.as_bytes().get(end - 1) == Some(&b'\n') { end - 1 } else { source.line_end(end) };
    Some(repair.insert(object.part.start + end, format!("\n{lines}")))
}
