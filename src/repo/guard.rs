//! One writing process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::discover::Place;
use super::os::{self, failed};
use crate::error::{Error, Result};

const PATIENCE: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(50);

/// The right to write at a place, until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Guard {
    _lock: File,
}

impl Guard {
    /// Takes the right to write at `place`. Waits about three seconds for another process.
    pub fn take(place: &Place) -> Result<Guard> {
        Guard::take_within(place, PATIENCE)
    }

    fn take_within(place: &Place, patience: Duration) -> Result<Guard> {
        let (path, lock) = if let Some(git) = &place.git {
            let path = git.dir.join("roadbed.lock");
            let lock = open_file(&path)?;
            (path, lock)
        } else {
            let lock = os::open_lock_in(&place.laid).map_err(|e| failed("locking", &place.laid, &e))?;
            (place.laid.clone(), lock)
        };
        wait_for(&lock, &path, patience, "another roadbed is writing here")?;
        Ok(Guard { _lock: lock })
    }
}

/// The right to use a lock file of one's own making, which goes with the guard.
#[derive(Debug)]
pub(crate) struct FileGuard {
    path: PathBuf,
    _lock: File,
}

impl FileGuard {
    /// Takes the lock file at `path`; makes it where there is none.
    pub(crate) fn take(path: &Path, busy: &str) -> Result<FileGuard> {
        loop {
            let lock = open_file(path)?;
            wait_for(&lock, path, PATIENCE, busy)?;
            // Whoever held it before has removed it: then it guards nothing any more.
            if os::is_at(&lock, path) {
                return Ok(FileGuard { path: path.to_path_buf(), _lock: lock });
            }
        }
    }
}

impl Drop for FileGuard {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn open_file(path: &Path) -> Result<File> {
    match os::look(path) {
        Ok(os::Entry::File { .. } | os::Entry::Absent) => {}
        Ok(_) => return Err(failed("locking", path, &"it is not a file")),
        Err(e) => return Err(failed("locking", path, &e)),
    }
    let opened = OpenOptions::new().write(true).create(true).truncate(false).open(path);
    opened.map_err(|e| failed("locking", path, &e))
}

fn wait_for(lock: &File, path: &Path, patience: Duration, busy: &str) -> Result<()> {
    let deadline = Instant::now() + patience;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::sleep(POLL),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::environment(busy).hint("run the command again when it has ended"));
            }
            Err(TryLockError::Error(e)) => return Err(failed("locking", path, &e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::repo::discover::discover;

    #[test]
    fn a_second_writer_is_told_and_the_first_one_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let place = discover(dir.path()).unwrap();
        let first = Guard::take(&place).unwrap();
        let second = Guard::take_within(&place, Duration::from_millis(120)).unwrap_err();
        assert_eq!(second.kind, Kind::Environment);
        assert!(second.to_string().contains("another roadbed is writing here"));
        drop(first);
        Guard::take_within(&place, Duration::ZERO).unwrap();
        if cfg!(unix) {
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        }
    }
}
