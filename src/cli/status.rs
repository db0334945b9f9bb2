//! `roadbed status`

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use super::laid::Laid;
use super::session::Session;
use super::workspace::{Ask, Workspace};
use crate::error::Result;
use crate::model::answer::Answer;
use crate::output::json::{self, PathState, Summary};
use crate::output::{encode, text::count};
use crate::plan::Goal;

/// Show where this repository stands on its golden path
#[derive(Debug, Args)]
pub(super) struct Status {}

/// Where a repo stands.
#[derive(Debug, Serialize)]
struct Standing {
    schema: &'static str,
    directory: String,
    golden_path: PathState,
    template: Option<String>,
    assets: Vec<String>,
    /// Answers that were edited in the config and not applied yet.
    pending_answers: Vec<Pending>,
    /// Files that stand at another version than the rest: conflicts that wait for a person, or upgrades of some paths.
    waiting: Vec<Waiting>,
    summary: Summary,
}

#[derive(Debug, Serialize)]
struct Waiting {
    path: String,
    version: Option<String>,
}

#[derive(Debug, Serialize)]
struct Pending {
    id: String,
    locked: Option<Answer>,
    config: Answer,
}

impl Status {
    #[allow(clippy::unused_self, reason = "every command runs alike")]
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let workspace = Workspace::open(session, None, None)?;
        let laid = workspace.laid()?;
        let plan = workspace.plan(&Goal::Hold, &Ask::findings(None))?;
        let changed = laid.config.answers.iter().filter(|(id, value)| laid.locked.answers.get(*id) != Some(value));
        let standing = Standing {
            schema: "roadbed/status/v1",
            directory: workspace.place.prefix.as_ref().map_or_else(|| ".".to_owned(), ToString::to_string),
            golden_path: laid.state(),
            template: laid.locked.template.clone(),
            assets: laid.locked.assets.clone(),
            pending_answers: changed
                .map(|(id, value)| Pending {
                    id: id.clone(),
                    locked: laid.locked.answers.get(id).cloned(),
                    config: value.clone(),
                })
                .collect(),
            waiting: waiting(laid, &workspace.prefix()),
            summary: Summary::of(&plan.findings),
        };
        session.answer(if session.is_json() { json::text(&standing, false) } else { text(&standing) })?;
        Ok(0)
    }
}

fn waiting(laid: &Laid, prefix: &str) -> Vec<Waiting> {
    let version = |id: &String| laid.lock.as_ref()?.bases.get(id).map(|base| base.version.to_string());
    let mut waiting: Vec<Waiting> = Vec::new();
    for entry in &laid.held.entries {
        let path = format!("{prefix}{}", entry.path);
        if waiting.last().is_none_or(|last| last.path != path) {
            waiting.push(Waiting { path, version: entry.base.as_ref().and_then(version) });
        }
    }
    waiting
}

fn text(standing: &Standing) -> String {
    let path = &standing.golden_path;
    let newest = if path.latest == path.version { "the newest".to_owned() } else { format!("{} is out", path.latest) };
    let mut text = format!("golden path  {} {} ({newest})\n", encode::line(&path.source), path.version);
    let _ = writeln!(text, "template     {}", encode::line(standing.template.as_deref().unwrap_or("none")));
    let _ = writeln!(text, "assets       {}", encode::line(&standing.assets.join(", ")));
    for pending in &standing.pending_answers {
        let locked = pending.locked.as_ref().map_or_else(|| "not answered".to_owned(), ToString::to_string);
        let line = format!("{}: {} in the config, {locked} in the lock", pending.id, pending.config);
        let _ = writeln!(text, "answer       {}", encode::line(&line));
    }
    for file in &standing.waiting {
        let version = file.version.as_deref().unwrap_or("an earlier version");
        let _ = writeln!(text, "waiting      {} stands at {version}: roadbed upgrade", encode::line(&file.path));
    }
    let Summary { block, warn, .. } = standing.summary;
    let drift = match (block, warn) {
        (0, 0) => "none".to_owned(),
        _ => format!("{} block, {} warn; `roadbed check` shows them", count(block, "finding"), warn),
    };
    let _ = writeln!(text, "drift        {drift}");
    text
}
