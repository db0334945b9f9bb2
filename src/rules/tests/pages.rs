//! Every rule's page is the rule's test.

use std::collections::BTreeSet;

use super::{fixed, found};
use crate::rules::docs::{self, Case, HEADINGS};
use crate::rules::{Rule, all};

/// The ids of the catalogue of controls.
const CONTROLS: [&str; 36] = [
    "GP-CI-01",
    "GP-CI-02",
    "GP-CI-03",
    "GP-CI-04",
    "GP-CI-05",
    "GP-SEC-01",
    "GP-SEC-02",
    "GP-SEC-03",
    "GP-SEC-04",
    "GP-SEC-05",
    "GP-DK-01",
    "GP-DK-02",
    "GP-DK-03",
    "GP-SC-01",
    "GP-SC-02",
    "GP-SC-03",
    "GP-IAC-01",
    "GP-IAC-02",
    "GP-IAC-03",
    "GP-IAC-04",
    "GP-IAC-05",
    "GP-OBS-01",
    "GP-OBS-02",
    "GP-OWN-01",
    "GP-REV-01",
    "GP-REV-02",
    "GP-REV-03",
    "GP-DEP-01",
    "GP-DEP-02",
    "GP-REL-01",
    "GP-VUL-01",
    "GP-VUL-02",
    "GP-GOV-01",
    "GP-GOV-02",
    "GP-GOV-03",
    "GP-DAT-01",
];

#[test]
fn every_page_has_the_headings_and_agrees_with_its_rule() {
    for rule in all() {
        assert_eq!(docs::headings(rule.page), HEADINGS, "{}", rule.id);
        let facts = docs::facts(rule);
        assert!(rule.page.starts_with(&facts), "{}: the page must start with:\n{facts}", rule.id);
        let empty = HEADINGS.iter().find(|heading| docs::section(rule.page, heading).is_empty());
        assert_eq!(empty, None, "{}", rule.id);
    }
}

#[test]
fn ids_are_unique_and_every_rule_names_controls() {
    let ids: BTreeSet<&str> = all().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), all().count());
    for rule in all() {
        assert!(!rule.controls.is_empty(), "{}", rule.id);
        for control in rule.controls {
            assert!(CONTROLS.contains(control), "{}: no control {control}", rule.id);
        }
        assert!(!rule.gain.ends_with('.') && !rule.title.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn what_a_page_calls_bad_is_found_and_what_it_calls_good_is_not() {
    for rule in all() {
        let bad = docs::cases(rule.page, "Bad");
        assert!(!bad.is_empty(), "{} has no bad case", rule.id);
        for case in &bad {
            judge(rule, case);
        }
        let good = docs::cases(rule.page, "Good");
        assert!(!good.is_empty(), "{} has no good case", rule.id);
        for case in &good {
            let wrong = found(rule, case);
            assert!(wrong.is_empty(), "{}: good case {:?}: {wrong:#?}", rule.id, case.name);
        }
    }
}

fn judge(rule: &Rule, case: &Case) {
    let violations = found(rule, case);
    let place = format!("{}: bad case {:?}", rule.id, case.name);
    assert!(!violations.is_empty(), "{place} is not found");
    for file in &case.files {
        let Some(wanted) = &file.lines else { continue };
        let mut lines: Vec<usize> = violations
            .iter()
            .filter(|violation| violation.path.as_str() == file.path)
            .filter_map(|violation| violation.span.map(|span| span.line))
            .collect();
        lines.sort_unstable();
        assert_eq!(&lines, wanted, "{place}: {violations:#?}");
    }
    for violation in &violations {
        if let Some(repair) = &violation.repair {
            assert!(rule.fix.allows(repair.safety), "{place} offers a fix that its rule does not announce");
        }
        assert!(!violation.address.is_empty(), "{place}: no address");
        assert!(!violation.message.ends_with('.'), "{place}: {}", violation.message);
    }
    let after = fixed(rule, case);
    let promised = case.files.iter().any(|file| file.fixed.is_some());
    assert_eq!(promised, !after.is_empty(), "{place}: a fix must be shown, and only a fix: {after:#?}");
    for file in &case.files {
        let text = after.get(&file.path).unwrap_or(&file.text);
        assert_eq!(text, file.fixed.as_ref().unwrap_or(&file.text), "{place}");
    }
    if after.is_empty() {
        return;
    }
    let mut mended = case.clone();
    for file in &mut mended.files {
        if let Some(text) = after.get(&file.path) {
            file.text.clone_from(text);
        }
    }
    let left: Vec<_> = found(rule, &mended).into_iter().filter(|violation| violation.repair.is_some()).collect();
    assert!(left.is_empty(), "{place}: fixing again would change more: {left:#?}");
    envelope(rule, case, &after);
}

/// A byte-order mark, CRLF and a missing last newline survive the same fixes.
fn envelope(rule: &Rule, case: &Case, after: &std::collections::BTreeMap<String, String>) {
    let wrap = |text: &str| format!("\u{feff}{}", text.trim_end_matches('\n').replace('\n', "\r\n"));
    let mut framed = case.clone();
    for file in &mut framed.files {
        file.text = wrap(&file.text);
    }
    for (path, text) in fixed(rule, &framed) {
        let wanted = after.get(&path).map(|text| wrap(text)).unwrap_or_default();
        assert_eq!(text, wanted, "{}: {:?} in CRLF", rule.id, case.name);
    }
}

#[test]
fn the_page_of_all_rules_is_up_to_date() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules/README.md");
    let page = docs::page();
    if std::env::var_os("ROADBED_UPDATE_PAGES").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "run: ROADBED_UPDATE_PAGES=1 cargo test --lib rules");
}
