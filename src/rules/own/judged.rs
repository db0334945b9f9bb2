//! What a rule finds in one text.

use std::cell::Cell;
use std::ops::Range;

use minijinja::Value;

use super::{Ready, Select};
use crate::edit::query::Fuel;
use crate::edit::query::view::{Data, View};
use crate::golden_path::own_rule::{OnMissing, Quantifier};
use crate::golden_path::{Judged, fill, judge};

/// No more values of one file are judged.
const MAX_VALUES: usize = 20_000;
/// No more findings of one rule are reported for one file.
const MAX_HITS: usize = 500;
/// Looks at nodes that one query may take in one file.
const STEPS: u64 = 3_000_000;
/// Those that one rule may take in a whole repository; a byte that is read to make a fix counts as one, too.
const STEPS_OF_RULE: u64 = 300_000_000;
/// Bytes of a text that count as one look. Each match may have looked at all of the text.
const BYTES_A_STEP: usize = 1_024;
/// Nodes that all values of one file may hold together.
const MAX_PARTS: u64 = 400_000;

/// What one rule has left in one repository.
pub(super) struct Budget(Cell<u64>);

impl Budget {
    pub(super) fn new() -> Self {
        Budget(Cell::new(STEPS_OF_RULE))
    }

    /// Takes `steps`; false where there are not that many.
    pub(super) fn take(&self, steps: u64) -> bool {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or_default());
        left.is_some()
    }
}

/// A violation in one text.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// The bytes to show; none for the file as a whole.
    pub(super) shown: Option<Range<usize>>,
    /// The place by keys and identities.
    pub(super) address: String,
    /// What is wrong.
    pub(super) message: String,
    /// What failed, if it is one value.
    pub(super) spot: Option<Spot>,
}

/// A selected value.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// Its node, where the file has nodes.
    pub(super) node: Option<usize>,
    /// Its bytes.
    pub(super) span: Range<usize>,
    pub(super) value: Value,
}

/// Everything that the rule finds in `text`, which `view` is of.
pub(super) fn hits(ready: &Ready, text: &str, view: Option<&View>, budget: &Budget) -> Vec<Hit> {
    let rule = &ready.rule;
    let whole = |message: String| Hit { shown: None, address: String::new(), message, spot: None };
    let spots = match selected(ready, text, view, budget) {
        Ok(spots) => spots,
        Err(why) => return vec![whole(format!("{}: {why}", rule.title))],
    };
    if spots.is_empty() {
        return match rule.on_missing {
            OnMissing::Pass => Vec::new(),
            OnMissing::Fail => vec![whole(format!("{}: nothing here is what `select` asks for", rule.title))],
        };
    }
    let values: Vec<Value> = spots.iter().map(|spot| spot.value.clone()).collect();
    let verdicts =
        judge(&rule.assert, &values).unwrap_or_else(|error| vec![Judged::Errs(error.to_string()); values.len()]);
    let failed = |verdict: &Judged| match (rule.quantifier, verdict) {
        (_, Judged::Errs(_)) => true,
        (Quantifier::All | Quantifier::Any, verdict) => *verdict == Judged::Fails,
        (Quantifier::None, verdict) => *verdict == Judged::Holds,
    };
    let mut wrong: Vec<(Spot, Judged)> = Vec::new();
    let all = spots.len();
    for (spot, verdict) in spots.into_iter().zip(verdicts) {
        if failed(&verdict) {
            wrong.push((spot, verdict));
        }
    }
    if rule.quantifier == Quantifier::Any {
        if wrong.len() < all {
            return Vec::new();
        }
        wrong.truncate(1);
    }
    let more = wrong.len().saturating_sub(MAX_HITS);
    wrong.truncate(MAX_HITS);
    let values: Vec<Value> = wrong.iter().map(|(spot, _)| spot.value.clone()).collect();
    let messages = fill(&rule.message, &values).unwrap_or_else(|_| vec![None; values.len()]);
    let mut hits: Vec<Hit> = wrong
        .into_iter()
        .zip(messages)
        .map(|((spot, verdict), message)| {
            let mut message = one_line(&message.unwrap_or_else(|| rule.title.clone()));
            if let Judged::Errs(why) = verdict {
                message = format!("{message} (`assert` could not be decided: {})", one_line(&why));
            }
            let (shown, address) = match (spot.node, view) {
                (Some(node), Some(view)) => (view.shown(node).clone(), address(view, node)),
                _ => (spot.span.clone(), short(&text[spot.span.clone()])),
            };
            let shown = if shown.is_empty() && shown.start == 0 { None } else { Some(shown) };
            Hit { shown, address, message, spot: Some(spot) }
        })
        .collect();
    if more > 0 {
        let places = format!("{more} more places");
        hits.push(whole(format!("{}: {places} in this file", rule.title)));
    }
    hits
}

/// An item that nothing names is told apart by what it is.
fn address(view: &View, node: usize) -> String {
    let way = view.address(node);
    match view.text(node) {
        Some(text) if way.contains("[]") => format!("{way}={}", short(text)),
        _ => way,
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

fn one_line(text: &str) -> String {
    let line: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(400).collect();
    line.trim_end_matches('.').to_owned()
}

/// The selected values, in order.
fn selected(ready: &Ready, text: &str, view: Option<&View>, budget: &Budget) -> Result<Vec<Spot>, String> {
    let too_many = || format!("`select` finds more than {MAX_VALUES} values here, which is too many to judge");
    let too_long = || "`select` takes too many steps on this file".to_owned();
    match (&ready.select, view) {
        (Select::Pattern(pattern), _) => {
            let mut spots = Vec::new();
            let (cost, mut steps) = ((text.len() / BYTES_A_STEP) as u64 + 1, STEPS);
            for found in pattern.captures_iter(text) {
                // A group that took no part in the match leaves the match itself.
                let Some(part) = found.get(1).or_else(|| found.get(0)) else { continue };
                if spots.len() == MAX_VALUES {
                    return Err(too_many());
                }
                steps = steps.checked_sub(cost).filter(|_| budget.take(cost)).ok_or_else(too_long)?;
                spots.push(Spot { node: None, span: part.range(), value: Value::from(part.as_str()) });
            }
            Ok(spots)
        }
        (Select::Query(_, query), Some(view)) => {
            let (mut fuel, mut parts) = (Fuel(STEPS), Fuel(MAX_PARTS));
            let mut spots = Vec::new();
            for root in &view.roots {
                let before = fuel.0;
                let nodes = query.select(view, *root, &mut fuel).map_err(|_| too_long());
                let within = budget.take(before - fuel.0);
                let nodes = nodes.and_then(|nodes| if within { Ok(nodes) } else { Err(too_long()) })?;
                if spots.len() + nodes.len() > MAX_VALUES {
                    return Err(too_many());
                }
                for node in nodes {
                    let value =
                        value(view, node, &mut parts).ok_or("what `select` finds here is too large to judge")?;
                    spots.push(Spot { node: Some(node), span: view.span(node).clone(), value });
                }
            }
            Ok(spots)
        }
        (Select::Query(..), None) => Ok(Vec::new()),
    }
}

/// A node as `assert` sees it: a number is one if it reads as it is written (`2`, `1.5`), else its text (`1.10`, `0o7`).
fn value(view: &View, node: usize, parts: &mut Fuel) -> Option<Value> {
    parts.pay(1).ok()?;
    Some(match view.data(node) {
        Data::Null => Value::from(()),
        Data::Bool(value) => Value::from(*value),
        Data::Text(text) => Value::from(text.as_str()),
        Data::Number(text) => number(text),
        Data::List(children) => {
            let items: Option<Vec<Value>> = children.iter().map(|child| value(view, *child, parts)).collect();
            Value::from(items?)
        }
        Data::Map(children) => {
            let pair = |child: &usize| Some((view.key(*child)?.to_owned(), value(view, *child, parts)?));
            let pairs: Option<Vec<(String, Value)>> = children.iter().map(pair).collect();
            Value::from_pairs(pairs?)
        }
    })
}

fn number(text: &str) -> Value {
    if let Some(whole) = text.parse::<i64>().ok().filter(|n| n.to_string() == text) {
        return Value::from(whole);
    }
    match text.parse::<f64>() {
        Ok(real) if real.is_finite() && real.to_string() == text => Value::from(real),
        _ => Value::from(text),
    }
}
