//! The directories and files of a work tree that git does not ignore. Bounded, and never through a symlink.

use std::cmp::Ordering;
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
    /// Names that are not UTF-8, as far as they can be shown.
    pub(crate) unsayable: Vec<String>,
}

/// What is yet to be told of a directory's entries.
enum Step {
    File(RepoPath),
    Directory { native: PathBuf, path: Option<RepoPath>, excludes: Excludes },
}

/// Walks the directory `start` of the place's work tree. The files come out sorted.
pub(crate) fn walk(place: &Place, start: &Path, ignore_case: bool, territories: Territories) -> Result<Walk> {
    let mut found = Walk::default();
    let Some(excludes) = rules_in(place, start, ignore_case)? else { return Ok(found) };
    let mut seen = 0;
    let mut open = vec![Step::Directory { native: start.to_path_buf(), path: None, excludes }];
    while let Some(step) = open.pop() {
        let (dir, path, excludes) = match step {
            Step::File(path) => {
                found.files.push(path);
                continue;
            }
            Step::Directory { native, path, excludes } => (native, path, excludes),
        };
        let entries = match fs::read_dir(&dir) {
            Ok(entries) => entries,
            Err(error) if path.is_none() => return Err(failed("reading the directory", &dir, &error)),
            // Git passes over what it may not list, and so does whoever clones the repository.
            Err(_) => continue,
        };
        let mut steps = Vec::new();
        for entry in entries.flatten() {
            seen += 1;
            if seen > MAX_ENTRIES {
                let message = format!("the repository has more than {MAX_ENTRIES} files and directories");
                return Err(Error::repository(message).hint("ignore generated directories in `.gitignore`"));
            }
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let kind = entry.file_type();
                if !kind.is_ok_and(|kind| excludes.ignore(&entry.path(), kind.is_dir())) {
                    found.unsayable.push(shown(path.as_ref(), &name.to_string_lossy()));
                }
                continue;
            };
            if means_git(name) {
                continue;
            }
            let joined = match &path {
                Some(path) => path.join(name),
                None => RepoPath::new(name),
            };
            let (Ok(below), Ok(kind)) = (joined, entry.file_type()) else { continue };
            if !excludes.is_empty() && excludes.ignore(&entry.path(), kind.is_dir()) {
                continue;
            }
            if !kind.is_dir() {
                steps.push(Step::File(below));
                continue;
            }
            let native = entry.path();
            if is_foreign(&native, territories) {
                found.foreign.push(below);
            } else {
                let excludes = excludes.enter(&native)?;
                steps.push(Step::Directory { native, path: Some(below), excludes });
            }
        }
        found.directories.push(dir);
        steps.sort_unstable_by(|a, b| b.cmp(a));
        open.append(&mut steps);
    }
    Ok(found)
}

/// A name that no path can say, below the directory `dir`.
pub(super) fn shown(dir: Option<&RepoPath>, name: &str) -> String {
    dir.map_or_else(|| name.to_owned(), |dir| format!("{dir}/{name}"))
}

impl Step {
    /// As the files in a directory sort among the others: with a `/` behind its name.
    fn cmp(&self, other: &Step) -> Ordering {
        let ((one, one_end), (other, other_end)) = (self.key(), other.key());
        let shared = one.len().min(other.len());
        one[..shared].cmp(&other[..shared]).then_with(|| {
            let next = |path: &[u8], end| path.get(shared).copied().or(end);
            next(one, one_end).cmp(&next(other, other_end))
        })
    }

    fn key(&self) -> (&[u8], Option<u8>) {
        match self {
            Step::File(path) => (path.as_str().as_bytes(), None),
            Step::Directory { path, .. } => (path.as_ref().map_or("", RepoPath::as_str).as_bytes(), Some(b'/')),
        }
    }
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
