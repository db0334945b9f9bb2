//! The level in force for a rule: what its findings do to the exit code here.

use globset::Glob;

use super::manifest::{Levels, Profile};
use crate::error::Problem;
use crate::model::document::nearest;
use crate::model::finding::Level;
use crate::model::repo_files::Exposure;

/// Families whose levels are part of the command line's contract: they keep them unless a profile names them.
const FIXED: [&str; 3] = ["drift/", "parse/", "governance/"];

/// What decides a rule's level: the profile, and where the service stands.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The profile that the policy names.
    pub profile: &'a Profile,
    /// Who can reach the service.
    pub exposure: Exposure,
    /// 1 (most critical) to 4.
    pub tier: u8,
    /// The policy's own levels, which can only be stricter.
    pub policy: &'a Levels,
}

/// The level of `rule`. `default` is the one that `drift/…`, `parse/…` and `governance/…` come with.
///
/// The profile's levels hold for all; those for the exposure replace them, and those for the tier replace
/// both. In each of them an exact id beats a glob, and among globs the one with more literal characters
/// wins; `drift/…` and its like are covered only by what names their family. The policy can raise what
/// comes out, never lower it. A rule that nothing covers reports `info`.
pub fn level(standing: &Standing<'_>, rule: &str, default: Level) -> Level {
    level_within(standing, rule, default, |level| level)
}

/// The same for a place that is milder or worse than its rule: `bound` sees the profile's level, and the
/// policy can still raise what comes out.
pub fn level_within(standing: &Standing<'_>, rule: &str, default: Level, bound: impl Fn(Level) -> Level) -> Level {
    let profile = standing.profile;
    let exposure = match standing.exposure {
        Exposure::Public => &profile.public,
        Exposure::Internal => &profile.internal,
    };
    let none = Levels::new();
    let tier = match standing.tier {
        1 => &profile.tier1,
        2 => &profile.tier2,
        3 => &profile.tier3,
        4 => &profile.tier4,
        _ => &none,
    };
    let fixed = FIXED.iter().any(|family| rule.starts_with(family));
    let uncovered = if fixed { default } else { Level::Info };
    let base = [tier, exposure, &profile.levels].into_iter().find_map(|levels| most_specific(levels, rule));
    let base = bound(base.unwrap_or(uncovered));
    most_specific(standing.policy, rule).map_or(base, |raised| raised.max(base))
}

/// The entries of the policy's own levels that change nothing, each with what is wrong with it. `known` are the ids of
/// all rules.
pub fn idle(standing: &Standing<'_>, known: &[&str]) -> Vec<(String, Problem)> {
    let none = Levels::new();
    let without = Standing { policy: &none, ..*standing };
    let one = |(written, wanted): (&String, &Level)| {
        let alone = Levels::from([(written.clone(), *wanted)]);
        let covered: Vec<&str> = known.iter().copied().filter(|rule| most_specific(&alone, rule).is_some()).collect();
        if covered.is_empty() {
            let near = nearest(written, known.iter().copied());
            let hint = near.map_or_else(
                || "`roadbed explain ID` explains a rule".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Some(
                Problem::new(format!("`levels` names `{written}`, and there is no such rule: it changes nothing"))
                    .hint(hint),
            );
        }
        // What `drift/…` and its like come with is not known here: of these, only what the profile names is milder.
        covered.iter().all(|rule| level(&without, rule, Level::Info) > *wanted).then(|| {
            let message =
                format!("`levels` asks for `{wanted}` of `{written}`, and the profile for more: it changes nothing");
            Problem::new(message).hint("a policy can only be stricter than its profile; take the line out")
        })
    };
    let each = standing.policy.iter();
    each.filter_map(|entry| one(entry).map(|problem| (entry.0.clone(), problem))).collect()
}

fn most_specific(levels: &Levels, rule: &str) -> Option<Level> {
    if let Some(level) = levels.get(rule) {
        return Some(*level);
    }
    let family = FIXED.iter().find(|family| rule.starts_with(**family)).copied().unwrap_or_default();
    levels
        .iter()
        .filter(|(glob, _)| glob.starts_with(family))
        .filter(|(glob, _)| Glob::new(glob).is_ok_and(|glob| glob.compile_matcher().is_match(rule)))
        .max_by_key(|(glob, level)| (glob.chars().filter(|c| !"*?[]{}".contains(*c)).count(), **level))
        .map(|(_, level)| *level)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(yaml: &str, exposure: Exposure, tier: u8, policy: &str, rule: &str) -> Level {
        let profile: Profile = serde_yaml::from_str(yaml).unwrap();
        let policy: Levels = serde_yaml::from_str(policy).unwrap();
        level(&Standing { profile: &profile, exposure, tier, policy: &policy }, rule, Level::Warn)
    }

    const PROFILE: &str = "
levels: {'docker/*': warn, docker/runs-as-root: info, '*': info, 'github/*': warn, 'github/un*': block}
public: {docker/runs-as-root: block}
tier1: {'docker/*': block}
";

    #[test]
    fn the_most_specific_entry_wins() {
        let inside = |rule: &str| of(PROFILE, Exposure::Internal, 3, "{}", rule);
        assert_eq!(inside("docker/other"), Level::Warn);
        assert_eq!(inside("docker/runs-as-root"), Level::Info);
        assert_eq!(inside("github/unpinned-action"), Level::Block);
        assert_eq!(inside("yaml/other"), Level::Info);
    }

    #[test]
    fn exposure_and_tier_replace_what_holds_for_all() {
        assert_eq!(of(PROFILE, Exposure::Public, 3, "{}", "docker/runs-as-root"), Level::Block);
        assert_eq!(of(PROFILE, Exposure::Internal, 1, "{}", "docker/other"), Level::Block);
    }

    #[test]
    fn a_policy_is_only_ever_stricter() {
        assert_eq!(of(PROFILE, Exposure::Internal, 3, "{docker/other: block}", "docker/other"), Level::Block);
        assert_eq!(of(PROFILE, Exposure::Internal, 3, "{docker/other: info}", "docker/other"), Level::Warn);
    }

    #[test]
    fn drift_keeps_its_level_unless_named_and_other_rules_are_info() {
        assert_eq!(of("{}", Exposure::Internal, 3, "{}", "drift/missing"), Level::Warn);
        assert_eq!(of("{levels: {drift/missing: block}}", Exposure::Internal, 3, "{}", "drift/missing"), Level::Block);
        assert_eq!(of("{levels: {'*': info}}", Exposure::Internal, 3, "{}", "drift/missing"), Level::Warn);
        assert_eq!(of("{levels: {'drift/*': info}}", Exposure::Internal, 3, "{}", "drift/missing"), Level::Info);
        assert_eq!(of("{}", Exposure::Internal, 3, "{}", "docker/x"), Level::Info);
    }
}
