//! Moving: from what was laid (nothing, for `new` and `adopt`) to what another render asks for.
//!
//! | file | holds |
//! | --- | --- |
//! | `laid.rs` | what was laid, file by file, and with which content |
//! | `moves.rs` | which file became which |
//! | `content.rs` | what becomes of one file's content, by who owns it before and after |
//! | `parts.rs` | the same, where the path owns parts of it |
//! | `leave.rs` | files that go |
//! | `lost.rs` | what of somebody's own goes with that |
//! | `named.rs` | the same, in words |
//! | `settle.rs` | what is written, and what a person must settle |
//! | `put.rs` | edits and conflicts, as the plan holds them |
//! | `adopt.rs` | what is special where nothing was laid yet |
//! | `resolved.rs` | files that a person has merged |
//! | `record.rs` | the lock after it |

mod adopt;
mod content;
mod leave;
mod lost;
mod moves;
mod named;
mod parts;
mod put;
mod record;
mod resolved;
mod returned;
mod settle;
mod was;

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

pub(in crate::plan) use adopt::elsewhere;

use super::grouped::{Asked, by_path};
use super::policy::Omitted;
use super::{Inputs, Ways, own_files};
use crate::error::{Error, Result};
use crate::golden_path::Render;
use crate::model::path::RepoPath;
use crate::model::plan::Plan;
use crate::model::tree::{Node, Overlay, Tree};
use settle::{Settling, Stand};
use was::Before;

/// One file's way: from where it was laid to where it is asked for.
struct Step<'a> {
    from: Option<(&'a RepoPath, &'a Before)>,
    to: Option<(&'a RepoPath, &'a Asked<'a>)>,
}

/// Plans to reach `target`.
pub(super) fn plan(
    inputs: &Inputs<'_>,
    target: &Render,
    config: &str,
    policy: Option<&str>,
    ways: &Ways<'_>,
) -> Result<Plan> {
    let omitted = Omitted::new(inputs.omit, target)?;
    let laid = was::laid(inputs);
    let wanted = by_path(target);
    let moves = moves::moves(&laid, &wanted, inputs.locked, &|path| version(inputs, path), target);
    let came: BTreeMap<&RepoPath, &RepoPath> = moves.iter().map(|(from, to)| (to, from)).collect();
    resolved_are_known(ways, &laid, &wanted)?;

    let mut settling = Settling::new(inputs, target, ways);
    // What goes makes room: a directory may take the place of a file, and the other way round.
    for (path, before) in laid.iter().filter(|(path, _)| !wanted.contains_key(path) && !moves.contains_key(*path)) {
        let step = Step { from: Some((path, before)), to: None };
        settling.step(&step, inputs.tree, &|_| false)?;
    }
    let owned: BTreeSet<&RepoPath> = laid.keys().chain(wanted.keys().copied()).collect();
    let owns = |path: &RepoPath| owned.contains(path);
    let gone: Vec<RepoPath> = settling.removed().chain(moves.keys()).cloned().collect();
    let is_absent = |path: &RepoPath| inputs.tree.node(path) == Node::Absent;
    let room = Room { tree: inputs.tree, gone: &gone };
    for (path, asked) in &wanted {
        let from = match came.get(path) {
            Some(from) => laid.get_key_value(*from),
            None => laid.get_key_value(*path).filter(|_| !moves.contains_key(*path)),
        };
        let left_out = omitted.covers(path) || from.is_some_and(|(from, _)| omitted.covers(from));
        if left_out && [Some(*path), from.map(|(from, _)| from)].into_iter().flatten().all(is_absent) {
            settling.stands(path, Stand::Reached);
            continue;
        }
        settling.step(&Step { from, to: Some((path, asked)) }, &room, &owns)?;
    }
    let (mut plan, lock) = settling.finish();
    plan.edits.extend(own_files::edit(inputs.tree, "config.yaml", config)?);
    if let Some(policy) = policy {
        plan.edits.extend(own_files::edit(inputs.tree, "policy.yaml", policy)?);
    }
    plan.edits.extend(own_files::lock_edit(inputs.tree, inputs.lock, &lock)?);
    Ok(plan)
}

/// The version at which a file stands, as the lock says it: what stands in for a lost one is another.
fn version(inputs: &Inputs<'_>, path: &RepoPath) -> Option<Version> {
    let of_lock = inputs.lock.and_then(|lock| {
        // One that waits is behind the rest, and has its renames still before it.
        let held = inputs.held.base_of(path).and_then(|id| lock.bases.get(id));
        held.or_else(|| lock.bases.get(&lock.base))
    });
    of_lock.map(|base| &base.version).or(inputs.locked.map(|render| &render.identity.version)).cloned()
}

/// What somebody says is merged must be something that can be.
fn resolved_are_known(
    ways: &Ways<'_>,
    laid: &BTreeMap<RepoPath, Before>,
    wanted: &BTreeMap<&RepoPath, Asked<'_>>,
) -> Result<()> {
    let known = |path: &&RepoPath| laid.contains_key(path) || wanted.contains_key(*path);
    match ways.resolved.iter().find(|path| !known(path)) {
        None => Ok(()),
        Some(path) => Err(Error::usage(format!("`{path}` is not a file that the golden path lays here"))
            .hint("`roadbed status` lists the files that wait for a person")),
    }
}

/// The tree with the files gone that this plan takes away, so that others may come in their place.
struct Room<'a> {
    tree: &'a dyn Tree,
    gone: &'a [RepoPath],
}

impl Tree for Room<'_> {
    fn node(&self, path: &RepoPath) -> Node {
        let overlay = Overlay::new(self.tree, self.gone.iter().map(|path| (path.clone(), None)));
        match overlay.node(path) {
            Node::Directory if self.will_be_empty(path) => Node::Absent,
            node => node,
        }
    }

    fn files(&self) -> Result<Vec<RepoPath>> {
        self.tree.files()
    }

    fn is_left_out(&self, path: &RepoPath) -> bool {
        self.tree.is_left_out(path)
    }
}

impl Room<'_> {
    /// Whether all files of a directory go. One that holds files that git ignores is found out when the plan is applied.
    fn will_be_empty(&self, directory: &RepoPath) -> bool {
        let inside = |path: &RepoPath| path.strip_prefix(directory).is_some();
        self.gone.iter().any(inside)
            && self
                .tree
                .files()
                .is_ok_and(|files| files.iter().filter(|path| inside(path)).all(|path| self.gone.contains(path)))
    }
}
