//! Images that a compose file names.

use crate::edit::tree::{Document, Node};
use crate::rules::facts::{Facts, Subject};
use crate::rules::kind::Kind;

/// A service that runs an image from a registry.
pub(super) struct Service<'f> {
    pub subject: &'f Subject<'f>,
    pub name: &'f str,
    pub image: &'f str,
    pub node: &'f Node,
    pub way: Vec<String>,
}

/// Calls `each` for every image of every compose file whose name is known.
pub(super) fn images<'f>(facts: &'f Facts<'_>, mut each: impl FnMut(Service<'f>)) {
    for subject in facts.of_kind(Kind::Compose) {
        let Some(document) = subject.document() else { continue };
        for (name, node) in services(document) {
            let Some(scalar) = node.scalar() else { continue };
            if scalar.text.contains('$') || scalar.text.trim().is_empty() {
                continue;
            }
            let way = ["services", name, "image"].map(ToOwned::to_owned).to_vec();
            each(Service { subject, name, image: &scalar.text, node, way });
        }
    }
}

/// Services with the image that each pulls. One that is built here only names its result.
fn services(document: &Document) -> Vec<(&str, &Node)> {
    let services = document.root.as_ref().and_then(|root| root.entry("services")).and_then(|(_, s)| s.value.entries());
    let image = |service: &'_ Node| service.entry("build").is_none();
    services
        .into_iter()
        .flatten()
        .filter(|service| image(&service.value))
        .filter_map(|service| Some((service.key.as_str(), &service.value.entry("image")?.1.value)))
        .collect()
}
