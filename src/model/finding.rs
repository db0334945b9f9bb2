//! Findings: one drift or rule violation at one place.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::path::RepoPath;

/// What a finding does to the exit code. Ordered from mildest to strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Shown with `--pedantic` only.
    Info,
    /// Shown.
    Warn,
    /// Shown, and the command exits 1.
    Block,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Block => "block",
        })
    }
}

/// What an attacker or an auditor would make of it, whatever the policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Low,
    /// Worth mending.
    Medium,
    /// A gap that is likely to be used.
    High,
    /// A gap that is being used.
    Critical,
}

/// Whether a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It counts.
    Open,
    /// A valid exception covers it: shown, never counted as a pass.
    Excepted,
    /// An exception that the same change adds covers it: it still counts.
    Pending,
}

/// Whether a fix keeps what the file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// It does; `fix` applies it.
    Safe,
    /// It might not; `fix --unsafe-fixes` applies it.
    Unsafe,
}

/// A fix, as a finding announces it. The edit itself is in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fix {
    /// Whether it keeps what the file does.
    pub safety: Safety,
    /// What it would do, in a few words.
    pub title: String,
}

/// A stretch of text; lines and columns count from 1, columns in characters, the end column is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Span {
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Last line.
    pub end_line: usize,
    /// The column after the last.
    pub end_column: usize,
}

impl Span {
    /// A whole line of `text`, without its ending and its indentation.
    pub fn of_line(text: &str, line: usize) -> Self {
        let shown = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim_end();
        let indent = shown.chars().take_while(|c| c.is_whitespace()).count();
        Span { line, column: indent + 1, end_line: line, end_column: shown.chars().count() + 1 }
    }
}

/// One drift or rule violation at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `family/name`.
    pub rule: String,
    /// Whether it counts.
    pub status: Status,
    /// What it does to the exit code here.
    pub level: Level,
    /// What it is worth, whatever the policy says.
    pub severity: Severity,
    /// The file at fault, or where the missing one should be.
    pub path: RepoPath,
    /// The place in the file; none for what is missing or has no lines.
    pub span: Option<Span>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What an attacker gains or an auditor says, in one sentence without a full stop.
    pub why: Option<String>,
    /// The command that mends it.
    pub next: Option<String>,
    /// Whose job it is.
    pub owner: Option<String>,
    /// Why it matters: ids of controls.
    pub controls: Vec<String>,
    /// The asset that asks for it, if one does.
    pub asset: Option<String>,
    /// What `fix` would do.
    pub fix: Option<Fix>,
    /// The symbolic address of the place: keys and identities, not lines.
    pub address: String,
    /// Filled by [`seal`].
    pub fingerprint: String,
    /// The commit that began the current unbroken run; none where nobody asked, or where it is not committed.
    pub introduced: Option<String>,
}

/// Families whose findings are about a file: where it lies is part of what they are.
const ABOUT_FILES: [&str; 3] = ["drift/", "parse/", "governance/"];

impl Finding {
    /// What makes two findings equal but for their ordinal: rule, address, and the path if the rule is about a file.
    pub fn identity(&self) -> (&str, &str, &str) {
        let about_file = ABOUT_FILES.iter().any(|family| self.rule.starts_with(family));
        (&self.rule, if about_file { self.path.as_str() } else { "" }, &self.address)
    }
}

/// Sorts findings, and gives each its fingerprint: SHA-256 over rule, address and an ordinal among
/// equals, so that it survives lines that move. The path counts for findings about a file; those about
/// content keep their fingerprint when the file gets another name.
pub fn seal(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        (&a.path, a.span, &a.rule, &a.address, &a.message).cmp(&(&b.path, b.span, &b.rule, &b.address, &b.message))
    });
    let mut seen = std::collections::BTreeMap::new();
    for finding in findings {
        let (rule, path, address) = finding.identity();
        let ordinal: &mut u32 = seen.entry((rule.to_owned(), path.to_owned(), address.to_owned())).or_default();
        let text = format!("{rule}\0{path}\0{address}\0{ordinal}");
        finding.fingerprint = hex(&Sha256::digest(text));
        *ordinal += 1;
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.extend([digit(byte >> 4), digit(byte & 15)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(rows: &[(&str, &str, usize, &str)]) -> Vec<(String, usize, String)> {
        let mut findings: Vec<Finding> = rows
            .iter()
            .map(|(rule, path, line, address)| Finding {
                rule: (*rule).to_owned(),
                status: Status::Open,
                level: Level::Warn,
                severity: Severity::High,
                path: RepoPath::new(*path).unwrap(),
                span: Some(Span { line: *line, column: 1, end_line: *line, end_column: 2 }),
                message: String::new(),
                why: None,
                next: None,
                owner: None,
                controls: Vec::new(),
                asset: None,
                fix: None,
                address: (*address).to_owned(),
                fingerprint: String::new(),
                introduced: None,
            })
            .collect();
        seal(&mut findings);
        findings.into_iter().map(|f| (f.path.to_string(), f.span.unwrap().line, f.fingerprint)).collect()
    }

    #[test]
    fn fingerprints_survive_moved_lines_and_renamed_files() {
        let prints = |rows: &[_]| sealed(rows).into_iter().map(|(_, _, print)| print).collect::<Vec<_>>();
        let (rule, address) = ("github/unpinned-action", "jobs.a.steps.x");
        let before = prints(&[(rule, "a.yml", 3, address), (rule, "a.yml", 9, address)]);
        assert_ne!(before[0], before[1], "equals are numbered");
        assert_eq!(prints(&[(rule, "b.yml", 5, address), (rule, "b.yml", 40, address)]), before);
        assert_ne!(prints(&[(rule, "a.yml", 3, "jobs.b.steps.x")])[0], before[0]);
        let bound = prints(&[("drift/edited", "a.yml", 3, "file")]);
        assert_eq!(prints(&[("drift/edited", "a.yml", 7, "file")]), bound);
        assert_ne!(prints(&[("drift/edited", "b.yml", 3, "file")]), bound);
    }
}
