//! The few facts that a repository's own git configuration tells about its files.
//!
//! Read here and not by git, because that file is hostile: no includes, no programs, one bounded read.
//! The user's and the system's configuration are never read.

use std::path::Path;

use super::os;

const MAX_CONFIG: u64 = 4 * 1024 * 1024;

/// What the configuration says; keys are folded as git folds them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GitConfig {
    /// `core.fileMode`: whether modes on disk mean anything.
    pub(crate) file_mode: Option<bool>,
    /// `core.symlinks`: whether links are checked out as links.
    pub(crate) symlinks: Option<bool>,
    /// `core.bare`
    pub(crate) bare: Option<bool>,
    /// `core.ignoreCase`
    pub(crate) ignore_case: bool,
    /// `extensions.objectFormat`, `sha1` unless it says otherwise.
    pub(crate) sha256: bool,
    /// `remote.origin.url`
    pub(crate) origin: Option<String>,
    /// Names of filter drivers, each of which could run a program.
    pub(crate) filters: Vec<String>,
}

impl GitConfig {
    /// Reads `config` in the repository's common directory; a file that cannot be read says nothing.
    pub(crate) fn read(common: &Path) -> Self {
        match os::read(&common.join("config"), MAX_CONFIG) {
            Ok((bytes, _)) => GitConfig::parse(&String::from_utf8_lossy(&bytes)),
            Err(_) => GitConfig::default(),
        }
    }

    fn parse(text: &str) -> Self {
        let mut config = GitConfig::default();
        let mut section = String::new();
        for line in text.lines() {
            let mut line = line.trim();
            if let Some(rest) = line.strip_prefix('[') {
                let Some((header, after)) = rest.rsplit_once(']') else { continue };
                header.trim().clone_into(&mut section);
                if let Some(driver) = subsection(&section, "filter") {
                    config.filters.push(driver);
                }
                line = after.trim();
            }
            let (key, value) = line.split_once('=').map_or((line, None), |(k, v)| (k.trim(), Some(v)));
            if key.eq_ignore_ascii_case("url") && subsection(&section, "remote").is_some_and(|name| name == "origin") {
                config.origin = value.map(plain);
            }
            config.take(&section.to_lowercase(), &key.to_lowercase(), value.map(plain).as_deref());
        }
        config
    }

    fn take(&mut self, section: &str, key: &str, value: Option<&str>) {
        match (section, key) {
            ("core", "filemode") => self.file_mode = truth(value).or(self.file_mode),
            ("core", "symlinks") => self.symlinks = truth(value).or(self.symlinks),
            ("core", "bare") => self.bare = truth(value).or(self.bare),
            ("core", "ignorecase") => self.ignore_case = truth(value).unwrap_or(self.ignore_case),
            ("extensions", "objectformat") => {
                self.sha256 = value.is_some_and(|v| v.eq_ignore_ascii_case("sha256"));
            }
            _ => {}
        }
    }
}

/// The value without quotes and trailing comment.
fn plain(value: &str) -> String {
    let value = value.split(['#', ';']).next().unwrap_or(value);
    value.trim().trim_matches('"').to_owned()
}

/// `true` for a key without a value, as git reads it.
fn truth(value: Option<&str>) -> Option<bool> {
    match value.map(str::to_lowercase).as_deref() {
        None | Some("true" | "yes" | "on" | "1") => Some(true),
        Some("" | "false" | "no" | "off" | "0") => Some(false),
        Some(_) => None,
    }
}

fn subsection(section: &str, wanted: &str) -> Option<String> {
    let (name, quoted) = section.split_once(char::is_whitespace)?;
    let inner = quoted.trim().strip_prefix('"')?.strip_suffix('"')?;
    name.eq_ignore_ascii_case(wanted).then(|| inner.replace("\\\"", "\"").replace("\\\\", "\\"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_and_programs_only_named() {
        let config = GitConfig::parse(
            "[core]\n\tfileMode = false ; no\n\tsymlinks=off\n bare\n[extensions] objectFormat = SHA256\n\
             [remote \"origin\"]\n\turl = https://h.example/a/b.git\n[remote \"fork\"]\n\turl = c\n\
             [filter \"a\\\"b\"]\n\tclean = touch /tmp/x\n[include]\n\tpath = /dev/zero\n",
        );
        assert_eq!(config.file_mode, Some(false));
        assert_eq!(config.symlinks, Some(false));
        assert_eq!(config.bare, Some(true));
        assert!(config.sha256);
        assert_eq!(config.origin.as_deref(), Some("https://h.example/a/b.git"));
        assert_eq!(config.filters, ["a\"b"]);
    }

    #[test]
    fn nonsense_says_nothing() {
        assert_eq!(GitConfig::parse("[core\nfilemode = maybe\n]]]=\n\0"), GitConfig::default());
    }
}
