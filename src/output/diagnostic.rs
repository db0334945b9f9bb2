//! Errors as people read them: what, where, why, and what to type next.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::encode;
use crate::error::{Error, Position, Problem};

/// Every problem of `error`, with a code frame where there is a place to show.
pub fn render(error: &Error, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let shown: Vec<String> = error.problems.iter().map(|problem| one(problem, Level::ERROR, &renderer)).collect();
    let mut text = shown.join("\n\n");
    text.push('\n');
    text
}

/// A problem that stops nothing.
pub fn warning(problem: &Problem, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    one(problem, Level::WARNING, &renderer)
}

fn one(problem: &Problem, level: Level<'_>, renderer: &Renderer) -> String {
    let message = encode::line(&problem.message).into_owned();
    let path = problem.path.as_deref().map(|path| encode::line(path).into_owned());
    let source = problem.source.as_deref().map(|text| encode::block(text).into_owned());
    let mut group = level.primary_title(message.as_str()).elements(Vec::<annotate_snippets::Message<'_>>::new());
    match (&source, problem.position) {
        (Some(source), Some(at)) => {
            let start = offset(source, at);
            let end = source[start..]
                .find(|c: char| c.is_whitespace() || ",:}]".contains(c))
                .map_or(source.len(), |n| start + n);
            let annotation = AnnotationKind::Primary.span(start..end.max(start));
            group = group.element(Snippet::source(source.as_str()).path(path.as_deref()).annotation(annotation));
        }
        _ => {
            if let Some(path) = &path {
                group = group.element(annotate_snippets::Origin::path(path.as_str()));
            }
        }
    }
    let hint = problem.hint.as_deref().map(|hint| encode::block(hint).into_owned());
    let Some(hint) = hint else { return renderer.render(&[group]) };
    if path.is_none() && source.is_none() {
        // Without a place the renderer would draw an empty margin.
        return format!("{}\n  = help: {hint}", renderer.render(&[group]));
    }
    renderer.render(&[group.element(Level::HELP.message(hint.as_str()))])
}

/// The byte offset of a position; the end of the text where it lies beyond.
fn offset(text: &str, at: Position) -> usize {
    let mut start = 0;
    for (n, line) in text.split_inclusive('\n').enumerate() {
        if n + 1 == at.line {
            let column = line.char_indices().nth(at.column - 1).map_or(line.trim_end().len(), |(byte, _)| byte);
            return start + column;
        }
        start += line.len();
    }
    text.len()
}
