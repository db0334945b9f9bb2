//! `roadbed new`

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::AnswerArgs;
use super::lay::{self, First, Known};
use super::session::Session;
use super::sources;
use crate::error::{Error, Result};
use crate::golden_path::{GoldenPath, Render, Source, Versions};
use crate::model::answer::Answer;
use crate::model::document::suggest;
use crate::model::plan::{Edit, Plan};
use crate::output::text::count;
use crate::output::{json, listing};
use crate::repo::{self, FirstCommit};

/// Start a new repository from a template of a golden path
///
/// Renders the template, lays its files and one commit of them in DIR, and records in .roadbed/ what was chosen, so that
/// later versions can be merged in. The directory appears whole or not at all.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    roadbed new python-service payments-api\n  \
    roadbed new python-service payments-api --set owner=@acme/payments --defaults\n  \
    roadbed new python-service demo --defaults --dry-run\n\n\
    `roadbed path list` shows the templates.")]
pub(super) struct New {
    /// The template to start from
    template: String,
    /// Where to lay it; must not exist or be empty [default: the answer `name`]
    dir: Option<PathBuf>,
    /// The golden path: builtin, builtin@VERSION or a directory
    #[arg(long, value_name = "SOURCE", default_value = "builtin")]
    golden_path: String,
    /// Lay the files without making a git repository
    #[arg(long)]
    no_git: bool,
    /// Show the tree that would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerArgs,
}

impl New {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let source: Source = self.golden_path.parse()?;
        let versions = sources::open_for_use(session, &source, &session.directory)?;
        let path = version_of(&source, &versions)?;
        let template = path.manifest.templates.get(&self.template).ok_or_else(|| {
            let known: Vec<&str> = path.manifest.templates.keys().map(String::as_str).collect();
            Error::usage(format!("there is no template `{}` in {}", self.template, path.identity.source))
                .hint(suggest(&self.template, &known))
        })?;
        session.detail(&format!("template {}: {}", self.template, template.description));
        if let Some(dir) = &self.dir {
            repo::check_target(&session.resolve(dir))?;
        }
        let directory = self.dir.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
        let known = Known { directory, ..Known::default() };
        let (render, _) = lay::render(session, &self.answers, &path, &self.template, &known)?;
        let target = self.target(session, &render)?;
        repo::check_target(&target)?;
        let First { render, config, policy } =
            lay::first(&source, session, &target, &path, &self.template, render, &[]);
        let plan = crate::plan::plan_new(&render, config, Some(policy))?;
        let version = render.identity.version.to_string();
        if !self.dry_run {
            self.create(&target, &plan, &version)?;
        }
        self.show(session, &render, &plan, &target, &version)?;
        Ok(0)
    }

    fn target(&self, session: &Session, render: &Render) -> Result<PathBuf> {
        if let Some(dir) = &self.dir {
            return Ok(session.resolve(dir));
        }
        let name = render.answers.get("name").and_then(Answer::as_str);
        let name = name.ok_or_else(|| {
            Error::usage("no directory is named, and the golden path does not ask for a `name`")
                .hint(format!("roadbed new {} DIR", self.template))
        })?;
        if name.contains(['/', '\\']) || crate::model::path::RepoPath::writable(name).is_err() {
            return Err(Error::usage(format!("the answer `name` is `{name}`, which cannot be a directory's name"))
                .hint(format!("roadbed new {} DIR", self.template)));
        }
        Ok(session.resolve(Path::new(name)))
    }

    fn create(&self, target: &Path, plan: &Plan, version: &str) -> Result<()> {
        let git = !self.no_git && !repo::inside_work_tree(target);
        let commit =
            git.then(|| FirstCommit { message: format!("Lay {} of the golden path {version}\n", self.template) });
        let files = plan.edits.iter().filter_map(|edit| Some((edit.path.clone(), edit.after.clone()?)));
        repo::create(target, files, commit)?;
        Ok(())
    }

    fn show(&self, session: &Session, render: &Render, plan: &Plan, target: &Path, version: &str) -> Result<()> {
        if session.is_json() {
            let versions = (None, Some(version.to_owned()));
            let document = json::PlanDocument::new(versions, !self.dry_run, &plan.edits, &plan.conflicts, "");
            return session.answer(json::text(&document, false));
        }
        let shown = self.dir.clone().unwrap_or_else(|| target.file_name().map(PathBuf::from).unwrap_or_default());
        if self.dry_run {
            session
                .answer(listing::tree(&shown.display().to_string(), &plan.edits, &|edit| owner_word(render, edit)))?;
            session.say(&format!("{} would be written; --dry-run wrote none", count(plan.edits.len(), "file")));
            return Ok(());
        }
        let files = count(plan.edits.len(), "file");
        session.answer(format!(
            "{}: {files} of {} from {} {version}\n",
            shown.display(),
            self.template,
            render.identity.source
        ))?;
        session.say(&format!("next: cd {} && roadbed check", crate::plan::shell_word(&shown.display().to_string())));
        Ok(())
    }
}

/// The version that a source pins, else the newest.
pub(super) fn version_of(source: &Source, versions: &Versions) -> Result<GoldenPath> {
    match source {
        Source::Builtin { version: Some(version) } => versions.require(version),
        _ => versions.require(&versions.latest()),
    }
}

fn owner_word(render: &Render, edit: &Edit) -> String {
    let modes: Vec<&str> =
        render.files.iter().filter(|part| part.path == edit.path).map(|part| part.ownership.word()).collect();
    if modes.is_empty() { "roadbed's own".to_owned() } else { modes.join(", ") }
}
