//! What the rules of this family share: files, their blocks, and modules.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::edit::hcl::{Attribute, Block, Body};
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;

/// A file of Terraform that parses.
#[derive(Clone, Copy)]
pub(super) struct File<'f> {
    pub subject: &'f Subject<'f>,
    pub body: &'f Body,
}

/// Every file that parses.
pub(super) fn files<'f>(facts: &'f Facts<'_>) -> Vec<File<'f>> {
    facts.of_kind(Kind::Terraform).filter_map(|subject| Some(File { subject, body: subject.hcl()? })).collect()
}

/// Files by the directory that they are a module of.
pub(super) fn modules<'f>(facts: &'f Facts<'_>) -> BTreeMap<String, Vec<File<'f>>> {
    let mut modules: BTreeMap<String, Vec<File<'f>>> = BTreeMap::new();
    for file in files(facts) {
        let directory = file.subject.path.parent().map_or_else(String::new, |dir| dir.to_string());
        modules.entry(directory).or_default().push(file);
    }
    modules
}

/// Every block at the top of every file that parses.
pub(super) fn blocks<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (&'f Subject<'f>, &'f Block)> {
    files(facts).into_iter().flat_map(|file| file.body.blocks.iter().map(move |block| (file.subject, block)))
}

/// The resource's type, if it is a resource.
pub(super) fn resource(block: &Block) -> Option<&str> {
    (block.kind == "resource").then(|| block.labels.first().map(String::as_str)).flatten()
}

/// An attribute's place, or the block's head where it lacks it.
pub(super) fn place(block: &Block, attribute: Option<&Attribute>) -> Range<usize> {
    attribute.map_or_else(|| block.head.clone(), |attribute| attribute.span.clone())
}
