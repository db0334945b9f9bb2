//! Which item of one list is which item of another.

use std::collections::BTreeMap;

use crate::edit::tree::{Document, Item, Kind, Node};

/// The identity of a list item under one key: text that equal items share.
fn identity(document: &Document, node: &Node, key: &str) -> Option<String> {
    let node = document.resolve(node);
    let value = match node.entry(key) {
        Some((_, entry)) => document.resolve(&entry.value),
        None => document.inherited(node, key)?,
    };
    let text = &value.scalar()?.text;
    Some(if key == "uses" { without_ref(text) } else { text.clone() })
}

/// What a `uses` names, whatever its version.
fn without_ref(text: &str) -> String {
    text.split_once('@').map_or(text, |(name, _)| name).to_owned()
}

/// For each item of `theirs` its partner among `ours`, each used once.
///
/// Items find each other by the first of `keys` under which they are equal; an item that has a more
/// preferred key of its own with another value is another item. Items that are no mappings, or
/// have none of the keys, find their equals. Equal ones pair up in order.
pub(crate) fn align(theirs: (&Document, &[Item]), ours: (&Document, &[Item]), keys: &[String]) -> Vec<Option<usize>> {
    let mut partner: Vec<Option<usize>> = vec![None; theirs.1.len()];
    let mut taken = vec![false; ours.1.len()];
    let named = |(document, items): (&Document, &[Item])| -> Vec<Vec<Option<String>>> {
        items.iter().map(|item| keys.iter().map(|key| identity(document, &item.value, key)).collect()).collect()
    };
    let (their_names, our_names) = (named(theirs), named(ours));
    for rank in 0..keys.len() {
        let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (n, names) in our_names.iter().enumerate() {
            if let Some(name) = &names[rank] {
                by_name.entry(name).or_default().push(n);
            }
        }
        for (n, names) in their_names.iter().enumerate() {
            let (None, Some(name)) = (partner[n], &names[rank]) else { continue };
            let candidates = by_name.get(name.as_str()).map(Vec::as_slice).unwrap_or_default();
            let free = |o: &&usize| {
                !taken[**o] && !(0..rank).any(|higher| names[higher].is_some() && our_names[**o][higher].is_some())
            };
            if let Some(found) = candidates.iter().find(free).copied() {
                partner[n] = Some(found);
                taken[found] = true;
            }
        }
    }
    for (n, item) in theirs.1.iter().enumerate() {
        if partner[n].is_some() || their_names[n].iter().any(Option::is_some) {
            continue;
        }
        let equal = |o: &usize| !taken[*o] && item.value.same(ours.0.resolve(&ours.1[*o].value));
        if let Some(found) = (0..ours.1.len()).find(equal) {
            partner[n] = Some(found);
            taken[found] = true;
        }
    }
    partner
}

/// How the item at `index` is addressed: `[name=Check out]`, `[main]`, or its number; equal ones are numbered.
pub(crate) fn label(document: &Document, items: &[Item], index: usize, keys: &[String]) -> String {
    let own = |item: &Item| name(document, item, keys);
    let Some(text) = own(&items[index]) else { return format!("[{index}]") };
    let ordinal = items[..index].iter().filter(|item| own(item).as_deref() == Some(&text)).count();
    if ordinal == 0 { format!("[{text}]") } else { format!("[{text}#{}]", ordinal + 1) }
}

fn name(document: &Document, item: &Item, keys: &[String]) -> Option<String> {
    let by_key = keys.iter().find_map(|key| Some(format!("{key}={}", identity(document, &item.value, key)?)));
    by_key.or_else(|| match &document.resolve(&item.value).kind {
        Kind::Scalar(scalar) if !scalar.text.contains('\n') => Some(scalar.text.clone()),
        _ => None,
    })
}

/// `address` with one key more; keys that hold a dot, a bracket or a line end are quoted.
pub(crate) fn below(address: &str, key: &str) -> String {
    let special = |c: char| matches!(c, '.' | '[' | ']' | '"' | ' ') || c.is_control();
    let key = if key.is_empty() || key.contains(special) {
        let escaped = key.chars().map(|c| match c {
            '"' => "\\\"".to_owned(),
            c if c.is_control() => c.escape_default().to_string(),
            c => c.to_string(),
        });
        format!("\"{}\"", escaped.collect::<String>())
    } else {
        key.to_owned()
    };
    if address.is_empty() { key } else { format!("{address}.{key}") }
}
