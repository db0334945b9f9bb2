//! What is written, and what a person must settle.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::Step;
use super::adopt::{by_the_path, lost};
use super::content::{self, After, Clash, Passage};
use super::named;
use super::was::Before;
use crate::error::Result;
use crate::golden_path::Render;
use crate::merge::{Labels, Side, Sides, decide, differ};
use crate::model::file::{File, FileMode};
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::plan::{ConflictKind, Plan};
use crate::model::tree::{Node, Tree};
use crate::plan::alike::{Moved, moved};
use crate::plan::grouped::Asked;
use crate::plan::hold::{guarded, mover, shell_word};
use crate::plan::lock::{base_id, base_of};
use crate::plan::{Inputs, OnConflict, Ways, measure};

/// Where a file stands after the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// At the target.
    Reached,
    /// Where it stood before: the next upgrade offers it again.
    Waits,
}

pub(super) struct Settling<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) target: &'a Render,
    pub(super) ways: &'a Ways<'a>,
    labels: Labels,
    /// The id of the target's base.
    goal: String,
    pub(super) plan: Plan,
    /// By the place where the target has the file; of one that goes, where it was.
    pub(super) stands: BTreeMap<RepoPath, Stand>,
    /// Where each was on record, if elsewhere.
    pub(super) was_at: BTreeMap<RepoPath, RepoPath>,
    /// Files that were merged where the repo had put them.
    pub(super) lies_at: BTreeMap<RepoPath, RepoPath>,
    /// Whether some file was left out by the paths that were asked for.
    pub(super) partial: bool,
    /// The repo's files as a file system that folds case sees them, read when first needed.
    by_case: OnceCell<BTreeMap<String, RepoPath>>,
}

impl<'a> Settling<'a> {
    pub(super) fn new(inputs: &'a Inputs<'a>, target: &'a Render, ways: &'a Ways<'a>) -> Self {
        let labels =
            Labels { ours: "this repository".to_owned(), theirs: format!("golden path {}", target.identity.version) };
        Settling {
            inputs,
            target,
            ways,
            labels,
            goal: base_id(&base_of(target)),
            plan: Plan::default(),
            stands: BTreeMap::new(),
            was_at: BTreeMap::new(),
            lies_at: BTreeMap::new(),
            partial: false,
            by_case: OnceCell::new(),
        }
    }

    /// Files that go.
    pub(super) fn removed(&self) -> impl Iterator<Item = &RepoPath> {
        self.plan.edits.iter().filter(|edit| edit.after.is_none()).map(|edit| &edit.path)
    }

    /// Says where a file stands.
    pub(super) fn stands(&mut self, path: &RepoPath, stand: Stand) {
        self.stands.insert(path.clone(), stand);
    }

    /// Takes one file on its way. `owned` are the places of all files of the path.
    pub(super) fn step(&mut self, step: &Step<'_>, tree: &dyn Tree, owned: &dyn Fn(&RepoPath) -> bool) -> Result<()> {
        let paths = || step.from.iter().map(|(path, _)| *path).chain(step.to.iter().map(|(path, _)| *path));
        let Some(place) = step.to.map(|(path, _)| path).or(step.from.map(|(path, _)| path)) else { return Ok(()) };
        if let (Some((from, _)), Some((to, _))) = (step.from, step.to)
            && from != to
        {
            self.was_at.insert(to.clone(), from.clone());
        }
        let selected = paths().any(|path| self.inputs.selection.has_path(path));
        let resolved = paths().any(|path| self.ways.resolved.contains(path));
        let stand = if !selected && !resolved {
            self.partial = true;
            Stand::Waits
        } else if resolved {
            self.resolved(step, tree)?
        } else {
            match (step.from, step.to) {
                (Some((from, before)), None) => self.leave(from, before, tree)?,
                (None, Some((to, asked))) => self.arrive(to, asked, tree)?,
                (Some((from, before)), Some((to, asked))) => self.change((from, before), (to, asked), tree, owned)?,
                (None, None) => Stand::Reached,
            }
        };
        self.stands(place, stand);
        Ok(())
    }

    /// The path starts to ask for the file.
    fn arrive(&mut self, to: &RepoPath, asked: &Asked<'_>, tree: &dyn Tree) -> Result<Stand> {
        if self.ways.keeps_existing && is_once(asked) {
            // A start is for what starts: nobody wants the example's code among his own.
            return Ok(Stand::Reached);
        }
        let node = tree.node(to);
        let file = match &node {
            Node::Absent => {
                if self.ways.keeps_existing
                    && let Some(stand) = self.has_elsewhere(to, asked, tree)?
                {
                    return Ok(first_stand(self.inputs, stand));
                }
                if let Some(twin) = self.twin(to, tree)? {
                    let why = "differs from it by case alone, and many file systems can hold only one of both";
                    let message = format!("{twin} {why}{}", differs(&tree.node(&twin), to, asked));
                    let (from, word) = (shell_word(twin.as_str()), shell_word(to.as_str()));
                    let next = format!("{} {from} {word} && {}", mover(self.inputs, &twin)?, self.upgrade());
                    return Ok(self.conflict(to, ConflictKind::AddAdd, message, next));
                }
                let file = self.as_held(to, None, measure::fresh(to, asked)?);
                self.edit(to, None, Some(file), asked);
                return Ok(Stand::Reached);
            }
            Node::File(file) => file,
            _ if is_once(asked) => return Ok(Stand::Reached),
            _ => return Ok(self.obstructed(to, &node, true)),
        };
        if self.ways.keeps_existing && matches!(asked, Asked::Whole(part) if part.ownership == Ownership::Merged) {
            return Ok(Stand::Reached);
        }
        let after = content::meets(to, asked, file, &self.labels, self.ways.keeps_existing);
        let free = self.plan.conflicts.len();
        let kept = self.ways.keeps_existing.then(|| after.clone());
        let stand = self.settle(to, file, after, asked)?;
        if let Some(after) = kept.filter(|_| self.plan.conflicts.len() == free) {
            self.keep(to, asked, file, &after);
        }
        Ok(first_stand(self.inputs, stand))
    }

    /// The file of the repo's that differs from `to` by case alone.
    fn twin(&self, to: &RepoPath, tree: &dyn Tree) -> Result<Option<RepoPath>> {
        let by_case = match self.by_case.get() {
            Some(known) => known,
            None => {
                let files = self.inputs.tree.files()?.into_iter().map(|path| (path.folded(), path));
                self.by_case.get_or_init(|| files.collect())
            }
        };
        let twin = by_case.get(&to.folded()).filter(|twin| *twin != to && tree.node(twin) != Node::Absent);
        Ok(twin.cloned())
    }

    /// The path asked for the file before and still does.
    fn change(
        &mut self,
        (from, before): (&RepoPath, &Before),
        (to, asked): (&RepoPath, &Asked<'_>),
        tree: &dyn Tree,
        owned: &dyn Fn(&RepoPath) -> bool,
    ) -> Result<Stand> {
        if is_once(asked) {
            return Ok(Stand::Reached);
        }
        let there = tree.node(to);
        let node = if from == to { there.clone() } else { self.inputs.tree.node(from) };
        if from != to && there != Node::Absent {
            // A file system that folds case shows one file under both names.
            let same_file = from.folded() == to.folded() && node == there;
            if same_file {
                return self.change_at(from, (from, before), (to, asked), &node);
            }
            if node == Node::Absent {
                return self.change_at(to, (to, before), (to, asked), &there);
            }
            if !matches!(there, Node::File(_)) {
                return Ok(self.obstructed(to, &there, true));
            }
            if matches!(&there, Node::File(file) if matches!(content::meets(to, asked, file, &self.labels, false), After::Same))
            {
                // What is wanted lies here: nothing needs to be moved, and the other is one that goes.
                return self.leave(from, before, self.inputs.tree);
            }
            let differs = differs(&there, to, asked);
            let message = format!("the golden path moves {from} here, but something lies here already{differs}");
            let (mv, word) = (mover(self.inputs, to)?, shell_word(to.as_str()));
            let next = format!("{mv} {word} {word}.ours && {}", self.upgrade());
            return Ok(self.conflict(to, ConflictKind::AddAdd, message, next));
        }
        if node == Node::Absent {
            return self.deleted_or_moved((from, before), (to, asked), owned);
        }
        self.change_at(from, (from, before), (to, asked), &node)
    }

    /// What the repo deleted stays deleted, and `check` reports it; what it moved is merged where it lies.
    fn deleted_or_moved(
        &mut self,
        (from, before): (&RepoPath, &Before),
        (to, asked): (&RepoPath, &Asked<'_>),
        owned: &dyn Fn(&RepoPath) -> bool,
    ) -> Result<Stand> {
        let (Asked::Whole(new), Some(known)) = (asked, before.first().and_then(|old| old.base.as_ref())) else {
            return Ok(Stand::Reached);
        };
        if new.ownership != Ownership::Merged || *known == new.file {
            return Ok(Stand::Reached);
        }
        let Some(Moved { place, file, others }) = moved(self.inputs, from, known, owned)? else {
            return Ok(Stand::Reached);
        };
        let labels = self.labels.clone();
        let (restores, modes) = (self.ways.restores, self.inputs.tree.modes());
        let passage =
            Passage { from, to, before, asked, file: &file, labels: &labels, restores, only_inserts: false, modes };
        let after = passage.after();
        let others: Vec<&str> = others.iter().map(RepoPath::as_str).collect();
        let elsewhere = match others.as_slice() {
            [] => String::new(),
            others => format!(", and not at {}, which may be the same file", others.join(", ")),
        };
        self.plan.notes.push(format!("{from} lies at {place} in this repository; it is merged there{elsewhere}"));
        self.lies_at.insert(to.clone(), place.clone());
        self.settle(&place, &file, after, asked)
    }

    fn change_at(
        &mut self,
        at: &RepoPath,
        (from, before): (&RepoPath, &Before),
        (to, asked): (&RepoPath, &Asked<'_>),
        node: &Node,
    ) -> Result<Stand> {
        let Node::File(file) = node else { return Ok(self.obstructed(at, node, false)) };
        let labels = self.labels.clone();
        let restores = self.ways.restores && !self.is_here(from, to);
        let modes = self.inputs.tree.modes();
        let passage = Passage { from, to, before, asked, file, labels: &labels, restores, only_inserts: false, modes };
        let after = passage.after();
        if at == to {
            return self.settle(at, file, after, asked);
        }
        let was_link = before.iter().any(|old| old.base.as_ref().is_some_and(|base| base.mode == FileMode::Symlink));
        if file.mode == FileMode::Symlink && !was_link && !matches!(after, After::Restore(..) | After::Clash(_)) {
            // At another place it would lead elsewhere.
            return Ok(self.obstructed(at, node, false));
        }
        self.settle_renamed(at, to, file, after, asked)
    }

    /// Whether the file stands at the target already.
    fn is_here(&self, from: &RepoPath, to: &RepoPath) -> bool {
        let Some(lock) = self.inputs.lock else { return false };
        let base = self.inputs.held.base_of(from).unwrap_or(&lock.base);
        from == to && base == self.goal
    }

    /// Writes what becomes of a file where it lies, or leaves it for a person.
    fn settle(&mut self, at: &RepoPath, file: &File, after: After, asked: &Asked<'_>) -> Result<Stand> {
        self.settle_renamed(at, at, file, after, asked)
    }

    fn settle_renamed(
        &mut self,
        at: &RepoPath,
        to: &RepoPath,
        file: &File,
        after: After,
        asked: &Asked<'_>,
    ) -> Result<Stand> {
        let node = Node::File(file.clone());
        let mut lost = None;
        let written = match after {
            After::Same if at == to => return Ok(Stand::Reached),
            After::Same => file.clone(),
            After::Write(file) => file,
            After::Restore(file, what) => {
                lost = Some(what);
                file
            }
            After::Clash(clash) => return self.clash(at, to, file, &clash, asked),
        };
        if !self.free(at, &node)? {
            return Ok(Stand::Waits);
        }
        let written = self.as_held(to, Some(file), written);
        if let Some(lost) = lost.filter(|_| written != *file) {
            let becomes = match asked {
                Asked::Whole(part) if part.ownership == Ownership::Merged => named::COMES_BACK,
                Asked::Whole(_) => named::IN_FILE,
                Asked::Parts(_) => named::IN_PART,
            };
            self.note_lost(to, Stand::Reached, &lost, becomes);
        }
        if at == to {
            self.edit(at, Some(file.clone()), Some(written), asked);
        } else {
            self.rename(at, to, file.clone(), written, asked);
        }
        Ok(Stand::Reached)
    }

    fn clash(&mut self, at: &RepoPath, to: &RepoPath, file: &File, clash: &Clash, asked: &Asked<'_>) -> Result<Stand> {
        // A file that the team moved goes by the name under which it was laid.
        let laid_as = self.lies_at.iter().find(|(_, place)| *place == at).map_or(at, |(laid, _)| laid);
        let (word, settles) = (shell_word(at.as_str()), shell_word(laid_as.as_str()));
        let decided = |side| {
            let sides = clash.sides.as_ref()?;
            let three = Sides { base: sides.base.as_ref(), ours: &sides.ours, theirs: &sides.theirs };
            Some(decide(to, &three, side))
        };
        let either = clash.either.as_ref();
        let chosen = match self.ways.conflict {
            OnConflict::Ours => either.map_or_else(|| decided(Side::Ours), |either| either.ours.0.clone()),
            OnConflict::Theirs => either.map_or_else(|| decided(Side::Theirs), |either| either.theirs.0.clone()),
            OnConflict::Markers => clash.marked.clone(),
            OnConflict::Keep => None,
        };
        let next = if self.inputs.lock.is_some() {
            format!("merge by hand, then {} --resolved {settles}", self.upgrade())
        } else {
            format!("roadbed fix {word}")
        };
        let Some(chosen) = chosen else {
            // Git alone knows that somebody's only copy lies here.
            let guard = guarded(self.inputs, at, &Node::File(file.clone()))?;
            if let Some(guard) = guard.filter(|guard| guard.kind == ConflictKind::Untracked) {
                self.plan.conflicts.push(guard);
                return Ok(Stand::Waits);
            }
            let mut message = clash.message.clone();
            if self.ways.keeps_existing {
                let theirs = by_the_path(at, asked, file);
                if let Some(lost) = theirs.as_ref().and_then(|_| lost(at, asked, file)) {
                    message = format!("{message}; `{next}` would replace {lost} (`roadbed diff {word}` shows how)");
                }
                self.offer(at, None, Some(file.clone()), theirs, asked);
            }
            return Ok(self.conflict(at, clash.kind, message, next));
        };
        let lost = clash.lost(to, file, &chosen, self.ways.conflict);
        let rest = (self.ways.conflict == OnConflict::Ours).then(|| clash.rest(file, &chosen)).flatten();
        let after = if chosen == *file { After::Same } else { After::Write(chosen) };
        let stand = self.settle_renamed(at, to, file, after, asked)?;
        if let Some((lost, becomes)) = lost {
            self.note_lost(to, stand, &lost, becomes);
        }
        self.plan.notes.extend(rest.filter(|_| stand == Stand::Reached).map(|rest| format!("{to}: {rest}")));
        if stand == Stand::Reached && self.ways.conflict == OnConflict::Markers {
            let next = format!("settle what is marked in {}, then roadbed check", shell_word(to.as_str()));
            self.conflict(to, clash.kind, format!("{}; both sides are marked in the file", clash.message), next);
        }
        Ok(stand)
    }
}

/// Where a file of the repo's is not what the path asks for, after a colon.
fn differs(node: &Node, to: &RepoPath, asked: &Asked<'_>) -> String {
    let theirs = measure::fresh(to, asked).ok();
    node.file().zip(theirs).map(|(file, theirs)| format!(": {}", differ(file, &theirs))).unwrap_or_default()
}

fn is_once(asked: &Asked<'_>) -> bool {
    matches!(asked, Asked::Whole(part) if part.ownership == Ownership::Once)
}

/// Without anything on record before, there is nothing to wait at.
fn first_stand(inputs: &Inputs<'_>, stand: Stand) -> Stand {
    if inputs.lock.is_none() { Stand::Reached } else { stand }
}
