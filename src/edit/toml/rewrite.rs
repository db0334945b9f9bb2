//! One change to a TOML text through `toml_edit`, for what no splice says.

use toml_edit::{DocumentMut, Item as TomlItem, Key, Table, TableLike, Value};

use crate::edit::ops::{Op, Piece};
use crate::edit::tree::{Document, Node};

/// A place in `toml_edit`'s own tree.
enum Spot<'a> {
    Item(&'a mut TomlItem),
    Value(&'a mut Value),
    Table(&'a mut Table),
}

impl<'a> Spot<'a> {
    fn table(self) -> Option<&'a mut dyn TableLike> {
        match self {
            Spot::Item(item) => item.as_table_like_mut(),
            Spot::Value(value) => value.as_inline_table_mut().map(|table| table as &mut dyn TableLike),
            Spot::Table(table) => Some(table),
        }
    }

    fn child(self, tree: &Node, index: usize) -> Option<Spot<'a>> {
        if let Some(entries) = tree.entries() {
            return self.table()?.get_mut(&entries.get(index)?.key).map(Spot::Item);
        }
        match self {
            Spot::Item(TomlItem::ArrayOfTables(tables)) => tables.get_mut(index).map(Spot::Table),
            Spot::Item(item) => item.as_array_mut()?.get_mut(index).map(Spot::Value),
            Spot::Value(value) => value.as_array_mut()?.get_mut(index).map(Spot::Value),
            Spot::Table(_) => None,
        }
    }
}

fn spot<'a>(root: &'a mut TomlItem, tree: &Node, way: &[usize]) -> Option<Spot<'a>> {
    let mut node = tree;
    let mut spot = Spot::Item(root);
    for index in way {
        spot = spot.child(node, *index)?;
        node = node.child(*index)?;
    }
    Some(spot)
}

/// The text after `op`, made by `toml_edit`.
pub(super) fn rewrite(document: &Document, op: &Op<'_>) -> Option<String> {
    let mut toml: DocumentMut = document.text().parse().ok()?;
    let root = document.root.as_ref()?;
    match op {
        Op::Set { at, piece } => {
            let (index, way) = at.split_last()?;
            let fresh = fresh(piece)?;
            let parent = document.node(way)?;
            if let Some(entries) = parent.entries() {
                let key = &entries.get(*index)?.key;
                let table = spot(toml.as_item_mut(), root, way)?.table()?;
                table.remove(key);
                let (given, item) = fresh;
                let given = given.filter(|given| given.get() == key).unwrap_or_else(|| Key::new(key));
                put(table, *index, &given, item)?;
            } else {
                match (spot(toml.as_item_mut(), root, at)?, fresh.1) {
                    (Spot::Table(old), TomlItem::Table(new)) => *old = new,
                    (Spot::Value(old), new) => *old = new.into_value().ok()?,
                    _ => return None,
                }
            }
        }
        Op::Insert { into, index, piece } => {
            let (key, item) = fresh(piece)?;
            match (spot(toml.as_item_mut(), root, into)?, piece) {
                (Spot::Item(TomlItem::ArrayOfTables(tables)), Piece::Item(..)) => {
                    tables.insert(*index, item.into_table().ok()?);
                }
                (Spot::Item(TomlItem::Value(value)), Piece::Item(..)) => {
                    value.as_array_mut()?.insert(*index, item.into_value().ok()?);
                }
                (spot, Piece::Entry(..)) => put(spot.table()?, *index, &key?, item)?,
                _ => return None,
            }
        }
        Op::Remove { at, .. } => {
            let (index, way) = at.split_last()?;
            let parent = document.node(way)?;
            match (spot(toml.as_item_mut(), root, way)?, parent.entries()) {
                (spot, Some(entries)) => drop(spot.table()?.remove(&entries.get(*index)?.key)?),
                (Spot::Item(TomlItem::ArrayOfTables(tables)), None) => drop(tables.remove(*index)),
                _ => return None,
            }
        }
    }
    Some(document.source.reframe(&toml.to_string()))
}

/// Puts an item into a table, before the entry that is at `index` now.
fn put(table: &mut dyn TableLike, index: usize, key: &Key, item: TomlItem) -> Option<()> {
    let after: Vec<String> = table.iter().skip(index).map(|(name, _)| name.to_owned()).collect();
    let mut moved = Vec::new();
    for name in &after {
        let kept = table.key(name)?.clone();
        moved.push((kept, table.remove(name)?));
    }
    place(table, key, item);
    for (key, item) in moved {
        place(table, &key, item);
    }
    Some(())
}

fn place(table: &mut dyn TableLike, key: &Key, item: TomlItem) {
    table.entry_format(key).or_insert(item);
}

/// The piece as an item of `toml_edit`, free to stand anywhere.
fn fresh(piece: &Piece<'_>) -> Option<(Option<Key>, TomlItem)> {
    let (document, way) = match piece {
        Piece::Entry(document, _, entry) => (
            document,
            way_to(document, &|node, n| {
                node.entries().and_then(|entries| entries.get(n)).is_some_and(|other| std::ptr::eq(other, *entry))
            })?,
        ),
        Piece::Item(document, _, item) => (
            document,
            way_to(document, &|node, n| {
                node.items().and_then(|items| items.get(n)).is_some_and(|other| std::ptr::eq(other, *item))
            })?,
        ),
        Piece::Root(..) => return None,
        Piece::EmptyMapping => return Some((None, toml_edit::table())),
        Piece::EmptySequence => return Some((None, toml_edit::value(toml_edit::Array::new()))),
    };
    let mut toml: DocumentMut = document.text().parse().ok()?;
    let root = document.root.as_ref()?;
    let key = match piece {
        Piece::Entry(_, _, entry) => {
            let table = spot(toml.as_item_mut(), root, &way[..way.len() - 1])?.table()?;
            table.key(&entry.key).cloned().map(|mut key| {
                let prefix = lead(key.leaf_decor().prefix());
                key.leaf_decor_mut().set_prefix(prefix);
                key
            })
        }
        _ => None,
    };
    let mut item = match spot(toml.as_item_mut(), root, &way)? {
        Spot::Item(item) => item.clone(),
        Spot::Value(value) => TomlItem::Value(value.clone()),
        Spot::Table(table) => TomlItem::Table(table.clone()),
    };
    loosen(&mut item);
    Some((key, item))
}

fn way_to(document: &Document, is: &dyn Fn(&Node, usize) -> bool) -> Option<Vec<usize>> {
    fn within(node: &Node, is: &dyn Fn(&Node, usize) -> bool, way: &mut Vec<usize>) -> bool {
        let mut n = 0;
        while let Some(child) = node.child(n) {
            way.push(n);
            if is(node, n) || within(child, is, way) {
                return true;
            }
            way.pop();
            n += 1;
        }
        false
    }
    let mut way = Vec::new();
    within(document.root.as_ref()?, is, &mut way).then_some(way)
}

/// Forgets where tables stood, so that they follow what they are put after, a blank line between.
fn loosen(item: &mut TomlItem) {
    match item {
        TomlItem::Table(table) => loosen_table(table),
        TomlItem::ArrayOfTables(tables) => tables.iter_mut().for_each(loosen_table),
        TomlItem::None | TomlItem::Value(_) => {}
    }
}

fn loosen_table(table: &mut Table) {
    table.set_position(None);
    let prefix = lead(table.decor().prefix());
    table.decor_mut().set_prefix(format!("\n{prefix}"));
    table.iter_mut().for_each(|(_, item)| loosen(item));
}

/// The lines right above what a prefix belongs to; those further up are no part of it.
fn lead(prefix: Option<&toml_edit::RawString>) -> String {
    let prefix = prefix.and_then(toml_edit::RawString::as_str).unwrap_or_default();
    let mut lead = "";
    let mut place = prefix.len();
    for line in prefix.split_inclusive('\n').rev() {
        if line.trim().is_empty() && line.ends_with('\n') {
            break;
        }
        place -= line.len();
        lead = &prefix[place..];
    }
    lead.to_owned()
}
