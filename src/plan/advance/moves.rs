//! Which file became which: renames that the golden path declares, in the spelling of case alone, and those that
//! only the contents tell.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use super::was::Before;
use crate::golden_path::{Rename, Render};
use crate::model::file::File;
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::plan::alike::{ALIKE, similarity};
use crate::plan::grouped::Asked;

/// Files that are compared by content at most, on each side.
const MOST_COMPARED: usize = 500;

/// Where each file that moves goes to. `old` is the version at which a file stands, `locked` the render of what was laid as
/// far as it can be had.
pub(super) fn moves(
    was: &BTreeMap<RepoPath, Before>,
    wanted: &BTreeMap<&RepoPath, Asked<'_>>,
    locked: Option<&Render>,
    old: &dyn Fn(&RepoPath) -> Option<Version>,
    target: &Render,
) -> BTreeMap<RepoPath, RepoPath> {
    let mut found = Moves { to: BTreeMap::new(), taken: BTreeSet::new() };
    for from in was.keys() {
        if let Some(to) = declared(from, was, wanted, (locked, old(from).as_ref()), target) {
            found.put(from, to);
        }
    }
    let stays = |path: &RepoPath| wanted.contains_key(path);
    let let_go = |path: &RepoPath| target.lets_go.iter().any(|(_, gone)| gone == path);
    let gone: Vec<&RepoPath> = was.keys().filter(|path| !stays(path) && !let_go(path)).collect();
    let new: Vec<&RepoPath> = wanted.keys().copied().filter(|path| !was.contains_key(*path)).collect();
    for from in &gone {
        let folded = new.iter().find(|to| to.folded() == from.folded());
        if let Some(to) = folded {
            found.put(from, (*to).clone());
        }
    }
    let mut pairs = Vec::new();
    for from in gone.iter().filter(|from| !found.to.contains_key(**from)).take(MOST_COMPARED) {
        for to in new.iter().filter(|to| !found.taken.contains(**to)).take(MOST_COMPARED) {
            if let Some(alike) = alike(&was[*from], wanted.get(*to)) {
                // The greater share first; among equals the one that keeps its name.
                pairs.push((alike, from.file_name() == to.file_name(), (*from).clone(), (*to).clone()));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then((&a.2, &a.3).cmp(&(&b.2, &b.3))));
    for (_, _, from, to) in pairs {
        found.put(&from, to);
    }
    found.to
}

struct Moves {
    to: BTreeMap<RepoPath, RepoPath>,
    taken: BTreeSet<RepoPath>,
}

impl Moves {
    fn put(&mut self, from: &RepoPath, to: RepoPath) {
        if from != &to && !self.to.contains_key(from) && self.taken.insert(to.clone()) {
            self.to.insert(from.clone(), to);
        }
    }
}

/// Where declared renames lead from `from`, one after the other; backwards where the repo goes back.
fn declared(
    from: &RepoPath,
    was: &BTreeMap<RepoPath, Before>,
    wanted: &BTreeMap<&RepoPath, Asked<'_>>,
    (locked, old): (Option<&Render>, Option<&Version>),
    target: &Render,
) -> Option<RepoPath> {
    let new = &target.identity.version;
    let back = old.is_some_and(|old| old > new);
    let (low, high) = if back { (Some(new), old.unwrap_or(new)) } else { (old, new) };
    let told = if back { locked.map_or(&[][..], |render| &render.renames) } else { &target.renames[..] };
    let between = told.iter().filter(|rename| lies_between(rename.since.as_ref(), low, high));
    let steps: Vec<(&RepoPath, &RepoPath)> = between.map(|rename| step(rename, back)).collect();
    let mut at = from;
    for _ in 0..=steps.len() {
        let Some((_, to)) = steps.iter().find(|(start, _)| *start == at) else { break };
        at = to;
    }
    let moved = at != from && wanted.contains_key(at) && !was.contains_key(at);
    moved.then(|| at.clone())
}

fn step(rename: &Rename, back: bool) -> (&RepoPath, &RepoPath) {
    if back { (&rename.to, &rename.from) } else { (&rename.from, &rename.to) }
}

/// Whether something that happened at `since` lies above `low` and not above `high`. Without a version it always does: whether
/// the paths are there on both sides decides.
fn lies_between(since: Option<&Version>, low: Option<&Version>, high: &Version) -> bool {
    since.is_none_or(|since| since <= high && low.is_none_or(|low| since > low))
}

/// How alike a file that goes and one that comes are; none if they are not one file.
fn alike(before: &Before, asked: Option<&Asked<'_>>) -> Option<f64> {
    let (part, new) = match (before.as_slice(), asked?) {
        ([old], Asked::Whole(new)) => (old, *new),
        ([old], Asked::Parts(parts)) => match parts.as_slice() {
            [new] if new.ownership == old.ownership => (old, *new),
            _ => return None,
        },
        _ => return None,
    };
    let once = |ownership| ownership == Ownership::Once;
    let parts = |ownership| matches!(ownership, Ownership::Keys | Ownership::Block);
    if once(part.ownership) || once(new.ownership) || parts(part.ownership) != parts(new.ownership) {
        return None;
    }
    let content = |file: &File| (!file.bytes.trim_ascii().is_empty()).then(|| file.bytes.clone());
    let alike = similarity(&content(part.base.as_ref()?)?, &content(&new.file)?);
    (alike >= ALIKE).then_some(alike)
}
