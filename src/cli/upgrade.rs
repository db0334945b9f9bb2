//! `roadbed upgrade`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use semver::Version;

use super::args::AnswerArgs;
use super::ask::Terminal;
use super::session::Session;
use super::target::target;
use super::workspace::{Ask, Workspace};
use super::write::{Outcome, Write};
use crate::error::Result;
use crate::golden_path::changes_between;
use crate::plan::{Goal, OnConflict, Selection, Ways};

/// Move to a newer version of the golden path, and keep what the team edited
///
/// Merges what the golden path changed since the version that was laid into the files as they are now: by lines, and in YAML,
/// JSON and TOML by keys. Files that both sides changed at the same place stay as they were and are listed; the next
/// `upgrade` offers them again. At the newest version it applies answers that were edited in .roadbed/config.yaml.
/// Nothing is committed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    roadbed upgrade --dry-run\n  \
    roadbed upgrade\n  \
    roadbed upgrade --conflict markers\n  \
    roadbed upgrade --resolved Dockerfile\n  \
    roadbed upgrade --to 1.0.0\n\n\
    `roadbed diff --to VERSION` shows the same as a patch.")]
pub(super) struct Upgrade {
    /// Only these files and directories; the others stay at their version
    paths: Vec<PathBuf>,
    /// The version to move to, older ones and pre-releases included [default: the newest that the policy allows]
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    /// What becomes of files that both sides changed at the same place
    #[arg(long, value_name = "HOW", default_value = "keep")]
    conflict: Conflict,
    /// Says that you have merged PATH by hand: it stays as it is; repeat for more
    #[arg(long, value_name = "PATH")]
    resolved: Vec<PathBuf>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Also change files that have uncommitted changes
    #[arg(long)]
    allow_dirty: bool,
    #[command(flatten)]
    answers: AnswerArgs,
}

/// What becomes of files that both sides changed at the same place.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Conflict {
    /// They stay as they are, and the next upgrade offers them again
    Keep,
    /// Both sides are written, between conflict markers
    Markers,
    /// The repository's side stands where both changed the same
    #[value(alias = "repo")]
    Ours,
    /// The golden path's side stands where both changed the same
    #[value(alias = "path")]
    Theirs,
}

impl From<Conflict> for OnConflict {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::Keep => OnConflict::Keep,
            Conflict::Markers => OnConflict::Markers,
            Conflict::Ours => OnConflict::Ours,
            Conflict::Theirs => OnConflict::Theirs,
        }
    }
}

impl Upgrade {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let write = Write::begin(session, self.dry_run)?;
        let workspace = Workspace::open(session, None, None)?;
        let laid = workspace.laid()?;
        let mut asker = Terminal::new(!session.is_json());
        let target = target(session, laid, self.to.as_deref(), &self.answers, &mut asker)?;
        let resolved = workspace.select(session, &self.resolved)?;
        let selection = Selection { paths: workspace.select(session, &self.paths)?, rules: Vec::new() };
        let command = target.command(laid);
        let ask = Ask { selection, allow_dirty: self.allow_dirty, command: &command, ..Ask::default() };
        let ways = Ways { conflict: self.conflict.into(), resolved: &resolved, restores: true, ..Ways::default() };
        let goal = Goal::Reach { target: &target.render, config: target.config, policy: None, ways };
        let mut plan = workspace.plan(&goal, &ask)?;
        workspace.require_known(&ask.selection.paths, &plan)?;
        plan.notes.splice(0..0, target.notes);
        let (from, to) = (laid.version().clone(), target.render.identity.version.clone());
        let preface = if from == to { String::new() } else { preface(&from, &to, target.path.changelog()) };
        let outcome =
            Outcome { from: Some(from.to_string()), to: Some(to.to_string()), done: "upgraded", preface, survey: None };
        write.finish(session, &workspace, &plan, &outcome)
    }
}

fn preface(from: &Version, to: &Version, changelog: Option<&str>) -> String {
    let changes = changelog.map(|text| changes_between(text, from, to)).unwrap_or_default();
    let changes = crate::output::encode::block(&changes).into_owned();
    format!("golden path {from} -> {to}\n\n{changes}{}", if changes.is_empty() { "" } else { "\n" })
}
