//! Values that update bots may raise without drift: `allow_newer` of an asset's file.
//!
//! `action-pins` and `image-digests` are judged by the catalogue, key paths by their numbers. A digest that the catalogue does not
//! know for its tag is drift: nobody could tell a newer one from a forged one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::catalogue::images::Reference;
use crate::catalogue::{self, Known, OFFLINE};
use crate::golden_path::Pristine;
use crate::model::file::File;
use crate::model::lookup::Lookup;

/// `uses: owner/repo[/path]@<sha> # <tag>`, as a line.
static ACTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?<head>\s*(?:-\s+)?uses:\s*)(?<name>[\w.-]+/[\w.-]+)(?<sub>/[\w./-]+)?@(?<sha>[0-9a-f]{40})(?:\s+#\s*(?<tag>\S+))?\s*$").ok()
});

/// An image with tag and digest, and what stands around it in its line.
static IMAGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?<head>|.*[\s'\x22=])(?<image>[\w][\w./:-]*:[\w][\w.-]*@sha256:[0-9a-f]{64})(?<tail>.*)$").ok()
});

/// The pristine text, with each line whose pin the repo raised as the repo has it.
pub(super) fn keep(part: &Pristine, ours: &str, pristine: &str, known: &Known) -> String {
    if part.allow_newer.is_empty() || ours == pristine || ours.lines().count() != pristine.lines().count() {
        return pristine.to_owned();
    }
    let mut kept = String::with_capacity(pristine.len());
    for (wanted, found) in pristine.split_inclusive('\n').zip(ours.split_inclusive('\n')) {
        kept.push_str(if line_is_newer(part, wanted, found, known) { found } else { wanted });
    }
    kept
}

/// What would tell whether pins that `ours` has and the path did not lay may stand.
pub(super) fn lookups(part: &Pristine, ours: &str, known: &Known) -> Vec<Lookup> {
    let laid = part.file.text().unwrap_or_default();
    let allows = |what: &str| part.allow_newer.iter().any(|allowed| allowed == what);
    let mut found = Vec::new();
    for line in ours.lines().map(str::trim_end).filter(|line| !laid.lines().any(|other| other.trim_end() == *line)) {
        if let Some(action) = ACTION.as_ref().filter(|_| allows("action-pins")).and_then(|re| re.captures(line))
            && known.newest_tag(&action["name"], &action["sha"]).is_none()
        {
            found.push(Lookup::commit(&action["name"], &action["sha"]));
        }
        if let Some(image) = IMAGE.as_ref().filter(|_| allows("image-digests")).and_then(|re| re.captures(line)) {
            let image = Reference::read(&image["image"]);
            if let Some(tag) = image.tag.clone().filter(|_| !known.named(&image)) {
                found.push(Lookup::Image { name: image.name, tag, digest: image.digest });
            }
        }
    }
    found
}

/// For `keys`: whether a leaf that differs is a raised value.
pub(super) fn tolerance<'a>(part: &'a Pristine, known: &'a Known) -> impl Fn(&str, &str, &str) -> bool + 'a {
    |address, expected, found| {
        let allows = |what: &str| part.allow_newer.iter().any(|allowed| allowed == what);
        (allows("action-pins") && address.ends_with("uses") && action_is_newer(&uses(expected), &uses(found), known))
            || (allows("image-digests") && image_is_newer(expected, found, known))
            || (part.allow_newer.iter().any(|allowed| allowed == address) && version_is_newer(expected, found))
    }
}

/// Brings the pins of three versions of a file to one level: each to the newer of the repo's and the golden path's. What a
/// bot raised is then neither taken back nor a collision.
pub(super) fn level(part: &Pristine, base: &mut Option<File>, ours: &mut File, theirs: &mut File) {
    if part.allow_newer.is_empty() {
        return;
    }
    let (Some(own), Some(new)) = (ours.text().map(str::to_owned), theirs.text().map(str::to_owned)) else { return };
    let newest = newest_pins(part, &own, &new);
    let raise = |text: &str| -> Vec<u8> {
        let raised = text.split_inclusive('\n').map(|line| match pin(part, line) {
            Some(pin) => newest.get(&pin.name).map_or_else(|| line.to_owned(), |tail| pin.with(tail)),
            None => line.to_owned(),
        });
        raised.collect::<String>().into_bytes()
    };
    ours.bytes = raise(&own);
    theirs.bytes = raise(&new);
    if let Some(base) = base
        && let Some(text) = base.text().map(str::to_owned)
    {
        base.bytes = raise(&text);
    }
}

/// What each pin that differs between the two texts must say, by its name. One that a text has in two versions is
/// left alone: nobody can tell which is which.
fn newest_pins(part: &Pristine, ours: &str, theirs: &str) -> BTreeMap<String, String> {
    let pins = |text: &str| {
        let mut pins: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pin in text.split_inclusive('\n').filter_map(|line| pin(part, line)) {
            let tails = pins.entry(pin.name).or_default();
            if !tails.contains(&pin.tail) {
                tails.push(pin.tail);
            }
        }
        pins
    };
    let (own, new) = (pins(ours), pins(theirs));
    let mut newest = BTreeMap::new();
    for (name, tails) in own {
        let ([mine], Some([path])) = (tails.as_slice(), new.get(&name).map(Vec::as_slice)) else { continue };
        if mine == path {
            continue;
        }
        let line = |tail: &str| format!("uses: {name}@{tail}");
        let tail = if action_is_newer(&line(path), &line(mine), &OFFLINE) { mine } else { path };
        newest.insert(name, tail.clone());
    }
    newest
}

/// A pin on a line: what it names, and what it is pinned to with its comment.
struct Pin {
    head: String,
    name: String,
    tail: String,
    end: String,
}

impl Pin {
    fn with(&self, tail: &str) -> String {
        format!("{}{}@{tail}{}", self.head, self.name, self.end)
    }
}

fn pin(part: &Pristine, line: &str) -> Option<Pin> {
    if !part.allow_newer.iter().any(|allowed| allowed == "action-pins") {
        return None;
    }
    let bare = line.trim_end();
    let found = ACTION.as_ref()?.captures(bare)?;
    let (head, name) =
        (found["head"].to_owned(), format!("{}{}", &found["name"], found.name("sub").map_or("", |m| m.as_str())));
    let tail = bare[head.len() + name.len() + 1..].to_owned();
    Some(Pin { head, name, tail, end: line[bare.len()..].to_owned() })
}

fn uses(value: &str) -> String {
    format!("uses: {value}")
}

fn line_is_newer(part: &Pristine, wanted: &str, found: &str, known: &Known) -> bool {
    let allows = |what: &str| part.allow_newer.iter().any(|allowed| allowed == what);
    let (wanted, found) = (wanted.trim_end(), found.trim_end());
    (allows("action-pins") && action_is_newer(wanted, found, known))
        || (allows("image-digests") && image_is_newer(wanted, found, known))
}

/// Whether the only difference is an image's pin, and that went up: to another digest of the same tag, or to a newer tag.
fn image_is_newer(wanted: &str, found: &str, known: &Known) -> bool {
    if wanted == found || !found.contains("@sha256:") {
        return false;
    }
    let Some(image) = IMAGE.as_ref() else { return false };
    let (Some(wanted), Some(found)) = (image.captures(wanted), image.captures(found)) else { return false };
    if wanted["head"] != found["head"] || wanted["tail"] != found["tail"] {
        return false;
    }
    let (wanted, found) = (Reference::read(&wanted["image"]), Reference::read(&found["image"]));
    let (Some(old), Some(new)) = (&wanted.tag, &found.tag) else { return false };
    wanted.name == found.name && known.named(&found) && (old == new || version_is_newer(old, new))
}

fn action_is_newer(wanted: &str, found: &str, known: &Known) -> bool {
    if wanted == found {
        return false;
    }
    let Some(action) = ACTION.as_ref() else { return false };
    let (Some(wanted), Some(found)) = (action.captures(wanted), action.captures(found)) else { return false };
    let same = |group: &str| wanted.name(group).map(|m| m.as_str()) == found.name(group).map(|m| m.as_str());
    if !same("head") || !same("name") || !same("sub") {
        return false;
    }
    let (name, sha) = (&found["name"], &found["sha"]);
    let honest = found.name("tag").is_none_or(|tag| known.names(name, tag.as_str(), sha));
    if catalogue::compromised(name, sha) || !honest {
        return false;
    }
    match (known.newest_tag(name, &wanted["sha"]), known.newest_tag(name, sha)) {
        (Some(from), Some(to)) => version_is_newer(&from, &to) || from == to,
        // A commit that no known release names may be an impostor's: in a file that the path owns it is drift.
        _ => false,
    }
}

/// Compares dotted numbers, with the words around them equal (`v4.1` and `v4.2`, `3.12-slim` and `3.13-slim`).
fn version_is_newer(wanted: &str, found: &str) -> bool {
    /// Numbers, and the words between them each with its place.
    fn split(text: &str) -> (Vec<u64>, Vec<(usize, char)>) {
        let mut numbers = Vec::new();
        let mut words = Vec::new();
        let mut digits = String::new();
        for c in text.trim_start_matches('v').chars().chain(['\0']) {
            if c.is_ascii_digit() {
                digits.push(c);
            } else {
                if !digits.is_empty() {
                    numbers.push(digits.parse().unwrap_or(u64::MAX));
                    digits.clear();
                }
                if c != '.' && c != '\0' {
                    words.push((numbers.len(), c));
                }
            }
        }
        (numbers, words)
    }
    let ((old, old_words), (new, new_words)) = (split(wanted), split(found));
    !old.is_empty() && old_words == new_words && new > old
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_only_within_one_family() {
        assert!(version_is_newer("v4.9.0", "v4.10.0"));
        assert!(version_is_newer("3.12-slim", "3.13-slim"));
        assert!(!version_is_newer("3.12-slim", "3.13-alpine"));
        assert!(!version_is_newer("v4", "v4"));
        assert!(!version_is_newer("v2.0.0", "v1.9.9"));
        assert!(!version_is_newer("latest", "nightly"));
        assert!(!version_is_newer("3.12-slim", "313-slim"));
    }

    #[test]
    fn an_image_may_go_up_to_what_the_catalogue_knows() {
        let of = |tag: &str, digest: &str| format!("FROM alpine:{tag}@sha256:{digest} AS build");
        let known = "28bd5fe8b56d1bd048e5babf5b10710ebe0bae67db86916198a6eec434943f8b";
        let other = "14358309a308569c32bdc37e2e0e9694be33a9d99e68afb0f5ff33cc1f695dce";
        let forged = "0".repeat(64);
        assert!(image_is_newer(&of("3.22", other), &of("3.24", known), &OFFLINE));
        assert!(image_is_newer(&of("3.24", &forged), &of("3.24", known), &OFFLINE));
        assert!(!image_is_newer(&of("3.24", known), &of("3.22", other), &OFFLINE), "down");
        assert!(!image_is_newer(&of("3.22", other), &of("3.24", &forged), &OFFLINE), "not in the catalogue");
        assert!(!image_is_newer(&of("3.22", other), &of("3.24", known).replace("alpine", "evil/alpine"), &OFFLINE));
        assert!(!image_is_newer(&of("3.22", other), &of("3.24", known).replace("build", "b"), &OFFLINE));
        assert!(!image_is_newer(&of("3.22", other), "FROM alpine:3.24 AS build", &OFFLINE), "no digest");
        assert!(image_is_newer(
            &format!("alpine:3.22@sha256:{other}"),
            &format!("alpine:3.24@sha256:{known}"),
            &OFFLINE
        ));
    }

    #[test]
    fn an_action_may_go_up_and_not_down_or_elsewhere() {
        let old = "      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0";
        let new = "      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1";
        assert!(action_is_newer(old, new, &OFFLINE));
        assert!(!action_is_newer(new, old, &OFFLINE));
        assert!(!action_is_newer(old, &new.replace("actions/checkout", "evil/checkout"), &OFFLINE));
    }
}
