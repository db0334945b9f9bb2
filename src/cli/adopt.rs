//! `roadbed adopt`

use clap::Args;

use super::args::AnswerArgs;
use super::lay::{self, First};
use super::new::version_of;
use super::session::Session;
use super::sources;
use super::workspace::{Ask, Workspace};
use super::write::{Outcome, Write};
use crate::error::{Error, Result};
use crate::golden_path::{self, GoldenPath, Source};
use crate::model::document::suggest;
use crate::output::encode;
use crate::plan::{Goal, Ways};
use crate::repo;

/// Lay a golden path under a repository that exists
///
/// Lays it in the working directory. Files of the team's own stay: a `merged` file that is there already is kept as it is, blocks
/// and keys are inserted beside what is there, and a file that the path owns whole and that says something else is
/// left alone and listed. A template's code to start from is not laid. Later versions are merged in from here on.
/// Nothing is committed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    roadbed adopt --dry-run\n  \
    roadbed adopt --template python-service --set owner=@acme/payments\n\n\
    `roadbed path list` shows the templates. Afterwards `roadbed check` shows what still drifts.")]
pub(super) struct Adopt {
    /// The template to lay [default: the one whose files are found here]
    #[arg(long, value_name = "TEMPLATE")]
    template: Option<String>,
    #[command(flatten)]
    answers: AnswerArgs,
    /// The golden path: builtin, builtin@VERSION or a directory
    #[arg(long, value_name = "SOURCE", default_value = "builtin")]
    golden_path: String,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Adopt {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let place = repo::place_of(&session.directory)?;
        if place.has_roadbed {
            return Err(
                Error::usage("a golden path is laid here already").hint("roadbed upgrade, or roadbed add ASSET")
            );
        }
        let write = if self.dry_run { Write::begin(session, true)? } else { Write::begin_at(session, &place)? };
        let source: Source = self.golden_path.parse()?;
        let path = version_of(&source, &sources::open(&source, &session.directory)?)?;
        let workspace = Workspace::unlaid(session, place, &self.golden_path)?;
        let template = self.template(session, &path, &workspace)?;
        let laid = workspace.place.laid.clone();
        let directory = laid.file_name().and_then(|name| name.to_str());
        let render = lay::render(session, &self.answers, &path, &template, directory)?;
        let version = render.identity.version.to_string();
        let First { render, config, policy } = lay::first(&source, session, &laid, &path, &template, render);
        let ways = Ways { keeps_existing: true, ..Ways::default() };
        let goal = Goal::Reach { target: &render, config, policy: Some(policy), ways };
        let plan = workspace.plan_onto(&goal, &Ask { command: "roadbed adopt", ..Ask::default() })?;
        let preface = format!("{template} of {} {version}\n", encode::line(&source.to_string()));
        write.finish(session, &workspace, &plan, &Outcome { from: None, to: Some(version), done: "laid", preface })
    }

    /// The template that was named, else the one whose files are there.
    fn template(&self, session: &Session, path: &GoldenPath, workspace: &Workspace) -> Result<String> {
        let known: Vec<&str> = path.manifest.templates.keys().map(String::as_str).collect();
        if let Some(named) = &self.template {
            if path.manifest.templates.contains_key(named) {
                return Ok(named.clone());
            }
            let error = Error::usage(format!("there is no template `{named}` in {}", path.identity.source));
            return Err(error.hint(suggest(named, &known)));
        }
        let files = workspace.tree.files()?;
        let found = golden_path::detected(path, &files);
        let Some(first) = found.first() else {
            let error = Error::usage("nothing here tells which template fits");
            return Err(error.hint(format!("name one: --template TEMPLATE (there is: {})", known.join(", "))));
        };
        session.say(&format!("template {first}, by the files that are here"));
        Ok((*first).to_owned())
    }
}
