//! A disk that fails at a chosen step: how the tests show that an apply loses nothing.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::Disk;
use super::disk::Stamped;

/// What goes wrong at the chosen step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This step fails with that kind of error, later ones succeed: a full disk, a refused directory.
    Fails(io::ErrorKind),
    /// This step and all later ones do nothing: the process is killed.
    Dies,
    /// As [`Fault::Dies`], but a file that this step writes is left with half of its content.
    DiesHalfway,
    /// As [`Fault::Dies`], and what was written and not synced is lost: the machine goes down.
    LosesPower,
}

/// A disk that counts the steps and fails at one of them.
pub struct FaultyDisk<'a> {
    disk: &'a dyn Disk,
    at: usize,
    fault: Fault,
    steps: Cell<usize>,
    at_once: bool,
    /// Files whose content is not durable yet.
    unsynced: RefCell<BTreeSet<PathBuf>>,
}

impl<'a> FaultyDisk<'a> {
    /// `disk`, failing at step `at`, which counts from 0.
    pub fn new(disk: &'a dyn Disk, at: usize, fault: Fault) -> Self {
        FaultyDisk { disk, at, fault, steps: Cell::new(0), at_once: false, unsynced: RefCell::default() }
    }

    /// The same, syncing new files together where that is possible at all, however few they are.
    #[must_use]
    pub fn at_once(mut self) -> Self {
        self.at_once = cfg!(target_os = "linux");
        self
    }

    /// How many steps there were so far.
    pub fn steps(&self) -> usize {
        self.steps.get()
    }

    fn step(&self) -> io::Result<()> {
        let step = self.steps.replace(self.steps.get() + 1);
        match self.fault {
            Fault::Fails(kind) if step == self.at => Err(io::Error::from(kind)),
            Fault::Dies | Fault::DiesHalfway | Fault::LosesPower if step >= self.at => {
                if self.fault == Fault::LosesPower {
                    for lost in std::mem::take(&mut *self.unsynced.borrow_mut()) {
                        std::fs::write(lost, b"")?;
                    }
                }
                Err(io::Error::other("the process was killed"))
            }
            _ => Ok(()),
        }
    }

    fn writes(&self, path: &Path, bytes: &[u8], executable: bool) -> io::Result<()> {
        let partly = self.steps.get() == self.at && matches!(self.fault, Fault::Fails(_) | Fault::DiesHalfway);
        self.step().inspect_err(|_| {
            if partly {
                let _ = self.disk.write_new(path, &bytes[..bytes.len() / 2], executable, None);
            }
        })
    }
}

impl Disk for FaultyDisk<'_> {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.disk.create_dir(path)
    }

    fn write_new(&self, path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<()> {
        self.writes(path, bytes, executable)?;
        self.disk.write_new(path, bytes, executable, like)
    }

    fn write_unsynced(&self, path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<Stamped> {
        self.writes(path, bytes, executable)?;
        self.unsynced.borrow_mut().insert(path.to_path_buf());
        self.disk.write_unsynced(path, bytes, executable, like)
    }

    fn syncs_at_once(&self, count: usize, dirs: &BTreeSet<PathBuf>) -> bool {
        self.at_once || self.disk.syncs_at_once(count, dirs)
    }

    fn sync_at_once(&self, dirs: &BTreeSet<PathBuf>) -> io::Result<()> {
        self.step()?;
        self.disk.sync_at_once(dirs)?;
        self.unsynced.borrow_mut().clear();
        Ok(())
    }

    fn symlink(&self, target: &[u8], path: &Path) -> io::Result<()> {
        self.step()?;
        self.disk.symlink(target, path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.disk.sync_dir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        self.disk.rename(from, to)?;
        let mut unsynced = self.unsynced.borrow_mut();
        if unsynced.remove(from) {
            unsynced.insert(to.to_path_buf());
        }
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.disk.remove_file(path)?;
        self.unsynced.borrow_mut().remove(path);
        Ok(())
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.disk.remove_dir(path)
    }
}
