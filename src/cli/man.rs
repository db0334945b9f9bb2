//! `roadbed man`

use clap::Args;

use super::session::Session;
use crate::error::{Error, Result};

/// Print the manual, as man pages in roff
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  roadbed man | man -l -")]
pub(super) struct Man {
    /// The page of one command, such as `new` or `path lint`
    command: Vec<String>,
}

impl Man {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let mut root = super::command();
        root.build();
        let mut page = &root;
        for name in &self.command {
            page = page.find_subcommand(name).ok_or_else(|| {
                Error::usage(format!("there is no command `{}`", self.command.join(" ")))
                    .hint("roadbed --help lists them")
            })?;
        }
        let mut text = Vec::new();
        let rendered = clap_mangen::Man::new(page.clone()).render(&mut text);
        rendered.map_err(|error| Error::internal(format!("the manual cannot be rendered: {error}")))?;
        session.answer(text)?;
        Ok(0)
    }
}
