//! The directories and files of a work tree that git does not ignore. Bounded, and never through a symlink.

use std::fs;
use std::path::{Path, PathBuf};

use super::discover::{Place, has_roadbed};
use super::excludes::Excludes;
use super::os::failed;
use crate::error::{Error, Result};
use crate::model::path::{RepoPath, means_git};

const MAX_ENTRIES: usize = 2_000_000;

/// What a walk leaves out, beside what is ignored and other repositories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Territories {
    /// Directories that hold a `.roadbed/` of their own.
    Skip,
    /// Nothing more.
    Enter,
}

/// What a walk found; paths count from the directory that it began in.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    pub(crate) files: Vec<RepoPath>,
    pub(crate) directories: Vec<PathBuf>,
    /// Directories that were left out because they hold a `.roadbed/` or a repository of their own.
    pub(crate) foreign: Vec<RepoPath>,
}

/// Walks the directory `start` of the place's work tree.
pub(crate) fn walk(place: &Place, start: &Path, ignore_case: bool, territories: Territories) -> Result<Walk> {
    let mut found = Walk::default();
    let Some(excludes) = rules_in(place, start, ignore_case)? else { return Ok(found) };
    let mut seen = 0;
    let mut open = vec![(start.to_path_buf(), None::<RepoPath>, excludes)];
    while let Some((dir, path, excludes)) = open.pop() {
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if path.is_none() => return Err(failed("reading the directory", &dir, &error)),
            // Git passes over what it may not list, and so does whoever clones the repository.
            Err(_) => continue,
        };
        found.directories.push(dir.clone());
        for entry in entries.flatten() {
            seen += 1;
            if seen > MAX_ENTRIES {
                let message = format!("the repository has more than {MAX_ENTRIES} files and directories");
                return Err(Error::repository(message).hint("ignore generated directories in `.gitignore`"));
            }
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !means_git(name)) else { continue };
            let joined = match &path {
                Some(path) => path.join(name),
                None => RepoPath::new(name),
            };
            let (Ok(below), Ok(kind)) = (joined, entry.file_type()) else { continue };
            let native = entry.path();
            if excludes.ignore(&native, kind.is_dir()) {
                continue;
            }
            if !kind.is_dir() {
                found.files.push(below);
            } else if is_foreign(&native, territories) {
                found.foreign.push(below);
            } else {
                let inner = excludes.enter(&native)?;
                open.push((native, Some(below), inner));
            }
        }
    }
    Ok(found)
}

fn is_foreign(dir: &Path, territories: Territories) -> bool {
    fs::symlink_metadata(dir.join(".git")).is_ok()
        || (territories == Territories::Skip && has_roadbed(dir).unwrap_or(false))
}

/// The rules that hold in `start`; none if git ignores that directory.
fn rules_in(place: &Place, start: &Path, ignore_case: bool) -> Result<Option<Excludes>> {
    let root = place.root();
    let common = place.git.as_ref().map(|git| git.common.as_path());
    let mut excludes = Excludes::at_root(root, common, ignore_case)?;
    let mut here = root.to_path_buf();
    for part in start.strip_prefix(root).unwrap_or(Path::new("")).components() {
        here.push(part);
        if excludes.ignore(&here, true) {
            return Ok(None);
        }
        excludes = excludes.enter(&here)?;
    }
    Ok(Some(excludes))
}
