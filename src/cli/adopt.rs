//! `roadbed adopt`

use clap::Args;

use super::args::AnswerArgs;
use super::lay::{self, First, Known};
use super::new::version_of;
use super::session::Session;
use super::sources;
use super::survey::Survey;
use super::workspace::{Ask, Workspace};
use super::write::{Outcome, Write};
use crate::detect::Proposal;
use crate::error::{Error, Result};
use crate::golden_path::{GoldenPath, Source};
use crate::model::document::suggest;
use crate::model::path::RepoPath;
use crate::output::encode;
use crate::plan::{Goal, Ways};
use crate::repo;

/// Lay a golden path under a repository that exists
///
/// Looks what the working directory holds (languages, frameworks, pipelines, images, infrastructure, owners, answers given to
/// copier and cruft), shows it, proposes a template, and asks only what it could not see. Then lays the path so
/// that nothing of the team's own changes its meaning: a `merged` file that is there already is kept as it is,
/// blocks and keys are inserted beside what is there, a file that serves the same purpose elsewhere is not laid
/// twice, and a file that the path owns whole and that says something else is left alone and listed.
/// Files that are laid `once` are a start for new repositories, so none of them is laid. Later versions are merged in from
/// here on. Nothing is committed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    roadbed adopt --dry-run\n  \
    roadbed adopt --template python-service --set owner=@acme/payments\n\n\
    An answer is taken from --set, else from --answers, else from what is seen here, else asked, else the default.\n\
    `roadbed path list` shows the templates. Afterwards `roadbed check` shows what still drifts.")]
pub(super) struct Adopt {
    /// The template to lay [default: the one that fits what is seen here]
    #[arg(long, value_name = "TEMPLATE")]
    template: Option<String>,
    /// The golden path: builtin, builtin@VERSION or a directory
    #[arg(long, value_name = "SOURCE", default_value = "builtin")]
    golden_path: String,
    /// Show what was seen and what would change, with a diff of each collision, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerArgs,
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
        let mut survey = Survey::of(&workspace)?;
        survey.say(session);
        let proposal = self.proposal(&path, &workspace, &survey)?;
        survey.propose(session, proposal);
        let template = survey.template().to_owned();

        let laid = workspace.place.laid.clone();
        let directory = laid.file_name().and_then(|name| name.to_str());
        let known = Known { directory, detected: survey.detected(), guessed: survey.guessed() };
        let (render, answered) = lay::render(session, &self.answers, &path, &template, &known)?;
        survey.answer(session, answered);

        let version = render.identity.version.to_string();
        let spared = crate::plan::spared(workspace.tree.as_ref(), &render)?;
        let omit: Vec<RepoPath> = spared.iter().map(|(path, _)| path.clone()).collect();
        let First { render, config, policy } = lay::first(&source, session, &laid, &path, &template, render, &omit);
        let ways = Ways { keeps_existing: true, ..Ways::default() };
        let goal = Goal::Reach { target: &render, config, policy: Some(policy), ways };
        let omit: Vec<String> = omit.iter().map(ToString::to_string).collect();
        let mut plan = workspace.plan_onto(&goal, &Ask { command: "roadbed adopt", omit, ..Ask::default() })?;
        plan.notes.extend(
            spared
                .iter()
                .map(|(path, twin)| format!("{path} is not laid: {twin} serves its purpose; the policy omits it")),
        );
        let preface = format!("{template} of {} {version}\n", encode::line(&source.to_string()));
        let outcome = Outcome { from: None, to: Some(version), done: "laid", preface, survey: Some(&survey) };
        write.finish(session, &workspace, &plan, &outcome)
    }

    /// The template that was named, else the one that fits what was seen.
    fn proposal(&self, path: &GoldenPath, workspace: &Workspace, survey: &Survey) -> Result<Proposal> {
        let known: Vec<&str> = path.manifest.templates.keys().map(String::as_str).collect();
        if let Some(named) = &self.template {
            if path.manifest.templates.contains_key(named) {
                let why = vec!["--template".to_owned()];
                return Ok(Proposal { template: named.clone(), why, others: Vec::new() });
            }
            let error = Error::usage(format!("there is no template `{named}` in {}", path.identity.source));
            return Err(error.hint(suggest(named, &known)));
        }
        let files = workspace.tree.files()?;
        crate::detect::propose(path, &files, survey.observations()).ok_or_else(|| {
            let error = Error::usage("nothing here tells which template fits");
            error.hint(format!("name one: --template TEMPLATE (there is: {})", known.join(", ")))
        })
    }
}
