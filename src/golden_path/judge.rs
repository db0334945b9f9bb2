//! `assert` and the templates of a path's own rules, over values that a repository holds.

use minijinja::Value;

use super::sandbox::{Sandbox, with_stack};
use crate::error::Result;

/// All values of one file together may cost about this many steps.
const FUEL: u64 = 4_000_000;
/// One value may cost this many, however few there are.
const FUEL_OF_VALUE: u64 = 100_000;
/// One value may cost this many, however many there are.
const LEAST_FUEL: u64 = 400;

/// What `assert` says of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It came to no answer, and why: that is never a pass.
    Errs(String),
}

/// What the expression says of each value.
pub(crate) fn judge(expression: &str, values: &[Value]) -> Result<Vec<Verdict>> {
    let fuel = (FUEL / values.len().max(1) as u64).clamp(LEAST_FUEL, FUEL_OF_VALUE);
    with_stack(|| {
        let sandbox = Sandbox::new()?;
        Ok(match sandbox.assertion(expression, values, fuel) {
            Ok(verdicts) => verdicts,
            Err(fault) => vec![Verdict::Errs(fault.message().to_owned()); values.len()],
        })
    })?
}

/// The template over each value; none where it does not render to one line.
pub(crate) fn fill(template: &str, values: &[Value]) -> Result<Vec<Option<String>>> {
    if !template.contains('<') {
        return Ok(vec![Some(template.to_owned()); values.len()]);
    }
    with_stack(|| {
        let sandbox = Sandbox::new()?;
        Ok(values.iter().map(|value| sandbox.over_value(template, value)).collect())
    })?
}
