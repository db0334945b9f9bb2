//! Splices between brackets, which YAML's flow style and JSON share.

use super::error::EditError;
use super::source::Splice;
use super::tree::{Document, Kind, Node};

/// What stands between two brackets: the places of the children, and the node itself.
pub(crate) struct Brackets<'a> {
    document: &'a Document,
    node: &'a Node,
    children: Vec<std::ops::Range<usize>>,
}

/// How a new child is set off from its neighbours.
pub(crate) struct Fresh {
    /// The child's text.
    pub text: String,
    /// What to put around it if it becomes the only one.
    pub alone: (String, String),
}

impl<'a> Brackets<'a> {
    /// The brackets of `node`.
    pub(crate) fn of(document: &'a Document, node: &'a Node) -> Self {
        let children = match &node.kind {
            Kind::Mapping(_, entries) => entries.iter().map(|entry| entry.span.clone()).collect(),
            Kind::Sequence(_, items) => items.iter().map(|item| item.span.clone()).collect(),
            Kind::Scalar(_) | Kind::Alias(_) => Vec::new(),
        };
        Brackets { document, node, children }
    }

    /// The white space before each child if each has a line of its own.
    pub(crate) fn own_lines(&self) -> Option<&'a str> {
        let first = self.children.first()?;
        let source = &self.document.source;
        source.starts_line(first.start).then(|| &source.text[source.line_start(first.start)..first.start])
    }

    /// Puts a child before the one at `index`, or last.
    pub(crate) fn insert(&self, index: usize, fresh: &Fresh) -> Result<Vec<Splice>, EditError> {
        let source = &self.document.source;
        let text = &fresh.text;
        let gap = self.own_lines().map_or_else(|| " ".to_owned(), |indent| format!("\n{indent}"));
        if self.children.is_empty() {
            let close = self.close()?;
            let (before, after) = &fresh.alone;
            let open = source.text[..close].trim_end().len();
            let inner = self
                .document
                .comments
                .iter()
                .any(|comment| comment.start >= self.node.span.start && comment.end <= close);
            let start = if inner { close } else { open };
            return Ok(vec![Splice::replace(start, close, format!("{before}{text}{after}"))]);
        }
        if index == 0 {
            let first = self.children[0].start;
            let top = self.document.lead_start(first);
            if let Some(indent) = self.own_lines().filter(|_| top < source.line_start(first)) {
                // The comments right above the first child stay its own.
                return Ok(vec![Splice::insert(top, format!("{indent}{text},\n"))]);
            }
            return Ok(vec![Splice::insert(self.children[0].start, format!("{text},{gap}"))]);
        }
        let before = &self.children[index - 1];
        if let Some(comma) = self.comma(before.end) {
            let place = self.after_comment(comma + 1);
            Ok(vec![Splice::insert(place, format!("{gap}{text},"))])
        } else {
            let place = self.after_comment(before.end);
            if place == before.end {
                return Ok(vec![Splice::insert(place, format!(",{gap}{text}"))]);
            }
            Ok(vec![Splice::insert(before.end, ","), Splice::insert(place, format!("{gap}{text}"))])
        }
    }

    /// Takes out the child at `index`.
    pub(crate) fn remove(&self, index: usize) -> Result<Vec<Splice>, EditError> {
        let child = &self.children[index];
        if self.children.len() == 1 {
            return Ok(vec![Splice::replace(self.node.span.start + 1, self.close()?, "")]);
        }
        let comma = self.comma(child.end);
        if index + 1 < self.children.len() {
            let comma = comma.ok_or_else(|| EditError::unfaithful(self.document.text(), child.end))?;
            let after = self.after_comment(comma + 1);
            let rest = &self.document.text()[after..];
            let next = after + (rest.len() - rest.trim_start().len());
            return Ok(vec![Splice::replace(child.start, next, "")]);
        }
        let before = &self.children[index - 1];
        let parting = self.comma(before.end).ok_or_else(|| EditError::unfaithful(self.document.text(), before.end))?;
        let kept = self.after_comment(parting + 1);
        let end = self.after_comment(comma.map_or(child.end, |comma| comma + 1));
        let mut splices = vec![Splice::replace(kept, end, "")];
        if comma.is_none() {
            splices.push(Splice::replace(parting, parting + 1, ""));
        }
        Ok(splices)
    }

    fn close(&self) -> Result<usize, EditError> {
        let close = self.node.span.end.checked_sub(1).filter(|at| *at > self.node.span.start);
        close.ok_or_else(|| EditError::unfaithful(self.document.text(), self.node.span.start))
    }

    fn comma(&self, from: usize) -> Option<usize> {
        let place = self.document.skip(from);
        self.document.text()[place..].starts_with(',').then_some(place)
    }

    /// Behind the comment on the same line, where children have lines of their own.
    fn after_comment(&self, place: usize) -> usize {
        let comment = self.own_lines().and_then(|_| self.document.comment_after(place));
        comment.filter(|comment| comment.end == self.document.source.line_end(place)).map_or(place, |c| c.end)
    }
}
