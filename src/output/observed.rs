//! What `adopt` saw, what it proposes, and what it would leave alone, as people and machines read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::json::{AnswerRow, ObservedRow, Proposed};
use super::{encode, patch};
use crate::detect::{Confidence, Observation, Proposal};
use crate::golden_path::{Answered, Origin, Whence};
use crate::model::path::RepoPath;
use crate::model::plan::{Edit, Kept};

/// So wide is a column at most: what is longer pushes the rest of its line.
const WIDEST: usize = 44;

/// What was seen and what became of it.
pub struct Seen<'a> {
    /// Everything that was seen.
    pub observations: &'a [Observation],
    /// For each place among what was detected for a question, the observation that it came from.
    pub ranks: &'a [usize],
    /// The laid directory from the repository's root, with a `/` at its end.
    pub prefix: &'a str,
}

impl Seen<'_> {
    /// What was seen, a line each: what, value, place, why.
    pub fn text(&self) -> String {
        // One line that answers two questions is one line.
        let mut shown: Vec<&Observation> = self.observations.iter().collect();
        shown.dedup_by(|b, a| (a.what, &a.value, &a.path, a.line) == (b.what, &b.value, &b.path, b.line));
        let rows = shown.into_iter().map(|seen| {
            let sure = match seen.confidence {
                Confidence::Certain => "",
                Confidence::Likely => " (likely)",
                Confidence::Guess => " (a guess, not taken)",
            };
            [seen.what.to_owned(), seen.value.clone(), self.place(seen), format!("{}{sure}", seen.why)]
        });
        format!("Seen here:\n{}", table(rows))
    }

    fn place(&self, seen: &Observation) -> String {
        match (&seen.path, seen.line) {
            (Some(path), Some(line)) => format!("{}{path}:{line}", self.prefix),
            (Some(path), None) => format!("{}{path}", self.prefix),
            // What is nowhere was looked for in the files.
            (None, _) if seen.value == "none" => "no file".to_owned(),
            (None, _) => "git".to_owned(),
        }
    }

    fn observation(&self, rank: usize) -> Option<&Observation> {
        self.observations.get(*self.ranks.get(rank)?)
    }

    /// The answers with where each comes from, and what was seen and does not fit.
    pub fn answers_text(&self, answered: &Answered) -> String {
        let rows = answered.answers.iter().map(|(id, value)| {
            let from = answered.from.get(id);
            let place = match from {
                Some(Whence::Given(Origin::Detected(rank))) => self.observation(*rank).map(|seen| self.place(seen)),
                _ => None,
            };
            [
                id.clone(),
                value.to_string(),
                place.map_or_else(|| whence(from).to_owned(), |at| format!("detected, {at}")),
                String::new(),
            ]
        });
        let mut text = format!("Answers (--set ID=VALUE for another one):\n{}", table(rows));
        let unfit: Vec<String> =
            answered.unfit.iter().filter_map(|unfit| self.unfit_line(unfit.rank, &unfit.why)).collect();
        if !unfit.is_empty() {
            let _ = write!(text, "Seen, and not taken:\n{}", unfit.concat());
        }
        text
    }

    fn unfit_line(&self, rank: usize, why: &str) -> Option<String> {
        let seen = self.observation(rank)?;
        let question = seen.question.as_deref().unwrap_or(seen.what);
        Some(format!("  {}: {} ({})\n", encode::line(question), encode::line(why), encode::line(&self.place(seen))))
    }

    /// The same for machines.
    pub fn rows(&self, answered: &Answered) -> Vec<ObservedRow> {
        let used: Vec<usize> = answered
            .from
            .values()
            .filter_map(|from| {
                if let Whence::Given(Origin::Detected(rank)) = from { self.ranks.get(*rank).copied() } else { None }
            })
            .collect();
        let unfit: BTreeMap<usize, &str> = answered
            .unfit
            .iter()
            .filter_map(|unfit| Some((*self.ranks.get(unfit.rank)?, unfit.why.as_str())))
            .collect();
        let row = |(n, seen): (usize, &Observation)| ObservedRow {
            what: seen.what.to_owned(),
            value: seen.value.clone(),
            path: seen.path.as_ref().map(|path| format!("{}{path}", self.prefix)),
            line: seen.line,
            why: seen.why.clone(),
            confidence: seen.confidence,
            question: seen.question.clone(),
            used: used.contains(&n),
            unfit: unfit.get(&n).map(|why| (*why).to_owned()),
        };
        self.observations.iter().enumerate().map(row).collect()
    }
}

/// The answers for machines.
pub fn answer_rows(answered: &Answered) -> Vec<AnswerRow> {
    let row = |(id, value): (&String, &crate::model::answer::Answer)| AnswerRow {
        id: id.clone(),
        value: value.clone(),
        from: whence(answered.from.get(id)).to_owned(),
    };
    answered.answers.iter().map(row).collect()
}

fn whence(from: Option<&Whence>) -> &'static str {
    match from {
        Some(Whence::Given(Origin::Set)) => "set",
        Some(Whence::Given(Origin::Environment)) => "environment",
        Some(Whence::Given(Origin::File(_))) => "file",
        Some(Whence::Given(Origin::Stored)) => "stored",
        Some(Whence::Given(Origin::Template)) => "template",
        Some(Whence::Given(Origin::Detected(_))) => "detected",
        Some(Whence::Asked) => "asked",
        Some(Whence::Default) | None => "default",
    }
}

/// The proposal in a sentence.
pub fn proposal_text(proposal: &Proposal) -> String {
    let others: Vec<&str> = proposal.others.iter().take(3).map(String::as_str).collect();
    let others = match others.as_slice() {
        [] => String::new(),
        others => format!("; --template {} would do, too", others.join(" or ")),
    };
    format!("Proposed: template {} ({}){others}", proposal.template, proposal.why.join(", "))
}

/// The proposal for machines.
pub fn proposed(proposal: &Proposal) -> Proposed {
    Proposed { template: proposal.template.clone(), why: proposal.why.clone(), others: proposal.others.clone() }
}

/// Keys that stay what they are, by file.
pub fn kept_text(kept: &[Kept], prefix: &str) -> String {
    if kept.is_empty() {
        return String::new();
    }
    let mut text = String::from("Yours stay as they are, and `roadbed check` reports them:\n");
    let mut last: Option<&Kept> = None;
    for row in kept {
        let line = row.line.map(|line| format!(":{line}")).unwrap_or_default();
        let path = encode::line(&format!("{prefix}{}", row.path)).into_owned();
        if let Some(before) = last.filter(|before| before.path != row.path) {
            let _ = writeln!(text, "    next: {}", encode::line(&before.next));
        }
        let _ = writeln!(text, "  {path}{line}: {}", encode::line(&row.message));
        last = Some(row);
    }
    if let Some(before) = last {
        let _ = writeln!(text, "    next: {}", encode::line(&before.next));
    }
    text
}

/// What the golden path's way would be for the file at `path`, as a patch.
pub fn offer(offers: &[Edit], path: &RepoPath, root: Option<&RepoPath>) -> Option<String> {
    let offer = offers.iter().find(|offer| offer.path == *path)?;
    Some(String::from_utf8_lossy(&patch::patch(std::slice::from_ref(offer), root)).into_owned())
}

/// Columns, aligned; what a repository says is made harmless.
fn table(rows: impl Iterator<Item = [String; 4]>) -> String {
    let rows: Vec<Vec<String>> =
        rows.map(|row| row.iter().map(|cell| encode::line(cell).into_owned()).collect()).collect();
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.filter(|width| *width <= WIDEST).max().unwrap_or_default()
    };
    let (first, second, third) = (width(0), width(1), width(2));
    let mut text = String::new();
    for row in &rows {
        let line = format!("  {:first$}  {:second$}  {:third$}  {}", row[0], row[1], row[2], row[3]);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
