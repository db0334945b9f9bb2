//! The words of `COPY` and `ADD`.

use super::file::File;
use crate::edit::dockerfile::Instruction;

/// Sources and destination, variables replaced where their values are known.
pub(super) fn words(file: &File<'_>, copy: &Instruction) -> Vec<String> {
    let expand = |raw: &str| {
        let stage = copy.stage.and_then(|stage| file.docker.stages.get(stage));
        stage.and_then(|stage| stage.vars.expand(raw, copy.escape())).unwrap_or_else(|| raw.to_owned())
    };
    match copy.exec() {
        Some(words) => words.into_iter().map(|word| expand(&word.text)).collect(),
        None => copy.words().into_iter().map(|word| expand(&word.raw)).collect(),
    }
}

/// What is copied; heredocs are not.
pub(super) fn sources(file: &File<'_>, copy: &Instruction) -> Vec<String> {
    let mut words = words(file, copy);
    words.pop();
    words.retain(|word| !word.starts_with("<<"));
    words
}

/// Where it goes.
pub(super) fn destination(file: &File<'_>, copy: &Instruction) -> Option<String> {
    words(file, copy).pop()
}
