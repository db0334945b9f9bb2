//! A plan's edits as a git patch: modes, renames, symlinks and binary content included.
//!
//! The format is git's own, as `git help diff-generate-patch` and `git help apply` describe it; `git apply` is
//! the judge of it in the tests.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

use crate::model::file::{File, FileMode, is_binary};
use crate::model::path::RepoPath;
use crate::model::plan::Edit;

const CONTEXT: usize = 3;
const NO_NEWLINE: &str = "\\ No newline at end of file\n";

/// The patch of `edits`; `prefix` is the laid directory as seen from the repository's root.
pub fn patch(edits: &[Edit], prefix: Option<&RepoPath>) -> Vec<u8> {
    // Deletions first: a directory may take the place of a file, and the other way round.
    let mut ordered: Vec<&Edit> = edits.iter().collect();
    ordered.sort_by_key(|edit| edit.after.is_some());
    let mut out = Vec::new();
    for edit in ordered {
        let name = |path: &RepoPath| prefix.map_or_else(|| path.to_string(), |dir| format!("{dir}/{path}"));
        let new = name(&edit.path);
        let old = edit.from.as_ref().map_or_else(|| new.clone(), name);
        match (&edit.before, &edit.after) {
            // Git shows a change of type as a deletion and a creation.
            (Some(before), Some(after)) if (before.mode == FileMode::Symlink) != (after.mode == FileMode::Symlink) => {
                file(&mut out, &old, &old, Some(before), None);
                file(&mut out, &new, &new, None, Some(after));
            }
            (before, after) => file(&mut out, &old, &new, before.as_ref(), after.as_ref()),
        }
    }
    out
}

fn file(out: &mut Vec<u8>, old: &str, new: &str, before: Option<&File>, after: Option<&File>) {
    let (a, b) = (quote(&format!("a/{old}")), quote(&format!("b/{new}")));
    put(out, &format!("diff --git {a} {b}\n"));
    match (before, after) {
        (None, Some(after)) => put(out, &format!("new file mode {}\n", after.mode.octal())),
        (Some(before), None) => put(out, &format!("deleted file mode {}\n", before.mode.octal())),
        (Some(before), Some(after)) if before.mode != after.mode => {
            put(out, &format!("old mode {}\nnew mode {}\n", before.mode.octal(), after.mode.octal()));
        }
        _ => {}
    }
    if old != new {
        put(out, &format!("rename from {}\nrename to {}\n", quote(old), quote(new)));
    }
    let (from, to) = (bytes(before), bytes(after));
    if from == to && before.is_some() == after.is_some() {
        return;
    }
    let id = |file: Option<&File>| file.map_or_else(|| "0".repeat(40), |file| file.blob_id().to_string());
    let mode = match (before, after) {
        (Some(before), Some(after)) if before.mode == after.mode => format!(" {}", after.mode.octal()),
        _ => String::new(),
    };
    put(out, &format!("index {}..{}{mode}\n", id(before), id(after)));
    if is_binary(from) || is_binary(to) {
        put(out, "GIT binary patch\n");
        literal(out, to);
        literal(out, from);
    } else if from != to {
        let (a, b) = (if before.is_some() { &a } else { "/dev/null" }, if after.is_some() { &b } else { "/dev/null" });
        put(out, &format!("--- {}\n+++ {}\n", label(a), label(b)));
        hunks(out, from, to);
    }
}

fn bytes(file: Option<&File>) -> &[u8] {
    file.map_or(&[], |file| &file.bytes)
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// GNU patch takes a blank in a name for its end, so git ends such names with a tab.
fn label(name: &str) -> String {
    if name.contains(' ') && !name.starts_with('"') { format!("{name}\t") } else { name.to_owned() }
}

fn hunks(out: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let old: Vec<&[u8]> = from.split_inclusive(|b| *b == b'\n').collect();
    let new: Vec<&[u8]> = to.split_inclusive(|b| *b == b'\n').collect();
    for group in group_diff_ops(capture_diff_slices(Algorithm::Myers, &old, &new), CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let range = |start: usize, end: usize| {
            let length = end - start;
            let start = if length == 0 { start } else { start + 1 };
            if length == 1 { start.to_string() } else { format!("{start},{length}") }
        };
        let before = range(first.old_range().start, last.old_range().end);
        let after = range(first.new_range().start, last.new_range().end);
        put(out, &format!("@@ -{before} +{after} @@\n"));
        for op in &group {
            match op {
                DiffOp::Equal { .. } => lines(out, b' ', &old[op.old_range()]),
                _ => {
                    lines(out, b'-', &old[op.old_range()]);
                    lines(out, b'+', &new[op.new_range()]);
                }
            }
        }
    }
}

fn lines(out: &mut Vec<u8>, sign: u8, lines: &[&[u8]]) {
    for line in lines {
        out.push(sign);
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.push(b'\n');
            put(out, NO_NEWLINE);
        }
    }
}

/// A name in git's C style where it holds anything but printable ASCII.
fn quote(name: &str) -> String {
    use std::fmt::Write as _;
    if name.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\') {
        return name.to_owned();
    }
    let mut quoted = String::from("\"");
    for byte in name.bytes() {
        match byte {
            b'"' => quoted.push_str("\\\""),
            b'\\' => quoted.push_str("\\\\"),
            b'\n' => quoted.push_str("\\n"),
            b'\t' => quoted.push_str("\\t"),
            0x20..0x7f => quoted.push(byte as char),
            _ => {
                let _ = write!(quoted, "\\{byte:03o}");
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Git's binary literal: the deflated content in base 85, up to 52 bytes a line.
fn literal(out: &mut Vec<u8>, content: &[u8]) {
    put(out, &format!("literal {}\n", content.len()));
    let mut deflate = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    let packed = deflate.write_all(content).and_then(|()| deflate.finish()).unwrap_or_default();
    for chunk in packed.chunks(52) {
        let length = u8::try_from(chunk.len()).unwrap_or_default();
        out.push(if length <= 26 { b'A' + length - 1 } else { b'a' + length - 27 });
        base85(out, chunk);
        out.push(b'\n');
    }
    out.push(b'\n');
}

const ALPHABET: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

fn base85(out: &mut Vec<u8>, chunk: &[u8]) {
    for word in chunk.chunks(4) {
        let mut value = word.iter().fold(0u32, |value, byte| value << 8 | u32::from(*byte)) << (8 * (4 - word.len()));
        let mut digits = [0; 5];
        for digit in digits.iter_mut().rev() {
            *digit = ALPHABET[(value % 85) as usize];
            value /= 85;
        }
        out.extend_from_slice(&digits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Safety;

    fn edit(path: &str, before: Option<File>, after: Option<File>) -> Edit {
        let path = RepoPath::new(path).unwrap();
        Edit { path, from: None, before, after, asset: None, rule: None, safety: Safety::Safe }
    }

    fn shown(edit: Edit) -> String {
        String::from_utf8(patch(&[edit], None)).unwrap()
    }

    #[test]
    fn a_change_reads_as_git_writes_it() {
        let text = shown(edit("a.txt", Some(File::regular("1\n2\n3\n")), Some(File::regular("1\ntwo\n3"))));
        let expected = "diff --git a/a.txt b/a.txt\n\
            index 01e79c32a8c99c557f0757da7cb6d65b3414466d..4c09eeb8c0b0b8b7a8d9b0f4ae2e2c8d2bd20ebc 100644\n\
            --- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n 1\n-2\n-3\n+two\n+3\n\\ No newline at end of file\n";
        let without_ids = |text: &str| text.lines().filter(|l| !l.starts_with("index")).collect::<Vec<_>>().join("\n");
        assert_eq!(without_ids(&text), without_ids(expected));
    }

    #[test]
    fn an_empty_file_has_a_header_alone() {
        let text = shown(edit("a b", None, Some(File::regular(""))));
        assert!(text.ends_with("new file mode 100644\nindex 0000000000000000000000000000000000000000..e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n"), "{text}");
    }

    #[test]
    fn odd_names_are_quoted() {
        assert_eq!(quote("a/ä\n"), "\"a/\\303\\244\\n\"");
    }
}
