//! Three versions of a list: which items are the same, and in which order what is left of them stands.

use std::collections::BTreeMap;
use std::ops::Range;

use super::clash::ClashKind;
use super::identity::{Member, adopt, said};

/// An item in its three versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Slot {
    pub base: Option<usize>,
    pub ours: Option<usize>,
    pub theirs: Option<usize>,
    /// Whether the versions were paired by their place, not by what they are called.
    pub vague: bool,
}

/// A list merged as far as its items go.
#[derive(Clone, Debug)]
pub(super) struct Arranged {
    /// What the result holds, in order.
    pub kept: Vec<Slot>,
    /// What one side or both took out.
    pub gone: Vec<Slot>,
}

/// Arranges the items of three lists.
pub(super) fn arrange(
    base: &[Member<'_>],
    mut ours: Vec<Member<'_>>,
    mut theirs: Vec<Member<'_>>,
) -> Result<Arranged, ClashKind> {
    if let ([b], [o], [t]) = (base, &ours[..], &theirs[..])
        && [b, o, t].iter().all(|member| member.is_nameless())
    {
        // The only item is the same one, whatever it says.
        let slot = Slot { base: Some(0), ours: Some(0), theirs: Some(0), vague: false };
        return Ok(Arranged { kept: vec![slot], gone: Vec::new() });
    }
    adopt(base, &mut ours);
    adopt(base, &mut theirs);
    let mut pairs = Pairs {
        slots: (0..base.len()).map(|n| Slot { base: Some(n), ..Slot::default() }).collect(),
        ours: vec![None; ours.len()],
        theirs: vec![None; theirs.len()],
        alike: Vec::new(),
    };
    pairs.pair(base, &ours, &theirs)?;
    pairs.guess(base, &ours, true);
    pairs.guess(base, &theirs, false);
    pairs.settle();
    let (seq_ours, seq_theirs) = pairs.finish();
    let order = order(&pairs.slots, base.len(), &seq_ours, &seq_theirs)?;
    let gone = |slot: &&Slot| slot.base.is_some() && (slot.ours.is_none() || slot.theirs.is_none());
    Ok(Arranged {
        gone: pairs.slots.iter().filter(gone).cloned().collect(),
        kept: order.into_iter().map(|token| pairs.slots[token].clone()).collect(),
    })
}

/// Items by token: the base's come first, then what each side added.
struct Pairs {
    slots: Vec<Slot>,
    ours: Vec<Option<usize>>,
    theirs: Vec<Option<usize>>,
    /// Nameless items that both sides have and the base has not: new, or changed alike.
    alike: Vec<(usize, usize)>,
}

impl Pairs {
    fn set(&mut self, token: usize, ours: Option<usize>, theirs: Option<usize>) {
        if let Some(n) = ours {
            self.slots[token].ours = Some(n);
            self.ours[n] = Some(token);
        }
        if let Some(n) = theirs {
            self.slots[token].theirs = Some(n);
            self.theirs[n] = Some(token);
        }
    }

    fn fresh(&mut self) -> usize {
        self.slots.push(Slot::default());
        self.slots.len() - 1
    }

    fn pair(&mut self, base: &[Member<'_>], ours: &[Member<'_>], theirs: &[Member<'_>]) -> Result<(), ClashKind> {
        let mut groups: BTreeMap<&str, [Vec<usize>; 3]> = BTreeMap::new();
        for (side, members) in [base, ours, theirs].into_iter().enumerate() {
            for (n, member) in members.iter().enumerate() {
                groups.entry(&member.identity).or_default()[side].push(n);
            }
        }
        for [b, o, t] in groups.into_values() {
            if let ([], [o], [t]) = (&b[..], &o[..], &t[..])
                && ours[*o].is_nameless()
            {
                self.alike.push((*o, *t));
                continue;
            }
            if b.is_empty() && (o.is_empty() || t.is_empty()) {
                // New, or another item changed: it is not told yet.
                continue;
            }
            if b.len() <= 1 && o.len() <= 1 && t.len() <= 1 {
                let token = b.first().copied().unwrap_or_else(|| self.fresh());
                self.set(token, o.first().copied(), t.first().copied());
                continue;
            }
            let says =
                |members: &[Member<'_>], of: &[usize]| of.iter().map(|n| said(members[*n].node)).collect::<Vec<_>>();
            let (old, here, there) = (says(base, &b), says(ours, &o), says(theirs, &t));
            if b.len() == o.len() && b.len() == t.len() {
                for n in 0..b.len() {
                    self.set(b[n], Some(o[n]), Some(t[n]));
                    self.slots[b[n]].vague = true;
                }
            } else if old == there {
                b.iter().zip(&t).for_each(|(b, t)| self.set(*b, None, Some(*t)));
                for (x, y) in in_sequence(&old, &here) {
                    self.set(b[x], Some(o[y]), None);
                }
            } else if old == here {
                b.iter().zip(&o).for_each(|(b, o)| self.set(*b, Some(*o), None));
                for (x, y) in in_sequence(&old, &there) {
                    self.set(b[x], None, Some(t[y]));
                }
            } else if here == there {
                for (x, y) in in_sequence(&old, &here) {
                    self.set(b[x], Some(o[y]), Some(t[y]));
                }
                for n in 0..o.len() {
                    if self.ours[o[n]].is_none() {
                        let token = self.fresh();
                        self.set(token, Some(o[n]), Some(t[n]));
                    }
                }
            } else {
                return Err(ClashKind::Alike);
            }
        }
        Ok(())
    }

    /// Pairs nameless items that one side put in the place of as many others.
    fn guess(&mut self, base: &[Member<'_>], side: &[Member<'_>], here: bool) {
        let tokens = if here { &self.ours } else { &self.theirs };
        let sequence: Vec<Option<usize>> = tokens.iter().map(|token| token.filter(|t| *t < base.len())).collect();
        let Some(hunks) = hunks(base.len(), &sequence) else { return };
        for (gap, added) in hunks {
            let fit = |(b, s): (usize, usize)| {
                base[b].is_nameless()
                    && side[s].is_nameless()
                    && tokens[s].is_none()
                    && std::mem::discriminant(&base[b].node.kind) == std::mem::discriminant(&side[s].node.kind)
            };
            if gap.len() == added.len() && gap.clone().zip(added.clone()).all(fit) {
                for (b, s) in gap.zip(added) {
                    let (ours, theirs) = if here { (Some(s), None) } else { (None, Some(s)) };
                    self.slots[b].vague = true;
                    self.set(b, ours, theirs);
                }
                return self.guess(base, side, here);
            }
        }
    }

    /// Items that both sides have alike are one, of the base's where both put it in the place of the same one.
    fn settle(&mut self) {
        for (o, t) in std::mem::take(&mut self.alike) {
            match (self.ours[o], self.theirs[t]) {
                (Some(here), Some(there)) if here == there => continue,
                (here, there) => {
                    if let Some(token) = here {
                        self.slots[token].ours = None;
                    }
                    if let Some(token) = there {
                        self.slots[token].theirs = None;
                    }
                }
            }
            let token = self.fresh();
            self.set(token, Some(o), Some(t));
        }
    }

    /// Gives what is left a token of its own; both sides as tokens.
    fn finish(&mut self) -> (Vec<usize>, Vec<usize>) {
        for n in 0..self.ours.len() {
            if self.ours[n].is_none() {
                let token = self.fresh();
                self.set(token, Some(n), None);
            }
        }
        for n in 0..self.theirs.len() {
            if self.theirs[n].is_none() {
                let token = self.fresh();
                self.set(token, None, Some(n));
            }
        }
        (self.ours.iter().flatten().copied().collect(), self.theirs.iter().flatten().copied().collect())
    }
}

/// Pairs equal texts in order, and what is left between those in order too.
fn in_sequence(old: &[String], new: &[String]) -> Vec<(usize, usize)> {
    let ops = similar::capture_diff_slices(similar::Algorithm::Myers, old, new);
    ops.into_iter().flat_map(|op| op.old_range().zip(op.new_range()).collect::<Vec<_>>()).collect()
}

/// What a side did to the base's items, as replaced ranges with what came instead (places in the
/// side); none where it moved some.
fn hunks(base: usize, side: &[Option<usize>]) -> Option<Vec<(Range<usize>, Range<usize>)>> {
    let mut hunks = Vec::new();
    let (mut next, mut start) = (0, 0);
    for (n, token) in side.iter().enumerate() {
        let Some(token) = *token else { continue };
        if token < next {
            return None;
        }
        if token > next || n > start {
            hunks.push((next..token, start..n));
        }
        (next, start) = (token + 1, n + 1);
    }
    if next < base || start < side.len() {
        hunks.push((next..base, start..side.len()));
    }
    Some(hunks)
}

fn order(slots: &[Slot], base: usize, ours: &[usize], theirs: &[usize]) -> Result<Vec<usize>, ClashKind> {
    let of_base = |sequence: &[usize]| sequence.iter().map(|t| Some(*t).filter(|t| *t < base)).collect::<Vec<_>>();
    let (here, there) = (hunks(base, &of_base(ours)), hunks(base, &of_base(theirs)));
    match (here, there) {
        (Some(here), Some(there)) => {
            let tokens = |sequence: &[usize], hunks: Vec<(Range<usize>, Range<usize>)>| {
                hunks.into_iter().map(|(gap, added)| (gap, sequence[added].to_vec())).collect::<Vec<_>>()
            };
            interleave(slots, base, &tokens(ours, here), tokens(theirs, there))
        }
        (None, Some(_)) => follow(slots, ours, theirs),
        (Some(_), None) => follow(slots, theirs, ours),
        (None, None) => {
            let common = |sequence: &[usize]| {
                let both = |t: &usize| *t < base && slots[*t].ours.is_some() && slots[*t].theirs.is_some();
                sequence.iter().copied().filter(both).collect::<Vec<_>>()
            };
            if common(ours) == common(theirs) { follow(slots, ours, theirs) } else { Err(ClashKind::Order) }
        }
    }
}

type Hunk = (Range<usize>, Vec<usize>);

/// Neither side moved anything.
fn interleave(slots: &[Slot], base: usize, ours: &[Hunk], theirs: Vec<Hunk>) -> Result<Vec<usize>, ClashKind> {
    let shared = |t: &usize| slots[*t].base.is_none() && slots[*t].ours.is_some() && slots[*t].theirs.is_some();
    let theirs: Vec<Hunk> = theirs
        .into_iter()
        .map(|(gap, added)| (gap, added.into_iter().filter(|t| !shared(t)).collect()))
        .filter(|(gap, added): &Hunk| !gap.is_empty() || !added.is_empty())
        .collect();
    let clash = |(a, x): &Hunk, (b, y): &Hunk| {
        let inside = |p: usize, range: &Range<usize>| range.start < p && p < range.end;
        match (a.is_empty(), b.is_empty()) {
            (true, true) => a.start == b.start,
            (true, false) => inside(a.start, b) && !y.is_empty(),
            (false, true) => inside(b.start, a) && !x.is_empty(),
            (false, false) => {
                let own = |added: &[usize]| added.iter().any(|t| !shared(t));
                a.start < b.end && b.start < a.end && (own(x) || own(y))
            }
        }
    };
    if ours.iter().any(|a| theirs.iter().any(|b| clash(a, b))) {
        return Err(ClashKind::Place);
    }
    let mut result = Vec::new();
    for place in 0..=base {
        for empty in [true, false] {
            for (gap, added) in ours.iter().chain(&theirs) {
                if gap.start == place && gap.is_empty() == empty {
                    result.extend(added.iter().copied());
                }
            }
        }
        if slots.get(place).is_some_and(|slot| place < base && slot.ours.is_some() && slot.theirs.is_some()) {
            result.push(place);
        }
    }
    Ok(result)
}

/// In the order of `frame`; what only `other` added goes behind what it stood behind there, and what it added at the end goes
/// to the end.
fn follow(slots: &[Slot], frame: &[usize], other: &[usize]) -> Result<Vec<usize>, ClashKind> {
    let dropped = |t: usize| slots[t].base.is_some() && (slots[t].ours.is_none() || slots[t].theirs.is_none());
    let mut result: Vec<usize> = frame.iter().copied().filter(|t| !dropped(*t)).collect();
    let own: Vec<usize> = other.iter().copied().filter(|t| slots[*t].base.is_none() && !frame.contains(t)).collect();
    let last = other.iter().rposition(|token| !own.contains(token)).map_or(0, |n| n + 1);
    // Where the frame has something of its own at the end, that does not tell which of both comes first.
    let ends_alike = result.last().is_some_and(|token| other.contains(token));
    let tail = if ends_alike { last } else { other.len() };
    let mut before: Option<usize> = None;
    for (n, token) in other.iter().enumerate() {
        if n >= tail {
            result.push(*token);
        } else if own.contains(token) {
            let place = before.and_then(|b| result.iter().position(|t| *t == b)).map_or(0, |n| n + 1);
            let rival = result.get(place).is_some_and(|t| slots[*t].base.is_none() && !other.contains(t));
            if rival {
                return Err(ClashKind::Place);
            }
            result.insert(place, *token);
            before = Some(*token);
        } else if result.contains(token) {
            before = Some(*token);
        }
    }
    Ok(result)
}
