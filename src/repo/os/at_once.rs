//! Making many files durable with one call for each file system, where that call keeps its word.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

/// From so many files on the one call is worth it: it also waits for what others wrote to the same file system.
#[cfg(target_os = "linux")]
const MANY: usize = 32;

/// Whether one call does for `count` new files in these directories.
#[cfg(target_os = "linux")]
pub(in crate::repo) fn is_possible(count: usize, dirs: &BTreeSet<PathBuf>) -> bool {
    count >= MANY && tells_of_errors() && dirs.iter().all(|dir| keeps_its_word(dir))
}

/// Before Linux 5.8 the call says nothing of what could not be written.
#[cfg(target_os = "linux")]
fn tells_of_errors() -> bool {
    let system = rustix::system::uname();
    let mut numbers =
        system.release().to_str().unwrap_or_default().split(['.', '-']).map_while(|part| part.parse().ok());
    let version: (u32, u32) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    version >= (5, 8)
}

/// Elsewhere there is no such call.
#[cfg(not(target_os = "linux"))]
pub(in crate::repo) fn is_possible(_count: usize, _dirs: &BTreeSet<PathBuf>) -> bool {
    false
}

/// Network and user-space file systems pass the call on to nobody: their server may still hold all in memory.
#[cfg(target_os = "linux")]
fn keeps_its_word(dir: &std::path::Path) -> bool {
    const EXT: u64 = 0xef53;
    const XFS: u64 = 0x5846_5342;
    const BTRFS: u64 = 0x9123_683e;
    const F2FS: u64 = 0xf2f5_2010;
    const OVERLAY: u64 = 0x794c_7630;
    const TMPFS: u64 = 0x0102_1994;
    let known = [EXT, XFS, BTRFS, F2FS, OVERLAY, TMPFS];
    // The number's sign and width differ between processors; only its lower half means anything.
    #[allow(clippy::unnecessary_cast, clippy::cast_sign_loss, reason = "its type is the processor's")]
    rustix::fs::statfs(dir).is_ok_and(|found| known.contains(&(found.f_type as u64 & 0xffff_ffff)))
}

/// Makes all that was written to the file systems of these directories durable, names included.
#[cfg(target_os = "linux")]
pub(in crate::repo) fn sync(dirs: &BTreeSet<PathBuf>) -> io::Result<()> {
    let mut done = BTreeSet::new();
    for dir in dirs {
        let dir = std::fs::File::open(dir)?;
        // A directory of the work tree may be a mount of its own.
        if done.insert(rustix::fs::fstat(&dir)?.st_dev) {
            rustix::fs::syncfs(&dir)?;
        }
    }
    Ok(())
}

/// Elsewhere nobody may ask for it.
#[cfg(not(target_os = "linux"))]
pub(in crate::repo) fn sync(_dirs: &BTreeSet<PathBuf>) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
