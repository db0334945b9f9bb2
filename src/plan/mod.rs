//! The planner: one pure function from a tree and two renders to findings, edits and conflicts.
//!
//! Every command is a view of [`plan`]. [`Goal`] is all that tells them apart:
//!
//! | command | locked render | goal |
//! | --- | --- | --- |
//! | `check`, `diff`, `fix` | the lock's version | [`Goal::Hold`] |
//! | `new`, `adopt` | none | [`Goal::Reach`] what the template renders to |
//! | `add`, `remove` | the lock's version | [`Goal::Reach`] the same version with other assets |
//! | `upgrade`, `diff --to` | the lock's version | [`Goal::Reach`] another version |
//! | `eject` | the lock's version | [`Goal::Leave`] |
//!
//! The planner knows no file system, no clock, no network and no terminal.

mod advance;
mod alike;
mod apart;
mod bases;
mod compare;
mod eject;
mod gate;
mod grouped;
mod hold;
mod lock;
mod lock_read;
mod lock_text;
mod meaning;
mod measure;
mod newer;
mod obstacle;
mod own_files;
mod pipelines;
mod policy;
mod rules;
mod tracking;
mod twins;
mod weakened;

use crate::catalogue::{Known, OFFLINE};
use crate::golden_path::Render;
use crate::golden_path::levels::Standing;
use crate::golden_path::manifest::{Levels, Profile};
use crate::model::finding::seal;
use crate::model::path::RepoPath;
use crate::model::plan::{Action, Plan};
use crate::model::repo_files::{Config, Exposure, Lock};
use crate::model::tree::{MemoryTree, Modes, Tree};
use crate::rules::Own;

pub use bases::{Held, compose, further};
pub use compare::{added, continued};
pub use gate::{Gate, gates};
pub use hold::shell_word;
pub use lock_read::written_lock;
pub use lock_text::{flow_answer, flow_list, lock_text};
pub use meaning::{Meaning, meaning};
pub use own_files::{config_text, policy_text};
pub use policy::unfit_omissions;
pub use tracking::{Tracking, Untracked};
pub use twins::spared;
pub use weakened::{Judge, RULE as POLICY_WEAKENED, Weakening, codeowners, weakened};

/// Every rule that a plan reports.
pub const RULES: [&str; 16] = [
    "drift/missing",
    "drift/edited",
    "drift/outdated",
    "drift/extra",
    "drift/mode",
    "drift/moved",
    "drift/conflict-markers",
    "drift/lock-forged",
    "drift/no-base",
    "parse/yaml",
    "parse/json",
    "parse/toml",
    "parse/dockerfile",
    "parse/hcl",
    "parse/groovy",
    POLICY_WEAKENED,
];

/// Everything a plan depends on.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Inputs<'a> {
    /// The directory that the path covers.
    pub tree: &'a dyn Tree,
    /// What git knows of its files.
    pub tracking: &'a dyn Tracking,
    /// What the locked version renders to with the lock's answers; none where nothing is laid yet.
    pub locked: Option<&'a Render>,
    /// The lock as the repo has it, with its text.
    pub lock: Option<&'a Lock>,
    /// The files that stand at another base than the lock's own.
    pub held: &'a Held,
    /// The config as the repo has it.
    pub config: &'a Config,
    /// What decides the levels here.
    pub standing: &'a Standing<'a>,
    /// The rules of the golden path's own.
    pub rules: &'a Own,
    /// Globs of files that the policy leaves out.
    pub omit: &'a [String],
    /// The newest version that the policy allows, where it is newer than the locked one.
    pub newer: Option<&'a semver::Version>,
    /// Whether the policy no longer allows the locked version.
    pub out_of_range: bool,
    /// Why the version that the lock names cannot be rendered; another one stands in for it.
    pub no_base: Option<&'a str>,
    /// Whether the lock stays as it is: what is measured against is not what it was made from.
    pub keep_lock: bool,
    /// Whether the golden path was edited in place since the lock was written (directories only).
    pub path_edited: bool,
    /// Whether files with uncommitted changes may be edited.
    pub allow_dirty: bool,
    /// The paths and rules to mend; edits elsewhere are not planned.
    pub selection: &'a Selection,
    /// The command, as a person would type it again.
    pub command: &'a str,
    /// Whether fixes that may change what a file does are wanted.
    pub unsafe_fixes: bool,
    /// Whether only findings are asked for: what mends those of rules need not be worked out.
    pub findings_only: bool,
    /// What is known of the world's actions and images.
    pub known: &'a Known,
}

/// Which edits are wanted; empty lists want all.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Files and directories.
    pub paths: Vec<RepoPath>,
    /// Rule ids.
    pub rules: Vec<String>,
}

impl Selection {
    /// Whether a file is wanted.
    pub fn has_path(&self, path: &RepoPath) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|dir| path == dir || path.strip_prefix(dir).is_some())
    }

    /// Whether a rule is wanted.
    pub fn has_rule(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|wanted| wanted == rule)
    }
}

/// Plans what `target` lays in an empty directory.
pub fn plan_new(target: &Render, config: String, policy: Option<String>) -> crate::error::Result<Plan> {
    let (profile, policy_levels) = (Profile::default(), Levels::new());
    let standing = Standing { profile: &profile, exposure: Exposure::default(), tier: 4, policy: &policy_levels };
    let inputs = Inputs {
        tree: &MemoryTree::default(),
        tracking: &Untracked,
        locked: None,
        lock: None,
        held: &Held::default(),
        config: &Config::default(),
        standing: &standing,
        rules: &Own::default(),
        omit: &[],
        newer: None,
        no_base: None,
        keep_lock: false,
        out_of_range: false,
        path_edited: false,
        allow_dirty: false,
        unsafe_fixes: false,
        findings_only: false,
        selection: &Selection::default(),
        command: "roadbed new",
        known: &OFFLINE,
    };
    plan(&inputs, &Goal::Reach { target, config, policy, ways: Ways::default() })
}

/// Where the repo is to go.
pub enum Goal<'a> {
    /// Stay at the locked version, and mend what drifted.
    Hold,
    /// Go to what `target` renders to.
    Reach {
        /// The render to reach.
        target: &'a Render,
        /// The config's text afterwards.
        config: String,
        /// The policy's text, where it is to be written.
        policy: Option<String>,
        /// How it goes there.
        ways: Ways<'a>,
    },
    /// Leave the path, and keep every file.
    Leave,
}

/// How the repo goes to another render.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ways<'a> {
    /// What becomes of files that both sides changed.
    pub conflict: OnConflict,
    /// Files that a person has merged: they stay as they are, and count as merged.
    pub resolved: &'a [RepoPath],
    /// Whether a `merged` file that the repo has already stays as it is, keys that say something else do, and files
    /// that are laid `once` are not: for `adopt`.
    pub keeps_existing: bool,
    /// Whether an edited file that the path no longer lays becomes the repo's own: for `remove`.
    pub lets_edited_go: bool,
    /// Whether what the path owns is asserted where the path did not change it, too: for `upgrade`.
    pub restores: bool,
}

/// What becomes of a file that both sides changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// It stays as it is, and is offered again.
    #[default]
    Keep,
    /// Both sides are marked in it.
    Markers,
    /// The repo's side is kept where they collide.
    Ours,
    /// The golden path's side is taken where they collide.
    Theirs,
}

/// Plans. Pure: the same inputs give the same plan, byte for byte.
pub fn plan(inputs: &Inputs<'_>, goal: &Goal<'_>) -> crate::error::Result<Plan> {
    let mut plan = match goal {
        Goal::Hold => hold::plan(inputs)?,
        Goal::Leave => eject::plan(inputs)?,
        Goal::Reach { target, config, policy, ways } => advance::plan(inputs, target, config, policy.as_deref(), ways)?,
    };
    seal(&mut plan.findings);
    plan.edits.retain(|edit| edit.from.is_some() || edit.before != edit.after);
    if inputs.tree.modes() != Modes::Here {
        plan.edits.retain(|edit| edit.action() != Action::Mode);
    }
    plan.edits.sort_by(|a, b| a.path.cmp(&b.path));
    plan.conflicts.sort_by(|a, b| a.path.cmp(&b.path));
    plan.kept.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    plan.offers.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(plan)
}
