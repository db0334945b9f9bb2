//! Pipelines of GitLab: the files, what they include from here, and their jobs.

use std::collections::BTreeSet;
use std::ops::Range;

use globset::GlobBuilder;

use crate::edit::documents::Part;
use crate::edit::tree::{Document, Entry, Node, Type};
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;

/// A document of a pipeline.
#[derive(Clone, Copy)]
pub(super) struct Pipeline<'f> {
    pub subject: &'f Subject<'f>,
    pub part: &'f Part,
    pub root: &'f Node,
}

/// A job, or a template of one.
#[derive(Clone, Copy)]
pub(super) struct Job<'f> {
    pub pipeline: Pipeline<'f>,
    pub entry: &'f Entry,
}

/// Keys at the top that are no jobs.
const GLOBAL: [&str; 12] = [
    "default",
    "include",
    "stages",
    "variables",
    "workflow",
    "image",
    "services",
    "cache",
    "before_script",
    "after_script",
    "spec",
    "types",
];

/// Every pipeline: those that GitLab starts with, and what they include from this repository.
pub(super) fn pipelines<'f>(facts: &'f Facts<'_>) -> Vec<Pipeline<'f>> {
    let mut files: Vec<&'f Subject<'f>> = facts.of_kind(Kind::GitLab).collect();
    let mut seen: BTreeSet<String> = files.iter().map(|subject| subject.path.to_string()).collect();
    let mut next = 0;
    let mut all = Vec::new();
    while let Some(subject) = files.get(next).copied() {
        next += 1;
        for part in subject.parts() {
            let Some(root) = &part.document.root else { continue };
            all.push(Pipeline { subject, part, root });
            for include in includes(&part.document, root) {
                let path = include.strip_prefix('/').unwrap_or(include);
                let named = included(facts, path).into_iter();
                files.extend(named.filter(|subject| seen.insert(subject.path.to_string())));
            }
        }
    }
    all
}

/// The files that a local include names: in it `*` stands for names, and `**` for directories, too.
fn included<'f>(facts: &'f Facts<'_>, path: &str) -> Vec<&'f Subject<'f>> {
    let named = |wanted: &dyn Fn(&str) -> bool| -> Vec<&'f Subject<'f>> {
        facts.of_kind(Kind::Yaml).filter(|subject| wanted(subject.path.as_str())).collect()
    };
    if !path.contains('*') {
        return named(&|other| other == path);
    }
    let glob = GlobBuilder::new(path).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map(|glob| named(&|other| glob.is_match(other))).unwrap_or_default()
}

/// The paths of this repository that a pipeline includes.
fn includes<'n>(document: &'n Document, root: &'n Node) -> Vec<&'n str> {
    let Some((_, include)) = root.entry("include") else { return Vec::new() };
    let include = document.resolve(&include.value);
    let single = [include];
    let items: Vec<&Node> = match include.items() {
        Some(items) => items.iter().map(|item| document.resolve(&item.value)).collect(),
        None => single.to_vec(),
    };
    let local = |node: &&'_ Node| node.scalar().is_some_and(|scalar| !scalar.text.contains("://"));
    items
        .into_iter()
        .filter_map(
            |item| if local(&item) { item.scalar().map(|scalar| scalar.text.as_str()) } else { text(item, "local") },
        )
        .collect()
}

/// The text of a key.
pub(super) fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    let scalar = node.entry(key)?.1.value.scalar()?;
    (scalar.resolved != Type::Null).then_some(scalar.text.as_str())
}

impl<'f> Pipeline<'f> {
    /// A range of its document, in the file.
    pub(super) fn place(&self, range: &Range<usize>) -> Range<usize> {
        self.part.start + range.start..self.part.start + range.end
    }

    /// What an alias stands for.
    pub(super) fn resolve(&self, node: &'f Node) -> &'f Node {
        self.part.document.resolve(node)
    }

    /// Its jobs and templates.
    pub(super) fn jobs(&self) -> Vec<Job<'f>> {
        let entries = self.root.entries().unwrap_or_default();
        entries
            .iter()
            .filter(|entry| !entry.is_overridden())
            .filter(|entry| !GLOBAL.contains(&entry.key.as_str()) && self.resolve(&entry.value).entries().is_some())
            .map(|entry| Job { pipeline: *self, entry })
            .collect()
    }

    /// Every mapping in which image, services, variables and scripts may stand, with its address.
    pub(super) fn places(&self) -> Vec<(String, &'f Node)> {
        let mut all = vec![("global".to_owned(), self.root)];
        if let Some((_, entry)) = self.root.entry("default") {
            all.push(("default".to_owned(), self.resolve(&entry.value)));
        }
        all.extend(self.jobs().into_iter().map(|job| (job.entry.key.clone(), job.node())));
        all
    }
}

impl<'f> Job<'f> {
    pub(super) fn node(&self) -> &'f Node {
        self.pipeline.resolve(&self.entry.value)
    }

    pub(super) fn name(&self) -> &'f str {
        &self.entry.key
    }

    /// Whether it runs: templates start with a dot.
    pub(super) fn runs(&self) -> bool {
        !self.name().starts_with('.')
    }

    /// The value of a key, its own or of what it extends.
    pub(super) fn get(&self, key: &str, all: &[Job<'f>]) -> Option<&'f Node> {
        self.get_within(key, all, 8)
    }

    fn get_within(&self, key: &str, all: &[Job<'f>], levels: usize) -> Option<&'f Node> {
        let levels = levels.checked_sub(1)?;
        let node = self.node();
        let own =
            node.entry(key).map(|(_, entry)| &entry.value).or_else(|| self.pipeline.part.document.inherited(node, key));
        own.map(|value| self.pipeline.resolve(value)).or_else(|| {
            let extends = &node.entry("extends")?.1.value;
            let names: Vec<&str> = match extends.items() {
                Some(items) => {
                    items.iter().filter_map(|item| item.value.scalar()).map(|scalar| scalar.text.as_str()).collect()
                }
                None => extends.scalar().map(|scalar| scalar.text.as_str()).into_iter().collect(),
            };
            // The last one wins.
            names.into_iter().rev().find_map(|name| {
                all.iter().find(|job| job.name() == name).and_then(|job| job.get_within(key, all, levels))
            })
        })
    }
}

/// The lines of a script under a key, each a scalar; what `!reference` brings is elsewhere.
pub(super) fn lines<'f>(node: &'f Node, key: &str) -> Vec<&'f Node> {
    fn collect<'f>(node: &'f Node, found: &mut Vec<&'f Node>) {
        if node.tag.is_some() {
            return;
        }
        match node.items() {
            Some(items) => items.iter().for_each(|item| collect(&item.value, found)),
            None if node.scalar().is_some() => found.push(node),
            None => {}
        }
    }
    let mut found = Vec::new();
    if let Some((_, entry)) = node.entry(key) {
        collect(&entry.value, &mut found);
    }
    found
}
