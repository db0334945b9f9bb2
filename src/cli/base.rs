//! The base of a change: what REV names, or what the event says that a CI system runs for.

use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::repo::{History, surroundings};

/// No commit: a branch that is new has been pushed.
const NONE: &str = "0000000000000000000000000000000000000000";

/// A commit to compare with, and how it came about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// As people read it.
    pub(super) name: String,
    /// Its id.
    pub(super) tip: String,
}

/// The base that `rev` names; `auto` takes it from the environment of the CI system.
pub(super) fn base(history: &History, rev: &str) -> Result<Base> {
    if rev != "auto" {
        return Ok(Base { name: rev.to_owned(), tip: history.resolve(rev)? });
    }
    let event = surroundings::variable("GITHUB_EVENT_PATH").and_then(|path| surroundings::read_event(Path::new(&path)));
    let event = event.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let wanted = candidates(&|name| surroundings::variable(name).filter(|value| !value.is_empty()), event.as_ref());
    if wanted.is_empty() {
        let message = "nothing here says what this change is to be compared with";
        return Err(Error::usage(message).hint("`auto` is for CI; name a revision, such as --since origin/main"));
    }
    for name in &wanted {
        if let Ok(tip) = history.resolve(name) {
            return Ok(Base { name: name.clone(), tip });
        }
    }
    let first = &wanted[0];
    let branch = first.strip_prefix("origin/").unwrap_or(first);
    Err(Error::environment(format!("the base of this change, `{first}`, is not in this clone")).hint(format!(
        "fetch it: git fetch --no-tags origin {branch}; or check out the whole history (fetch-depth: 0)"
    )))
}

/// Revisions that may be the tip of the base, best first.
fn candidates(variable: &dyn Fn(&str) -> Option<String>, event: Option<&Value>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |name: Option<String>| {
        if let Some(name) = name.filter(|name| name != NONE && !found.contains(name)) {
            found.push(name);
        }
    };
    let remote = |name: Option<String>| name.map(|name| format!("origin/{name}"));
    if let Some(event) = event {
        let text = |way: &str| event.pointer(way).and_then(Value::as_str).map(str::to_owned);
        add(text("/pull_request/base/sha"));
        add(text("/merge_group/base_sha"));
        add(text("/before"));
        add(remote(text("/pull_request/base/ref")));
        // A branch that is new was not there before: what it will be merged into was.
        add(remote(text("/repository/default_branch")).filter(|_| event.get("before").is_some()));
    }
    add(remote(variable("GITHUB_BASE_REF")));
    // The tip, where GitLab tells it; the merge base else.
    add(variable("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"));
    add(remote(variable("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")));
    add(variable("CI_MERGE_REQUEST_DIFF_BASE_SHA"));
    if variable("GITLAB_CI").is_some() {
        add(variable("CI_COMMIT_BEFORE_SHA"));
        add(remote(variable("CI_DEFAULT_BRANCH")));
    }
    add(remote(variable("CHANGE_TARGET")));
    if variable("JENKINS_URL").is_some() {
        add(variable("GIT_PREVIOUS_SUCCESSFUL_COMMIT"));
        add(variable("GIT_PREVIOUS_COMMIT"));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn of(variables: &[(&str, &str)], event: &str) -> Vec<String> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        let event: Option<Value> = serde_json::from_str(event).ok();
        candidates(&|name| variables.get(name).map(|value| (*value).to_owned()), event.as_ref())
    }

    #[test]
    fn each_ci_system_names_the_base_in_its_own_way() {
        let none: Vec<String> = Vec::new();
        assert_eq!(of(&[], ""), none);
        let pull = r#"{"pull_request": {"base": {"sha": "abc", "ref": "main"}}}"#;
        assert_eq!(of(&[("GITHUB_BASE_REF", "main")], pull), ["abc", "origin/main"]);
        assert_eq!(of(&[], r#"{"merge_group": {"base_sha": "abc"}}"#), ["abc"]);
        let push = |before: &str| format!(r#"{{"before": "{before}", "repository": {{"default_branch": "main"}}}}"#);
        assert_eq!(of(&[], &push("abc")), ["abc", "origin/main"]);
        assert_eq!(of(&[], &push(NONE)), ["origin/main"]);
        let merge = [("GITLAB_CI", "true"), ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "abc"), ("CI_COMMIT_BEFORE_SHA", NONE)];
        assert_eq!(of(&merge, ""), ["abc"]);
        let merged = [&merge[..], &[("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "def")]].concat();
        assert_eq!(of(&merged, ""), ["def", "abc"]);
        assert_eq!(of(&[("JENKINS_URL", "x"), ("CHANGE_TARGET", "main")], ""), ["origin/main"]);
        assert_eq!(of(&[("JENKINS_URL", "x"), ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", "abc")], ""), ["abc"]);
    }
}
