//! What a rule is, and what it reports.

use std::borrow::Cow;
use std::ops::Range;

use super::facts::{Facts, Subject};
use crate::edit::Format;
use crate::edit::query::view::Syntax;
use crate::edit::source::Splice;
use crate::model::finding::{Level, Safety, Severity, Span};
use crate::model::lookup::Lookup;
use crate::model::path::RepoPath;

/// A check on the meaning of files, whoever wrote them.
#[derive(Debug)]
pub struct Rule {
    /// `family/name`.
    pub id: &'static str,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// What an attacker gains, in one sentence.
    pub gain: &'static str,
    /// What it is worth, whatever the policy says.
    pub severity: Severity,
    /// Ids of the controls that it serves; at least one.
    pub controls: &'static [&'static str],
    /// Whose job it is.
    pub routing: Routing,
    /// Which fixes it may offer.
    pub fix: Offer,
    /// Its documentation, under the headings that [`super::docs`] asks for.
    pub page: &'static str,
    pub(crate) check: fn(&Facts<'_>, &mut Report),
}

/// Whose job the findings of a rule are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routing {
    /// The team of the code: CODEOWNERS for the path, else the `owner` answer.
    Service,
    /// Who stands behind `platform` in the profile.
    Platform,
    /// Who stands behind `security`.
    Security,
    /// Who stands behind `grc`.
    Grc,
}

impl Routing {
    /// The word that profiles use.
    pub fn word(self) -> &'static str {
        match self {
            Routing::Service => "service",
            Routing::Platform => "platform",
            Routing::Security => "security",
            Routing::Grc => "grc",
        }
    }
}

/// Which fixes a rule may offer; a finding may still have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// None: a person must think.
    Nothing,
    /// Fixes that keep what the file does.
    Safe,
    /// Fixes that might not.
    Unsafe,
    /// Either, as the place allows.
    Either,
}

impl Offer {
    /// The word that the documentation uses.
    pub fn word(self) -> &'static str {
        match self {
            Offer::Nothing => "none",
            Offer::Safe => "safe",
            Offer::Unsafe => "unsafe",
            Offer::Either => "safe or unsafe",
        }
    }

    /// Whether a fix of this safety is among them.
    pub fn allows(self, safety: Safety) -> bool {
        matches!((self, safety), (Offer::Either, _) | (Offer::Safe, Safety::Safe) | (Offer::Unsafe, Safety::Unsafe))
    }
}

/// One place that a person must change.
#[derive(Debug)]
pub(crate) struct Violation {
    /// The rule; the engine fills it in.
    pub rule: Cow<'static, str>,
    /// The file at fault, or where the missing one should be.
    pub path: RepoPath,
    /// The place; none for what is missing.
    pub span: Option<Span>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Keys and identities, not lines. A rule about a file rather than its content names the file here.
    pub address: String,
    /// Bounds of the level in force, where the place is milder or worse than the rule.
    pub bounds: Bounds,
    /// The place's own severity, where it is not the rule's.
    pub severity: Option<Severity>,
    /// The edit that mends it.
    pub repair: Option<Repair>,
    /// What somebody online may know, that would mend or settle it.
    pub lookup: Option<Lookup>,
}

/// How far a place may move the level that the profile gives the rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Bounds {
    /// Not at all.
    #[default]
    AsTheRule,
    /// No stricter than this, unless the repo's policy says so.
    AtMost(Level),
    /// No milder than this, unless the profile hides the rule.
    AtLeast(Level),
}

impl Bounds {
    /// The level of the place, where the profile gives its rule `level`.
    pub(crate) fn apply(self, level: Level) -> Level {
        match self {
            Bounds::AtMost(most) => level.min(most),
            Bounds::AtLeast(least) if level > Level::Info => level.max(least),
            Bounds::AsTheRule | Bounds::AtLeast(_) => level,
        }
    }
}

/// An edit of the file at fault: all other bytes stay.
#[derive(Clone, Debug)]
pub(crate) struct Repair {
    /// Whether what the file does stays.
    pub safety: Safety,
    /// What it does, in a few words.
    pub title: String,
    /// The edit, in the text as [`Subject::seen`] gives it.
    pub splices: Vec<Splice>,
    /// What the file must say afterwards.
    pub guard: Guard,
}

/// How an edited file is compared with what it was.
#[derive(Clone, Debug)]
pub(crate) enum Guard {
    /// The document is the same but for the values at these addresses (keys, and numbers of items).
    Same(Format, Vec<Vec<String>>),
    /// The text that came out must satisfy this, given the text before.
    Holds(fn(before: &str, after: &str) -> bool),
    /// The file, as queries see it, is the same but for the values at these addresses (the number of the document first).
    Values(Syntax, Vec<Vec<String>>),
    /// If its name says a format and it parsed, it still does.
    StillReads,
}

impl Repair {
    /// A repair that keeps what the file does.
    pub(crate) fn safe(title: impl Into<String>) -> Self {
        Repair::new(Safety::Safe, title.into())
    }

    /// A repair that might not.
    pub(crate) fn risky(title: impl Into<String>) -> Self {
        Repair::new(Safety::Unsafe, title.into())
    }

    fn new(safety: Safety, title: String) -> Self {
        Repair { safety, title, splices: Vec::new(), guard: Guard::Same(Format::Yaml, Vec::new()) }
    }

    /// Puts `text` in place of a range of the seen text.
    pub(crate) fn replace(mut self, range: Range<usize>, text: impl Into<String>) -> Self {
        self.splices.push(Splice::replace(range.start, range.end, text));
        self
    }

    /// Puts `text` at a place of the seen text.
    pub(crate) fn insert(self, at: usize, text: impl Into<String>) -> Self {
        self.replace(at..at, text)
    }

    /// Says that the value at `address` changes, arrives or goes.
    pub(crate) fn changes(mut self, address: Vec<String>) -> Self {
        if let Guard::Same(_, addresses) = &mut self.guard {
            addresses.push(address);
        }
        self
    }

    /// Compares with `guard` instead.
    pub(crate) fn guarded(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }
}

/// Where a rule puts what it finds.
#[derive(Debug, Default)]
pub(crate) struct Report(pub(super) Vec<Violation>);

impl Report {
    /// A violation at a range of the subject's seen text.
    pub(crate) fn at(&mut self, subject: &Subject<'_>, range: &Range<usize>, message: impl Into<String>) -> Found<'_> {
        let span = subject.span(range);
        self.add(subject.path.clone(), Some(span), message.into())
    }

    /// A violation of a whole file: it points at line 1.
    pub(crate) fn file(&mut self, subject: &Subject<'_>, message: impl Into<String>) -> Found<'_> {
        let span = Span::of_line(subject.seen(), 1);
        self.add(subject.path.clone(), Some(span), message.into())
    }

    /// A violation of a whole file that is known by its path alone: it points at line 1.
    pub(crate) fn whole(&mut self, path: RepoPath, message: impl Into<String>) -> Found<'_> {
        let address = path.to_string();
        let span = Span { line: 1, column: 1, end_line: 1, end_column: 1 };
        self.add(path, Some(span), message.into()).address(address)
    }

    /// A violation at a range of a text that belongs to no kind.
    pub(crate) fn text(
        &mut self,
        path: &RepoPath,
        text: &str,
        range: &Range<usize>,
        message: impl Into<String>,
    ) -> Found<'_> {
        self.add(path.clone(), Some(crate::edit::span(text, range)), message.into())
    }

    /// A file that is missing.
    pub(crate) fn missing(&mut self, path: RepoPath, message: impl Into<String>) -> Found<'_> {
        let address = path.to_string();
        self.add(path, None, message.into()).address(address)
    }

    fn add(&mut self, path: RepoPath, span: Option<Span>, message: String) -> Found<'_> {
        self.0.push(Violation {
            rule: Cow::Borrowed(""),
            path,
            span,
            message,
            address: String::new(),
            bounds: Bounds::default(),
            severity: None,
            repair: None,
            lookup: None,
        });
        let last = self.0.len() - 1;
        Found(&mut self.0[last])
    }
}

/// A violation that was just reported, to be told more of.
pub(crate) struct Found<'r>(&'r mut Violation);

impl Found<'_> {
    /// Where it is, by keys and identities.
    pub(crate) fn address(self, address: impl Into<String>) -> Self {
        self.0.address = address.into();
        self
    }

    /// What mends it.
    pub(crate) fn fix(self, repair: impl Into<Option<Repair>>) -> Self {
        self.0.repair = repair.into();
        self
    }

    /// What would have to be looked up to mend or settle it.
    pub(crate) fn asks(self, lookup: impl Into<Option<Lookup>>) -> Self {
        self.0.lookup = lookup.into();
        self
    }

    /// It is milder than the rule: it warns at most.
    pub(crate) fn milder(self) -> Self {
        self.0.bounds = Bounds::AtMost(Level::Warn);
        self.0.severity = Some(Severity::Medium);
        self
    }

    /// It is much milder than the rule: it only informs.
    pub(crate) fn only_informs(self) -> Self {
        self.0.bounds = Bounds::AtMost(Level::Info);
        self.0.severity = Some(Severity::Low);
        self
    }

    /// It is worse than the rule: it blocks.
    pub(crate) fn worse(self) -> Self {
        self.0.bounds = Bounds::AtLeast(Level::Block);
        self.0.severity = Some(Severity::High);
        self
    }
}
