//! Files of a repository that serve the purpose of one that the golden path lays, at another place or under another
//! name: they are not laid twice.

use crate::error::Result;
use crate::golden_path::Render;
use crate::model::path::RepoPath;
use crate::model::tree::{Node, Tree};

/// What it means that two files serve one purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Tools read one of them alone: the golden path's would silence the repo's.
    Hides,
    /// Both are read by people, or by tools that take either: the second would say things twice.
    Doubles,
    /// Both run side by side.
    Beside,
}

use Effect::{Beside, Doubles, Hides};

/// A file of the repo's that serves the purpose of one of the path's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Twin {
    pub(super) path: RepoPath,
    pub(super) effect: Effect,
}

/// Places that serve one purpose, in lower case; one that ends with `*` is the start of a name.
const PURPOSES: &[(Effect, &[&str])] = &[
    (
        Hides,
        &[
            ".github/codeowners",
            "codeowners",
            "docs/codeowners",
            ".gitlab/codeowners",
            ".gitea/codeowners",
            ".forgejo/codeowners",
        ],
    ),
    (
        Hides,
        &[
            ".github/pull_request_template.md",
            "pull_request_template.md",
            "docs/pull_request_template.md",
            ".github/pull_request_template.txt",
            ".gitea/pull_request_template.md",
            ".forgejo/pull_request_template.md",
        ],
    ),
    (Hides, &[".github/dependabot.yml", ".github/dependabot.yaml"]),
    (
        Hides,
        &[
            "renovate.json",
            "renovate.json5",
            ".github/renovate.json",
            ".github/renovate.json5",
            ".gitlab/renovate.json",
            ".gitlab/renovate.json5",
            ".renovaterc",
            ".renovaterc.json",
            ".renovaterc.json5",
        ],
    ),
    (Hides, &["makefile", "gnumakefile"]),
    (Hides, &[".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json"]),
    (Hides, &["rust-toolchain.toml", "rust-toolchain"]),
    (Hides, &["rustfmt.toml", ".rustfmt.toml"]),
    (Hides, &["deny.toml", ".deny.toml", ".cargo/deny.toml"]),
    (Hides, &["biome.json", "biome.jsonc"]),
    (Doubles, &[".nvmrc", ".node-version"]),
    (Doubles, &["catalog-info.yaml", "catalog-info.yml", ".backstage/catalog-info.yaml"]),
    (Doubles, &[".pre-commit-config.yaml", ".pre-commit-config.yml"]),
    (Doubles, &["security.md", ".github/security.md", "docs/security.md", "security.rst", "security.txt"]),
    (
        Doubles,
        &[
            "contributing.md",
            ".github/contributing.md",
            "docs/contributing.md",
            "contributing.rst",
            "contributing.txt",
            "contributing",
            "docs/contributing.rst",
        ],
    ),
    (Doubles, &["license*", "licence*", "copying*", "unlicense*"]),
    (
        Doubles,
        &[
            "dockerfile",
            "containerfile",
            "docker/dockerfile",
            ".docker/dockerfile",
            "build/dockerfile",
            "build/package/dockerfile",
            "deploy/dockerfile",
            "deployments/dockerfile",
        ],
    ),
    (Doubles, &["jenkinsfile", "ci/jenkinsfile", ".ci/jenkinsfile", ".jenkins/jenkinsfile"]),
    (Doubles, &[".gitleaks.toml", "gitleaks.toml"]),
    (
        Beside,
        &[
            ".github/workflows/ci.*",
            ".github/workflows/build.*",
            ".github/workflows/test.*",
            ".github/workflows/tests.*",
            ".github/workflows/run-tests.*",
            ".github/workflows/main.*",
            ".github/workflows/cicd.*",
            ".github/workflows/ci-cd.*",
            ".github/workflows/pipeline.*",
            ".github/workflows/continuous-integration.*",
        ],
    ),
    (
        Beside,
        &[".github/workflows/scorecard.*", ".github/workflows/scorecards.*", ".github/workflows/ossf-scorecard.*"],
    ),
    (Beside, &[".github/workflows/security.*"]),
    (Beside, &[".github/workflows/release.*"]),
    (Beside, &[".github/workflows/deploy.*"]),
];

/// The repo's file that serves the purpose of `path`, which does not lie where the golden path lays it. What the golden
/// path lays itself (`owned`) is none.
pub(super) fn twin(tree: &dyn Tree, path: &RepoPath, owned: &dyn Fn(&RepoPath) -> bool) -> Result<Option<Twin>> {
    let Some((effect, places)) = PURPOSES.iter().find(|(_, places)| serves(places, path)) else { return Ok(None) };
    let files = tree.files()?;
    let mut found: Vec<&RepoPath> =
        files.iter().filter(|other| *other != path && serves(places, other) && !owned(other)).collect();
    let rank = |other: &RepoPath| places.iter().position(|place| is_at(place, other));
    found.sort_by_key(|other| rank(other));
    let is_file = |other: &&&RepoPath| matches!(tree.node(other), Node::File(_));
    Ok(found.iter().find(is_file).map(|path| Twin { path: (**path).clone(), effect: *effect }))
}

fn serves(places: &[&str], path: &RepoPath) -> bool {
    places.iter().any(|place| is_at(place, path))
}

fn is_at(place: &str, path: &RepoPath) -> bool {
    let folded = path.folded();
    match place.strip_suffix('*') {
        // `ci.*` is any ending; `license*` is LICENSE-MIT and its like.
        Some(start) => folded.strip_prefix(start).is_some_and(|rest| !rest.contains('/')),
        None => folded == place,
    }
}

/// The optional files of `render` that the repo has elsewhere already, each with where: a policy may leave them out.
pub fn spared(tree: &dyn Tree, render: &Render) -> Result<Vec<(RepoPath, RepoPath)>> {
    let owned = |path: &RepoPath| render.files.iter().any(|part| part.path == *path);
    let mut spared = Vec::new();
    for part in render.files.iter().filter(|part| part.optional) {
        if tree.node(&part.path) == Node::Absent
            && let Some(twin) = twin(tree, &part.path, &owned)?
        {
            spared.push((part.path.clone(), twin.path));
        }
    }
    Ok(spared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::file::File;
    use crate::model::tree::MemoryTree;

    fn of(path: &str, files: &[&str]) -> Option<String> {
        let at = |text: &str| RepoPath::new(text).unwrap();
        let tree: MemoryTree = files.iter().map(|name| (at(name), File::regular("x"))).collect();
        twin(&tree, &at(path), &|_| false).unwrap().map(|twin| twin.path.to_string())
    }

    #[test]
    fn one_purpose_has_several_places() {
        for (path, files, found) in [
            (".github/CODEOWNERS", &["CODEOWNERS", "docs/CODEOWNERS"][..], Some("CODEOWNERS")),
            (".github/CODEOWNERS", &["src/CODEOWNERS"], None),
            (".github/dependabot.yml", &[".github/dependabot.yaml"], Some(".github/dependabot.yaml")),
            ("SECURITY.md", &[".github/SECURITY.md"], Some(".github/SECURITY.md")),
            ("Dockerfile", &["dockerfile"], Some("dockerfile")),
            ("Dockerfile", &["e2e/Dockerfile"], None),
            ("LICENSE", &["LICENSE-APACHE", "LICENSE-MIT"], Some("LICENSE-APACHE")),
            ("LICENSE", &["sub/LICENSE"], None),
            (".github/workflows/ci.yml", &[".github/workflows/build.yml"], Some(".github/workflows/build.yml")),
            (".github/workflows/ci.yml", &[".github/workflows/ci.yaml"], Some(".github/workflows/ci.yaml")),
            (".github/workflows/drift.yml", &[".github/workflows/build.yml"], None),
            ("Makefile", &["Makefile"], None),
        ] {
            assert_eq!(of(path, files).as_deref(), found, "{path} {files:?}");
        }
    }
}
