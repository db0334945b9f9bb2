//! Opening golden paths, and naming them so that a later command finds them again.

use std::path::{Component, Path, PathBuf};

use super::session::Session;
use crate::error::{Problem, Result};
use crate::golden_path::{Source, Versions};
use crate::repo::library;

/// The same as [`open`], for those who use the golden path: a directory that was edited since its version was released is
/// used as it stands, and the user is told.
pub(super) fn open_for_use(session: &Session, source: &Source, from: &Path) -> Result<Versions> {
    let versions = open(source, from)?;
    if let Source::Directory(dir) = source
        && versions.edited()?
    {
        let version = versions.current_version();
        let next = semver::Version::new(version.major, version.minor, version.patch + 1);
        let message =
            format!("the golden path was edited since its version {version} was released; it counts as it stands");
        let hint = format!("release what changed: roadbed -C {} path release {next}", crate::plan::shell_word(dir));
        session.advise(&[Problem::new(message).in_file(dir.as_str()).hint(hint)]);
    }
    Ok(versions)
}

/// Opens what `source` names; a relative directory counts from `from`.
pub(super) fn open(source: &Source, from: &Path) -> Result<Versions> {
    match source {
        Source::Builtin { .. } => Versions::builtin(),
        Source::Directory(dir) => {
            let shelf = library::read_tree(&from.join(dir), library::Limits::default())?;
            let releases =
                shelf.releases.into_iter().map(|(version, bytes)| (format!("{version}.tar.zst"), bytes)).collect();
            Versions::directory(dir, &shelf.tree, releases)
        }
    }
}

/// The source as a policy in `laid` must name it; the user typed it in `typed_in`.
pub(super) fn for_policy(source: &Source, typed_in: &Path, laid: &Path) -> Source {
    match source {
        Source::Directory(dir) if Path::new(dir).is_relative() => {
            Source::Directory(relative(&normal(&typed_in.join(dir)), &normal(laid)))
        }
        other => other.clone(),
    }
}

/// `path` without `.` and `..`, by its text alone.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The way from the directory `from` to `to`, with `/`; both absolute.
pub(super) fn relative(to: &Path, from: &Path) -> String {
    let to: Vec<_> = to.components().collect();
    let from: Vec<_> = from.components().collect();
    let shared = to.iter().zip(&from).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return to.iter().collect::<PathBuf>().to_string_lossy().into_owned();
    }
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let down = to[shared..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let way: Vec<String> = up.chain(down).collect();
    if way.is_empty() { ".".to_owned() } else { way.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_source_is_named_from_the_laid_directory() {
        let named = |typed: &str, typed_in: &str, laid: &str| {
            for_policy(&Source::Directory(typed.to_owned()), Path::new(typed_in), Path::new(laid)).to_string()
        };
        assert_eq!(named("golden", "/w", "/w/demo"), "../golden");
        assert_eq!(named("../golden", "/w/x", "/w/x/y/demo"), "../../../golden");
        let whole = if cfg!(windows) { "C:/abs" } else { "/abs" };
        assert_eq!(named(whole, "/w", "/w/demo"), whole);
    }
}
