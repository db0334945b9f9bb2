//! One file as a whole: type, mode and frame; its lines and keys are merged further down.

use super::differ::{self, differ};
use super::keyed;
use super::text::{self, Lines};
use crate::edit::envelope::{Envelope, is_plain, same_text};
use crate::edit::source::Source;
use crate::edit::tree::Document;
use crate::edit::{Format, Match, markers};
use crate::model::file::{File, FileMode, is_binary};
use crate::model::path::RepoPath;
use crate::model::plan::ConflictKind;

/// The three versions of a file.
#[derive(Clone, Copy, Debug)]
pub struct Sides<'a> {
    /// As the locked version rendered it, where that is known.
    pub base: Option<&'a File>,
    /// As it lies in the repo.
    pub ours: &'a File,
    /// As the target version renders it.
    pub theirs: &'a File,
}

/// How conflict markers name the two sides.
#[derive(Clone, Debug)]
pub struct Labels {
    /// The repo's side.
    pub ours: String,
    /// The golden path's side.
    pub theirs: String,
}

/// What becomes of the repo's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// It stays as it is.
    Same,
    /// It becomes this.
    Clean(File),
    /// A person must settle it.
    Conflict {
        /// Why.
        kind: ConflictKind,
        /// What collides, and in which lines; without a full stop.
        message: String,
        /// The file with conflict markers, where it is text.
        marked: Option<File>,
    },
}

/// Merges what the golden path changed since `base` into the repo's file.
///
/// Line ends, byte-order mark and mode of the repo's file stay; a final newline too, unless only the
/// golden path changed it. `matching` names the keys by which items of lists are found.
pub fn merge(path: &RepoPath, sides: &Sides<'_>, matching: &Match, labels: &Labels) -> Merged {
    let Sides { ours, theirs, base } = *sides;
    if [Some(ours), Some(theirs), base].into_iter().flatten().any(|file| file.mode == FileMode::Symlink) {
        return links(sides);
    }
    let mode = match base {
        Some(base) if base.mode == ours.mode => theirs.mode,
        _ => ours.mode,
    };
    let done = |bytes: Vec<u8>| {
        let file = File { mode, bytes };
        if file == *ours { Merged::Same } else { Merged::Clean(file) }
    };
    if same_text(&ours.bytes, &theirs.bytes) {
        return done(ours.bytes.clone());
    }
    if let Some(base) = base {
        if same_text(&base.bytes, &theirs.bytes) {
            return done(ours.bytes.clone());
        }
        if same_text(&base.bytes, &ours.bytes) {
            return done(framed(base, ours, theirs));
        }
    }
    let conflict = |kind, message: String, marked: Option<Vec<u8>>| Merged::Conflict {
        kind,
        message,
        marked: marked.map(|bytes| File { mode, bytes }),
    };
    let Some(base) = base else {
        let why = "nobody knows what the golden path laid here before, so its changes cannot be told from yours";
        let message = format!("{why}: {}", differ(ours, theirs));
        let binary = is_binary(&ours.bytes) || is_binary(&theirs.bytes);
        let marked = (!binary).then(|| {
            let (ours, theirs) = (Content::of(&ours.bytes), Content::of(&theirs.bytes));
            ours.back(&differ::both(&ours.seen(), &theirs.seen(), labels), true)
        });
        return conflict(ConflictKind::NoBase, message, marked);
    };
    if [base, ours, theirs].into_iter().any(|file| is_binary(&file.bytes)) {
        let message = format!("both sides changed this file, and it is not text: {}", differ(ours, theirs));
        return conflict(ConflictKind::Binary, message, None);
    }
    let contents = [base, ours, theirs].map(|file| Content::of(&file.bytes));
    if let (Some(span), None) = (markers::first(&contents[1].text), markers::first(&contents[0].text)) {
        let message = format!("an earlier conflict is not settled: line {} here", span.line);
        return conflict(ConflictKind::Content, message, None);
    }
    let ended = final_newline(base, ours, theirs);
    let seen = contents.each_ref().map(Content::seen);
    let merged = match Format::of(path).filter(|_| contents.iter().all(|content| content.utf8)) {
        Some(format) => keyed::merge(format, &seen, matching, labels),
        None => text::merge(&seen, labels).map_err(|clash| (clash.message(), clash.marked)),
    };
    match merged {
        Ok(text) => done(contents[1].back(&text, ended)),
        Err((message, marked)) => {
            let marked = contents[1].back(&marked, ended);
            conflict(ConflictKind::Content, message, Some(marked))
        }
    }
}

/// Which side a person decided for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The repo's.
    Ours,
    /// The golden path's.
    Theirs,
}

/// The repo's file with every collision decided for one side. Where lines can tell what collides, all else of both
/// sides stays; else the side's whole file stands.
pub fn decide(path: &RepoPath, sides: &Sides<'_>, side: Side) -> File {
    let Sides { ours, theirs, base } = *sides;
    let whole = || match side {
        Side::Ours => ours.clone(),
        Side::Theirs => File { mode: theirs.mode, bytes: framed(base.unwrap_or(ours), ours, theirs) },
    };
    let Some(base) = base else { return whole() };
    let versions = [base, ours, theirs];
    if versions.iter().any(|file| file.mode == FileMode::Symlink || is_binary(&file.bytes)) {
        return whole();
    }
    let contents = versions.map(|file| Content::of(&file.bytes));
    let seen = contents.each_ref().map(Content::seen);
    let text = text::decided(&seen, side == Side::Ours);
    if let Some(format) = Format::of(path).filter(|_| contents.iter().all(|content| content.utf8)) {
        // Lines that merge alone are what the keys refused: then only a whole side means what somebody wrote.
        let lines_merge = text::merge(&seen, &Labels { ours: String::new(), theirs: String::new() }).is_ok();
        if lines_merge || Document::parse(format, &text).is_err() {
            return whole();
        }
    }
    let mode = if base.mode == ours.mode { theirs.mode } else { ours.mode };
    File { mode, bytes: contents[1].back(&text, final_newline(base, ours, theirs)) }
}

/// Where one of the three is a symlink, a side that changed nothing gives way, and nothing is mixed.
fn links(sides: &Sides<'_>) -> Merged {
    let Sides { ours, theirs, base } = *sides;
    if ours == theirs || base == Some(theirs) {
        return Merged::Same;
    }
    if base == Some(ours) {
        return Merged::Clean(theirs.clone());
    }
    let (kind, message) = match base {
        None => (ConflictKind::NoBase, "nobody knows what the golden path laid here before"),
        Some(base) if [base, ours, theirs].into_iter().all(|file| file.mode == FileMode::Symlink) => {
            (ConflictKind::Content, "both sides changed where this link points")
        }
        Some(_) => (ConflictKind::Type, "one side has a symlink here and the other a file"),
    };
    Merged::Conflict { kind, message: format!("{message}: {}", differ(ours, theirs)), marked: None }
}

pub(super) fn ends(file: &File) -> bool {
    file.bytes.is_empty() || file.bytes.ends_with(b"\n")
}

fn final_newline(base: &File, ours: &File, theirs: &File) -> bool {
    if ends(base) == ends(ours) { ends(theirs) } else { ends(ours) }
}

/// `theirs` in the frame of an `ours` that nobody edited.
fn framed(base: &File, ours: &File, theirs: &File) -> Vec<u8> {
    if [ours, theirs].into_iter().any(|file| is_binary(&file.bytes)) {
        return theirs.bytes.clone();
    }
    if [ours, theirs].into_iter().all(|file| is_plain(&file.bytes) && file.bytes.ends_with(b"\n")) {
        return theirs.bytes.clone();
    }
    let (content, new) = (Content::of(&ours.bytes), Content::of(&theirs.bytes));
    if content.text.is_empty() || content.utf8 != new.utf8 {
        return theirs.bytes.clone();
    }
    content.back(&new.seen(), final_newline(base, ours, theirs))
}

/// Bytes as text. What is not UTF-8 is read byte by byte, which loses nothing and keeps its lines.
pub(super) struct Content {
    text: String,
    utf8: bool,
}

impl Content {
    pub(super) fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Content { text: text.to_owned(), utf8: true },
            Err(_) => Content { text: bytes.iter().map(|byte| char::from(*byte)).collect(), utf8: false },
        }
    }

    /// With LF only, without a byte-order mark, its last line ended.
    pub(super) fn seen(&self) -> String {
        Source::new(&self.text).text
    }

    /// An edited text as bytes, in the frame of this one.
    fn back(&self, text: &str, ended: bool) -> Vec<u8> {
        let mut framed = Source::new(&self.text).reframe(text);
        let crlf = Envelope::of(&self.text).line_end == crate::edit::envelope::LineEnd::CrLf;
        // Where the last line did not end, one newline went with it, though another stands before it.
        let lacks = text.ends_with("\n\n") && !self.text.is_empty() && !self.text.ends_with('\n');
        if ended && !framed.is_empty() && (lacks || !framed.ends_with('\n')) {
            framed.push_str(if crlf { "\r\n" } else { "\n" });
        } else if !ended && framed.ends_with('\n') {
            framed.pop();
            if framed.ends_with('\r') {
                framed.pop();
            }
        }
        if self.utf8 {
            return framed.into_bytes();
        }
        framed
            .chars()
            .flat_map(|c| u8::try_from(u32::from(c)).map_or_else(|_| c.to_string().into_bytes(), |b| vec![b]))
            .collect()
    }
}

/// `lines A here, lines B of the golden path's`, as far as there are any.
pub(super) fn places(ours: Option<&Lines>, theirs: Option<&Lines>) -> String {
    let ours = ours.map(|lines| format!("{lines} here"));
    let theirs = theirs.map(|lines| format!("{lines} of the golden path's"));
    ours.into_iter().chain(theirs).collect::<Vec<_>>().join(", ")
}
