//! Jenkinsfiles and their declarative pipelines.

use crate::edit::jenkinsfile::{Placed, Statement, Token};
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;

/// A Jenkinsfile that parses.
#[derive(Clone, Copy)]
pub(super) struct File<'f> {
    pub subject: &'f Subject<'f>,
    pub statements: &'f [Statement],
}

/// Every Jenkinsfile that parses.
pub(super) fn files<'f>(facts: &'f Facts<'_>) -> Vec<File<'f>> {
    facts
        .of_kind(Kind::Jenkinsfile)
        .filter_map(|subject| Some(File { subject, statements: subject.jenkinsfile()? }))
        .collect()
}

impl<'f> File<'f> {
    /// The declarative pipeline.
    pub(super) fn pipeline(&self) -> Option<&'f Statement> {
        self.statements.iter().find(|statement| statement.name() == "pipeline" && !statement.blocks.is_empty())
    }

    /// Every statement, with those around it.
    pub(super) fn walk(&self, mut each: impl FnMut(&'f Statement, &[&'f Statement])) {
        for statement in self.statements {
            statement.walk(&mut Vec::new(), &mut each);
        }
    }
}

/// The first string of a statement.
pub(super) fn text(statement: &Statement) -> Option<(&str, &Placed)> {
    statement.tokens.iter().find_map(|placed| match &placed.token {
        Token::Text(_, text) => Some((text.as_str(), placed)),
        _ => None,
    })
}

/// The stage that a statement stands in; empty outside.
pub(super) fn stage<'s>(around: &[&'s Statement]) -> &'s str {
    let stage = around.iter().rev().find(|statement| statement.name() == "stage");
    stage.and_then(|stage| text(stage)).map_or("", |(name, _)| name)
}
