//! What holds for every rule: its page, its cases, its fixes.

mod levels;
mod pages;

use std::collections::BTreeMap;

use super::docs::{Case, CaseFile};
use super::{Facts, Rule, Violation, keep_feasible, mend, run, unparsed};
use crate::catalogue::OFFLINE;
use crate::model::file::File;
use crate::model::path::RepoPath;
use crate::model::tree::MemoryTree;

/// A repository in memory.
pub(super) fn tree(files: &[CaseFile]) -> MemoryTree {
    files.iter().map(|file| (RepoPath::new(file.path.as_str()).unwrap(), File::regular(&*file.text))).collect()
}

/// What one rule finds in a case.
pub(super) fn found(rule: &Rule, case: &Case) -> Vec<Violation> {
    let tree = tree(&case.files);
    let facts = Facts::of(&tree, &OFFLINE).unwrap();
    let mut all = run(&facts);
    assert!(unparsed(&facts).is_empty(), "{}: {}: {:?}", rule.id, case.name, unparsed(&facts));
    keep_feasible(&facts, &mut all, &|_, _| true);
    all.retain(|violation| violation.rule == rule.id);
    all
}

/// The files after all fixes of one rule.
pub(super) fn fixed(rule: &Rule, case: &Case) -> BTreeMap<String, String> {
    let tree = tree(&case.files);
    let facts = Facts::of(&tree, &OFFLINE).unwrap();
    let mended = mend(&facts, &run(&facts), &|violation, _| violation.rule == rule.id, &|_, _| true);
    mended.into_iter().map(|(path, mended)| (path.to_string(), String::from_utf8(mended.file.bytes).unwrap())).collect()
}
