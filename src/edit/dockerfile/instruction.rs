//! One instruction with its parts.

use std::ops::Range;

use super::exec::exec;
use super::heredoc::Heredoc;
use super::lines::Logical;
use super::shell::Script;
use super::words::{self, Pair, Word};

/// `--name=value` before an instruction's arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flag {
    /// Without the dashes.
    pub name: String,
    /// What follows `=`, without quotes.
    pub value: Option<String>,
    /// The whole flag, in the file.
    pub span: Range<usize>,
}

/// A string of an exec form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExecWord {
    /// Its text after JSON's escapes.
    pub text: String,
    /// Its bytes in the file, quotes included.
    pub span: Range<usize>,
}

/// An instruction.
#[derive(Clone, Debug)]
pub(crate) struct Instruction {
    /// In capitals. That of an `ONBUILD` is the one that it triggers.
    pub keyword: String,
    /// The keyword's bytes in the file.
    pub keyword_span: Range<usize>,
    /// From the first keyword to the end of the last line, heredocs included.
    pub span: Range<usize>,
    /// Its own lines, heredocs not included.
    pub head: Range<usize>,
    /// Whether it runs only when another image is built from this one.
    pub onbuild: bool,
    /// Its flags.
    pub flags: Vec<Flag>,
    /// What follows the flags.
    pub args: Logical,
    /// Its heredocs.
    pub heredocs: Vec<Heredoc>,
    /// The number of its stage; none before the first `FROM`.
    pub stage: Option<usize>,
    /// What a `RUN` runs; empty where no POSIX shell reads it.
    pub script: Script,
    pub(super) escape: char,
}

impl Instruction {
    /// The value of the flag `name`.
    pub(crate) fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// The words of the arguments, quotes kept.
    pub(crate) fn words(&self) -> Vec<Word> {
        words::words(&self.args, self.escape)
    }

    /// The pairs of an `ENV`, a `LABEL` or an `ARG`.
    pub(crate) fn pairs(&self) -> Vec<Pair> {
        if self.keyword == "ARG" {
            let pair = |word: Word| {
                let (name, value) = match word.raw.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                    None => (word.raw, None),
                };
                Pair { name: words::unquote(&name), value, span: word.span }
            };
            return self.words().into_iter().map(pair).collect();
        }
        words::pairs(&self.args, self.escape)
    }

    /// The strings of the exec form, if it is in that form.
    pub(crate) fn exec(&self) -> Option<Vec<ExecWord>> {
        exec(&self.command())
    }

    /// What it runs: of a `HEALTHCHECK` what follows its `CMD`, of others everything after their flags.
    pub(crate) fn command(&self) -> Logical {
        let text = self.args.text();
        let check = self.keyword == "HEALTHCHECK" && text.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("CMD"));
        if check { self.args.slice(3..text.len()).trimmed() } else { self.args.clone() }
    }

    /// The escape character of the file.
    pub(crate) fn escape(&self) -> char {
        self.escape
    }
}

/// The flags at the start of `args`, and what follows them.
pub(super) fn flags(args: &Logical, escape: char) -> (Vec<Flag>, Logical) {
    let mut flags = Vec::new();
    let mut rest = 0;
    for range in words::ranges(args, escape) {
        let raw = &args.text()[range.clone()];
        let Some(flag) = raw.strip_prefix("--") else { break };
        rest = range.end;
        if flag.is_empty() {
            break;
        }
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(words::unquote(value))),
            None => (flag.to_owned(), None),
        };
        flags.push(Flag { name, value, span: args.range(range) });
    }
    (flags, args.slice(rest..args.text().len()).trimmed())
}
