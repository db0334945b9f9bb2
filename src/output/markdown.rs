//! Markdown, for comments and for GitHub's job summary. What does not fit is counted, never dropped in silence.

use std::fmt::Write as _;

use super::encode::{code_fence, code_span, markdown};
use super::report::{Report, Row};
use crate::model::finding::{Safety, Status};

/// What a comment on a pull request may hold, in bytes.
pub const COMMENT: usize = 65_000;
/// The headline and what is said of findings left out fit into this.
const RESERVE: usize = 1_000;

/// The report in at most `limit` bytes; the worst findings first where not all fit.
pub fn render(report: &Report, limit: usize) -> String {
    let mut text = format!("## roadbed: {}\n", markdown(&report.headline()));
    let summary = report.summary();
    if summary.excepted > 0 {
        let _ = writeln!(
            text,
            "\n{} covered by an exception. GitHub's code scanning knows no exceptions, so it shows them as fixed; they are not.",
            if summary.excepted == 1 {
                "1 finding is".to_owned()
            } else {
                format!("{} findings are", summary.excepted)
            }
        );
    }
    let items: Vec<(&Row, String)> = report.rows.iter().map(|row| (row, item(row))).collect();
    let heads = |rows: &[&Row]| rows.chunk_by(|a, b| a.path == b.path).map(|rows| head(rows[0]).len()).sum::<usize>();
    let whole: usize = items.iter().map(|(_, item)| item.len()).sum();
    let all: Vec<&Row> = items.iter().map(|(row, _)| *row).collect();
    if text.len() + whole + heads(&all) <= limit.saturating_sub(RESERVE) {
        let mut path = None;
        for (row, item) in &items {
            if path != Some(&row.path) {
                text.push_str(&head(row));
                path = Some(&row.path);
            }
            text.push_str(item);
        }
        return text;
    }
    let mut left_out = 0;
    let mut ranked: Vec<&Row> = report.worst_first();
    ranked.extend(report.rows.iter().filter(|row| row.finding.status == Status::Excepted));
    for row in ranked {
        if left_out > 0 {
            left_out += 1;
            continue;
        }
        let entry = format!("{}{}", head(row), item(row));
        if text.len() + entry.len() > limit.saturating_sub(RESERVE) {
            left_out = 1;
        } else {
            text.push_str(&entry);
        }
    }
    let _ = writeln!(
        text,
        "\n**{left_out} more {} not fit here.** They are in the log, and `roadbed check` lists them.",
        if left_out == 1 { "finding did" } else { "findings did" }
    );
    text
}

fn head(row: &Row) -> String {
    format!("\n### {}\n\n", code_span(&row.path))
}

fn item(row: &Row) -> String {
    let finding = &row.finding;
    let mut text = format!("- **{}** {}: {}  \n", row.word(), code_span(&finding.rule), markdown(&finding.message));
    let lines = row.frame();
    if !lines.is_empty() {
        let mut code = String::new();
        for line in &lines {
            let _ = writeln!(code, "  {:>4} | {}", line.number, line.parts.concat());
        }
        let fence = code_fence(&code);
        let _ = write!(text, "\n  {fence}text\n{code}  {fence}\n\n");
    }
    if let Some(why) = &finding.why {
        let _ = writeln!(text, "  Why: {}  ", markdown(why));
    }
    let mut about = Vec::new();
    about.extend(finding.owner.as_ref().map(|owner| format!("owner {}", code_span(owner))));
    about.extend(finding.controls.iter().map(|control| code_span(control)));
    about.extend(finding.introduced.as_ref().map(|commit| format!("since {}", code_span(commit))));
    if !about.is_empty() {
        let _ = writeln!(text, "  {}  ", about.join(", "));
    }
    match (&finding.next, &finding.fix) {
        (Some(next), Some(fix)) => {
            let unsafe_word = if fix.safety == Safety::Unsafe { ", may change what the file does" } else { "" };
            let _ = writeln!(text, "  Fix: {} ({}{unsafe_word})", code_span(next), markdown(&fix.title));
        }
        (Some(next), None) => {
            let _ = writeln!(text, "  Next: {}", code_span(next));
        }
        _ => {}
    }
    text
}
