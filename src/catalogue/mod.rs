//! What is known of the world's actions: every release tag with the commit it names, and the
//! releases that were compromised.
//!
//! The data is the same for all golden paths, so it belongs to the binary. It lies there as text in the
//! order of its names, so that only the lines of the actions in use are read and nothing is unpacked: `check` asks for
//! a handful of the thousands. `CONTRIBUTING.md` says where it comes from.

pub mod iam;
pub mod images;
mod incidents;
mod known;

pub use incidents::{Incident, compromised_tag, incident};
pub use known::{Known, OFFLINE};

use std::collections::BTreeMap;
use std::sync::LazyLock;

use memchr::memmem;

static ACTIONS: LazyLock<Listed> = LazyLock::new(|| listed(include_str!("actions.txt")));
static MALICIOUS: LazyLock<Listed> = LazyLock::new(|| listed(include_str!("malicious.txt")));

/// `owner/name` in lower case (GitHub does not tell `Azure/login` from `azure/login`) to the lines about it, as they
/// stand: two spaces, the tag and its commit.
type Listed = BTreeMap<String, &'static str>;

/// Finds the names in a text of which nearly all lines are indented: only names begin a line with what holds a `/`.
fn listed(text: &'static str) -> Listed {
    let is_name = |slash: usize| {
        let start = text[..slash].rfind('\n').map_or(0, |end| end + 1);
        let end = text[slash..].find('\n').map_or(text.len(), |length| slash + length);
        (!text[start..].starts_with([' ', '#'])).then_some((start, end))
    };
    let names: Vec<(usize, usize)> = text.match_indices('/').filter_map(|(slash, _)| is_name(slash)).collect();
    let ends = names.iter().skip(1).map(|(start, _)| *start).chain([text.len()]);
    let lines = |((start, end), next): (&(usize, usize), usize)| (text[*start..*end].to_lowercase(), &text[*end..next]);
    names.iter().zip(ends).map(lines).collect()
}

/// How many characters a commit has.
const COMMIT: usize = 40;

/// What is said of `owner/name`.
fn under(all: &Listed, action: &str) -> Option<&'static str> {
    all.get(&action.to_lowercase()).copied()
}

/// How specific a tag is: one that is a version says more than one that is a name (`codeql-bundle-v2.16.1`).
fn specific(tag: &str) -> (bool, usize, usize, &str) {
    let is_version = tag.strip_prefix(['v', 'V']).unwrap_or(tag).starts_with(|c: char| c.is_ascii_digit());
    (is_version, tag.matches('.').count(), tag.len(), tag)
}

/// The most specific tag that names `commit` of the action `owner/name`.
fn newest_tag(action: &str, commit: &str) -> Option<&'static str> {
    let lines = under(&ACTIONS, action)?;
    // Anything else could be found across two words.
    if commit.len() != COMMIT || !commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    // Git reads a commit in capitals, too.
    let commit = commit.to_ascii_lowercase();
    let tags = memmem::find_iter(lines.as_bytes(), &commit).filter_map(|at| lines[..at].lines().next_back());
    tags.map(str::trim).max_by_key(|tag| specific(tag))
}

/// The commit that `tag` of the action `owner/name` names.
fn commit(action: &str, tag: &str) -> Option<&'static str> {
    let lines = under(&ACTIONS, action)?;
    let line = format!("\n  {tag} ");
    let at = memmem::find(lines.as_bytes(), line.as_bytes())? + line.len();
    lines.get(at..at + COMMIT)
}

/// The release tags of the action `owner/name`, each with its commit.
fn tags(action: &str) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let lines = under(&ACTIONS, action).unwrap_or_default().lines();
    lines.filter_map(|line| line.trim_start().split_once(' '))
}

/// The newest release of the action `owner/name`, of this major version if one is given: its tag and its commit.
/// What was compromised is none.
pub fn latest(action: &str, major: Option<u64>) -> Option<(&'static str, &'static str)> {
    let numbers = |tag: &str| -> Option<Vec<u64>> {
        let parts: Vec<u64> = tag.strip_prefix('v')?.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
        (parts.len() == 3 && major.is_none_or(|major| parts[0] == major)).then_some(parts)
    };
    let released = tags(action).filter_map(|(tag, sha)| Some((numbers(tag)?, tag, sha)));
    let sound = released.filter(|(_, _, sha)| !compromised(action, sha));
    sound.max_by(|a, b| a.0.cmp(&b.0)).map(|(_, tag, sha)| (tag, sha))
}

/// Whether the action `owner/name` is known at all.
pub fn knows(action: &str) -> bool {
    ACTIONS.contains_key(&action.to_lowercase())
}

/// Whether `commit` of the action `owner/name` is known to have been compromised.
pub fn compromised(action: &str, commit: &str) -> bool {
    under(&MALICIOUS, action)
        .is_some_and(|lines| lines.lines().any(|line| line.trim_start().eq_ignore_ascii_case(commit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_tag_of_a_commit_is_named() {
        assert_eq!(newest_tag("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1"), Some("v7.0.1"));
        assert!(knows("azure/LOGIN") && !knows("azure/log") && !knows("  v1"));
        assert!(compromised("tj-actions/changed-files", "0e58ed8671d6b60d0890c21b07f8835ace038e67"));
        assert!(!compromised("tj-actions/changed-files", "0e58ed"));
        assert_eq!(latest("actions/checkout", Some(4)).map(|(tag, _)| tag), Some("v4.4.0"));
        assert_eq!(latest("actions/unheard-of", None), None);
    }

    #[test]
    fn every_line_of_the_data_is_a_name_or_a_tag_with_its_commit() {
        for (all, words) in [(&*ACTIONS, 2), (&*MALICIOUS, 1)] {
            for (name, lines) in all {
                assert!(name.split('/').count() == 2 && !name.contains(' '), "{name}");
                for line in lines.lines().skip(1) {
                    let parts: Vec<&str> = line.split_whitespace().collect();
                    let commit = parts.last().copied().unwrap_or_default();
                    assert!(line.starts_with("  ") && parts.len() == words, "{name}: {line}");
                    assert!(commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_hexdigit()), "{name}: {line}");
                }
            }
        }
        assert!(ACTIONS.len() > 50);
    }
}
