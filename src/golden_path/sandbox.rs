//! Where templates and expressions run: no input but the answers, no output but text, and an end.
//!
//! Three bounds hold at once. The syntax tree is checked before anything runs ([`super::outline`]); fuel
//! bounds the time and the memory of a run; and a writer bounds what comes out.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

use super::filters;
use super::judge::Verdict;
use super::outline::{MAX_SOURCE, Outline, Use, too_long};
use crate::error::{Error, Kind, Position, Problem, Result};
use crate::model::answer::{Answer, Answers};
use crate::model::document::nearest;

/// The rendering rules' number. A change of what any template renders to needs a new one, and the old rules
/// stay: locks name the engine that their files were rendered with.
pub const ENGINE: u32 = 1;

/// No rendered file is larger, in bytes.
const MAX_FILE: usize = 8 * 1024 * 1024;
/// No render gives more in all, in bytes.
const MAX_RENDER: usize = 64 * 1024 * 1024;
/// A message or replacement may do about this many steps.
const FUEL_OF_FILLED: u64 = 20_000;
/// No message or replacement of a rule is longer, in bytes.
const MAX_FILLED: usize = 64 * 1024;
/// One template may do about this many steps; a step also pays for 64 bytes.
const FUEL_OF_FILE: u64 = 1_000_000;
/// All templates of one render together.
const FUEL_OF_RENDER: u64 = 10_000_000;
/// The parser and the engine recurse; their depth is bounded so that this suffices, with room for those who call.
const STACK: usize = 40 * 1024 * 1024;
/// Of an expression or template that does not work, at most so many characters are quoted.
const MOST_QUOTED: usize = 100;

/// What is wrong with a template or an expression, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    message: String,
    at: Option<Position>,
    hint: Option<String>,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Fault { message: message.into(), at: None, hint: None }
    }

    pub(super) fn at(mut self, at: Position) -> Self {
        self.at = Some(at);
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What the engine says of a template or an expression that does not parse: it knows the line, and the first tag there is
    /// where to look.
    pub(super) fn syntax(error: &minijinja::Error, source: &str) -> Self {
        let detail = error.detail().unwrap_or("it is not a template");
        let mut fault = Fault::new(format!("the template does not parse: {detail}"));
        fault.at = error.line().map(|line| {
            let text = source.lines().nth(line.saturating_sub(1)).unwrap_or_default();
            let tag = ["<{", "<%", "<#"].into_iter().filter_map(|mark| text.find(mark)).min();
            Position { line, column: tag.map_or(1, |tag| text[..tag].chars().count() + 1) }
        });
        if detail.contains("end of input") {
            fault.hint("each `<% if %>` and `<% for %>` needs its `<% endif %>` or `<% endfor %>`, each `<{` its `}>`")
        } else if detail.contains("unknown statement") {
            fault.hint("what stands between `<%` and `%>` begins with if, elif, else, endif, for, endfor, set or with")
        } else {
            fault
        }
    }

    /// The fault of a template that is a file.
    pub(super) fn in_template(self, file: &str, source: &str) -> Problem {
        let mut problem = Problem::new(self.message).in_file(file);
        if let Some(at) = self.at {
            problem = problem.at(at, source);
        }
        match self.hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }

    /// The fault of an expression or a template that stands as a value in a YAML file.
    pub(super) fn in_value(self, what: &str, source: &str, problem: impl FnOnce(String) -> Problem) -> Problem {
        let quoted = if source.chars().count() > MOST_QUOTED {
            source.chars().take(MOST_QUOTED - 1).chain(['…']).collect()
        } else {
            source.to_owned()
        };
        let problem = problem(format!("{what} `{quoted}` does not work: {}", self.message));
        match self.hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }

    /// The fault as one sentence.
    pub(super) fn message(&self) -> &str {
        &self.message
    }
}

thread_local! {
    /// Whether this thread's stack is large enough already.
    static DEEP: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work` on a thread whose stack is large enough for the deepest template that is let through: on this one,
/// if it is. Whoever renders much asks once, around all of it, and pays for one thread.
pub fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    if DEEP.get() {
        return Ok(work());
    }
    std::thread::scope(|scope| {
        let deep = || {
            DEEP.set(true);
            work()
        };
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, deep);
        let thread = thread.map_err(|error| Error::environment(format!("no thread could be started: {error}")))?;
        thread.join().map_err(|_| Error::internal("the template engine stopped in the middle of a render"))
    })
}

/// The answers, as templates see them.
pub(super) struct Scope<'a> {
    answers: &'a Answers,
    /// Names that may stand in a template without having an answer.
    known: BTreeSet<String>,
    value: Value,
}

impl<'a> Scope<'a> {
    /// `known` are the ids of all questions, whether asked or not.
    pub(super) fn new(answers: &'a Answers, known: impl IntoIterator<Item = String>) -> Self {
        let mut known: BTreeSet<String> = known.into_iter().collect();
        known.extend(answers.keys().cloned());
        Scope { answers, known, value: value(answers) }
    }

    fn check(&self, outline: &Outline) -> Result<(), Fault> {
        if let Some(Use { name, at, .. }) = outline.reads.iter().find(|used| !self.known.contains(&used.name)) {
            return Err(unknown(name, &self.known).at(*at));
        }
        for Use { name, at, .. } in &outline.joined {
            if let Some(answer @ (Answer::Boolean(_) | Answer::List(_))) = self.answers.get(name) {
                let message = format!("`{name}` is a {}, and `~` joins texts and whole numbers", answer.kind());
                return Err(Fault::new(message).at(*at).hint("give it to a filter first: `join`, `yaml`"));
            }
        }
        Ok(())
    }
}

fn value(answers: &Answers) -> Value {
    fn one(answer: &Answer) -> Value {
        match answer {
            Answer::Boolean(value) => Value::from(*value),
            Answer::Integer(value) => Value::from(*value),
            Answer::String(text) => Value::from(text.as_str()),
            Answer::List(items) => items.iter().map(one).collect(),
        }
    }
    Value::from_pairs(answers.iter().map(|(id, answer)| (id.as_str(), one(answer))))
}

/// A name that no question has.
pub(super) fn unknown(name: &str, known: &BTreeSet<String>) -> Fault {
    let fault = Fault::new(format!("no question is called `{name}`"));
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault.hint("ask it under `questions`, or take the name out"),
    }
}

/// One run of many templates, with what is left of its bounds.
pub(super) struct Sandbox {
    syntax: SyntaxConfig,
    /// What all runs begin from: to install the filters costs more than most templates.
    engine: Environment<'static>,
    fuel: Cell<u64>,
    room: Cell<usize>,
    /// Whether templates are run without a look over them.
    trusts: bool,
}

impl Sandbox {
    /// A sandbox with the bounds of one render.
    pub(super) fn new() -> Result<Self> {
        let syntax = SyntaxConfig::builder()
            .variable_delimiters("<{", "}>")
            .block_delimiters("<%", "%>")
            .comment_delimiters("<#", "#>")
            .keep_trailing_newline(true)
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .map_err(|error| Error::internal(format!("the template engine refuses its own syntax: {error}")))?;
        let engine = environment(&syntax);
        let (fuel, room) = (Cell::new(FUEL_OF_RENDER), Cell::new(MAX_RENDER));
        Ok(Sandbox { syntax, engine, fuel, room, trusts: false })
    }

    /// The same for the golden path in the binary: a test holds its templates to what others are looked over for first.
    pub(super) fn trusting(self) -> Self {
        Sandbox { trusts: true, ..self }
    }

    /// What a template reads, if it is one that may run.
    pub(super) fn outline(&self, source: &str) -> Result<Outline, Fault> {
        Outline::of_template(source, &self.syntax)
    }

    /// What an expression reads, if it is one that may run.
    pub(super) fn outline_expression(&self, source: &str) -> Result<Outline, Fault> {
        Outline::of_expression(source, &self.syntax)
    }

    /// Renders a template.
    pub(super) fn text(&self, source: &str, scope: &Scope<'_>) -> Result<String, Fault> {
        self.outlined(source, None, scope)
    }

    /// Renders a template of which it is known already what it reads.
    pub(super) fn outlined(&self, source: &str, outline: Option<&Outline>, scope: &Scope<'_>) -> Result<String, Fault> {
        if !["<{", "<%", "<#"].iter().any(|mark| source.contains(mark)) {
            return match source.len() {
                0..=MAX_SOURCE => self.take(source.len()).map(|()| source.to_owned()),
                _ => Err(too_long(source)),
            };
        }
        let look = || self.outline(source);
        let outline = self.looked_over(outline, look, scope)?;
        let env = self.environment();
        let template =
            env.template_from_named_str("template", source).map_err(|error| Fault::syntax(&error, source))?;
        let mut out = Bounded { text: Vec::new(), room: self.room.get().min(MAX_FILE) };
        let run = template.render_captured_to(scope.value.clone(), &mut out);
        let spent = match &run {
            Ok(captured) => captured.state().fuel_levels().map_or(0, |(spent, _)| spent),
            Err(_) => FUEL_OF_FILE,
        };
        self.fuel.set(self.fuel.get().saturating_sub(spent));
        if let Err(error) = run {
            let outline = outline.map_or_else(|| look().map(Cow::Owned), Ok)?;
            return Err(Self::explain(&error, outline.as_ref(), scope));
        }
        self.take(out.text.len())?;
        String::from_utf8(out.text).map_err(|_| Fault::new("the template rendered to something that is not UTF-8"))
    }

    /// What a template reads, if that was looked at: it must fit the answers.
    fn looked_over<'o>(
        &self,
        known: Option<&'o Outline>,
        look: impl Fn() -> Result<Outline, Fault>,
        scope: &Scope<'_>,
    ) -> Result<Option<Cow<'o, Outline>>, Fault> {
        let outline = match known {
            Some(outline) => Cow::Borrowed(outline),
            None if self.trusts => return Ok(None),
            None => Cow::Owned(look()?),
        };
        scope.check(&outline)?;
        Ok(Some(outline))
    }

    /// Whether an expression holds. Its value must be `true` or `false`.
    pub(super) fn holds(&self, source: &str, scope: &Scope<'_>) -> Result<bool, Fault> {
        let look = || self.outline_expression(source);
        let outline = self.looked_over(None, look, scope)?;
        let outline = || outline.map_or_else(|| look().map(Cow::Owned), Ok);
        let env = self.environment();
        let expression = env.compile_expression(source).map_err(|error| Fault::syntax(&error, source))?;
        let value = match expression.eval(scope.value.clone()) {
            Ok(value) => value,
            Err(error) => return Err(Self::explain(&error, outline()?.as_ref(), scope)),
        };
        match value.kind() {
            minijinja::value::ValueKind::Bool => Ok(value.is_true()),
            minijinja::value::ValueKind::Undefined => Err(missing(outline()?.as_ref(), scope, None)),
            kind => Err(Fault::new(format!("it gives a {kind}; it must give true or false"))
                .hint("compare: `x == 'y'`, `x is defined`, `list | length > 0`")),
        }
    }

    /// What an expression over `value` says of each value, each with `fuel` steps.
    pub(super) fn assertion(&self, source: &str, values: &[Value], fuel: u64) -> Result<Vec<Verdict>, Fault> {
        self.outline_expression(source)?;
        let mut env = self.environment();
        env.set_fuel(Some(fuel));
        let expression = env.compile_expression(source).map_err(|error| Fault::syntax(&error, source))?;
        let verdict = |value: &Value| match expression.eval(Value::from_pairs([("value", value.clone())])) {
            Ok(answer) if answer.kind() == minijinja::value::ValueKind::Bool => {
                if answer.is_true() {
                    Verdict::Holds
                } else {
                    Verdict::Fails
                }
            }
            Ok(answer) => Verdict::Errs(format!("`assert` gives a {}; it must give true or false", answer.kind())),
            Err(error) => Verdict::Errs(error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)),
        };
        Ok(values.iter().map(verdict).collect())
    }

    /// What a short template over `value` renders to.
    pub(super) fn over_value(&self, source: &str, value: &Value) -> Option<String> {
        self.outline(source).ok()?;
        let mut env = self.environment();
        env.set_fuel(Some(FUEL_OF_FILLED));
        let template = env.template_from_named_str("template", source).ok()?;
        let mut out = Bounded { text: Vec::new(), room: MAX_FILLED };
        template.render_captured_to(Value::from_pairs([("value", value.clone())]), &mut out).ok()?;
        String::from_utf8(out.text).ok()
    }

    fn environment<'source>(&self) -> Environment<'source> {
        let mut env: Environment<'source> = self.engine.clone();
        env.set_fuel(Some(self.fuel_of_file()));
        env
    }

    fn fuel_of_file(&self) -> u64 {
        self.fuel.get().min(FUEL_OF_FILE)
    }

    fn take(&self, size: usize) -> Result<(), Fault> {
        let Some(left) = self.room.get().checked_sub(size) else { return Err(too_large()) };
        self.room.set(left);
        Ok(())
    }

    fn explain(error: &minijinja::Error, outline: &Outline, scope: &Scope<'_>) -> Fault {
        let line = error.line();
        let fault = match error.kind() {
            ErrorKind::UndefinedError => return missing(outline, scope, line),
            ErrorKind::OutOfFuel => Fault::new("the template does too much: it ran out of fuel")
                .hint("take loops apart, or make the lists they run over shorter"),
            ErrorKind::WriteFailure => too_large(),
            kind => Fault::new(error.detail().map_or_else(|| kind.to_string(), str::to_owned)),
        };
        match line {
            Some(line) => fault.at(Position { line, column: 1 }),
            None => fault,
        }
    }
}

/// What a template finds around it; its fuel is to be set.
fn environment<'source>(syntax: &SyntaxConfig) -> Environment<'source> {
    let mut env = Environment::empty();
    env.set_syntax(syntax.clone());
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_formatter(|out, _, value| out.write_str(&filters::text(value)?).map_err(minijinja::Error::from));
    filters::install(&mut env);
    env
}

fn too_large() -> Fault {
    Fault::new(format!("it renders to more than {MAX_FILE} bytes, or all files together to more than {MAX_RENDER}"))
}

/// Names the answer that is not there: the engine itself only says that one is not.
fn missing(outline: &Outline, scope: &Scope<'_>, line: Option<usize>) -> Fault {
    let absent = |used: &&Use| !used.guarded && !scope.answers.contains_key(&used.name);
    let here = outline.reads.iter().filter(absent).find(|used| line.is_none_or(|line| used.at.line == line));
    if let Some(Use { name, at, .. }) = here.or_else(|| outline.reads.iter().find(absent)) {
        return Fault::new(format!("`{name}` has no answer here: its question was not asked"))
            .at(*at)
            .hint(format!("ask first: `{name} is defined`, or the condition under `when` of the question"));
    }
    let fault = Fault::new("a value that does not exist is used here");
    line.map_or(fault.clone(), |line| fault.at(Position { line, column: 1 }))
}

struct Bounded {
    text: Vec<u8>,
    room: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > self.room {
            return Err(io::Error::other("the output is full"));
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether `expression` holds for these answers: the language of `when`, `validate` and `assert`.
pub fn holds(expression: &str, answers: &Answers) -> Result<bool> {
    let run = || {
        let sandbox = Sandbox::new()?;
        // An expression handed in from elsewhere may name answers that were not asked for.
        let reads = sandbox.outline_expression(expression).map(|o| o.reads).unwrap_or_default();
        let scope = Scope::new(answers, reads.into_iter().map(|used| used.name));
        sandbox
            .holds(expression, &scope)
            .map_err(|fault| Error::new(Kind::GoldenPath, fault.in_value("the expression", expression, Problem::new)))
    };
    with_stack(run)?
}

#[cfg(test)]
#[path = "sandbox_tests.rs"]
mod tests;
