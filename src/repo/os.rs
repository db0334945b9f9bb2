//! The one place that knows operating systems: modes, links, locks, names and durable writes.

pub(super) mod at_once;
mod read;
pub(super) mod stamp;

use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

pub(super) use read::read_closely;
pub use read::{ReadFault, read};
use stamp::Stamp;

use crate::error::Error;
use crate::model::path::RepoPath;

/// The file that guards a directory without git, on systems that cannot lock the directory itself.
pub const GUARD: &str = ".roadbed-guard";

/// What lies at a path, told without opening it and without following a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing, or nothing that can be reached because a parent is no directory.
    Absent,
    /// A regular file.
    File {
        /// Size in bytes.
        size: u64,
        /// Whether its owner may run it; never on Windows.
        executable: bool,
    },
    /// A symlink.
    Symlink,
    /// A directory.
    Directory,
    /// A fifo, a socket, a device; holds its name.
    Special(&'static str),
}

/// What lies at `path`. A symlink is told as such.
pub fn look(path: &Path) -> io::Result<Entry> {
    look_closely(path).map(|(entry, _)| entry)
}

/// The same, with its stamp.
pub(super) fn look_closely(path: &Path) -> io::Result<(Entry, Option<Stamp>)> {
    match fs::symlink_metadata(path) {
        Ok(meta) => Ok((classify(&meta), Stamp::of(&meta))),
        Err(error) if is_absence(&error) => Ok((Entry::Absent, None)),
        Err(error) => Err(error),
    }
}

/// Whether an error says that nothing is there.
pub fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn classify(meta: &Metadata) -> Entry {
    let kind = meta.file_type();
    if kind.is_symlink() {
        Entry::Symlink
    } else if kind.is_dir() {
        Entry::Directory
    } else if kind.is_file() {
        Entry::File { size: meta.len(), executable: is_executable(meta) }
    } else {
        Entry::Special(special_name(kind))
    }
}

/// Where `path` lies below `root`. Fails where a part of the path would mean another place to this
/// system than it says (`..\x` or `C:` on Windows).
pub fn native(root: &Path, path: &RepoPath) -> io::Result<PathBuf> {
    let mut native = PathBuf::with_capacity(root.as_os_str().len() + path.as_str().len() + 2);
    native.push(root);
    push(&mut native, path).then_some(native).ok_or_else(|| {
        let message = format!("`{path}` is not a name that this system can hold");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    })
}

/// The absolute path of `path` with every symlink resolved.
pub fn real(path: &Path) -> io::Result<PathBuf> {
    let real = fs::canonicalize(path)?;
    Ok(without_verbatim_prefix(real))
}

/// Writes a file that must not exist yet, and makes its content durable.
/// With `like`, its permissions are those of that file but for the right to run it.
pub fn write_new(path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<()> {
    create(path, bytes, executable, like)?.0.sync_all()
}

/// As [`write_new`], for one of many files: whoever calls makes their contents durable together. Tells its stamp.
pub(super) fn write_unsynced(
    path: &Path,
    bytes: &[u8],
    executable: bool,
    like: Option<&Path>,
) -> io::Result<Option<Stamp>> {
    let (_, meta) = create(path, bytes, executable, like)?;
    Ok(Stamp::of(&meta))
}

fn create(path: &Path, bytes: &[u8], executable: bool, like: Option<&Path>) -> io::Result<(File, Metadata)> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    let meta = set_permissions(&file, executable, like)?;
    Ok((file, meta))
}

/// An environment error about one path.
pub(crate) fn failed(doing: &str, path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::environment(format!("{doing} `{}` failed: {error}", path.display()))
}

pub use system::*;

#[cfg(unix)]
mod system {
    use super::{File, Metadata, Path, PathBuf, RepoPath, fs, io};
    use std::ffi::OsStr;
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command};

    /// Whether files can carry the right to be run.
    pub const HAS_EXECUTABLE_BIT: bool = true;
    /// Whether every symlink that is made is one.
    pub const HAS_LINKS: bool = true;
    /// A file that is always empty.
    pub const NULL_DEVICE: &str = "/dev/null";

    /// The call gets a process group of its own, so that what it starts can be ended with it.
    pub(crate) fn lead_group(command: &mut Command) {
        command.process_group(0);
    }

    /// Ends a call of [`lead_group`] and what it started.
    pub(crate) fn end_group(child: &Child) {
        // It may have ended by itself.
        let _ =
            rustix::process::kill_process_group(rustix::process::Pid::from_child(child), rustix::process::Signal::KILL);
    }

    /// Goes to `path` below `native`; false where one of its parts means another place.
    pub(super) fn push(native: &mut PathBuf, path: &RepoPath) -> bool {
        native.push(path.as_str());
        true
    }

    pub(super) fn without_verbatim_prefix(path: PathBuf) -> PathBuf {
        path
    }

    pub(super) fn is_executable(meta: &Metadata) -> bool {
        meta.permissions().mode() & 0o100 != 0
    }

    pub(super) fn special_name(kind: fs::FileType) -> &'static str {
        if kind.is_fifo() {
            "fifo"
        } else if kind.is_socket() {
            "socket"
        } else {
            "device"
        }
    }

    pub(super) fn open_no_follow(path: &Path) -> io::Result<File> {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        fs::OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
    }

    /// Sets them; tells what the file is afterwards.
    pub(super) fn set_permissions(file: &File, executable: bool, like: Option<&Path>) -> io::Result<Metadata> {
        let meta = file.metadata()?;
        let own = meta.permissions().mode() & 0o777;
        let model = match like {
            Some(like) => fs::symlink_metadata(like)?.permissions().mode() & 0o777,
            None => own,
        };
        // Whoever may read it may run it, as git does.
        let mode = if executable { model | ((model & 0o444) >> 2) } else { model & !0o111 };
        if mode == own {
            return Ok(meta);
        }
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.metadata()
    }

    /// Puts `from` in the place of `to` in one step, whatever file lies there.
    pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    /// Makes a file's content durable.
    pub fn sync_file(path: &Path) -> io::Result<()> {
        open_no_follow(path)?.sync_all()
    }

    /// Makes the names in a directory durable.
    pub fn sync_dir(path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    /// Makes a symlink at `path` that points to `target`.
    pub fn symlink(target: &[u8], path: &Path) -> io::Result<()> {
        std::os::unix::fs::symlink(OsStr::from_bytes(target), path)
    }

    /// Where a symlink points, as stored.
    pub fn read_link(path: &Path) -> io::Result<Vec<u8>> {
        Ok(fs::read_link(path)?.into_os_string().into_vec())
    }

    /// Whether two paths are one entry of the file system, as on one that folds case.
    pub fn same_entry(a: &Path, b: &Path) -> bool {
        match (fs::symlink_metadata(a), fs::symlink_metadata(b)) {
            (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino() && a.nlink() == 1,
            _ => false,
        }
    }

    /// Whether an open file is still the one that `path` names.
    pub fn is_at(file: &File, path: &Path) -> bool {
        match (file.metadata(), fs::symlink_metadata(path)) {
            (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
            _ => false,
        }
    }

    /// Something in `dir` to hold a lock on. A directory locks itself, so that nothing is left behind.
    pub fn open_lock_in(dir: &Path) -> io::Result<File> {
        File::open(dir)
    }

    /// A path as git writes it: its bytes, with `/`.
    pub fn path_from_git(bytes: &[u8]) -> Option<PathBuf> {
        Some(PathBuf::from(OsStr::from_bytes(bytes)))
    }
}

#[cfg(windows)]
mod system {
    use super::{File, Metadata, Path, PathBuf, RepoPath, fs, io};

    /// Whether files can carry the right to be run.
    pub const HAS_EXECUTABLE_BIT: bool = false;
    /// Whether every symlink that is made is one.
    pub const HAS_LINKS: bool = false;
    /// A file that is always empty.
    pub const NULL_DEVICE: &str = "NUL";
    /// Virus scanners and indexers hold new files open for a moment: half a second of patience.
    const RENAME_RETRIES: usize = 25;

    /// Ending the call itself must do here.
    pub(crate) fn lead_group(_command: &mut std::process::Command) {}

    /// Ending the call itself must do here.
    pub(crate) fn end_group(_child: &std::process::Child) {}

    /// Goes to `path` below `native`; false where one of its parts means another place.
    pub(super) fn push(native: &mut PathBuf, path: &RepoPath) -> bool {
        native.extend(path.parts());
        !path.as_str().contains(['\\', ':'])
    }

    pub(super) fn without_verbatim_prefix(path: PathBuf) -> PathBuf {
        // Git's program and library take no `\\?\C:\…`.
        match path.to_str().and_then(|text| text.strip_prefix(r"\\?\")) {
            Some(plain) if plain.as_bytes().get(1) == Some(&b':') => PathBuf::from(plain),
            _ => path,
        }
    }

    pub(super) fn is_executable(_meta: &Metadata) -> bool {
        false
    }

    pub(super) fn special_name(_kind: fs::FileType) -> &'static str {
        "device"
    }

    pub(super) fn open_no_follow(path: &Path) -> io::Result<File> {
        use std::os::windows::fs::OpenOptionsExt as _;
        const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
        fs::OpenOptions::new().read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT).open(path)
    }

    /// There are none to set.
    pub(super) fn set_permissions(file: &File, _executable: bool, _like: Option<&Path>) -> io::Result<Metadata> {
        file.metadata()
    }

    /// Puts `from` in the place of `to` in one step, whatever file lies there.
    pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
        for _ in 0..RENAME_RETRIES {
            match fs::rename(from, to) {
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
                settled => return settled,
            }
        }
        fs::rename(from, to)
    }

    /// Makes a file's content durable.
    pub fn sync_file(path: &Path) -> io::Result<()> {
        match fs::OpenOptions::new().write(true).open(path) {
            Ok(file) => file.sync_all(),
            // Only a handle that may write can be flushed, and git's objects are read-only.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Makes the names in a directory durable; Windows does so by itself.
    pub fn sync_dir(_path: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Makes a symlink at `path`; where the system refuses, a plain file that holds the target, as git
    /// does with `core.symlinks=false`.
    pub fn symlink(target: &[u8], path: &Path) -> io::Result<()> {
        let text = std::str::from_utf8(target).map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        let native = text.replace('/', "\\");
        let is_dir = path.parent().is_some_and(|dir| dir.join(&native).is_dir());
        let made = if is_dir {
            std::os::windows::fs::symlink_dir(&native, path)
        } else {
            std::os::windows::fs::symlink_file(&native, path)
        };
        made.or_else(|_| super::write_new(path, target, false, None))
    }

    /// Where a symlink points, with `/`.
    pub fn read_link(path: &Path) -> io::Result<Vec<u8>> {
        Ok(fs::read_link(path)?.to_string_lossy().replace('\\', "/").into_bytes())
    }

    /// Whether two paths are one entry of the file system, as on one that folds case.
    pub fn same_entry(a: &Path, b: &Path) -> bool {
        match (fs::canonicalize(a), fs::canonicalize(b)) {
            (Ok(a), Ok(b)) => a == b,
            _ => false,
        }
    }

    /// Whether an open file is still the one that `path` names; a locked file keeps its name here.
    pub fn is_at(_file: &File, path: &Path) -> bool {
        path.exists()
    }

    /// Something in `dir` to hold a lock on.
    pub fn open_lock_in(dir: &Path) -> io::Result<File> {
        use std::os::windows::fs::OpenOptionsExt as _;
        const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(false).custom_flags(FILE_FLAG_DELETE_ON_CLOSE);
        options.open(dir.join(super::GUARD))
    }

    /// A path as git writes it: UTF-8, with `/`.
    pub fn path_from_git(bytes: &[u8]) -> Option<PathBuf> {
        std::str::from_utf8(bytes).ok().map(PathBuf::from)
    }
}
