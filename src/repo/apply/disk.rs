//! The few ways in which an apply changes a disk, so that a test can make each of them fail.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::super::os::stamp::Stamp;
use super::super::os::{self, at_once};

/// The stamp of a file that was written, where the system has such.
#[derive(Clone, Copy, Debug)]
pub struct Stamped(pub(super) Option<Stamp>);

/// A disk that can be changed. Each call is one step; a crash falls between two calls, or in one.
pub trait Disk {
    /// Makes a directory in one that exists.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// Writes a file that must not exist yet, makes it durable, and gives it the permissions of `like`
    /// (where there is one) but for the right to run it.
    fn write_new(&self, path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<()>;

    /// As [`Disk::write_new`], but its content is durable only after [`Disk::sync_at_once`]. Tells its stamp.
    fn write_unsynced(&self, path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<Stamped>;

    /// Whether `count` new files in `dirs` are better made durable together than one by one.
    fn syncs_at_once(&self, count: usize, dirs: &BTreeSet<PathBuf>) -> bool;

    /// Makes all files in `dirs` durable, and the names in them.
    fn sync_at_once(&self, dirs: &BTreeSet<PathBuf>) -> io::Result<()>;

    /// Makes a symlink that must not exist yet.
    fn symlink(&self, target: &[u8], path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Puts `from` in the place of `to` in one step.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file or a symlink.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty directory.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir(path)
    }

    fn write_new(&self, path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<()> {
        os::write_new(path, bytes, executable, like)
    }

    fn write_unsynced(&self, path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<Stamped> {
        os::write_unsynced(path, bytes, executable, like).map(Stamped)
    }

    fn syncs_at_once(&self, count: usize, dirs: &BTreeSet<PathBuf>) -> bool {
        at_once::is_possible(count, dirs)
    }

    fn sync_at_once(&self, dirs: &BTreeSet<PathBuf>) -> io::Result<()> {
        at_once::sync(dirs)
    }

    fn symlink(&self, target: &[u8], path: &Path) -> io::Result<()> {
        os::symlink(target, path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        os::sync_dir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        os::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_dir(path)
    }
}
