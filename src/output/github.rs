//! GitHub Actions: workflow commands that become annotations, and the job summary.
//!
//! The runner shows at most 10 errors, 10 warnings and 10 notices of a step, and drops a summary of more than 1 MiB
//! whole. Whatever goes beyond that is counted aloud.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::hash::{BuildHasher as _, Hasher as _};

use super::encode::{command_data, command_property};
use super::report::{Report, Row};
use crate::model::finding::Level;

/// Annotations of a kind that the runner shows for a step.
const SHOWN: usize = 10;
/// A step's summary may hold so many bytes.
pub const SUMMARY: usize = 1024 * 1024;

/// Which findings get a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Those that GitHub shows as annotations; the log has all of them in another form.
    Shown,
    /// All: those beyond GitHub's limits stand in the log.
    All,
}

/// The commands, worst finding first; before them a notice where GitHub will not show all as annotations.
pub fn annotations(report: &Report, extent: Extent) -> String {
    let rows = report.worst_first();
    let of = |level| rows.iter().filter(|row| row.finding.level == level).count();
    let beyond = |level, shown: usize| of(level).saturating_sub(shown);
    // The notice that says so is a notice itself.
    let fits = of(Level::Block) <= SHOWN && of(Level::Warn) <= SHOWN && of(Level::Info) <= SHOWN;
    let notices = if fits { SHOWN } else { SHOWN - 1 };
    let hidden = beyond(Level::Block, SHOWN) + beyond(Level::Warn, SHOWN) + beyond(Level::Info, notices);
    let mut text = String::new();
    if hidden > 0 {
        let _ = writeln!(
            text,
            "::notice title=roadbed::{hidden} of {} findings have no annotation, because GitHub shows {SHOWN} of a kind. \
             The job summary and the log have all of them.",
            rows.len()
        );
    }
    for level in [Level::Block, Level::Warn, Level::Info] {
        let most = match (extent, level) {
            (Extent::All, _) => usize::MAX,
            (Extent::Shown, Level::Info) => notices,
            (Extent::Shown, _) => SHOWN,
        };
        for row in rows.iter().filter(|row| row.finding.level == level).take(most) {
            text.push_str(&command(row));
        }
    }
    text
}

fn command(row: &Row) -> String {
    let finding = &row.finding;
    let kind = match finding.level {
        Level::Block => "error",
        Level::Warn => "warning",
        Level::Info => "notice",
    };
    let mut properties = format!("file={}", command_property(&row.path));
    if let Some(span) = finding.span {
        let _ = write!(properties, ",line={},endLine={}", span.line, span.end_line);
        if span.line == span.end_line {
            let _ = write!(properties, ",col={},endColumn={}", span.column, span.end_column);
        }
    }
    let mut message = finding.message.clone();
    if let Some(owner) = &finding.owner {
        let _ = write!(message, " (owner {owner})");
    }
    // One line of the log is one message; the runner decodes `%0A` into a line of the annotation.
    let mut data = command_data(&message);
    for line in finding.why.iter().chain(&finding.next) {
        let _ = write!(data, "%0A{}", command_data(line));
    }
    format!("::{kind} {properties},title={}::{data}\n", command_property(&finding.rule))
}

/// `text` for the log of a step: what it quotes from files cannot give the runner orders.
pub fn inert(text: &str) -> String {
    let commands = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    if !text.lines().any(commands) {
        return text.to_owned();
    }
    // Nobody who writes a file can know the word that turns the runner's ears on again.
    let word = format!(
        "{:016x}{:016x}",
        RandomState::new().build_hasher().finish(),
        RandomState::new().build_hasher().finish()
    );
    format!("::stop-commands::{word}\n{}\n::{word}::\n", text.trim_end())
}
