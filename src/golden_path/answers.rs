//! Answers: where they come from, which of them wins, and what is asked.

use std::collections::{BTreeMap, BTreeSet};

use super::fit;
use super::given::{Given, Origin, Supplied};
use super::question::Question;
use super::sandbox::{Fault, Sandbox, Scope, with_stack};
use crate::error::{Error, Kind, Problem, Result};
use crate::model::answer::{Answer, Answers};
use crate::model::document::nearest;

/// What all questions came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// The answers.
    pub answers: Answers,
    /// Where each of them comes from.
    pub from: BTreeMap<String, Whence>,
    /// What was detected and does not fit its question.
    pub unfit: Vec<Unfit>,
}

/// Where one answer comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whence {
    /// It was given.
    Given(Origin),
    /// A person was asked.
    Asked,
    /// The question's default.
    Default,
}

/// Something that was detected and cannot be an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Its place among what was detected.
    pub rank: usize,
    /// Why not, in words that follow a colon.
    pub why: String,
}

/// One question, ready to be asked.
pub struct Prompt<'a> {
    /// Its id.
    pub id: &'a str,
    /// The question.
    pub question: &'a Question,
    /// Its default, rendered.
    pub default: Option<Answer>,
    /// Its choices, rendered.
    pub choices: Vec<Answer>,
    /// Whether an answer fits; the message says why not.
    pub check: &'a dyn Fn(&Answer) -> Result<(), String>,
}

impl Prompt<'_> {
    /// What a person typed, as the answer it stands for; else why it does not fit.
    pub fn read(&self, typed: &str) -> Result<Answer, String> {
        let answer = fit::read(self.question, &self.choices, typed)?;
        (self.check)(&answer).map(|()| answer)
    }
}

/// Who asks. The command line has one that talks to a terminal.
pub trait Asker {
    /// Asks until the answer fits; `None` where there is nobody to ask.
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Option<Answer>>;
}

/// An asker with nobody to ask.
pub struct Nobody;

impl Asker for Nobody {
    fn ask(&mut self, _: &Prompt<'_>) -> Result<Option<Answer>> {
        Ok(None)
    }
}

/// Answers every question, in order: from what was given, else by asking, else by its default.
///
/// A question whose `when` does not hold has no answer. With `use_defaults`, one that has a default is not
/// asked. Where nobody can be asked, every question without answer and default is named in one usage
/// error; what was given and does not fit is named there too. A stored answer that no longer fits is asked
/// anew, and never replaced by the default in silence.
pub fn resolve(
    questions: &[(String, Question)],
    given: &Given,
    use_defaults: bool,
    asker: &mut dyn Asker,
) -> Result<Answers> {
    answer(questions, given, use_defaults, asker).map(|answered| answered.answers)
}

/// The same as [`resolve`], with where each answer comes from.
pub fn answer(
    questions: &[(String, Question)],
    given: &Given,
    use_defaults: bool,
    asker: &mut dyn Asker,
) -> Result<Answered> {
    let mut run = Run {
        known: questions.iter().map(|(id, _)| id.clone()).collect(),
        layers: given.sorted(),
        use_defaults,
        answers: Answers::new(),
        from: BTreeMap::new(),
        unfit: Vec::new(),
        problems: Vec::new(),
        path_problems: Vec::new(),
    };
    run.refuse_unknown();
    for (id, question) in questions {
        run.answer(id, question, asker)?;
    }
    Error::all(Kind::GoldenPath, run.path_problems)?;
    Error::all(Kind::Usage, run.problems)?;
    Ok(Answered { answers: run.answers, from: run.from, unfit: run.unfit })
}

struct Run<'a> {
    known: BTreeSet<String>,
    layers: Vec<&'a (Origin, Supplied)>,
    use_defaults: bool,
    answers: Answers,
    from: BTreeMap<String, Whence>,
    unfit: Vec<Unfit>,
    problems: Vec<Problem>,
    path_problems: Vec<Problem>,
}

/// What was given for a question and by whom; the inner error says why it does not fit.
type Offered = (Origin, Result<Answer, String>);

/// What one question is at this point of the run.
struct Moment {
    asked: bool,
    choices: Vec<Answer>,
    default: Option<Answer>,
}

impl Run<'_> {
    fn refuse_unknown(&mut self) {
        for (origin, supplied) in &self.layers {
            let file = match origin {
                Origin::Set => None,
                Origin::File(file) => Some(file),
                _ => continue,
            };
            for id in supplied.ids().into_iter().filter(|id| !self.known.contains(*id)) {
                let mut problem = Problem::new(format!("no question is called `{}`", fit::show(&id.into())));
                problem = match nearest(id, self.known.iter().map(String::as_str)) {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem.hint("`roadbed path show TEMPLATE` names the questions"),
                };
                self.problems.push(match file {
                    Some(file) => file.at_id(id, problem),
                    None => problem,
                });
            }
        }
    }

    fn answer(&mut self, id: &str, question: &Question, asker: &mut dyn Asker) -> Result<()> {
        let moment = match self.moment(question)? {
            Ok(moment) => moment,
            // What an unanswered question makes impossible is not a second mistake.
            Err(_) if !self.problems.is_empty() => return Ok(()),
            Err((what, source, fault)) => {
                let problem = fault.in_value(&format!("the question `{id}`: {what}"), &source, Problem::new);
                self.path_problems.push(problem);
                return Ok(());
            }
        };
        if !moment.asked {
            return Ok(());
        }
        let mut ask_anew = None;
        let (supplied, unfit) = self.supplied(id, question, &moment);
        self.unfit.extend(unfit);
        match supplied {
            Some((origin, Ok(answer))) => {
                self.put(id, answer, Whence::Given(origin));
                return Ok(());
            }
            Some((Origin::Stored, Err(why))) => ask_anew = Some(why),
            Some((origin, Err(why))) => {
                self.refuse(id, &origin, &why, &moment);
                return Ok(());
            }
            None => {}
        }
        if ask_anew.is_none() && self.use_defaults && moment.default.is_some() {
            self.take_default(id, question, &moment);
            return Ok(());
        }
        let check = |answer: &Answer| self.check(id, question, &moment.choices, answer);
        let prompt =
            Prompt { id, question, default: moment.default.clone(), choices: moment.choices.clone(), check: &check };
        if let Some(answer) = asker.ask(&prompt)? {
            match check(&answer) {
                Ok(()) => self.put(id, answer, Whence::Asked),
                Err(why) => self.refuse(id, &Origin::Set, &why, &moment),
            }
        } else if let Some(why) = ask_anew {
            self.refuse(id, &Origin::Stored, &why, &moment);
        } else if moment.default.is_some() {
            self.take_default(id, question, &moment);
        } else {
            let message = format!("the question `{id}` ({}) has no answer", question.words(id));
            self.problems.push(Problem::new(message).hint(how_to_set(id, &moment.choices)));
        }
        Ok(())
    }

    /// Whether the question is asked now, and what it offers. The inner error says which of its texts is at fault.
    fn moment(&self, question: &Question) -> Result<Result<Moment, (&'static str, String, Fault)>> {
        with_stack(|| {
            let sandbox = Sandbox::new()?;
            let scope = Scope::new(&self.answers, self.known.iter().cloned());
            let mut moment = Moment { asked: true, choices: Vec::new(), default: None };
            if let Some(when) = &question.when {
                match sandbox.holds(when, &scope) {
                    Ok(holds) => moment.asked = holds,
                    Err(fault) => return Ok(Err(("`when`", when.clone(), fault))),
                }
            }
            if !moment.asked {
                return Ok(Ok(moment));
            }
            for choice in &question.choices {
                match render(&sandbox, &scope, choice) {
                    Ok(choice) => moment.choices.push(choice),
                    Err(fault) => return Ok(Err(("the choice", choice.to_string(), fault))),
                }
            }
            if let Some(default) = &question.default {
                match render(&sandbox, &scope, default) {
                    Ok(default) => moment.default = Some(default),
                    Err(fault) => return Ok(Err(("`default`", default.to_string(), fault))),
                }
            }
            Ok(Ok(moment))
        })?
    }

    fn put(&mut self, id: &str, answer: Answer, whence: Whence) {
        self.answers.insert(id.to_owned(), answer);
        self.from.insert(id.to_owned(), whence);
    }

    /// What was given for a question, if anything was; and what was detected before it and does not fit.
    fn supplied(&self, id: &str, question: &Question, moment: &Moment) -> (Option<Offered>, Vec<Unfit>) {
        let mut unfit = Vec::new();
        for (origin, supplied) in &self.layers {
            let Some(answer) = self.of_layer(id, question, moment, (origin, supplied)) else { continue };
            match (origin, answer) {
                (Origin::Detected(rank), Err(why)) => unfit.push(Unfit { rank: *rank, why }),
                (_, answer) => return (Some((origin.clone(), answer)), unfit),
            }
        }
        (None, unfit)
    }

    /// What one origin gives for a question.
    fn of_layer(
        &self,
        id: &str,
        question: &Question,
        moment: &Moment,
        (origin, supplied): (&Origin, &Supplied),
    ) -> Option<Result<Answer, String>> {
        let answer = match supplied {
            Supplied::Raw(raw) => {
                let same = |key: &str| match origin {
                    Origin::Environment => key.eq_ignore_ascii_case(id),
                    _ => key == id,
                };
                let word = raw.iter().find(|(key, _)| same(key)).map(|(_, word)| word)?;
                fit::read(question, &moment.choices, word)
            }
            Supplied::Typed(typed) => {
                let old = question.renamed_from.as_ref().filter(|_| *origin == Origin::Stored);
                Ok(typed.get(id).or_else(|| old.and_then(|old| typed.get(old)))?.clone())
            }
        };
        Some(answer.and_then(|answer| {
            let fits = self.check(id, question, &moment.choices, &answer);
            let mapped = question.map.get(&answer.to_string()).filter(|_| *origin == Origin::Stored);
            match (fits, mapped) {
                (Ok(()), _) => Ok(answer),
                (Err(_), Some(mapped)) => self.check(id, question, &moment.choices, mapped).map(|()| mapped.clone()),
                (Err(why), None) => Err(why),
            }
        }))
    }

    fn check(&self, id: &str, question: &Question, choices: &[Answer], answer: &Answer) -> Result<(), String> {
        fit::check(question, choices, answer)?;
        let Some(rule) = &question.validate else { return Ok(()) };
        let mut answers = self.answers.clone();
        answers.insert(id.to_owned(), answer.clone());
        let run = || {
            let sandbox = Sandbox::new().map_err(|error| error.to_string())?;
            let scope = Scope::new(&answers, self.known.iter().cloned());
            sandbox.holds(rule, &scope).map_err(|fault| fault.message().to_owned())
        };
        match with_stack(run).map_err(|error| error.to_string())? {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("`{}` must fulfil `{rule}`", fit::show(answer))),
            Err(why) => Err(format!("`{}` cannot be judged by `{rule}`: {why}", fit::show(answer))),
        }
    }

    fn take_default(&mut self, id: &str, question: &Question, moment: &Moment) {
        let Some(default) = moment.default.clone() else { return };
        match self.check(id, question, &moment.choices, &default) {
            Ok(()) => self.put(id, default, Whence::Default),
            Err(why) => {
                let message = format!("the default of the question `{id}` does not fit: {why}");
                self.problems.push(Problem::new(message).hint(how_to_set(id, &moment.choices)));
            }
        }
    }

    fn refuse(&mut self, id: &str, origin: &Origin, why: &str, moment: &Moment) {
        let message = match origin {
            Origin::Set => format!("the answer to `{id}` does not fit: {why}"),
            Origin::Environment => format!("ROADBED_SET_{} does not fit: {why}", id.to_uppercase()),
            Origin::File(_) => format!("the answer `{id}` does not fit: {why}"),
            Origin::Stored => format!("{} no longer fits: {why}", stored_answer(id)),
            Origin::Template => format!("the template's own answer `{id}` does not fit: {why}"),
            Origin::Detected(_) => format!("what the repository says of `{id}` does not fit: {why}"),
        };
        let problem = Problem::new(message).hint(how_to_set(id, &moment.choices));
        self.problems.push(match origin {
            Origin::File(file) => file.at_answer(id, problem),
            _ => problem,
        });
    }
}

fn how_to_set(id: &str, choices: &[Answer]) -> String {
    match choices {
        [] => format!("--set {id}=…"),
        [first, ..] => format!("--set {id}={} (there are: {})", fit::show(first), fit::all(choices)),
    }
}

/// A default or a choice: texts in it are templates over earlier answers.
fn render(sandbox: &Sandbox, scope: &Scope<'_>, answer: &Answer) -> Result<Answer, Fault> {
    Ok(match answer {
        Answer::String(text) => Answer::String(sandbox.text(text, scope)?),
        Answer::List(items) => {
            Answer::List(items.iter().map(|item| render(sandbox, scope, item)).collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    })
}

/// How a problem of an answer begins that the repository stored: whoever knows where it stands can add the place.
pub fn stored_answer(id: &str) -> String {
    format!("the answer `{id}` that this repository stored")
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
