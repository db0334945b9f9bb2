//! RFC 9535 `JSONPath` over parsed files, with the place of every node that it selects.
//!
//! [`view::View`] is a file as a query sees it, in whatever format; each of its nodes knows its bytes. [`Query`]
//! selects nodes of it. The evaluation counts its steps, because a file under check is hostile and a query such as
//! `$..*..*` grows without measure: that, and places, is why this is no crate from elsewhere.

mod compare;
mod eval;
mod expression;
mod literal;
mod parse;
mod regexp;
pub(crate) mod view;
mod view_dockerfile;
mod view_hcl;
mod view_tree;

#[cfg(test)]
mod tests;

pub(crate) use eval::{Fuel, OutOfFuel};

use view::View;

/// A query that was read.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    segments: Vec<Segment>,
}

/// What is wrong with a query, and at which of its characters, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueryError {
    /// In one sentence without a full stop.
    pub message: String,
    /// The character.
    pub at: usize,
}

impl Query {
    /// Reads a query.
    pub(crate) fn parse(text: &str) -> Result<Self, QueryError> {
        parse::query(text)
    }

    /// The nodes that it selects below `root`, in order.
    pub(crate) fn select(&self, view: &View, root: usize, fuel: &mut Fuel) -> Result<Vec<usize>, OutOfFuel> {
        eval::select(view, &self.segments, root, root, fuel)
    }
}

/// One step of a query.
#[derive(Clone, Debug)]
struct Segment {
    /// Whether it looks at all that lies below, too (`..`).
    descends: bool,
    selectors: Vec<Selector>,
}

#[derive(Clone, Debug)]
enum Selector {
    Name(String),
    Wildcard,
    Index(i64),
    Slice(Option<i64>, Option<i64>, i64),
    Filter(Box<Logical>),
}

/// Something that is true or false of a node.
#[derive(Clone, Debug)]
enum Logical {
    Or(Vec<Logical>),
    And(Vec<Logical>),
    Not(Box<Logical>),
    Compare(Comparable, Operator, Comparable),
    /// Whether the query selects anything.
    Exists(Inner),
    /// `match` (whole) or `search`.
    Matches {
        whole: bool,
        text: Comparable,
        pattern: Pattern,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A query inside a filter.
#[derive(Clone, Debug)]
struct Inner {
    /// Whether it starts at the root (`$`) rather than at the node (`@`).
    absolute: bool,
    segments: Vec<Segment>,
}

/// Something with one value, or with none.
#[derive(Clone, Debug)]
enum Comparable {
    Literal(Literal),
    Query(Inner),
    Length(Box<Comparable>),
    Count(Inner),
    Value(Inner),
}

#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
}

#[derive(Clone, Debug)]
enum Pattern {
    /// Compiled when the query was read; none where it is no regular expression.
    Fixed(Option<regex::Regex>),
    /// Read from the file.
    Of(Comparable),
}
