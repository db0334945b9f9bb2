//! The comment behind a pin, which tells people and update bots the version.

use std::ops::Range;

use super::workflow::Pin;
use crate::edit::tree::Style;
use crate::rules::rule::Repair;

/// `repair`, and the pin's comment says `version`: an existing version in it is replaced, other words are kept.
pub(super) fn with_version(repair: Repair, pin: &Pin<'_>, version: &str) -> Repair {
    let source = &pin.document.source;
    let end = pin.node.span.end;
    match pin.comment() {
        None => {
            // In a flow mapping a comment would swallow what follows, and in a block scalar it would be part of the value.
            let rest = &source.text[end..source.line_end(end)];
            let is_block = pin.node.scalar().is_some_and(|scalar| scalar.style == Style::Block);
            if rest.trim().is_empty() && !is_block { repair.insert(end, format!(" # {version}")) } else { repair }
        }
        Some((range, _)) => match version_in(&source.text[range.clone()]) {
            Some(found) => {
                let found = range.start + found.start..range.start + found.end;
                if source.text[found.clone()] == *version { repair } else { repair.replace(found, version) }
            }
            None => {
                let words = source.text[range.clone()].trim_start_matches('#').trim_start();
                let start = range.end - words.len();
                let gap = if words.is_empty() { "" } else { " " };
                let hash = if source.text[range.start..start].ends_with(' ') { "" } else { " " };
                repair.insert(start, format!("{hash}{version}{gap}"))
            }
        },
    }
}

/// Where a comment names a version: its first word that reads like one, `tag=` before it or not.
pub(super) fn version_in(comment: &str) -> Option<Range<usize>> {
    words(comment).find(|word| is_version(&comment[word.clone()]))
}

/// The words of a comment that may name a tag, without what other tools write before and after it.
pub(super) fn words(comment: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    comment.split_inclusive(|c: char| c.is_whitespace() || c == '#').map(move |word| {
        let bare = word.trim_end_matches(|c: char| c.is_whitespace() || c == '#');
        let tag = bare.strip_prefix("tag=").or_else(|| bare.strip_prefix("ratchet:")).unwrap_or(bare);
        let tag = tag.rsplit('@').next().unwrap_or(tag).trim_end_matches([',', ';', ')']);
        let start = at + bare.find(tag).unwrap_or(0);
        at += word.len();
        start..start + tag.len()
    })
}

/// Whether a word reads like a version: `v1`, `1.2`, `v1.2.3-rc.1`.
pub(super) fn is_version(word: &str) -> bool {
    let bare = word.strip_prefix(['v', 'V']).unwrap_or(word);
    let prefixed = bare.len() < word.len();
    let digits = bare.starts_with(|c: char| c.is_ascii_digit());
    let clean = bare.chars().all(|c| c.is_ascii_alphanumeric() || ".-+_".contains(c));
    digits && clean && (prefixed || bare.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_among_other_words() {
        let found = |text: &str| version_in(text).map(|range| text[range].to_owned());
        assert_eq!(found("# v4").as_deref(), Some("v4"));
        assert_eq!(found("#v4.1.2 zizmor: ignore[x]").as_deref(), Some("v4.1.2"));
        assert_eq!(found("# tag=v4.1").as_deref(), Some("v4.1"));
        assert_eq!(found("# pinned by hand in 2024"), None);
        assert_eq!(found("# zizmor: ignore[unpinned-uses]"), None);
        assert_eq!(found("# 1.2.3").as_deref(), Some("1.2.3"));
        let named: Vec<&str> = words("# tag=a-v1, by hand").map(|word| &"# tag=a-v1, by hand"[word]).collect();
        assert_eq!(named, ["", "", "a-v1", "by", "hand"]);
    }
}
