//! Where a golden path comes from, as a person writes it: `builtin`, `builtin@1.0.0`, or a directory.

use std::fmt;
use std::str::FromStr;

use semver::{Version, VersionReq};

use crate::error::{Error, Kind, Problem, Result};

/// A golden path's source, as `--golden-path` and `policy.yaml` name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The one in the binary, at its newest version or at the one named.
    Builtin {
        /// The exact version, after `@`.
        version: Option<Version>,
    },
    /// A directory; a relative one counts from where the text was written.
    Directory(String),
}

impl Source {
    /// The version that it pins, if it does.
    pub fn version(&self) -> Option<&Version> {
        if let Source::Builtin { version } = self { version.as_ref() } else { None }
    }

    /// The source without its version: what the lock and the policy store.
    pub fn name(&self) -> &str {
        match self {
            Source::Builtin { .. } => "builtin",
            Source::Directory(path) => path,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Builtin { version: Some(version) } => write!(f, "builtin@{version}"),
            other => f.write_str(other.name()),
        }
    }
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let fail = |message: String, hint: &str| Err(Error::new(Kind::Usage, Problem::new(message).hint(hint)));
        if text == "builtin" {
            return Ok(Source::Builtin { version: None });
        }
        if let Some(version) = text.strip_prefix("builtin@") {
            let Ok(version) = version.parse() else {
                let message = format!("`{version}` in the golden path `{text}` is not a version");
                return fail(message, "write three numbers: `builtin@1.0.0`; `roadbed path list` names what there is");
            };
            return Ok(Source::Builtin { version: Some(version) });
        }
        let start = text.split('/').next().unwrap_or(text);
        let directory = "name a directory, or `builtin`";
        if text.is_empty() || text.chars().any(char::is_control) {
            return fail(format!("{text:?} does not name a golden path"), directory);
        }
        if text.starts_with('-') {
            return fail(
                format!("the golden path `{text}` reads like an option"),
                "write `./` before such a directory",
            );
        }
        if text.starts_with("git+") {
            let message = format!("golden paths in git are not supported by this version of roadbed: `{text}`");
            return fail(message, "clone it, and name the clone's directory");
        }
        if text.contains("://") || start.contains("::") || (start.contains('@') && start.contains(':')) {
            return fail(format!("the golden path `{text}` is a URL, not a directory"), directory);
        }
        Ok(Source::Directory(text.to_owned()))
    }
}

/// What `extends` names: a range of versions of the built-in path, and in a release the one it was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extends {
    /// Which versions will do.
    pub range: VersionReq,
    /// The digest that a release froze.
    pub digest: Option<String>,
}

impl FromStr for Extends {
    type Err = String;

    /// Reads `builtin`, `builtin@RANGE`, or what a release wrote: `builtin@=VERSION sha256:…`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (source, digest) = match text.split_once(" sha256:") {
            Some((source, digest)) => (source, Some(format!("sha256:{digest}"))),
            None => (text, None),
        };
        let range = match source.strip_prefix("builtin") {
            Some("") => "*",
            Some(rest) if rest.starts_with('@') => &rest[1..],
            _ => return Err(format!("`{source}` cannot be extended: this version of roadbed extends `builtin` only")),
        };
        let range =
            range.parse().map_err(|error| format!("`{range}` is not a range of versions, such as `^1`: {error}"))?;
        Ok(Extends { range, digest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_read_as_they_are_written() {
        for text in ["builtin", "builtin@1.0.0", "../platform/path", "./builtin", "a@b", "C:\\paths\\acme"] {
            assert_eq!(text.parse::<Source>().map(|s| s.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn git_urls_and_smuggled_options_are_refused_with_what_to_do() {
        for text in [
            "git+https://x/y@1",
            "https://x/y",
            "ext::sh -c id",
            "git@host:x/y",
            "--upload-pack=x",
            "",
            "a\nb",
            "builtin@x",
        ] {
            let Err(error) = text.parse::<Source>() else { panic!("{text}") };
            assert_eq!(error.kind, Kind::Usage);
            assert!(error.problems[0].hint.is_some(), "{text}");
        }
    }

    #[test]
    fn only_the_built_in_path_can_be_extended() {
        let frozen: Extends = "builtin@=1.2.0 sha256:ab".parse().unwrap();
        assert_eq!(frozen.digest.as_deref(), Some("sha256:ab"));
        assert!("builtin@^1".parse::<Extends>().is_ok());
        assert!("../other@1".parse::<Extends>().is_err());
        assert!("builtin@one".parse::<Extends>().is_err());
    }
}
