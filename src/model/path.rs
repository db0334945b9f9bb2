//! Paths inside a repository, and which of them roadbed may write.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A path relative to the root of a tree: `/` between its parts, never empty, absolute, `.` or `..`.
///
/// Any path that a repository can hold is a `RepoPath`. Whether roadbed may *write* it is a
/// narrower question, which [`RepoPath::writable`] answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoPath(String);

/// Why a text is not a path, or not one that roadbed writes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// Nothing there, or an empty part (`a//b`).
    #[error("it has an empty part")]
    Empty,
    /// Starts with `/` or a drive letter.
    #[error("it is absolute; a path must be relative to the repository's root")]
    Absolute,
    /// Has a `.` or `..` part.
    #[error("it has the part `{0}`, which could leave the repository")]
    Dots(&'static str),
    /// Names git's own directory, in any spelling that some file system folds to it.
    #[error("its part `{0}` means git's own directory")]
    Git(String),
    /// Lies in `.roadbed/`, which only roadbed itself writes.
    #[error("`.roadbed/` belongs to roadbed; a golden path must not lay files there")]
    Roadbed,
    /// Holds a character that some system refuses in a file name.
    #[error("it holds {0}, which some system refuses in a file name")]
    Character(String),
    /// A name that Windows reserves, or an ending that it drops.
    #[error("its part `{0}` is a name that Windows reserves or changes")]
    Windows(String),
    /// Longer than any file system stores.
    #[error("it is longer than {0} bytes")]
    Long(usize),
}

const MAX_PATH: usize = 1024;
const MAX_PART: usize = 200;

impl RepoPath {
    /// A path as a repository may hold it.
    pub fn new(text: impl Into<String>) -> Result<Self, PathFault> {
        let text = text.into();
        if text.starts_with('/') {
            return Err(PathFault::Absolute);
        }
        for part in text.split('/') {
            match part {
                "" => return Err(PathFault::Empty),
                "." => return Err(PathFault::Dots(".")),
                ".." => return Err(PathFault::Dots("..")),
                _ => {}
            }
        }
        if text.as_bytes().contains(&0) {
            return Err(PathFault::Character("a NUL".into()));
        }
        Ok(RepoPath(text))
    }

    /// A path that a golden path may lay: one that means the same on every system, and that
    /// touches neither `.git` nor `.roadbed`.
    pub fn writable(text: &str) -> Result<Self, PathFault> {
        if has_drive(text) {
            return Err(PathFault::Absolute);
        }
        let path = RepoPath::new(text)?;
        if path.0.len() > MAX_PATH {
            return Err(PathFault::Long(MAX_PATH));
        }
        for (depth, part) in path.0.split('/').enumerate() {
            check_part(part)?;
            if depth == 0 && part.eq_ignore_ascii_case(".roadbed") {
                return Err(PathFault::Roadbed);
            }
        }
        Ok(path)
    }

    /// One of roadbed's own files, `.roadbed/NAME`.
    pub fn roadbed(name: &'static str) -> Self {
        RepoPath(format!(".roadbed/{name}"))
    }

    /// The text, with `/` between the parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts, outermost first.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The directory that holds it, unless that is the root.
    pub fn parent(&self) -> Option<RepoPath> {
        self.0.rsplit_once('/').map(|(dir, _)| RepoPath(dir.to_owned()))
    }

    /// The path with `name` below it.
    pub fn join(&self, name: &str) -> Result<RepoPath, PathFault> {
        let mut text = String::with_capacity(self.0.len() + 1 + name.len());
        text.push_str(&self.0);
        text.push('/');
        text.push_str(name);
        RepoPath::new(text)
    }

    /// The path as seen from the directory `prefix`; none if it lies elsewhere.
    pub fn strip_prefix(&self, prefix: &RepoPath) -> Option<RepoPath> {
        let rest = self.0.strip_prefix(&prefix.0)?.strip_prefix('/')?;
        Some(RepoPath(rest.to_owned()))
    }

    /// The form in which two paths are one on a file system that folds case.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

fn has_drive(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':'
}

fn check_part(part: &str) -> Result<(), PathFault> {
    if let Some(c) = part.chars().find(|c| "<>:\"|?*\\".contains(*c) || c.is_control()) {
        let name = if c.is_control() { format!("U+{:04X}", c as u32) } else { format!("`{c}`") };
        return Err(PathFault::Character(name));
    }
    if means_git(part) {
        return Err(PathFault::Git(part.to_owned()));
    }
    let stem = part.split('.').next().unwrap_or(part).trim_end();
    let reserved = ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&stem.to_lowercase().as_str())
        || is_numbered_device(stem);
    if reserved || part.ends_with(['.', ' ']) {
        return Err(PathFault::Windows(part.to_owned()));
    }
    if part.len() > MAX_PART {
        return Err(PathFault::Long(MAX_PART));
    }
    Ok(())
}

fn is_numbered_device(stem: &str) -> bool {
    let lower = stem.to_lowercase();
    let Some(rest) = lower.strip_prefix("com").or_else(|| lower.strip_prefix("lpt")) else { return false };
    let mut chars = rest.chars();
    matches!((chars.next(), chars.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

/// Whether a file system may read `part` as `.git`: by case, by dropped trailing dots and
/// spaces (NTFS), by a short name (`git~1`), or by characters that HFS+ ignores.
pub fn means_git(part: &str) -> bool {
    // Asked of every name that is listed; nearly all of them begin otherwise.
    if part.is_ascii() && !part.starts_with(['.', 'g', 'G']) {
        return false;
    }
    let visible: String = part.chars().filter(|c| !ignored_by_hfs(*c)).collect();
    let folded = visible.to_lowercase();
    let folded = folded.trim_end_matches(['.', ' ']);
    let folded = folded.split(':').next().unwrap_or(folded);
    folded == ".git" || (folded.starts_with("git~") && folded[4..].chars().all(|c| c.is_ascii_digit()))
}

/// The code points that HFS+ drops when it compares names; git refuses them in `.git` alike.
fn ignored_by_hfs(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RepoPath {
    type Error = PathFault;

    fn try_from(text: String) -> Result<Self, PathFault> {
        RepoPath::new(text)
    }
}

impl From<RepoPath> for String {
    fn from(path: RepoPath) -> String {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_may_hold_what_roadbed_would_not_write() {
        for name in ["a:b", "con", ".git/config", "a\\b", "x."] {
            assert!(RepoPath::new(name).is_ok(), "{name}");
            assert!(RepoPath::writable(name).is_err(), "{name}");
        }
    }

    #[test]
    fn no_spelling_of_git_or_way_out_is_writable() {
        for name in [
            "../x",
            "a/../../x",
            "/abs",
            "C:\\x",
            "c:/x",
            ".git/hooks/x",
            ".GIT/x",
            "a/.Git/x",
            ".git./x",
            ".git /x",
            "git~1/x",
            ".g\u{200c}it/x",
            ".git::$INDEX_ALLOCATION/x",
            "a//b",
            "",
            ".",
            "a/./b",
            "a\u{7}b",
            ".roadbed/lock.yaml",
            ".Roadbed/x",
            "nul.txt",
            "COM1",
            "a/lpt9.log",
            "x ",
            "dir./x",
        ] {
            assert!(RepoPath::writable(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn everyday_names_are_writable() {
        for name in
            [".github/workflows/ci.yml", ".gitignore", "a b/c", "docs/ä.md", "console.log", "a/.roadbed-x", "git~x"]
        {
            assert_eq!(RepoPath::writable(name).map(String::from), Ok(name.to_owned()));
        }
    }
}
