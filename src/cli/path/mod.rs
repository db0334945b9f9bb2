//! `roadbed path`: looking at golden paths, and authoring them.

mod lint;
mod list;
mod release;
mod relocate;
mod show;
mod test;

use clap::Subcommand;

use super::session::Session;
use super::sources;
use crate::error::{Error, Result};
use crate::golden_path::{GoldenPath, Source, Template, Versions};
use crate::repo::{self, Place, surroundings};

/// Look at golden paths, and author them
///
/// `list` and `show` look at the golden path of the working directory: the one it holds, the one that is laid in it, or the
/// built-in one. `relocate` works on the repository that it is laid in. The others work on the golden path that the working directory holds.
#[derive(Debug, Subcommand)]
pub(super) enum Path {
    List(list::List),
    Show(show::Show),
    Relocate(relocate::Relocate),
    Lint(lint::Lint),
    Test(test::Test),
    Release(release::Release),
}

impl Path {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        match self {
            Path::List(command) => command.run(session),
            Path::Show(command) => command.run(session),
            Path::Relocate(command) => command.run(session),
            Path::Lint(command) => command.run(session),
            Path::Test(command) => command.run(session),
            Path::Release(command) => command.run(session),
        }
    }
}

/// The assets of a template: those that it names, then those that they require, which are among `all`.
fn named_first(template: &Template, all: &[String]) -> Vec<String> {
    let required = all.iter().filter(|id| !template.assets.contains(id));
    template.assets.iter().chain(required).cloned().collect()
}

/// The golden path that the working directory holds, as an author edits it.
fn authored(session: &Session) -> Result<Versions> {
    if !surroundings::exists(&session.directory.join("golden-path.yaml")) {
        let here = session.directory.display();
        return Err(Error::usage(format!("{here} holds no golden-path.yaml"))
            .hint("run it in a golden path: roadbed -C DIR path …"));
    }
    sources::open(&Source::Directory(".".to_owned()), &session.directory)
}

/// The place of a directory that an author writes in, whatever lies above it.
fn place_of(directory: &std::path::Path) -> Result<Place> {
    let found = repo::discover(directory)?;
    if found.git.is_some() && !found.bare {
        return found.with_laid(directory.to_path_buf());
    }
    Ok(Place { laid: directory.to_path_buf(), has_roadbed: false, ..found })
}

/// The golden path to look at: the named one, else the nearest.
fn looked_at(session: &Session, named: Option<&str>) -> Result<GoldenPath> {
    if let Some(named) = named {
        let source: Source = named.parse()?;
        return super::new::version_of(&source, &sources::open(&source, &session.directory)?);
    }
    if surroundings::exists(&session.directory.join("golden-path.yaml")) {
        return authored(session)?.current();
    }
    if let Some(laid) = super::workspace::Workspace::open(session, None, None)?.laid {
        return Ok(laid.path);
    }
    let versions = Versions::builtin()?;
    versions.require(&versions.latest())
}
