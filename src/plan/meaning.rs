//! What each of the planner's own rules says in general, whatever the file.

/// A rule in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What it finds, in one sentence without a full stop.
    pub title: &'static str,
    /// What that means to somebody who attacks or audits the repo.
    pub why: &'static str,
}

/// The words for a rule of the planner's; none for rules of others.
pub fn meaning(rule: &str) -> Option<Meaning> {
    let (title, why) = match rule {
        "drift/missing" => (
            "A file or a part that the golden path asks for is missing",
            "what the path guards or promises with it is not there",
        ),
        "drift/edited" => (
            "What the golden path owns was edited here",
            "what its owners agreed on no longer holds here, and none of them reviewed that",
        ),
        "drift/mode" => (
            "A file has another right to run than the golden path says",
            "a script that cannot run guards nothing, and one that should not run might",
        ),
        "drift/extra" => (
            "A file lies here that the golden path wants gone",
            "a pipeline or a setting that nobody guards runs beside the one that is guarded",
        ),
        "drift/moved" => (
            "A file of the golden path lies elsewhere than it should",
            "tools that look for it at its place find nothing",
        ),
        "drift/conflict-markers" => {
            ("A file holds conflict markers", "a merge was left half done: tools read this file wrongly, or not at all")
        }
        "drift/lock-forged" => {
            ("The lock is not what roadbed wrote", "whoever trusts the lock would not see what was changed")
        }
        "drift/no-base" => (
            "The version that this repository was laid from is not to be had",
            "nobody can tell what was edited since the path was laid",
        ),
        "drift/outdated" => {
            ("A newer version or a changed answer is not applied", "later fixes of the path are not in force here")
        }
        "governance/policy-weakened" => (
            "A change weakens the policy that judges it",
            "whoever can merge this can switch off what would have stopped him",
        ),
        rule if rule.starts_with("parse/") => (
            "A file cannot be parsed",
            "a file that cannot be read cannot be checked, and tools may read it differently",
        ),
        _ => return None,
    };
    Some(Meaning { title, why })
}

/// [`Meaning::why`], as findings carry it.
pub(super) fn why(rule: &str) -> Option<String> {
    meaning(rule).map(|meaning| meaning.why.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_rule_of_the_planner_has_words() {
        for rule in super::super::RULES {
            assert!(super::meaning(rule).is_some(), "{rule}");
        }
    }
    #[test]
    fn every_format_that_must_parse_has_a_rule_that_can_be_asked_for() {
        for (format, rule) in crate::rules::FORMATS {
            assert!(super::super::RULES.contains(rule), "{format}");
        }
    }
}
