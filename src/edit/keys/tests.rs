use super::*;
use crate::edit::Format;

mod json_and_toml;
mod properties;
mod yaml;

fn matching(pairs: &[(&str, &[&str])]) -> Match {
    pairs.iter().map(|(key, by)| ((*key).to_owned(), by.iter().map(|k| (*k).to_owned()).collect())).collect()
}

fn steps() -> Match {
    matching(&[("steps", &["id", "name", "uses"])])
}

fn strict(_: &str, _: &str, _: &str) -> bool {
    false
}

fn addresses(format: Format, repo: &str, partial: &str, matching: &Match) -> Vec<String> {
    let found = compare(format, repo, partial, matching, &strict).unwrap();
    found.into_iter().map(|m| m.address).collect()
}

/// Asserts, and checks that this is complete, idempotent, and independent of line ends, mark and last newline.
fn asserted(format: Format, repo: &str, partial: &str, matching: &Match) -> String {
    let assert = |repo: &str| assert_keys(format, repo, partial, matching, &strict).unwrap();
    let once = assert(repo);
    assert_eq!(compare(format, &once, partial, matching, &strict).unwrap(), [], "complete:\n{once}");
    assert_eq!(assert(&once), once, "idempotent");
    let framed = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    if repo.contains('\n') {
        assert_eq!(assert(&framed(repo)), framed(&once), "CRLF and mark");
        if let Some(cut) = repo.strip_suffix('\n') {
            assert_eq!(assert(cut), once.strip_suffix('\n').unwrap(), "no last newline");
        }
    }
    once
}
