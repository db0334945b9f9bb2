//! A small golden path for tests, and the means to bend it.

use super::open::{GoldenPath, load};
use crate::error::Result;
use crate::model::answer::Answers;
use crate::model::file::{File, FileMode};
use crate::model::path::RepoPath;
use crate::model::tree::MemoryTree;

/// A manifest with one template.
pub(super) const MANIFEST: &str = r#"schema: roadbed/path/v1
name: acme
version: 1.0.0        # keep
questions:
  name: {type: string, pattern: "^[a-z][a-z0-9-]*$", default: pay}
  cloud: {type: choice, choices: [aws, none], default: none}
  region: {type: string, when: "cloud == 'aws'", default: eu-west-1}
  folder: {type: string, default: src}
templates:
  service: {description: A service, assets: [app, ci]}
profiles:
  growth: {levels: {"docker/*": warn}}
"#;

/// Files of the fixture, by path.
pub(super) const FILES: [(&str, &str); 9] = [
    ("golden-path.yaml", MANIFEST),
    (
        "assets/app/asset.yaml",
        "schema: roadbed/asset/v1\ndescription: The app\nquestions: {port: {type: integer, default: 80}}\nfiles:\n  \
         - {path: bin/start, mode: enforced, executable: true}\n  - {path: \"<{ folder }>/**\", mode: once}\n  \
         - {path: terraform/**, when: \"cloud == 'aws'\"}\n  - {path: .github/CODEOWNERS, mode: block, at: start}\n\
         renames: [{from: \"old/<{ name }>.txt\", to: README.md, since: 1.0.0}]\nlets_go: [docs/old.md]\nforbids: [\"**/*.<{ name }>\"]\n",
    ),
    ("assets/app/files/bin/start", "#!/bin/sh\n"),
    ("assets/app/files/README.md.jinja", "# <{ name }>\n\n${{ kept }} on <{ port }>\n"),
    ("assets/app/files/<{ folder }>/<{ name }>.txt", "<{ not rendered }>\n"),
    ("assets/app/files/terraform/<{ region }>.tf.jinja", "region = <{ region | hcl }>\n"),
    ("assets/app/files/.github/CODEOWNERS", "* @acme/pay\n"),
    (
        "assets/ci/asset.yaml",
        "schema: roadbed/asset/v1\ndescription: The pipeline\nrequires: [app]\nfiles:\n  \
         - {path: .github/workflows/ci.yml, mode: keys, match: {steps: [id, name]}, compare: parsed}\n",
    ),
    ("assets/ci/files/.github/workflows/ci.yml", "jobs: {test: {steps: [{name: a}]}}\n"),
];

/// The fixture's tree.
pub(super) fn tree() -> MemoryTree {
    FILES.into_iter().map(|(path, text)| (RepoPath::new(path).unwrap(), File::regular(text))).collect()
}

/// The fixture's tree with some files more or instead.
pub(super) fn with(files: &[(&str, &str)]) -> MemoryTree {
    let mut tree = tree();
    for (path, text) in files {
        tree.insert(RepoPath::new(*path).unwrap(), File::regular(*text));
    }
    tree
}

/// The fixture's tree with a symlink.
pub(super) fn with_link(path: &str, target: &str) -> MemoryTree {
    let mut tree = tree();
    let link = File { mode: FileMode::Symlink, bytes: target.as_bytes().to_vec() };
    tree.insert(RepoPath::new(path).unwrap(), link);
    tree
}

/// Opens a tree.
pub(super) fn open(tree: &MemoryTree) -> Result<GoldenPath> {
    load("acme", tree, None)
}

/// An asset with one file of one mode.
pub(super) fn asset(rule: &str) -> String {
    format!("schema: roadbed/asset/v1\ndescription: x\nfiles:\n  - {rule}\n")
}

/// Answers from YAML.
pub(super) fn answers(yaml: &str) -> Answers {
    serde_yaml::from_str(yaml).unwrap()
}
