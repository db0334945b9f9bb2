//! New keys in steps, jobs and workflows, in the style of what stands there.

use std::ops::Range;

use super::workflow::{Job, Step, Workflow};
use crate::edit::source::Source;
use crate::edit::tree::{Document, Entry, Kind, Layout, Node};
use crate::rules::rule::Repair;

/// `repair`, and the step's `env` has `name: value`; a variable that is there already must be the same.
pub(super) fn env(repair: Repair, step: &Step<'_>, name: &str, value: &str) -> Option<Repair> {
    let Some((_, entry)) = step.node.entry("env") else {
        let lines = format!("env:\n  {name}: {value}");
        return child_before(repair, step.document, step.node, "run", &lines).map(|r| r.changes(step.way(&["env"])));
    };
    if let Some((_, present)) = entry.value.entry(name) {
        let same = &step.document.text()[present.value.span.clone()] == value;
        return same.then_some(repair);
    }
    append(repair, step.document, &entry.value, &format!("{name}: {value}"))
        .map(|r| r.changes(step.way(&["env", name])))
}

/// `repair`, and the step's inputs have these values.
pub(super) fn inputs(repair: Repair, step: &Step<'_>, values: &[(&str, &str)]) -> Option<Repair> {
    let lines: Vec<String> = values.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let Some((_, entry)) = step.node.entry("with") else {
        let repair = repair.changes(step.way(&["with"]));
        return if step.node.layout() == Some(Layout::Flow) {
            append(repair, step.document, step.node, &format!("with: {{{}}}", lines.join(", ")))
        } else {
            child_behind(repair, step.document, step.node, "uses", &format!("with:\n  {}", lines.join("\n  ")))
        };
    };
    entry.value.entries()?;
    let mut repair = repair;
    let mut missing = Vec::new();
    for ((key, value), line) in values.iter().zip(lines) {
        let given = entry.value.entries()?.iter().find(|entry| entry.key.eq_ignore_ascii_case(key));
        repair = repair.changes(step.way(&["with", given.map_or(*key, |given| given.key.as_str())]));
        match given {
            Some(given) if given.value.span.is_empty() => return None,
            Some(given) => repair = repair.replace(given.value.span.clone(), *value),
            None => missing.push(line),
        }
    }
    match missing.as_slice() {
        [] => Some(repair),
        _ if entry.value.layout() == Some(Layout::Flow) => {
            append(repair, step.document, &entry.value, &missing.join(", "))
        }
        _ => append(repair, step.document, &entry.value, &missing.join("\n")),
    }
}

/// `repair`, and the mapping gets `line` as its last key.
pub(super) fn append(repair: Repair, document: &Document, mapping: &Node, line: &str) -> Option<Repair> {
    let Kind::Mapping(layout, entries) = &mapping.kind else { return None };
    let last = entries.last()?;
    match layout {
        Layout::Flow => Some(repair.insert(last.span.end, format!(", {line}"))),
        Layout::Block => {
            let indent = indent_of(&document.source, &entries[0])?;
            let at = end_of(document, &last.span);
            Some(repair.insert(at, format!("\n{}", indented(line, &indent))))
        }
    }
}

/// `repair`, and the block mapping gets `lines` before its key `before`.
fn child_before(repair: Repair, document: &Document, mapping: &Node, before: &str, lines: &str) -> Option<Repair> {
    let Kind::Mapping(Layout::Block, entries) = &mapping.kind else { return None };
    let (_, entry) = mapping.entry(before)?;
    let indent = indent_of(&document.source, entries.first()?)?;
    let text = indented(lines, &indent);
    let rest = text.strip_prefix(indent.as_str()).unwrap_or(&text);
    Some(repair.insert(entry.span.start, format!("{rest}\n{indent}")))
}

/// `repair`, and the block mapping gets `lines` behind its key `behind`.
pub(super) fn child_behind(
    repair: Repair,
    document: &Document,
    mapping: &Node,
    behind: &str,
    lines: &str,
) -> Option<Repair> {
    let Kind::Mapping(Layout::Block, entries) = &mapping.kind else { return None };
    let (_, entry) = mapping.entry(behind)?;
    let indent = indent_of(&document.source, entries.first()?)?;
    Some(repair.insert(end_of(document, &entry.span), format!("\n{}", indented(lines, &indent))))
}

/// `repair`, and the job gets `lines` behind its key `behind`.
pub(super) fn in_job(repair: Repair, job: &Job<'_>, behind: &str, lines: &str) -> Option<Repair> {
    child_behind(repair, job.workflow.document, job.node, behind, lines)
}

/// `repair`, and the workflow gets `lines` above its `jobs`.
pub(super) fn above_jobs(repair: Repair, workflow: &Workflow<'_>, lines: &str) -> Option<Repair> {
    let Kind::Mapping(Layout::Block, _) = &workflow.root.kind else { return None };
    let (_, entry) = workflow.root.entry("jobs")?;
    let document = workflow.document;
    // Comments right above `jobs` speak of the jobs.
    let at = document.lead_start(entry.span.start);
    let gap = if at > 1 && !document.text()[..at].ends_with("\n\n") { "\n" } else { "" };
    // Only where blank lines part the keys at all.
    let spaced = document.text()[..at].contains("\n\n");
    Some(repair.insert(at, if spaced { format!("{gap}{lines}\n\n") } else { format!("{lines}\n") }))
}

/// The end of the line in which a value ends, comment included.
fn end_of(document: &Document, span: &Range<usize>) -> usize {
    let end = span.end.max(span.start);
    document.comment_after(end).map_or(end, |comment| comment.end)
}

/// The column of a key as blanks: its line's indentation, with dashes as blanks.
fn indent_of(source: &Source, entry: &Entry) -> Option<String> {
    let before = &source.text[source.line_start(entry.span.start)..entry.span.start];
    let fit = before.chars().all(|c| c == ' ' || c == '-');
    fit.then(|| " ".repeat(before.len()))
}

fn indented(lines: &str, indent: &str) -> String {
    let all: Vec<String> = lines.lines().map(|line| format!("{indent}{line}")).collect();
    all.join("\n")
}
