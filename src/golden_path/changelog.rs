//! What a golden path's changelog says between two versions.

use semver::Version;

/// The sections of a changelog (Keep a Changelog) for the versions above `from`, up to `to`; nothing on the way back.
/// Ends with a newline, or is empty.
pub fn changes_between(changelog: &str, from: &Version, to: &Version) -> String {
    let mut shown = String::new();
    let mut wanted = false;
    for line in changelog.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            wanted = version(heading).is_some_and(|version| version > *from && version <= *to);
        }
        if wanted {
            shown.push_str(line);
            shown.push('\n');
        }
    }
    let text = shown.trim();
    if text.is_empty() { String::new() } else { format!("{text}\n") }
}

/// The version that a heading such as `[1.1.0] - 2026-11-26` names.
fn version(heading: &str) -> Option<Version> {
    let word = heading.split_whitespace().next()?;
    word.trim_matches(['[', ']']).trim_start_matches('v').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::changes_between;

    #[test]
    fn only_what_lies_between_is_shown() {
        let text = "# Changelog\n\n## [Unreleased]\n\nx\n\n## [1.2.0] - 2026-03-01\n\n- two\n\n## 1.1.0\n\n- one\n\n## [1.0.0]\n\n- zero\n";
        let between = |from: &str, to: &str| changes_between(text, &from.parse().unwrap(), &to.parse().unwrap());
        assert_eq!(between("1.0.0", "1.1.0"), "## 1.1.0\n\n- one\n");
        assert_eq!(between("1.0.0", "1.2.0"), "## [1.2.0] - 2026-03-01\n\n- two\n\n## 1.1.0\n\n- one\n");
        assert_eq!(between("1.2.0", "1.0.0"), "");
    }
}
