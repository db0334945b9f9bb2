//! `roadbed eject`

use clap::Args;

use super::session::Session;
use super::workspace::Workspace;
use super::write::{Outcome, Write};
use crate::error::Result;

/// Leave the golden path: remove .roadbed/ and the block markers, keep every file
#[derive(Debug, Args)]
pub(super) struct Eject {
    /// List the changes and make none
    #[arg(long)]
    dry_run: bool,
    /// Edit files with changes that are not committed, too
    #[arg(long)]
    allow_dirty: bool,
}

impl Eject {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let write = Write::begin(session, self.dry_run)?;
        let workspace = Workspace::open(session, None, None)?;
        let from = workspace.laid()?.locked.identity.version.to_string();
        let plan = workspace.plan_to_leave(self.allow_dirty)?;
        write.finish(
            session,
            &workspace,
            &plan,
            &Outcome { from: Some(from), to: None, done: "removed", preface: String::new(), survey: None },
        )
    }
}
