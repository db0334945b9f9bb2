//! Who is asked: forges through the git program, registries over HTTPS.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::registry::Registries;
use crate::catalogue::images::Reference;
use crate::error::{Error, Result};
use crate::repo::remote::{self, Failed};
use crate::repo::surroundings;

/// The tags and branches of a repository, each with its commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refs {
    /// Tags; annotated ones with the commit that they stand for.
    pub tags: BTreeMap<String, String>,
    /// Branches.
    pub branches: BTreeMap<String, String>,
}

/// Somebody who can be asked.
pub trait Remote: Sync {
    /// The tags and branches of the action `owner/name`.
    fn refs(&self, action: &str) -> Result<Refs, Failed>;

    /// A tag or branch of the action whose history holds `commit`.
    fn holding(&self, action: &str, commit: &str) -> Result<Option<String>, Failed>;

    /// The digest that the image's tag names now.
    fn digest(&self, image: &Reference) -> Result<String, Failed>;
}

/// The network itself.
pub struct Network {
    /// Before `/owner/name`.
    forge: String,
    registries: Registries,
    /// Who did not answer: asking again would only take as long again.
    silent: Mutex<BTreeMap<String, Failed>>,
}

impl Network {
    /// What the environment says of it: `ROADBED_GITHUB_URL`, `ROADBED_REGISTRY_URL`, and the usual proxy variables.
    pub fn from_environment() -> Result<Self> {
        let forge = surroundings::variable("ROADBED_GITHUB_URL").filter(|url| !url.is_empty());
        let forge = forge.unwrap_or_else(|| "https://github.com".to_owned());
        let forge = forge.trim_end_matches('/').to_owned();
        if !["https://", "ssh://", "file://"].iter().any(|scheme| forge.starts_with(scheme)) {
            return Err(Error::usage("ROADBED_GITHUB_URL must start with https://, ssh:// or file://")
                .hint("name the server before /OWNER/REPOSITORY, such as https://github.acme.example"));
        }
        let hub = surroundings::variable("ROADBED_REGISTRY_URL").filter(|url| !url.is_empty());
        let registries = Registries::new(hub.as_deref())?;
        Ok(Network { forge, registries, silent: Mutex::default() })
    }

    /// Asks, unless the same one was silent before.
    fn ask<T>(&self, whom: &str, ask: impl FnOnce() -> Result<T, Failed>) -> Result<T, Failed> {
        let silent = || self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failed) = silent().get(whom) {
            return Err(failed.clone());
        }
        ask().inspect_err(|failed| {
            if failed.unreachable {
                silent().insert(whom.to_owned(), failed.clone());
            }
        })
    }

    fn url(&self, action: &str) -> Result<String, Failed> {
        let part = |part: &str| {
            !part.is_empty()
                && !part.starts_with(['.', '-'])
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        match action.split_once('/') {
            Some((owner, name)) if part(owner) && part(name) => Ok(format!("{}/{owner}/{name}", self.forge)),
            _ => Err(Failed::refused("this is no repository's name")),
        }
    }
}

impl Remote for Network {
    fn refs(&self, action: &str) -> Result<Refs, Failed> {
        let url = self.url(action)?;
        let listed = self.ask(&self.forge, || remote::list(&url))?;
        Ok(read_refs(&listed))
    }

    fn holding(&self, action: &str, commit: &str) -> Result<Option<String>, Failed> {
        let url = self.url(action)?;
        self.ask(&self.forge, || remote::holding(&url, commit))
    }

    fn digest(&self, image: &Reference) -> Result<String, Failed> {
        let place = self.registries.place(image)?;
        self.ask(place.server(), || self.registries.digest(&place))
    }
}

/// Reads what `git ls-remote` prints. Names that a comment could not carry are left out.
pub(super) fn read_refs(listed: &str) -> Refs {
    let mut refs = Refs::default();
    let mut peeled = BTreeMap::new();
    for line in listed.lines() {
        let Some((commit, name)) = line.split_once('\t') else { continue };
        let whole = commit.len() == 40 && commit.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !whole || !name.bytes().all(|b| b.is_ascii_graphic()) {
            continue;
        }
        if let Some(branch) = name.strip_prefix("refs/heads/") {
            refs.branches.insert(branch.to_owned(), commit.to_owned());
        } else if let Some(tag) = name.strip_prefix("refs/tags/") {
            match tag.strip_suffix("^{}") {
                Some(tag) => peeled.insert(tag.to_owned(), commit.to_owned()),
                None => refs.tags.insert(tag.to_owned(), commit.to_owned()),
            };
        }
    }
    refs.tags.extend(peeled);
    refs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotated_tag_is_the_commit_that_it_stands_for() {
        let (tag, commit, branch) = ("1".repeat(40), "2".repeat(40), "3".repeat(40));
        let refs = read_refs(&format!(
            "{tag}\trefs/tags/v1\n{commit}\trefs/tags/v1^{{}}\n{branch}\trefs/heads/a/b\n{branch}\trefs/pull/1/head\n\
             {branch}\trefs/tags/v\u{202e}2\nnothing\trefs/tags/v3\n"
        ));
        assert_eq!(refs.tags, [("v1".to_owned(), commit)].into());
        assert_eq!(refs.branches, [("a/b".to_owned(), branch)].into());
    }
}
