//! Files that lie elsewhere: how alike two contents are, and where a file that was moved lies now.

use std::collections::BTreeMap;

use super::Inputs;
use crate::error::Result;
use crate::model::file::{BlobId, File};
use crate::model::path::RepoPath;
use crate::model::tree::Node;

/// From where on two files count as one that was edited; git's own measure for renames.
pub(super) const ALIKE: f64 = 0.5;

/// A file that lies elsewhere under its name must be more alike than that: there may be others like it.
const SAME_NAME: f64 = 0.6;

/// One of another name, more still.
const OTHER_NAME: f64 = 0.75;

/// So many files are read at most in search of one that was moved.
const MOST_READ: usize = 2000;

/// How much of two contents is in both, from 0 to 1, measured in bytes of equal lines.
pub(super) fn similarity(a: &[u8], b: &[u8]) -> f64 {
    if a == b {
        return 1.0;
    }
    let lines = |bytes: &[u8]| {
        let mut counts: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            // Short lines (braces, blanks) are everywhere and tell nothing.
            *counts.entry(line.to_vec()).or_default() += 1;
        }
        counts
    };
    let (ours, theirs) = (lines(a), lines(b));
    let weight = |line: &[u8]| if line.trim_ascii().len() < 3 { 0 } else { line.len() };
    let total = |counts: &BTreeMap<Vec<u8>, usize>| counts.iter().map(|(line, n)| weight(line) * n).sum::<usize>();
    let shared: usize =
        ours.iter().map(|(line, n)| weight(line) * (*n).min(theirs.get(line).copied().unwrap_or_default())).sum();
    let all = total(&ours) + total(&theirs);
    #[allow(clippy::cast_precision_loss, reason = "a ratio of sizes that are far below 2^52")]
    if all == 0 { 0.0 } else { (2 * shared) as f64 / all as f64 }
}

/// A file that lies elsewhere now.
pub(super) struct Moved {
    pub(super) place: RepoPath,
    pub(super) file: File,
    /// Other files that it may as well be: copies of it, or such of its name that are like it.
    pub(super) others: Vec<RepoPath>,
}

/// Where a file lies now that is gone from `path`, and was `known` when it was last written. `owned` are the
/// places where the golden path lays files of its own.
pub(super) fn moved(
    inputs: &Inputs<'_>,
    path: &RepoPath,
    known: &File,
    owned: &dyn Fn(&RepoPath) -> bool,
) -> Result<Option<Moved>> {
    if known.bytes.trim_ascii().len() < 16 {
        return Ok(None);
    }
    let entry = inputs.lock.and_then(|lock| lock.file(path));
    let written = entry.map(|file| file.written);
    let is_known = |id: BlobId| id == known.blob_id() || Some(id) == written;
    let files = inputs.tree.files()?;
    let free = |other: &&RepoPath| other.parts().next() != Some(".roadbed") && !owned(other);
    let ending = |path: &RepoPath| path.file_name().rsplit_once('.').map(|(_, ending)| ending.to_owned());
    let same_name = |other: &&RepoPath| other.file_name() == path.file_name();
    let has_its_id = |other: &&RepoPath| inputs.tree.known_blob(other).is_some_and(is_known);
    let is_like_it = |other: &&RepoPath| match inputs.tree.node(other) {
        Node::File(file) => is_known(file.blob_id()) || similarity(&known.bytes, &file.bytes) >= SAME_NAME,
        _ => false,
    };
    let found = |place: &RepoPath, file: File| {
        let others = files.iter().filter(free).filter(|other| *other != place);
        let others = others.filter(|other| has_its_id(other) || (same_name(other) && is_like_it(other)));
        Moved { place: place.clone(), file, others: others.cloned().collect() }
    };
    // Once found it is that file, however much another comes to be like it.
    let recorded = entry.and_then(|entry| entry.lies_at.as_ref()).filter(free);
    if let Some((place, Node::File(file))) = recorded.map(|place| (place.clone(), inputs.tree.node(place)))
        && (is_known(file.blob_id()) || similarity(&known.bytes, &file.bytes) >= ALIKE)
    {
        return Ok(Some(Moved { place, file, others: Vec::new() }));
    }
    let by_id = files.iter().filter(free).find(has_its_id);
    if let Some((place, Node::File(file))) = by_id.map(|place| (place, inputs.tree.node(place))) {
        return Ok(Some(found(place, file)));
    }
    let same_ending = |other: &&RepoPath| !same_name(other) && ending(other) == ending(path);
    let mut best: Option<(f64, &RepoPath, File)> = None;
    let candidates = files.iter().filter(free).filter(same_name).map(|other| (other, SAME_NAME));
    let candidates = candidates.chain(files.iter().filter(free).filter(same_ending).map(|other| (other, OTHER_NAME)));
    let unlike = |other: &&RepoPath| !same_name(other) && !same_ending(other);
    let candidates = candidates.chain(files.iter().filter(free).filter(unlike).map(|other| (other, 1.0)));
    for (other, least) in candidates.take(MOST_READ) {
        let Node::File(file) = inputs.tree.node(other) else { continue };
        let alike = if is_known(file.blob_id()) {
            1.0
        } else if least < 1.0 {
            similarity(&known.bytes, &file.bytes)
        } else {
            0.0
        };
        if alike >= least && best.as_ref().is_none_or(|(known, ..)| alike > *known) {
            best = Some((alike, other, file));
        }
    }
    Ok(best.map(|(_, place, file)| found(place, file)))
}

#[cfg(test)]
mod tests {
    use super::similarity;

    #[test]
    fn what_is_shared_is_measured_in_bytes_of_lines() {
        assert!(similarity(b"one line\nanother\n", b"one line\nanother\nthird line\n") > 0.7);
        assert!(similarity(b"one line\n", b"other words\n") < 0.1);
        assert!(similarity(b"a\r\nbcde\r\n", b"a\nbcde\n") > 0.99);
        assert!(similarity(b"{\n}\n", b"{\n\n}\n") < 0.1);
    }
}
