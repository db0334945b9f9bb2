//! Three documents walked together: what they merge to, and the changes that make ours say it.

use super::clash::{Clash, ClashKind, gap, lines};
use super::comments::{Counts, Note, Notes, Wanted};
use super::identity::{self, Member};
use super::order::{Arranged, Slot, arrange};
use super::script::{Script, lines_of_one};
use super::splice::{Move, Step, Steps};
use super::tail::{self, Tail};
use crate::edit::ops::{Op, Piece, Way};
use crate::edit::tree::{Document, Entry, Item, Kind, Layout, Node};
use crate::edit::{Match, below};

/// What a document without content says.
pub(super) static NOTHING: Node =
    Node { span: 0..0, anchor: None, tag: None, kind: Kind::Mapping(Layout::Block, Vec::new()) };

/// The three versions of a document.
#[derive(Clone, Copy)]
pub(super) struct Versions<'a> {
    pub base: &'a Document,
    pub ours: &'a Document,
    pub theirs: &'a Document,
    /// How many lines of the file stand above ours and theirs.
    pub above: (usize, usize),
}

/// What three documents merge to.
pub(super) struct Outcome<'a> {
    /// The merged value.
    pub node: Node,
    /// The changes to ours, but for the order of lists.
    pub ops: Vec<Op<'a>>,
    /// Lists that stand in another order after those.
    pub moves: Vec<Move>,
    /// Texts whose lines are merged.
    pub scripts: Vec<Script>,
    /// Comments that are not ours.
    pub notes: Vec<Note>,
    /// Comments at no key, where they are not ours.
    pub tails: Vec<Tail>,
    /// How often each line of comment may stand in the result.
    pub limits: Counts,
}

/// Merges by keys.
pub(super) fn walk<'a>(versions: Versions<'a>, matching: &'a Match) -> Result<Outcome<'a>, Clash> {
    let root = |document: &'a Document| document.root.as_ref();
    let (base, ours, theirs) = (root(versions.base), root(versions.ours), root(versions.theirs));
    let mut walk = Walk {
        versions,
        matching,
        notes: Notes::new(versions),
        ops: Vec::new(),
        moves: Vec::new(),
        scripts: Vec::new(),
        noted: Vec::new(),
        tails: tail::around(&versions),
    };
    let here = Here { address: String::new(), way: Vec::new(), route: Vec::new(), key: String::new() };
    let piece = theirs.map_or(Piece::EmptyMapping, |node| Piece::Root(versions.theirs, node));
    let base = base.unwrap_or(&NOTHING);
    let node = match (ours, theirs) {
        (None, Some(theirs)) if base.is_empty() => {
            walk.ops.push(Op::Set { at: Vec::new(), piece });
            theirs.clone()
        }
        _ => {
            walk.node(Three { base, ours: ours.unwrap_or(&NOTHING), theirs: theirs.unwrap_or(&NOTHING) }, &here, piece)?
        }
    };
    let limits = walk.notes.limits();
    Ok(Outcome {
        node,
        ops: walk.ops,
        moves: walk.moves,
        scripts: walk.scripts,
        notes: walk.noted,
        tails: walk.tails,
        limits,
    })
}

/// A value in its three versions.
#[derive(Clone, Copy)]
struct Three<'a> {
    base: &'a Node,
    ours: &'a Node,
    theirs: &'a Node,
}

impl Three<'_> {
    /// Whether both sides changed it, and not alike.
    fn collides(&self) -> bool {
        !self.base.same(self.ours) && !self.base.same(self.theirs) && !self.ours.same(self.theirs)
    }
}

struct Walk<'a> {
    versions: Versions<'a>,
    matching: &'a Match,
    notes: Notes<'a>,
    ops: Vec<Op<'a>>,
    moves: Vec<Move>,
    scripts: Vec<Script>,
    noted: Vec<Note>,
    tails: Vec<Tail>,
}

/// Where the walk stands.
struct Here {
    address: String,
    /// In ours, before any change.
    way: Way,
    /// In the result.
    route: Steps,
    /// The key that holds the value: what `match` goes by.
    key: String,
}

impl Here {
    fn child(&self, address: String, index: usize, step: Step, key: &str) -> Here {
        Here {
            address,
            way: [self.way.as_slice(), &[index]].concat(),
            route: [self.route.as_slice(), &[step]].concat(),
            key: key.to_owned(),
        }
    }

    fn key(&self, key: &str) -> String {
        below(&self.address, key)
    }
}

impl<'a> Walk<'a> {
    fn clash(&self, kind: ClashKind, address: String, ours: Option<&Node>, theirs: Option<&Node>) -> Clash {
        let Versions { above, ours: here, theirs: there, .. } = self.versions;
        let ours = ours.map(|node| lines(here, &node.span, above.0));
        let theirs = theirs.map(|node| lines(there, &node.span, above.1));
        Clash { address, kind, ours, theirs }
    }

    /// One side changed `value` below `all`, and the other took it out, behind the nearest before it that it still has.
    fn deleted(
        &self,
        kind: ClashKind,
        address: String,
        value: &Node,
        (parent, before): (&Node, Option<&Node>),
    ) -> Clash {
        let Versions { above, ours, theirs, .. } = self.versions;
        if kind == ClashKind::DeletedHere {
            let here = gap(ours, parent, before, above.0);
            Clash { ours: Some(here), ..self.clash(kind, address, None, Some(value)) }
        } else {
            let there = gap(theirs, parent, before, above.1);
            Clash { theirs: Some(there), ..self.clash(kind, address, Some(value), None) }
        }
    }

    fn node(&mut self, all: Three<'a>, here: &Here, piece: Piece<'a>) -> Result<Node, Clash> {
        if all.base.same(all.theirs) || all.ours.same(all.theirs) {
            // Only for the comments: no other change here can collide.
            let (ops, moves) = (self.ops.len(), self.moves.len());
            let (noted, tails) = (self.noted.len(), self.tails.len());
            match self.children(all, here) {
                Some(Err(clash)) if clash.kind == ClashKind::Comment => return Err(clash),
                Some(Ok(_)) => {}
                None | Some(Err(_)) => {
                    self.noted.truncate(noted);
                    self.tails.truncate(tails);
                }
            }
            self.ops.truncate(ops);
            self.moves.truncate(moves);
            return Ok(all.ours.clone());
        }
        if [all.base, all.ours, all.theirs]
            .into_iter()
            .any(|node| node.anchor.is_some() || matches!(node.kind, Kind::Alias(_)) || node.inherits())
        {
            return Err(self.clash(ClashKind::Anchors, here.address.clone(), Some(all.ours), Some(all.theirs)));
        }
        if let Some(merged) = self.children(all, here) {
            return merged;
        }
        if !all.ours.same(all.base) {
            if let Some(merged) = lines_of_one(all.base, all.ours, all.theirs) {
                let text = merged.scalar().map(|scalar| scalar.text.clone()).unwrap_or_default();
                self.scripts.push(Script { route: here.route.clone(), text });
                return Ok(merged);
            }
            return Err(self.clash(ClashKind::Changed, here.address.clone(), Some(all.ours), Some(all.theirs)));
        }
        if all.ours.has_anchors() || all.theirs.has_anchors() {
            return Err(self.clash(ClashKind::Anchors, here.address.clone(), Some(all.ours), Some(all.theirs)));
        }
        self.ops.push(Op::Set { at: here.way.clone(), piece });
        Ok(all.theirs.clone())
    }

    /// Merges what three mappings or three lists hold; none if they are neither.
    fn children(&mut self, all: Three<'a>, here: &Here) -> Option<Result<Node, Clash>> {
        if all.base.tag != all.ours.tag || all.base.tag != all.theirs.tag {
            return None;
        }
        let merged = match (&all.base.kind, &all.ours.kind, &all.theirs.kind) {
            (Kind::Mapping(..), Kind::Mapping(..), Kind::Mapping(..)) => self.mapping(all, here),
            (Kind::Sequence(..), Kind::Sequence(..), Kind::Sequence(..)) => self.list(all, here),
            _ => return None,
        };
        self.tails.extend(tail::closing(&self.versions, [all.base, all.ours, all.theirs], &here.route));
        Some(merged)
    }

    fn mapping(&mut self, all: Three<'a>, here: &Here) -> Result<Node, Clash> {
        let (own, new) = (all.ours.entries().unwrap_or_default(), all.theirs.entries().unwrap_or_default());
        let mut result: Vec<Entry> = Vec::new();
        let mut removed = Vec::new();
        for (n, entry) in own.iter().enumerate() {
            let address = here.key(&entry.key);
            let value = &entry.value;
            let (old, next) = (all.base.entry(&entry.key), all.theirs.entry(&entry.key));
            let merged = match (old, next) {
                (None, None) => value.clone(),
                (None, Some((j, next))) if value.same(&next.value) => {
                    let child = here.child(address, n, Step::Key(entry.key.clone()), &entry.key);
                    self.added(all.theirs, j, child.route);
                    value.clone()
                }
                (None, Some((_, next))) => {
                    return Err(self.clash(ClashKind::Added, address, Some(value), Some(&next.value)));
                }
                (Some((_, old)), None) if value.same(&old.value) => {
                    if value.has_anchors() {
                        return Err(self.clash(ClashKind::Anchors, address, Some(value), None));
                    }
                    removed.push(n);
                    let lead = self.lead(all.base, &entry.key);
                    self.ops.push(Op::Remove { at: [here.way.as_slice(), &[n]].concat(), lead });
                    continue;
                }
                (Some((i, _)), None) => {
                    let left = (all.theirs, nearest(all.base, i, all.theirs));
                    return Err(self.deleted(ClashKind::DeletedThere, address, value, left));
                }
                (Some((i, old)), Some((j, next))) => {
                    let child = here.child(address, n, Step::Key(entry.key.clone()), &entry.key);
                    let Some(piece) = Piece::of(self.versions.theirs, all.theirs, j) else { continue };
                    self.note([(all.base, i), (all.ours, n), (all.theirs, j)], &child)?;
                    self.node(Three { base: &old.value, ours: value, theirs: &next.value }, &child, piece)?
                }
            };
            result.push(Entry { value: merged, ..entry.clone() });
        }
        let kept: Vec<usize> = (0..own.len()).filter(|n| !removed.contains(n)).collect();
        let place = |entry: &Entry| all.ours.entry(&entry.key).map(|(n, _)| n).filter(|n| kept.contains(n));
        let mut inserted = Vec::new();
        for (j, entry) in new.iter().enumerate().filter(|(_, entry)| all.ours.entry(&entry.key).is_none()) {
            let address = here.key(&entry.key);
            match all.base.entry(&entry.key) {
                Some((_, old)) if old.value.same(&entry.value) => continue,
                Some((i, _)) => {
                    let left = (all.ours, nearest(all.base, i, all.ours));
                    return Err(self.deleted(ClashKind::DeletedHere, address, &entry.value, left));
                }
                None if entry.value.has_anchors() => {
                    return Err(self.clash(ClashKind::Anchors, address, None, Some(&entry.value)));
                }
                None => {}
            }
            let before = new[..j].iter().rev().find_map(place).map(|n| n + 1);
            let after = || new[j + 1..].iter().find_map(place);
            let index = before.or_else(after).unwrap_or(own.len());
            if let Some(piece) = Piece::of(self.versions.theirs, all.theirs, j) {
                self.added(all.theirs, j, [here.route.as_slice(), &[Step::Key(entry.key.clone())]].concat());
                inserted.push(Op::Insert { into: here.way.clone(), index, piece });
                result.push(entry.clone());
            }
        }
        self.empty_or(here, own.len(), &removed, inserted, Piece::EmptyMapping);
        let Kind::Mapping(layout, _) = all.ours.kind else { return Ok(all.ours.clone()) };
        Ok(Node { kind: Kind::Mapping(layout, result), ..all.ours.clone() })
    }

    /// What is left empty says so; else the insertions are made.
    fn empty_or(&mut self, here: &Here, own: usize, removed: &[usize], inserted: Vec<Op<'a>>, empty: Piece<'a>) {
        if own > 0 && removed.len() == own && inserted.is_empty() {
            let below = here.way.len() + 1;
            self.ops
                .retain(|op| !matches!(op, Op::Remove { at, .. } if at.len() == below && at.starts_with(&here.way)));
            self.ops.push(Op::Set { at: here.way.clone(), piece: empty });
        } else {
            self.ops.extend(inserted);
        }
    }

    fn lead(&self, base: &Node, key: &str) -> Vec<String> {
        base.entry(key).map(|(n, _)| self.versions.base.lead_lines(base, n)).unwrap_or_default()
    }

    /// Notes the comments of a child of theirs that ours had not.
    fn added(&mut self, parent: &Node, index: usize, route: Steps) {
        self.noted.extend(self.notes.fresh(parent, index).map(|wanted: Wanted| Note { route, wanted }));
    }

    fn note(&mut self, at: [(&'a Node, usize); 3], child: &Here) -> Result<(), Clash> {
        match self.notes.at(at) {
            Ok(Some(wanted)) => self.noted.push(Note { route: child.route.clone(), wanted }),
            Ok(None) => {}
            Err(()) => {
                let (ours, theirs) = (at[1].0.child(at[1].1), at[2].0.child(at[2].1));
                return Err(self.clash(ClashKind::Comment, child.address.clone(), ours, theirs));
            }
        }
        Ok(())
    }

    fn list(&mut self, all: Three<'a>, here: &Here) -> Result<Node, Clash> {
        let keys = identity::keys(self.matching, &here.key);
        let members = |node: &'a Node| -> Vec<Member<'a>> {
            node.items().unwrap_or_default().iter().map(|item| Member::new(&item.value, &keys)).collect()
        };
        let (old, own, new) = (
            all.base.items().unwrap_or_default(),
            all.ours.items().unwrap_or_default(),
            all.theirs.items().unwrap_or_default(),
        );
        let arranged = arrange(&members(all.base), members(all.ours), members(all.theirs))
            .map_err(|kind| self.clash(kind, here.address.clone(), Some(all.ours), Some(all.theirs)))?;
        let removed = self.removals(&arranged, (old, own, new), all, here)?;
        let Arranged { kept, .. } = arranged;
        let laid = laid(&kept);
        let mut result: Vec<Item> = Vec::new();
        let mut inserted: Vec<(usize, Op<'a>)> = Vec::new();
        for (last, slot) in kept.iter().enumerate() {
            let position = laid.iter().position(|n| *n == last).unwrap_or(last);
            let number = slot.ours.or(slot.theirs).unwrap_or(last);
            let address = format!("{}[{number}]", here.address);
            let step = Step::Item { laid: position, last };
            let value = match (slot.base, slot.ours, slot.theirs) {
                (Some(i), Some(n), Some(j)) => {
                    let three = Three { base: &old[i].value, ours: &own[n].value, theirs: &new[j].value };
                    if slot.vague && three.collides() {
                        return Err(self.clash(ClashKind::Alike, address, Some(three.ours), Some(three.theirs)));
                    }
                    let child = here.child(address, n, step, "");
                    let Some(piece) = Piece::of(self.versions.theirs, all.theirs, j) else { continue };
                    self.note([(all.base, i), (all.ours, n), (all.theirs, j)], &child)?;
                    self.node(three, &child, piece)?
                }
                (_, Some(n), None) => own[n].value.clone(),
                (_, Some(n), Some(j)) if own[n].value.same(&new[j].value) => {
                    self.added(all.theirs, j, [here.route.as_slice(), &[step]].concat());
                    own[n].value.clone()
                }
                (_, Some(n), Some(j)) => {
                    return Err(self.clash(ClashKind::Added, address, Some(&own[n].value), Some(&new[j].value)));
                }
                (_, None, Some(j)) => {
                    let value = &new[j].value;
                    if value.has_anchors() {
                        return Err(self.clash(ClashKind::Anchors, address, None, Some(value)));
                    }
                    let Some(piece) = Piece::of(self.versions.theirs, all.theirs, j) else { continue };
                    let before = laid[..position].iter().rev().find_map(|n| kept[*n].ours);
                    let none = kept.iter().all(|slot| slot.ours.is_none());
                    let index = if none { own.len() } else { before.map_or(0, |n| n + 1) };
                    self.added(all.theirs, j, [here.route.as_slice(), &[step]].concat());
                    inserted.push((position, Op::Insert { into: here.way.clone(), index, piece }));
                    value.clone()
                }
                (_, None, None) => continue,
            };
            result.push(Item { span: 0..0, value });
        }
        inserted.sort_by_key(|(position, _)| *position);
        let inserted = inserted.into_iter().map(|(_, op)| op).collect();
        self.empty_or(here, own.len(), &removed, inserted, Piece::EmptySequence);
        if !laid.is_sorted() {
            self.moves.push(Move { route: here.route.clone(), order: laid });
        }
        let Kind::Sequence(layout, _) = all.ours.kind else { return Ok(all.ours.clone()) };
        Ok(Node { kind: Kind::Sequence(layout, result), ..all.ours.clone() })
    }

    fn removals(
        &mut self,
        arranged: &Arranged,
        (old, own, new): (&'a [Item], &'a [Item], &'a [Item]),
        all: Three<'a>,
        here: &Here,
    ) -> Result<Vec<usize>, Clash> {
        let mut removed = Vec::new();
        let before = |i: usize, side: fn(&Slot) -> Option<usize>| {
            let slots = arranged.kept.iter().chain(&arranged.gone);
            let before = slots.filter(|slot| slot.base.is_some_and(|b| b < i) && side(slot).is_some());
            before.max_by_key(|slot| slot.base).and_then(side)
        };
        for slot in &arranged.gone {
            let Some(i) = slot.base else { continue };
            let address = |n: usize| format!("{}[{n}]", here.address);
            match (slot.ours, slot.theirs) {
                (Some(n), None) => {
                    let value = &own[n].value;
                    if !value.same(&old[i].value) {
                        let before = before(i, |slot| slot.theirs).map(|j| &new[j].value);
                        return Err(self.deleted(ClashKind::DeletedThere, address(n), value, (all.theirs, before)));
                    }
                    if value.has_anchors() {
                        return Err(self.clash(ClashKind::Anchors, address(n), Some(value), None));
                    }
                    removed.push(n);
                    let lead = self.versions.base.lead_lines(all.base, i);
                    self.ops.push(Op::Remove { at: [here.way.as_slice(), &[n]].concat(), lead });
                }
                (None, Some(j)) if !new[j].value.same(&old[i].value) => {
                    let before = before(i, |slot| slot.ours).map(|n| &own[n].value);
                    return Err(self.deleted(ClashKind::DeletedHere, address(j), &new[j].value, (all.ours, before)));
                }
                _ => {}
            }
        }
        Ok(removed)
    }
}

/// The order in which the items stand before any is moved: ours in our order, each new one behind
/// the one that it comes behind in the end. Holds places in the final order.
fn laid(kept: &[Slot]) -> Vec<usize> {
    let mut laid: Vec<usize> = (0..kept.len()).filter(|n| kept[*n].ours.is_some()).collect();
    laid.sort_by_key(|n| kept[*n].ours);
    for n in (0..kept.len()).filter(|n| kept[*n].ours.is_none()) {
        let place = n.checked_sub(1).and_then(|before| laid.iter().position(|l| *l == before));
        laid.insert(place.map_or(0, |place| place + 1), n);
    }
    laid
}

/// The value of the nearest key before the one at `i` of `base` that `side` has, too.
fn nearest<'n>(base: &Node, i: usize, side: &'n Node) -> Option<&'n Node> {
    let before = base.entries().unwrap_or_default()[..i].iter().rev();
    before.filter_map(|entry| side.entry(&entry.key)).map(|(_, entry)| &entry.value).next()
}
