//! Which ecosystems of dependencies a repository takes part in, as Dependabot names them.

use crate::model::path::RepoPath;
use crate::rules::facts::Facts;

/// An ecosystem, with a file that shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ecosystem {
    /// As Dependabot names it.
    pub name: &'static str,
    /// A file of it, the one nearest to the root.
    pub witness: String,
}

/// Names by the file that shows them.
const BY_NAME: [(&str, &str); 19] = [
    ("package.json", "npm"),
    ("go.mod", "gomod"),
    ("Cargo.toml", "cargo"),
    ("Gemfile", "bundler"),
    ("pom.xml", "maven"),
    ("build.gradle", "gradle"),
    ("build.gradle.kts", "gradle"),
    ("composer.json", "composer"),
    ("requirements.txt", "pip"),
    ("pyproject.toml", "pip"),
    ("setup.py", "pip"),
    ("Pipfile", "pip"),
    ("Dockerfile", "docker"),
    ("mix.exs", "mix"),
    ("pubspec.yaml", "pub"),
    ("Chart.yaml", "helm"),
    ("Package.swift", "swift"),
    (".gitmodules", "gitsubmodule"),
    (".terraform.lock.hcl", "terraform"),
];

impl Ecosystem {
    /// Whether an entry of this name covers it.
    pub(super) fn is(&self, name: &str) -> bool {
        let family = |name: &str| match name {
            "uv" | "pip-compile" | "poetry" | "pipenv" => "pip",
            "bun" | "pnpm" | "yarn" => "npm",
            "opentofu" => "terraform",
            "rust-toolchain" => "rust-toolchain",
            _ => "",
        };
        name == self.name || family(name) == self.name
    }
}

/// Whether a file is a sample, not what the repository itself is made of.
pub(super) fn is_sample(path: &RepoPath) -> bool {
    let parts: Vec<&str> = path.parts().collect();
    parts[..parts.len() - 1].iter().any(|part| {
        let part = part.to_lowercase();
        ["test", "example", "fixture", "sample", "snapshot", "testdata", "docs", "demo"]
            .iter()
            .any(|word| part.starts_with(word) || part.ends_with(&format!("{word}s")) || part.ends_with(word))
    })
}

/// The ecosystems of a repository, by name.
pub(super) fn found(facts: &Facts<'_>) -> Vec<Ecosystem> {
    let mut all: Vec<Ecosystem> = Vec::new();
    let mut paths: Vec<&RepoPath> = facts.paths().iter().filter(|path| !is_sample(path)).collect();
    paths.sort_by_key(|path| path.parts().count());
    for path in paths {
        let whole = path.as_str();
        let workflow = whole.starts_with(".github/workflows/") && (whole.contains(".yml") || whole.contains(".yaml"));
        let named = BY_NAME.iter().find(|(name, _)| path.file_name() == *name).map(|(_, ecosystem)| *ecosystem);
        let Some(name) = (if workflow { Some("github-actions") } else { named }) else { continue };
        if !all.iter().any(|ecosystem| ecosystem.name == name) {
            all.push(Ecosystem { name, witness: whole.to_owned() });
        }
    }
    all.sort_by_key(|ecosystem| ecosystem.name);
    all
}
