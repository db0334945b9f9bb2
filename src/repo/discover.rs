//! Which repository and which laid path a command serves, told by the directory it starts in and
//! by nothing else: no `GIT_*` variable, no `core.worktree`.

use std::path::{Path, PathBuf};

use super::apply::is_own_file;
use super::apply::pending::{Pending, Promise};
use super::config::GitConfig;
use super::os::{self, Entry, failed};
use crate::error::{Error, Result};
use crate::model::path::RepoPath;

/// Where a command works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The directory that holds `.roadbed/`; else the git root; else where the command started.
    pub laid: PathBuf,
    /// Whether `laid` holds a `.roadbed/` with something of ours in it.
    pub has_roadbed: bool,
    /// The git repository; none where there is none.
    pub git: Option<GitDir>,
    /// `laid` as seen from the root of the git work tree; none if they are one.
    pub prefix: Option<RepoPath>,
    /// Whether the repository has no work tree.
    pub bare: bool,
}

impl Place {
    /// The directory that paths in git and in the journal count from.
    pub fn root(&self) -> &Path {
        self.git.as_ref().and_then(|git| git.root.as_deref()).unwrap_or(&self.laid)
    }

    /// A path below `laid`, as seen from [`Place::root`].
    pub fn rooted(&self, path: &RepoPath) -> RepoPath {
        match &self.prefix {
            Some(prefix) => prefix.join(path.as_str()).unwrap_or_else(|_| path.clone()),
            None => path.clone(),
        }
    }

    /// The place of another directory of the same work tree, which holds a `.roadbed/`.
    pub fn with_laid(&self, laid: PathBuf) -> Result<Place> {
        let prefix = prefix_of(self.root(), &laid)?;
        Ok(Place { has_roadbed: has_roadbed(&laid)?, prefix, laid, ..self.clone() })
    }
}

/// A git repository on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitDir {
    /// Its own directory: index, HEAD, and roadbed's journal and guard.
    pub dir: PathBuf,
    /// The directory that it shares with other work trees: objects, refs, configuration.
    pub common: PathBuf,
    /// The root of the work tree; none for a bare repository.
    pub root: Option<PathBuf>,
}

/// Finds the place that a command started in `start` serves.
pub fn discover(start: &Path) -> Result<Place> {
    let start = os::real(start).map_err(|e| failed("opening the directory", start, &e))?;
    let git = find_git(&start)?;
    let root = git.as_ref().and_then(|git| git.root.clone());
    let bare = git.as_ref().is_some_and(|git| git.root.is_none());
    if let (true, Some(git)) = (bare, &git) {
        return Ok(Place { laid: git.dir.clone(), has_roadbed: false, git: Some(git.clone()), prefix: None, bare });
    }
    let in_git = match &git {
        Some(_) => Some(Pending::read_at(git.as_ref(), &start)?),
        None => None,
    };
    for dir in start.ancestors() {
        let is_laid = match (&in_git, &root) {
            (Some(pending), Some(root)) => is_laid(root, dir, pending)?,
            _ => is_laid(dir, dir, &Pending::read_at(None, dir)?)?,
        };
        if is_laid {
            let prefix = prefix_of(root.as_deref().unwrap_or(dir), dir)?;
            return Ok(Place { laid: dir.to_path_buf(), has_roadbed: true, git, prefix, bare });
        }
        if root.as_deref() == Some(dir) {
            break;
        }
    }
    Ok(Place { laid: root.unwrap_or(start), has_roadbed: false, git, prefix: None, bare })
}

/// The place of `dir` itself, whatever is laid above it.
pub fn place_of(dir: &Path) -> Result<Place> {
    let place = discover(dir)?;
    if place.bare {
        let error = Error::usage(format!("`{}` is a bare repository, without a working tree", dir.display()));
        return Err(error.hint("work in a clone of it"));
    }
    place.with_laid(os::real(dir).map_err(|e| failed("opening the directory", dir, &e))?)
}

/// Whether `dir`, or the nearest directory above it that exists, lies in a git work tree.
pub fn inside_work_tree(dir: &Path) -> bool {
    let Ok(absolute) = std::path::absolute(dir) else { return false };
    let existing = absolute.ancestors().find_map(|dir| os::real(dir).ok());
    let found = existing.and_then(|dir| find_git(&dir).ok().flatten());
    found.is_some_and(|git| git.root.is_some())
}

/// Every directory of the place's repository that holds a `.roadbed/`, sorted.
/// Ignored directories, submodules and other repositories are not entered.
pub fn all_laid(place: &Place) -> Result<Vec<PathBuf>> {
    if place.bare {
        return Ok(vec![place.laid.clone()]);
    }
    let mut found = Vec::new();
    for dir in super::worktree::directories(place)? {
        if has_roadbed(&dir)? {
            found.push(dir);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether `dir` holds a `.roadbed/` once what is pending is done.
fn is_laid(root: &Path, dir: &Path, pending: &Pending) -> Result<bool> {
    if pending.is_empty() {
        return has_roadbed(dir);
    }
    let roadbed = prefix_of(root, &dir.join(".roadbed"))?;
    let Some(roadbed) = roadbed else { return Ok(false) };
    if pending.places_below(&roadbed) {
        return Ok(true);
    }
    let stays = |name: &str| match roadbed.join(name).ok().as_ref().and_then(|path| pending.get(path)) {
        Some(Promise::Gone { .. }) => false,
        Some(Promise::Placed { .. }) | None => true,
    };
    Ok(names_in_roadbed(dir)?.iter().any(|name| stays(name)))
}

/// Whether `dir` is a laid directory. Remains of an interrupted first write do not count.
pub(crate) fn has_roadbed(dir: &Path) -> Result<bool> {
    Ok(!names_in_roadbed(dir)?.is_empty())
}

/// What lies in the `.roadbed/` of `dir`, less what an apply makes for itself.
fn names_in_roadbed(dir: &Path) -> Result<Vec<String>> {
    let roadbed = dir.join(".roadbed");
    match os::look(&roadbed) {
        Ok(Entry::Directory) => {}
        Ok(Entry::Absent) => return Ok(Vec::new()),
        Ok(_) => {
            let message = "`.roadbed` must be a directory, not a file or a symlink";
            return Err(Error::repository(message).in_file(&roadbed.display().to_string()));
        }
        Err(e) => return Err(failed("looking at", &roadbed, &e)),
    }
    let entries = std::fs::read_dir(&roadbed).map_err(|e| failed("reading the directory", &roadbed, &e))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    Ok(names.filter(|name| !is_own_file(name)).collect())
}

fn prefix_of(root: &Path, dir: &Path) -> Result<Option<RepoPath>> {
    let outside = || Error::environment(format!("`{}` is not below `{}`", dir.display(), root.display()));
    let rest = dir.strip_prefix(root).map_err(|_| outside())?;
    if rest.as_os_str().is_empty() {
        return Ok(None);
    }
    let mut parts = Vec::new();
    for part in rest.components() {
        let name = part.as_os_str().to_str().ok_or_else(|| {
            Error::environment(format!("the directory `{}` has a name that is not UTF-8", dir.display()))
        })?;
        parts.push(name);
    }
    RepoPath::new(parts.join("/")).map(Some).map_err(|fault| Error::environment(format!("{fault}")))
}

/// The repository that holds `start`, which must be absolute.
pub(crate) fn find_git(start: &Path) -> Result<Option<GitDir>> {
    for dir in start.ancestors() {
        if let Some(git) = git_at(dir)? {
            return Ok(Some(git));
        }
        if is_git_dir(dir) && GitConfig::read(dir).bare != Some(false) {
            return Ok(Some(GitDir { dir: dir.to_path_buf(), common: dir.to_path_buf(), root: None }));
        }
    }
    Ok(None)
}

/// The repository whose work tree `dir` is the root of.
fn git_at(dir: &Path) -> Result<Option<GitDir>> {
    let dot_git = dir.join(".git");
    let root = Some(dir.to_path_buf());
    match os::look(&dot_git) {
        Ok(Entry::Directory | Entry::Symlink) if is_git_dir(&dot_git) => {
            let common = common_dir(&dot_git);
            Ok(Some(GitDir { dir: dot_git, common, root }))
        }
        Ok(Entry::File { .. }) => {
            let target = pointer(&dot_git, "gitdir: ")?;
            if !is_git_dir(&target) {
                let message = format!("`.git` points to `{}`, which is not a git repository", target.display());
                return Err(Error::repository(message).in_file(&dot_git.display().to_string()));
            }
            Ok(Some(GitDir { common: common_dir(&target), dir: target, root }))
        }
        _ => Ok(None),
    }
}

fn is_git_dir(dir: &Path) -> bool {
    let head = os::look(&dir.join("HEAD"));
    let common = common_dir(dir);
    matches!(head, Ok(Entry::File { .. } | Entry::Symlink))
        && common.join("objects").is_dir()
        && common.join("refs").is_dir()
}

fn common_dir(dir: &Path) -> PathBuf {
    pointer(&dir.join("commondir"), "").unwrap_or_else(|_| dir.to_path_buf())
}

/// The path that a one-line file names, seen from the directory that holds the file.
fn pointer(file: &Path, label: &str) -> Result<PathBuf> {
    let wrong = |why: &dyn std::fmt::Display| {
        Error::repository(format!("the file does not name a git repository: {why}"))
            .in_file(&file.display().to_string())
    };
    let (bytes, _) = os::read(file, 64 * 1024).map_err(|e| wrong(&e))?;
    let line = bytes.trim_ascii_end();
    let target = line.strip_prefix(label.as_bytes()).ok_or_else(|| wrong(&"it has no `gitdir:` line"))?;
    let target = os::path_from_git(target).ok_or_else(|| wrong(&"the path is not UTF-8"))?;
    let joined = file.parent().unwrap_or(file).join(target);
    os::real(&joined).map_err(|e| wrong(&e))
}
