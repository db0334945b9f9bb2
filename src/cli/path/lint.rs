//! `roadbed path lint`

use clap::Args;

use super::super::session::Session;
use super::authored;
use crate::error::{Error, Kind, Result};
use crate::golden_path;
use crate::rules;

/// Check the golden path in the working directory for mistakes
///
/// Reads every file of it, and renders every template with its default answers. Exit code 2 lists all that is wrong; what is likely a slip is a warning.
#[derive(Debug, Args)]
pub(in crate::cli) struct Lint {}

impl Lint {
    #[allow(clippy::unused_self, reason = "every command runs alike")]
    pub(in crate::cli) fn run(&self, session: &Session) -> Result<u8> {
        let versions = authored(session)?;
        let path = versions.require(&versions.latest())?;
        let verdict = golden_path::lint(&path);
        session.advise(&verdict.advice);
        let mut problems = verdict.problems;
        problems.extend(rules::own::lint(&path)?);
        Error::all(Kind::GoldenPath, problems)?;
        session.say(&format!("{} {}: nothing wrong", path.manifest.name, path.identity.version));
        Ok(0)
    }
}
