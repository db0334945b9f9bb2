//! What a file system says of a file that nobody opens: enough to tell that it was left alone.

use std::fs::Metadata;

/// Which file it is, how long, and when its content or its rights last changed, as the file system's own clock tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::repo) struct Stamp {
    device: u64,
    number: u64,
    size: u64,
    mode: u32,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of a file; none where the system has no such thing.
    #[cfg(unix)]
    #[allow(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
    pub(in crate::repo) fn of(meta: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        Some(Stamp {
            device: meta.dev(),
            number: meta.ino(),
            size: meta.size(),
            mode: meta.mode(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        })
    }

    /// The stamp of a file; none where the system has no such thing.
    #[cfg(not(unix))]
    pub(in crate::repo) fn of(_meta: &Metadata) -> Option<Self> {
        None
    }

    /// Whether the file was last changed before `other` was, by one and the same clock. Whoever read it after that sees any
    /// later change by its stamp, however coarse the clock: a change in the same tick would have the other's time.
    pub(in crate::repo) fn is_older_than(&self, other: &Stamp) -> bool {
        self.device == other.device && self.changed < other.changed
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn any_change_shows_and_only_what_is_older_counts_as_older() {
        let dir = tempfile::tempdir().unwrap();
        let stamp = |name: &str| Stamp::of(&std::fs::symlink_metadata(dir.path().join(name)).unwrap()).unwrap();
        std::fs::write(dir.path().join("a"), "one").unwrap();
        let old = stamp("a");
        assert_eq!(stamp("a"), old);
        assert!(!old.is_older_than(&old));
        let mut new = old;
        // Until the clock has gone on.
        while new.changed == old.changed {
            std::fs::write(dir.path().join("b"), "x").unwrap();
            new = stamp("b");
        }
        assert!(old.is_older_than(&new) && !new.is_older_than(&old));
        std::fs::write(dir.path().join("a"), "two").unwrap();
        assert_ne!(stamp("a"), old);
    }
}
