//! CODEOWNERS as its forge reads it: who owns a path.

use globset::{GlobBuilder, GlobMatcher};
use regex::{Regex, RegexBuilder};

use super::facts::Facts;
use crate::model::path::RepoPath;

/// The forge whose reading of CODEOWNERS counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forge {
    /// The last line that matches counts.
    GitHub,
    /// In each section the last line that matches counts; sections add up.
    GitLab,
    /// Patterns are regular expressions over the whole path, `!` turns one around; every line that matches counts.
    Gitea,
}

/// Which paths a line means.
#[derive(Debug)]
enum Matcher {
    Glob(GlobMatcher),
    Regex { regex: Regex, negative: bool },
}

impl Matcher {
    fn is_match(&self, path: &str) -> bool {
        match self {
            Matcher::Glob(glob) => glob.is_match(path),
            Matcher::Regex { regex, negative } => regex.is_match(path) != *negative,
        }
    }
}

/// A CODEOWNERS file.
#[derive(Debug)]
pub(crate) struct Codeowners {
    /// Where it lies.
    pub path: RepoPath,
    /// Who reads it.
    pub forge: Forge,
    /// Its lines that name a pattern, in order.
    pub lines: Vec<Line>,
}

/// A line that names a pattern.
#[derive(Debug)]
pub(crate) struct Line {
    /// Counts from 1.
    pub number: usize,
    /// As it is written.
    pub pattern: String,
    /// Whose the matching files are; none takes them out again.
    pub owners: Vec<String>,
    /// The section's name (GitLab); empty outside.
    pub section: String,
    matcher: Option<Matcher>,
}

impl Line {
    /// Whether the forge can read the pattern.
    pub(crate) fn is_valid(&self) -> bool {
        self.matcher.is_some()
    }
}

/// The places where each forge looks, the first that exists wins.
const GITHUB: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
const GITLAB: [&str; 3] = ["CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];
const GITEA: [&str; 3] = ["CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS"];

/// The forge that a repository's files tell; GitHub where they tell nothing.
pub(crate) fn forge(facts: &Facts<'_>) -> Forge {
    let any = |dir: &str| facts.paths().iter().any(|path| path.as_str().starts_with(dir));
    let gitlab = facts.has(".gitlab-ci.yml") || any(".gitlab/");
    match (any(".github/"), gitlab, any(".gitea/") || any(".forgejo/")) {
        (false, true, _) => Forge::GitLab,
        (false, false, true) => Forge::Gitea,
        _ => Forge::GitHub,
    }
}

/// Reads the CODEOWNERS that the forge would.
pub(crate) fn read(facts: &Facts<'_>) -> Option<Codeowners> {
    let forge = forge(facts);
    let places = match forge {
        Forge::GitHub => GITHUB,
        Forge::GitLab => GITLAB,
        Forge::Gitea => GITEA,
    };
    let place = places.into_iter().find(|place| facts.has(place))?;
    let text = facts.text(place)?;
    Some(parse(RepoPath::new(place).ok()?, forge, &text))
}

/// Reads a CODEOWNERS.
pub(crate) fn parse(path: RepoPath, forge: Forge, text: &str) -> Codeowners {
    let mut lines = Vec::new();
    let (mut section, mut defaults) = (String::new(), Vec::new());
    for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if forge == Forge::GitLab && (line.starts_with('[') || line.starts_with("^[")) {
            let rest = line.trim_start_matches('^').trim_start_matches('[');
            let (name, after) = rest.split_once(']').unwrap_or((rest, ""));
            name.clone_into(&mut section);
            let after = after.trim_start_matches(|c: char| c == '[' || c == ']' || c.is_ascii_digit());
            defaults = owners(after);
            continue;
        }
        let (pattern, rest) = split_pattern(line);
        let mut owners = owners(rest);
        if owners.is_empty() && !defaults.is_empty() {
            owners.clone_from(&defaults);
        }
        let matcher = if forge == Forge::Gitea { regex(&pattern) } else { matcher(&pattern) };
        lines.push(Line { number: n + 1, pattern, owners, section: section.clone(), matcher });
    }
    Codeowners { path, forge, lines }
}

/// The pattern, in which a backslash keeps a space, and what follows it.
fn split_pattern(line: &str) -> (String, &str) {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c.is_whitespace() && !escaped {
            return (line[..at].replace("\\ ", " "), &line[at..]);
        }
        escaped = c == '\\' && !escaped;
    }
    (line.replace("\\ ", " "), "")
}

fn owners(text: &str) -> Vec<String> {
    let before_comment = text.split(" #").next().unwrap_or_default();
    before_comment.split_whitespace().take_while(|word| !word.starts_with('#')).map(str::to_owned).collect()
}

/// Patterns are those of gitignore, less negation and character classes.
fn matcher(pattern: &str) -> Option<Matcher> {
    if pattern.starts_with('!') || pattern.contains('[') {
        return None;
    }
    let anchored = pattern.trim_end_matches('/').contains('/');
    let bare = pattern.trim_start_matches('/');
    let mut glob = if anchored || bare.starts_with("**/") { bare.to_owned() } else { format!("**/{bare}") };
    if let Some(dir) = glob.strip_suffix('/') {
        glob = format!("{dir}/**");
    } else if !bare.ends_with("/*") && bare != "*" {
        // A name can be a directory's: everything below it is meant too.
        glob = format!("{{{glob},{glob}/**}}");
    }
    GlobBuilder::new(&glob).literal_separator(true).build().ok().map(|glob| Matcher::Glob(glob.compile_matcher()))
}

/// A pattern of Gitea's.
fn regex(pattern: &str) -> Option<Matcher> {
    let bare = pattern.strip_prefix('!').unwrap_or(pattern);
    let regex = RegexBuilder::new(&format!("^(?:{bare})$")).size_limit(1 << 20).build().ok()?;
    Some(Matcher::Regex { regex, negative: bare != pattern })
}

impl Codeowners {
    /// Whose a path is; none where no line says so, or the last one takes it out.
    pub(crate) fn owners(&self, path: &str) -> Vec<&str> {
        if self.forge == Forge::Gitea {
            let matching = self.lines.iter().filter(|line| line.matcher.as_ref().is_some_and(|m| m.is_match(path)));
            return matching.flat_map(|line| line.owners.iter().map(String::as_str)).collect();
        }
        let mut sections: Vec<(&str, &Line)> = Vec::new();
        for line in &self.lines {
            if line.matcher.as_ref().is_none_or(|matcher| !matcher.is_match(path)) {
                continue;
            }
            match sections.iter_mut().find(|(section, _)| *section == line.section) {
                Some((_, last)) => *last = line,
                None => sections.push((&line.section, line)),
            }
        }
        sections.iter().flat_map(|(_, line)| line.owners.iter().map(String::as_str)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(forge: Forge, text: &str, path: &str) -> Vec<String> {
        let file = parse(RepoPath::new("CODEOWNERS").unwrap(), forge, text);
        file.owners(path).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn the_last_match_counts_on_github() {
        let text = "* @all\n/src/ @code # theirs\n*.tf @infra\n/docs/* @docs\n/src/free\n";
        for (path, owner) in [
            ("a", vec!["@all"]),
            ("x/y/a", vec!["@all"]),
            ("src/a/b", vec!["@code"]),
            ("src/a/b.tf", vec!["@infra"]),
            ("docs/a", vec!["@docs"]),
            ("docs/a/b", vec!["@all"]),
            ("src/free", vec![]),
        ] {
            assert_eq!(owners(Forge::GitHub, text, path), owner, "{path}");
        }
    }

    #[test]
    fn every_line_that_matches_counts_on_gitea() {
        let text = ".* @all\nsrc/.*\\.tf @infra\n!docs/.* @code\n";
        assert_eq!(owners(Forge::Gitea, text, "src/a.tf"), ["@all", "@infra", "@code"]);
        assert_eq!(owners(Forge::Gitea, text, "docs/a"), ["@all"]);
    }

    #[test]
    fn sections_add_up_on_gitlab() {
        let text = "* @all\n[Docs] @writers\n*.md\n^[Code][2] @dev\n/src/ @src\n";
        assert_eq!(owners(Forge::GitLab, text, "src/a.md"), ["@all", "@writers", "@src"]);
        assert_eq!(owners(Forge::GitLab, text, "a"), ["@all"]);
    }
}
