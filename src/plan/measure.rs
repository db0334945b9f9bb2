//! How far one file is from what the path asks of it, by ownership mode.

use super::apart::apart;
use super::grouped::Asked;
use super::hold::first_difference;
use super::obstacle::why_not_a_file;
use super::{Inputs, newer, pipelines};
use crate::catalogue::{Known, OFFLINE};
use crate::edit::block::{self, BlockState};
use crate::edit::envelope::{Envelope, same_text};
use crate::edit::{self, EditError, Format, assert_keys, comment_style, compare};
use crate::error::Result;
use crate::golden_path::Pristine;
use crate::model::file::{File, FileMode};
use crate::model::finding::{Level, Span};
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::tree::{Modes, Node};

/// One difference.
pub(super) struct Drift {
    pub(super) rule: &'static str,
    pub(super) level: Level,
    pub(super) span: Option<Span>,
    pub(super) message: String,
    /// Keys and identities, so that a fingerprint survives lines that move.
    pub(super) address: String,
    pub(super) asset: String,
    /// What `fix` would do; none where a person must.
    pub(super) fix: Option<String>,
    /// What to do where `fix` cannot.
    pub(super) next: Option<String>,
}

impl Drift {
    fn new(rule: &'static str, level: Level, part: &Pristine, message: impl Into<String>) -> Self {
        Drift {
            rule,
            level,
            span: None,
            message: message.into(),
            address: String::new(),
            asset: part.asset.clone(),
            fix: None,
            next: None,
        }
    }

    /// A file that lies elsewhere than at `path`.
    pub(super) fn moved(part: &Pristine, path: &RepoPath, message: String, next: String) -> Self {
        let mut drift = Drift::new("drift/moved", Level::Warn, part, message).address(path.as_str());
        drift.next = Some(next);
        drift
    }

    fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    fn address(mut self, address: impl Into<String>) -> Self {
        self.address = address.into();
        self
    }

    fn fixed_by(mut self, title: impl Into<String>) -> Self {
        self.fix = Some(title.into());
        self
    }
}

/// What was measured of one file.
pub(super) struct Measured {
    pub(super) drifts: Vec<Drift>,
    /// The file as it should be; none where only a person can tell.
    pub(super) after: Option<File>,
}

/// Measures the file at `path`.
pub(super) fn measure(path: &RepoPath, asked: &Asked<'_>, node: &Node, inputs: &Inputs<'_>) -> Result<Measured> {
    let file = match node {
        Node::File(file) => file,
        Node::Absent => return missing(path, asked),
        Node::Directory | Node::Obstacle(_) => {
            let drifts = asked.parts().iter().filter(|part| part.ownership != Ownership::Once);
            let drifts = drifts.map(|part| Drift::new("drift/edited", Level::Block, part, why_not_a_file(node)));
            return Ok(Measured { drifts: drifts.collect(), after: None });
        }
    };
    let mut measured = match asked {
        Asked::Whole(part) => match part.ownership {
            Ownership::Enforced => enforced(part, file, inputs),
            Ownership::Merged => merged(part, file),
            _ => return Ok(Measured { drifts: Vec::new(), after: Some(file.clone()) }),
        },
        Asked::Parts(parts) => partial(path, parts, file, inputs.known),
    };
    let modes = inputs.tree.modes();
    if modes != Modes::Nowhere {
        mode(asked, file, &mut measured);
    }
    if modes != Modes::Here {
        leave_mode_to_git(path, file, &mut measured);
    }
    Ok(measured)
}

fn missing(path: &RepoPath, asked: &Asked<'_>) -> Result<Measured> {
    let mut drifts = Vec::new();
    for part in asked.parts() {
        let level = match part.ownership {
            Ownership::Once => continue,
            Ownership::Merged => Level::Warn,
            _ => Level::Block,
        };
        let what = if part.ownership == Ownership::Merged {
            "the file is missing"
        } else {
            "the file is missing, and the path owns it"
        };
        drifts.push(Drift::new("drift/missing", level, part, what).address(address(part)).fixed_by("create the file"));
    }
    let after = if drifts.is_empty() { None } else { Some(fresh(path, asked)?) };
    Ok(Measured { drifts, after })
}

/// The file as the path creates it.
pub(super) fn fresh(path: &RepoPath, asked: &Asked<'_>) -> Result<File> {
    let parts = match asked {
        Asked::Whole(part) => return Ok(part.file.clone()),
        Asked::Parts(parts) => parts,
    };
    let mut text = String::new();
    for part in parts {
        text = assert_part(path, part, &text, &OFFLINE).map_err(|why| {
            crate::error::Error::golden_path(format!("asset `{}`: `{path}` cannot be laid: {why}", part.asset))
        })?;
    }
    let mode = parts.first().map_or(FileMode::Regular, |part| part.file.mode);
    Ok(File { mode, bytes: text.into_bytes() })
}

/// `text` with what `part` asks for.
pub(super) fn assert_part(path: &RepoPath, part: &Pristine, text: &str, known: &Known) -> Result<String, EditError> {
    let body = part.file.text().ok_or_else(|| EditError::new("the golden path's file is not text"))?;
    match &part.block {
        Some((id, at)) => {
            let style =
                comment_style(path).ok_or_else(|| EditError::new("the format has no comments to mark a block with"))?;
            let laid = block::lay(text, id, style, *at, body)?;
            // The same key in the block and outside of it, and the file would say nothing any more.
            if let Some(format) = Format::of(path).filter(|_| laid != text && !text.trim().is_empty())
                && let (Ok(()), Err(error)) = (edit::readable(format, text), edit::readable(format, &laid))
            {
                return Err(apart(format, text, (id, style, *at), (body, &laid), &error));
            }
            Ok(laid)
        }
        None if text.trim().is_empty() => Ok(body.to_owned()),
        None => {
            let format =
                Format::of(path).ok_or_else(|| EditError::new("the format is none that roadbed edits by keys"))?;
            assert_keys(format, text, body, &part.matching, &newer::tolerance(part, known))
        }
    }
}

/// `text` with what `part` asks for, as far as nothing is there in its place: what says something else stays.
pub(super) fn insert_part(path: &RepoPath, part: &Pristine, text: &str) -> Result<String, EditError> {
    let (None, Some(format), Some(body)) = (&part.block, Format::of(path), part.file.text()) else {
        return assert_part(path, part, text, &OFFLINE);
    };
    let beside = pipelines::beside(path, part, text).map_err(EditError::new)?;
    let body = beside.as_deref().unwrap_or(body);
    let any = |_: &str, _: &str, _: &str| true;
    let taken = compare(format, text, body, &part.matching, &any)?;
    if let Some(other) = taken.iter().find(|mismatch| !mismatch.missing) {
        let why = format!("`{}` is something else here than the golden path asks for", other.address);
        return Err(EditError::new(why));
    }
    if text.trim().is_empty() {
        return Ok(body.to_owned());
    }
    assert_keys(format, text, body, &part.matching, &any)
}

fn enforced(part: &Pristine, file: &File, inputs: &Inputs<'_>) -> Measured {
    let mut wanted = part.file.clone();
    if wanted.mode != FileMode::Symlink && file.mode != FileMode::Symlink {
        wanted.mode = file.mode;
    }
    if file.mode == wanted.mode && same_text(&file.bytes, &wanted.bytes) {
        return Measured { drifts: Vec::new(), after: Some(file.clone()) };
    }
    let (mut span, mut wanted_line) = (None, None);
    if let (Some(ours), Some(pristine)) = (file.text(), wanted.text()) {
        let mut envelope = Envelope::of(ours);
        // A last newline is content here, as it is to `same_text`.
        envelope.final_newline = pristine.ends_with('\n');
        let (flat, pristine) = (envelope.strip(ours), Envelope::of(pristine).strip(pristine));
        let kept = newer::keep(part, &flat, &pristine, inputs.known);
        let parsed = part.parsed && same_document(&part.path, &flat, &kept);
        if flat == kept || parsed {
            return Measured { drifts: Vec::new(), after: Some(file.clone()) };
        }
        let at = first_difference(&flat, &kept);
        let same_lines = flat.lines().eq(kept.lines());
        wanted_line = kept.lines().nth(at.line - 1).filter(|_| !same_lines).map(|line| shorten(line.trim()));
        span = Some(at);
        wanted.bytes = envelope.restore(&kept).into_bytes();
    }
    // The lock's word never lowers a level: it only chooses the words.
    let untouched = inputs.path_edited && locked_pristine(inputs, part) == Some(file.blob_id());
    let message = if untouched {
        "the golden path was changed without a new version, and owns this file whole".to_owned()
    } else {
        edited_message(file, &part.file, wanted_line)
    };
    let drift = Drift::new("drift/edited", Level::Block, part, message);
    let drift = drift.address("file").fixed_by("restore the file");
    let drift = if let Some(span) = span { drift.at(span) } else { drift };
    Measured { drifts: vec![drift], after: Some(wanted) }
}

fn edited_message(file: &File, pristine: &File, wanted: Option<String>) -> String {
    match (file.mode == FileMode::Symlink, pristine.mode == FileMode::Symlink) {
        (true, false) => "the file was replaced by a symlink, and the path owns it whole".to_owned(),
        (false, true) => "the symlink was replaced by a file, and the path owns it whole".to_owned(),
        _ => match wanted.filter(|line| !line.is_empty()) {
            Some(line) => format!("the path owns this file whole, and here it must read `{line}`"),
            None => "the file was edited here, and the path owns it whole".to_owned(),
        },
    }
}

/// A line as a message quotes it.
fn shorten(line: &str) -> String {
    const MOST: usize = 80;
    if line.chars().count() <= MOST {
        return line.to_owned();
    }
    line.chars().take(MOST).chain(['…']).collect()
}

fn locked_pristine(inputs: &Inputs<'_>, part: &Pristine) -> Option<crate::model::file::BlobId> {
    let files = &inputs.lock?.files;
    files.iter().find(|file| file.path == part.path && file.asset == part.asset).map(|file| file.pristine)
}

fn same_document(path: &RepoPath, ours: &str, pristine: &str) -> bool {
    Format::of(path).is_some_and(|format| edit::same_document(format, ours, pristine).unwrap_or(false))
}

fn merged(part: &Pristine, file: &File) -> Measured {
    let mut drifts = Vec::new();
    drifts.extend(file.text().and_then(|text| conflict_markers(part, text)));
    Measured { drifts, after: Some(file.clone()) }
}

/// A file that a merge left half done.
fn conflict_markers(part: &Pristine, text: &str) -> Option<Drift> {
    let span = crate::edit::markers::first(text)?;
    let mut drift = Drift::new("drift/conflict-markers", Level::Block, part, "the file holds conflict markers");
    drift.next = Some(format!("settle the conflict in {}", part.path));
    Some(drift.at(span).address("markers"))
}

fn partial(path: &RepoPath, parts: &[&Pristine], file: &File, known: &Known) -> Measured {
    let mut drifts = Vec::new();
    let Some(text) = file.text() else {
        let why = if file.mode == FileMode::Symlink { "a symlink" } else { "not text" };
        let message = |part: &Pristine| format!("asset `{}` owns parts of this file, but it is {why}", part.asset);
        drifts.extend(parts.iter().map(|part| Drift::new("drift/edited", Level::Block, part, message(part))));
        return Measured { drifts, after: None };
    };
    let mut after = Some(text.to_owned());
    for part in parts {
        if let Some(drift) = conflict_markers(part, text) {
            if !drifts.iter().any(|d: &Drift| d.rule == drift.rule) {
                drifts.push(drift);
            }
            after = None;
            continue;
        }
        let found = match &part.block {
            Some((id, at)) => block_drift(path, part, id, *at, text),
            None => key_drifts(path, part, text, known),
        };
        let clean = found.is_empty();
        // A file that does not parse is one thing to mend, however many assets share it.
        let new =
            |drift: &Drift| !(drift.rule.starts_with("parse/") && drifts.iter().any(|d: &Drift| d.rule == drift.rule));
        let found: Vec<Drift> = found.into_iter().filter(new).collect();
        drifts.extend(found);
        if !clean {
            after = after.and_then(|text| assert_part(path, part, &text, known).ok());
        }
    }
    let after = after.map(|text| File { mode: file.mode, bytes: text.into_bytes() });
    Measured { drifts, after }
}

fn block_drift(path: &RepoPath, part: &Pristine, id: &str, at: crate::model::ownership::At, text: &str) -> Vec<Drift> {
    let Some(style) = comment_style(path) else { return Vec::new() };
    let body = part.file.text().unwrap_or_default();
    let pristine = block::normal_body(body);
    let address = format!("block {id}");
    let drift = match block::find(text, id, style, at) {
        BlockState::Absent => Drift::new("drift/missing", Level::Block, part, format!("the block `{id}` is missing"))
            .fixed_by("insert the block"),
        BlockState::Broken { line, why } => {
            let drift = Drift::new(
                "drift/edited",
                Level::Block,
                part,
                format!("the markers of block `{id}` are broken: {why}"),
            );
            drift.at(Span::of_line(text, line))
        }
        BlockState::Present { body, first_line, placed, .. } => {
            let same = body == pristine;
            if same && placed {
                return Vec::new();
            }
            let (line, message) = if same {
                (first_line, format!("the block `{id}` no longer stands at the file's {}", end_word(at)))
            } else {
                let within = first_difference(&body, &pristine).line;
                let wanted =
                    pristine.lines().nth(within - 1).map(|line| shorten(line.trim())).filter(|line| !line.is_empty());
                let message = match wanted {
                    Some(line) => format!("the path owns the block `{id}`, and here it must read `{line}`"),
                    None => format!("the block `{id}` was edited here, and the path owns it"),
                };
                (first_line + within, message)
            };
            Drift::new("drift/edited", Level::Block, part, message)
                .at(Span::of_line(text, line))
                .fixed_by("restore the block")
        }
    };
    vec![drift.address(address)]
}

fn end_word(at: crate::model::ownership::At) -> &'static str {
    match at {
        crate::model::ownership::At::Start => "start",
        crate::model::ownership::At::End => "end",
    }
}

fn key_drifts(path: &RepoPath, part: &Pristine, text: &str, known: &Known) -> Vec<Drift> {
    let Some(format) = Format::of(path) else { return Vec::new() };
    let body = part.file.text().unwrap_or_default();
    match compare(format, text, body, &part.matching, &newer::tolerance(part, known)) {
        Ok(mismatches) => mismatches
            .into_iter()
            .map(|m| {
                let (rule, message) = match (&m.found, m.missing) {
                    (Some(found), false) => {
                        ("drift/edited", format!("`{}` must be `{}`, not `{found}`", m.address, m.expected))
                    }
                    (_, true) => ("drift/missing", format!("`{}` is missing; it must be `{}`", m.address, m.expected)),
                    (None, false) => ("drift/edited", format!("`{}` must be `{}`", m.address, m.expected)),
                };
                let drift = Drift::new(rule, Level::Block, part, message).address(m.address.clone());
                let drift = drift.fixed_by(format!("set `{}`", m.address));
                if let Some(span) = m.span { drift.at(span) } else { drift }
            })
            .collect(),
        Err(error) => {
            let rule = match format {
                Format::Yaml => "parse/yaml",
                Format::Json => "parse/json",
                Format::Toml => "parse/toml",
            };
            let mut drift = Drift::new(rule, Level::Block, part, error.message).address("file");
            drift.span = error.position.map(|p| Span::of_line(text, p.line)).or(Some(Span::of_line(text, 1)));
            drift.next = Some(format!("mend {path} by hand"));
            vec![drift]
        }
    }
}

fn mode(asked: &Asked<'_>, file: &File, measured: &mut Measured) {
    let Some(part) = asked.first() else { return };
    let wanted = part.file.mode;
    if wanted == FileMode::Symlink || file.mode == FileMode::Symlink || wanted == file.mode {
        return;
    }
    let asserted = part.ownership == Ownership::Enforced || wanted == FileMode::Executable;
    if !asserted {
        return;
    }
    let level = if part.ownership == Ownership::Enforced { Level::Block } else { Level::Warn };
    let (message, title) = if wanted == FileMode::Executable {
        ("the file must be executable", "make the file executable")
    } else {
        ("the file must not be executable", "make the file not executable")
    };
    measured.drifts.push(Drift::new("drift/mode", level, part, message).address("mode").fixed_by(title));
    if let Some(after) = &mut measured.after {
        after.mode = wanted;
    }
}

/// Where the disk does not hold who may run a file, only git's index can be told, and that is not ours to write.
fn leave_mode_to_git(path: &RepoPath, file: &File, measured: &mut Measured) {
    for drift in measured.drifts.iter_mut().filter(|drift| drift.rule == "drift/mode") {
        let sign = if file.mode == FileMode::Executable { '-' } else { '+' };
        drift.fix = None;
        drift.next = Some(format!("git add --chmod={sign}x {}", super::hold::shell_word(path.as_str())));
    }
    if let Some(after) = &mut measured.after {
        after.mode = file.mode;
    }
}

fn address(part: &Pristine) -> String {
    match &part.block {
        Some((id, _)) => format!("block {id}"),
        None => format!("file {}", part.asset),
    }
}
