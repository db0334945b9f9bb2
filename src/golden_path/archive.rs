//! A released version as one file: a tar, compressed with zstd, the same bytes for the same tree.

use std::io::{Cursor, Read as _};

use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tar::{Archive, Builder, EntryType, Header};

use super::digest::belongs;
use crate::error::{Error, Result};
use crate::model::file::{File, FileMode};
use crate::model::path::{RepoPath, means_git};
use crate::model::tree::MemoryTree;

/// No version is larger, unpacked, in bytes.
pub(super) const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// No version has more files.
pub(super) const MAX_ENTRIES: usize = 20_000;

/// Packs a tree, without its `releases/`. The bytes depend on nothing else: no time, no user, no order.
pub fn pack(tree: &MemoryTree) -> Result<Vec<u8>> {
    let wrong = |error: std::io::Error| Error::internal(format!("a version could not be packed: {error}"));
    let mut tar = Builder::new(Vec::new());
    for (path, file) in tree.iter().filter(|(path, _)| belongs(path)) {
        let mut header = Header::new_gnu();
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mode(if file.mode == FileMode::Executable { 0o755 } else { 0o644 });
        if file.mode == FileMode::Symlink {
            header.set_entry_type(EntryType::Symlink);
            header.set_size(0);
            let target = std::str::from_utf8(&file.bytes)
                .map_err(|_| Error::golden_path("the symlink's target is not UTF-8").in_file(path.as_str()))?;
            tar.append_link(&mut header, path.as_str(), target).map_err(wrong)?;
        } else {
            header.set_entry_type(EntryType::Regular);
            header.set_size(file.bytes.len() as u64);
            tar.append_data(&mut header, path.as_str(), file.bytes.as_slice()).map_err(wrong)?;
        }
    }
    let bytes = tar.into_inner().map_err(wrong)?;
    Ok(compress_to_vec(bytes.as_slice(), CompressionLevel::Fastest))
}

/// Unpacks a version into memory, bounded: what is too large, leaves the tree or is neither a file nor a
/// symlink is refused.
pub fn unpack(bytes: &[u8]) -> Result<MemoryTree> {
    let wrong = |what: String| Error::golden_path(format!("the packed version cannot be read: {what}"));
    let decoder = StreamingDecoder::new(bytes).map_err(|error| wrong(error.to_string()))?;
    // One byte more than allowed, so that too much can be told from just enough; headers come on top.
    let limit = MAX_BYTES + 2048 * MAX_ENTRIES as u64;
    let mut unpacked = Vec::new();
    decoder.take(limit).read_to_end(&mut unpacked).map_err(|error| wrong(error.to_string()))?;
    let mut archive = Archive::new(Cursor::new(unpacked));
    let mut tree = MemoryTree::default();
    let mut total: u64 = 0;
    for entry in archive.entries_with_seek().map_err(|error| wrong(error.to_string()))? {
        let mut entry = entry.map_err(|error| wrong(error.to_string()))?;
        let name = String::from_utf8(entry.path_bytes().into_owned())
            .map_err(|_| wrong("a file name is not UTF-8".to_owned()))?;
        if tree.len() >= MAX_ENTRIES {
            return Err(wrong(format!("it has more than {MAX_ENTRIES} files")));
        }
        total = total.saturating_add(entry.size());
        if total > MAX_BYTES {
            return Err(wrong(format!("it has more than {MAX_BYTES} bytes")));
        }
        let path = RepoPath::new(name.as_str()).map_err(|fault| wrong(format!("`{name}`: {fault}")))?;
        if path.parts().any(means_git) || name.chars().any(|c| c == '\\' || c.is_control()) {
            return Err(wrong(format!("`{}` is not a name that a version holds", name.escape_debug())));
        }
        let file = match entry.header().entry_type() {
            EntryType::Regular => {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
                if bytes.len() as u64 != entry.size() {
                    return Err(wrong(format!("`{name}` is cut off")));
                }
                let executable = entry.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
                File { mode: if executable { FileMode::Executable } else { FileMode::Regular }, bytes }
            }
            EntryType::Symlink => {
                let target = entry.link_name_bytes().unwrap_or_default().into_owned();
                if !stays_inside(&path, &target) {
                    return Err(wrong(format!("the symlink `{name}` leads out of it")));
                }
                File { mode: FileMode::Symlink, bytes: target }
            }
            kind => return Err(wrong(format!("`{name}` is neither a file nor a symlink ({kind:?})"))),
        };
        if tree.get(&path).is_some() {
            return Err(wrong(format!("`{name}` is in it twice")));
        }
        tree.insert(path, file);
    }
    Ok(tree)
}

/// Whether a symlink at `path` with this target leads to something inside the tree.
pub(super) fn stays_inside(path: &RepoPath, target: &[u8]) -> bool {
    let Ok(target) = std::str::from_utf8(target) else { return false };
    if target.is_empty() || target.starts_with('/') || target.chars().any(|c| c == '\\' || c == ':' || c.is_control()) {
        return false;
    }
    let mut parts: Vec<&str> = path.parts().collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return false;
                }
            }
            other => parts.push(other),
        }
    }
    !parts.is_empty() && !parts.iter().any(|part| means_git(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> MemoryTree {
        let long = "d/".repeat(60) + "x";
        [
            ("golden-path.yaml", File::regular("x")),
            ("assets/a/files/bin/start", File { mode: FileMode::Executable, bytes: b"#!/bin/sh\n".to_vec() }),
            ("assets/a/files/link", File { mode: FileMode::Symlink, bytes: b"bin/start".to_vec() }),
            ("releases/1.0.0.tar.zst", File::regular("old")),
            (&long, File::regular(vec![7; 100_000])),
        ]
        .into_iter()
        .map(|(path, file)| (RepoPath::new(path).unwrap(), file))
        .collect()
    }

    fn packed(name: &str, kind: EntryType, size: u64, link: Option<&str>) -> Vec<u8> {
        let mut header = Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_mode(0o644);
        if let Some(link) = link {
            header.set_link_name_literal(link).unwrap();
        }
        header.set_cksum();
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend([0; 1024]);
        compress_to_vec(bytes.as_slice(), CompressionLevel::Fastest)
    }

    #[test]
    fn a_tree_survives_packing_but_for_its_releases() {
        let once = pack(&tree()).unwrap();
        assert_eq!(once, pack(&tree()).unwrap());
        let back = unpack(&once).unwrap();
        let wanted: MemoryTree =
            tree().iter().filter(|(p, _)| belongs(p)).map(|(p, f)| (p.clone(), f.clone())).collect();
        assert_eq!(back, wanted);
    }

    #[test]
    fn nothing_leads_out_of_a_packed_version() {
        for name in ["../x", "/x", "a/../../x", ".git/config", "a\\b", "a//b"] {
            assert!(unpack(&packed(name, EntryType::Regular, 0, None)).is_err(), "{name}");
        }
        for link in ["/etc/passwd", "../x", "a/../../x", ".git/config", "C:\\x"] {
            assert!(unpack(&packed("link", EntryType::Symlink, 0, Some(link))).is_err(), "{link}");
        }
        for kind in [EntryType::Link, EntryType::Fifo, EntryType::Char, EntryType::Directory] {
            assert!(unpack(&packed("x", kind, 0, Some("y"))).is_err(), "{kind:?}");
        }
    }

    #[test]
    fn a_damaged_version_is_an_error_and_nothing_worse() {
        let sound = pack(&tree()).unwrap();
        let mut seed: u32 = 7;
        for _ in 0..100 {
            let mut bytes = sound.clone();
            for _ in 0..3 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = seed as usize % bytes.len();
                bytes[at] ^= (seed >> 24) as u8;
            }
            let _ = unpack(&bytes);
        }
    }

    #[test]
    fn bombs_and_rubbish_end_soon() {
        assert!(unpack(&packed("x", EntryType::Regular, 1 << 40, None)).is_err());
        assert!(unpack(b"not zstd").is_err());
        assert!(unpack(&[]).is_err());
        let mut cut = pack(&tree()).unwrap();
        cut.truncate(cut.len() / 2);
        assert!(unpack(&cut).is_err());
        let mut tar = Builder::new(Vec::new());
        for (name, size) in [("a", 20 << 20), ("b", 50 << 20)] {
            let mut header = Header::new_gnu();
            header.set_size(size);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, std::io::repeat(0).take(20 << 20)).unwrap();
        }
        let bomb = compress_to_vec(tar.into_inner().unwrap().as_slice(), CompressionLevel::Fastest);
        let error = unpack(&bomb).unwrap_err();
        assert!(error.problems[0].message.contains("more than"), "{error}");
    }
}
