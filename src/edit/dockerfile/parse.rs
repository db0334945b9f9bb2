//! A Dockerfile's text to its instructions and stages.

use super::heredoc::{self, Heredoc};
use super::instruction::{Instruction, flags};
use super::lines::{Logical, bare, continued, directives, is_comment};
use super::scripts::scripts;
use super::stages::{Stage, stages};
use crate::edit::error::EditError;

/// Every instruction that BuildKit knows.
const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The instructions whose shell form may open heredocs.
const WITH_HEREDOCS: [&str; 3] = ["ADD", "COPY", "RUN"];

/// A parsed Dockerfile. All places are bytes of the text that was read.
#[derive(Clone, Debug)]
pub(crate) struct Dockerfile {
    /// In order.
    pub instructions: Vec<Instruction>,
    /// In order.
    pub stages: Vec<Stage>,
}

impl Dockerfile {
    /// The instructions of the stage of this number.
    pub(crate) fn stage(&self, number: usize) -> impl DoubleEndedIterator<Item = &Instruction> {
        self.instructions.iter().filter(move |instruction| instruction.stage == Some(number))
    }

    /// The instructions that bear `keyword`.
    pub(crate) fn all<'a>(&'a self, keyword: &'a str) -> impl DoubleEndedIterator<Item = &'a Instruction> {
        self.instructions.iter().filter(move |instruction| instruction.keyword == keyword)
    }
}

/// Reads `text`. An error says where it stops being a Dockerfile that BuildKit would build.
pub(crate) fn parse(text: &str) -> Result<Dockerfile, EditError> {
    let directives = directives(text);
    let directive = |name: &str| directives.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let escape = if directive("escape").as_deref() == Some("`") { '`' } else { '\\' };
    let mut reader = Reader { text, place: text.len() - text.trim_start_matches('\u{feff}').len(), escape };
    let mut instructions = Vec::new();
    while let Some(instruction) = reader.instruction()? {
        instructions.push(instruction);
    }
    let stages = stages(text, &mut instructions, escape)?;
    scripts(text, &mut instructions, &stages);
    Ok(Dockerfile { instructions, stages })
}

struct Reader<'t> {
    text: &'t str,
    place: usize,
    escape: char,
}

impl<'t> Reader<'t> {
    /// The next line with its start.
    fn line(&mut self) -> Option<(usize, &'t str)> {
        let line = self.text[self.place..].split_inclusive('\n').next()?;
        let start = self.place;
        self.place += line.len();
        Some((start, line))
    }

    fn instruction(&mut self) -> Result<Option<Instruction>, EditError> {
        let (logical, end) = loop {
            let Some((start, line)) = self.line() else { return Ok(None) };
            if line.trim().is_empty() || is_comment(line) {
                continue;
            }
            let (logical, end) = self.logical(start, bare(line));
            if !logical.text().is_empty() {
                break (logical, end);
            }
        };
        let start = logical.place(0);
        let head = start..end;
        let mut onbuild = false;
        let (mut keyword, mut args) = keyword_of(&logical);
        let mut at = logical.range(0..keyword.len());
        while keyword == "ONBUILD" && !args.text().is_empty() {
            onbuild = true;
            let inner = args.clone();
            (keyword, args) = keyword_of(&inner);
            at = inner.range(0..keyword.len());
        }
        if !KEYWORDS.contains(&keyword.as_str()) {
            let message = format!("`{keyword}` is not an instruction of a Dockerfile");
            return Err(EditError::at(message, self.text, at.start));
        }
        let (flags, args) = flags(&args, self.escape);
        let mut heredocs = Vec::new();
        if WITH_HEREDOCS.contains(&keyword.as_str()) && super::exec::exec(&args).is_none() {
            heredocs = heredoc::opened(&args, self.escape);
        }
        let mut end = end;
        for heredoc in &mut heredocs {
            end = self.body(heredoc)?;
        }
        let instruction = Instruction {
            keyword,
            keyword_span: at,
            span: start..end,
            head,
            onbuild,
            flags,
            args,
            heredocs,
            stage: None,
            script: super::shell::Script::default(),
            escape: self.escape,
        };
        Ok(Some(instruction))
    }

    /// The logical text that starts with `line`, and where its last line ends.
    fn logical(&mut self, start: usize, line: &str) -> (Logical, usize) {
        let indent = line.len() - line.trim_start().len();
        let (mut start, mut line) = (start + indent, &line[indent..]);
        let mut logical = Logical::default();
        let mut end;
        loop {
            let body = continued(line, self.escape);
            end = start + line.trim_end().len();
            logical.push(body.unwrap_or(line), start);
            if body.is_none() {
                break;
            }
            // Comments and empty lines between continued lines do not end the instruction.
            let next = loop {
                match self.line() {
                    Some((_, next)) if next.trim().is_empty() || is_comment(next) => {}
                    other => break other,
                }
            };
            let Some((place, next)) = next else { break };
            (start, line) = (place, bare(next));
        }
        (logical.trimmed(), end)
    }

    /// Reads the lines of `heredoc`; returns where its terminator ends.
    fn body(&mut self, heredoc: &mut Heredoc) -> Result<usize, EditError> {
        let start = self.place;
        while let Some((place, line)) = self.line() {
            if heredoc.ends_at(line) {
                heredoc.body = start..place;
                return Ok(place + bare(line).len());
            }
        }
        let message = format!("the heredoc `{}` has no end", heredoc.name);
        Err(EditError::at(message, self.text, heredoc.opener.start))
    }
}

/// The keyword at the start of `logical`, in capitals, and what follows it.
fn keyword_of(logical: &Logical) -> (String, Logical) {
    let text = logical.text();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (text[..end].to_ascii_uppercase(), logical.slice(end..text.len()).trimmed())
}
