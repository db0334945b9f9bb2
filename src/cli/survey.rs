//! What `adopt` saw, and what came of it: told on stderr as it goes, and in the document at the end.

use super::session::Session;
use super::workspace::Workspace;
use crate::detect::{self, Author, Confidence, Observation, Outside, Proposal};
use crate::error::Result;
use crate::golden_path::Answered;
use crate::model::plan::Plan;
use crate::output::json::PlanDocument;
use crate::output::observed::{self, Seen};
use crate::output::patch;
use crate::repo;

/// What was seen, proposed and answered.
pub(super) struct Survey {
    observations: Vec<Observation>,
    /// The observations that answer a question, the surest first.
    ranks: Vec<usize>,
    prefix: String,
    proposal: Option<Proposal>,
    answered: Answered,
}

impl Survey {
    /// Looks into a working directory.
    pub(super) fn of(workspace: &Workspace) -> Result<Self> {
        let known = repo::provenance(&workspace.place)?;
        let outside = Outside {
            remote: known.remote,
            default_branch: known.default_branch,
            authors: known.authors.into_iter().map(|(name, commits)| Author { name, commits }).collect(),
            is_root: workspace.place.prefix.is_none(),
        };
        let observations = detect::observe(workspace.tree.as_ref(), &outside)?;
        let taken = |seen: &Observation| seen.question.is_some() && seen.confidence != Confidence::Guess;
        let mut ranks: Vec<usize> = (0..observations.len()).filter(|n| taken(&observations[*n])).collect();
        ranks.sort_by_key(|n| observations[*n].confidence);
        let prefix = workspace.prefix();
        Ok(Survey { observations, ranks, prefix, proposal: None, answered: Answered::default() })
    }

    pub(super) fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// What answers questions, the surest first.
    pub(super) fn detected(&self) -> Vec<(String, String)> {
        let pair = |n: &usize| {
            let seen = &self.observations[*n];
            Some((seen.question.clone()?, seen.value.clone()))
        };
        self.ranks.iter().filter_map(pair).collect()
    }

    /// What may be offered to a person, and to nobody else.
    pub(super) fn guessed(&self) -> Vec<(String, String)> {
        let guesses = self.observations.iter().filter(|seen| seen.confidence == Confidence::Guess);
        guesses.filter_map(|seen| Some((seen.question.clone()?, seen.value.clone()))).collect()
    }

    pub(super) fn say(&self, session: &Session) {
        if self.observations.is_empty() {
            session.say("Seen here: nothing that tells what this repository is");
        } else {
            session.say(self.seen().text().trim_end());
        }
    }

    pub(super) fn propose(&mut self, session: &Session, proposal: Proposal) {
        session.say(&observed::proposal_text(&proposal));
        self.proposal = Some(proposal);
    }

    /// The template that was chosen.
    pub(super) fn template(&self) -> &str {
        self.proposal.as_ref().map_or("", |proposal| &proposal.template)
    }

    pub(super) fn answer(&mut self, session: &Session, answered: Answered) {
        session.say(self.seen().answers_text(&answered).trim_end());
        self.answered = answered;
    }

    /// Puts all of it into the document of the plan.
    pub(super) fn tell(&self, document: &mut PlanDocument, plan: &Plan, workspace: &Workspace) {
        document.observed = Some(self.seen().rows(&self.answered));
        document.proposed = self.proposal.as_ref().map(observed::proposed);
        document.answers = Some(observed::answer_rows(&self.answered));
        document.kept = Some(plan.kept.clone());
        document.notes = Some(plan.notes.clone());
        let root = workspace.place.prefix.as_ref();
        for (row, conflict) in document.conflicts.iter_mut().zip(&plan.conflicts) {
            row.diff = observed::offer(&plan.offers, &conflict.path, root);
        }
    }

    /// What changes in files that are there already, and what each collision would become.
    pub(super) fn diffs(plan: &Plan, workspace: &Workspace) -> Vec<u8> {
        let root = workspace.place.prefix.as_ref();
        let changed: Vec<_> = plan.edits.iter().filter(|edit| edit.before.is_some()).cloned().collect();
        let mut bytes = Vec::new();
        for (title, edits) in [
            ("What would be inserted into files that are there already:", &changed),
            ("Collisions: what the golden path asks for, and nothing would be done about:", &plan.offers),
        ] {
            if !edits.is_empty() {
                bytes.extend_from_slice(format!("\n{title}\n\n").as_bytes());
                bytes.extend(patch::patch(edits, root));
            }
        }
        bytes
    }

    fn seen(&self) -> Seen<'_> {
        Seen { observations: &self.observations, ranks: &self.ranks, prefix: &self.prefix }
    }
}
