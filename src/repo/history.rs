//! How commits follow each other, and what changed between them.

use std::collections::BTreeMap;

use super::config::GitConfig;
use super::discover::{GitDir, Place};
use super::objects::{Objects, TreeEntry};
use super::{git, revision};
use crate::error::{Error, Result};
use crate::model::path::RepoPath;

/// Between two commits no more changed files are told apart.
const MAX_CHANGES: usize = 100_000;

/// The commits of one repository.
pub struct History {
    git: GitDir,
    objects: Objects,
    prefix: Option<RepoPath>,
}

/// What came before a commit, on its own branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parent {
    /// This commit.
    Commit(String),
    /// Nothing: it is the first.
    Root,
    /// A commit that the clone does not have.
    Missing,
}

/// What differs between the laid directory of two commits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files whose content or mode differs.
    pub files: Vec<RepoPath>,
    /// Whether a file or directory came or went, or there is too much to tell.
    pub names: bool,
}

impl History {
    /// Opens the repository of `place`. None of git is an error of usage.
    pub fn open(place: &Place) -> Result<History> {
        let git = place.git.clone().ok_or_else(|| {
            Error::usage(format!("`{}` is not in a git repository, so it has no history", place.laid.display()))
                .hint("run it in a git repository, or check all there is: roadbed check")
        })?;
        let objects = Objects::open(&git, GitConfig::read(&git.common).sha256)?;
        Ok(History { git, objects, prefix: place.prefix.clone() })
    }

    /// The commit that `rev` names. An unknown one is an error of usage.
    pub fn resolve(&self, rev: &str) -> Result<String> {
        revision::commit(&self.git, &self.objects, rev)
    }

    /// The best common ancestor of two commits; none if they have none here.
    pub fn merge_base(&self, a: &str, b: &str) -> Result<Option<String>> {
        let printed = git::output(&self.git, &["merge-base", "--end-of-options", a, b])?;
        Ok(printed
            .and_then(|out| String::from_utf8(out).ok())
            .map(|out| out.trim().to_owned())
            .filter(|id| !id.is_empty()))
    }

    /// Whether the clone has only the youngest commits.
    pub fn is_shallow(&self) -> bool {
        self.git.common.join("shallow").exists()
    }

    /// The first parent of a commit.
    pub fn parent(&self, commit: &str) -> Parent {
        let Some((_, parents)) = self.objects.commit(commit) else { return Parent::Missing };
        match parents.into_iter().next() {
            None => Parent::Root,
            Some(parent) if self.objects.header(&parent).is_some() => Parent::Commit(parent),
            Some(_) => Parent::Missing,
        }
    }

    /// What differs between two commits, in the laid directory. Directories with one id are not entered.
    pub fn changes(&self, old: &str, new: &str) -> Result<Changes> {
        let mut changes = Changes::default();
        let (old, new) = (self.laid(old)?, self.laid(new)?);
        if old.is_some() != new.is_some() {
            changes.names = true;
        }
        let (Some(old), Some(new)) = (old, new) else { return Ok(changes) };
        let mut open = vec![(None::<RepoPath>, old, new)];
        while let Some((dir, old, new)) = open.pop() {
            if old == new {
                continue;
            }
            if changes.files.len() > MAX_CHANGES {
                changes.names = true;
                break;
            }
            let by_name = |id: &str| -> Result<BTreeMap<Vec<u8>, TreeEntry>> {
                Ok(self.objects.tree(id)?.into_iter().map(|entry| (entry.name.clone(), entry)).collect())
            };
            let (old, mut new) = (by_name(&old)?, by_name(&new)?);
            for (name, was) in old {
                let Some(is) = new.remove(&name).filter(|is| is.is_tree() == was.is_tree()) else {
                    changes.names = true;
                    continue;
                };
                if (was.mode, &was.id) == (is.mode, &is.id) {
                    continue;
                }
                let path = std::str::from_utf8(&name).ok().and_then(|name| match &dir {
                    Some(dir) => dir.join(name).ok(),
                    None => RepoPath::new(name).ok(),
                });
                let Some(path) = path else { continue };
                if is.is_tree() {
                    open.push((Some(path), was.id, is.id));
                } else {
                    changes.files.push(path);
                }
            }
            changes.names |= !new.is_empty();
        }
        Ok(changes)
    }

    /// The id of the laid directory's tree in a commit; none where the commit has no such directory.
    pub fn laid(&self, commit: &str) -> Result<Option<String>> {
        let missing = || Error::environment(format!("the commit `{commit}` cannot be read")).hint("git fsck");
        let (root, _) = self.objects.commit(commit).ok_or_else(missing)?;
        let parts = self.prefix.iter().flat_map(RepoPath::parts);
        Ok(self.objects.at(&root, parts)?.filter(TreeEntry::is_tree).map(|entry| entry.id))
    }
}

#[cfg(test)]
mod tests {
    use super::super::discover::discover;
    use super::super::testing::Sandbox;
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let sandbox = Sandbox::repository();
        for (name, text) in [("a/b/x", "1"), ("a/y", "1"), ("c/z", "1")] {
            sandbox.write(name, text);
        }
        sandbox.commit_all();
        sandbox.write("a/b/x", "2");
        sandbox.commit_all();
        sandbox.write("c/new", "1");
        sandbox.commit_all();
        let history = History::open(&discover(sandbox.dir()).unwrap()).unwrap();
        let id = |rev: &str| history.resolve(rev).unwrap();
        let (first, second, third) = (id("HEAD~2"), id("HEAD~1"), id("HEAD"));
        let path = RepoPath::new("a/b/x").unwrap();
        assert_eq!(history.changes(&first, &second).unwrap(), Changes { files: vec![path], names: false });
        assert_eq!(history.changes(&second, &third).unwrap(), Changes { files: Vec::new(), names: true });
        assert_eq!(history.parent(&second), Parent::Commit(first.clone()));
        assert_eq!(history.parent(&first), Parent::Root);
        assert_eq!(history.merge_base(&third, &second).unwrap(), Some(second));
    }
}
