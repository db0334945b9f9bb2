//! The journal: what an apply is about to do, and how far it has come. It is data from a disk, so it
//! is read as carefully as any other.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::super::os::{self, ReadFault};
use super::names;
use crate::error::{Error, Result};
use crate::model::file::{BlobId, File, FileMode};
use crate::model::path::{RepoPath, means_git};

const SCHEMA: &str = "roadbed/journal/v1";
const MAX_JOURNAL: u64 = 256 * 1024 * 1024;

/// How far an apply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Nothing has changed; whatever is staged can go.
    Staging,
    /// The edits count as made.
    Committed,
}

/// What a file is, without its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    pub(crate) mode: FileMode,
    pub(crate) id: BlobId,
}

impl Version {
    pub(crate) fn of(file: &File) -> Self {
        Version { mode: file.mode, id: file.blob_id() }
    }
}

/// A file that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Remove {
    pub(crate) path: RepoPath,
    pub(crate) old: Version,
}

/// A file that is put in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Placing {
    pub(crate) path: RepoPath,
    pub(crate) old: Option<Version>,
    pub(crate) new: Version,
    pub(crate) temp: RepoPath,
}

/// All of it. Paths count from the root of the work tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    schema: String,
    pub(crate) state: State,
    /// The laid directory; none if it is the root.
    pub(crate) prefix: Option<RepoPath>,
    /// Directories that are made while staging, outermost first.
    pub(crate) dirs: Vec<RepoPath>,
    /// Files that are made and removed while staging, to see that their directories can be written.
    pub(crate) probes: Vec<RepoPath>,
    /// In the order in which they go.
    pub(crate) removes: Vec<Remove>,
    /// In the order in which they are placed.
    pub(crate) places: Vec<Placing>,
}

impl Journal {
    pub(super) fn new(prefix: Option<RepoPath>) -> Self {
        Journal {
            schema: SCHEMA.to_owned(),
            state: State::Staging,
            prefix,
            dirs: Vec::new(),
            probes: Vec::new(),
            removes: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Reads the journal at `path`; none if there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Journal>> {
        let wrong = |why: &dyn std::fmt::Display| {
            let message = format!("the journal of an interrupted command cannot be used: {why}");
            let error = Error::environment(message).in_file(&path.display().to_string());
            error.hint("upgrade roadbed if a newer one wrote it; else look at what it lists, and remove it")
        };
        let bytes = match os::read(path, MAX_JOURNAL) {
            Ok((bytes, _)) => bytes,
            Err(ReadFault::System(error)) if os::is_absence(&error) => return Ok(None),
            Err(fault) => return Err(wrong(&fault)),
        };
        let journal: Journal = serde_json::from_slice(&bytes).map_err(|e| wrong(&e))?;
        journal.check().map_err(|why| wrong(&why))?;
        Ok(Some(journal))
    }

    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(self).map_err(|e| Error::internal(format!("the journal cannot be written: {e}")))
    }

    fn check(&self) -> Result<(), String> {
        if self.schema != SCHEMA {
            return Err(format!("its schema is `{}`, not `{SCHEMA}`", self.schema));
        }
        let targets = self.removes.iter().map(|r| &r.path).chain(self.places.iter().map(|p| &p.path));
        let temps = self.places.iter().map(|p| &p.temp).chain(&self.probes);
        if let Some(temp) = temps.clone().find(|temp| !names::is_staged(temp.file_name())) {
            return Err(format!("`{temp}` is not the name of a staged file"));
        }
        for path in targets.chain(temps).chain(&self.dirs) {
            let inside =
                self.prefix.as_ref().is_none_or(|prefix| path == prefix || path.strip_prefix(prefix).is_some());
            if !inside || path.parts().any(means_git) {
                return Err(format!("`{path}` is not a path that roadbed writes"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_would_reach_outside_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("journal");
        let blob = "\"ce013625030ba8dba906f756967f9e9ca394464a\"";
        for (path, temp) in [
            ("../x", ".roadbed-stage-0123456789abcdef-0"),
            (".git/hooks/pre-commit", ".roadbed-stage-0123456789abcdef-0"),
            ("x", "/etc/passwd"),
            ("x", "precious"),
        ] {
            let text = format!(
                "{{\"schema\":\"{SCHEMA}\",\"state\":\"committed\",\"prefix\":null,\"dirs\":[],\"probes\":[],\"removes\":[],\
                 \"places\":[{{\"path\":\"{path}\",\"old\":null,\"new\":{{\"mode\":\"regular\",\"id\":{blob}}},\
                 \"temp\":\"{temp}\"}}]}}"
            );
            std::fs::write(&file, text).unwrap();
            assert!(Journal::read(&file).is_err(), "{path} {temp}");
        }
        std::fs::write(&file, "{").unwrap();
        assert!(Journal::read(&file).is_err());
    }

    #[test]
    fn a_journal_survives_its_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("journal");
        assert_eq!(Journal::read(&file), Ok(None));
        let journal = Journal::new(RepoPath::new("a").ok());
        std::fs::write(&file, journal.to_bytes().unwrap()).unwrap();
        assert_eq!(Journal::read(&file), Ok(Some(journal)));
    }
}
