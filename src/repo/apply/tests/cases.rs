//! Edit sets of every kind, the repositories that they are made for, and what can be seen of those.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::model::file::{File, FileMode};
use crate::model::finding::Safety;
use crate::model::path::RepoPath;
use crate::model::plan::Edit;
use crate::model::tree::Tree;
use crate::repo::apply::fault::{Fault, FaultyDisk};
use crate::repo::apply::{RealDisk, apply};
use crate::repo::discover::{Place, discover};
use crate::repo::os;
use crate::repo::worktree::WorkTree;

pub(super) const LOCK: &str = ".roadbed/lock.yaml";

pub(super) fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

pub(super) fn text(content: &str) -> File {
    File::regular(content)
}

pub(super) fn program(content: &str) -> File {
    File { mode: FileMode::Executable, bytes: content.into() }
}

pub(super) fn link(target: &str) -> File {
    File { mode: FileMode::Symlink, bytes: target.into() }
}

pub(super) fn edit(at: &str, before: Option<File>, after: Option<File>) -> Edit {
    Edit { path: path(at), from: None, before, after, asset: None, rule: None, safety: Safety::Safe }
}

pub(super) fn rename(from: &str, to: &str, before: File, after: File) -> Edit {
    Edit { from: Some(path(from)), ..edit(to, Some(before), Some(after)) }
}

/// What a repository holds: files with their content, and directories that are empty.
pub(super) type Snapshot = BTreeMap<String, String>;

pub(super) fn snapshot(dir: &Path) -> Snapshot {
    fn visit(dir: &Path, prefix: &str, all: &mut Snapshot) {
        for entry in fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            match os::look(&entry.path()).unwrap() {
                os::Entry::Directory if name == ".git" => {
                    let own = fs::read_dir(entry.path()).unwrap().flatten().map(|e| e.file_name());
                    let own = own.filter(|name| name.to_string_lossy().starts_with("roadbed"));
                    all.extend(own.map(|own| (format!(".git/{}", own.to_string_lossy()), String::new())));
                }
                os::Entry::Directory => {
                    all.insert(format!("{name}/"), String::new());
                    visit(&entry.path(), &format!("{name}/"), all);
                }
                os::Entry::Symlink => {
                    let target = os::read_link(&entry.path()).unwrap();
                    all.insert(name, format!("-> {}", String::from_utf8_lossy(&target)));
                }
                os::Entry::File { executable, .. } => {
                    let content = fs::read_to_string(entry.path()).unwrap();
                    all.insert(name, format!("{}{content}", if executable { "x " } else { "" }));
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
    let mut all = Snapshot::new();
    visit(dir, "", &mut all);
    all
}

/// What a reader sees.
pub(super) fn reading(place: &Place) -> Snapshot {
    let tree = WorkTree::open(place).unwrap();
    let mut all = Snapshot::new();
    for path in tree.files().unwrap() {
        let file = tree.node(&path).into_file().unwrap_or_else(|| panic!("{path}: {:?}", tree.node(&path)));
        all.insert(path.to_string(), format!("{} {}", file.mode.octal(), String::from_utf8_lossy(&file.bytes)));
    }
    all
}

/// An edit set with the files that it is made for.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) git: bool,
    pub(super) files: Vec<(&'static str, File)>,
    pub(super) edits: Vec<Edit>,
}

impl Case {
    pub(super) fn lay(&self) -> (TempDir, Place) {
        let dir = tempfile::tempdir().unwrap();
        if self.git {
            for inner in [".git/objects", ".git/refs"] {
                fs::create_dir_all(dir.path().join(inner)).unwrap();
            }
            fs::write(dir.path().join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
        }
        for (at, file) in &self.files {
            let native = dir.path().join(at);
            fs::create_dir_all(native.parent().unwrap()).unwrap();
            match file.mode {
                FileMode::Symlink => os::symlink(&file.bytes, &native).unwrap(),
                mode => os::write_new(&native, &file.bytes, mode == FileMode::Executable, None).unwrap(),
            }
        }
        let place = discover(dir.path()).unwrap();
        (dir, place)
    }
}

pub(super) fn cases() -> Vec<Case> {
    let roadbed = || vec![(LOCK, text("old lock")), (".roadbed/config.yaml", text("config"))];
    let with = |more: Vec<(&'static str, File)>| [roadbed(), more].concat();
    let lock = || edit(LOCK, Some(text("old lock")), Some(text("new lock")));
    vec![
        Case {
            name: "create in new directories, beside an update, with the lock",
            git: true,
            files: with(vec![("README.md", text("old")), ("keep/me", text("kept"))]),
            edits: vec![
                lock(),
                edit("README.md", Some(text("old")), Some(text("new"))),
                edit(".github/workflows/ci.yml", None, Some(text("on: push"))),
                edit(".github/workflows/deep/er/x.yml", None, Some(program("x"))),
            ],
        },
        Case {
            name: "the first lay, without git",
            git: false,
            files: vec![("main.go", text("package main"))],
            edits: vec![
                edit(LOCK, None, Some(text("new lock"))),
                edit(".roadbed/config.yaml", None, Some(text("config"))),
                edit("Dockerfile", None, Some(text("FROM scratch"))),
                edit("ci/run", None, Some(program("run"))),
            ],
        },
        Case {
            name: "the last eject, without git",
            git: false,
            files: with(vec![("ci/run", program("run"))]),
            edits: vec![
                edit(LOCK, Some(text("old lock")), None),
                edit(".roadbed/config.yaml", Some(text("config")), None),
            ],
        },
        Case {
            name: "deletes that empty directories",
            git: true,
            files: with(vec![("a/b/c", text("1")), ("a/b/d", text("2")), ("e/f", text("3")), ("e/g", text("4"))]),
            edits: vec![
                edit("a/b/c", Some(text("1")), None),
                edit("a/b/d", Some(text("2")), None),
                edit("e/f", Some(text("3")), None),
                lock(),
            ],
        },
        Case {
            name: "modes and symlinks",
            git: true,
            files: with(vec![
                ("run", text("run")),
                ("stop", program("stop")),
                ("link", link("run")),
                ("was", text("w")),
            ]),
            edits: vec![
                edit("run", Some(text("run")), Some(program("run"))),
                edit("stop", Some(program("stop")), Some(text("stop"))),
                edit("link", Some(link("run")), Some(link("stop"))),
                edit("was", Some(text("w")), Some(link("run"))),
                edit("docs/link", None, Some(link("../run"))),
                lock(),
            ],
        },
        Case {
            name: "renames, also in a ring",
            git: true,
            files: with(vec![
                ("one", text("1")),
                ("two", text("2")),
                ("old/deep", text("3")),
                ("README.md", text("r")),
            ]),
            edits: vec![
                rename("one", "two", text("1"), text("1")),
                rename("two", "one", text("2"), text("2!")),
                rename("old/deep", "new/deep", text("3"), text("3")),
                rename("README.md", "Readme.md", text("r"), text("r")),
                lock(),
            ],
        },
        Case {
            name: "a file becomes a directory, and a directory a file",
            git: true,
            files: with(vec![("a", text("file")), ("d/x", text("x")), ("d/y/z", text("z")), ("l", link("a"))]),
            edits: vec![
                edit("a", Some(text("file")), None),
                edit("a/b/c", None, Some(text("c"))),
                edit("d/x", Some(text("x")), None),
                edit("d/y/z", Some(text("z")), None),
                edit("d", None, Some(text("now a file"))),
                edit("l", Some(link("a")), None),
                edit("l/m", None, Some(text("m"))),
                lock(),
            ],
        },
    ]
}

/// Runs a case to its end, and says what the repository held before and after, and in how many steps.
pub(super) fn whole(case: &Case) -> (Snapshot, Snapshot, Snapshot, Snapshot, usize) {
    let (dir, place) = case.lay();
    let (old, old_reading) = (snapshot(dir.path()), reading(&place));
    let disk = FaultyDisk::new(&RealDisk, usize::MAX, Fault::Dies);
    apply(&place, &case.edits, &disk).unwrap_or_else(|e| panic!("{}: {e}", case.name));
    (old, snapshot(dir.path()), old_reading, reading(&place), disk.steps())
}
