//! Stages: what each is built from, as far as the file tells.

use std::ops::Range;

use super::instruction::Instruction;
use super::vars::Vars;
use crate::edit::error::EditError;

/// What a stage is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// Nothing.
    Scratch,
    /// An earlier stage, by number.
    Stage(usize),
    /// An image from a registry, its variables replaced.
    Image(String),
    /// An image whose name only the build knows.
    Unknown,
}

/// A stage.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    /// The name after `AS`.
    pub name: Option<String>,
    /// What it is built from.
    pub base: Base,
    /// The base as written.
    pub written: String,
    /// The base's bytes in the file.
    pub base_span: Range<usize>,
    /// What is known where the stage ends: its `ARG`s and `ENV`s.
    pub vars: Vars,
}

/// Numbers the stages, and gives each instruction its stage.
pub(super) fn stages(text: &str, instructions: &mut [Instruction], escape: char) -> Result<Vec<Stage>, EditError> {
    let mut stages: Vec<Stage> = Vec::new();
    let mut globals = Vars::default();
    // BuildKit knows these before the first `FROM`; their values depend on the machine.
    for name in ["TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH"] {
        globals.set(name, None);
    }
    for instruction in instructions.iter_mut() {
        if instruction.keyword == "FROM" && !instruction.onbuild {
            let stage = stage(text, instruction, &stages, &globals, escape)?;
            stages.push(stage);
        }
        instruction.stage = stages.len().checked_sub(1);
        match (stages.last_mut(), instruction.keyword.as_str()) {
            (None, "ARG") => {
                for pair in instruction.pairs() {
                    let value = pair.value.and_then(|value| globals.expand(&value, escape));
                    globals.set(&pair.name, value);
                }
            }
            (None, _) => {
                let message = format!("`{}` stands before the first `FROM`", instruction.keyword);
                return Err(EditError::at(message, text, instruction.span.start));
            }
            (Some(stage), "ARG") if !instruction.onbuild => {
                for pair in instruction.pairs() {
                    let value = match pair.value {
                        Some(value) => stage.vars.expand(&value, escape),
                        None => globals.get(&pair.name).map(ToOwned::to_owned),
                    };
                    stage.vars.set(&pair.name, value);
                }
            }
            (Some(stage), "ENV") if !instruction.onbuild => {
                let before = stage.vars.clone();
                for pair in instruction.pairs() {
                    let value = pair.value.and_then(|value| before.expand(&value, escape));
                    stage.vars.set(&pair.name, value);
                }
            }
            _ => {}
        }
    }
    if stages.is_empty() {
        return Err(EditError::at("a Dockerfile must have a `FROM`", text, 0));
    }
    Ok(stages)
}

fn stage(text: &str, from: &Instruction, earlier: &[Stage], globals: &Vars, escape: char) -> Result<Stage, EditError> {
    let words = from.words();
    let unreadable = || EditError::at("`FROM` takes an image, or an image `AS` a name", text, from.span.start);
    let (base, name) = match words.as_slice() {
        [base] => (base, None),
        [base, word, name] if word.raw.eq_ignore_ascii_case("as") => (base, Some(name.raw.to_ascii_lowercase())),
        _ => return Err(unreadable()),
    };
    let expanded = globals.expand(&base.raw, escape);
    let parent = expanded.as_deref().and_then(|base| find(earlier, base));
    let vars = parent.and_then(|parent| earlier.get(parent)).map(inherited).unwrap_or_default();
    let kind = match (parent, expanded) {
        (Some(parent), _) => Base::Stage(parent),
        (None, Some(base)) if base == "scratch" => Base::Scratch,
        (None, Some(base)) if !base.is_empty() => Base::Image(base),
        _ => Base::Unknown,
    };
    Ok(Stage { name, base: kind, written: base.raw.clone(), base_span: base.span.clone(), vars })
}

/// What a stage built from another sees of its variables. `ARG`s end with their stage, but which of
/// the names are `ARG`s matters to nobody who only asks for a known value.
fn inherited(parent: &Stage) -> Vars {
    parent.vars.clone()
}

/// The number of the stage called `name`: a stage's name wins over its number.
pub(crate) fn find(stages: &[Stage], name: &str) -> Option<usize> {
    let name = name.to_ascii_lowercase();
    stages.iter().rposition(|stage| stage.name.as_deref() == Some(name.as_str()))
}
