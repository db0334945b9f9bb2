//! Where a repository is kept and who writes in it, as git tells: for `adopt`.

use super::config::GitConfig;
use super::discover::Place;
use super::git;
use crate::error::Result;

/// So many of the youngest commits are looked at.
const MOST_COMMITS: &str = "--max-count=200";

/// Branches that are a default one wherever they are.
const USUAL: [&str; 4] = ["main", "master", "trunk", "develop"];

/// What git tells of a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The address of `origin`, as it is configured: it may hold a password.
    pub remote: Option<String>,
    /// The branch that `origin` has for its default; else the one that is checked out, where it is called as such are.
    pub default_branch: Option<String>,
    /// Who wrote the youngest commits and how many, the most active first.
    pub authors: Vec<(String, usize)>,
}

/// Asks git; nothing where there is no repository. What git does not tell is left out.
pub fn provenance(place: &Place) -> Result<Provenance> {
    let Some(git) = &place.git else { return Ok(Provenance::default()) };
    let line = |args: &[&str]| -> Result<Option<String>> {
        let printed = git::output(git, args)?.and_then(|out| String::from_utf8(out).ok());
        Ok(printed.map(|out| out.trim().to_owned()).filter(|out| !out.is_empty()))
    };
    let of_origin = line(&["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"])?;
    let of_origin = of_origin.and_then(|name| name.strip_prefix("origin/").map(str::to_owned));
    let default_branch = match of_origin {
        Some(branch) => Some(branch),
        None => line(&["symbolic-ref", "--quiet", "--short", "HEAD"])?.filter(|name| USUAL.contains(&name.as_str())),
    };
    let log = git::output(git, &["log", MOST_COMMITS, "--no-merges", "--format=%an"])?.unwrap_or_default();
    let mut authors: Vec<(String, usize)> = Vec::new();
    for name in String::from_utf8_lossy(&log).lines().filter(|name| !is_bot(name)) {
        match authors.iter_mut().find(|(known, _)| known == name) {
            Some((_, commits)) => *commits += 1,
            None => authors.push((name.to_owned(), 1)),
        }
    }
    authors.sort_by_key(|(_, commits)| std::cmp::Reverse(*commits));
    Ok(Provenance { remote: GitConfig::read(&git.common).origin, default_branch, authors })
}

/// Whether the author of a commit is a program.
fn is_bot(name: &str) -> bool {
    let name = name.to_lowercase();
    ["[bot]", "-bot", "_bot"].iter().any(|end| name.ends_with(end))
        || ["github actions", "dependabot", "renovate", "greenkeeper"].iter().any(|word| name.contains(word))
}
