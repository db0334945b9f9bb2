//! Rules of a golden path's own (`rules/*.yaml`): the same findings, fixes and tests as roadbed's.
//!
//! A rule is data. [`judged`] selects values of a file, asks `assert` of each, and says what fails; [`change`] makes the
//! fix of one, reads the result back, and offers it only if the rule finds less afterwards and nothing else changed.
//! What comes out are [`Violation`]s with [`Repair`]s, which go the way of every other rule's. [`cases`] runs the tests
//! that the rule brings along.
//!
//! Neither a rule nor a file can make it run long: queries and expressions have a number of steps, files a number of
//! values, and a rule a number of findings and fixes in one file. What runs into one of these is a finding: a rule that
//! did not look to the end has not passed.
//!
//! [`Violation`]: super::rule::Violation
//! [`Repair`]: super::rule::Repair

mod cases;
mod change;
mod judged;
mod page;

use std::rc::Rc;

use crate::golden_path::PathGlob;

use self::judged::Budget;
use super::facts::{Facts, Subject};
use super::rule::{Repair, Report, Routing, Violation};
use crate::edit::query::Query;
use crate::edit::query::view::Syntax;
use crate::error::{Error, Problem, Result};
use crate::golden_path::own_rule::{RuleFormat, RuleOwner, Sourced};
use crate::golden_path::{self, GoldenPath, OwnRule};
use crate::model::path::RepoPath;

pub use cases::{CaseFailure, failures};

/// The rules of a golden path's own, ready to be run.
#[derive(Clone, Debug, Default)]
pub struct Own(Rc<Vec<Ready>>);

/// A rule, ready to be run.
#[derive(Debug)]
pub(super) struct Ready {
    rule: OwnRule,
    /// How the golden path calls itself.
    path: String,
    globs: Vec<PathGlob>,
    select: Select,
}

#[derive(Debug)]
enum Select {
    Query(Syntax, Query),
    Pattern(Box<regex::Regex>),
}

impl Own {
    /// The rules of `path`, those that it extends included.
    pub fn of(path: &GoldenPath) -> Result<Self> {
        let ready = |Sourced { rule, file }: &Sourced| Ready::new(rule, &path.manifest.name, file);
        Ok(Own(Rc::new(path.rules.values().map(ready).collect::<Result<_>>()?)))
    }

    /// Their ids.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|ready| ready.rule.id.as_str())
    }

    /// The rule of this id.
    pub fn find(&self, id: &str) -> Option<&OwnRule> {
        self.0.iter().map(|ready| &ready.rule).find(|rule| rule.id == id)
    }

    /// Who asks for the rule of this id, in one sentence without a full stop.
    pub fn why(&self, id: &str) -> Option<String> {
        self.0
            .iter()
            .find(|ready| ready.rule.id == id)
            .map(|ready| format!("the golden path {} asks for it", ready.path))
    }

    /// What `explain` says of the rule of this id.
    pub fn page(&self, id: &str) -> Option<String> {
        self.0.iter().find(|ready| ready.rule.id == id).map(|ready| page::page(&ready.rule, &ready.path))
    }

    /// The ids of the rules that serve a control.
    pub fn serving(&self, control: &str) -> impl Iterator<Item = &str> {
        let serves = move |rule: &&OwnRule| rule.controls.iter().any(|id| id == control);
        self.0.iter().map(|ready| &ready.rule).filter(serves).map(|rule| rule.id.as_str())
    }

    /// Whether a rule looks into a file.
    pub(super) fn look_into(&self, path: &RepoPath) -> bool {
        self.0.iter().any(|ready| ready.looks_into(path))
    }

    /// Everything that they find.
    pub(super) fn run(&self, facts: &Facts<'_>, all: &mut Vec<Violation>) {
        for ready in self.0.iter() {
            let mut report = Report::default();
            let budget = Budget::new();
            for subject in facts.all().filter(|subject| ready.looks_into(&subject.path)) {
                ready.check(subject, &budget, &mut report);
            }
            let rule = || std::borrow::Cow::Owned(ready.rule.id.clone());
            all.extend(report.0.into_iter().map(|violation| Violation { rule: rule(), ..violation }));
        }
    }
}

/// What `path lint` says of a path's rules beyond what it says of all that a path holds: an id that roadbed's own rules
/// have, and rules that do not do what their cases show.
pub fn lint(path: &GoldenPath) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for Sourced { rule, file } in path.rules.values().filter(|rule| path.tree.get_str(&rule.file).is_some()) {
        if super::find(&rule.id).is_some() {
            let message = format!("`{}` is the id of a rule of roadbed's own", rule.id);
            problems.push(golden_path::problem_at(path, file, &["id"], message).hint("give the rule another id"));
        }
        for failure in failures(rule, &path.manifest.name, file)? {
            let CaseFailure { kind, number, name, message, .. } = failure;
            let keys = ["tests", kind, &number.to_string()];
            problems.push(golden_path::problem_at(path, file, &keys, format!("the case `{name}`: {message}")));
        }
    }
    Ok(problems)
}

/// Who must mend what a rule finds.
pub(super) fn routing(owner: RuleOwner) -> Routing {
    match owner {
        RuleOwner::Service => Routing::Service,
        RuleOwner::Platform => Routing::Platform,
        RuleOwner::Security => Routing::Security,
        RuleOwner::Grc => Routing::Grc,
    }
}

impl Ready {
    fn new(rule: &OwnRule, path: &str, file: &str) -> Result<Self> {
        let wrong = |message: String| Error::golden_path(format!("the rule `{}`: {message}", rule.id)).in_file(file);
        let globs = rule.files.iter().map(|glob| golden_path::glob(glob).map_err(wrong)).collect::<Result<_>>()?;
        let syntax = match rule.format {
            RuleFormat::Yaml => Some(Syntax::Yaml),
            RuleFormat::Json => Some(Syntax::Json),
            RuleFormat::Toml => Some(Syntax::Toml),
            RuleFormat::Hcl => Some(Syntax::Hcl),
            RuleFormat::Dockerfile => Some(Syntax::Dockerfile),
            RuleFormat::Text => None,
        };
        let select = match syntax {
            Some(syntax) => Select::Query(syntax, Query::parse(&rule.select).map_err(|error| wrong(error.message))?),
            None => Select::Pattern(Box::new(golden_path::pattern(&rule.select).map_err(wrong)?)),
        };
        Ok(Ready { rule: rule.clone(), path: path.to_owned(), globs, select })
    }

    fn looks_into(&self, path: &RepoPath) -> bool {
        self.globs.iter().any(|glob| glob.is_match(path.as_str()))
    }

    fn check(&self, subject: &Subject<'_>, budget: &Budget, report: &mut Report) {
        let Some(file) = subject.file() else { return };
        if file.text().is_none() {
            match &self.select {
                Select::Query(syntax, _) => subject
                    .fail(syntax.word(), crate::edit::EditError::new("this file cannot be read: it is not UTF-8")),
                Select::Pattern(_) => {
                    let message = format!("{}: the file is not UTF-8, so it cannot be judged", self.rule.title);
                    report.file(subject, message).address(subject.path.as_str());
                }
            }
            return;
        }
        let view = match &self.select {
            Select::Query(syntax, _) => match subject.view(*syntax) {
                Some(view) => Some(view),
                None => return,
            },
            Select::Pattern(_) => None,
        };
        let hits = judged::hits(self, subject.seen(), view.as_deref(), budget);
        let mut repairs = change::repairs(self, subject.seen(), view.as_deref(), &hits, budget);
        for (n, hit) in hits.into_iter().enumerate() {
            let repair: Option<Repair> = repairs.remove(&n);
            let found = match &hit.shown {
                Some(range) => report.at(subject, range, hit.message),
                None => report.file(subject, hit.message),
            };
            // What is wrong with a file as a whole is told apart by the file.
            let address = if hit.address.is_empty() { subject.path.to_string() } else { hit.address };
            found.address(address).fix(repair);
        }
    }
}

#[cfg(test)]
mod tests;
