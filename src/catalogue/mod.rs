//! What is known of the world's actions: every release tag with the commit it names, and the
//! releases that were compromised.
//!
//! The data is the same for all golden paths, so it belongs to the binary and is unpacked only when
//! something asks. `CONTRIBUTING.md` says where it comes from.

pub mod images;
mod incidents;

pub use incidents::{Incident, compromised_tag, incident};

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::LazyLock;

use serde::Deserialize;

static PACKED: &[u8] = include_bytes!("actions.json.gz");

static ACTIONS: LazyLock<Actions> = LazyLock::new(|| {
    let mut json = Vec::new();
    let read = flate2::read::GzDecoder::new(PACKED).read_to_end(&mut json);
    // A test unpacks it; a binary without it would merely know no action.
    let actions: Actions = read.ok().and_then(|_| serde_json::from_slice(&json).ok()).unwrap_or_default();
    // GitHub does not tell `Azure/login` from `azure/login`.
    Actions { tags: lower(actions.tags), compromised: lower(actions.compromised) }
});

fn lower<T>(map: BTreeMap<String, T>) -> BTreeMap<String, T> {
    map.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect()
}

#[derive(Default, Deserialize)]
struct Actions {
    /// `owner/name` to tag to commit.
    tags: BTreeMap<String, BTreeMap<String, String>>,
    /// `owner/name` to commits that must not run.
    compromised: BTreeMap<String, Vec<String>>,
}

/// The most specific tag that names `commit` of the action `owner/name`.
pub fn newest_tag(action: &str, commit: &str) -> Option<String> {
    let tags = ACTIONS.tags.get(&action.to_lowercase())?;
    let named = tags.iter().filter(|(_, sha)| *sha == commit).map(|(tag, _)| tag);
    named.max_by_key(|tag| (tag.matches('.').count(), tag.len())).cloned()
}

/// Whether `tag` of the action `owner/name` names `commit`.
pub fn names(action: &str, tag: &str, commit: &str) -> bool {
    ACTIONS.tags.get(&action.to_lowercase()).and_then(|tags| tags.get(tag)).is_some_and(|sha| sha == commit)
}

/// The commit that `tag` of the action `owner/name` names.
pub fn commit(action: &str, tag: &str) -> Option<&'static str> {
    ACTIONS.tags.get(&action.to_lowercase())?.get(tag).map(String::as_str)
}

/// The newest release of the action `owner/name`, of this major version if one is given: its tag and its commit.
/// What was compromised is none.
pub fn latest(action: &str, major: Option<u64>) -> Option<(&'static str, &'static str)> {
    let numbers = |tag: &str| -> Option<Vec<u64>> {
        let parts: Vec<u64> = tag.strip_prefix('v')?.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
        (parts.len() == 3 && major.is_none_or(|major| parts[0] == major)).then_some(parts)
    };
    let tags = ACTIONS.tags.get(&action.to_lowercase())?.iter();
    let released = tags.filter_map(|(tag, sha)| Some((numbers(tag)?, tag.as_str(), sha.as_str())));
    let sound = released.filter(|(_, _, sha)| !compromised(action, sha));
    sound.max_by(|a, b| a.0.cmp(&b.0)).map(|(_, tag, sha)| (tag, sha))
}

/// Whether the action `owner/name` is known at all.
pub fn knows(action: &str) -> bool {
    ACTIONS.tags.contains_key(&action.to_lowercase())
}

/// Whether `commit` of the action `owner/name` is known to have been compromised.
pub fn compromised(action: &str, commit: &str) -> bool {
    ACTIONS.compromised.get(&action.to_lowercase()).is_some_and(|commits| commits.iter().any(|sha| sha == commit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_unpacks_and_names_the_most_specific_tag() {
        assert_eq!(
            newest_tag("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1").as_deref(),
            Some("v7.0.1")
        );
        assert!(ACTIONS.tags.len() > 50);
        assert_eq!(latest("actions/checkout", Some(4)).map(|(tag, _)| tag), Some("v4.4.0"));
        assert_eq!(latest("actions/unheard-of", None), None);
    }
}
