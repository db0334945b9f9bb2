//! Releases of actions whose tags pointed to malicious code, as publicly reported.

/// What happened to an action.
#[derive(Clone, Copy, Debug)]
pub struct Incident {
    /// `owner/name`, in lower case.
    pub action: &'static str,
    /// When, as a year and a month or a day.
    pub when: &'static str,
    /// What happened, in one sentence without a full stop.
    pub what: &'static str,
    /// Advisory, if there is one.
    pub id: Option<&'static str>,
    /// Tags below this version are affected; none means all of them.
    pub below: Option<&'static str>,
    /// A version that is known to be safe, with its commit.
    pub safe: Option<(&'static str, &'static str)>,
}

static INCIDENTS: &[Incident] = &[
    Incident {
        action: "aquasecurity/trivy-action",
        when: "2026-03-19",
        what: "nearly all version tags were pointed to a stealer of credentials",
        id: Some("CVE-2026-33634"),
        below: Some("0.35.0"),
        safe: Some(("0.35.0", "57a97c7e7821a5776cebc9bb87c984fa69cba8f1")),
    },
    Incident {
        action: "aquasecurity/setup-trivy",
        when: "2026-03-19",
        what: "its version tags were pointed to a stealer of credentials",
        id: None,
        below: Some("0.2.6"),
        safe: None,
    },
    Incident {
        action: "checkmarx/kics-github-action",
        when: "2026-03-23",
        what: "all of its tags were taken over",
        id: None,
        below: None,
        safe: None,
    },
    Incident {
        action: "checkmarx/ast-github-action",
        when: "2026-03",
        what: "its tags were taken over",
        id: None,
        below: Some("2.3.33"),
        safe: None,
    },
    Incident {
        action: "tj-actions/changed-files",
        when: "2025-03-14",
        what: "all tags were pointed to a commit that prints the job's secrets",
        id: Some("CVE-2025-30066"),
        below: Some("46.0.1"),
        safe: None,
    },
    Incident {
        action: "reviewdog/action-setup",
        when: "2025-03-11",
        what: "the tag `v1` was pointed to a commit that prints the job's secrets",
        id: Some("CVE-2025-30154"),
        below: Some("1.0.1"),
        safe: None,
    },
];

/// What happened to the action `owner/name`, if anything did.
pub fn incident(action: &str) -> Option<&'static Incident> {
    INCIDENTS.iter().find(|incident| incident.action.eq_ignore_ascii_case(action))
}

/// Whether a tag of the action `owner/name` was pointed to malicious code.
pub fn compromised_tag(action: &str, tag: &str) -> bool {
    let Some(incident) = incident(action) else { return false };
    match (numbers(tag), incident.below.and_then(numbers)) {
        (Some(tag), Some(below)) => {
            // `v45` stands for all of 45: it is affected unless the first safe version is of an earlier one.
            tag.iter().zip(&below).find(|(a, b)| a != b).map_or(tag.len() < below.len(), |(a, b)| a < b)
        }
        (tag, None) => tag.is_some() && incident.below.is_none(),
        (None, Some(_)) => false,
    }
}

fn numbers(tag: &str) -> Option<Vec<u64>> {
    tag.trim_start_matches('v').split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_below_the_first_safe_version_are_affected() {
        for (action, tag, bad) in [
            ("aquasecurity/trivy-action", "0.34.2", true),
            ("aquasecurity/trivy-action", "0.35.0", false),
            ("aquasecurity/trivy-action", "v0.36.0", false),
            ("aquasecurity/trivy-action", "master", false),
            ("tj-actions/changed-files", "v45", true),
            ("tj-actions/changed-files", "v46", true),
            ("tj-actions/changed-files", "v46.0.1", false),
            ("tj-actions/changed-files", "v47", false),
            ("Checkmarx/kics-github-action", "v2.1.7", true),
            ("actions/checkout", "v1", false),
        ] {
            assert_eq!(compromised_tag(action, tag), bad, "{action}@{tag}");
        }
    }
}
