//! What is known of the world's images: the digest that a tag named when it was last looked at.
//!
//! A tag moves, so an entry says what the tag named, not what it names. How sure an entry is comes
//! from where its digest was seen; `CONTRIBUTING.md` says more.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::LazyLock;

use serde::Deserialize;

static PACKED: &[u8] = include_bytes!("images.json.gz");

static IMAGES: LazyLock<BTreeMap<String, Pin>> = LazyLock::new(|| {
    let mut json = Vec::new();
    let read = flate2::read::GzDecoder::new(PACKED).read_to_end(&mut json);
    // A test unpacks it; a binary without it would merely know no image.
    read.ok().and_then(|_| serde_json::from_slice(&json).ok()).unwrap_or_default()
});

/// How sure it is that the tag named the digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Too weak to act on.
    Low,
    /// Seen in public code, and not confirmed by a second source.
    Medium,
    /// Seen in a known repository and at least one independent place.
    High,
}

/// What a tag named.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Pin {
    /// `sha256:` and 64 digits.
    pub digest: String,
    /// How sure that is.
    pub confidence: Confidence,
}

/// An image as it is written: `[registry/]name[:tag][@digest]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Registry and name, as written.
    pub name: String,
    /// The tag.
    pub tag: Option<String>,
    /// The digest, `sha256:` included.
    pub digest: Option<String>,
}

impl Reference {
    /// Reads `text`; what is not an image at all still gives a name.
    pub fn read(text: &str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.to_owned())),
            None => (text, None),
        };
        // A colon before a slash belongs to the registry's port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.to_owned())),
            _ => (rest, None),
        };
        Reference { name: name.to_owned(), tag, digest }
    }

    /// The name as Docker Hub's images are usually written: without `docker.io/` and `library/`.
    pub fn short_name(&self) -> &str {
        let name = self.name.strip_prefix("docker.io/").or_else(|| self.name.strip_prefix("index.docker.io/"));
        let name = name.unwrap_or(&self.name);
        name.strip_prefix("library/").unwrap_or(name)
    }
}

/// What is on record of `name:tag`, or of a name without a tag.
pub(super) fn pin(image: &Reference) -> Option<&'static Pin> {
    let name = image.short_name();
    match &image.tag {
        Some(tag) => IMAGES.get(&format!("{name}:{tag}")),
        None => IMAGES.get(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_unpacks_and_keeps_how_sure_it_is() {
        assert_eq!(IMAGES.len(), 70);
        let sure = |text: &str| pin(&Reference::read(text)).map(|pin| pin.confidence);
        assert_eq!(sure("alpine:3.24.1"), Some(Confidence::High));
        assert_eq!(sure("docker.io/library/alpine:3.22"), Some(Confidence::Medium));
        assert_eq!(sure("alpine:0"), None);
        for (name, pin) in IMAGES.iter() {
            let digits = pin.digest.strip_prefix("sha256:").unwrap_or_default();
            assert!(digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
        }
    }

    #[test]
    fn references_come_apart() {
        for (text, name, tag, digest) in [
            ("alpine", "alpine", None, None),
            ("alpine:3", "alpine", Some("3"), None),
            ("host:5000/a", "host:5000/a", None, None),
            ("host:5000/a:1@sha256:0", "host:5000/a", Some("1"), Some("sha256:0")),
        ] {
            let read = Reference::read(text);
            assert_eq!(
                (read.name.as_str(), read.tag.as_deref(), read.digest.as_deref()),
                (name, tag, digest),
                "{text}"
            );
        }
    }
}
