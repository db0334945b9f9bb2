//! `check --blame`: the commit that began each finding, found by checking the commits before.
//!
//! A check depends on nothing but what it reads. So a commit that changes no file that the last check read, and adds and
//! removes none, has the same findings, and is not checked; nor is a tree that was checked before.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::session::Session;
use super::workspace::{Ask, Workspace};
use crate::error::Result;
use crate::model::file::BlobId;
use crate::model::finding::Finding;
use crate::model::path::RepoPath;
use crate::model::tree::{Modes, Node, Tree};
use crate::plan::{Goal, continued};
use crate::repo::history::Parent;
use crate::repo::{CommitTree, History};

/// Fills `introduced`, and says what could not be known.
pub(super) fn blame(
    session: &Session,
    workspace: &Workspace,
    golden_path: Option<&str>,
    findings: &mut [Finding],
) -> Result<Option<String>> {
    let history = History::open(&workspace.place)?;
    let start = history.resolve(workspace.commit.as_deref().unwrap_or("HEAD"))?;
    let mut past = Past { session, workspace, golden_path, history, known: BTreeMap::new() };
    let Some(mut state) = past.at(&start)? else {
        return Ok(Some(
            "the files under .roadbed/ cannot be read in HEAD, so nothing is known of its findings".to_owned(),
        ));
    };
    // What is in no commit yet was brought in by none.
    let mut open: Vec<(usize, Finding)> = Vec::new();
    for (n, pair) in continued(findings, &state.findings).into_iter().enumerate() {
        open.extend(pair.map(|at| (n, state.findings[at].clone())));
    }
    let (mut child, mut commit) = (start.clone(), start);
    while !open.is_empty() {
        let parent = match past.history.parent(&commit) {
            Parent::Commit(parent) => parent,
            Parent::Root => {
                for (n, _) in open {
                    findings[n].introduced = Some(child.clone());
                }
                break;
            }
            Parent::Missing => {
                let message = format!(
                    "the clone ends at {}, and {} began before it: `git fetch --unshallow` brings the rest",
                    &commit[..12.min(commit.len())],
                    crate::output::text::count(open.len(), "finding")
                );
                return Ok(Some(message));
            }
        };
        commit = parent;
        let changes = past.history.changes(&commit, &child)?;
        let untouched = !changes.names && changes.files.iter().all(|file| !state.read.contains(file));
        if untouched {
            child.clone_from(&commit);
            continue;
        }
        // A commit whose own files cannot be read says nothing: look past it.
        let Some(older) = past.at(&commit)? else { continue };
        let now: Vec<Finding> = open.iter().map(|(_, finding)| finding.clone()).collect();
        let pairs = continued(&now, &older.findings);
        let mut still = Vec::new();
        for ((n, _), pair) in open.into_iter().zip(pairs) {
            match pair {
                Some(at) => still.push((n, older.findings[at].clone())),
                None => findings[n].introduced = Some(child.clone()),
            }
        }
        open = still;
        state = older;
        child.clone_from(&commit);
    }
    session.detail(&format!("{} checked", crate::output::text::count(past.known.len(), "commit")));
    Ok(None)
}

/// The commits that were checked so far.
struct Past<'a> {
    session: &'a Session,
    workspace: &'a Workspace,
    golden_path: Option<&'a str>,
    history: History,
    known: BTreeMap<Option<String>, Option<Rc<State>>>,
}

/// What a check of a commit found, and the files that it read.
struct State {
    findings: Vec<Finding>,
    read: BTreeSet<RepoPath>,
}

impl Past<'_> {
    /// The findings of a commit; none if its own files are wrong.
    fn at(&mut self, commit: &str) -> Result<Option<Rc<State>>> {
        let id = self.history.laid(commit)?;
        if let Some(known) = self.known.get(&id) {
            return Ok(known.clone());
        }
        let read = Rc::new(RefCell::new(BTreeSet::new()));
        let tree = Recorder { below: CommitTree::open(&self.workspace.place, commit)?, read: Rc::clone(&read) };
        let workspace = Workspace::over(self.session, self.workspace, Box::new(tree), self.golden_path);
        let plan = workspace.and_then(|workspace| workspace.plan(&Goal::Hold, &Ask::findings(None)));
        let state = plan.ok().map(|plan| Rc::new(State { findings: plan.findings, read: read.take() }));
        self.known.insert(id, state.clone());
        Ok(state)
    }
}

/// A tree that remembers what was asked of it.
struct Recorder {
    below: CommitTree,
    read: Rc<RefCell<BTreeSet<RepoPath>>>,
}

impl Tree for Recorder {
    fn node(&self, path: &RepoPath) -> Node {
        self.read.borrow_mut().insert(path.clone());
        self.below.node(path)
    }

    fn files(&self) -> Result<Vec<RepoPath>> {
        self.below.files()
    }

    fn modes(&self) -> Modes {
        self.below.modes()
    }

    fn known_blob(&self, path: &RepoPath) -> Option<BlobId> {
        self.read.borrow_mut().insert(path.clone());
        self.below.known_blob(path)
    }
}
