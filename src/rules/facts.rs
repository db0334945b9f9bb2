//! What rules look at: every file listed once, read and parsed once, whatever the number of rules.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::codeowners::{self, Codeowners};
use super::kind::Kind;
use super::own::Own;
use crate::catalogue::Known;
use crate::edit::dockerfile::{self, Dockerfile};
use crate::edit::documents::{Part, documents_last_counts};
use crate::edit::hcl;
use crate::edit::jenkinsfile;
use crate::edit::query::view::{Syntax, View};
use crate::edit::source::Source;
use crate::edit::tree::Document;
use crate::edit::{EditError, Format};
use crate::error::Result;
use crate::model::file::{File, FileMode, is_binary};
use crate::model::finding::Span;
use crate::model::path::RepoPath;
use crate::model::tree::{Node, Obstacle, Tree};

/// No file larger than this is read for rules, in bytes. What people write by hand is far below it.
const MAX_READ: usize = 4 * 1024 * 1024;

/// A repository, as rules see it.
pub(crate) struct Facts<'a> {
    tree: &'a dyn Tree,
    known: &'a Known,
    paths: Rc<Vec<RepoPath>>,
    subjects: BTreeMap<Kind, Vec<Rc<Subject<'a>>>>,
    codeowners: OnceCell<Option<Codeowners>>,
    own: Own,
}

impl<'a> Facts<'a> {
    /// Lists `tree`, for roadbed's rules alone. Nothing is read yet.
    pub(crate) fn of(tree: &'a dyn Tree, known: &'a Known) -> Result<Self> {
        Facts::with_rules(tree, known, &Own::default())
    }

    /// Lists `tree`, for the rules of a golden path's own, too.
    pub(crate) fn with_rules(tree: &'a dyn Tree, known: &'a Known, own: &Own) -> Result<Self> {
        let mut paths = tree.files()?;
        paths.retain(|path| !is_foreign(path));
        let mut subjects: BTreeMap<Kind, Vec<Rc<Subject<'a>>>> = BTreeMap::new();
        for path in &paths {
            if let Some(kind) = Kind::of(path).or_else(|| own.look_into(path).then_some(Kind::Own)) {
                let subject = Subject::new(path.clone(), Content::Tree(tree));
                subjects.entry(kind).or_default().push(Rc::new(subject));
            }
        }
        Ok(Facts { tree, known, paths: Rc::new(paths), subjects, codeowners: OnceCell::new(), own: own.clone() })
    }

    /// The same repository with other contents of some files; what did not change is not parsed again.
    pub(super) fn with(&self, edits: &BTreeMap<RepoPath, File>) -> Self {
        let swap = |subject: &Rc<Subject<'a>>| match edits.get(&subject.path) {
            Some(file) if subject.file() != Some(file) => {
                Rc::new(Subject::new(subject.path.clone(), Content::Given(file.clone())))
            }
            _ => Rc::clone(subject),
        };
        let subjects = self.subjects.iter().map(|(kind, all)| (*kind, all.iter().map(swap).collect())).collect();
        Facts {
            tree: self.tree,
            known: self.known,
            paths: Rc::clone(&self.paths),
            subjects,
            codeowners: OnceCell::new(),
            own: self.own.clone(),
        }
    }

    /// The rules of the golden path's own.
    pub(crate) fn own(&self) -> &Own {
        &self.own
    }

    /// What is known of the world's actions and images.
    pub(crate) fn known(&self) -> &'a Known {
        self.known
    }

    /// Every file, sorted.
    pub(crate) fn paths(&self) -> &[RepoPath] {
        &self.paths
    }

    /// Whether there is a file at `path`.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.paths.binary_search_by(|other| other.as_str().cmp(path)).is_ok()
    }

    /// The files of a kind, sorted.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Subject<'a>> {
        self.subjects.get(&kind).into_iter().flatten().map(Rc::as_ref)
    }

    /// Every file that has a kind.
    pub(super) fn all(&self) -> impl Iterator<Item = &Subject<'a>> {
        self.subjects.values().flatten().map(Rc::as_ref)
    }

    /// The text of any file, read anew.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        let path = RepoPath::new(path).ok()?;
        let alike = Kind::of(&path).and_then(|kind| self.subjects.get(&kind));
        let given = alike.and_then(|all| Some(&all[all.binary_search_by(|subject| subject.path.cmp(&path)).ok()?]));
        match given {
            Some(subject) => subject.file()?.text().map(str::to_owned),
            None => readable(self.tree, &path)?.text().map(str::to_owned),
        }
    }

    /// Who owns what, where a CODEOWNERS says so.
    pub(crate) fn codeowners(&self) -> Option<&Codeowners> {
        self.codeowners.get_or_init(|| codeowners::read(self)).as_ref()
    }
}

/// Whether a file is not the repo's own to judge.
fn is_foreign(path: &RepoPath) -> bool {
    path.as_str().starts_with(".roadbed/")
        || path
            .as_str()
            .as_bytes()
            .split(|byte| *byte == b'/')
            .any(|part| matches!(part, b"vendor" | b"node_modules" | b".git"))
}

fn readable(tree: &dyn Tree, path: &RepoPath) -> Option<File> {
    let Node::File(file) = tree.node(path) else { return None };
    let fit = file.mode != FileMode::Symlink && file.bytes.len() <= MAX_READ && !is_binary(&file.bytes);
    fit.then_some(file)
}

/// How a format is called.
fn name_of(format: &str) -> String {
    match format {
        "dockerfile" => "a Dockerfile".to_owned(),
        "groovy" => "Groovy".to_owned(),
        _ => format.to_uppercase(),
    }
}

enum Content<'a> {
    Tree(&'a dyn Tree),
    Given(File),
}

/// One file, read and parsed when a rule first asks.
pub(crate) struct Subject<'a> {
    /// Where it lies.
    pub path: RepoPath,
    content: Content<'a>,
    file: OnceCell<Option<File>>,
    source: OnceCell<Source>,
    /// Where its lines begin: a large file has many findings, and each has a line.
    starts: OnceCell<Vec<usize>>,
    /// The last place that was asked for, and its column: a long line is not counted anew for each finding on it.
    counted: Cell<(usize, usize)>,
    document: OnceCell<Option<Document>>,
    dockerfile: OnceCell<Option<Dockerfile>>,
    parts: OnceCell<Vec<Part>>,
    hcl: OnceCell<Option<hcl::Body>>,
    jenkinsfile: OnceCell<Option<Vec<jenkinsfile::Statement>>>,
    views: RefCell<BTreeMap<Syntax, Option<Rc<View>>>>,
    failures: RefCell<Vec<(&'static str, EditError)>>,
}

impl<'a> Subject<'a> {
    fn new(path: RepoPath, content: Content<'a>) -> Self {
        Subject {
            path,
            content,
            file: OnceCell::new(),
            source: OnceCell::new(),
            starts: OnceCell::new(),
            counted: Cell::default(),
            document: OnceCell::new(),
            dockerfile: OnceCell::new(),
            parts: OnceCell::new(),
            hcl: OnceCell::new(),
            jenkinsfile: OnceCell::new(),
            views: RefCell::default(),
            failures: RefCell::default(),
        }
    }

    /// The file; none for symlinks, binaries and what is too large.
    pub(crate) fn file(&self) -> Option<&File> {
        let read = || match &self.content {
            Content::Tree(tree) => readable(*tree, &self.path),
            Content::Given(file) => Some(file.clone()),
        };
        self.file.get_or_init(read).as_ref()
    }

    /// Whether it has a text. Where it has none and somebody runs it, that is a finding: silence would say that nothing
    /// is wrong in it.
    fn is_text(&self, format: &'static str) -> bool {
        let Some(file) = self.file() else {
            if let Some(error) = self.unread() {
                self.fail(format, error);
            }
            return false;
        };
        let Err(error) = std::str::from_utf8(&file.bytes) else { return true };
        let before = String::from_utf8_lossy(&file.bytes[..error.valid_up_to()]);
        let message = format!("this is not {}: from here on it is not UTF-8", name_of(format));
        self.fail(format, EditError::at(message, &before, before.len()));
        false
    }

    /// Why a file that a forge or a tool runs has no text here.
    fn unread(&self) -> Option<EditError> {
        let Content::Tree(tree) = &self.content else { return None };
        if matches!(Kind::of(&self.path), None | Some(Kind::Yaml | Kind::Own)) {
            return None;
        }
        let why = match tree.node(&self.path) {
            Node::Obstacle(why @ (Obstacle::Special(_) | Obstacle::TooLarge(_) | Obstacle::Unreadable(_))) => {
                why.to_string()
            }
            // No forge follows a symlink here.
            Node::File(file) if file.mode == FileMode::Symlink => return None,
            Node::File(file) if file.bytes.len() > MAX_READ => {
                format!("it has {} bytes; rules read files of up to {MAX_READ}", file.bytes.len())
            }
            Node::File(file) => {
                let nul = file.bytes.iter().position(|byte| *byte == 0).unwrap_or_default();
                let before = String::from_utf8_lossy(&file.bytes[..nul]);
                let message = "nobody can judge this: it holds NUL bytes";
                return Some(EditError::at(message, &before, before.len()));
            }
            _ => return None,
        };
        Some(EditError::new(format!("nobody can judge this: {why}")))
    }

    /// Its text as all ranges count in it (LF, no byte-order mark), with the way back to its bytes.
    pub(crate) fn source(&self) -> &Source {
        self.source.get_or_init(|| Source::new(self.file().and_then(File::text).unwrap_or_default()))
    }

    /// Lines and columns of a range of its text.
    pub(crate) fn span(&self, range: &std::ops::Range<usize>) -> Span {
        let text = self.seen();
        let starts = self
            .starts
            .get_or_init(|| std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect());
        let place = |offset: usize| {
            let offset = text.floor_char_boundary(offset);
            let line = starts.partition_point(|start| *start <= offset).max(1);
            let start = starts[line - 1];
            let (near, before) = self.counted.get();
            let (from, before) = if (start..=offset).contains(&near) { (near, before) } else { (start, 0) };
            let before = before + text[from..offset].chars().count();
            self.counted.set((offset, before));
            (line, before + 1)
        };
        let ((line, column), (end_line, end_column)) = (place(range.start), place(range.end));
        Span { line, column, end_line, end_column }
    }

    /// Its text as all ranges count in it.
    pub(crate) fn seen(&self) -> &str {
        &self.source().text
    }

    /// The document, of a file in YAML, JSON or TOML; none where it does not parse, which becomes a finding.
    pub(crate) fn document(&self) -> Option<&Document> {
        let parse = || {
            let format = Format::of(&self.path)?;
            if !self.is_text(format.word()) {
                return None;
            }
            let text = self.file()?.text()?;
            Document::parse(format, text).map_err(|error| self.fail(format.word(), error)).ok()
        };
        self.document.get_or_init(parse).as_ref()
    }

    /// The Dockerfile; none where it does not parse, which becomes a finding.
    pub(crate) fn dockerfile(&self) -> Option<&Dockerfile> {
        let parse = || {
            if !self.is_text("dockerfile") {
                return None;
            }
            dockerfile::parse(self.seen()).map_err(|error| self.fail("dockerfile", error)).ok()
        };
        self.dockerfile.get_or_init(parse).as_ref()
    }

    /// The documents of a YAML file that may hold several, as GitLab and Kubernetes read them: of a key that stands
    /// twice the last counts. None where it does not parse, which becomes a finding.
    pub(crate) fn parts(&self) -> &[Part] {
        self.parts.get_or_init(|| {
            if !self.is_text("yaml") {
                return Vec::new();
            }
            documents_last_counts(self.seen()).map_err(|error| self.fail("yaml", error)).unwrap_or_default()
        })
    }

    /// The documents of a YAML file that may be a template: those become YAML only when they are filled in, so what
    /// does not parse is no finding there.
    pub(crate) fn parts_of_template(&self) -> &[Part] {
        if !["{{", "<#if ", "<#list "].iter().any(|mark| self.seen().contains(mark)) {
            return self.parts();
        }
        self.parts.get_or_init(|| documents_last_counts(self.seen()).unwrap_or_default())
    }

    /// The blocks of an HCL file; none where it does not parse, which becomes a finding.
    pub(crate) fn hcl(&self) -> Option<&hcl::Body> {
        let parse = || {
            if !self.is_text("hcl") {
                return None;
            }
            hcl::parse(self.seen()).map_err(|error| self.fail("hcl", error)).ok()
        };
        self.hcl.get_or_init(parse).as_ref()
    }

    /// The file as queries see it; none where it does not parse, which becomes a finding.
    pub(crate) fn view(&self, syntax: Syntax) -> Option<Rc<View>> {
        if let Some(known) = self.views.borrow().get(&syntax) {
            return known.clone();
        }
        let parsed = View::parse(syntax, self.seen()).map_err(|error| self.fail(syntax.word(), error));
        let view = parsed.ok().map(Rc::new);
        self.views.borrow_mut().insert(syntax, view.clone());
        view
    }

    /// The statements of a Jenkinsfile; none where it does not parse, which becomes a finding.
    pub(crate) fn jenkinsfile(&self) -> Option<&[jenkinsfile::Statement]> {
        let parse = || {
            if !self.is_text("groovy") {
                return None;
            }
            jenkinsfile::parse(self.seen()).map_err(|error| self.fail("groovy", error)).ok()
        };
        self.jenkinsfile.get_or_init(parse).as_deref()
    }

    /// Says that the file is not in the format that its name promises: the finding `parse/FORMAT`.
    pub(crate) fn fail(&self, format: &'static str, error: EditError) {
        self.failures.borrow_mut().push((format, error));
    }

    /// The formats in which it failed to parse, and where.
    pub(super) fn failures(&self) -> Vec<(&'static str, EditError)> {
        self.failures.borrow().clone()
    }
}
