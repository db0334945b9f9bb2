//! Selecting nodes, with every step paid for.

use super::compare::{self, Value};
use super::view::{Data, View};
use super::{Comparable, Inner, Logical, Pattern, Segment, Selector, regexp};

/// How many steps are left. A step is one look at one node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fuel(pub u64);

/// The steps did not suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfFuel;

impl Fuel {
    /// Pays for `steps`.
    pub(crate) fn pay(&mut self, steps: u64) -> Result<(), OutOfFuel> {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or_default();
        left.map(drop).ok_or(OutOfFuel)
    }
}

/// What the segments select from `start`; `root` is what `$` means inside filters.
pub(super) fn select(
    view: &View,
    segments: &[Segment],
    start: usize,
    root: usize,
    fuel: &mut Fuel,
) -> Result<Vec<usize>, OutOfFuel> {
    let mut run = Run { view, root, fuel };
    run.segments(segments, start)
}

struct Run<'r> {
    view: &'r View,
    root: usize,
    fuel: &'r mut Fuel,
}

impl Run<'_> {
    fn segments(&mut self, segments: &[Segment], start: usize) -> Result<Vec<usize>, OutOfFuel> {
        let mut nodes = vec![start];
        for segment in segments {
            let mut found = Vec::new();
            for node in nodes {
                if segment.descends {
                    self.descend(segment, node, &mut found)?;
                } else {
                    self.select(segment, node, &mut found)?;
                }
            }
            nodes = found;
        }
        Ok(nodes)
    }

    /// The node and all below it, in the order of the document.
    fn descend(&mut self, segment: &Segment, node: usize, found: &mut Vec<usize>) -> Result<(), OutOfFuel> {
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            self.select(segment, node, found)?;
            open.extend(self.view.children(node).iter().rev());
        }
        Ok(())
    }

    fn select(&mut self, segment: &Segment, node: usize, found: &mut Vec<usize>) -> Result<(), OutOfFuel> {
        let view = self.view;
        for selector in &segment.selectors {
            self.fuel.pay(1)?;
            let children = view.children(node);
            let length = i64::try_from(children.len()).unwrap_or(i64::MAX);
            let list = matches!(view.data(node), Data::List(_));
            match selector {
                Selector::Name(name) => {
                    self.fuel.pay(children.len() as u64 / 8)?;
                    found.extend(view.child(node, name));
                }
                Selector::Wildcard => {
                    self.fuel.pay(children.len() as u64)?;
                    found.extend(children);
                }
                Selector::Index(index) if list => {
                    let index = if *index < 0 { index + length } else { *index };
                    found.extend(usize::try_from(index).ok().and_then(|index| children.get(index)));
                }
                Selector::Slice(start, end, step) if list => {
                    for index in slice(length, *start, *end, *step) {
                        self.fuel.pay(1)?;
                        found.extend(usize::try_from(index).ok().and_then(|index| children.get(index)));
                    }
                }
                Selector::Index(_) | Selector::Slice(..) => {}
                Selector::Filter(condition) => {
                    for child in children {
                        self.fuel.pay(1)?;
                        if self.holds(condition, *child)? {
                            found.push(*child);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn holds(&mut self, condition: &Logical, node: usize) -> Result<bool, OutOfFuel> {
        self.fuel.pay(1)?;
        match condition {
            Logical::Or(any) => {
                for one in any {
                    if self.holds(one, node)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Logical::And(all) => {
                for one in all {
                    if !self.holds(one, node)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Logical::Not(inner) => Ok(!self.holds(inner, node)?),
            Logical::Exists(inner) => Ok(!self.inner(inner, node)?.is_empty()),
            Logical::Compare(left, operator, right) => {
                let (left, right) = (self.value(left, node)?, self.value(right, node)?);
                compare::holds(self.view, &left, *operator, &right, self.fuel)
            }
            Logical::Matches { whole, text, pattern } => {
                let text = self.value(text, node)?;
                let Some(text) = text.text(self.view) else { return Ok(false) };
                self.fuel.pay(text.len() as u64 / 16)?;
                match pattern {
                    Pattern::Fixed(regex) => Ok(regex.as_ref().is_some_and(|regex| regex.is_match(text))),
                    Pattern::Of(of) => {
                        let of = self.value(of, node)?;
                        let Some(pattern) = of.text(self.view) else { return Ok(false) };
                        self.fuel.pay(20_000)?;
                        Ok(regexp::compile(pattern, *whole).is_some_and(|regex| regex.is_match(text)))
                    }
                }
            }
        }
    }

    fn inner(&mut self, inner: &Inner, node: usize) -> Result<Vec<usize>, OutOfFuel> {
        let start = if inner.absolute { self.root } else { node };
        self.segments(&inner.segments, start)
    }

    fn value<'v>(&mut self, comparable: &'v Comparable, node: usize) -> Result<Value<'v>, OutOfFuel> {
        let single = |nodes: Vec<usize>| match nodes.as_slice() {
            [node] => Value::Node(*node),
            _ => Value::Nothing,
        };
        Ok(match comparable {
            Comparable::Literal(literal) => Value::Literal(literal),
            Comparable::Query(inner) | Comparable::Value(inner) => single(self.inner(inner, node)?),
            Comparable::Count(inner) => Value::Count(self.inner(inner, node)?.len()),
            Comparable::Length(of) => {
                let of = self.value(of, node)?;
                match of.text(self.view) {
                    Some(text) => {
                        self.fuel.pay(text.len() as u64 / 16)?;
                        Value::Count(text.chars().count())
                    }
                    None => match of {
                        Value::Node(node) if matches!(self.view.data(node), Data::List(_) | Data::Map(_)) => {
                            Value::Count(self.view.children(node).len())
                        }
                        _ => Value::Nothing,
                    },
                }
            }
        })
    }
}

/// The indices of a slice, as the RFC counts them.
fn slice(length: i64, start: Option<i64>, end: Option<i64>, step: i64) -> Vec<i64> {
    let normal = |n: i64| if n >= 0 { n } else { length.saturating_add(n) };
    let mut indices = Vec::new();
    if step > 0 {
        let lower = normal(start.unwrap_or(0)).clamp(0, length);
        let upper = normal(end.unwrap_or(length)).clamp(0, length);
        let mut n = lower;
        while n < upper {
            indices.push(n);
            n = n.saturating_add(step);
        }
    } else if step < 0 {
        let upper = start.map_or(length - 1, normal).clamp(-1, length - 1);
        let lower = end.map_or(-1, normal).clamp(-1, length - 1);
        let mut n = upper;
        while n > lower {
            indices.push(n);
            n = n.saturating_add(step);
        }
    }
    indices
}
