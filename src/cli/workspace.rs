//! What a command works on: the tree, the files under `.roadbed/`, and what the locked version renders to.

use std::cell::OnceCell;
use std::path::Path;

use super::laid::Laid;
use super::session::Session;
use super::sources;
use crate::catalogue::{Known, OFFLINE};
use crate::error::{Error, Result};
use crate::golden_path::Source;
use crate::golden_path::levels::Standing;
use crate::golden_path::manifest::{Levels, Profile};
use crate::model::file::BlobId;
use crate::model::path::RepoPath;
use crate::model::plan::{ConflictKind, Plan};
use crate::model::repo_files::{Config, Exposure};
use crate::model::tree::{Node, Tree};
use crate::output::json::PathState;
use crate::plan::{Goal, Held, Inputs, Selection, Tracking, Untracked};
use crate::repo::{self, Cleanliness, CommitTree, Dirt, Place, WorkTree};
use crate::rules::Own;

/// A place with its tree, and with its golden path where one is laid.
pub(super) struct Workspace {
    pub(super) place: Place,
    pub(super) tree: Box<dyn Tree>,
    /// The commit that is looked at; none for a working directory.
    pub(super) commit: Option<String>,
    pub(super) laid: Option<Laid>,
    /// What sets the levels where nothing is laid.
    unlaid_profile: Profile,
    /// The golden path that judges, where it was opened for that.
    judge: Option<PathState>,
    /// The rules of the golden path's own.
    pub(super) rules: Own,
    tracking: Box<dyn Tracking>,
}

/// The tier that a repo without a policy is taken to have: the policy's own default.
const UNLAID_TIER: u8 = 3;

/// How a plan is asked for.
#[derive(Default)]
pub(super) struct Ask<'a> {
    pub(super) selection: Selection,
    pub(super) allow_dirty: bool,
    pub(super) unsafe_fixes: bool,
    /// Whether only findings are asked for.
    pub(super) findings_only: bool,
    pub(super) command: &'a str,
    /// Files that a policy which is yet to be written leaves out.
    pub(super) omit: Vec<String>,
    /// What is known of the world; none for the catalogue alone.
    pub(super) known: Option<&'a Known>,
}

impl<'a> Ask<'a> {
    /// What would `roadbed fix` find? Its edits are not worked out.
    pub(super) fn findings(known: Option<&'a Known>) -> Self {
        Ask { command: "roadbed fix", findings_only: true, known, ..Ask::default() }
    }
}

impl Workspace {
    /// Opens the nearest laid directory at or above the session's; at `rev`, without a checkout.
    pub(super) fn open(session: &Session, golden_path: Option<&str>, rev: Option<&str>) -> Result<Self> {
        Self::open_at(session, &session.directory, golden_path, rev)
    }

    /// Opens the laid directory at or above `directory`.
    pub(super) fn open_at(
        session: &Session,
        directory: &Path,
        golden_path: Option<&str>,
        rev: Option<&str>,
    ) -> Result<Self> {
        Self::open_place(session, repo::discover(directory)?, golden_path, rev)
    }

    /// Every laid directory of the repository; at `rev` (and in a bare repository), of the commit.
    pub(super) fn all(session: &Session, golden_path: Option<&str>, rev: Option<&str>) -> Result<Vec<Self>> {
        let place = repo::discover(&session.directory)?;
        let Some(rev) = rev.or(place.bare.then_some("HEAD")) else {
            let laid = repo::all_laid(&place)?;
            return laid.iter().map(|dir| Self::open_at(session, dir, golden_path, None)).collect();
        };
        let top = Place { laid: place.root().to_path_buf(), prefix: None, ..place };
        let tree = CommitTree::open(&top, rev)?;
        let below = tree.territories().map(|dir| Place {
            laid: top.laid.join(dir.as_str()),
            prefix: Some(dir.clone()),
            ..top.clone()
        });
        let mut all = Vec::new();
        for place in std::iter::once(top.clone()).chain(below) {
            let workspace = Self::open_place(session, place, golden_path, Some(rev))?;
            if workspace.laid.is_some() {
                all.push(workspace);
            }
        }
        Ok(all)
    }

    /// Opens one laid directory; at `rev`, without a checkout.
    pub(super) fn open_place(
        session: &Session,
        place: Place,
        golden_path: Option<&str>,
        rev: Option<&str>,
    ) -> Result<Self> {
        let (tree, commit) = open_tree(&place, rev)?;
        let tracking = tracking(&place, commit.as_deref());
        let laid = Laid::read(session, &place, tree.as_ref(), golden_path, commit.is_some())?;
        let (unlaid_profile, judge, rules) = judged_by(session, laid.as_ref(), golden_path)?;
        let workspace = Workspace { place, tree, commit, laid, unlaid_profile, judge, rules, tracking };
        session.detail(&workspace.described());
        Ok(workspace)
    }

    /// What is looked at, and by what it is measured.
    fn described(&self) -> String {
        let what = match &self.commit {
            Some(commit) => format!("{}, as commit {commit} has it", self.place.laid.display()),
            None => self.place.laid.display().to_string(),
        };
        match (&self.laid, &self.judge) {
            (Some(Laid { path, policy, .. }), _) => {
                let (identity, profile) = (&path.identity, &policy.profile);
                let range = &policy.golden_path.version;
                format!(
                    "{what}: laid from {} {} ({}), versions {range}, profile {profile}, tier {}",
                    identity.source, identity.version, identity.digest, policy.tier
                )
            }
            (None, Some(judge)) => format!("{what}: nothing laid; the rules of {} {}", judge.source, judge.version),
            (None, None) => format!("{what}: nothing laid"),
        }
    }

    /// What lies in a place right now, and what git knows of it.
    pub(super) fn disk(place: &Place) -> Result<(Box<dyn Tree>, Box<dyn Tracking>)> {
        Ok((Box::new(WorkTree::open(place)?), tracking(place, None)))
    }

    /// A working directory with what was read from it.
    pub(super) fn with(place: Place, tree: Box<dyn Tree>, tracking: Box<dyn Tracking>, laid: Option<Laid>) -> Self {
        let (unlaid_profile, judge, rules) = (Profile::default(), None, Own::default());
        Workspace { place, tree, commit: None, laid, unlaid_profile, judge, rules, tracking }
    }

    /// A place where nothing is laid yet.
    pub(super) fn unlaid(session: &Session, place: Place, golden_path: &str) -> Result<Self> {
        Self::open_place(session, place, Some(golden_path), None)
    }

    /// The same place, with another tree in it.
    pub(super) fn over(
        session: &Session,
        other: &Workspace,
        tree: Box<dyn Tree>,
        golden_path: Option<&str>,
    ) -> Result<Self> {
        let (place, commit) = (other.place.clone(), other.commit.clone());
        let laid = Laid::read(session, &place, tree.as_ref(), golden_path, true)?;
        let (unlaid_profile, judge, rules) = judged_by(session, laid.as_ref(), golden_path)?;
        Ok(Workspace { place, tree, commit, laid, unlaid_profile, judge, rules, tracking: Box::new(Untracked) })
    }

    /// What lies in a place: right now, or at a commit.
    pub(super) fn tree_of(place: &Place, rev: Option<&str>) -> Result<Box<dyn Tree>> {
        Ok(open_tree(place, rev)?.0)
    }

    /// The tree once more, for somebody who needs one of his own.
    pub(super) fn reopen_tree(&self) -> Result<Box<dyn Tree>> {
        Ok(open_tree(&self.place, self.commit.as_deref())?.0)
    }

    /// The laid path, or an error that says how to get one.
    pub(super) fn laid(&self) -> Result<&Laid> {
        self.laid.as_ref().ok_or_else(|| unlaid(&self.place))
    }

    /// The plan for `goal`; where nothing is laid, what the rules of the built-in path say.
    pub(super) fn plan(&self, goal: &Goal<'_>, ask: &Ask<'_>) -> Result<Plan> {
        let Some(laid) = &self.laid else { return self.plan_by_rules(ask) };
        let current = &laid.locked.identity.version;
        let standing = laid.standing();
        let inputs = Inputs {
            tree: self.tree.as_ref(),
            tracking: self.tracking.as_ref(),
            locked: Some(&laid.locked),
            lock: laid.lock.as_ref(),
            held: &laid.held,
            config: &laid.config,
            standing: &standing,
            rules: &self.rules,
            omit: &laid.policy.omit,
            newer: (laid.latest > *current).then_some(&laid.latest),
            no_base: laid.no_base.as_deref(),
            keep_lock: laid.keep_lock,
            out_of_range: laid.out_of_range,
            path_edited: laid.path_edited,
            allow_dirty: ask.allow_dirty,
            unsafe_fixes: ask.unsafe_fixes,
            findings_only: ask.findings_only,
            selection: &ask.selection,
            command: ask.command,
            known: ask.known.unwrap_or(&OFFLINE),
        };
        crate::plan::plan(&inputs, goal)
    }

    /// The plan for a repo that is on no path: the rules alone, at the levels of the given (or the built-in) path's newest version.
    fn plan_by_rules(&self, ask: &Ask<'_>) -> Result<Plan> {
        self.plan_onto(&Goal::Hold, ask)
    }

    /// The plan for `goal` where nothing is laid.
    pub(super) fn plan_onto(&self, goal: &Goal<'_>, ask: &Ask<'_>) -> Result<Plan> {
        let standing = Standing {
            profile: &self.unlaid_profile,
            exposure: Exposure::default(),
            tier: UNLAID_TIER,
            policy: &Levels::new(),
        };
        let inputs = Inputs {
            tree: self.tree.as_ref(),
            tracking: self.tracking.as_ref(),
            locked: None,
            lock: None,
            held: &Held::default(),
            config: &Config::default(),
            standing: &standing,
            rules: &self.rules,
            omit: &ask.omit,
            newer: None,
            no_base: None,
            keep_lock: true,
            out_of_range: false,
            path_edited: false,
            allow_dirty: ask.allow_dirty,
            unsafe_fixes: ask.unsafe_fixes,
            findings_only: ask.findings_only,
            selection: &ask.selection,
            command: ask.command,
            known: ask.known.unwrap_or(&OFFLINE),
        };
        crate::plan::plan(&inputs, goal)
    }

    /// The golden path that findings are measured by: where nothing is laid, there is one to be held to all the same.
    pub(super) fn judge(&self) -> Result<PathState> {
        match (&self.laid, &self.judge) {
            (Some(laid), _) => Ok(laid.state()),
            (None, Some(judge)) => Ok(judge.clone()),
            (None, None) => PathState::builtin(),
        }
    }

    /// The plan to leave the golden path.
    pub(super) fn plan_to_leave(&self, allow_dirty: bool) -> Result<Plan> {
        self.plan(&Goal::Leave, &Ask { allow_dirty, command: "roadbed eject", ..Ask::default() })
    }

    /// The laid directory from the repository's root, with a `/` at its end; empty at the root.
    pub(super) fn prefix(&self) -> String {
        self.place.prefix.as_ref().map_or_else(String::new, |prefix| format!("{prefix}/"))
    }
}

/// Why a command cannot work where nothing is laid.
pub(super) fn unlaid(place: &Place) -> Error {
    Error::usage(format!("no golden path is laid in {} or above it", place.laid.display()))
        .hint("roadbed adopt, or start a new repository with: roadbed new TEMPLATE DIR")
}

/// What judges a place: the rules of the laid path's own; where none is laid, those of the named one (or of the built-in
/// one) at its newest version, with its profile `growth`.
fn judged_by(
    session: &Session,
    laid: Option<&Laid>,
    golden_path: Option<&str>,
) -> Result<(Profile, Option<PathState>, Own)> {
    if let Some(laid) = laid {
        return Ok((Profile::default(), None, Own::of(&laid.path)?));
    }
    let source: Source = golden_path.unwrap_or("builtin").parse()?;
    let versions = sources::open_for_use(session, &source, &session.directory)?;
    let version = match &source {
        Source::Builtin { version: Some(version) } => version.clone(),
        _ => versions.latest(),
    };
    let path = versions.require(&version)?;
    let profile = path.profile("growth")?.unwrap_or_default();
    let judge = PathState::new(&path.identity, &versions.latest());
    Ok((profile, Some(judge), Own::of(&path)?))
}

/// The tree of a place, and its commit: a working directory has none.
fn open_tree(place: &Place, rev: Option<&str>) -> Result<(Box<dyn Tree>, Option<String>)> {
    let Some(rev) = rev.or(place.bare.then_some("HEAD")) else { return Ok((Box::new(WorkTree::open(place)?), None)) };
    let tree = CommitTree::open(place, rev)?;
    let commit = tree.commit().to_owned();
    Ok((Box::new(tree), Some(commit)))
}

/// What git knows of the files of a working directory; of a commit's, nothing can be written over.
fn tracking(place: &Place, commit: Option<&str>) -> Box<dyn Tracking> {
    if commit.is_some() {
        Box::new(Untracked)
    } else {
        Box::new(ByGit { place: place.clone(), clean: OnceCell::new() })
    }
}

/// What git knows of a working directory: its index and its last commit are read when first asked about.
struct ByGit {
    place: Place,
    clean: OnceCell<Cleanliness>,
}

impl Tracking for ByGit {
    fn unsafe_to_edit(&self, path: &RepoPath, node: &Node) -> Result<Option<ConflictKind>> {
        let clean = match self.clean.get() {
            Some(clean) => clean,
            None => {
                let read = Cleanliness::read(&self.place)?;
                self.clean.get_or_init(|| read)
            }
        };
        Ok(clean.dirt(path, node)?.map(|dirt| match dirt {
            Dirt::Modified => ConflictKind::Dirty,
            Dirt::Untracked | Dirt::Ignored => ConflictKind::Untracked,
        }))
    }

    fn tracks(&self, path: &RepoPath, node: &Node) -> Result<bool> {
        let is_untracked = |kind| kind == Some(ConflictKind::Untracked);
        Ok(self.place.git.is_some() && !is_untracked(self.unsafe_to_edit(path, node)?))
    }

    fn blob(&self, id: BlobId) -> Option<Vec<u8>> {
        repo::find_blob(&self.place, id)
    }
}
