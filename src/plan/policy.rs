//! What the policy leaves out, and who owns a finding.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::error::{Error, Kind, Problem, Result};
use crate::golden_path::Render;
use crate::model::path::RepoPath;

/// The files that a repo omits.
pub(super) struct Omitted(GlobSet);

impl Omitted {
    /// Reads the globs; one that names a file which its asset does not declare optional is an error.
    pub(super) fn new(globs: &[String], render: &Render) -> Result<Self> {
        let file = RepoPath::roadbed("policy.yaml").to_string();
        let problems = unfit_omissions(globs, render).into_iter().map(|(_, problem)| problem.in_file(&file)).collect();
        Error::all(Kind::Repository, problems)?;
        glob_set(globs).map(Omitted).map_err(|e| Error::new(Kind::Repository, Problem::new(e).in_file(&file)))
    }

    /// Whether the repo leaves this file out.
    pub(super) fn covers(&self, path: &RepoPath) -> bool {
        self.0.is_match(path.as_str())
    }
}

/// What is wrong with the globs of a policy's `omit`, each with the glob's number in the list, from 0.
pub fn unfit_omissions(globs: &[String], render: &Render) -> Vec<(usize, Problem)> {
    let mut problems = Vec::new();
    for (number, glob) in globs.iter().enumerate() {
        let set = match glob_set(std::slice::from_ref(glob)) {
            Ok(set) => set,
            Err(why) => {
                problems.push((number, Problem::new(why).hint("write a path of this repository, such as docs/adr/**")));
                continue;
            }
        };
        for pristine in render.files.iter().filter(|p| !p.optional && set.is_match(p.path.as_str())) {
            let message =
                format!("`omit` names `{}`, which asset `{}` does not declare optional", pristine.path, pristine.asset);
            problems.push((number, Problem::new(message).hint("take the glob out of `omit`")));
        }
    }
    problems
}

/// Several globs as one; `*` stays within a directory.
pub(super) fn glob_set(globs: &[String]) -> Result<GlobSet, String> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let one = GlobBuilder::new(glob).literal_separator(true).build();
        set.add(one.map_err(|e| format!("`{glob}` is not a glob: {}", e.kind()))?);
    }
    set.build().map_err(|e| e.to_string())
}
