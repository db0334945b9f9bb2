//! GitLab's Code Quality report (<https://docs.gitlab.com/ci/testing/code_quality/>): a JSON array.
//!
//! GitLab has no word for an exception, so excepted findings are left out.

use serde::Serialize;

use super::report::{Report, Row};
use crate::model::finding::{Severity, Status};

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// The report.
pub fn render(report: &Report) -> String {
    let counts = report.rows.iter().filter(|row| row.finding.status != Status::Excepted);
    super::json::text(&counts.map(issue).collect::<Vec<_>>(), false)
}

fn issue(row: &Row) -> Issue<'_> {
    let finding = &row.finding;
    let owner = finding.owner.as_ref().map_or(String::new(), |owner| format!(" (owner {owner})"));
    let span = finding.span.map_or((1, 1), |span| (span.line, span.end_line));
    Issue {
        description: format!("{}{owner}", finding.message),
        check_name: &finding.rule,
        fingerprint: &row.key,
        severity: match finding.severity {
            Severity::Critical => "blocker",
            Severity::High => "critical",
            Severity::Medium => "major",
            Severity::Low => "minor",
        },
        location: Location { path: &row.path, lines: Lines { begin: span.0, end: span.1 } },
    }
}
