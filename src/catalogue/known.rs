//! The catalogue, and what one run looked up beyond it.

use std::collections::{BTreeMap, BTreeSet};

use super::images::{self, Confidence, Pin, Reference};

/// What is known of the world in one run. Of actions the catalogue has the first word, because a tag that was moved
/// since is what pins are for; of images what was looked up has it, because their tags are meant to move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// `owner/name` in lower case, to tag, to commit.
    tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Commits that a forge confirmed to be an action's own.
    confirmed: BTreeSet<(String, String)>,
    /// Short names with tags.
    images: BTreeMap<(String, String), Pin>,
}

/// The catalogue alone.
pub static OFFLINE: Known = Known::new();

impl Known {
    /// The catalogue alone.
    pub const fn new() -> Self {
        Known { tags: BTreeMap::new(), confirmed: BTreeSet::new(), images: BTreeMap::new() }
    }

    /// Adds the tags of the action `owner/name`, each with its commit.
    pub fn add_tags(&mut self, action: &str, tags: BTreeMap<String, String>) {
        self.tags.entry(action.to_lowercase()).or_default().extend(tags);
    }

    /// Adds that `commit` is a commit of the action `owner/name`.
    pub fn confirm(&mut self, action: &str, commit: &str) {
        self.confirmed.insert((action.to_lowercase(), commit.to_ascii_lowercase()));
    }

    /// Adds that `name:tag` names `digest`.
    pub fn add_image(&mut self, image: &Reference, digest: String) {
        if let Some(tag) = &image.tag {
            let key = (image.short_name().to_owned(), tag.clone());
            self.images.insert(key, Pin { digest, confidence: Confidence::High });
        }
    }

    /// The most specific tag that names `commit` of the action `owner/name`.
    pub fn newest_tag(&self, action: &str, commit: &str) -> Option<String> {
        let looked_up = || {
            let named =
                self.looked_up(action).into_iter().flatten().filter(|(_, sha)| sha.eq_ignore_ascii_case(commit));
            named.map(|(tag, _)| tag.as_str()).max_by_key(|tag| super::specific(tag))
        };
        super::newest_tag(action, commit).or_else(looked_up).map(str::to_owned)
    }

    /// The newest release of `owner/name` that is known, with its commit: of versions in full, without pre-releases.
    pub fn newest_release(&self, action: &str) -> Option<(&str, &str)> {
        let version = |tag: &str| semver::Version::parse(tag.trim_start_matches('v')).ok().filter(|v| v.pre.is_empty());
        let looked_up = self.looked_up(action).into_iter().flatten().map(|(tag, sha)| (tag.as_str(), sha.as_str()));
        let all = looked_up.chain(super::tags(action).map(|(tag, sha)| -> (&str, &str) { (tag, sha) }));
        let newest = all.filter_map(|(tag, commit)| Some((version(tag)?, tag, commit))).max();
        newest.map(|(_, tag, commit)| (tag, commit))
    }

    /// Whether `tag` of the action `owner/name` names `commit`.
    pub fn names(&self, action: &str, tag: &str, commit: &str) -> bool {
        let looked_up = self.looked_up(action).and_then(|tags| tags.get(tag)).map(String::as_str);
        [super::commit(action, tag), looked_up].into_iter().flatten().any(|known| known.eq_ignore_ascii_case(commit))
    }

    /// The commit that `tag` of the action `owner/name` names.
    pub fn commit(&self, action: &str, tag: &str) -> Option<&str> {
        super::commit(action, tag).or_else(|| self.looked_up(action)?.get(tag).map(String::as_str))
    }

    /// Whether `commit` is known to be a commit of the action `owner/name`: of a release, or confirmed by its forge.
    pub fn has_commit(&self, action: &str, commit: &str) -> bool {
        self.newest_tag(action, commit).is_some()
            || self.confirmed.contains(&(action.to_lowercase(), commit.to_ascii_lowercase()))
    }

    /// What is known of `name:tag`.
    pub fn pin(&self, image: &Reference) -> Option<&Pin> {
        let key = image.tag.as_ref().map(|tag| (image.short_name().to_owned(), tag.clone()));
        key.and_then(|key| self.images.get(&key)).or_else(|| images::pin(image))
    }

    /// Whether `name:tag` is known to have named `digest`, with some confidence.
    pub fn named(&self, image: &Reference) -> bool {
        let now = image.tag.as_ref().and_then(|tag| self.images.get(&(image.short_name().to_owned(), tag.clone())));
        let says = |pin: &Pin| pin.confidence > Confidence::Low && image.digest.as_ref() == Some(&pin.digest);
        now.is_some_and(says) || images::pin(image).is_some_and(says)
    }

    fn looked_up(&self, action: &str) -> Option<&BTreeMap<String, String>> {
        self.tags.get(&action.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_names_the_most_specific_tag() {
        let newest = OFFLINE.newest_tag("actions/checkout", "3d3c42e5aac5ba805825da76410c181273ba90b1");
        assert_eq!(newest.as_deref(), Some("v7.0.1"));
    }

    #[test]
    fn what_was_looked_up_adds_and_never_moves_a_tag_of_the_catalogue() {
        let mut known = Known::new();
        let (old, new) = (OFFLINE.commit("actions/checkout", "v4").unwrap(), "a".repeat(40));
        let tags = [("v4", new.clone()), ("v99", new.clone()), ("v99.1.0", new.clone())];
        known.add_tags("Actions/Checkout", tags.map(|(tag, sha)| (tag.to_owned(), sha)).into());
        assert_eq!(known.commit("actions/checkout", "v4"), Some(old));
        assert_eq!(known.commit("actions/checkout", "v99"), Some(new.as_str()));
        assert_eq!(known.newest_tag("actions/checkout", &new).as_deref(), Some("v99.1.0"));
        assert!(known.names("actions/checkout", "v4", old) && known.names("actions/checkout", "v4", &new));
        assert!(!known.has_commit("actions/checkout", &"b".repeat(40)));
        known.confirm("actions/checkout", &"b".repeat(40));
        assert!(known.has_commit("Actions/checkout", &"b".repeat(40)));
    }

    #[test]
    fn the_newest_release_is_a_whole_version() {
        let mut known = Known::new();
        let tags =
            ["v1.9.0", "v1.10.0", "2.0.0-rc.1", "v2", "nightly"].map(|tag| (tag.to_owned(), format!("of {tag}")));
        known.add_tags("acme/hooks", tags.into());
        assert_eq!(known.newest_release("acme/hooks"), Some(("v1.10.0", "of v1.10.0")));
        assert_eq!(known.newest_release("acme/none"), None);
    }

    #[test]
    fn the_digest_that_a_registry_names_today_counts_beside_the_one_on_record() {
        let mut known = Known::new();
        let of = |digest: &str| Reference::read(&format!("alpine:3.24@{digest}"));
        let on_record = OFFLINE.pin(&of("")).unwrap().digest.clone();
        let today = format!("sha256:{}", "1".repeat(64));
        known.add_image(&Reference::read("docker.io/library/alpine:3.24"), today.clone());
        assert_eq!(known.pin(&of("")).map(|pin| pin.digest.as_str()), Some(today.as_str()));
        assert!(known.named(&of(&today)) && known.named(&of(&on_record)));
        assert!(!known.named(&of(&format!("sha256:{}", "2".repeat(64)))));
    }
}
