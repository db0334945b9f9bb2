//! `roadbed path test`

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::super::laid::preset;
use super::super::session::Session;
use super::super::sources;
use super::super::write::Write;
use super::{authored, place_of};
use crate::error::{Error, Result};
use crate::golden_path::own_rule::Sourced;
use crate::golden_path::{self, Given, GoldenPath, Nobody, Origin, Supplied};
use crate::model::file::File;
use crate::model::finding::Safety;
use crate::model::path::RepoPath;
use crate::model::plan::{Action, Edit};
use crate::model::tree::{MemoryTree, Tree as _};
use crate::output::text::count;
use crate::output::{encode, json, listing, patch};
use crate::repo::{self, library, surroundings};
use crate::rules;

/// Render every template over its answer sets and compare with the snapshots, and run every rule's cases
///
/// tests/*.yaml of the golden path names the answer sets. A snapshot is a directory as `roadbed new` would lay it, without the
/// lock: SNAPSHOTS/TEMPLATE/SET. A set with `snapshot: false` is only rendered. The cases of each rule in rules/*.yaml are
/// run, too: a valid one must give no finding, an invalid one a finding at its line, and the text under `fixed`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Test {
    /// Write the snapshots as they should be, instead of comparing
    #[arg(long)]
    update: bool,
    /// Where the snapshots are
    #[arg(long, value_name = "DIR", default_value = "tests/snapshots")]
    snapshots: PathBuf,
}

/// What differs from the snapshots, and which cases of rules fail.
#[derive(Serialize)]
struct Document {
    schema: &'static str,
    sets: usize,
    /// Whether the snapshots were written.
    applied: bool,
    changes: Vec<json::Change>,
    failures: Vec<FailureRow>,
}

/// A case of a rule that failed.
#[derive(Serialize)]
struct FailureRow {
    path: String,
    /// Where the case begins, from 1.
    line: Option<usize>,
    rule: String,
    kind: &'static str,
    case: String,
    message: String,
}

/// What came of the cases of rules.
#[derive(Default)]
struct Judged {
    cases: usize,
    failures: Vec<FailureRow>,
    /// From what a fix should make to what it makes.
    fixes: Vec<Edit>,
}

impl Test {
    pub(in crate::cli) fn run(&self, session: &Session) -> Result<u8> {
        let versions = authored(session)?;
        let path = versions.current()?;
        let cases = golden_path::cases(&path)?;
        let judged = judge(&path)?;
        if cases.is_empty() && path.rules.is_empty() {
            return Err(Error::golden_path("the golden path has no answer sets to test").hint("add tests/NAME.yaml"));
        }
        let root = sources::normal(&session.resolve(&self.snapshots));
        let edits = if cases.is_empty() { Vec::new() } else { snapshots(&path, &cases, &root)? };
        let applied = self.update && !edits.is_empty();
        if applied {
            surroundings::create_directory(&root)?;
            overwrite(session, &root, &edits)?;
        }
        let fails = !judged.failures.is_empty() || (!edits.is_empty() && !applied);
        if session.is_json() {
            let changes = edits.iter().map(|edit| json::Change::new(edit, "")).collect();
            let (schema, sets) = ("roadbed/path-test/v1", cases.len());
            let document = Document { schema, sets, applied, changes, failures: judged.failures };
            session.answer(json::text(&document, false))?;
            return Ok(u8::from(fails));
        }
        judged.say(session);
        let mut answer = patch::patch(&judged.fixes, None);
        let sets = count(cases.len(), "answer set");
        if applied {
            answer.extend_from_slice(listing::changes(&edits, "").as_bytes());
        } else if !edits.is_empty() {
            answer.extend(patch::patch(&edits, None));
            let files = count(edits.len(), "file");
            let verb = if edits.len() == 1 { "differs" } else { "differ" };
            session
                .say(&format!("{files} of {sets} {verb} from the snapshots; roadbed path test --update writes them"));
        } else if !cases.is_empty() {
            session.say(&format!("{sets}: as the snapshots say"));
        }
        if !answer.is_empty() {
            session.answer_raw(&answer)?;
        }
        Ok(u8::from(fails))
    }
}

impl Judged {
    fn say(&self, session: &Session) {
        for FailureRow { path, line, rule, kind, case, message } in &self.failures {
            let (case, message) = (encode::line(case), encode::line(message));
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            session.say(&format!("{path}{line}: {rule}: the {kind} case `{case}`: {message}"));
        }
        let cases = count(self.cases, "case");
        if !self.failures.is_empty() {
            session.say(&format!("{} of {cases} of rules failed", self.failures.len()));
        } else if self.cases > 0 {
            session.say(&format!("{cases} of rules: as they say"));
        }
    }
}

/// Runs the cases of the path's own rules.
fn judge(path: &GoldenPath) -> Result<Judged> {
    let mut judged = Judged::default();
    for Sourced { rule, file } in path.rules.values().filter(|rule| path.tree.get_str(&rule.file).is_some()) {
        judged.cases += rule.tests.valid.len() + rule.tests.invalid.len();
        for failure in rules::own::failures(rule, &path.manifest.name, file)? {
            let rules::own::CaseFailure { kind, number, name, message, texts } = failure;
            if let (Some((wanted, made)), Ok(path)) = (texts, RepoPath::new(format!("{file}/{kind}/{number}"))) {
                let (before, after) = (Some(File::regular(wanted)), Some(File::regular(made)));
                let (asset, rule, safety) = (None, None, Safety::Safe);
                judged.fixes.push(Edit { path, from: None, before, after, asset, rule, safety });
            }
            let keys = ["tests", kind, &number.to_string()];
            let line = golden_path::problem_at(path, file, &keys, "").position.map(|at| at.line);
            let (path, rule) = (file.clone(), rule.id.clone());
            judged.failures.push(FailureRow { path, line, rule, kind, case: name, message });
        }
    }
    Ok(judged)
}

/// From the snapshots below `root` to what the answer sets render to.
fn snapshots(path: &GoldenPath, cases: &[golden_path::Case], root: &Path) -> Result<Vec<Edit>> {
    let mut expected = MemoryTree::default();
    for case in cases {
        let tree = laid(path, case)?;
        for (file, content) in tree.iter().filter(|_| case.snapshot) {
            let name = format!("{}/{}/{file}", case.template, case.name);
            expected.insert(RepoPath::new(name).map_err(|why| Error::golden_path(why.to_string()))?, content.clone());
        }
    }
    let found = if surroundings::exists(root) {
        library::read_tree(root, library::Limits::default())?.tree
    } else {
        MemoryTree::default()
    };
    Ok(difference(&found, &expected))
}

/// What `new` lays for a case, less the lock (its digest changes with every edit of the golden path).
fn laid(path: &GoldenPath, case: &golden_path::Case) -> Result<MemoryTree> {
    let assets = golden_path::closure(path, Some(&case.template), &[], &[])?;
    let questions = golden_path::questions_for(path, &assets);
    let preset = preset(path, Some(&case.template));
    let given = Given::default()
        .with(Origin::File(case.answer_file(path)), Supplied::Typed(case.answers.clone()))
        .with(Origin::Template, Supplied::Typed(preset.clone()));
    let answers = golden_path::resolve(&questions, &given, true, &mut Nobody)?;
    let render = golden_path::render(path, Some(&case.template), &assets, &answers)?;
    let chosen = answers.into_iter().filter(|(id, value)| preset.get(id) != Some(value)).collect();
    let config = crate::plan::config_text(&case.template, &chosen);
    let edits = crate::plan::plan_new(&render, config, None)?.edits.into_iter();
    let files = edits.filter_map(|edit| Some((edit.path, edit.after?)));
    Ok(files.filter(|(path, _)| *path != RepoPath::roadbed("lock.yaml")).collect())
}

fn difference(found: &MemoryTree, expected: &MemoryTree) -> Vec<Edit> {
    let paths: std::collections::BTreeSet<&RepoPath> =
        found.iter().chain(expected.iter()).map(|(path, _)| path).collect();
    let edits = paths.into_iter().map(|path| Edit {
        path: path.clone(),
        from: None,
        before: found.node(path).into_file(),
        after: expected.node(path).into_file(),
        asset: None,
        rule: None,
        safety: Safety::Safe,
    });
    let kept = |edit: &Edit| repo::os::HAS_EXECUTABLE_BIT || edit.action() != Action::Mode;
    edits.filter(|edit| edit.before != edit.after && edit.action() != Action::Rename && kept(edit)).collect()
}

/// Writes the snapshots, all or none.
fn overwrite(session: &Session, root: &Path, edits: &[Edit]) -> Result<()> {
    let place = place_of(root)?;
    let _write = Write::begin_at(session, &place)?;
    repo::apply(&place, edits, &repo::RealDisk)?;
    Ok(())
}
