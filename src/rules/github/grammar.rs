//! The words of GitHub's workflow syntax: which keys stand where, which events there are, and what a misspelt one meant.
//!
//! From "Workflow syntax for GitHub Actions" and "Events that trigger workflows" in GitHub's documentation.

/// Keys of a workflow.
pub(super) const WORKFLOW: [&str; 9] =
    ["name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "cache-mode", "jobs"];

/// Keys of any job.
pub(super) const JOB: [&str; 9] =
    ["name", "needs", "permissions", "if", "concurrency", "strategy", "cache-mode", "uses", "runs-on"];

/// Keys of a job with steps.
pub(super) const STEPS_JOB: [&str; 11] = [
    "environment",
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "continue-on-error",
    "container",
    "services",
    "snapshot",
    "runs-on",
];

/// Keys of a job that calls a workflow.
pub(super) const CALLING_JOB: [&str; 3] = ["uses", "with", "secrets"];

/// Keys of any step.
pub(super) const STEP: [&str; 12] = [
    "id",
    "if",
    "name",
    "env",
    "continue-on-error",
    "timeout-minutes",
    "uses",
    "run",
    "background",
    "wait",
    "wait-all",
    "cancel",
];

/// What a step does: it has one of these.
pub(super) const DEEDS: [&str; 6] = ["uses", "run", "wait", "wait-all", "cancel", "parallel"];

/// Keys of a step that runs a script.
pub(super) const RUN_STEP: [&str; 2] = ["working-directory", "shell"];

/// Keys of a step that uses an action.
pub(super) const USES_STEP: [&str; 1] = ["with"];

/// Keys of `strategy`.
pub(super) const STRATEGY: [&str; 3] = ["matrix", "fail-fast", "max-parallel"];

/// Keys of `concurrency`.
pub(super) const CONCURRENCY: [&str; 3] = ["group", "cancel-in-progress", "queue"];

/// What a token may be allowed.
pub(super) const SCOPES: [&str; 20] = [
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "code-quality",
    "contents",
    "copilot-requests",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "metadata",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
    "vulnerability-alerts",
];

/// Events that start a workflow.
pub(super) const EVENTS: [&str; 37] = [
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "image_version",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "milestone",
    "page_build",
    "project",
    "project_card",
    "project_column",
    "public",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "push",
    "registry_package",
    "release",
    "repository_dispatch",
    "schedule",
    "status",
    "watch",
    "workflow_call",
    "workflow_dispatch",
    "workflow_run",
    "member",
];

/// Filters of `push`, `pull_request` and `pull_request_target`.
pub(super) const FILTERS: [&str; 7] =
    ["types", "branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore"];

/// What `word` was meant to be: the known word that it differs from by its case or by a slip of the hand.
pub(super) fn meant<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let lower = word.to_lowercase();
    let slips = if lower.len() <= 4 { 1 } else { 2 };
    let rated = known.iter().map(|other| (distance(&lower, other), *other));
    rated.filter(|(distance, _)| *distance <= slips).min_by_key(|(distance, _)| *distance).map(|(_, other)| other)
}

/// How many characters one has to insert, drop, replace or swap to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_told_from_a_word_that_is_new() {
        assert_eq!(meant("pull_reqeust", &EVENTS), Some("pull_request"));
        assert_eq!(meant("Runs-On", &JOB), Some("runs-on"));
        assert_eq!(meant("step", &STEPS_JOB), Some("steps"));
        assert_eq!(meant("needed", &JOB), Some("needs"));
        assert_eq!(meant("x-templates", &WORKFLOW), None);
        assert_eq!(meant("nam", &WORKFLOW), Some("name"));
        assert_eq!(meant("of", &["if"]), Some("if"));
    }
}
