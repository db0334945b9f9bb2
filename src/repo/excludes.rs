//! Which files git would ignore, by the repository's own rules alone: `.gitignore` files and
//! `info/exclude`. What the user ignores everywhere is not asked.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::os::{self, ReadFault};
use crate::error::{Error, Result};

const MAX_RULES: u64 = 512 * 1024;

/// The rules that hold in one directory: its own before those of the directories above it.
#[derive(Clone, Debug)]
pub(crate) struct Excludes {
    innermost: Option<Rc<Level>>,
    ignore_case: bool,
}

#[derive(Debug)]
struct Level {
    rules: Gitignore,
    above: Option<Rc<Level>>,
}

impl Excludes {
    /// The rules that hold in `root`; `common` is the directory of its git repository.
    pub(crate) fn at_root(root: &Path, common: Option<&Path>, ignore_case: bool) -> Result<Self> {
        let mut excludes = Excludes { innermost: None, ignore_case };
        if let Some(common) = common {
            excludes.add(root, &common.join("info").join("exclude"))?;
        }
        excludes.add(root, &root.join(".gitignore"))?;
        Ok(excludes)
    }

    /// The rules that hold in `dir`, a directory of the one that `self` is about.
    pub(crate) fn enter(&self, dir: &Path) -> Result<Self> {
        let mut excludes = self.clone();
        excludes.add(dir, &dir.join(".gitignore"))?;
        Ok(excludes)
    }

    /// Whether there are no rules, so that nothing is ignored.
    pub(crate) fn is_empty(&self) -> bool {
        self.innermost.is_none()
    }

    /// Whether the rules ignore `path`, provided that they ignore no directory above it.
    pub(crate) fn ignore(&self, path: &Path, is_dir: bool) -> bool {
        let mut level = self.innermost.as_ref();
        while let Some(this) = level {
            match this.rules.matched(path, is_dir) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => level = this.above.as_ref(),
            }
        }
        false
    }

    /// Whether git would ignore the file at `path`, which lies below `root`.
    pub(crate) fn ignore_file(mut self, root: &Path, path: &Path) -> Result<bool> {
        let Ok(rest) = path.strip_prefix(root) else { return Ok(false) };
        let mut here = PathBuf::from(root);
        let mut parts = rest.components().peekable();
        while let Some(part) = parts.next() {
            here.push(part);
            let is_dir = parts.peek().is_some();
            if self.ignore(&here, is_dir) {
                return Ok(true);
            }
            if is_dir {
                self = self.enter(&here)?;
            }
        }
        Ok(false)
    }

    fn add(&mut self, dir: &Path, file: &Path) -> Result<()> {
        let bytes = match os::read(file, MAX_RULES) {
            Ok((bytes, _)) => bytes,
            Err(fault @ ReadFault::TooLarge(_)) => {
                return Err(Error::repository(fault.to_string()).in_file(&file.display().to_string()));
            }
            // Git, too, reads neither a symlink nor a fifo here.
            Err(_) => return Ok(()),
        };
        let mut builder = GitignoreBuilder::new(dir);
        let _ = builder.case_insensitive(self.ignore_case);
        for line in String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').lines() {
            // A line that is no pattern says nothing, as for git.
            let _ = builder.add_line(None, line);
        }
        if let Ok(rules) = builder.build()
            && !rules.is_empty()
        {
            self.innermost = Some(Rc::new(Level { rules, above: self.innermost.take() }));
        }
        Ok(())
    }
}
