//! What `check` found, as every format shows it: places from the repository's root, the text for code
//! frames, the words for rules and controls.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

use sha2::{Digest as _, Sha256};

use super::frame;
use super::json::{PathState, Summary};
use super::source::{Line, Source};
use super::text::count;
use crate::model::finding::{Finding, Level, Safety, Span, Status, hex};

/// Findings of one laid directory, or of all of a repository.
pub struct Report {
    /// The commit that was checked; none for a working directory.
    pub commit: Option<String>,
    /// The date that was judged at.
    pub as_of: String,
    /// The golden path that was measured against.
    pub golden_path: PathState,
    /// The laid directory from the repository's root, `.` at the root, `*` for several.
    pub directory: String,
    /// The revision that the findings are new since.
    pub since: Option<String>,
    /// The mildest level that makes the command fail; none if nothing does.
    pub fail_on: Option<Level>,
    /// The command that mends, as it works where the report is read.
    pub fix: String,
    /// Words for the rules of the findings, by id.
    pub rules: BTreeMap<String, Words>,
    /// Words for the controls of the findings, by id.
    pub controls: BTreeMap<String, Words>,
    /// The findings, sorted by place.
    pub rows: Vec<Row>,
}

/// What a rule or a control is, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// In one sentence without a full stop.
    pub title: String,
    /// Why it matters, or what it asks for.
    pub detail: String,
}

/// One finding with what is needed to show it.
pub struct Row {
    /// The finding itself.
    pub finding: Finding,
    /// Its file, from the repository's root.
    pub path: String,
    /// A file that exists, for formats that must point at one; the finding's own where that exists.
    pub anchor: String,
    /// The text of the finding's file.
    pub text: Option<Rc<Source>>,
    /// The fingerprint, made different for each laid directory.
    pub key: String,
}

impl Row {
    /// A row of the laid directory `prefix` (with a `/` at its end; empty at the root).
    pub fn new(finding: Finding, prefix: &str, anchor: String, text: Option<Rc<Source>>) -> Self {
        let path = format!("{prefix}{}", finding.path);
        let key = if prefix.is_empty() {
            finding.fingerprint.clone()
        } else {
            hex(&Sha256::digest(format!("{prefix}\0{}", finding.fingerprint)))
        };
        Row { finding, path, anchor, text, key }
    }

    /// The line in the anchor to point at: the finding's own, else the first.
    pub fn place(&self) -> Span {
        self.finding.span.unwrap_or_else(|| {
            let text = if self.anchor == self.path { self.text.as_deref() } else { None };
            let width = text.and_then(|text| text.line(1)).map_or(0, Line::characters);
            Span { line: 1, column: 1, end_line: 1, end_column: width + 1 }
        })
    }

    /// The lines that the finding covers, as they can be shown; none where it has no place.
    pub fn frame(&self) -> Vec<frame::Line> {
        match (self.finding.span, &self.text) {
            (Some(span), Some(text)) => frame::frame(text, span),
            _ => Vec::new(),
        }
    }

    /// `path:line:column`, as far as there is one.
    pub fn at(&self) -> String {
        match self.finding.span {
            Some(span) => format!("{}:{}:{}", self.path, span.line, span.column),
            None => self.path.clone(),
        }
    }

    /// The word for what it does to the exit code.
    pub fn word(&self) -> &'static str {
        match (self.finding.status, self.finding.level) {
            (Status::Excepted, _) => "excepted",
            (_, Level::Block) => "block",
            (_, Level::Warn) => "warn",
            (_, Level::Info) => "info",
        }
    }

    /// Whether `fix` mends it without changing what the file does.
    pub fn is_safely_mended(&self) -> bool {
        self.finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe)
    }
}

impl Report {
    /// Counts; the buckets are disjoint.
    pub fn summary(&self) -> Summary {
        Summary::of(self.rows.iter().map(|row| &row.finding))
    }

    /// Those that count, worst first; among equals what stands in a file before what is missing, then by place.
    pub fn worst_first(&self) -> Vec<&Row> {
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.finding.status != Status::Excepted).collect();
        rows.sort_by_key(|row| {
            let Finding { level, severity, span, .. } = &row.finding;
            std::cmp::Reverse((*level, *severity, span.is_some()))
        });
        rows
    }

    /// Whether a finding makes the command fail.
    pub fn fails(&self, finding: &Finding) -> bool {
        finding.status != Status::Excepted && self.fail_on.is_some_and(|least| finding.level >= least)
    }

    /// How many, how many block, and how many `fix` mends safely: one line that a stranger understands.
    pub fn headline(&self) -> String {
        let verb = if self.rows.len() == 1 { "is" } else { "are" };
        let new = self.since.as_ref().map_or(String::new(), |rev| format!(" that {verb} not in {rev}"));
        if self.rows.is_empty() {
            return format!("no findings{new}");
        }
        let files: std::collections::BTreeSet<&str> = self.rows.iter().map(|row| row.path.as_str()).collect();
        let summary = self.summary();
        let counts = [(summary.block, "blocks", "block"), (summary.warn, "warns", "warn")];
        let counts = counts.iter().filter(|(n, ..)| *n > 0).map(|(n, one, more)| {
            let verb = if *n == 1 { one } else { more };
            format!("{n} {verb}")
        });
        let rest = [(summary.info, "for information"), (summary.pending, "pending"), (summary.excepted, "excepted")];
        let rest = rest.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}"));
        let mut line = format!(
            "{} in {}{new}: {}",
            count(self.rows.len(), "finding"),
            count(files.len(), "file"),
            counts.chain(rest).collect::<Vec<_>>().join(", ")
        );
        let safe = self.rows.iter().filter(|row| row.is_safely_mended()).count();
        let fix = &self.fix;
        let what = match safe {
            0 if self.rows.len() == 1 => return format!("{line}; it has no safe fix"),
            0 => return format!("{line}; none has a safe fix"),
            n if n == self.rows.len() && n > 1 => "them all".to_owned(),
            n if n == self.rows.len() => "it".to_owned(),
            n => format!("{n} of them"),
        };
        let _ = write!(line, "; `{fix}` mends {what} safely");
        line
    }

    /// What the rule finds, in words; at least its id.
    pub fn rule(&self, id: &str) -> Words {
        self.rules.get(id).cloned().unwrap_or_else(|| Words { title: id.to_owned(), detail: String::new() })
    }
}
