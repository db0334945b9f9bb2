//! `roadbed path relocate`

use clap::Args;

use crate::cli::laid::Laid;
use crate::cli::session::Session;
use crate::cli::sources;
use crate::cli::workspace::{Ask, Workspace, unlaid};
use crate::cli::write::{Outcome, Write};
use crate::edit;
use crate::error::{Error, Result};
use crate::golden_path::Source;
use crate::model::document::schemas;
use crate::model::file::File;
use crate::model::path::RepoPath;
use crate::model::repo_files::{Lock, Policy};
use crate::model::tree::Overlay;
use crate::plan::{Goal, Ways, flow_list};
use crate::repo;

/// Say that the golden path of this repository lies elsewhere now
///
/// SOURCE must hold the version that is laid, with the same content. Policy and lock then name it; no other file changes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  roadbed path relocate ../platform/golden-path")]
pub(in crate::cli) struct Relocate {
    /// Where it lies now: builtin or a directory
    source: String,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Relocate {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let write = Write::begin(session, self.dry_run)?;
        let place = repo::discover(&session.directory)?;
        if !place.has_roadbed {
            return Err(unlaid(&place));
        }
        let (tree, tracking) = Workspace::disk(&place)?;
        let (_, text) = Laid::required::<Policy>(tree.as_ref(), "policy.yaml", schemas::POLICY, &place)?;
        let (lock, _) = Laid::required::<Lock>(tree.as_ref(), "lock.yaml", schemas::LOCK, &place)?;
        let source: Source = self.source.parse()?;
        let named = sources::for_policy(&source, &session.directory, &place.laid);
        let base = lock.bases.get(&lock.base).ok_or_else(|| {
            Error::repository(format!("`base` names `{}`, which is not among `bases`", lock.base))
                .in_file(".roadbed/lock.yaml")
                .hint("git checkout HEAD -- .roadbed/lock.yaml")
        })?;
        let there = sources::open(&named, &place.laid)?.require(&base.version)?;
        if there.identity.digest != base.digest {
            let (found, wanted) = (&there.identity.digest, &base.digest);
            let message = format!(
                "{named} is another golden path: its version {} is {found}, and {wanted} is laid",
                base.version
            );
            return Err(Error::usage(message).hint("name a source that has the same releases"));
        }
        let name = flow_list(&[named.name().to_owned()]);
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let policy = edit::set_yaml(&text, &["golden_path", "source"], name)
            .map_err(|error| Error::repository(error.message).in_file(".roadbed/policy.yaml"))?;
        let moved =
            Overlay::new(tree.as_ref(), [(RepoPath::roadbed("policy.yaml"), Some(File::regular(policy.clone())))]);
        let laid = Laid::read(session, &place, &moved, None, false)?;
        let workspace = Workspace::with(place, tree, tracking, laid);
        let laid = workspace.laid()?;
        let (target, config) = (laid.locked.clone(), laid.config_text.clone());
        let goal = Goal::Reach { target: &target, config, policy: Some(policy), ways: Ways::default() };
        let plan = workspace.plan(&goal, &Ask { command: "roadbed path relocate", ..Ask::default() })?;
        let version = Some(base.version.to_string());
        let outcome =
            Outcome { from: version.clone(), to: version, done: "changed", preface: String::new(), survey: None };
        write.finish(session, &workspace, &plan, &outcome)
    }
}
