//! Words that people write where a secret would stand.

const WORDS: [&str; 12] = [
    "test",
    "fake",
    "dummy",
    "mock",
    "example",
    "sample",
    "placeholder",
    "default",
    "none",
    "null",
    "unused",
    "not-used",
];

/// Whether a value is such a word.
pub(super) fn stands_in(text: &str) -> bool {
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}
