//! What can go wrong, as a value: a kind that decides the exit code, and every problem that was found.
//!
//! An error never carries only the first mistake: whoever fixes a file wants the whole list.

use std::fmt;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whose problem it is. The kind alone decides the exit code (see [`Kind::exit_code`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command line, or an answer that is missing or does not fit.
    Usage,
    /// A golden path that does not load, lint or render.
    GoldenPath,
    /// A file under `.roadbed/`.
    Repository,
    /// The world outside: disk, git, permissions, another process.
    Environment,
    /// A mistake of roadbed's own.
    Internal,
}

impl Kind {
    /// The process exit code: 2 for what a person wrote, 4 for what the environment did.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Usage | Kind::GoldenPath | Kind::Repository => 2,
            Kind::Environment | Kind::Internal => 4,
        }
    }
}

/// A place in a text file; lines and columns count from 1, columns in Unicode characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// One thing that is wrong: what, where, why, and what to type next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What could not be done and why, in one sentence without a full stop.
    pub message: String,
    /// The file at fault, as the user would name it.
    pub path: Option<String>,
    /// Where in that file.
    pub position: Option<Position>,
    /// The text of the file at fault, so that the place can be shown.
    pub source: Option<String>,
    /// What to do next; a command where there is one.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Problem { message: message.into(), path: None, position: None, source: None, hint: None }
    }

    /// Names the file at fault.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Names the place, and carries the text so that it can be shown.
    #[must_use]
    pub fn at(mut self, position: Position, source: impl Into<String>) -> Self {
        self.position = Some(position);
        self.source = Some(source.into());
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Why a command stopped. Holds at least one problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Whose problem it is.
    pub kind: Kind,
    /// Everything that was found, in the order of discovery.
    pub problems: Vec<Problem>,
}

impl Error {
    /// An error of one problem.
    pub fn new(kind: Kind, problem: Problem) -> Self {
        Error { kind, problems: vec![problem] }
    }

    /// An error of the command line or of an answer.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Kind::Usage, Problem::new(message))
    }

    /// An error of a golden path.
    pub fn golden_path(message: impl Into<String>) -> Self {
        Error::new(Kind::GoldenPath, Problem::new(message))
    }

    /// An error of a file under `.roadbed/`.
    pub fn repository(message: impl Into<String>) -> Self {
        Error::new(Kind::Repository, Problem::new(message))
    }

    /// An error of disk, git, permissions or another process.
    pub fn environment(message: impl Into<String>) -> Self {
        Error::new(Kind::Environment, Problem::new(message))
    }

    /// A mistake of roadbed's own.
    pub fn internal(message: impl Into<String>) -> Self {
        Error::new(Kind::Internal, Problem::new(message))
    }

    /// All of `problems` as one error; `Ok` when there are none.
    pub fn all(kind: Kind, problems: Vec<Problem>) -> Result<()> {
        if problems.is_empty() { Ok(()) } else { Err(Error { kind, problems }) }
    }

    /// Names the file at fault in every problem that names none.
    #[must_use]
    pub fn in_file(mut self, path: &str) -> Self {
        for problem in &mut self.problems {
            problem.path.get_or_insert_with(|| path.to_owned());
        }
        self
    }

    /// Says what to do next, in every problem that does not say so yet.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        for problem in &mut self.problems {
            problem.hint.get_or_insert_with(|| hint.clone());
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.problems.iter().enumerate() {
            if n > 0 {
                f.write_str("; ")?;
            }
            if let Some(path) = &problem.path {
                write!(f, "{path}")?;
                if let Some(at) = problem.position {
                    write!(f, ":{}:{}", at.line, at.column)?;
                }
                f.write_str(": ")?;
            }
            f.write_str(&problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
