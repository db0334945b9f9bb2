//! The digest of a golden path: what a lock holds on to, so that a version can never quietly change.

use sha2::{Digest, Sha256};

use crate::model::finding::hex;
use crate::model::path::RepoPath;
use crate::model::tree::MemoryTree;

/// The directory of packed versions, which is no part of a version.
pub(super) const RELEASES: &str = "releases";

/// Whether a file belongs to a version: everything but the packed versions does.
pub(super) fn belongs(path: &RepoPath) -> bool {
    path.parts().next() != Some(RELEASES)
}

/// `sha256:` over the sorted lines `mode path NUL blob-id LF` of the tree without `releases/`.
pub fn digest(tree: &MemoryTree) -> String {
    let mut lines: Vec<String> = tree
        .iter()
        .filter(|(path, _)| belongs(path))
        .map(|(path, file)| format!("{} {path}\0{}\n", file.mode.octal(), file.blob_id()))
        .collect();
    lines.sort();
    let mut hash = Sha256::new();
    for line in &lines {
        hash.update(line);
    }
    format!("sha256:{}", hex(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::file::{File, FileMode};

    fn tree(files: &[(&str, &str, FileMode)]) -> MemoryTree {
        files
            .iter()
            .map(|(path, text, mode)| {
                (RepoPath::new(*path).unwrap(), File { mode: *mode, bytes: text.as_bytes().to_vec() })
            })
            .collect()
    }

    #[test]
    fn content_mode_and_path_count_and_releases_do_not() {
        let base = digest(&tree(&[("a", "x", FileMode::Regular)]));
        assert_ne!(base, digest(&tree(&[("a", "y", FileMode::Regular)])));
        assert_ne!(base, digest(&tree(&[("a", "x", FileMode::Executable)])));
        assert_ne!(base, digest(&tree(&[("b", "x", FileMode::Regular)])));
        assert_eq!(base, digest(&tree(&[("a", "x", FileMode::Regular), ("releases/1.tar", "z", FileMode::Regular)])));
    }

    #[test]
    fn the_digest_is_that_of_the_documented_lines() {
        let line = "100644 a\0e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n";
        let wanted = format!("sha256:{}", hex(&Sha256::digest(line)));
        assert_eq!(digest(&tree(&[("a", "", FileMode::Regular)])), wanted);
    }
}
