//! What surrounds the process: its environment, the day, and the few plain files that a command reads or writes by name.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::os::{self, failed};
use crate::error::{Error, Result};

/// No file that is named on the command line is larger, in bytes.
const MAX_NAMED: u64 = 1024 * 1024;

/// The working directory.
pub fn current_directory() -> Result<PathBuf> {
    std::env::current_dir()
        .map_err(|error| Error::environment(format!("the working directory cannot be found: {error}")))
}

/// A directory that is named on the command line, by its real path.
pub fn real_directory(path: &Path) -> Result<PathBuf> {
    match os::real(path) {
        Ok(real) if real.is_dir() => Ok(real),
        _ => Err(Error::usage(format!("there is no directory `{}`", path.display()))),
    }
}

/// Today, in UTC.
pub fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Whether the environment asks for none: `NO_COLOR` (<https://no-color.org>), `CLICOLOR=0` (<https://bixense.com/clicolors>),
/// or a terminal that has none.
pub fn no_colour() -> bool {
    let is = |name: &str, word: &str| std::env::var_os(name).is_some_and(|value| value == word);
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || is("CLICOLOR", "0") || is("TERM", "dumb")
}

/// An environment variable, if it is set and UTF-8.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The environment variables that start with `prefix`, by what follows it.
pub fn variables(prefix: &str) -> BTreeMap<String, String> {
    let all =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    all.filter_map(|(name, value)| Some((name.strip_prefix(prefix)?.to_owned(), value))).collect()
}

/// Whether anything lies at `path`.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// A file that the command line names; a large one is refused.
pub fn read_named(path: &Path) -> Result<Vec<u8>> {
    let refuse = |why: String| Error::usage(format!("`{}` cannot be read: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| refuse(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MAX_NAMED + 1).read_to_end(&mut bytes).map_err(|error| refuse(error.to_string()))?;
    if bytes.len() as u64 > MAX_NAMED {
        return Err(refuse(format!("it has more than {MAX_NAMED} bytes")));
    }
    Ok(bytes)
}

/// A file that a CI system names; none if it cannot be read or has more than 32 MiB.
pub fn read_event(path: &Path) -> Option<Vec<u8>> {
    os::read(path, 32 * 1024 * 1024).ok().map(|(bytes, _)| bytes)
}

/// Writes a file that the command line names: whole, or not at all. What is no file (a device, a pipe) is written to as it is.
pub fn write_named(path: &Path, bytes: &[u8]) -> Result<()> {
    if matches!(os::look(path), Ok(os::Entry::Special(_))) {
        return std::fs::write(path, bytes).map_err(|error| failed("writing", path, &error));
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".roadbed-{}", std::process::id()));
    let beside = path.with_file_name(name);
    let written = os::write_new(&beside, bytes, false, None).and_then(|()| os::rename(&beside, path));
    written.map_err(|error| {
        if error.kind() != std::io::ErrorKind::AlreadyExists {
            // The file that counts is untouched; this one is of no use to anybody.
            let _ = std::fs::remove_file(&beside);
        }
        let failed = failed("writing", path, &error);
        match path.parent().filter(|directory| !directory.as_os_str().is_empty() && !directory.exists()) {
            Some(directory) => failed.hint(format!("make its directory first: mkdir -p {}", directory.display())),
            None => failed,
        }
    })
}

/// Adds to the end of a file that others may have begun. At most `limit` bytes may be in it afterwards; `text` is
/// told how many are left.
pub fn append_named(path: &Path, limit: usize, text: impl FnOnce(usize) -> String) -> Result<()> {
    use std::io::Write as _;
    let size = std::fs::metadata(path).map_or(0, |meta| usize::try_from(meta.len()).unwrap_or(usize::MAX));
    let text = text(limit.saturating_sub(size));
    let mut open = std::fs::OpenOptions::new();
    let opened = open.append(true).create(true).open(path);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| failed("adding to", path, &error))
}

/// Makes a directory and those above it.
pub fn create_directory(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| failed("making the directory", path, &error))
}
