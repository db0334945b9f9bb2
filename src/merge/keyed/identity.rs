//! Which item of one list is which of another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::edit::Match;
use crate::edit::tree::{Kind, Node, Type};

const USUAL: [&str; 4] = ["id", "name", "uses", "run"];

/// The keys by which items of the list under `key` are found.
pub(super) fn keys(matching: &Match, key: &str) -> Vec<String> {
    let mut keys = matching.get(key).cloned().unwrap_or_default();
    for usual in USUAL {
        if !keys.iter().any(|key| key == usual) {
            keys.push(usual.to_owned());
        }
    }
    keys
}

/// An item of a list, or a document of a file.
#[derive(Clone, Debug)]
pub(super) struct Member<'a> {
    /// Its value.
    pub node: &'a Node,
    /// What it is called under each of the keys.
    pub names: Vec<Option<String>>,
    /// What it is called: the first of its names, or all that it says.
    pub identity: String,
}

impl<'a> Member<'a> {
    /// An item that is found by `keys`.
    pub(super) fn new(node: &'a Node, keys: &[String]) -> Self {
        let name = |key: &String| {
            let text = &node.entry(key)?.1.value.scalar()?.text;
            Some(match key.as_str() {
                "uses" => text.split_once('@').map_or(text.as_str(), |(name, _)| name).to_owned(),
                "run" => text.lines().next().unwrap_or_default().to_owned(),
                _ => text.clone(),
            })
        };
        Member::named(node, keys.iter().map(name).collect())
    }

    /// An item whose names are known.
    pub(super) fn named(node: &'a Node, names: Vec<Option<String>>) -> Self {
        let first = names.iter().enumerate().find_map(|(rank, name)| Some(format!("{rank}={}", name.as_ref()?)));
        let identity = first.unwrap_or_else(|| format!("={}", said(node)));
        Member { node, names, identity }
    }

    /// Whether nothing but all that it says tells it from others.
    pub(super) fn is_nameless(&self) -> bool {
        self.names.iter().all(Option::is_none)
    }

    /// Whether both are called the same by some key, and by no key before it something else.
    fn answers_to(&self, other: &Member<'_>) -> bool {
        let both = self.names.iter().zip(&other.names).find(|(a, b)| a.is_some() && b.is_some());
        both.is_some_and(|(a, b)| a == b)
    }
}

/// Gives items of `side` that got or lost a name the identity of the one item of `base` that they can be.
pub(super) fn adopt(base: &[Member<'_>], side: &mut [Member<'_>]) {
    let known: BTreeSet<&str> = base.iter().map(|member| member.identity.as_str()).collect();
    let kept: BTreeSet<String> = side.iter().map(|member| member.identity.clone()).collect();
    let free: Vec<&Member<'_>> = base.iter().filter(|member| !kept.contains(&member.identity)).collect();
    let mut claims: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (n, member) in side.iter().enumerate().filter(|(_, member)| !known.contains(member.identity.as_str())) {
        let fits: Vec<usize> = (0..free.len()).filter(|b| member.answers_to(free[*b])).collect();
        if let [only] = fits[..] {
            claims.entry(only).or_default().push(n);
        }
    }
    for (b, claimed) in claims {
        if let [only] = claimed[..] {
            side[only].identity.clone_from(&free[b].identity);
        }
    }
}

/// All that a value says, in one text: equal for equal values.
pub(super) fn said(node: &Node) -> String {
    let mut out = String::new();
    say(node, &mut out);
    out
}

fn say(node: &Node, out: &mut String) {
    if node.anchor.is_some() {
        out.push('&');
    }
    let _ = write!(out, "{:?}", node.tag);
    match &node.kind {
        Kind::Scalar(scalar) => {
            let text = if scalar.resolved == Type::Null { "" } else { &scalar.text };
            let _ = write!(out, "{:?}{text:?}", scalar.resolved);
        }
        Kind::Alias(id) => {
            let _ = write!(out, "*{id}");
        }
        Kind::Sequence(_, items) => {
            out.push('[');
            for item in items {
                say(&item.value, out);
            }
            out.push(']');
        }
        Kind::Mapping(_, entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by_key(|entry| &entry.key);
            out.push('{');
            for entry in sorted {
                let _ = write!(out, "{:?}:", entry.key);
                say(&entry.value, out);
            }
            out.push('}');
        }
    }
}
