//! Dockerfiles for queries.
//!
//! ```text
//! {args: [{name, value}],                      before the first FROM
//!  stages: [{name,                             null without AS
//!            from: {image | stage | scratch,   the image with the values of its ARGs, as written where one has none
//!                   written, platform},
//!            instructions: [{keyword, args, words: […], flags: {…}, pairs: [{name, value}], exec: […]}]}]}
//! ```
//!
//! `pairs` are those of ARG, ENV and LABEL, without quotes; `exec` is there where the instruction has that form.

use std::ops::Range;

use super::view::{Data, New, View, first_line};
use crate::edit::dockerfile::{self, Base, Instruction};
use crate::edit::error::EditError;

/// Reads `text`.
pub(super) fn build(view: &mut View, text: &str) -> Result<(), EditError> {
    let parsed = dockerfile::parse(text)?;
    let root = view.root(Data::Map(Vec::new()), New::at(0..0))?;
    let args = view.add(root, Data::List(Vec::new()), New::at(0..0).key("args"))?;
    let stages = view.add(root, Data::List(Vec::new()), New::at(0..0).key("stages"))?;
    for instruction in parsed.instructions.iter().filter(|instruction| instruction.stage.is_none()) {
        pairs(view, instruction, args)?;
    }
    for (number, stage) in parsed.stages.iter().enumerate() {
        let mut instructions =
            parsed.stage(number).filter(|instruction| instruction.keyword != "FROM" || instruction.onbuild);
        let head = parsed.stage(number).find(|instruction| instruction.keyword == "FROM" && !instruction.onbuild);
        let line = head.map_or_else(|| stage.base_span.clone(), |head| head.head.clone());
        let node = view.add(stages, Data::Map(Vec::new()), large(text, line.clone()))?;
        let name = stage.name.clone().map_or(Data::Null, Data::Text);
        view.add(node, name, New::at(line.clone()).key("name"))?;
        let from = view.add(node, Data::Map(Vec::new()), large(text, line.clone()).key("from"))?;
        let at = |key: &str| New::at(stage.base_span.clone()).key(key);
        match &stage.base {
            Base::Image(image) => {
                let as_written = *image == stage.written;
                view.add(from, Data::Text(image.clone()), at("image").editable(as_written))?;
            }
            Base::Unknown => drop(view.add(from, Data::Text(stage.written.clone()), at("image"))?),
            Base::Stage(_) => drop(view.add(from, Data::Text(stage.written.clone()), at("stage"))?),
            Base::Scratch => drop(view.add(from, Data::Bool(true), at("scratch"))?),
        }
        view.add(from, Data::Text(stage.written.clone()), at("written"))?;
        if let Some(platform) = head.and_then(|head| head.flag("platform")) {
            let value = platform.value.clone().unwrap_or_default();
            view.add(from, Data::Text(value), New::at(platform.span.clone()).key("platform"))?;
        }
        let list = view.add(node, Data::List(Vec::new()), large(text, line).key("instructions"))?;
        instructions.try_for_each(|one| instruction(view, text, one, list))?;
    }
    Ok(())
}

fn large(text: &str, span: Range<usize>) -> New {
    let mut new = New::at(span);
    new.shown = first_line(text, &new.span);
    new
}

fn instruction(view: &mut View, text: &str, parsed: &Instruction, to: usize) -> Result<(), EditError> {
    let node = view.add(to, Data::Map(Vec::new()), large(text, parsed.span.clone()))?;
    let keyword = New::at(parsed.keyword_span.clone()).key("keyword");
    view.add(node, Data::Text(parsed.keyword.clone()), keyword)?;
    let written = parsed.args.text();
    let span = parsed.args.range(0..written.len());
    // Across lines the text is put together from pieces, and no bytes are it.
    let whole = |span: &Range<usize>, value: &str| text.get(span.clone()) == Some(value);
    let editable = whole(&span, written) && parsed.heredocs.is_empty();
    let mut args = large(text, span).key("args").editable(editable);
    args.shown = first_line(text, &args.span);
    view.add(node, Data::Text(written.to_owned()), args)?;
    let words = view.add(node, Data::List(Vec::new()), large(text, parsed.span.clone()).key("words"))?;
    for word in parsed.words() {
        let editable = whole(&word.span, &word.raw);
        view.add(words, Data::Text(word.raw), New::at(word.span).editable(editable))?;
    }
    let flags = view.add(node, Data::Map(Vec::new()), large(text, parsed.span.clone()).key("flags"))?;
    for flag in &parsed.flags {
        if view.child(flags, &flag.name).is_none() {
            let value = flag.value.clone().map_or(Data::Bool(true), Data::Text);
            view.add(flags, value, New::at(flag.span.clone()).key(&flag.name))?;
        }
    }
    if matches!(parsed.keyword.as_str(), "ARG" | "ENV" | "LABEL") {
        let list = view.add(node, Data::List(Vec::new()), large(text, parsed.span.clone()).key("pairs"))?;
        pairs(view, parsed, list)?;
    }
    if let Some(strings) = parsed.exec() {
        let list = view.add(node, Data::List(Vec::new()), large(text, parsed.span.clone()).key("exec"))?;
        for string in strings {
            view.add(list, Data::Text(string.text), New::at(string.span))?;
        }
    }
    Ok(())
}

fn pairs(view: &mut View, parsed: &Instruction, to: usize) -> Result<(), EditError> {
    for pair in parsed.pairs() {
        let node = view.add(to, Data::Map(Vec::new()), New::at(pair.span.clone()))?;
        view.add(node, Data::Text(pair.name), New::at(pair.span.clone()).key("name"))?;
        let value = pair.value.map_or(Data::Null, |value| Data::Text(crate::edit::dockerfile::unquote(&value)));
        view.add(node, value, New::at(pair.span).key("value"))?;
    }
    Ok(())
}
