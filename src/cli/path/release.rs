//! `roadbed path release`

use clap::Args;

use super::super::session::Session;
use super::super::sources;
use super::super::write::Write;
use super::{authored, place_of};
use crate::error::{Error, Kind, Result};
use crate::golden_path;
use crate::model::path::RepoPath;
use crate::model::plan::Edit;
use crate::model::tree::Tree as _;
use crate::model::{file::File, finding::Safety};
use crate::output::json::{self, PlanDocument};
use crate::output::listing;
use crate::repo::{self, WorkTree};
use crate::rules;

/// Release the golden path in the working directory as VERSION
///
/// Sets the version in golden-path.yaml, and writes releases/VERSION.tar.zst. A release never changes: one that exists with other
/// contents is refused.
#[derive(Debug, Args)]
pub(in crate::cli) struct Release {
    /// The version, such as 1.2.0
    version: semver::Version,
    /// List the changes and make none
    #[arg(long)]
    dry_run: bool,
}

impl Release {
    pub(in crate::cli) fn run(&self, session: &Session) -> Result<u8> {
        let place = place_of(&sources::normal(&session.directory))?;
        let write = if self.dry_run { None } else { Some(Write::begin_at(session, &place)?) };
        let versions = authored(session)?;
        let path = versions.current()?;
        let mut problems = golden_path::lint(&path).problems;
        problems.extend(rules::own::lint(&path)?);
        Error::all(Kind::GoldenPath, problems)?;
        let tree = WorkTree::open(&place)?;
        let mut edits = Vec::new();
        for (path, file) in golden_path::release(&versions, &self.version)? {
            edits.push(edit(&tree, path, file));
        }
        edits.retain(|edit| edit.before != edit.after);
        if write.is_some() {
            repo::apply(&place, &edits, &repo::RealDisk)?;
        }
        if session.is_json() {
            let versions = (Some(path.identity.version.to_string()), Some(self.version.to_string()));
            let document = PlanDocument::new(versions, write.is_some(), &edits, &[], "");
            return session.answer(json::text(&document, false)).map(|()| 0);
        }
        session.answer(listing::changes(&edits, ""))?;
        if edits.is_empty() {
            session.say(&format!("{} is released already, with these contents", self.version));
        }
        Ok(0)
    }
}

fn edit(tree: &WorkTree, path: RepoPath, file: File) -> Edit {
    let before = tree.node(&path).into_file();
    Edit { path, from: None, before, after: Some(file), asset: None, rule: None, safety: Safety::Safe }
}
