//! The answers that come with a command.

use std::collections::BTreeMap;

use super::args::AnswerArgs;
use super::session::Session;
use crate::error::{Error, Kind, Result};
use crate::golden_path::{AnswerFile, Given, Origin, Supplied};
use crate::model::answer::Answers;
use crate::model::document;
use crate::repo::surroundings;

/// `--set`, `ROADBED_SET_<ID>` and `--answers`.
pub(super) fn given(session: &Session, args: &AnswerArgs) -> Result<Given> {
    let mut set = BTreeMap::new();
    for (id, value) in &args.set {
        if set.insert(id.clone(), value.clone()).is_some() {
            return Err(Error::usage(format!("--set answers `{id}` twice")).hint("give each answer once"));
        }
    }
    let mut given = Given::default()
        .with(Origin::Set, Supplied::Raw(set))
        .with(Origin::Environment, Supplied::Raw(surroundings::variables("ROADBED_SET_")));
    if let Some(file) = &args.answers {
        let name = file.display().to_string();
        let bytes = surroundings::read_named(&session.resolve(file))?;
        let (file, answers) = read(name, &bytes)?;
        given = given.with(Origin::File(file), Supplied::Typed(answers));
    }
    Ok(given)
}

/// A file of `key: value` lines.
fn read(name: String, bytes: &[u8]) -> Result<(AnswerFile, Answers)> {
    let answers: Option<Answers> = document::read_plain(Kind::Usage, &name, bytes)
        .map_err(|error| error.hint("write one answer a line, such as `name: payments-api`"))?;
    let text = String::from_utf8_lossy(bytes).into_owned();
    Ok((AnswerFile { name, text, within: Vec::new() }, answers.unwrap_or_default()))
}
