//! The answers that come with a command.

use std::collections::BTreeMap;

use super::args::AnswerArgs;
use super::session::Session;
use crate::error::{Error, Position, Problem, Result};
use crate::golden_path::{Given, Origin, Supplied};
use crate::model::answer::Answers;
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
        given = given.with(Origin::File(name.clone()), Supplied::Typed(read(&name, &bytes)?));
    }
    Ok(given)
}

/// A file of `key: value` lines.
fn read(name: &str, bytes: &[u8]) -> Result<Answers> {
    let text = std::str::from_utf8(bytes).map_err(|_| Error::usage("the file is not UTF-8").in_file(name))?;
    if text.trim().is_empty() {
        return Ok(Answers::new());
    }
    serde_yaml::from_str(text).map_err(|error| {
        let mut problem =
            Problem::new(error.to_string()).in_file(name).hint("write one answer a line, such as `name: payments-api`");
        if let Some(at) = error.location() {
            problem = problem.at(Position { line: at.line().max(1), column: at.column().max(1) }, text);
        }
        Error::new(crate::error::Kind::Usage, problem)
    })
}
