//! What would stay in a directory.

use std::io;
use std::path::Path;

use super::super::os;
use crate::model::path::RepoPath;

const MAX_ENTRIES: usize = 100_000;

/// Something below `dir` that is neither a directory nor gone by `is_gone`; none if there is nothing.
/// Our own staged files do not count.
pub(crate) fn below(root: &Path, dir: &RepoPath, is_gone: &dyn Fn(&RepoPath) -> bool) -> io::Result<Option<String>> {
    let mut open = vec![dir.clone()];
    let mut seen = 0;
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(os::native(root, &dir)?)? {
            let entry = entry?;
            seen += 1;
            let name = entry.file_name();
            let path = name.to_str().and_then(|name| dir.join(name).ok());
            let Some(path) = path.filter(|_| seen <= MAX_ENTRIES) else {
                return Ok(Some(format!("{dir}/{}", name.to_string_lossy())));
            };
            if entry.file_type()?.is_dir() {
                open.push(path);
            } else if !is_gone(&path) && !super::is_own_path(&path) {
                return Ok(Some(path.to_string()));
            }
        }
    }
    Ok(None)
}
