//! Globs of `asset.yaml`, and what a file's name says of its format.

use std::cell::OnceCell;

use globset::{Glob, GlobBuilder, GlobMatcher};

/// A glob over paths, sound, and made ready to match only where it must be: most globs are plain paths, and
/// to make a general one ready costs more than all else that is done with it.
#[derive(Debug)]
pub(crate) struct PathGlob {
    /// None where head and tail say all.
    glob: Option<Glob>,
    /// What a path must begin with to be matched at all.
    head: String,
    /// What comes after the head.
    tail: Tail,
    ready: OnceCell<GlobMatcher>,
}

/// What a glob says beyond its literal head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tail {
    /// Nothing: it is a path.
    Nothing,
    /// `**` after a slash: everything in that directory.
    Everything,
    /// Anything else.
    Pattern,
}

impl PathGlob {
    /// Whether `path` is among those that it names.
    pub(crate) fn is_match(&self, path: impl AsRef<str>) -> bool {
        let path = path.as_ref();
        let Some(rest) = path.strip_prefix(self.head.as_str()) else { return false };
        match self.tail {
            Tail::Nothing => rest.is_empty(),
            Tail::Everything => true,
            Tail::Pattern => {
                self.glob.as_ref().is_some_and(|glob| self.ready.get_or_init(|| glob.compile_matcher()).is_match(path))
            }
        }
    }
}

/// A glob over paths: `*` stays inside one directory, `**` does not. The message says what is wrong with it.
pub(crate) fn of_rule(text: &str) -> Result<PathGlob, String> {
    let (head, tail) = split(text);
    if tail != Tail::Pattern && !text.contains('\\') {
        return Ok(PathGlob { glob: None, head, tail, ready: OnceCell::new() });
    }
    Ok(PathGlob { glob: Some(general(text)?), head, tail, ready: OnceCell::new() })
}

fn general(text: &str) -> Result<Glob, String> {
    let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build();
    glob.map_err(|error| format!("`{text}` is not a glob: {}", error.kind()))
}

/// The literal beginning of a glob, unescaped, and what follows it.
fn split(text: &str) -> (String, Tail) {
    let mut head = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '*' if &text[at..] == "**" && head.ends_with('/') => return (head, Tail::Everything),
            '*' | '?' | '[' | ']' | '{' | '}' => return (head, Tail::Pattern),
            '\\' => head.extend(chars.next().map(|(_, escaped)| escaped)),
            c => head.push(c),
        }
    }
    (head, Tail::Nothing)
}

/// A path or a glob with a plain word in place of each placeholder: the same word for the same placeholder,
/// so that globs can be matched where there are no answers.
pub(super) fn as_written(text: &str) -> String {
    let done: Result<String, std::convert::Infallible> = fill(text, |placeholder| Ok(word(placeholder)));
    match done {
        Ok(text) => text,
        Err(never) => match never {},
    }
}

/// The word that stands for a placeholder.
pub(super) fn word(placeholder: &str) -> String {
    let inside: String = placeholder.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("_{inside}_")
}

/// `text` with each `<{ … }>` replaced by what `value` makes of it.
pub(super) fn fill<E>(text: &str, mut value: impl FnMut(&str) -> Result<String, E>) -> Result<String, E> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("<{") {
        let Some(length) = rest[start..].find("}>") else { break };
        let end = start + length + 2;
        out.push_str(&rest[..start]);
        out.push_str(&value(&rest[start..end])?);
        rest = &rest[end..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Whether a file of this name holds keys: YAML, JSON or TOML.
pub(super) fn has_keys(name: &str) -> bool {
    format(name).is_some()
}

/// Whether a file of this name is JSON, which has no comments.
pub(super) fn is_json(name: &str) -> bool {
    format(name) == Some(Format::Json)
}

/// A format whose keys can be owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// YAML
    Yaml,
    /// JSON
    Json,
    /// TOML
    Toml,
}

/// What a file's name says of its format.
pub(super) fn format(name: &str) -> Option<Format> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let (_, ending) = name.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => Some(Format::Yaml),
        "json" => Some(Format::Json),
        "toml" => Some(Format::Toml),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_star_stays_in_its_directory() {
        let matches = |glob: &str, path: &str| of_rule(glob).unwrap().is_match(path);
        assert!(matches("docs/adr/**", "docs/adr/a/b.md") && !matches("docs/*", "docs/a/b.md"));
        assert!(matches("**/Dockerfile*", "Dockerfile.dev"));
        assert!(of_rule("a[").is_err());
    }

    #[test]
    fn the_short_ways_say_what_the_glob_says() {
        let globs =
            ["a/b", "a/**", "a/**/c", "a\\*b", "a[b]", "a/*", "**", "a/b/", "a//b", "**/a", "a/{b,c}", "[[]x", "a**"];
        let paths = ["a/b", "a", "a/", "a/b/c", "a*b", "ab", "a/c", "[x", "a//b", "a/b/", "x/a", "a/.b", ""];
        for text in globs {
            let (glob, whole) = (of_rule(text).unwrap(), general(text).unwrap().compile_matcher());
            for path in paths {
                assert_eq!(glob.is_match(path), whole.is_match(path), "{text} on {path}");
            }
        }
    }

    #[test]
    fn placeholders_stand_for_something() {
        assert_eq!(as_written("cmd/<{ name | kebab }>/**"), "cmd/_namekebab_/**");
        assert!(of_rule(&as_written("cmd/<{ name }>/**")).unwrap().is_match(as_written("cmd/<{name}>/main.go")));
        assert!(!of_rule(&as_written("<{ a }>/**")).unwrap().is_match(as_written("<{ b }>/main.go")));
        assert_eq!(as_written("a<{b"), "a<{b");
    }

    #[test]
    fn formats_go_by_the_ending() {
        assert_eq!(format("a.b/c.YML"), Some(Format::Yaml));
        assert_eq!(format(".json"), Some(Format::Json));
        assert_eq!(format("a.json/README"), None);
    }
}
