//! `roadbed path test`

use std::path::{Path, PathBuf};

use clap::Args;

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
use crate::output::{encode, listing, patch};
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

impl Test {
    pub(in crate::cli) fn run(&self, session: &Session) -> Result<u8> {
        let versions = authored(session)?;
        let path = versions.require(&versions.latest())?;
        let cases = golden_path::cases(&path)?;
        let failed = rule_cases(session, &path)?;
        if cases.is_empty() && !path.rules.is_empty() {
            return Ok(u8::from(failed));
        }
        if cases.is_empty() {
            return Err(Error::golden_path("the golden path has no answer sets to test").hint("add tests/NAME.yaml"));
        }
        let root = sources::normal(&session.resolve(&self.snapshots));
        let mut expected = MemoryTree::default();
        for case in &cases {
            let tree = laid(&path, case)?;
            for (file, content) in tree.iter().filter(|_| case.snapshot) {
                let name = format!("{}/{}/{file}", case.template, case.name);
                expected
                    .insert(RepoPath::new(name).map_err(|why| Error::golden_path(why.to_string()))?, content.clone());
            }
        }
        let found = if surroundings::exists(&root) {
            library::read_tree(&root, library::Limits::default())?.tree
        } else {
            MemoryTree::default()
        };
        let edits = difference(&found, &expected);
        let sets = count(cases.len(), "answer set");
        if edits.is_empty() {
            session.say(&format!("{sets}: as the snapshots say"));
            return Ok(u8::from(failed));
        }
        if self.update {
            surroundings::create_directory(&root)?;
            overwrite(session, &root, &edits)?;
            session.answer(listing::changes(&edits, ""))?;
            return Ok(u8::from(failed));
        }
        session.answer(patch::patch(&edits, None))?;
        session.say(&format!(
            "{} of {sets} differ from the snapshots; roadbed path test --update writes them",
            count(edits.len(), "file")
        ));
        Ok(1)
    }
}

/// Runs the cases of the path's own rules, and says which fail. A fix that gives something else is shown as a patch from
/// what the case wants.
fn rule_cases(session: &Session, path: &GoldenPath) -> Result<bool> {
    let own = || path.rules.values().filter(|rule| path.tree.get_str(&rule.file).is_some());
    let count_of = |rule: &Sourced| rule.rule.tests.valid.len() + rule.rule.tests.invalid.len();
    let cases = count(own().map(count_of).sum(), "case");
    let (mut edits, mut failed) = (Vec::new(), 0);
    for Sourced { rule, file } in own() {
        for failure in rules::own::failures(rule, &path.manifest.name, file)? {
            failed += 1;
            let rules::own::CaseFailure { kind, number, name, message, texts } = failure;
            let name = encode::line(&name).into_owned();
            session.say(&format!("{file}: {}: the {kind} case `{name}`: {}", rule.id, encode::line(&message)));
            if let (Some((wanted, made)), Ok(path)) = (texts, RepoPath::new(format!("{file}/{kind}/{number}"))) {
                let (before, after) = (Some(File::regular(wanted)), Some(File::regular(made)));
                edits.push(Edit { path, from: None, before, after, asset: None, rule: None, safety: Safety::Safe });
            }
        }
    }
    if !edits.is_empty() {
        session.answer(patch::patch(&edits, None))?;
    }
    if failed > 0 {
        session.say(&format!("{failed} of {cases} of rules failed"));
    } else if own().next().is_some() {
        session.say(&format!("{cases} of rules: as they say"));
    }
    Ok(failed > 0)
}

/// What `new` lays for a case, less the lock (its digest changes with every edit of the golden path).
fn laid(path: &GoldenPath, case: &golden_path::Case) -> Result<MemoryTree> {
    let assets = golden_path::closure(path, Some(&case.template), &[], &[])?;
    let questions = golden_path::questions_for(path, &assets);
    let preset = preset(path, Some(&case.template));
    let given = Given::default()
        .with(Origin::File(format!("tests: {}", case.name)), Supplied::Typed(case.answers.clone()))
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
