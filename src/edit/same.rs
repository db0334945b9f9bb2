//! Whether two texts are one document, whatever their formatting.

use super::error::EditError;
use super::format::Format;
use super::keys::identity::below;
use super::ops::same_roots;
use super::tree::{Document, Node};

/// Words in a comment that some tool acts on.
const SUPPRESSIONS: &[&str] = &[
    "zizmor:",
    "hadolint",
    "checkov:",
    "trivy:",
    "tfsec:",
    "kics-scan",
    "nosec",
    "nosemgrep",
    "noqa",
    "nolint",
    "yamllint",
    "shellcheck",
    "actionlint",
    "ansible-lint",
    "kube-linter",
    "kube-score",
    "gitleaks:allow",
    "pragma: allowlist",
    "spectral:",
    "prettier-ignore",
    "eslint-disable",
    "renovate:",
    "x-release-please",
    "cspell:",
    "dprint-ignore",
    "yaml-language-server:",
    "$schema",
    "taplo:",
];

/// Whether `a` and `b` say the same: types and texts of all scalars, lists in order, mappings in any
/// order, and the comments that mean something to a tool: versions after a digest, suppressions.
pub fn same_document(format: Format, a: &str, b: &str) -> Result<bool, EditError> {
    let (a, b) = (Document::parse(format, a)?, Document::parse(format, b)?);
    Ok(same_roots(a.root.as_ref(), b.root.as_ref()) && telling(&a) == telling(&b))
}

/// The comments that mean something, each with the address of what it stands at, sorted.
fn telling(document: &Document) -> Vec<(String, String)> {
    let mut places = Vec::new();
    if let Some(root) = &document.root {
        addresses(root, "", &mut places);
    }
    places.sort_by_key(|(start, _)| *start);
    let text = document.text();
    let mut found: Vec<(String, String)> = document
        .comments
        .iter()
        .filter_map(|comment| {
            let words = text[comment.clone()].trim_start_matches(['#', '/', '*', ' ']).trim_end();
            let line = document.source.line_start(comment.start);
            let code = &text[line..comment.start];
            let lower = words.to_lowercase();
            if !SUPPRESSIONS.iter().any(|word| lower.contains(word)) && !ends_in_digest(code) {
                return None;
            }
            let n = places.partition_point(|(start, _)| *start < comment.start);
            let at = if code.trim().is_empty() { places.get(n) } else { places[..n].last() };
            Some((at.map(|(_, address)| address.clone()).unwrap_or_default(), words.to_owned()))
        })
        .collect();
    found.sort();
    found
}

/// Whether the last word is pinned by a commit or a digest.
fn ends_in_digest(code: &str) -> bool {
    let word = code.trim_end().trim_end_matches(['"', '\'', ',']);
    let digits = word.len() - word.trim_end_matches(|c: char| c.is_ascii_hexdigit()).len();
    digits == 40 || digits == 64
}

fn addresses(node: &Node, address: &str, out: &mut Vec<(usize, String)>) {
    for entry in node.entries().unwrap_or_default() {
        let address = below(address, &entry.key);
        out.push((entry.span.start, address.clone()));
        addresses(&entry.value, &address, out);
    }
    for (n, item) in node.items().unwrap_or_default().iter().enumerate() {
        let address = format!("{address}[{n}]");
        out.push((item.span.start, address.clone()));
        addresses(&item.value, &address, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_does_not_count_and_meaning_does() {
        let pin = "0123456789abcdef0123456789abcdef01234567";
        let a = format!("# header\na: [1, x]\nb:\n  uses: c/d@{pin} # v1.2.3\n");
        let b = format!("b: {{\"uses\": 'c/d@{pin}'}} # v1.2.3\n\na:\n- 1\n- \"x\" # note\n");
        let same = |x: &str, y: &str| same_document(Format::Yaml, x, y).unwrap();
        assert!(same(&a, &a.replace("# header\n", "")));
        assert!(!same(&a, &a.replace("v1.2.3", "v1.2.4")));
        assert!(!same(&a, &a.replace(" # v1.2.3", "")));
        assert!(same(&a.replace("# v1.2.3", ""), &b.replace("# v1.2.3", "")));
        assert!(!same("a: 1.10\n", "a: 1.1\n"));
        assert!(!same("a: \"1\"\n", "a: 1\n"));
        assert!(!same("a: on\n", "a: \"on\"\n"));
        assert!(same("a: ~\n", "a:\n"));
        assert!(!same("a: [1, 2]\n", "a: [2, 1]\n"));
        assert!(!same("a: 1 # zizmor: ignore[x]\nb: 2\n", "a: 1\nb: 2 # zizmor: ignore[x]\n"));
        assert!(same_document(Format::Yaml, "a: [", "a").is_err());
        assert!(same_document(Format::Json, "{\"a\":1,\"b\":[]}", "// c\n{ \"b\": [],\n \"a\": 1, }").unwrap());
        assert!(same_document(Format::Toml, "a.b = 1 # c\n", "[a]\nb = 1\n").unwrap());
    }
}
