//! What is known of the world's actions: every release tag with the commit it names, and the
//! releases that were compromised.
//!
//! The data is the same for all golden paths, so it belongs to the binary and is unpacked only when
//! something asks. `CONTRIBUTING.md` says where it comes from.

pub mod images;
mod incidents;
mod known;

pub use incidents::{Incident, compromised_tag, incident};
pub use known::{Known, OFFLINE};

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

/// The release tags of the action `owner/name`, each with its commit.
fn tags(action: &str) -> Option<&'static BTreeMap<String, String>> {
    ACTIONS.tags.get(&action.to_lowercase())
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
    fn the_catalogue_unpacks() {
        assert!(ACTIONS.tags.len() > 50);
    }
}
