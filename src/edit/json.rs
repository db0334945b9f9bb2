//! JSON, comments and trailing commas tolerated: text to a tree, and changes as splices.

use std::collections::{BTreeMap, BTreeSet};

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseError;
use jsonc_parser::tokens::Token;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

use super::error::EditError;
use super::flow::{Brackets, Fresh};
use super::ops::{Op, Piece};
use super::source::{Source, Splice};
use super::tree::{Document, Entry, Item, Kind, Layout, MAX_DEPTH, Node, Scalar, Style, Type};

/// Reads `text`.
pub(crate) fn parse(text: &str) -> Result<Document, EditError> {
    let source = Source::new(text);
    let seen = &source.text;
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let collect = CollectOptions { comments: CommentCollectionStrategy::AsTokens, tokens: true };
    let parsed = parse_to_ast(seen, &collect, &options).map_err(|error| unreadable(&error, seen))?;
    let comment = |token: &Token<'_>| matches!(token, Token::CommentLine(_) | Token::CommentBlock(_));
    let tokens = parsed.tokens.unwrap_or_default();
    let comments = tokens.iter().filter(|t| comment(&t.token)).map(|t| t.range.start..t.range.end).collect::<Vec<_>>();
    let root = parsed.value.map(|value| node(&value, seen, 0)).transpose()?;
    let end = seen.len();
    Ok(Document { root, comments, end, anchors: BTreeMap::new(), source })
}

fn unreadable(error: &ParseError, text: &str) -> EditError {
    EditError::at(format!("this is not JSON: {}", error.kind()), text, error.range().start)
}

fn node(value: &Value<'_>, text: &str, depth: usize) -> Result<Node, EditError> {
    let range = value.range();
    if depth > MAX_DEPTH {
        return Err(EditError::at("the file is nested too deeply", text, range.start));
    }
    let plain = |text: String, resolved: Type| Kind::Scalar(Scalar { text, resolved, style: Style::Plain });
    let kind = match value {
        Value::StringLit(string) => {
            Kind::Scalar(Scalar { text: string.value.to_string(), resolved: Type::Text, style: Style::Quoted })
        }
        Value::NumberLit(number) => plain(number.value.to_owned(), Type::Number),
        Value::BooleanLit(boolean) => plain(boolean.value.to_string(), Type::Bool),
        Value::NullKeyword(_) => plain("null".to_owned(), Type::Null),
        Value::Array(array) => {
            let items = array.elements.iter().map(|element| {
                let value = node(element, text, depth + 1)?;
                Ok(Item { span: value.span.clone(), value })
            });
            Kind::Sequence(Layout::Flow, items.collect::<Result<_, EditError>>()?)
        }
        Value::Object(object) => {
            let mut seen = BTreeSet::new();
            let entries = object.properties.iter().map(|property| {
                let key = property.name.as_str().to_owned();
                let at = property.name.range();
                if !seen.insert(key.clone()) {
                    return Err(EditError::at(format!("the key `{key}` stands here twice"), text, at.start));
                }
                let value = node(&property.value, text, depth + 1)?;
                let gap = &text[at.end..value.span.start];
                let after_colon = at.end + gap.find(':').map_or(0, |n| n + 1);
                let span = at.start..value.span.end;
                Ok(Entry { key, key_span: at.start..at.end, after_colon, span, value })
            });
            Kind::Mapping(Layout::Flow, entries.collect::<Result<_, EditError>>()?)
        }
    };
    Ok(Node { span: range.start..range.end, anchor: None, tag: None, kind })
}

/// The splices that carry out `op`.
pub(crate) fn splices(document: &Document, op: &Op<'_>) -> Result<Vec<Splice>, EditError> {
    let missing = || EditError::unfaithful(document.text(), 0);
    match op {
        Op::Set { at, piece } => {
            let Some(node) = document.node(at) else {
                return Ok(vec![Splice::insert(document.end, whole(piece))]);
            };
            let text = value_text(document, piece, node.span.start);
            Ok(vec![Splice::replace(node.span.start, node.span.end, text)])
        }
        Op::Insert { into, index, piece } => {
            let parent = document.node(into).ok_or_else(missing)?;
            let brackets = Brackets::of(document, parent);
            brackets.insert(*index, &fresh(document, parent, &brackets, piece))
        }
        Op::Remove { at, .. } => {
            let (index, parent) = at.split_last().ok_or_else(missing)?;
            Brackets::of(document, document.node(parent).ok_or_else(missing)?).remove(*index)
        }
    }
}

fn whole(piece: &Piece<'_>) -> String {
    match piece {
        Piece::Root(other, _) => other.text().to_owned(),
        Piece::EmptySequence => "[]\n".to_owned(),
        _ => "{}\n".to_owned(),
    }
}

fn fresh(document: &Document, parent: &Node, brackets: &Brackets<'_>, piece: &Piece<'_>) -> Fresh {
    let base = line_indent(document, parent.span.start);
    let inner = brackets.own_lines().map_or_else(|| format!("{base}{}", unit(document)), ToOwned::to_owned);
    // A file on one line stays on one line.
    let one_line = !document.text().trim_end().contains('\n') && document.text().trim().len() > 2;
    let has_lines = brackets.own_lines().is_some() || (parent.is_empty() && !one_line);
    let whole = |other: &Document, span: &std::ops::Range<usize>| {
        let lead = if has_lines { lead(other, span.start, &inner) } else { String::new() };
        lead + &moved(document, other, span, &inner)
    };
    let text = match piece {
        Piece::Entry(other, _, entry) => whole(other, &entry.span),
        Piece::Item(other, _, item) => whole(other, &item.span),
        _ => value_text(document, piece, parent.span.start),
    };
    let alone = if one_line { (String::new(), String::new()) } else { (format!("\n{inner}"), format!("\n{base}")) };
    Fresh { text, alone }
}

/// The comment lines right above `start`, each with `indent` behind it: what comes before the text of a child.
fn lead(other: &Document, start: usize, indent: &str) -> String {
    if !other.source.starts_line(start) {
        return String::new();
    }
    let base = line_indent(other, start).len();
    let lines = other.text()[other.lead_start(start)..other.source.line_start(start)].lines();
    let moved = lines.map(|line| {
        let content = line.trim();
        let deeper = line.len() - line.trim_start().len();
        // The lines of one comment keep their places to each other.
        format!("{}{content}\n{indent}", " ".repeat(deeper.saturating_sub(base)))
    });
    moved.collect()
}

fn value_text(document: &Document, piece: &Piece<'_>, place: usize) -> String {
    let indent = line_indent(document, place);
    match piece {
        Piece::Entry(other, _, entry) => moved(document, other, &entry.value.span, &indent),
        Piece::Item(other, _, item) => moved(document, other, &item.value.span, &indent),
        Piece::Root(other, node) => moved(document, other, &node.span, &indent),
        Piece::EmptyMapping => "{}".to_owned(),
        Piece::EmptySequence => "[]".to_owned(),
    }
}

/// Text of `other`, with the indentation of `document`: `indent` for what stood on its first line's level.
fn moved(document: &Document, other: &Document, span: &std::ops::Range<usize>, indent: &str) -> String {
    let base = line_indent(other, span.start).len();
    let (theirs, ours) = (unit(other).len(), unit(document));
    let mut lines = other.text()[span.clone()].split('\n');
    let mut result = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let content = line.trim_start_matches([' ', '\t']);
        let deeper = (line.len() - content.len()).saturating_sub(base);
        result.push('\n');
        if !content.is_empty() {
            result.push_str(indent);
            result.push_str(&ours.repeat(deeper / theirs));
            result.push_str(&" ".repeat(deeper % theirs));
            result.push_str(content);
        }
    }
    result
}

fn line_indent(document: &Document, place: usize) -> String {
    let start = document.source.line_start(place);
    document.text()[start..document.source.skip_blanks(start)].to_owned()
}

/// One step of indentation.
fn unit(document: &Document) -> String {
    let first = document.root.as_ref().and_then(|root| match &root.kind {
        Kind::Mapping(_, entries) => entries.first().map(|entry| entry.span.start),
        Kind::Sequence(_, items) => items.first().map(|item| item.span.start),
        Kind::Scalar(_) | Kind::Alias(_) => None,
    });
    let indent = first.filter(|at| document.source.starts_line(*at)).map(|at| line_indent(document, at));
    indent.filter(|indent| !indent.is_empty()).unwrap_or_else(|| "  ".to_owned())
}
