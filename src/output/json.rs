//! The JSON documents, each with its `schema` line. Every key is always present.

use schemars::JsonSchema;
use serde::Serialize;

use crate::detect::Confidence;
use crate::error::{Error, Problem, Result};
use crate::golden_path::{Identity, Versions};
use crate::model::answer::Answer;
use crate::model::finding::{Finding, Fix, Level, Safety, Severity, Status};
use crate::model::plan::{Action, Conflict, ConflictKind, Edit, Kept};

/// What `check` found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Findings {
    /// `roadbed/findings/v1`
    pub schema: String,
    /// Version of roadbed.
    pub tool: String,
    /// The commit that was checked; null for a working directory and outside git.
    pub commit: Option<String>,
    /// The merge base that the findings are new since; null where all were asked for.
    pub since: Option<String>,
    /// The date that exceptions were measured at.
    pub as_of: String,
    /// The golden path that was measured against.
    pub golden_path: PathState,
    /// The laid directory, from the repository's root.
    pub directory: String,
    /// Counts; the buckets are disjoint.
    pub summary: Summary,
    /// Sorted by place.
    pub findings: Vec<FindingRow>,
}

/// Where the repo stands on its golden path.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PathState {
    /// As the policy names it.
    pub source: String,
    /// The version that was measured against.
    pub version: String,
    /// `sha256:…` over its tree.
    pub digest: String,
    /// The newest version that the policy allows.
    pub latest: String,
}

impl PathState {
    /// The state of a repo that is on no path: the built-in one, at its newest.
    pub fn builtin() -> Result<Self> {
        let versions = Versions::builtin()?;
        let latest = versions.latest();
        Ok(PathState::new(&versions.require(&latest)?.identity, &latest))
    }

    /// The state of `identity`, with the newest version there is.
    pub fn new(identity: &Identity, latest: &semver::Version) -> Self {
        PathState {
            source: identity.source.clone(),
            version: identity.version.to_string(),
            digest: identity.digest.clone(),
            latest: latest.to_string(),
        }
    }
}

/// Findings, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Open findings that block.
    pub block: usize,
    /// Open findings that warn.
    pub warn: usize,
    /// Open findings that inform.
    pub info: usize,
    /// Findings that a valid exception covers.
    pub excepted: usize,
    /// Findings that an exception of this very change covers.
    pub pending: usize,
}

impl Summary {
    /// Counts `findings`.
    pub fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut summary = Summary::default();
        for finding in findings {
            let bucket = match (finding.status, finding.level) {
                (Status::Excepted, _) => &mut summary.excepted,
                (Status::Pending, _) => &mut summary.pending,
                (Status::Open, Level::Block) => &mut summary.block,
                (Status::Open, Level::Warn) => &mut summary.warn,
                (Status::Open, Level::Info) => &mut summary.info,
            };
            *bucket += 1;
        }
        summary
    }
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the fields are those of `model::finding::Finding`")]
pub struct FindingRow {
    pub rule: String,
    pub status: Status,
    pub level: Level,
    pub severity: Severity,
    pub path: String,
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub end_line: Option<usize>,
    pub end_column: Option<usize>,
    pub message: String,
    pub why: Option<String>,
    pub owner: Option<String>,
    pub controls: Vec<String>,
    pub asset: Option<String>,
    pub fix: Option<Fix>,
    pub next: Option<String>,
    pub fingerprint: String,
    pub introduced: Option<String>,
}

impl FindingRow {
    /// `finding`, its path from the repository's root.
    pub fn new(finding: &Finding, prefix: &str) -> Self {
        FindingRow {
            rule: finding.rule.clone(),
            status: finding.status,
            level: finding.level,
            severity: finding.severity,
            path: format!("{prefix}{}", finding.path),
            line: finding.span.map(|s| s.line),
            column: finding.span.map(|s| s.column),
            end_line: finding.span.map(|s| s.end_line),
            end_column: finding.span.map(|s| s.end_column),
            message: finding.message.clone(),
            why: finding.why.clone(),
            owner: finding.owner.clone(),
            controls: finding.controls.clone(),
            asset: finding.asset.clone(),
            fix: finding.fix.clone(),
            next: finding.next.clone(),
            fingerprint: finding.fingerprint.clone(),
            introduced: finding.introduced.clone(),
        }
    }
}

/// What a command would change, or has changed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanDocument {
    /// `roadbed/plan/v1`
    pub schema: String,
    /// The version before; null for a repo that was on none.
    pub from: Option<String>,
    /// The version after.
    pub to: Option<String>,
    /// Whether the changes were made.
    pub applied: bool,
    /// Sorted by path.
    pub changes: Vec<Change>,
    /// What a person must settle.
    pub conflicts: Vec<ConflictRow>,
    /// `adopt`: what was seen in the repository; null for other commands.
    pub observed: Option<Vec<ObservedRow>>,
    /// `adopt`: the template and why; null for other commands.
    pub proposed: Option<Proposed>,
    /// `adopt`: the answers and where each comes from; null for other commands.
    pub answers: Option<Vec<AnswerRow>>,
    /// `adopt`: keys that stay what they are in files that get all the rest; null for other commands.
    pub kept: Option<Vec<Kept>>,
    /// What was done differently than one might expect; null where there is nothing to say.
    pub notes: Option<Vec<String>>,
}

/// One thing that was seen.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ObservedRow {
    /// What kind of thing: `language`, `owner`.
    pub what: String,
    /// What it is.
    pub value: String,
    /// The file that shows it; null where git does.
    pub path: Option<String>,
    /// The line in that file.
    pub line: Option<usize>,
    /// Why the place shows it.
    pub why: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// The question that it answers.
    pub question: Option<String>,
    /// Whether it was taken for the answer.
    pub used: bool,
    /// Why it cannot be the answer, where it does not fit.
    pub unfit: Option<String>,
}

/// A template, and why it is the one.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Proposed {
    /// Its id.
    pub template: String,
    /// Why, in a few words each.
    pub why: Vec<String>,
    /// The others that would do.
    pub others: Vec<String>,
}

/// One answer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AnswerRow {
    /// The question.
    pub id: String,
    /// The answer.
    pub value: Answer,
    /// `set`, `environment`, `file`, `template`, `detected`, `asked` or `default`.
    pub from: String,
}

/// One changed file.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the fields are those of `model::plan::Edit`")]
pub struct Change {
    pub path: String,
    pub action: Action,
    pub from: Option<String>,
    pub asset: Option<String>,
    pub rule: Option<String>,
    pub safety: Safety,
}

/// One conflict.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the fields are those of `model::plan::Conflict`")]
pub struct ConflictRow {
    pub path: String,
    pub kind: ConflictKind,
    pub message: String,
    pub next: String,
    /// `adopt`: what the file would become the golden path's way, as a patch; null for other commands.
    pub diff: Option<String>,
}

impl Change {
    /// The row of `edit`, in the directory `prefix` (with a `/` at its end; empty at the root).
    pub fn new(edit: &Edit, prefix: &str) -> Self {
        Change {
            path: format!("{prefix}{}", edit.path),
            action: edit.action(),
            from: edit.from.as_ref().map(|from| format!("{prefix}{from}")),
            asset: edit.asset.clone(),
            rule: edit.rule.clone(),
            safety: edit.safety,
        }
    }
}

impl PlanDocument {
    /// The document of these edits and conflicts; paths from the repository's root.
    pub fn new(
        versions: (Option<String>, Option<String>),
        applied: bool,
        edits: &[Edit],
        conflicts: &[Conflict],
        prefix: &str,
    ) -> Self {
        let (from, to) = versions;
        let changes = edits.iter().map(|edit| Change::new(edit, prefix));
        let conflicts = conflicts.iter().map(|conflict| ConflictRow {
            path: format!("{prefix}{}", conflict.path),
            kind: conflict.kind,
            message: conflict.message.clone(),
            next: conflict.next.clone(),
            diff: None,
        });
        PlanDocument {
            schema: "roadbed/plan/v1".to_owned(),
            from,
            to,
            applied,
            changes: changes.collect(),
            conflicts: conflicts.collect(),
            observed: None,
            proposed: None,
            answers: None,
            kept: None,
            notes: None,
        }
    }
}

/// Why a command stopped.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ErrorDocument {
    /// `roadbed/error/v1`
    pub schema: String,
    /// The exit code.
    pub code: u8,
    /// Every problem.
    pub errors: Vec<ErrorRow>,
}

/// One problem.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the fields are those of `error::Problem`")]
pub struct ErrorRow {
    pub message: String,
    pub path: Option<String>,
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub hint: Option<String>,
}

impl ErrorRow {
    /// The row of `problem`.
    pub fn new(problem: &Problem) -> Self {
        ErrorRow {
            message: problem.message.clone(),
            path: problem.path.clone(),
            line: problem.position.map(|at| at.line),
            column: problem.position.map(|at| at.column),
            hint: problem.hint.clone(),
        }
    }
}

impl ErrorDocument {
    /// The document of `error`.
    pub fn new(error: &Error) -> Self {
        let errors = error.problems.iter().map(ErrorRow::new);
        ErrorDocument { schema: "roadbed/error/v1".to_owned(), code: error.kind.exit_code(), errors: errors.collect() }
    }
}

/// A document as people and machines read it; `line` for NDJSON.
pub fn text(document: &impl Serialize, line: bool) -> String {
    let text = if line { serde_json::to_string(document) } else { serde_json::to_string_pretty(document) };
    // Only a map with keys that are no strings could fail, and no document has one.
    let mut text = text.unwrap_or_default();
    text.push('\n');
    text
}
