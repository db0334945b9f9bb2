//! Which findings of one tree another tree has too.

use std::collections::BTreeMap;

use crate::model::finding::Finding;

/// For each of `now` the place among `before` of the finding that it continues; none for what is new.
///
/// Findings are equal by identity, as multisets: of two equal ones now, only one continues a single one before. Those
/// in the same file with the same words are paired first, so that what is called new is what was added.
pub fn continued(now: &[Finding], before: &[Finding]) -> Vec<Option<usize>> {
    let mut open: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (n, finding) in before.iter().enumerate() {
        open.entry(finding.identity()).or_default().push(n);
    }
    let mut pairs = vec![None; now.len()];
    let alike: [fn(&Finding, &Finding) -> bool; 3] =
        [|a, b| a.path == b.path && a.message == b.message, |a, b| a.path == b.path, |_, _| true];
    for alike in alike {
        for (finding, pair) in now.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
            let Some(left) = open.get_mut(&finding.identity()) else { continue };
            if let Some(at) = left.iter().position(|n| alike(finding, &before[*n])) {
                *pair = Some(left.remove(at));
            }
        }
    }
    pairs
}

/// Those of `now` that `before` does not have.
pub fn added(now: Vec<Finding>, before: &[Finding]) -> Vec<Finding> {
    let pairs = continued(&now, before);
    now.into_iter().zip(pairs).filter(|(_, pair)| pair.is_none()).map(|(finding, _)| finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::{Level, Severity, Status};
    use crate::model::path::RepoPath;

    fn findings(rows: &[(&str, &str, &str)]) -> Vec<Finding> {
        let finding = |(rule, path, address): &(&str, &str, &str)| Finding {
            rule: (*rule).to_owned(),
            status: Status::Open,
            level: Level::Warn,
            severity: Severity::Medium,
            path: RepoPath::new(*path).unwrap(),
            span: None,
            message: String::new(),
            why: None,
            next: None,
            owner: None,
            controls: Vec::new(),
            asset: None,
            fix: None,
            address: (*address).to_owned(),
            fingerprint: String::new(),
            introduced: None,
        };
        rows.iter().map(finding).collect()
    }

    fn new(now: &[(&str, &str, &str)], before: &[(&str, &str, &str)]) -> Vec<String> {
        added(findings(now), &findings(before)).iter().map(|f| format!("{} {}", f.path, f.address)).collect()
    }

    #[test]
    fn a_renamed_file_brings_nothing_in_and_a_copied_one_does() {
        let old = [("github/x", "b.yml", "jobs.a")];
        assert_eq!(new(&[("github/x", "a.yml", "jobs.a")], &old), Vec::<String>::new());
        // The copy sorts first, and is still what is new.
        assert_eq!(new(&[("github/x", "a.yml", "jobs.a"), old[0]], &old), ["a.yml jobs.a"]);
        assert_eq!(new(&[old[0], old[0]], &old), ["b.yml jobs.a"]);
        assert_eq!(new(&[("drift/edited", "b.yml", "x")], &[("drift/edited", "a.yml", "x")]), ["b.yml x"]);
    }
}
