//! `roadbed remove`

use clap::Args;

use super::args::AnswerArgs;
use super::reshape::{Choice, reshape};
use super::session::Session;
use crate::error::Result;

/// Remove assets of the golden path from this repository
///
/// Deletes the files of the assets that nobody edited; an edited one stays, and is listed. What the path owns in shared files is
/// taken out.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  roadbed remove container --dry-run")]
pub(super) struct Remove {
    /// The assets to remove
    #[arg(required = true, value_name = "ASSET")]
    assets: Vec<String>,
    /// List the changes and make none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    answers: AnswerArgs,
}

impl Remove {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        reshape(session, &Choice { assets: &self.assets, add: false, answers: &self.answers, dry_run: self.dry_run })
    }
}
