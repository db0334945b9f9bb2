//! The repository as detectors see it: listed once, each file read and parsed when one first asks, all of it bounded.

use std::cell::OnceCell;

use super::manifest::{self, Manifest};
use crate::edit::source::Source;
use crate::edit::tree::{Document, Node};
use crate::edit::{self, Format};
use crate::error::Result;
use crate::model::file::File;
use crate::model::path::RepoPath;
use crate::model::tree::Tree;

/// No larger file is read, in bytes: what says what a repository is, people wrote by hand.
const MAX_READ: usize = 1024 * 1024;

/// Directories whose files are somebody else's, or only examples and fixtures.
const FOREIGN: [&str; 17] = [
    ".git",
    ".roadbed",
    "vendor",
    "node_modules",
    "third_party",
    "testdata",
    "fixtures",
    "examples",
    "example",
    "test",
    "tests",
    "__tests__",
    "target",
    "dist",
    "docs",
    "e2e",
    ".devcontainer",
];

/// What is known of a repository beside its files. Handed in from above.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// The address that git calls `origin`.
    pub remote: Option<String>,
    /// The branch that others are merged into.
    pub default_branch: Option<String>,
    /// Who wrote the youngest commits, the most active first.
    pub authors: Vec<Author>,
    /// Whether the laid directory is the repository's root.
    pub is_root: bool,
}

/// Somebody who wrote commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The name, as the commits have it.
    pub name: String,
    /// How many of the commits that were looked at.
    pub commits: usize,
}

pub(super) struct Scene<'a> {
    tree: &'a dyn Tree,
    pub(super) outside: &'a Outside,
    /// Every file of the repo's own, sorted.
    pub(super) files: Vec<RepoPath>,
    manifests: OnceCell<Vec<Manifest>>,
}

/// A parsed file.
pub(super) struct Parsed {
    pub(super) path: RepoPath,
    document: Document,
}

/// A scalar, and the line it stands in.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) line: usize,
}

impl<'a> Scene<'a> {
    pub(super) fn of(tree: &'a dyn Tree, outside: &'a Outside) -> Result<Self> {
        let mut files = tree.files()?;
        files.retain(|path| !path.parts().any(|part| matches!(part, ".git" | ".roadbed" | "vendor" | "node_modules")));
        Ok(Scene { tree, outside, files, manifests: OnceCell::new() })
    }

    /// The tree itself, for readers of their own.
    pub(super) fn tree(&self) -> &'a dyn Tree {
        self.tree
    }

    /// Whether there is a file at `path`.
    pub(super) fn has(&self, path: &str) -> bool {
        self.at(path).is_some()
    }

    /// The file at `path`.
    pub(super) fn at(&self, path: &str) -> Option<&RepoPath> {
        self.files.binary_search_by(|other| other.as_str().cmp(path)).ok().map(|n| &self.files[n])
    }

    /// Files of this name outside examples and tests, those nearest to the root first.
    pub(super) fn named(&self, name: &str) -> Vec<&RepoPath> {
        self.own(&|path| path.file_name() == name)
    }

    /// Files whose name ends so outside examples and tests, those nearest to the root first.
    pub(super) fn with_ending(&self, ending: &str) -> Vec<&RepoPath> {
        self.own(&|path| path.file_name().ends_with(ending))
    }

    /// Files that `wanted` picks outside examples and tests, those nearest to the root first.
    pub(super) fn own(&self, wanted: &dyn Fn(&RepoPath) -> bool) -> Vec<&RepoPath> {
        let mut found: Vec<&RepoPath> =
            self.files.iter().filter(|path| wanted(path)).filter(|path| !is_foreign(path)).collect();
        found.sort_by_key(|path| path.parts().count());
        found
    }

    /// The text of a file, if it is text of a modest size; LF, without a byte-order mark.
    pub(super) fn text(&self, path: &RepoPath) -> Option<String> {
        let node = self.tree.node(path);
        let file = node.file().filter(|file| file.bytes.len() <= MAX_READ)?;
        file.text().map(|text| Source::new(text).text)
    }

    /// A YAML, JSON or TOML file, parsed; none if it does not parse.
    pub(super) fn document(&self, path: &RepoPath) -> Option<Parsed> {
        let format = Format::of(path)?;
        self.parsed(path, format)
    }

    /// A file read in this format, whatever its name.
    pub(super) fn parsed(&self, path: &RepoPath, format: Format) -> Option<Parsed> {
        let document = Document::parse(format, &self.text(path)?).ok()?;
        Some(Parsed { path: path.clone(), document })
    }

    /// The package manifests, the root's first.
    pub(super) fn manifests(&self) -> &[Manifest] {
        self.manifests.get_or_init(|| manifest::read(self))
    }

    /// The content of a file, whatever it is.
    pub(super) fn file(&self, path: &RepoPath) -> Option<File> {
        self.tree.node(path).into_file()
    }
}

/// Whether a file is an example, a fixture or somebody else's.
pub(super) fn is_foreign(path: &RepoPath) -> bool {
    let inner = path.parts().count() - 1;
    path.parts().take(inner).any(|part| FOREIGN.contains(&part))
}

impl Parsed {
    /// The node under these keys.
    pub(super) fn node(&self, keys: &[&str]) -> Option<&Node> {
        let mut node = self.document.root.as_ref()?;
        for key in keys {
            node = &self.document.resolve(node).entry(key)?.1.value;
        }
        Some(self.document.resolve(node))
    }

    /// The scalar under these keys.
    pub(super) fn said(&self, keys: &[&str]) -> Option<Said> {
        self.scalar(self.node(keys)?)
    }

    /// A scalar with its line.
    pub(super) fn scalar(&self, node: &Node) -> Option<Said> {
        let text = node.scalar()?.text.clone();
        Some(Said { text, line: self.line(node.span.start) })
    }

    /// The entries under these keys: key, value, line of the key.
    pub(super) fn entries(&self, keys: &[&str]) -> Vec<(&str, &Node, usize)> {
        let entries = self.node(keys).and_then(Node::entries).unwrap_or_default();
        entries.iter().map(|entry| (entry.key.as_str(), &entry.value, self.line(entry.key_span.start))).collect()
    }

    /// The line of a place.
    pub(super) fn line(&self, place: usize) -> usize {
        edit::span(self.document.text(), &(place..place)).line
    }
}
