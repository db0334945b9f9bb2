//! The digest behind an image's tag: what the catalogue, or a registry that was asked, says that the tag names.

use std::ops::Range;

use super::facts::Facts;
use super::rule::Repair;
use crate::catalogue::images::{Confidence, Reference};
use crate::model::lookup::Lookup;

/// Whether a digest can be put behind the image: it has a tag and none yet, and no variable decides what it is.
fn is_plain(image: &Reference) -> bool {
    let plain = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || "${}<>\\".contains(c));
    image.digest.is_none() && plain(&image.name) && image.tag.as_deref().is_some_and(plain)
}

/// A repair that puts the digest behind the image, which ends at `end`: safe where it is sure what the tag names.
pub(super) fn pin(facts: &Facts<'_>, image: &Reference, end: usize) -> Option<Repair> {
    let tag = image.tag.as_deref().filter(|_| is_plain(image))?;
    let pin = facts.known().pin(image)?;
    let title = format!("pin `{}:{tag}` to {}", image.name, pin.digest);
    let repair = match pin.confidence {
        Confidence::High => Repair::safe(title),
        Confidence::Medium => Repair::risky(title),
        Confidence::Low => return None,
    };
    Some(repair.insert(end, format!("@{}", pin.digest)))
}

/// What a registry would have to say for the pin to be sure.
pub(super) fn lookup(facts: &Facts<'_>, image: &Reference) -> Option<Lookup> {
    let tag = image.tag.clone().filter(|_| is_plain(image))?;
    let sure = facts.known().pin(image).is_some_and(|pin| pin.confidence == Confidence::High);
    (!sure).then(|| Lookup::Image { name: image.name.clone(), tag, digest: None })
}

/// Where the image ends in the value that names it, quotes left aside; none where the value writes it another way.
pub(super) fn end_in(text: &str, value: &Range<usize>, image: &str) -> Option<usize> {
    let raw = text.get(value.clone())?;
    let at = raw.find(image)?;
    let rest = &raw[at + image.len()..];
    (rest.len() <= 3 && rest.chars().all(|c| c == '"' || c == '\'')).then_some(value.start + at + image.len())
}
