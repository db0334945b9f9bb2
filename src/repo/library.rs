//! A golden path's directory, read into memory: bounded, and nothing outside it is looked at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::os;
use crate::error::{Error, Kind, Problem, Result};
use crate::model::file::{File, FileMode};
use crate::model::path::{RepoPath, means_git};
use crate::model::tree::MemoryTree;

const RELEASES: &str = "releases";
const RELEASE_ENDING: &str = ".tar.zst";

/// How much a golden path may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files and directories, releases included.
    pub entries: usize,
    /// Bytes of all files, releases apart.
    pub bytes: u64,
    /// Bytes of all releases.
    pub release_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { entries: 20_000, bytes: 64 * 1024 * 1024, release_bytes: 256 * 1024 * 1024 }
    }
}

/// A golden path as it stands in a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// Everything but `releases/`; symlinks are kept as such.
    pub tree: MemoryTree,
    /// `releases/VERSION.tar.zst`, by VERSION, as stored.
    pub releases: BTreeMap<String, Vec<u8>>,
}

/// Reads the golden path in `dir`. What cannot be read, or is too much, is an error of the golden path;
/// all of what cannot be read is listed.
pub fn read_tree(dir: &Path, limits: Limits) -> Result<Shelf> {
    let root = os::real(dir).map_err(|e| {
        let error = Error::golden_path(format!("the golden path `{}` cannot be opened: {e}", dir.display()));
        error.hint("name a directory that holds a `golden-path.yaml`")
    })?;
    let mut reader =
        Reader { limits, shelf: Shelf::default(), entries: 0, bytes: 0, release_bytes: 0, problems: Vec::new() };
    let mut open = vec![(root, None)];
    while let Some((native, path)) = open.pop() {
        open.extend(reader.directory(&native, path.as_ref())?);
    }
    Error::all(Kind::GoldenPath, reader.problems)?;
    Ok(reader.shelf)
}

struct Reader {
    limits: Limits,
    shelf: Shelf,
    entries: usize,
    bytes: u64,
    release_bytes: u64,
    problems: Vec<Problem>,
}

impl Reader {
    /// Reads a directory's files, and returns its directories.
    fn directory(&mut self, native: &Path, path: Option<&RepoPath>) -> Result<Vec<(PathBuf, Option<RepoPath>)>> {
        let mut below = Vec::new();
        let named = path.map_or_else(|| native.display().to_string(), ToString::to_string);
        let entries = match std::fs::read_dir(native) {
            Ok(entries) => entries,
            Err(e) => {
                self.problems.push(Problem::new(format!("the directory cannot be read: {e}")).in_file(named));
                return Ok(below);
            }
        };
        for entry in entries {
            let entry = entry.map_err(|e| Error::golden_path(e.to_string()).in_file(&named))?;
            self.entries += 1;
            if self.entries > self.limits.entries {
                return Err(Error::golden_path(format!(
                    "the golden path holds more than {} files and directories",
                    self.limits.entries
                )));
            }
            let name = entry.file_name();
            let joined = name.to_str().map(|name| match path {
                Some(path) => path.join(name),
                None => RepoPath::new(name),
            });
            let Some(Ok(inner)) = joined else {
                let problem = Problem::new(format!("the name `{}` is not UTF-8", name.to_string_lossy()));
                self.problems.push(problem.in_file(&*named));
                continue;
            };
            // The repository that the path lives in; one deeper down is the path's own doing, and refused when it is laid.
            if path.is_none() && means_git(inner.file_name()) {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => below.push((entry.path(), Some(inner))),
                Ok(kind) => self.file(&entry.path(), inner, kind.is_symlink())?,
                Err(e) => self.problems.push(Problem::new(e.to_string()).in_file(inner.as_str())),
            }
        }
        Ok(below)
    }

    fn file(&mut self, native: &Path, path: RepoPath, is_link: bool) -> Result<()> {
        let version = release_version(&path);
        let budget = match &version {
            Some(_) => self.limits.release_bytes - self.release_bytes,
            None => self.limits.bytes - self.bytes,
        };
        let read = match (is_link, &version) {
            (false, _) => os::read(native, budget).map_err(|fault| match fault {
                os::ReadFault::TooLarge(_) => None,
                fault => Some(fault.to_string()),
            }),
            (true, None) => os::read_link(native).map(|bytes| (bytes, false)).map_err(|e| Some(e.to_string())),
            (true, Some(_)) => Err(Some("it is not a file".to_owned())),
        };
        let (bytes, executable) = match read {
            Ok(read) => read,
            Err(None) => {
                let most = if version.is_some() { self.limits.release_bytes } else { self.limits.bytes };
                return Err(
                    Error::golden_path(format!("the golden path holds more than {most} bytes")).in_file(path.as_str())
                );
            }
            Err(Some(why)) => {
                self.problems.push(Problem::new(format!("the file cannot be read: {why}")).in_file(path.as_str()));
                return Ok(());
            }
        };
        if let Some(version) = version {
            self.release_bytes += bytes.len() as u64;
            self.shelf.releases.insert(version, bytes);
        } else if !is_in_releases(&path) {
            self.bytes += bytes.len() as u64;
            let mode = match (is_link, executable) {
                (true, _) => FileMode::Symlink,
                (false, true) => FileMode::Executable,
                (false, false) => FileMode::Regular,
            };
            self.shelf.tree.insert(path, File { mode, bytes });
        }
        Ok(())
    }
}

fn is_in_releases(path: &RepoPath) -> bool {
    path.parts().next() == Some(RELEASES) && path.as_str() != RELEASES
}

fn release_version(path: &RepoPath) -> Option<String> {
    let name = path.as_str().strip_prefix(RELEASES)?.strip_prefix('/')?;
    name.strip_suffix(RELEASE_ENDING).filter(|version| !version.contains('/')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, path: &str, bytes: &[u8]) {
        let file = dir.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }

    #[test]
    fn releases_stand_apart_and_git_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "golden-path.yaml", b"x");
        write(dir.path(), "releases/1.0.0.tar.zst", b"z");
        write(dir.path(), ".git/config", b"no");
        write(dir.path(), "assets/a/files/.gitignore", b"g");
        let shelf = read_tree(dir.path(), Limits::default()).unwrap();
        let paths: Vec<_> = shelf.tree.iter().map(|(path, _)| path.to_string()).collect();
        assert_eq!(paths, ["assets/a/files/.gitignore", "golden-path.yaml"]);
        assert_eq!(shelf.releases.keys().collect::<Vec<_>>(), ["1.0.0"]);
    }

    #[test]
    fn too_much_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "a", b"12345");
        write(dir.path(), "b", b"12345");
        let limits = Limits { bytes: 9, ..Limits::default() };
        assert_eq!(read_tree(dir.path(), limits).unwrap_err().kind, Kind::GoldenPath);
        let limits = Limits { entries: 1, ..Limits::default() };
        assert_eq!(read_tree(dir.path(), limits).unwrap_err().kind, Kind::GoldenPath);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_kept_and_not_followed_and_fifos_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc", dir.path().join("link")).unwrap();
        let shelf = read_tree(dir.path(), Limits::default()).unwrap();
        let link = shelf.tree.get_str("link").unwrap();
        assert_eq!((link.mode, link.bytes.as_slice()), (FileMode::Symlink, b"/etc".as_slice()));
        let made = std::process::Command::new("mkfifo").arg(dir.path().join("pipe")).status();
        if made.is_ok_and(|status| status.success()) {
            let error = read_tree(dir.path(), Limits::default()).unwrap_err();
            assert!(error.to_string().contains("fifo"), "{error}");
        }
    }
}
