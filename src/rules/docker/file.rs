//! What the rules of this family share: the files, and how places in them are named.

use std::ops::Range;

use crate::catalogue::images::Reference;
use crate::edit::dockerfile::{Base, Dockerfile, Instruction};
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;

/// A Dockerfile of the repository.
#[derive(Clone, Copy)]
pub(super) struct File<'f> {
    pub subject: &'f Subject<'f>,
    pub docker: &'f Dockerfile,
}

/// Every Dockerfile that parses.
pub(super) fn files<'f>(facts: &'f Facts<'_>) -> Vec<File<'f>> {
    facts
        .of_kind(Kind::Dockerfile)
        .filter_map(|subject| Some(File { subject, docker: subject.dockerfile()? }))
        .collect()
}

impl<'f> File<'f> {
    /// The first line of an instruction.
    pub(super) fn head(&self, instruction: &Instruction) -> Range<usize> {
        let text = &self.subject.seen()[instruction.head.clone()];
        let line = text.lines().next().unwrap_or_default().trim_end();
        instruction.head.start..instruction.head.start + line.len()
    }

    /// Its first line, as the place of what it lacks.
    pub(super) fn top(&self) -> Range<usize> {
        0..self.subject.seen().lines().next().map_or(0, str::len)
    }

    /// An instruction by its stage and its words.
    pub(super) fn address(&self, instruction: &Instruction) -> String {
        let words: Vec<&str> = instruction.args.text().split_whitespace().collect();
        format!("{}/{} {}", self.stage_name(instruction.stage), instruction.keyword, words.join(" "))
    }

    /// A stage's name, or its number.
    pub(super) fn stage_name(&self, stage: Option<usize>) -> String {
        let Some(number) = stage else { return "-".to_owned() };
        self.docker.stages.get(number).and_then(|stage| stage.name.clone()).unwrap_or_else(|| number.to_string())
    }

    /// The number of the last stage: the one that becomes the image.
    pub(super) fn last(&self) -> usize {
        self.docker.stages.len().saturating_sub(1)
    }

    /// A stage, and those that it is built from, nearest first.
    pub(super) fn chain(&self, stage: usize) -> Vec<usize> {
        let mut chain = vec![stage];
        while let Some(Base::Stage(parent)) =
            chain.last().and_then(|last| self.docker.stages.get(*last)).map(|s| &s.base)
        {
            // A stage is built from an earlier one, so this ends.
            chain.push(*parent);
        }
        chain
    }

    /// The image below a stage, if its name is known.
    pub(super) fn image(&self, stage: usize) -> Option<Reference> {
        let bottom = *self.chain(stage).last()?;
        match &self.docker.stages.get(bottom)?.base {
            Base::Image(name) => Some(Reference::read(name)),
            _ => None,
        }
    }

    /// The last instruction with this keyword that holds for a stage, its own or inherited.
    pub(super) fn inherited(&self, stage: usize, keyword: &str) -> Option<&'f Instruction> {
        self.chain(stage).into_iter().find_map(|stage| {
            self.docker.stage(stage).rfind(|instruction| instruction.keyword == keyword && !instruction.onbuild)
        })
    }

    /// `RUN` instructions.
    pub(super) fn runs(&self) -> impl Iterator<Item = &'f Instruction> {
        self.docker.all("RUN")
    }

    /// The directory of the file, with a slash behind it; empty at the root.
    pub(super) fn directory(&self) -> String {
        self.subject.path.parent().map_or_else(String::new, |dir| format!("{dir}/"))
    }

    /// A file beside the Dockerfile or at the root: the build context may be either.
    pub(super) fn beside(&self, facts: &Facts<'_>, name: &str) -> Option<String> {
        let near = format!("{}{name}", self.directory());
        [near, name.to_owned()].into_iter().find(|path| facts.has(path))
    }
}
