//! The built-in path names a level for every rule.

use crate::golden_path::Versions;
use crate::model::finding::{Level, Severity};
use crate::rules::all;

#[test]
fn every_profile_names_every_rule_and_small_companies_block_only_on_what_is_urgent() {
    let profiles = Versions::builtin().unwrap().current().unwrap().manifest.profiles;
    for (name, profile) in &profiles {
        for rule in all() {
            let level = profile.levels.get(rule.id).copied();
            assert!(level.is_some(), "profile {name} has no level for {}", rule.id);
            if name == "startup" && level == Some(Level::Block) {
                assert!(rule.severity >= Severity::High, "startup blocks on {}", rule.id);
            }
        }
    }
    let level = |profile: &str, rule: &str| profiles[profile].levels.get(rule).copied();
    assert_eq!(level("growth", "github/unknown-sha"), Some(Level::Warn));
    assert_eq!(level("enterprise", "github/unknown-sha"), Some(Level::Block));
    assert_eq!(level("growth", "github/no-concurrency"), Some(Level::Info));
}
