//! Where an upgrade leads: another version, or the same one with other answers.

use semver::Version;

use super::args::AnswerArgs;
use super::given;
use super::laid::{Laid, preset};
use super::session::Session;
use crate::edit;
use crate::error::{Error, Position, Result};
use crate::golden_path::{self, Asker, GoldenPath, Origin, Render, Supplied};
use crate::model::repo_files::Config;
use crate::plan::{flow_answer, flow_list};

/// What to reach, and what the config says then.
pub(super) struct Target {
    pub(super) path: GoldenPath,
    pub(super) render: Render,
    pub(super) config: String,
    /// What is worth saying once.
    pub(super) notes: Vec<String>,
}

/// The target of an upgrade to `version`; without one, to the newest that the policy allows and never back.
pub(super) fn target(
    session: &Session,
    laid: &Laid,
    version: Option<&str>,
    answers: &AnswerArgs,
    asker: &mut dyn Asker,
) -> Result<Target> {
    let mut notes = Vec::new();
    let version = match version {
        Some(typed) => asked_for(laid, typed, &mut notes)?,
        None => laid.latest.clone().max(laid.version().clone()),
    };
    let path = match laid.versions.get(&version)? {
        Some(path) => path,
        // The locked version is gone from its source, and nothing newer is there.
        None => laid.versions.require(&laid.latest)?,
    };
    let known = |asset: &&String| path.assets.contains_key(*asset);
    let Config { template, add, without, .. } = &laid.config;
    for gone in add.iter().filter(|asset| !known(asset)) {
        notes.push(format!("the golden path {version} has no asset `{gone}` any more: it leaves the config"));
    }
    let add: Vec<String> = add.iter().filter(known).cloned().collect();
    let without: Vec<String> = without.iter().filter(known).cloned().collect();
    let assets = golden_path::closure(&path, template.as_deref(), &add, &without)?;
    let questions = golden_path::questions_for(&path, &assets);
    let mut stored = laid.answers().clone();
    stored.extend(laid.config.answers.clone());
    let given = given::given(session, answers)?
        .with(Origin::Stored, Supplied::Typed(stored))
        .with(Origin::Template, Supplied::Typed(preset(&path, template.as_deref())));
    let resolved = golden_path::resolve(&questions, &given, answers.defaults, asker);
    let resolved = resolved.map_err(|error| in_config(laid, error))?;
    let render = golden_path::render(&path, template.as_deref(), &assets, &resolved)?;
    let config = config(laid, &path, &add, &without, &render)?;
    Ok(Target { path, render, config, notes })
}

impl Target {
    /// The upgrade that leads here again: it says the version where it would not be chosen without.
    pub(super) fn command(&self, laid: &Laid) -> String {
        let version = &self.render.identity.version;
        if laid.latest > *version { format!("roadbed upgrade --to {version}") } else { "roadbed upgrade".to_owned() }
    }
}

/// The error, with the line of the config where a problem is about an answer that stands there.
fn in_config(laid: &Laid, mut error: Error) -> Error {
    for problem in error.problems.iter_mut().filter(|problem| problem.path.is_none()) {
        let about = |id: &&String| problem.message.starts_with(&golden_path::stored_answer(id));
        let Some(id) = laid.config.answers.keys().find(about) else { continue };
        if let Some(span) = edit::locate(edit::Format::Yaml, &laid.config_text, &["answers", id]) {
            let at = Position { line: span.line, column: span.column };
            problem.path = Some(".roadbed/config.yaml".to_owned());
            problem.position = Some(at);
            problem.source = Some(laid.config_text.clone());
        }
    }
    error
}

fn asked_for(laid: &Laid, typed: &str, notes: &mut Vec<String>) -> Result<Version> {
    let version: Version = typed.parse().map_err(|_| {
        let there: Vec<String> = laid.versions.list().iter().map(Version::to_string).collect();
        Error::usage(format!("`{typed}` is not a version")).hint(format!("there is: {}", there.join(", ")))
    })?;
    laid.versions.require(&version)?;
    if !laid.allowed.matches(&version) {
        let range = &laid.allowed;
        notes.push(format!(
            "the policy allows `{range}` only: `roadbed check` warns until .roadbed/policy.yaml says else"
        ));
    }
    Ok(version)
}

/// The config's text for `target`, its comments kept. `path` is the golden path that it comes from.
pub(super) fn config(
    laid: &Laid,
    path: &GoldenPath,
    add: &[String],
    without: &[String],
    target: &Render,
) -> Result<String> {
    let mut text = laid.config_text.clone();
    let failed = |error: edit::EditError| {
        Error::repository(error.message)
            .in_file(".roadbed/config.yaml")
            .hint("write it in plain block style, then try again")
    };
    for (key, before, after) in [("add", &laid.config.add, add), ("without", &laid.config.without, without)] {
        if before.as_slice() == after {
            continue;
        }
        text = if after.is_empty() {
            edit::remove_yaml(&text, &[key]).map_err(failed)?
        } else {
            edit::set_yaml(&text, &[key], &flow_list(after)).map_err(failed)?
        };
    }
    // Before anything is set: a question that has a new name takes the place of its old one.
    let after = golden_path::questions_for(path, &target.assets);
    let before = golden_path::questions_for(&laid.path, &laid.locked.assets);
    for id in laid.config.answers.keys() {
        let asked = |questions: &[(String, golden_path::Question)]| questions.iter().any(|(known, _)| known == id);
        if asked(&before) && !asked(&after) {
            text = edit::remove_yaml(&text, &["answers", id]).map_err(failed)?;
        }
    }
    let preset = preset(path, laid.config.template.as_deref());
    for (id, value) in &target.answers {
        let is_said = match laid.config.answers.get(id) {
            Some(said) => said == value,
            None => laid.answers().get(id) == Some(value) || preset.get(id) == Some(value),
        };
        if !is_said {
            text = edit::set_yaml(&text, &["answers", id], &flow_answer(value)).map_err(failed)?;
        }
    }
    Ok(text)
}
