//! What a path of a tree holds: bytes with a mode, and the id that git would give them.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

/// The modes that git stores for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileMode {
    /// `100644`
    Regular,
    /// `100755`
    Executable,
    /// `120000`; the bytes are the link's target.
    Symlink,
}

impl FileMode {
    /// The number as git writes it.
    pub fn octal(self) -> &'static str {
        match self {
            FileMode::Regular => "100644",
            FileMode::Executable => "100755",
            FileMode::Symlink => "120000",
        }
    }
}

/// A file: its mode and its bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// What kind of file it is.
    pub mode: FileMode,
    /// The content; for a symlink, its target.
    pub bytes: Vec<u8>,
}

impl File {
    /// A regular file.
    pub fn regular(bytes: impl Into<Vec<u8>>) -> Self {
        File { mode: FileMode::Regular, bytes: bytes.into() }
    }

    /// The id of its content (not of its mode).
    pub fn blob_id(&self) -> BlobId {
        BlobId::of(&self.bytes)
    }

    /// The content as text, if it is text.
    pub fn text(&self) -> Option<&str> {
        if self.mode == FileMode::Symlink || is_binary(&self.bytes) {
            return None;
        }
        std::str::from_utf8(&self.bytes).ok()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({} {:?})", self.mode.octal(), String::from_utf8_lossy(&self.bytes))
    }
}

/// Git's own test: a NUL among the first 8,000 bytes.
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(8000)].contains(&0)
}

/// The SHA-1 id that git gives a blob; used as a content id in sha256 repositories too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BlobId([u8; 20]);

impl BlobId {
    /// The id of no blob at all, as git writes it.
    pub const NULL: BlobId = BlobId([0; 20]);

    /// The id of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = Sha1::new();
        for part in ["blob ", &bytes.len().to_string(), "\0"] {
            hash.update(part);
        }
        hash.update(bytes);
        BlobId(hash.finalize().into())
    }

    /// The id as git's library gives it; none if it is not a SHA-1.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(BlobId)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::finding::hex(&self.0))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for BlobId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a git blob id: it must be 40 hexadecimal digits");
        if text.len() != 40 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut bytes = [0; 20];
        for (n, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).map_err(|_| wrong())?;
        }
        Ok(BlobId(bytes))
    }
}

impl From<BlobId> for String {
    fn from(id: BlobId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_git() {
        assert_eq!(BlobId::of(b"").to_string(), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(BlobId::of(b"hello\n").to_string(), "ce013625030ba8dba906f756967f9e9ca394464a");
    }

    #[test]
    fn an_id_survives_its_text() {
        let id = BlobId::of(b"x");
        assert_eq!(BlobId::try_from(id.to_string()), Ok(id));
        assert!(BlobId::try_from("+".repeat(40)).is_err());
    }
}
