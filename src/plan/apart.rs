//! Why a block and the rest of its file do not go together, and in which lines.

use crate::edit::block::{self, BlockState};
use crate::edit::tree::Document;
use crate::edit::{CommentStyle, EditError, Format};
use crate::error::Position;
use crate::model::ownership::At;

/// What `error` says of a file that `block` with `body` was `laid` into; its place is one in `text`, as it was before.
pub(super) fn apart(
    format: Format,
    text: &str,
    (id, style, at): (&str, CommentStyle, At),
    (body, laid): (&str, &str),
    error: &EditError,
) -> EditError {
    let head = format!("the block `{id}` and the rest of the file do not go together");
    let own = lines(text, id, style, at);
    if let Some((key, here, there)) = doubled(format, text, own, body) {
        let why = format!("{head}: both say `{key}`, in line {there} of the golden path's");
        return EditError { position: Some(Position { line: here, column: 1 }), ..EditError::new(why) };
    }
    let (wrong, block) = (error.position.map(|place| place.line), lines(laid, id, style, at));
    let why = format!("{head}: {}", error.message);
    match (wrong, block) {
        (Some(line), Some((first, last))) if (first..=last).contains(&line) => {
            EditError::new(format!("{why} in line {} of the golden path's", (line - first).max(1)))
        }
        (Some(line), Some((_, last))) => {
            let before = own.map_or(0, |(first, last)| last + 1 - first);
            let length = block.map_or(0, |(first, last)| last + 1 - first);
            let line = if line > last { line + before - length } else { line };
            EditError { position: Some(Position { line, column: 1 }), ..EditError::new(why) }
        }
        _ => EditError::new(why),
    }
}

/// The first and the last line of a block, its marks included.
fn lines(text: &str, id: &str, style: CommentStyle, at: At) -> Option<(usize, usize)> {
    match block::find(text, id, style, at) {
        BlockState::Present { first_line, last_line, .. } => Some((first_line, last_line)),
        BlockState::Absent | BlockState::Broken { .. } => None,
    }
}

/// The first key that the block and the rest both say, with its line in each.
fn doubled(format: Format, text: &str, own: Option<(usize, usize)>, body: &str) -> Option<(String, usize, usize)> {
    let (here, there) = (Document::parse(format, text).ok()?, Document::parse(format, body).ok()?);
    let line = |document: &Document, at: usize| document.text()[..at].matches('\n').count() + 1;
    let is_own = |line: usize| own.is_some_and(|(first, last)| (first..=last).contains(&line));
    let (rest, block) = (here.root.as_ref()?, there.root.as_ref()?);
    block.entries()?.iter().find_map(|entry| {
        let mut others = rest.entries()?.iter().filter(|other| other.key == entry.key);
        let other = others.find(|other| !is_own(line(&here, other.key_span.start)))?;
        // Tables of one list may stand in both.
        let lists = [entry, other].iter().all(|entry| entry.value.items().is_some());
        let may = lists && format == Format::Toml;
        (!may).then(|| (entry.key.clone(), line(&here, other.key_span.start), line(&there, entry.key_span.start)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{comment_style, readable};
    use crate::model::path::RepoPath;

    fn said(name: &str, text: &str, body: &str) -> (String, Option<usize>) {
        let path = RepoPath::new(name).unwrap();
        let (format, style) = (Format::of(&path).unwrap(), comment_style(&path).unwrap());
        let laid = block::lay(text, "b", style, At::End, body).unwrap();
        let error = readable(format, &laid).unwrap_err();
        let error = apart(format, text, ("b", style, At::End), (body, &laid), &error);
        let why = error.message.strip_prefix("the block `b` and the rest of the file do not go together: ").unwrap();
        (why.to_owned(), error.position.map(|at| at.line))
    }

    #[test]
    fn what_both_say_is_named_with_its_lines() {
        let (why, here) = said("a.yml", "x: 1\na: 1\n", "# why\na: 2\n");
        assert_eq!((why.as_str(), here), ("both say `a`, in line 2 of the golden path's", Some(2)));
        let block = "# roadbed:begin b\na: 1\n# roadbed:end b\n";
        let (why, here) = said("a.yml", &format!("{block}b: 1\n"), "b: 2\n");
        assert_eq!((why.as_str(), here), ("both say `b`, in line 1 of the golden path's", Some(4)));
        let (why, here) = said("a.toml", "[[s]]\nx = 1\n\n[t]\nx = 1\n", "[[s]]\nx = 2\n\n[t]\ny = 1\n");
        assert_eq!((why.as_str(), here), ("both say `t`, in line 4 of the golden path's", Some(4)));
    }

    #[test]
    fn else_the_line_at_which_it_no_longer_reads_is() {
        let (why, here) = said("a.yml", "- 1\n", "a: 2\n");
        assert!(why.ends_with(" in line 1 of the golden path's"), "{why}");
        assert_eq!(here, None);
    }
}
