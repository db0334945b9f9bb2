//! What to type next, as it works where the reader stands.

use super::session::Session;
use super::sources;
use super::workspace::Workspace;
use crate::model::plan::{Conflict, Plan};

impl Workspace {
    /// What the planner says to do next, as it works where the session is: the planner counts from the laid directory.
    pub(super) fn next_from(&self, session: &Session, next: &str) -> String {
        let way = sources::relative(&self.place.laid, &session.directory);
        if way == "." {
            return next.to_owned();
        }
        let way = crate::plan::shell_word(&way);
        if next.starts_with("git ") || next.starts_with("mv ") {
            return format!("cd {way} && {next}");
        }
        ["check", "fix", "upgrade"].iter().fold(next.to_owned(), |next, command| {
            next.replace(&format!("roadbed {command}"), &format!("roadbed -C {way} {command}"))
        })
    }

    /// The conflicts of a plan, each with what to do next where the session is.
    pub(super) fn conflicts(&self, session: &Session, plan: &Plan) -> Vec<Conflict> {
        let next = |conflict: &Conflict| self.next_from(session, &conflict.next);
        plan.conflicts.iter().map(|conflict| Conflict { next: next(conflict), ..conflict.clone() }).collect()
    }
}
