//! Laying a golden path for the first time: what `new` and `adopt` share.

use std::path::Path;

use super::args::AnswerArgs;
use super::ask::Terminal;
use super::laid::preset;
use super::session::Session;
use super::{given, sources};
use crate::error::Result;
use crate::golden_path::{self, GoldenPath, Origin, Render, Source, Supplied};
use crate::model::answer::{Answer, Answers};

/// What a template renders to, its questions answered; the directory's name is the best guess for `name`, where it fits.
pub(super) fn render(
    session: &Session,
    args: &AnswerArgs,
    path: &GoldenPath,
    template: &str,
    directory: Option<&str>,
) -> Result<Render> {
    let assets = golden_path::closure(path, Some(template), &[], &[])?;
    let mut questions = golden_path::questions_for(path, &assets);
    if let (Some(name), Some((_, question))) = (directory, questions.iter_mut().find(|(id, _)| id == "name"))
        && golden_path::fits(question, name)
    {
        question.default = Some(Answer::from(name));
    }
    let preset = preset(path, Some(template));
    let given = given::given(session, args)?.with(Origin::Template, Supplied::Typed(preset));
    let mut asker = Terminal::new(!session.is_json());
    let answers = golden_path::resolve(&questions, &given, args.defaults, &mut asker)?;
    golden_path::render(path, Some(template), &assets, &answers)
}

/// What is laid, with the files that say so.
pub(super) struct First {
    /// The render, its source named as the policy names it.
    pub(super) render: Render,
    pub(super) config: String,
    pub(super) policy: String,
}

/// The first render of `source` in the directory `laid`.
pub(super) fn first(
    source: &Source,
    session: &Session,
    laid: &Path,
    path: &GoldenPath,
    template: &str,
    mut render: Render,
) -> First {
    let named = sources::for_policy(source, &session.directory, laid);
    let policy = crate::plan::policy_text(named.name(), &render.identity.version);
    named.name().clone_into(&mut render.identity.source);
    let preset = preset(path, Some(template));
    let chosen = render.answers.iter().filter(|(id, value)| preset.get(*id) != Some(value));
    let chosen: Answers = chosen.map(|(id, value)| (id.clone(), value.clone())).collect();
    First { config: crate::plan::config_text(template, &chosen), policy, render }
}
