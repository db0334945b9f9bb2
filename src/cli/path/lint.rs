//! `roadbed path lint`

use clap::Args;
use serde::Serialize;

use super::super::session::Session;
use super::authored;
use crate::error::{Error, Kind, Result};
use crate::golden_path;
use crate::output::json::{self, ErrorRow};
use crate::rules;

/// Check the golden path in the working directory for mistakes
///
/// Reads every file of it, and renders every template with its default answers. Exit code 2 lists all that is wrong; what is likely a slip is a warning.
#[derive(Debug, Args)]
pub(in crate::cli) struct Lint {}

/// A golden path with nothing wrong in it.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    name: &'a str,
    version: String,
    warnings: Vec<ErrorRow>,
}

impl Lint {
    #[allow(clippy::unused_self, reason = "every command runs alike")]
    pub(in crate::cli) fn run(&self, session: &Session) -> Result<u8> {
        let versions = authored(session)?;
        let path = versions.current()?;
        let verdict = golden_path::lint(&path);
        let mut problems = verdict.problems;
        problems.extend(rules::own::lint(&path)?);
        session.advise(&verdict.advice);
        Error::all(Kind::GoldenPath, problems)?;
        if session.is_json() {
            let document = Document {
                schema: "roadbed/path-lint/v1",
                name: &path.manifest.name,
                version: path.identity.version.to_string(),
                warnings: verdict.advice.iter().map(ErrorRow::new).collect(),
            };
            session.answer(json::text(&document, false))?;
        }
        session.say(&format!("{} {}: nothing wrong", path.manifest.name, path.identity.version));
        Ok(0)
    }
}
