//! `roadbed completions`

use clap::Args;
use clap_complete::Shell;

use super::session::Session;
use crate::error::Result;

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  roadbed completions bash > ~/.local/share/bash-completion/completions/roadbed")]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::command(), "roadbed", &mut script);
        session.answer(script)?;
        Ok(0)
    }
}
