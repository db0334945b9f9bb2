//! Images that a compose file names.

use std::borrow::Cow;

use crate::edit::tree::{Document, Entry, Node};
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;

/// A service that runs an image from a registry.
pub(super) struct Service<'f> {
    pub subject: &'f Subject<'f>,
    pub name: &'f str,
    /// The image, with the defaults that the file gives to its variables.
    pub image: Cow<'f, str>,
    pub node: &'f Node,
    pub way: Vec<String>,
}

/// Calls `each` for every image of every compose file whose name is known.
pub(super) fn images<'f>(facts: &'f Facts<'_>, mut each: impl FnMut(Service<'f>)) {
    for subject in facts.of_kind(Kind::Compose) {
        let Some(document) = subject.document() else { continue };
        for (name, node) in services(document) {
            let Some(scalar) = node.scalar() else { continue };
            let Some(image) = with_defaults(&scalar.text).filter(|image| !image.trim().is_empty()) else { continue };
            let way = ["services", name, "image"].map(ToOwned::to_owned).to_vec();
            each(Service { subject, name, image, node, way });
        }
    }
}

/// Services with the image that each pulls. One that is built here only names its result.
fn services(document: &Document) -> Vec<(&str, &Node)> {
    let services = document.root.as_ref().and_then(|root| value(document, root, "services"));
    let services = services.and_then(Node::entries).unwrap_or_default().iter();
    services.filter_map(|entry| Some((entry.key.as_str(), pulled(document, entry)?))).collect()
}

fn pulled<'f>(document: &'f Document, service: &'f Entry) -> Option<&'f Node> {
    let service = document.resolve(&service.value);
    if value(document, service, "build").is_some() { None } else { value(document, service, "image") }
}

/// The value of a key, through aliases and merges.
fn value<'f>(document: &'f Document, node: &'f Node, key: &str) -> Option<&'f Node> {
    let own = node.entry(key).map(|(_, entry)| &entry.value);
    own.or_else(|| document.inherited(node, key)).map(|value| document.resolve(value))
}

/// A text with the default of each variable in it; none where one has no default.
fn with_defaults(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('$') {
        return Some(Cow::Borrowed(text));
    }
    let mut all = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (inner, after) = rest[at..].strip_prefix("${")?.split_once('}')?;
        let (_, default) = inner.split_once('-').filter(|(name, _)| {
            let name = name.strip_suffix(':').unwrap_or(name);
            name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })?;
        if default.contains('$') {
            return None;
        }
        all.push_str(&rest[..at]);
        all.push_str(default);
        rest = after;
    }
    all.push_str(rest);
    Some(Cow::Owned(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_count_with_their_defaults() {
        assert_eq!(with_defaults("a:1").as_deref(), Some("a:1"));
        assert_eq!(with_defaults("${R:-r.example}/a:${T-1}x").as_deref(), Some("r.example/a:1x"));
        for unknown in ["a:$T", "a:${T}", "a:${T:-${U:-1}}", "a:${T:?no-tag}", "a:${T", "a:${T:+b-c}"] {
            assert_eq!(with_defaults(unknown), None, "{unknown}");
        }
    }
}
