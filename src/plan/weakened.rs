//! Whether a change weakens what judges it.
//!
//! Only what the change itself touches counts (against the merge base); how strict it must be is what the branch that it
//! goes to says now.

use std::collections::{BTreeMap, BTreeSet};

use semver::{Version, VersionReq};

use super::gate::Gate;
use crate::golden_path::Source;
use crate::golden_path::levels::{Standing, level};
use crate::golden_path::manifest::Profile;
use crate::model::finding::Level;
use crate::model::path::RepoPath;
use crate::model::repo_files::{Exposure, PathRange, Policy};
use crate::model::tree::{Node, Tree};

/// The rule's id.
pub const RULE: &str = "governance/policy-weakened";

/// What judges a tree, as one commit has it.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    /// Its policy; none where nothing is laid.
    pub policy: Option<Policy>,
    /// The profile that the policy names.
    pub profile: Profile,
    /// The assets that its config chooses.
    pub assets: BTreeSet<String>,
    /// The version that its lock names.
    pub version: Option<Version>,
    /// The steps that run roadbed.
    pub gates: Vec<Gate>,
    /// The files that the golden path owns as a whole.
    pub enforced: BTreeSet<String>,
    /// The answers that its files were rendered from, as text.
    pub answers: BTreeMap<String, String>,
    /// Where a CODEOWNERS lies.
    pub codeowners: BTreeSet<String>,
}

/// Where GitLab and Gitea look for a CODEOWNERS before they look into the directories of their own. Of several they
/// read the first. GitHub looks into its own first.
const FIRST: [&str; 2] = ["CODEOWNERS", "docs/CODEOWNERS"];
const LATER: [&str; 3] = [".gitlab/CODEOWNERS", ".gitea/CODEOWNERS", ".forgejo/CODEOWNERS"];

/// The places of a CODEOWNERS that are taken.
pub fn codeowners(tree: &dyn Tree) -> BTreeSet<String> {
    let taken = |place: &&str| RepoPath::new(*place).is_ok_and(|path| tree.node(&path) != Node::Absent);
    FIRST.into_iter().chain(LATER).filter(taken).map(str::to_owned).collect()
}

/// One way in which a change weakens its judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakening {
    /// The file, from the laid directory.
    pub file: String,
    /// Keys in that file, outermost first; where they are gone, the last that is there counts.
    pub keys: Vec<String>,
    /// What is weaker, in one sentence without a full stop.
    pub message: String,
}

/// Every way in which `now` is weaker than `base`, in what it changes since `before`. `rules` are all rule ids.
pub fn weakened(before: &Judge, now: &Judge, base: &Judge, rules: &[&str]) -> Vec<Weakening> {
    let mut found = Vec::new();
    match (&before.policy, &now.policy, &base.policy) {
        (Some(_), None, Some(_)) => {
            found.push(policy(&[], "the golden path is taken out: nothing would be checked any more".to_owned()));
        }
        (old, Some(new), Some(wanted)) => {
            let levels = |found: &mut Vec<Weakening>| profile(now, base, rules, found);
            compare(old.as_ref(), new, wanted, levels, &mut found);
        }
        _ => {}
    }
    if let (Some(old), Some(new), true) = (&before.version, &now.version, now.policy.is_some())
        && new < old
    {
        let message = format!("the golden path goes back from {old} to {new}");
        found.push(Weakening { file: ".roadbed/lock.yaml".to_owned(), keys: vec!["base".to_owned()], message });
    }
    if now.policy.is_some() {
        for asset in before.assets.intersection(&base.assets).filter(|asset| !now.assets.contains(*asset)) {
            let message = format!("the asset `{asset}` is dropped, and with it what it asks for");
            let keys = vec!["without".to_owned()];
            found.push(Weakening { file: ".roadbed/config.yaml".to_owned(), keys, message });
        }
    }
    for (file, hidden) in FIRST.iter().flat_map(|file| LATER.iter().map(move |later| (*file, *later))) {
        if now.codeowners.contains(file) && !before.codeowners.contains(file) && before.codeowners.contains(hidden) {
            let message = format!("`{file}` is read instead of `{hidden}`, whose owners would not be asked any more");
            found.push(Weakening { file: file.to_owned(), keys: Vec::new(), message });
        }
    }
    found.extend(super::gate::lost(&before.gates, &now.gates, &|gate| is_the_paths(gate, before, now)));
    found
}

/// Whether a gate's other shape comes with a newer version of the golden path: the file is the path's as a whole, and no
/// answer that stands in it is another.
fn is_the_paths(gate: &Gate, before: &Judge, now: &Judge) -> bool {
    let forward = matches!((&before.version, &now.version), (Some(old), Some(new)) if new > old);
    let owned = [before, now].iter().all(|judge| judge.enforced.contains(&gate.file));
    let other = before.answers.iter().filter(|(key, value)| now.answers.get(*key) != Some(value));
    let mut values = other.map(|(_, value)| value);
    forward && owned && !values.any(|value| gate.says(value))
}

fn policy(keys: &[&str], message: String) -> Weakening {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Weakening { file: ".roadbed/policy.yaml".to_owned(), keys, message }
}

fn compare(
    old: Option<&Policy>,
    new: &Policy,
    wanted: &Policy,
    profile: impl Fn(&mut Vec<Weakening>),
    found: &mut Vec<Weakening>,
) {
    let touched = |same: fn(&Policy, &Policy) -> bool| old.is_none_or(|old| !same(old, new));
    let (path, asked) = (&new.golden_path, &wanted.golden_path);
    let same_path = |a: &PathRange, b: &PathRange| path_of(a).0 == path_of(b).0;
    if touched(|a, b| a.golden_path.source == b.golden_path.source) && !same_path(path, asked) {
        let message = format!("the golden path is `{}` instead of `{}`", path.source, asked.source);
        found.push(policy(&["golden_path", "source"], message));
    }
    let (versions, wanted_versions) = (path_of(path).1, path_of(asked).1);
    if touched(|a, b| path_of(&a.golden_path).1 == path_of(&b.golden_path).1) && is_looser(&versions, &wanted_versions)
    {
        let message = format!("the versions `{versions}` let in older ones than `{wanted_versions}`, or end earlier");
        found.push(policy(&["golden_path", "version"], message));
    }
    if touched(|a, b| a.profile == b.profile) && new.profile != wanted.profile {
        profile(found);
    }
    if touched(|a, b| a.exposure == b.exposure)
        && (wanted.exposure, new.exposure) == (Exposure::Public, Exposure::Internal)
    {
        found.push(policy(&["exposure"], "the exposure is `internal` instead of `public`".to_owned()));
    }
    if touched(|a, b| a.tier == b.tier) && new.tier > wanted.tier {
        found.push(policy(&["tier"], format!("the tier is {} instead of the more critical {}", new.tier, wanted.tier)));
    }
    let had = |glob: &String| old.is_some_and(|old| old.omit.contains(glob)) || wanted.omit.contains(glob);
    for glob in new.omit.iter().filter(|glob| !had(glob)) {
        found.push(policy(&["omit"], format!("`{glob}` is omitted")));
    }
    for (rule, least) in &wanted.levels {
        let now = new.levels.get(rule);
        let own = old.is_none_or(|old| old.levels.get(rule) != now);
        if own && now.is_none_or(|now| now < least) {
            let message = match now {
                Some(now) => format!("the level of `{rule}` is `{now}` instead of `{least}`"),
                None => format!("`{rule}` is no longer raised to `{least}`"),
            };
            found.push(policy(&["levels", rule], message));
        }
    }
}

/// Which golden path a policy names, and which versions of it: the one that its source pins, or its range.
fn path_of(path: &PathRange) -> (String, String) {
    match path.source.parse::<Source>() {
        Ok(source @ Source::Builtin { .. }) => {
            let pinned = |version: &Version| format!("={version}");
            (source.name().to_owned(), source.version().map_or_else(|| path.version.clone(), pinned))
        }
        _ => (path.source.clone(), path.version.clone()),
    }
}

/// Another profile is weaker if it lowers a rule's level, or lets an exception last longer.
fn profile(now: &Judge, base: &Judge, rules: &[&str], found: &mut Vec<Weakening>) {
    let (Some(new), Some(wanted)) = (&now.policy, &base.policy) else { return };
    let none = BTreeMap::new();
    let of = |profile: &Profile, rule: &str, default: Level| {
        let standing = Standing { profile, exposure: wanted.exposure, tier: wanted.tier, policy: &none };
        level(&standing, rule, default)
    };
    // What a profile does not name has the level that the finding comes with, whatever that is.
    let defaults = [Level::Info, Level::Warn, Level::Block];
    let is_lower = |rule: &str| defaults.iter().any(|d| of(&now.profile, rule, *d) < of(&base.profile, rule, *d));
    let lowered: Vec<&&str> = rules.iter().filter(|rule| is_lower(rule)).collect();
    let longer = base.profile.exceptions.iter().find(|(severity, terms)| {
        now.profile.exceptions.get(severity).is_none_or(|new| new.days > terms.days || new.renewals > terms.renewals)
    });
    let why = match (lowered.as_slice(), longer) {
        ([], None) => return,
        ([], Some(_)) => "lets exceptions last longer".to_owned(),
        ([one], _) => format!("lowers the level of `{one}`"),
        ([one, rest @ ..], _) => format!("lowers the levels of `{one}` and {} more", rest.len()),
    };
    let message = format!("the profile `{}` {why}, compared with `{}`", new.profile, wanted.profile);
    found.push(policy(&["profile"], message));
}

/// Whether a range lets in a version below those of the other, or ends below where the other ends.
fn is_looser(new: &str, wanted: &str) -> bool {
    let (Ok(new), Ok(wanted)) = (VersionReq::parse(new), VersionReq::parse(wanted)) else { return true };
    let probes = probes(&[&new, &wanted]);
    let of = |range: &VersionReq| probes.iter().filter(|version| range.matches(version)).cloned().collect::<Vec<_>>();
    let (ours, theirs) = (of(&new), of(&wanted));
    match (ours.first().zip(theirs.first()), ours.last().zip(theirs.last())) {
        (Some((least, asked)), Some((most, up_to))) => least < asked || most < up_to,
        _ => true,
    }
}

/// Versions around all that the ranges name, sorted.
fn probes(ranges: &[&VersionReq]) -> Vec<Version> {
    let mut all = BTreeSet::from([Version::new(0, 0, 0), Version::new(0, 1, 0)]);
    for comparator in ranges.iter().flat_map(|range| &range.comparators) {
        let (major, minor, patch) = (comparator.major, comparator.minor.unwrap_or(0), comparator.patch.unwrap_or(0));
        all.extend([
            Version::new(major, minor, patch),
            Version::new(major, minor, patch + 1),
            Version::new(major, minor + 1, 0),
            Version::new(major + 1, 0, 0),
            Version::new(major, 0, 0),
            Version::new(major.saturating_sub(1), 0, 0),
        ]);
        all.extend(minor.checked_sub(1).map(|minor| Version::new(major, minor, 0)));
        all.extend(patch.checked_sub(1).map(|patch| Version::new(major, minor, patch)));
    }
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_looser_when_it_lets_in_older_versions_or_ends_earlier() {
        for (new, wanted, looser) in [
            ("^1", "^1", false),
            ("^2", "^1", false),
            ("^1.4", "^1", false),
            ("^1", "^1.4", true),
            ("*", "^1", true),
            (">=0.9", "^1", true),
            ("=1.4.0", "^1.4", true),
            (">=1", "^1", false),
            ("<1", "^1", true),
            ("nonsense", "^1", true),
        ] {
            assert_eq!(is_looser(new, wanted), looser, "{new} for {wanted}");
        }
    }

    fn judge(policy: &str) -> Judge {
        let text = format!("schema: roadbed/policy/v1\ngolden_path: {{source: builtin, version: ^1}}\n{policy}");
        Judge { policy: Some(serde_yaml::from_str(&text).unwrap()), ..Judge::default() }
    }

    fn messages(before: &str, now: &str, base: &str) -> Vec<String> {
        let found = weakened(&judge(before), &judge(now), &judge(base), &["drift/edited"]);
        found.into_iter().map(|weakening| weakening.message).collect()
    }

    #[test]
    fn what_the_change_did_not_touch_is_not_its_fault() {
        assert_eq!(messages("tier: 3", "tier: 3", "tier: 1"), Vec::<String>::new());
        assert_eq!(messages("tier: 1", "tier: 3", "tier: 1"), ["the tier is 3 instead of the more critical 1"]);
        assert_eq!(messages("tier: 3", "tier: 2", "tier: 2"), Vec::<String>::new());
    }

    #[test]
    fn a_file_of_owners_that_is_read_instead_of_another_is_weaker() {
        let judge = |places: &[&str]| Judge {
            codeowners: places.iter().map(|place| (*place).to_owned()).collect(),
            ..Judge::default()
        };
        let count = |before: &[&str], now: &[&str]| weakened(&judge(before), &judge(now), &judge(before), &[]).len();
        assert_eq!(count(&[".gitlab/CODEOWNERS"], &[".gitlab/CODEOWNERS", "CODEOWNERS"]), 1);
        assert_eq!(count(&[".gitlab/CODEOWNERS", "CODEOWNERS"], &[".gitlab/CODEOWNERS", "CODEOWNERS"]), 0);
        assert_eq!(count(&[], &["CODEOWNERS"]), 0);
    }

    #[test]
    fn each_key_of_the_policy_can_be_weakened() {
        let base = "exposure: public\nlevels: {docker/x: block}\nomit: [a]\n";
        assert_eq!(messages(base, base, base), Vec::<String>::new());
        assert_eq!(messages(base, "exposure: internal\nlevels: {docker/x: warn}\nomit: [a, b]\n", base).len(), 3);
        assert_eq!(
            messages(base, "exposure: public\nomit: [a]\n", base),
            ["`docker/x` is no longer raised to `block`"]
        );
    }

    #[test]
    fn a_version_that_the_source_pins_may_only_go_forward() {
        let judge = |source: &str| {
            let text = format!("schema: roadbed/policy/v1\ngolden_path: {{source: {source}, version: ^1}}\n");
            Judge { policy: Some(serde_yaml::from_str(&text).unwrap()), ..Judge::default() }
        };
        let count = |before: &str, now: &str| weakened(&judge(before), &judge(now), &judge(before), &[]).len();
        assert_eq!(count("builtin@1.1.0", "builtin@1.2.0"), 0);
        assert_eq!(count("builtin@1.2.0", "builtin@1.1.0"), 1);
        assert_eq!(count("builtin@1.2.0", "builtin"), 1);
        assert_eq!(count("builtin", "builtin@1.2.0"), 1);
        assert_eq!(count("builtin", "../elsewhere"), 1);
    }
}
