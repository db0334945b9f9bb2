//! `roadbed diff`

use std::path::PathBuf;

use clap::Args;

use super::args::rules;
use super::session::Session;
use super::workspace::{Ask, Workspace};
use crate::error::Result;
use crate::output::{json, listing, patch};
use crate::plan::{Goal, Selection};

/// Show what `fix` would do, as a patch that `git apply` takes
///
/// Paths count from the repository's root, so apply it there. Modes and binary content are in it. Writes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  roadbed diff\n  roadbed diff > drift.patch && git apply drift.patch")]
pub(super) struct Diff {
    /// Only these files and directories
    paths: Vec<PathBuf>,
    /// Only what these rules find
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Show fixes that may change what a file does, too
    #[arg(long)]
    unsafe_fixes: bool,
    /// Measure against another golden path: builtin or a directory
    #[arg(long, value_name = "SOURCE")]
    golden_path: Option<String>,
}

impl Diff {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let workspace = Workspace::open(session, self.golden_path.as_deref(), None)?;
        let selection = Selection { paths: workspace.select(session, &self.paths)?, rules: rules(&self.rule)? };
        let ask = Ask { selection, unsafe_fixes: self.unsafe_fixes, command: "roadbed fix", ..Ask::default() };
        let plan = workspace.plan(&Goal::Hold, &ask)?;
        let prefix = workspace.prefix();
        if session.is_json() {
            let version = workspace.laid.as_ref().map(|laid| laid.locked.identity.version.to_string());
            let document =
                json::PlanDocument::new((version.clone(), version), false, &plan.edits, &plan.conflicts, &prefix);
            session.answer(json::text(&document, false))?;
        } else {
            session.answer_raw(&patch::patch(&plan.edits, workspace.place.prefix.as_ref()))?;
            if !plan.conflicts.is_empty() {
                session.say(listing::conflicts(&plan.conflicts, &prefix).trim_end());
            }
        }
        Ok(if plan.conflicts.is_empty() { 0 } else { 3 })
    }
}
