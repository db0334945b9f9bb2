//! A new directory, all of it or nothing: built beside its target, then renamed into place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use git2::{Config, Repository, RepositoryInitOptions, Signature};

use super::guard::FileGuard;
use super::os::{self, Entry, at_once, failed};
use crate::error::{Error, Result};
use crate::model::file::{File, FileMode};
use crate::model::path::{RepoPath, means_git};

pub use super::discover::inside_work_tree;

/// The first commit of a new repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstCommit {
    /// Its message.
    pub message: String,
}

/// What was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The new directory, absolute.
    pub dir: PathBuf,
    /// The first commit's id; none without git.
    pub commit: Option<String>,
}

/// Makes the directory `target` with `files` in it, and with `git` a repository whose first commit on
/// branch `main` holds all of them. A target that is not empty is an error of usage.
pub fn create(
    target: &Path,
    files: impl IntoIterator<Item = (RepoPath, File)>,
    git: Option<FirstCommit>,
) -> Result<Created> {
    let target = std::path::absolute(target).map_err(|e| failed("naming", target, &e))?;
    let target = if target.exists() { os::real(&target).map_err(|e| failed("opening", &target, &e))? } else { target };
    let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
        return Err(Error::usage(format!("`{}` cannot be a new directory", target.display())));
    };
    check_target(&target)?;
    std::fs::create_dir_all(parent).map_err(|e| failed("making the directory", parent, &e))?;
    let beside = |ending: &str| {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(ending);
        parent.join(hidden)
    };
    let _guard = FileGuard::take(&beside(".roadbed-new.lock"), "another roadbed is making this directory")?;
    let staging = Staging::begin(beside(".roadbed-new"))?;
    let mut laid: Vec<(RepoPath, FileMode)> = Vec::new();
    for (path, file) in files {
        staging.write(&path, &file)?;
        laid.push((path, file.mode));
    }
    let commit = match git {
        Some(first) => Some(commit(&staging.dir, &laid, &first.message)?),
        None => None,
    };
    sync_all(&staging.dir)?;
    check_target(&target)?;
    staging.move_to(&target)?;
    os::sync_dir(parent).map_err(|e| failed("syncing the directory", parent, &e))?;
    Ok(Created { dir: target, commit })
}

/// Whether a new directory can take this name: nothing lies there, or an empty directory.
pub fn check_target(target: &Path) -> Result<()> {
    let refuse = |why: &str| {
        let error = Error::usage(format!("`{}` {why}", target.display()));
        Err(error.hint("name a directory that does not exist yet, or an empty one"))
    };
    match os::look(target) {
        Ok(Entry::Absent) => Ok(()),
        Ok(Entry::Directory) => match std::fs::read_dir(target).map(|mut entries| entries.next().is_none()) {
            Ok(true) => Ok(()),
            Ok(false) => refuse("is not empty"),
            Err(e) => Err(failed("reading the directory", target, &e)),
        },
        Ok(_) => refuse("exists and is not a directory"),
        Err(e) => Err(failed("looking at", target, &e)),
    }
}

/// The directory that is being built; it goes unless it was moved.
struct Staging {
    dir: PathBuf,
}

impl Staging {
    fn begin(dir: PathBuf) -> Result<Self> {
        // A killed run has left it: we hold the lock, so nobody is building it.
        if os::look(&dir).map_err(|e| failed("looking at", &dir, &e))? == Entry::Directory {
            std::fs::remove_dir_all(&dir).map_err(|e| failed("removing what a killed run left,", &dir, &e))?;
        }
        std::fs::create_dir(&dir).map_err(|e| failed("making the directory", &dir, &e))?;
        Ok(Staging { dir })
    }

    fn write(&self, path: &RepoPath, file: &File) -> Result<()> {
        if path.parts().any(means_git) {
            return Err(Error::golden_path(format!("`{path}` means git's own directory")));
        }
        let native = os::native(&self.dir, path).map_err(|e| Error::environment(e.to_string()))?;
        if let Some(dir) = native.parent() {
            std::fs::create_dir_all(dir).map_err(|e| failed("making the directory", dir, &e))?;
        }
        let written = match file.mode {
            FileMode::Symlink => os::symlink(&file.bytes, &native),
            mode => os::write_new(&native, &file.bytes, mode == FileMode::Executable, None),
        };
        written.map_err(|e| failed("writing", &native, &e))
    }

    fn move_to(self, target: &Path) -> Result<()> {
        if cfg!(windows) && target.exists() {
            std::fs::remove_dir(target).map_err(|e| failed("replacing the empty directory", target, &e))?;
        }
        os::rename(&self.dir, target).map_err(|e| failed("renaming into place", target, &e))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.dir.exists() {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

fn commit(dir: &Path, files: &[(RepoPath, FileMode)], message: &str) -> Result<String> {
    let commit = || -> Result<git2::Oid, git2::Error> {
        let mut options = RepositoryInitOptions::new();
        options.initial_head("main").external_template(false).no_reinit(true).mkdir(false);
        let repo = Repository::init_opts(dir, &options)?;
        stage_files(&repo, files)?;
        let tree = repo.find_tree(repo.index()?.write_tree()?)?;
        let who = identity()?;
        repo.commit(Some("HEAD"), &who, &who, message, &tree, &[])
    };
    commit().map(|id| id.to_string()).map_err(|e| {
        Error::environment(format!("the first commit cannot be made: {}", e.message()))
            .hint("`--no-git` makes the directory without a repository")
    })
}

/// Puts every file into the index, ignored ones too, with its own mode. Line ends are stored as the
/// laid `.gitattributes` ask; what the user's configuration says about them is left out of it.
fn stage_files(repo: &Repository, files: &[(RepoPath, FileMode)]) -> Result<(), git2::Error> {
    const NEUTRAL: &[u8] = b"[core]\n\tautocrlf = false\n\tattributesFile = \n\tsafecrlf = false\n";
    let config = repo.path().join("config");
    let failed = |error: std::io::Error| git2::Error::from_str(&format!("{}: {error}", config.display()));
    // Through the library each key would be a file written and read anew, and again to take it out.
    let own = std::fs::read(&config).map_err(failed)?;
    std::fs::write(&config, [&own, NEUTRAL].concat()).map_err(failed)?;
    let mut index = repo.index()?;
    for (path, mode) in files {
        index.add_path(Path::new(path.as_str()))?;
        let number = u32::from_str_radix(mode.octal(), 8).unwrap_or(0o100_644);
        if let Some(mut entry) = index.get_path(Path::new(path.as_str()), 0)
            && entry.mode != number
        {
            entry.mode = number;
            index.add(&entry)?;
        }
    }
    index.write()?;
    std::fs::write(&config, own).map_err(failed)
}

/// Who commits: as git's configuration says, else roadbed itself. No `GIT_*` variable is asked.
fn identity() -> Result<Signature<'static>, git2::Error> {
    let configured = || -> Result<Signature<'static>, git2::Error> {
        let config = Config::open_default()?;
        Signature::now(&config.get_string("user.name")?, &config.get_string("user.email")?)
    };
    configured().or_else(|_| Signature::now("roadbed", "roadbed@localhost"))
}

/// Makes what lies below `dir` durable, as git does: all but loose objects. Git's library syncs nothing that it writes.
fn sync_all(dir: &Path) -> Result<()> {
    let mut open = BTreeSet::from([dir.to_path_buf()]);
    let (mut files, mut dirs) = (Vec::new(), Vec::new());
    while let Some(dir) = open.pop_last() {
        for entry in std::fs::read_dir(&dir).map_err(|e| failed("reading the directory", &dir, &e))? {
            let path = entry.map_err(|e| failed("reading the directory", &dir, &e))?.path();
            match os::look(&path) {
                // Git itself does not sync loose objects by default (`core.fsync`), and they are most of what is written.
                Ok(Entry::Directory) if path.ends_with(".git/objects") => {}
                Ok(Entry::Directory) => {
                    open.insert(path);
                }
                Ok(Entry::File { .. }) => files.push(path),
                _ => {}
            }
        }
        dirs.push(dir);
    }
    let whole = BTreeSet::from([dir.to_path_buf()]);
    if at_once::is_possible(files.len() + dirs.len(), &whole) {
        return at_once::sync(&whole).map_err(|e| failed("syncing what lies below", dir, &e));
    }
    files.iter().try_for_each(|file| os::sync_file(file).map_err(|e| failed("syncing", file, &e)))?;
    dirs.iter().try_for_each(|dir| os::sync_dir(dir).map_err(|e| failed("syncing the directory", dir, &e)))
}
