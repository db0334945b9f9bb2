//! How values of a query compare.

use std::cmp::Ordering;

use super::eval::{Fuel, OutOfFuel};
use super::view::{Data, View};
use super::{Literal, Operator};

/// One side of a comparison.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'v> {
    Nothing,
    Node(usize),
    Literal(&'v Literal),
    Count(usize),
}

/// The same, with nodes looked up.
enum Plain<'p> {
    Nothing,
    Null,
    Bool(bool),
    Number(Number<'p>),
    Text(&'p str),
    Node(usize),
}

impl Value<'_> {
    /// Its text, if it is one.
    pub(super) fn text<'t>(&'t self, view: &'t View) -> Option<&'t str> {
        match self.plain(view) {
            Plain::Text(text) => Some(text),
            _ => None,
        }
    }

    fn plain<'t>(&'t self, view: &'t View) -> Plain<'t> {
        match self {
            Value::Nothing => Plain::Nothing,
            Value::Count(count) => Plain::Number(Number::Whole(*count as i128)),
            Value::Literal(Literal::Null) => Plain::Null,
            Value::Literal(Literal::Bool(value)) => Plain::Bool(*value),
            Value::Literal(Literal::Number(text)) => Plain::Number(Number::of(text)),
            Value::Literal(Literal::Text(text)) => Plain::Text(text),
            Value::Node(node) => match view.data(*node) {
                Data::Null => Plain::Null,
                Data::Bool(value) => Plain::Bool(*value),
                Data::Number(text) => Plain::Number(Number::of(text)),
                Data::Text(text) => Plain::Text(text),
                Data::List(_) | Data::Map(_) => Plain::Node(*node),
            },
        }
    }
}

/// A number: a whole one, another one, or one of a form that JSON does not have.
#[derive(Clone, Copy, Debug)]
enum Number<'n> {
    Whole(i128),
    Real(f64),
    Written(&'n str),
}

impl<'n> Number<'n> {
    fn of(text: &'n str) -> Self {
        if let Ok(whole) = text.parse() {
            return Number::Whole(whole);
        }
        let decimal = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
        match text.parse::<f64>() {
            Ok(real) if decimal && real.is_finite() => Number::Real(real),
            _ => Number::Written(text),
        }
    }

    fn order(self, other: Self) -> Option<Ordering> {
        #[allow(clippy::cast_precision_loss, reason = "JSON's numbers are compared so")]
        let real = |number| match number {
            Number::Whole(n) => Some(n as f64),
            Number::Real(n) => Some(n),
            Number::Written(_) => None,
        };
        match (self, other) {
            (Number::Whole(a), Number::Whole(b)) => Some(a.cmp(&b)),
            (Number::Written(a), Number::Written(b)) => (a == b).then_some(Ordering::Equal),
            (a, b) => real(a)?.partial_cmp(&real(b)?),
        }
    }
}

/// Whether a comparison holds.
pub(super) fn holds(
    view: &View,
    left: &Value<'_>,
    operator: Operator,
    right: &Value<'_>,
    fuel: &mut Fuel,
) -> Result<bool, OutOfFuel> {
    let equal = |fuel: &mut Fuel| equal(view, left, right, fuel);
    let less = |a: &Value<'_>, b: &Value<'_>| match (a.plain(view), b.plain(view)) {
        (Plain::Number(a), Plain::Number(b)) => a.order(b) == Some(Ordering::Less),
        (Plain::Text(a), Plain::Text(b)) => a < b,
        _ => false,
    };
    Ok(match operator {
        Operator::Equal => equal(fuel)?,
        Operator::Unequal => !equal(fuel)?,
        Operator::Less => less(left, right),
        Operator::Greater => less(right, left),
        Operator::LessOrEqual => less(left, right) || equal(fuel)?,
        Operator::GreaterOrEqual => less(right, left) || equal(fuel)?,
    })
}

fn equal(view: &View, left: &Value<'_>, right: &Value<'_>, fuel: &mut Fuel) -> Result<bool, OutOfFuel> {
    fuel.pay(1)?;
    Ok(match (left.plain(view), right.plain(view)) {
        (Plain::Nothing, Plain::Nothing) | (Plain::Null, Plain::Null) => true,
        (Plain::Bool(a), Plain::Bool(b)) => a == b,
        (Plain::Number(a), Plain::Number(b)) => a.order(b) == Some(Ordering::Equal),
        (Plain::Text(a), Plain::Text(b)) => a == b,
        (Plain::Node(a), Plain::Node(b)) => nodes(view, a, b, fuel)?,
        _ => false,
    })
}

/// Lists in order, mappings in any.
fn nodes(view: &View, a: usize, b: usize, fuel: &mut Fuel) -> Result<bool, OutOfFuel> {
    let (left, right) = (view.children(a), view.children(b));
    if left.len() != right.len() {
        return Ok(false);
    }
    match (view.data(a), view.data(b)) {
        (Data::List(_), Data::List(_)) => {
            for (a, b) in left.iter().zip(right) {
                if !equal(view, &Value::Node(*a), &Value::Node(*b), fuel)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Data::Map(_), Data::Map(_)) => {
            for child in left {
                fuel.pay(right.len() as u64 / 8)?;
                let other = view.key(*child).and_then(|key| view.child(b, key));
                let Some(other) = other else { return Ok(false) };
                if !equal(view, &Value::Node(*child), &Value::Node(other), fuel)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}
