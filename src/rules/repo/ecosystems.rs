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

/// What the names of directories with samples begin or end with, in any case, in the singular or the plural.
const SAMPLES: [&str; 8] = ["test", "example", "fixture", "sample", "snapshot", "testdata", "docs", "demo"];

/// Whether a file is a sample, not what the repository itself is made of.
pub(super) fn is_sample(path: &RepoPath) -> bool {
    let Some((directories, _)) = path.as_str().rsplit_once('/') else { return false };
    // This is asked of every file there is, so it makes no texts of its own.
    directories.split('/').map(str::as_bytes).any(|part| {
        let bare = part.strip_suffix(b"s").or(part.strip_suffix(b"S")).unwrap_or(part);
        SAMPLES.iter().map(|word| word.as_bytes()).any(|word| {
            let begins = part.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
            let ends = |text: &[u8]| {
                text.len().checked_sub(word.len()).is_some_and(|at| text[at..].eq_ignore_ascii_case(word))
            };
            begins || ends(part) || ends(bare)
        })
    })
}

/// The ecosystems of a repository, by name.
pub(super) fn found(facts: &Facts<'_>) -> Vec<Ecosystem> {
    let mut all: Vec<Ecosystem> = Vec::new();
    let of = |path: &RepoPath| {
        let (whole, file) = (path.as_str(), path.file_name());
        let workflow = whole.starts_with(".github/workflows/") && (whole.contains(".yml") || whole.contains(".yaml"));
        let named = || BY_NAME.iter().find(|(name, _)| file == *name).map(|(_, ecosystem)| *ecosystem);
        if workflow { Some("github-actions") } else { named() }
    };
    let of_one = |path| Some((path, of(path).filter(|_| !is_sample(path))?));
    let mut paths: Vec<(&RepoPath, &str)> = facts.paths().iter().filter_map(of_one).collect();
    paths.sort_by_key(|(path, _)| path.parts().count());
    for (path, name) in paths {
        let whole = path.as_str();
        if !all.iter().any(|ecosystem| ecosystem.name == name) {
            all.push(Ecosystem { name, witness: whole.to_owned() });
        }
    }
    all.sort_by_key(|ecosystem| ecosystem.name);
    all
}
