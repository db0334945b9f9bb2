//! Findings as people read them on a terminal.

use std::fmt::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};

use super::encode;
use super::json::Summary;
use crate::model::finding::{Finding, Level, Safety, Span, Status};

/// What the findings are shown with.
pub struct View<'a> {
    /// The laid directory from the repository's root, with a `/` at its end; empty at the root.
    pub prefix: &'a str,
    /// Colours and styles.
    pub colour: bool,
    /// The text of a file, for code frames.
    pub source: &'a dyn Fn(&Finding) -> Option<String>,
}

/// A headline, then each finding with its frame, owner and fix. Empty when there is nothing to say.
pub fn findings(findings: &[Finding], view: &View<'_>) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n\n", headline(findings));
    let renderer = if view.colour { Renderer::styled() } else { Renderer::plain() };
    for finding in findings {
        text.push_str(&one(finding, view, &renderer));
        text.push_str("\n\n");
    }
    text.pop();
    text
}

/// How many, how many block, how many `fix` mends.
fn headline(findings: &[Finding]) -> String {
    let summary = Summary::of(findings);
    let mut line = count(findings.len(), "finding");
    let parts = [(summary.block, "block"), (summary.warn, "warn"), (summary.info, "inform")];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, verb)| agree(*n, verb)).collect();
    let _ = write!(line, ": {}", parts.join(", "));
    let safe = findings.iter().filter(|f| f.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe)).count();
    match safe {
        0 => {}
        n if n == findings.len() && n > 1 => line.push_str("; `roadbed fix` mends them all"),
        n => {
            let _ = write!(line, "; `roadbed fix` mends {n}");
        }
    }
    line
}

fn agree(n: usize, verb: &str) -> String {
    format!("{n} {verb}{}", if n == 1 { "s" } else { "" })
}

/// `1 finding`, `2 findings`.
pub fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

fn one(finding: &Finding, view: &View<'_>, renderer: &Renderer) -> String {
    let title = match (finding.status, finding.level) {
        (Status::Excepted, _) => Title::NOTE.with_name("excepted"),
        (_, Level::Block) => Title::ERROR.with_name("block"),
        (_, Level::Warn) => Title::WARNING.with_name("warn"),
        (_, Level::Info) => Title::INFO.with_name("info"),
    };
    let message = encode::line(&finding.message).into_owned();
    let path = encode::line(&format!("{}{}", view.prefix, finding.path)).into_owned();
    let source = finding.span.and_then(|_| (view.source)(finding)).map(|text| encode::block(&text).into_owned());
    let mut group: Group<'_> = title
        .primary_title(message.as_str())
        .id(finding.rule.as_str())
        .elements(Vec::<annotate_snippets::Message<'_>>::new());
    match (&source, finding.span) {
        (Some(source), Some(span)) => {
            let (start, end) = offsets(source, span);
            let annotation = AnnotationKind::Primary.span(start..end);
            group = group.element(Snippet::source(source.as_str()).path(path.as_str()).annotation(annotation));
        }
        _ => group = group.element(annotate_snippets::Origin::path(path.as_str())),
    }
    let about = encode::line(&about(finding)).into_owned();
    if !about.is_empty() {
        group = group.element(Title::NOTE.message(about.as_str()));
    }
    let next = finding.next.as_deref().map(|next| {
        let what = finding.fix.as_ref().map_or(String::new(), |fix| format!(" ({})", fix.title));
        encode::line(&format!("{next}{what}")).into_owned()
    });
    if let Some(next) = &next {
        group = group.element(Title::HELP.message(next.as_str()));
    }
    renderer.render(&[group])
}

/// Who answers for it, and why it matters.
fn about(finding: &Finding) -> String {
    let asset = finding.asset.as_ref().map(|asset| format!("asset {asset}"));
    let owner = finding.owner.as_ref().map(|owner| format!("owner {owner}"));
    let controls = (!finding.controls.is_empty()).then(|| finding.controls.join(", "));
    [owner, asset, controls].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Byte offsets of a span in `text`, never beyond it and never across lines.
fn offsets(text: &str, span: Span) -> (usize, usize) {
    let start: usize = text.split_inclusive('\n').take(span.line - 1).map(str::len).sum();
    let line = text[start..].split('\n').next().unwrap_or_default();
    let column = |n: usize| line.char_indices().nth(n.saturating_sub(1)).map_or(line.len(), |(byte, _)| byte);
    let last = if span.end_line == span.line { column(span.end_column) } else { line.len() };
    let first = column(span.column).min(last);
    (start + first, start + last)
}
