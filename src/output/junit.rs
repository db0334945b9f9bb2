//! Test results as `JUnit` writes them, in the strict form that Jenkins accepts (its xunit plugin's `junit-10.xsd`).
//!
//! A suite is a file, a test case a finding. What makes the command fail is a failure; what does not, and what is
//! excepted, is skipped: neither is ever a pass. Without findings there is one case that passed, because Jenkins
//! takes a report without any for a mistake.

use std::fmt::Write as _;

use super::encode::markup;
use super::report::{Report, Row};
use crate::model::finding::Status;

/// The report.
pub fn render(report: &Report) -> String {
    let failures = report.rows.iter().filter(|row| report.fails(&row.finding)).count();
    let tests = report.rows.len().max(1);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(xml, "<testsuites name=\"roadbed\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">");
    if report.rows.is_empty() {
        let state = format!("{} {}", report.golden_path.source, report.golden_path.version);
        xml.push_str("  <testsuite name=\"roadbed\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n");
        let _ = writeln!(xml, "    <testcase classname=\"roadbed\" name=\"on the path: {}\"/>", markup(&state));
        xml.push_str("  </testsuite>\n");
    }
    for rows in report.rows.chunk_by(|a, b| a.path == b.path) {
        suite(&mut xml, report, rows);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn suite(xml: &mut String, report: &Report, rows: &[Row]) {
    let Some(path) = rows.first().map(|row| markup(&row.path)) else { return };
    let failures = rows.iter().filter(|row| report.fails(&row.finding)).count();
    let _ = writeln!(
        xml,
        "  <testsuite name=\"{path}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{}\">",
        rows.len(),
        rows.len() - failures
    );
    for row in rows {
        let finding = &row.finding;
        // Jenkins knows a case again by class and name: no line, which moves.
        let name = format!("{} {}", finding.rule, finding.address);
        let _ = writeln!(xml, "    <testcase classname=\"{path}\" name=\"{}\">", markup(name.trim_end()));
        let element = if report.fails(finding) { "failure" } else { "skipped" };
        let message = match finding.status {
            Status::Excepted => format!("excepted: {}", finding.message),
            _ => finding.message.clone(),
        };
        let _ = writeln!(
            xml,
            "      <{element} type=\"{}\" message=\"{}\">{}</{element}>",
            row.word(),
            markup(&message),
            body(row)
        );
        xml.push_str("    </testcase>\n");
    }
    xml.push_str("  </testsuite>\n");
}

fn body(row: &Row) -> String {
    let finding = &row.finding;
    let mut lines = vec![row.at()];
    lines.extend(finding.why.clone());
    lines.extend(finding.owner.as_ref().map(|owner| format!("owner: {owner}")));
    if !finding.controls.is_empty() {
        lines.push(format!("controls: {}", finding.controls.join(", ")));
    }
    lines.extend(finding.next.as_ref().map(|next| format!("next: {next}")));
    lines.iter().map(|line| markup(line)).collect::<Vec<_>>().join("\n")
}
