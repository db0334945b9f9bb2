//! Dockerfiles with the place of everything: instructions, flags, words, stages, the commands in a `RUN`.
//!
//! The reading follows BuildKit's parser, which is line-based: continuations and comments first,
//! heredocs next, and only then the words of each instruction.

mod command;
mod exec;
mod heredoc;
mod instruction;
mod lines;
mod parse;
mod scripts;
pub(crate) mod shell;
mod stages;
mod vars;
mod words;

#[cfg(test)]
mod tests;

pub(crate) use instruction::{ExecWord, Instruction};
pub(crate) use lines::Logical;
pub(crate) use parse::{Dockerfile, parse};
pub(crate) use stages::{Base, Stage};
pub(crate) use words::unquote;
