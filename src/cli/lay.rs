//! Laying a golden path for the first time: what `new` and `adopt` share.

use std::path::Path;

use super::args::AnswerArgs;
use super::ask::Terminal;
use super::laid::preset;
use super::session::Session;
use super::{given, sources};
use crate::error::Result;
use crate::golden_path::{self, Answered, GoldenPath, Origin, Render, Source, Supplied};
use crate::model::answer::{Answer, Answers};
use crate::model::path::RepoPath;

/// What the questions of a template are answered by.
#[derive(Default)]
pub(super) struct Known<'a> {
    /// The directory's name: the best guess for `name`, where it fits.
    pub(super) directory: Option<&'a str>,
    /// What was detected, the surest first: question and answer.
    pub(super) detected: Vec<(String, String)>,
    /// What is offered to a person in place of a default, and to nobody else.
    pub(super) guessed: Vec<(String, String)>,
}

/// What a template renders to, its questions answered.
pub(super) fn render(
    session: &Session,
    args: &AnswerArgs,
    path: &GoldenPath,
    template: &str,
    known: &Known<'_>,
) -> Result<(Render, Answered)> {
    let assets = golden_path::closure(path, Some(template), &[], &[])?;
    let mut questions = golden_path::questions_for(path, &assets);
    let mut asker = Terminal::new(!session.is_json());
    let mut offer = |id: &str, word: &str| {
        if let Some((_, question)) = questions.iter_mut().find(|(known, _)| known == id)
            && golden_path::fits(question, word)
        {
            question.default = Some(Answer::from(word));
        }
    };
    if let Some(name) = known.directory {
        offer("name", name);
    }
    for (id, word) in known.guessed.iter().filter(|_| asker.is_interactive() && !args.defaults) {
        offer(id, word);
    }
    let preset = preset(path, Some(template));
    let mut given = given::given(session, args)?.with(Origin::Template, Supplied::Typed(preset));
    for (rank, (id, word)) in known.detected.iter().enumerate() {
        given = given.with(Origin::Detected(rank), Supplied::Raw([(id.clone(), word.clone())].into()));
    }
    let answered = golden_path::answer(&questions, &given, args.defaults, &mut asker)?;
    Ok((golden_path::render(path, Some(template), &assets, &answered.answers)?, answered))
}

/// What is laid, with the files that say so.
pub(super) struct First {
    /// The render, its source named as the policy names it.
    pub(super) render: Render,
    pub(super) config: String,
    pub(super) policy: String,
}

/// The first render of `source` in the directory `laid`, with a policy that leaves `omit` out.
pub(super) fn first(
    source: &Source,
    session: &Session,
    laid: &Path,
    path: &GoldenPath,
    template: &str,
    mut render: Render,
    omit: &[RepoPath],
) -> First {
    let named = sources::for_policy(source, &session.directory, laid);
    let policy = crate::plan::policy_text(named.name(), &render.identity.version, omit);
    named.name().clone_into(&mut render.identity.source);
    let preset = preset(path, Some(template));
    let chosen = render.answers.iter().filter(|(id, value)| preset.get(*id) != Some(value));
    let chosen: Answers = chosen.map(|(id, value)| (id.clone(), value.clone())).collect();
    First { config: crate::plan::config_text(template, &chosen), policy, render }
}
