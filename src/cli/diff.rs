//! `roadbed diff`

use std::path::PathBuf;

use clap::Args;

use super::args::{AnswerArgs, rules};
use super::session::Session;
use super::target::target;
use super::workspace::{Ask, Workspace};
use crate::error::Result;
use crate::golden_path::Nobody;
use crate::output::{json, listing, patch};
use crate::plan::{Goal, Selection, Ways};

/// Show what `fix` or `upgrade` would do, as a patch that `git apply` takes
///
/// Paths count from the repository's root, so apply it there. Modes and binary content are in it. Writes nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  roadbed diff\n  roadbed diff > drift.patch && git apply drift.patch\n  roadbed diff --to 1.1.0"
)]
pub(super) struct Diff {
    /// Only these files and directories
    paths: Vec<PathBuf>,
    /// Show what `upgrade` to this version would do, instead
    #[arg(long, value_name = "VERSION", conflicts_with_all = ["rule", "unsafe_fixes", "golden_path"])]
    to: Option<String>,
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
        let selection =
            Selection { paths: workspace.select(session, &self.paths)?, rules: rules(&self.rule, &workspace.rules)? };
        let ask = Ask {
            selection: selection.clone(),
            unsafe_fixes: self.unsafe_fixes,
            command: "roadbed fix",
            ..Ask::default()
        };
        let from = workspace.laid.as_ref().map(|laid| laid.version().to_string());
        let (plan, to) = match &self.to {
            None => (workspace.plan(&Goal::Hold, &ask)?, from.clone()),
            Some(version) => {
                let laid = workspace.laid()?;
                let target = target(session, laid, Some(version), &AnswerArgs::default(), &mut Nobody)?;
                let ways = Ways { restores: true, ..Ways::default() };
                let to = target.render.identity.version.to_string();
                let command = target.command(laid);
                let goal = Goal::Reach { target: &target.render, config: target.config, policy: None, ways };
                let mut plan = workspace.plan(&goal, &Ask { command: &command, ..ask })?;
                plan.notes.splice(0..0, target.notes);
                (plan, Some(to))
            }
        };
        workspace.require_known(&selection.paths, &plan)?;
        let (prefix, conflicts) = (workspace.prefix(), workspace.conflicts(session, &plan));
        if session.is_json() {
            let mut document = json::PlanDocument::new((from, to), false, &plan.edits, &conflicts, &prefix);
            document.notes = (!plan.notes.is_empty()).then_some(plan.notes);
            session.answer(json::text(&document, false))?;
        } else {
            session.answer_raw(&patch::patch(&plan.edits, workspace.place.prefix.as_ref()))?;
            for note in &plan.notes {
                session.say(note);
            }
            if !plan.conflicts.is_empty() {
                session.say(listing::conflicts(&conflicts, &plan.edits, &prefix).trim_end());
            }
        }
        Ok(if plan.conflicts.is_empty() { 0 } else { 3 })
    }
}
