//! How every writing command ends: one process at a time, all or nothing, and an account of it.

use super::session::Session;
use super::survey::Survey;
use super::workspace::Workspace;
use crate::error::{Error, Result};
use crate::model::plan::Plan;
use crate::output::{json, listing, observed};
use crate::repo::{self, Guard, Place, Recovered};

/// The right to write in a place.
pub(super) struct Write {
    /// None for `--dry-run`, which needs no right.
    guard: Option<Guard>,
}

/// What a command did, in words.
pub(super) struct Outcome<'a> {
    /// The version before.
    pub(super) from: Option<String>,
    /// The version after.
    pub(super) to: Option<String>,
    /// The verb for the summary line.
    pub(super) done: &'static str,
    /// What people read before the changes.
    pub(super) preface: String,
    /// What `adopt` saw.
    pub(super) survey: Option<&'a Survey>,
}

impl Write {
    /// Takes the right to write, and finishes what an interrupted command left behind.
    pub(super) fn begin(session: &Session, dry_run: bool) -> Result<Self> {
        if dry_run {
            return Ok(Write { guard: None });
        }
        let place = repo::discover(&session.directory)?;
        if place.bare {
            return Err(Error::usage(format!(
                "`{}` is a bare repository, without a working tree",
                place.laid.display()
            ))
            .hint("run it in a clone that has files"));
        }
        Self::begin_at(session, &place)
    }

    /// The same for a place that is known.
    pub(super) fn begin_at(session: &Session, place: &Place) -> Result<Self> {
        let guard = Guard::take(place)?;
        if let Some(recovered) = repo::recover(place, &repo::RealDisk)? {
            session.say(account(&recovered));
        }
        Ok(Write { guard: Some(guard) })
    }

    /// Applies the plan's edits (unless it is a dry run), and tells what changed: 0, or 3 with conflicts.
    pub(super) fn finish(
        self,
        session: &Session,
        workspace: &Workspace,
        plan: &Plan,
        outcome: &Outcome<'_>,
    ) -> Result<u8> {
        let applied = self.guard.is_some();
        if applied {
            repo::apply(&workspace.place, &plan.edits, &repo::RealDisk)?;
        }
        let (prefix, conflicts) = (workspace.prefix(), workspace.conflicts(session, plan));
        if session.is_json() {
            let versions = (outcome.from.clone(), outcome.to.clone());
            let mut document = json::PlanDocument::new(versions, applied, &plan.edits, &conflicts, &prefix);
            document.notes = (!plan.notes.is_empty()).then(|| plan.notes.clone());
            if let Some(survey) = outcome.survey {
                survey.tell(&mut document, plan, workspace);
            }
            session.answer(json::text(&document, false))?;
        } else {
            let mut answer = format!("{}{}", outcome.preface, listing::changes(&plan.edits, &prefix)).into_bytes();
            if outcome.survey.is_some() && !applied {
                answer.extend(Survey::diffs(plan, workspace));
            }
            session.answer_raw(&answer)?;
            for note in &plan.notes {
                session.say(note);
            }
            if plan.edits.is_empty() && plan.conflicts.is_empty() {
                session.say(&format!("nothing to be {}", outcome.done));
            } else if !applied {
                session.say("--dry-run changed nothing");
            }
            if !plan.kept.is_empty() {
                session.say(observed::kept_text(&plan.kept, &prefix).trim_end());
            }
            if !plan.conflicts.is_empty() {
                session.say(listing::conflicts(&conflicts, &plan.edits, &prefix).trim_end());
            }
        }
        Ok(if plan.conflicts.is_empty() { 0 } else { 3 })
    }
}

fn account(recovered: &Recovered) -> &'static str {
    match recovered {
        Recovered::RolledBack => "a command was interrupted here before it changed anything; its remains are gone",
        Recovered::Finished(_) => "a command was interrupted here; what it had begun is finished",
    }
}
