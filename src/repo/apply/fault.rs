//! A disk that fails at a chosen step: how the tests show that an apply loses nothing.

use std::cell::Cell;
use std::io;
use std::path::Path;

use super::Disk;

/// What goes wrong at the chosen step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This step fails with that kind of error, later ones succeed: a full disk, a refused directory.
    Fails(io::ErrorKind),
    /// This step and all later ones do nothing: the process is killed.
    Dies,
    /// As [`Fault::Dies`], but a file that this step writes is left with half of its content.
    DiesHalfway,
}

/// A disk that counts the steps and fails at one of them.
pub struct FaultyDisk<'a> {
    disk: &'a dyn Disk,
    at: usize,
    fault: Fault,
    steps: Cell<usize>,
}

impl<'a> FaultyDisk<'a> {
    /// `disk`, failing at step `at`, which counts from 0.
    pub fn new(disk: &'a dyn Disk, at: usize, fault: Fault) -> Self {
        FaultyDisk { disk, at, fault, steps: Cell::new(0) }
    }

    /// How many steps there were so far.
    pub fn steps(&self) -> usize {
        self.steps.get()
    }

    fn step(&self) -> io::Result<()> {
        let step = self.steps.replace(self.steps.get() + 1);
        match self.fault {
            Fault::Fails(kind) if step == self.at => Err(io::Error::from(kind)),
            Fault::Dies | Fault::DiesHalfway if step >= self.at => Err(io::Error::other("the process was killed")),
            _ => Ok(()),
        }
    }
}

impl Disk for FaultyDisk<'_> {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.disk.create_dir(path)
    }

    fn write_new(&self, path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<()> {
        let partly = self.steps.get() == self.at && self.fault != Fault::Dies;
        self.step().inspect_err(|_| {
            if partly {
                let _ = self.disk.write_new(path, &bytes[..bytes.len() / 2], executable, None);
            }
        })?;
        self.disk.write_new(path, bytes, executable, like)
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
        self.disk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.disk.remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        self.disk.remove_dir(path)
    }
}
