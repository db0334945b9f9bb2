//! YAML text to a tree, from the parser's events.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, StructureStyle, Tag};

use crate::edit::error::EditError;
use crate::edit::resolve;
use crate::edit::source::Source;
use crate::edit::tree::{Document, Entry, Item, Kind, Layout, MAX_DEPTH, Node, Scalar, Style, Type, skip};
use crate::error::Position;

/// Reads `text`, which must hold at most one document.
pub(crate) fn parse(text: &str) -> Result<Document, EditError> {
    read(text, Doubles::Refused)
}

/// The same, as readers do that let the last of a key's values count: those of GitLab and of Kubernetes.
pub(crate) fn parse_last_counts(text: &str) -> Result<Document, EditError> {
    read(text, Doubles::LastCounts)
}

/// What a key that stands twice in a mapping comes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubles {
    Refused,
    LastCounts,
}

fn read(text: &str, doubles: Doubles) -> Result<Document, EditError> {
    let source = Source::new(text);
    let mut reader = Reader::new(&source.text, doubles)?;
    let root = reader.root()?;
    let Reader { comments, end, anchors, .. } = reader;
    Ok(Document { source, root, comments, end, anchors })
}

struct Step<'t> {
    event: Event<'t>,
    span: Range<usize>,
    tag: Option<usize>,
}

struct Reader<'t> {
    text: &'t str,
    steps: Peekable<IntoIter<Step<'t>>>,
    comments: Vec<Range<usize>>,
    body: usize,
    end: usize,
    way: Vec<usize>,
    anchors: BTreeMap<usize, Vec<usize>>,
    doubles: Doubles,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, doubles: Doubles) -> Result<Self, EditError> {
        let options = granit_parser::options! {
            emit_anchor_events: true,
            max_buffered_comment_events: 1_000_000,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
        };
        let mut reader = Reader {
            text,
            steps: Vec::new().into_iter().peekable(),
            comments: Vec::new(),
            body: 0,
            end: text.len(),
            way: Vec::new(),
            anchors: BTreeMap::new(),
            doubles,
        };
        let mut steps = Vec::new();
        let mut documents = 0;
        for next in Parser::new_from_str_with_options(text, options) {
            let (event, span) = next.map_err(|error| unreadable(&error))?;
            let place = span.byte_range().unwrap_or(0..0);
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    reader.body = place.end;
                    if documents > 1 {
                        let message = "the file holds several documents; only a single one can be edited by keys";
                        return Err(EditError::at(message, text, place.start));
                    }
                }
                Event::DocumentEnd if text[place.clone()].starts_with("...") => reader.end = place.start,
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::Comment(..) => reader.comments.push(place),
                event => {
                    let tag = span.tag_start().and_then(|mark| mark.byte_offset());
                    steps.push(Step { event, span: place, tag });
                }
            }
        }
        reader.comments.sort_by_key(|comment| comment.start);
        reader.steps = steps.into_iter().peekable();
        Ok(reader)
    }

    fn root(&mut self) -> Result<Option<Node>, EditError> {
        if self.steps.peek().is_none() {
            return Ok(None);
        }
        let root = self.node(self.body, 0)?;
        let nothing = root.scalar().is_some_and(|scalar| scalar.resolved == Type::Null) && root.span.is_empty();
        Ok((!nothing).then_some(root))
    }

    fn next(&mut self) -> Result<Step<'t>, EditError> {
        self.steps.next().ok_or_else(|| EditError::new("the file ends in the middle of a value"))
    }

    fn node(&mut self, from: usize, depth: usize) -> Result<Node, EditError> {
        let step = self.next()?;
        if depth > MAX_DEPTH {
            return Err(EditError::at("the file is nested too deeply", self.text, step.span.start));
        }
        let mut start = step.tag.unwrap_or(step.span.start).min(step.span.start);
        let mut anchor = None;
        if let Some(Step { event: Event::Anchor(id, _), span, .. }) = self.steps.peek() {
            anchor = Some(*id);
            start = start.min(span.start);
            self.anchors.insert(*id, self.way.clone());
            self.steps.next();
        }
        let mut named = None;
        let propertied = anchor.is_some() || step.tag.is_some();
        let (kind, span) = match step.event {
            Event::Alias(id) => (Kind::Alias(id), step.span),
            Event::Scalar(text, style, _, tag) => {
                let span = self.scalar_span(step.span, style, from, propertied.then_some(start));
                (Kind::Scalar(scalar(text, style, tag.as_deref())), span)
            }
            Event::SequenceStart(style, _, tag) => {
                named = tag.as_deref().and_then(tag_name);
                let (items, end) = self.items(layout(style), step.span.end, depth)?;
                let first = items.first().map_or(step.span.start, |item| item.span.start);
                let begin = if style == StructureStyle::Block { first } else { step.span.start };
                (Kind::Sequence(layout(style), items), begin..end)
            }
            Event::MappingStart(style, _, tag) => {
                named = tag.as_deref().and_then(tag_name);
                let (entries, end) = self.entries(layout(style), step.span.end, depth)?;
                let first = entries.first().map_or(step.span.start, |entry| entry.span.start);
                let begin = if style == StructureStyle::Block { first } else { step.span.start };
                (Kind::Mapping(layout(style), entries), begin..end)
            }
            _ => return Err(EditError::unfaithful(self.text, step.span.start)),
        };
        let begin = if propertied { start.min(span.start) } else { span.start };
        Ok(Node { span: begin..span.end.max(begin), anchor, tag: named, kind })
    }

    fn items(&mut self, layout: Layout, open: usize, depth: usize) -> Result<(Vec<Item>, usize), EditError> {
        let mut items: Vec<Item> = Vec::new();
        loop {
            if matches!(self.steps.peek(), Some(Step { event: Event::SequenceEnd, .. })) {
                let close = self.next()?.span.end;
                let last = items.last().map_or(open, |item| item.span.end);
                return Ok((items, if layout == Layout::Flow { close } else { last }));
            }
            let begin = items.last().map_or(open, |item| item.span.end);
            self.way.push(items.len());
            let value = self.node(begin, depth + 1)?;
            self.way.pop();
            let (span, value) = match layout {
                Layout::Flow => (value.span.clone(), value),
                Layout::Block => {
                    let dash = self.dash_before(value.span.start)?;
                    let empty = value.span.is_empty();
                    let value = if empty { Node { span: dash + 1..dash + 1, ..value } } else { value };
                    (dash..value.span.end, value)
                }
            };
            items.push(Item { span, value });
        }
    }

    fn dash_before(&self, value: usize) -> Result<usize, EditError> {
        let dash = self.skip_back(value).checked_sub(1).filter(|at| self.text.as_bytes()[*at] == b'-');
        dash.ok_or_else(|| EditError::unfaithful(self.text, value))
    }

    fn entries(&mut self, layout: Layout, open: usize, depth: usize) -> Result<(Vec<Entry>, usize), EditError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        loop {
            if matches!(self.steps.peek(), Some(Step { event: Event::MappingEnd, .. })) {
                let close = self.next()?.span.end;
                let last = entries.last().map_or(open, |entry| entry.span.end);
                return Ok((entries, if layout == Layout::Flow { close.max(last) } else { last }));
            }
            let begin = entries.last().map_or(open, |entry| entry.span.end);
            self.way.push(entries.len());
            let key = self.node(begin, depth + 1)?;
            let text = match &key.kind {
                Kind::Scalar(scalar) => scalar.text.clone(),
                _ => self.text[key.span.clone()].to_owned(),
            };
            if !seen.insert(text.clone()) {
                if self.doubles == Doubles::Refused {
                    return Err(EditError::at(
                        format!("the key `{text}` stands here twice"),
                        self.text,
                        key.span.start,
                    ));
                }
                // Of several merges each counts. Any other entry stays, as the ways to anchors count it, but under no name.
                for entry in entries.iter_mut().filter(|entry| entry.key == text && text != "<<") {
                    entry.key.push('\0');
                }
            }
            let after_colon = self.after_colon(key.span.end);
            let value = self.node(after_colon, depth + 1)?;
            self.way.pop();
            let before = self.text[..key.span.start].trim_end_matches([' ', '\t']).strip_suffix('?');
            let explicit = before.filter(|before| before.is_empty() || before.ends_with([' ', '\n']));
            let start = explicit.map_or(key.span.start, str::len);
            let empty = value.span.is_empty();
            let end = if empty { after_colon } else { value.span.end.max(after_colon) };
            let value = if empty { Node { span: after_colon..after_colon, ..value } } else { value };
            entries.push(Entry { key: text, key_span: key.span, after_colon, span: start..end, value });
        }
    }

    fn after_colon(&self, key_end: usize) -> usize {
        let place = self.skip(key_end);
        if self.text[place..].starts_with(':') { place + 1 } else { key_end }
    }

    /// The whole token of a scalar: its header, for a block scalar; without the lines after it.
    fn scalar_span(
        &self,
        span: Range<usize>,
        style: ScalarStyle,
        from: usize,
        properties: Option<usize>,
    ) -> Range<usize> {
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return span;
        }
        let mut header = self.skip(properties.unwrap_or(from).min(span.start));
        if self.text[header..].starts_with('-') {
            header = self.skip(header + 1);
        }
        while self.text[header..].starts_with(['&', '!']) {
            let token = self.text[header..].find(char::is_whitespace).unwrap_or(0);
            header = self.skip(header + token);
        }
        let line = self.text[header..].lines().next().unwrap_or_default();
        let keeps = line.split('#').next().is_some_and(|indicator| indicator.contains('+'));
        let mut end = span.end.max(header + line.len());
        // The parser's span may run on into the indentation of the next line.
        let last = self.text[header..end].rfind('\n').map_or(end, |n| header + n + 1);
        if self.text[last..end].trim_matches(' ').is_empty() {
            end = last;
        }
        if keeps {
            end -= usize::from(self.text[..end].ends_with('\n'));
        } else {
            while let Some(body) = self.text[header..end].strip_suffix('\n') {
                end = header + body.len();
                let last = body.rfind('\n').map_or(header, |n| header + n + 1);
                if last == header || !self.text[last..end].trim().is_empty() {
                    break;
                }
                end = last;
            }
        }
        header..end
    }

    fn skip(&self, from: usize) -> usize {
        skip(self.text, &self.comments, from)
    }

    /// The last place at or before `from` with neither white space nor a comment before it.
    fn skip_back(&self, from: usize) -> usize {
        let mut place = from;
        loop {
            place = self.text[..place].trim_end().len();
            let n = self.comments.partition_point(|comment| comment.start < place);
            match self.comments[..n].last() {
                Some(comment) if comment.end >= place => place = comment.start,
                _ => return place,
            }
        }
    }
}

/// The name of a tag that makes a collection something else than a plain mapping or list.
fn tag_name(tag: &Tag) -> Option<String> {
    (!matches!(tag.core_suffix(), Some("map" | "seq"))).then(|| tag.to_string())
}

fn layout(style: StructureStyle) -> Layout {
    match style {
        StructureStyle::Block => Layout::Block,
        StructureStyle::Flow => Layout::Flow,
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Scalar {
    let plain = style == ScalarStyle::Plain;
    let resolved = match tag {
        Some(tag) if tag.core_suffix() == Some("str") || (tag.handle().is_empty() && tag.suffix() == "!") => Type::Text,
        Some(tag) => Type::Tagged(tag.to_string()),
        None if plain => resolve::plain(&text),
        None => Type::Text,
    };
    let style = match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
        ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
    };
    // Every null is the same one, however it is spelt.
    let text = if resolved == Type::Null { "null".to_owned() } else { text.into_owned() };
    Scalar { text, resolved, style }
}

fn unreadable(error: &ScanError) -> EditError {
    let position = Position { line: error.marker().line().max(1), column: error.marker().col() + 1 };
    EditError { message: format!("this is not YAML: {}", error.info()), position: Some(position) }
}
