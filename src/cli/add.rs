//! `roadbed add`

use clap::Args;

use super::args::AnswerArgs;
use super::reshape::{Choice, reshape};
use super::session::Session;
use crate::error::Result;

/// Add assets of the golden path to this repository
///
/// Lays the files of the assets, and of those that they require, at the locked version. A file that the repository has already
/// is never written over.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  roadbed add container\n\n`roadbed path list` shows the assets.")]
pub(super) struct Add {
    /// The assets to add
    #[arg(required = true, value_name = "ASSET")]
    assets: Vec<String>,
    /// List the changes and make none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerArgs,
}

impl Add {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        reshape(session, &Choice { assets: &self.assets, add: true, answers: &self.answers, dry_run: self.dry_run })
    }
}
