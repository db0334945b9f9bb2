//! What is checked in any repository, whoever wrote its files, and how it is mended.
//!
//! Rules are pure: they see a tree (as it will be after the golden path's own edits), never the world. Each
//! file is listed once, and read and parsed once however many rules look into it. A rule reports violations
//! with places, and repairs as byte splices; [`mend`] carries repairs out, reads the result back, and takes
//! it only if the document is the same but for what the repair announced. The planner gives levels and owners.
//!
//! A golden path brings rules of its own along, as data: [`own`].
//!
//! # To add a rule
//!
//! 1. `FAMILY/NAME.rs`: a `pub(super) static RULE: Rule` (all of its fields are documented in [`Rule`]) and
//!    its `fn check(facts: &Facts<'_>, report: &mut Report)`. Ask [`facts::Facts::of_kind`] for the files, and
//!    [`facts::Subject::document`] for a parsed YAML, JSON or TOML; report with `report.at(subject, &range,
//!    message).address(…).fix(repair)`. The address is made of keys and identities, never of lines: with the rule it
//!    is the fingerprint, and the path is not part of it. One finding for each place that a person must
//!    change.
//! 2. `FAMILY/NAME.md`: under the headings `What`, `Why`, `Bad`, `Good`, `Fix`, with the list of facts on top.
//!    Each fenced block under `Bad` and `Good` whose info string names a path (`yaml .github/workflows/ci.yml`) is a
//!    case: every bad one must be found, and no good one. A block ```` ```fixed ```` behind a bad one is what the
//!    file must read, byte for byte, once all fixes of this rule are applied; one behind several files of a case names
//!    its path likewise. Blocks that belong to one case stand under one `###` heading, or follow each other.
//! 3. One line in the family's list in `FAMILY/mod.rs` (and the `mod` that Rust wants), and its level in
//!    `profiles` of `templates/golden-path.yaml`; a test says what is missing.
//!
//! A new family is a directory, and a line in [`RULES`]. Files that no family looked into so far get a
//! [`kind::Kind`]. A format of its own gets a lazily filled cell in [`facts::Subject`] beside `document`, which
//! calls `fail` where the text does not parse; that becomes the finding `parse/FORMAT`, and FORMAT goes into
//! [`FORMATS`]. A repair in such a format is compared by [`rule::Guard::Holds`].

#![allow(dead_code, reason = "what families of other formats need is here before they are")]

mod about;
mod codeowners;
mod docker;
pub mod docs;
mod facts;
mod github;
mod gitlab;
mod image_pin;
mod jenkins;
mod kind;
mod kubernetes;
mod mend;
pub mod own;
mod repo;
mod rule;
mod run;
mod stand_ins;
mod terraform;

pub use own::Own;
pub use rule::{Offer, Routing, Rule};

pub(crate) use about::About;
pub(crate) use facts::Facts;
pub(crate) use mend::{Mended, keep_feasible, mend};
pub(crate) use rule::{Repair, Violation};
pub(crate) use run::{run, unparsed};

#[cfg(test)]
mod tests;

/// Every rule, by family.
pub static RULES: &[&[&Rule]] =
    &[github::RULES, docker::RULES, kubernetes::RULES, terraform::RULES, gitlab::RULES, jenkins::RULES, repo::RULES];

/// Formats whose files must parse, each with the rule that says so.
pub const FORMATS: &[(&str, &str)] = &[
    ("yaml", "parse/yaml"),
    ("json", "parse/json"),
    ("toml", "parse/toml"),
    ("dockerfile", "parse/dockerfile"),
    ("hcl", "parse/hcl"),
    ("groovy", "parse/groovy"),
];

/// Every rule, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().flat_map(|family| family.iter().copied())
}

/// The rule of this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// The rule that a file breaks whose text is not in its format.
fn parse_rule(format: &str) -> &'static str {
    FORMATS.iter().find(|(word, _)| *word == format).map_or("parse/yaml", |(_, rule)| rule)
}
