//! Whether the leaves of a partial document hold in a repo's file, and the edit that makes them.

use super::Match;
use super::gaps::{gaps, short};
use crate::edit::error::{self, EditError};
use crate::edit::format::Format;
use crate::edit::ops::apply;
use crate::edit::tree::Document;
use crate::model::finding::Span;

/// A key that the path names and that does not hold in the repo's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The place by keys and identities: `jobs.build.steps[name=Check out].uses`. Empty for the whole file.
    pub address: String,
    /// The value at fault, or the nearest key above what is missing; none at the top of the file.
    pub span: Option<Span>,
    /// Whether nothing is there at all.
    pub missing: bool,
    /// What should be there, on one line.
    pub expected: String,
    /// What is there, on one line.
    pub found: Option<String>,
}

/// Every leaf of `partial` that does not hold in `repo`, sorted by place. A subtree that is missing is
/// one mismatch, at its top. `tolerate` is asked with the address, the expected and the found
/// text of each scalar that differs.
pub fn compare(
    format: Format,
    repo: &str,
    partial: &str,
    matching: &Match,
    tolerate: &dyn Fn(&str, &str, &str) -> bool,
) -> Result<Vec<Mismatch>, EditError> {
    // As it was laid, and so are most files: nothing to read.
    if repo == partial {
        return Ok(Vec::new());
    }
    let partial = Document::parse(format, partial)?;
    let ours = Document::parse(format, repo)?;
    let gaps = gaps(&partial, &ours, matching, tolerate)?;
    let mut mismatches: Vec<Mismatch> = gaps
        .into_iter()
        .map(|gap| Mismatch {
            address: gap.address,
            span: gap.span.map(|span| error::span(ours.text(), &span)),
            missing: gap.missing,
            expected: short(gap.expected),
            found: gap.found,
        })
        .collect();
    mismatches.sort_by_key(|mismatch| mismatch.span);
    Ok(mismatches)
}

/// `repo` with every leaf of `partial` in it. What held already, and all that `partial` does not name,
/// stays byte for byte; what is inserted carries `partial`'s own text and comments.
pub fn assert_keys(
    format: Format,
    repo: &str,
    partial: &str,
    matching: &Match,
    tolerate: &dyn Fn(&str, &str, &str) -> bool,
) -> Result<String, EditError> {
    let partial = Document::parse(format, partial)?;
    let ours = Document::parse(format, repo)?;
    let gaps = gaps(&partial, &ours, matching, tolerate)?;
    if gaps.is_empty() {
        return Ok(repo.to_owned());
    }
    let mut ops = Vec::new();
    for gap in gaps {
        let place = gap.span.map_or(0, |span| span.start);
        let message = || format!("`{}` comes from an anchor; roadbed does not edit what others share", gap.address);
        ops.push(gap.op.ok_or_else(|| ours.error(message(), place))?);
    }
    let text = apply(format, repo, ops)?;
    let after = Document::parse(format, &text)?;
    match super::gaps::gaps(&partial, &after, matching, tolerate)?.first() {
        None => Ok(text),
        Some(gap) => Err(EditError::new(format!("`{}` cannot be set here", gap.address))),
    }
}
