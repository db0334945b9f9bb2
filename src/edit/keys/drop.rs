//! What the path named once and names no more goes, unless somebody changed it.

use super::Match;
use super::identity::align;
use crate::edit::error::EditError;
use crate::edit::format::Format;
use crate::edit::ops::{Op, Piece, Way, apply};
use crate::edit::tree::{Document, Item, Kind, Node};

/// `repo` without the leaves that `base` names, `target` does not, and whose value is still `base`'s;
/// and without the parents that this empties, if `base` named them. Without a `target` the whole of
/// `base` goes. An item of a matched list goes whole or stays whole.
pub fn drop_keys(
    format: Format,
    repo: &str,
    base: &str,
    target: Option<&str>,
    matching: &Match,
) -> Result<String, EditError> {
    let ours = Document::parse(format, repo)?;
    let base = Document::parse(format, base)?;
    let target = target.map(|target| Document::parse(format, target)).transpose()?;
    let (Some(root), Some(old)) = (&ours.root, &base.root) else { return Ok(repo.to_owned()) };
    let walk = Walk { ours: &ours, base: &base, target: target.as_ref(), matching };
    let mut ops = Vec::new();
    let new = target.as_ref().and_then(|target| target.root.as_ref());
    match walk.node(old, new, root, &[], "", &mut ops) {
        Fate::Stays => {}
        Fate::Goes if format == Format::Json && root.items().is_some() => {
            ops = vec![Op::Set { at: Vec::new(), piece: Piece::EmptySequence }];
        }
        Fate::Goes => ops = (0..children(root)).map(|n| walk.removal(old, root, &[], n)).collect(),
    }
    if ops.is_empty() { Ok(repo.to_owned()) } else { apply(format, repo, ops) }
}

struct Walk<'a> {
    ours: &'a Document,
    base: &'a Document,
    target: Option<&'a Document>,
    matching: &'a Match,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    /// Nothing of it would be left.
    Goes,
}

fn children(node: &Node) -> usize {
    node.entries().map_or(0, <[_]>::len) + node.items().map_or(0, <[_]>::len)
}

impl<'a> Walk<'a> {
    /// Pushes what goes below `ours`; says so where that is everything and `target` does not name it.
    fn node(
        &self,
        base: &Node,
        target: Option<&Node>,
        ours: &Node,
        way: &[usize],
        key: &str,
        ops: &mut Vec<Op<'a>>,
    ) -> Fate {
        match (&base.kind, &ours.kind) {
            (Kind::Mapping(_, entries), Kind::Mapping(..)) if !entries.is_empty() => {
                if target.is_some_and(|target| target.entries().is_none()) {
                    return Fate::Stays;
                }
                let pairs = entries.iter().enumerate().filter_map(|(n, entry)| {
                    let (index, theirs) = ours.entry(&entry.key)?;
                    let next = target.and_then(|target| target.entry(&entry.key)).map(|(_, entry)| &entry.value);
                    Some((n, index, &entry.value, next, &theirs.value, entry.key.as_str()))
                });
                self.children(base, target, ours, way, pairs.collect(), ops)
            }
            (Kind::Sequence(_, items), Kind::Sequence(_, theirs))
                if !items.is_empty() && self.matching.contains_key(key) =>
            {
                let next = target.map(|target| target.items());
                if matches!(next, Some(None)) {
                    return Fate::Stays;
                }
                let keys = self.matching.get(key).map(Vec::as_slice).unwrap_or_default();
                let named = self.named(items, next.flatten(), keys);
                let partners = align((self.base, items), (self.ours, theirs), keys);
                let pairs = items.iter().enumerate().filter_map(|(n, item)| {
                    let index = partners[n]?;
                    Some((n, index, &item.value, named[n], &theirs[index].value, ""))
                });
                self.children(base, target, ours, way, pairs.collect(), ops)
            }
            _ if target.is_none() && base.same(ours) => Fate::Goes,
            _ => Fate::Stays,
        }
    }

    /// For each item of base the item of target that it became.
    fn named<'t>(&self, items: &[Item], target: Option<&'t [Item]>, keys: &[String]) -> Vec<Option<&'t Node>> {
        match (self.target, target) {
            (Some(document), Some(target)) => {
                let partners = align((self.base, items), (document, target), keys);
                partners.into_iter().map(|partner| partner.map(|n| &target[n].value)).collect()
            }
            _ => vec![None; items.len()],
        }
    }

    #[allow(clippy::type_complexity)]
    fn children(
        &self,
        base: &Node,
        target: Option<&Node>,
        ours: &Node,
        way: &[usize],
        pairs: Vec<(usize, usize, &Node, Option<&Node>, &Node, &str)>,
        ops: &mut Vec<Op<'a>>,
    ) -> Fate {
        let mut gone = Vec::new();
        let mut inner = Vec::new();
        let is_list = base.items().is_some();
        for (n, index, old, new, theirs, key) in pairs {
            let below = [way, &[index]].concat();
            let mut mine = Vec::new();
            match self.node(old, new, theirs, &below, key, &mut mine) {
                Fate::Goes => gone.push((n, index)),
                Fate::Stays if is_list && new.is_none() => {}
                Fate::Stays => inner.append(&mut mine),
            }
        }
        if !gone.is_empty() && gone.len() == children(ours) {
            if target.is_none() {
                return Fate::Goes;
            }
            if !way.is_empty() {
                let piece = if is_list { Piece::EmptySequence } else { Piece::EmptyMapping };
                ops.push(Op::Set { at: way.to_vec(), piece });
                return Fate::Stays;
            }
        }
        ops.append(&mut inner);
        ops.extend(gone.into_iter().map(|(n, index)| self.take(base, n, way, index)));
        Fate::Stays
    }

    fn take(&self, base: &Node, n: usize, way: &[usize], index: usize) -> Op<'a> {
        let at: Way = [way, &[index]].concat();
        Op::Remove { at, lead: self.base.lead_lines(base, n) }
    }

    /// The removal of our child at `index`, whichever child of base it is.
    fn removal(&self, base: &Node, ours: &Node, way: &[usize], index: usize) -> Op<'a> {
        let key = ours.entries().and_then(|entries| entries.get(index)).map(|entry| &entry.key);
        let n = key.and_then(|key| base.entry(key)).map_or(index, |(n, _)| n);
        self.take(base, n.min(children(base).saturating_sub(1)), way, index)
    }
}
