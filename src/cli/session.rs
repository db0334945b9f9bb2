//! One run of the program: where it stands, how it prints, what day it is.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::{Colour, Format, Global};
use crate::error::{Error, Problem, Result};
use crate::output::{diagnostic, encode, json};
use crate::repo::surroundings;

/// What all commands share. Only this file prints.
pub(super) struct Session {
    /// The working directory.
    pub(super) directory: PathBuf,
    /// How to print the answer.
    pub(super) format: Format,
    /// Whether anybody said how.
    format_is_given: bool,
    /// The date to judge at.
    pub(super) as_of: jiff::civil::Date,
    output: Option<PathBuf>,
    colour: Colour,
    quiet: bool,
    verbose: bool,
}

impl Session {
    pub(super) fn new(global: &Global) -> Result<Self> {
        let here = surroundings::current_directory()?;
        let directory = global.directory.as_ref().map_or_else(|| here.clone(), |dir| here.join(dir));
        if !directory.is_dir() {
            return Err(Error::usage(format!("there is no directory `{}`", directory.display()))
                .hint("name one that exists after -C"));
        }
        let as_of = global.as_of.unwrap_or_else(surroundings::today);
        let output = global.output.as_ref().map(|file| directory.join(file));
        let Global { format, color, quiet, verbose, .. } = *global;
        let format_is_given = format.is_some();
        let format = format.unwrap_or(Format::Text);
        Ok(Session { directory, format, format_is_given, as_of, output, colour: color, quiet, verbose })
    }

    /// For errors before there is a session.
    pub(super) fn plain() -> Self {
        Session {
            directory: PathBuf::new(),
            format: Format::Text,
            format_is_given: false,
            as_of: jiff::civil::Date::ZERO,
            output: None,
            colour: Colour::Auto,
            quiet: false,
            verbose: false,
        }
    }

    /// For errors before there is a session, where JSON was asked for.
    pub(super) fn json() -> Self {
        Session { format: Format::Json, ..Session::plain() }
    }

    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether findings are also to be shown where GitHub Actions shows them.
    pub(super) fn is_on_github(&self) -> bool {
        !self.format_is_given && surroundings::variable("GITHUB_ACTIONS").as_deref() == Some("true")
    }

    /// Whether the answer may carry colour.
    pub(super) fn colour(&self) -> bool {
        self.output.is_none() && self.coloured(std::io::stdout().is_terminal())
    }

    fn coloured(&self, terminal: bool) -> bool {
        match self.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && !surroundings::no_colour(),
        }
    }

    /// Prints the answer: to stdout, or to `--output`.
    pub(super) fn answer(&self, bytes: impl AsRef<[u8]>) -> Result<()> {
        let bytes = bytes.as_ref();
        match &self.output {
            Some(file) => surroundings::write_named(file, bytes),
            None => print(bytes),
        }
    }

    /// Prints an answer that quotes files: a terminal gets its escapes made visible, a pipe gets the bytes.
    pub(super) fn answer_raw(&self, bytes: &[u8]) -> Result<()> {
        if self.output.is_none() && std::io::stdout().is_terminal() {
            return self.answer(encode::block(&String::from_utf8_lossy(bytes)).as_bytes());
        }
        self.answer(bytes)
    }

    /// Talks, on stderr.
    pub(super) fn say(&self, text: &str) {
        if !self.quiet {
            talk(&encode::block(text));
        }
    }

    /// Talks more, with `--verbose`.
    pub(super) fn detail(&self, text: &str) {
        if self.verbose {
            talk(&encode::block(text));
        }
    }

    /// Shows why the command stopped.
    pub(super) fn fail(&self, error: &Error) -> ExitCode {
        if self.is_json() {
            let document = json::text(&json::ErrorDocument::new(error), false);
            if self.answer(&document).is_err() {
                talk(&document);
            }
        }
        let colour = self.coloured(std::io::stderr().is_terminal());
        talk(diagnostic::render(error, colour).trim_end());
        ExitCode::from(error.kind.exit_code())
    }

    /// Shows what is likely a slip.
    pub(super) fn advise(&self, problems: &[Problem]) {
        let colour = self.coloured(std::io::stderr().is_terminal());
        for problem in problems {
            if !self.quiet {
                talk(diagnostic::warning(problem, colour).trim_end());
            }
        }
    }

    /// A path that the user typed.
    pub(super) fn resolve(&self, typed: &Path) -> PathBuf {
        self.directory.join(typed)
    }
}

/// Gives orders to GitHub's runner, which listens on stdout whatever `--output` says.
pub(super) fn order(commands: &str) -> Result<()> {
    print(commands.as_bytes())
}

/// Says what is wrong with an answer, between two prompts.
pub(super) fn warn(text: &str) {
    talk(&format!("  {}", encode::line(text)));
}

fn print(bytes: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Error::environment(format!("the answer cannot be printed: {error}"))),
        Ok(()) => Ok(()),
    }
}

fn talk(text: &str) {
    // Nobody can be told that stderr is closed.
    let _ = writeln!(anstream::AutoStream::always(std::io::stderr().lock()), "{text}");
}
