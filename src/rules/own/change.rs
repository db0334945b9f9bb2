//! The fix of a violation, as a splice that was read back.

use std::collections::BTreeMap;

use super::judged::{Budget, Hit, Spot, hits};
use super::{Ready, Select};
use crate::edit::Format;
use crate::edit::documents::documents;
use crate::edit::ops::{self, Op, Piece};
use crate::edit::query::view::{Data, Syntax, View};
use crate::edit::tree::{Document, Kind};
use crate::golden_path::fill;
use crate::golden_path::own_rule::{Fields, RuleFix};
use crate::model::finding::Safety;
use crate::rules::rule::{Guard, Repair};

mod fields;

/// No more fixes are made for one file at once; a later round takes up the others.
const MAX_FIXES: usize = 200;
/// All fixes of one file may read about this much again, in bytes.
const MAX_READ: usize = 2 * 1024 * 1024;

/// A text after a change, and the places that changed.
struct Changed {
    text: String,
    places: Vec<Vec<String>>,
}

/// The fixes of the hits, by their number.
pub(super) fn repairs(
    ready: &Ready,
    text: &str,
    view: Option<&View>,
    hits: &[Hit],
    budget: &Budget,
) -> BTreeMap<usize, Repair> {
    let Some(fix) = &ready.rule.fix else { return BTreeMap::new() };
    let most = (MAX_READ / text.len().max(1)).clamp(1, MAX_FIXES);
    let spots = hits.iter().enumerate().filter_map(|(n, hit)| Some((n, hit.spot.as_ref()?)));
    let one = |(n, spot): (usize, &Spot)| {
        let affordable = budget.take(text.len() as u64);
        affordable.then(|| repair(ready, fix, text, view, spot, hits.len(), budget)).flatten().map(|repair| (n, repair))
    };
    spots.take(most).filter_map(one).collect()
}

fn repair(
    ready: &Ready,
    fix: &RuleFix,
    text: &str,
    view: Option<&View>,
    spot: &Spot,
    before: usize,
    budget: &Budget,
) -> Option<Repair> {
    let (changed, guard) = match (&ready.select, view, spot.node) {
        (Select::Query(syntax, _), Some(view), Some(node)) => {
            if !view.is_editable(node) {
                return None;
            }
            let changed = in_view(fix, *syntax, text, view, node, spot)?;
            let after = View::parse(*syntax, &changed.text).ok()?;
            let places: Vec<&Vec<String>> = changed.places.iter().collect();
            if !view.same_but(&after, &places) || hits(ready, &changed.text, Some(&after), budget).len() >= before {
                return None;
            }
            let guard = Guard::Values(*syntax, changed.places.clone());
            (changed, guard)
        }
        (Select::Pattern(_), ..) => {
            let changed = in_text(fix, text, spot)?;
            if hits(ready, &changed.text, None, budget).len() >= before {
                return None;
            }
            (changed, Guard::StillReads)
        }
        _ => return None,
    };
    let (title, safe) = (title(fix, spot), fix.safety == Safety::Safe);
    let repair = if safe { Repair::safe(title) } else { Repair::risky(title) };
    let (range, new) = difference(text, &changed.text)?;
    Some(repair.replace(range, new).guarded(guard))
}

fn title(fix: &RuleFix, spot: &Spot) -> String {
    let keys = |fields: &Fields| fields.keys().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    match fix {
        RuleFix { replace: Some(template), .. } => match filled(template, spot) {
            Some(text) if text.len() <= 100 => format!("write `{text}`"),
            _ => "replace the value".to_owned(),
        },
        RuleFix { set: Some(fields), .. } => format!("set {}", keys(fields)),
        RuleFix { insert: Some(fields), .. } => format!("insert {}", keys(fields)),
        _ => "remove it".to_owned(),
    }
}

fn filled(template: &str, spot: &Spot) -> Option<String> {
    fill(template, std::slice::from_ref(&spot.value)).ok()?.into_iter().next()?
}

/// What differs between two texts, as one splice.
fn difference(before: &str, after: &str) -> Option<(std::ops::Range<usize>, String)> {
    if before == after {
        return None;
    }
    let same = before.char_indices().zip(after.chars()).find(|((_, a), b)| a != b);
    let start = same.map_or(before.len().min(after.len()), |((at, _), _)| at);
    let tail: usize = before[start..]
        .chars()
        .rev()
        .zip(after[start..].chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(c, _)| c.len_utf8())
        .sum();
    Some((start..before.len() - tail, after[start..after.len() - tail].to_owned()))
}

fn in_text(fix: &RuleFix, text: &str, spot: &Spot) -> Option<Changed> {
    let mut span = spot.span.clone();
    let new = match &fix.replace {
        Some(template) => filled(template, spot)?,
        None => {
            // A line that held nothing else goes, too.
            let start = text[..span.start].rfind('\n').map_or(0, |n| n + 1);
            let end = text[span.end..].find('\n').map_or(text.len(), |n| span.end + n + 1);
            if text[start..span.start].trim().is_empty() && text[span.end..end].trim().is_empty() {
                span = start..end;
            }
            String::new()
        }
    };
    Some(Changed { text: format!("{}{new}{}", &text[..span.start], &text[span.end..]), places: Vec::new() })
}

fn in_view(fix: &RuleFix, syntax: Syntax, text: &str, view: &View, node: usize, spot: &Spot) -> Option<Changed> {
    if let Some(template) = &fix.replace {
        let new = filled(template, spot)?;
        return replaced(syntax, text, view, node, &new);
    }
    let format = match syntax {
        Syntax::Yaml => Format::Yaml,
        Syntax::Json => Format::Json,
        Syntax::Toml => Format::Toml,
        Syntax::Hcl | Syntax::Dockerfile => return None,
    };
    let (number, way) = view.way(node);
    let (start, end) = document(format, text, number)?;
    let part = text.get(start..end)?;
    let parsed = Document::parse(format, part).ok()?;
    let steps = view.steps(node);
    let (new, places) = match fix {
        RuleFix { set: Some(fields), .. } => fields::put(format, &parsed, part, &way, &steps, fields, true, spot)?,
        RuleFix { insert: Some(fields), .. } => fields::put(format, &parsed, part, &way, &steps, fields, false, spot)?,
        _ => removed(format, &parsed, part, way, steps)?,
    };
    Some(Changed { text: format!("{}{new}{}", &text[..start], &text[end..]), places })
}

/// The bytes of the document of this number.
fn document(format: Format, text: &str, number: usize) -> Option<(usize, usize)> {
    if format != Format::Yaml {
        return Some((0, text.len()));
    }
    let part = documents(text).ok()?.into_iter().nth(number)?;
    Some((part.start, part.start + part.document.source.original().len()))
}

/// The value in the quotes that it has, else in some.
fn replaced(syntax: Syntax, text: &str, view: &View, node: usize, new: &str) -> Option<Changed> {
    if matches!(view.data(node), Data::List(_) | Data::Map(_)) || new.contains(['\n', '\r']) {
        return None;
    }
    let span = view.span(node).clone();
    let old = text.get(span.clone())?;
    let double = serde_json::to_string(new).ok()?;
    let single = format!("'{}'", new.replace('\'', "''"));
    let plain = new.to_owned();
    let ways = match (syntax, old.chars().next()?) {
        (Syntax::Dockerfile, _) => vec![plain],
        (Syntax::Yaml, '&' | '!' | '|' | '>') => return None,
        (Syntax::Yaml, '\'') => vec![single, double],
        (Syntax::Toml, '\'') if !new.contains('\'') => vec![format!("'{new}'"), double],
        (Syntax::Hcl, '"') => vec![double.replace("${", "$${").replace("%{", "%%{")],
        (_, '"') => vec![double],
        _ => vec![plain, double],
    };
    let steps = view.steps(node);
    // What a Dockerfile says twice (the words, and all of them together) changes twice.
    let place = match syntax {
        Syntax::Dockerfile => steps.iter().take(if steps.get(3).is_some_and(|s| s == "from") { 4 } else { 5 }),
        _ => steps.iter().take(steps.len()),
    };
    let place: Vec<String> = place.cloned().collect();
    ways.into_iter().find_map(|written| {
        let text = format!("{}{written}{}", &text[..span.start], &text[span.end..]);
        let after = View::parse(syntax, &text).ok()?;
        let root = *after.roots.get(view.way(node).0)?;
        let found = steps[1..].iter().try_fold(root, |here, step| match after.data(here) {
            Data::Map(_) => after.child(here, step),
            Data::List(items) => items.get(step.parse::<usize>().ok()?).copied(),
            _ => None,
        })?;
        (after.text(found)? == new).then(|| Changed { text, places: vec![place.clone()] })
    })
}

fn removed(
    format: Format,
    parsed: &Document,
    part: &str,
    mut way: Vec<usize>,
    mut steps: Vec<String>,
) -> Option<(String, Vec<Vec<String>>)> {
    let (_, above) = way.split_last()?;
    let parent = parsed.node(above)?;
    let list = matches!(parent.kind, Kind::Sequence(..));
    let alone = match &parent.kind {
        Kind::Mapping(_, entries) => entries.len() == 1,
        Kind::Sequence(_, items) => items.len() == 1,
        _ => return None,
    };
    let op = if alone && way.len() > 1 {
        way.pop();
        steps.pop();
        Op::Set { at: way, piece: if list { Piece::EmptySequence } else { Piece::EmptyMapping } }
    } else {
        if list {
            steps.pop();
        }
        Op::Remove { at: way, lead: Vec::new() }
    };
    Some((ops::apply(format, part, vec![op]).ok()?, vec![steps]))
}
