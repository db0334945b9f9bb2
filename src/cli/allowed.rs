//! Which versions of its golden path a policy allows.

use std::fmt;

use semver::{Version, VersionReq};

use crate::error::Problem;
use crate::golden_path::{Source, Versions};
use crate::model::repo_files::Policy;

/// A range of versions, and the one that the source pins, if it does.
pub(super) struct Allowed {
    range: VersionReq,
    pin: Option<Version>,
}

/// What is wrong, and the key under `golden_path` that says it.
pub(super) type Wrong = Box<(&'static str, Problem)>;

impl Allowed {
    /// What `policy` allows of `source`, which its own source is unless another was named.
    pub(super) fn of(policy: &Policy, source: &Source, named: bool) -> Result<Self, Wrong> {
        let written = &policy.golden_path.version;
        let range = VersionReq::parse(written).map_err(|error| {
            let problem = Problem::new(format!("`{written}` is not a version range: {error}"));
            Box::new(("version", problem.hint("write one such as \"^1\"")))
        })?;
        // A version that was typed is meant, whatever the policy says.
        let pin = source.version().filter(|_| !named).cloned();
        match &pin {
            Some(pin) if !range.matches(pin) => {
                let problem =
                    Problem::new(format!("`{source}` names a version that `version: {written}` does not allow"));
                Err(Box::new(("source", problem.hint(format!("write `source: {}`, or allow {pin}", source.name())))))
            }
            _ => Ok(Allowed { range, pin }),
        }
    }

    /// Whether a version will do.
    pub(super) fn matches(&self, version: &Version) -> bool {
        self.pin.as_ref().map_or_else(|| self.range.matches(version), |pin| pin == version)
    }

    /// The newest version that will do. Pre-releases count only where they are named.
    pub(super) fn newest(&self, versions: &Versions) -> Result<Version, Wrong> {
        let newest = match &self.pin {
            Some(pin) => versions.list().into_iter().find(|version| version == pin),
            None => versions.newest_allowed(&self.range),
        };
        newest.ok_or_else(|| {
            let known: Vec<String> = versions.list().iter().map(ToString::to_string).collect();
            let key = if self.pin.is_some() { "source" } else { "version" };
            let problem = Problem::new(format!("no version of the golden path fits `{self}`"));
            Box::new((key, problem.hint(format!("there is: {}", known.join(", ")))))
        })
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.pin {
            Some(pin) => write!(f, "{pin}"),
            None => write!(f, "{}", self.range),
        }
    }
}
