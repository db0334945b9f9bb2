//! Reading a file whose size, kind and good will nobody vouches for.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::stamp::Stamp;
use super::{Entry, classify, open_no_follow};

/// What is reserved at most before a file is read, in bytes: a sparse file only claims its size.
const MAX_RESERVED: usize = 64 * 1024 * 1024;
/// Larger files are read in parts: to clear room for them would cost more than a call.
const MAX_AT_ONCE: usize = 256 * 1024;

/// What a file of this size holds, up to one byte more than `limit`. One call, where the file has the size that it said: most
/// are small, and to ask whether there is more costs as much as to read them.
fn read_to_end(mut file: File, size: u64, limit: u64) -> io::Result<Vec<u8>> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(size.saturating_add(1).min(MAX_RESERVED));
    if size < MAX_AT_ONCE {
        bytes.resize(size + 1, 0);
        let read = loop {
            match file.read(&mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        bytes.truncate(read);
        if read == size {
            return Ok(bytes);
        }
    }
    let left = (limit + 1).saturating_sub(bytes.len() as u64);
    file.take(left).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a regular file of at most `limit` bytes: follows no symlink in the last part and waits for
/// no fifo.
pub fn read(path: &Path, limit: u64) -> Result<(Vec<u8>, bool), ReadFault> {
    read_closely(path, limit).map(|(bytes, executable, _)| (bytes, executable))
}

/// The same, with the stamp that the file had just before.
pub(in crate::repo) fn read_closely(path: &Path, limit: u64) -> Result<(Vec<u8>, bool, Option<Stamp>), ReadFault> {
    let file = open_no_follow(path)?;
    let meta = file.metadata()?;
    match classify(&meta) {
        Entry::File { size, .. } if size > limit => Err(ReadFault::TooLarge(size)),
        Entry::File { size, executable } => {
            let bytes = read_to_end(file, size, limit)?;
            let grown = bytes.len() as u64;
            if grown > limit { Err(ReadFault::TooLarge(grown)) } else { Ok((bytes, executable, Stamp::of(&meta))) }
        }
        Entry::Special(kind) => Err(ReadFault::Special(kind)),
        _ => Err(ReadFault::System(io::Error::from(io::ErrorKind::IsADirectory))),
    }
}

/// Why a file was not read.
#[derive(Debug)]
pub enum ReadFault {
    /// It has more bytes than the limit; holds how many.
    TooLarge(u64),
    /// It is a fifo, a socket or a device.
    Special(&'static str),
    /// The system refused.
    System(io::Error),
}

impl From<io::Error> for ReadFault {
    fn from(error: io::Error) -> Self {
        ReadFault::System(error)
    }
}

impl std::fmt::Display for ReadFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ReadFault::TooLarge(size) => write!(f, "it has {size} bytes, more than roadbed reads"),
            ReadFault::Special(kind) => write!(f, "it is a {kind}, not a file"),
            ReadFault::System(error) => write!(f, "{error}"),
        }
    }
}
