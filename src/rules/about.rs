//! What a finding says of its rule, whoever wrote the rule.

use super::own::{self, Own};
use super::rule::Routing;
use crate::model::finding::Severity;

/// A rule, as its findings show it.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// What it is worth, whatever the policy says.
    pub severity: Severity,
    /// What an attacker gains, in one sentence; a path's own rule says what it asks for.
    pub why: Option<String>,
    /// Ids of the controls that it serves.
    pub controls: Vec<String>,
    /// Whose job it is.
    pub routing: Routing,
}

impl About {
    /// What is known of the rule `id`.
    pub(crate) fn of(id: &str, own: &Own) -> Self {
        if let Some(rule) = super::find(id) {
            return About {
                severity: rule.severity,
                why: Some(rule.gain.to_owned()),
                controls: rule.controls.iter().map(|id| (*id).to_owned()).collect(),
                routing: rule.routing,
            };
        }
        match own.find(id) {
            Some(rule) => About {
                severity: rule.severity,
                why: own.why(id),
                controls: rule.controls.clone(),
                routing: own::routing(rule.owner),
            },
            None => About { severity: Severity::Medium, why: None, controls: Vec::new(), routing: Routing::Service },
        }
    }
}
