//! The pristine render: what the chosen assets are for these answers, before anybody edits it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use semver::Version;

use super::archive::stays_inside;
use super::asset::{Asset, FileRule};
use super::builtin;
use super::globs;
use super::open::{GoldenPath, Identity, yaml_of};
use super::place;
use super::sandbox::{Fault, Sandbox, Scope, with_stack};
use crate::error::{Error, Kind, Problem, Result};
use crate::model::answer::Answers;
use crate::model::file::{File, FileMode};
use crate::model::ownership::{At, Ownership};
use crate::model::path::RepoPath;

/// One file as an asset lays it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pristine {
    /// Where it lands.
    pub path: RepoPath,
    /// The asset that lays it.
    pub asset: String,
    /// Who may edit what.
    pub ownership: Ownership,
    /// For `block`: its id, and at which end of the file it stands.
    pub block: Option<(String, At)>,
    /// Whether a repo's policy may omit it.
    pub optional: bool,
    /// By which of its keys an item is found, for each list's key.
    pub matching: BTreeMap<String, Vec<String>>,
    /// Whether equal documents are no drift, whatever the formatting.
    pub parsed: bool,
    /// What bots may raise without drift.
    pub allow_newer: Vec<String>,
    /// Whether `asset.yaml` says that it must be executable.
    pub executable: bool,
    /// The content and the mode. Of `block`: the text between the markers; of `keys`: the partial document.
    pub file: File,
}

/// A file that an earlier version laid elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// Where it was.
    pub from: RepoPath,
    /// Where it is.
    pub to: RepoPath,
    /// The version that moved it.
    pub since: Option<Version>,
    /// The asset that says so.
    pub asset: String,
}

/// Everything that a golden path asks of a repo, for one choice of assets and answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Render {
    /// The golden path.
    pub identity: Identity,
    /// The template.
    pub template: Option<String>,
    /// The assets, sorted.
    pub assets: Vec<String>,
    /// All answers.
    pub answers: Answers,
    /// The controls that each asset serves.
    pub controls: BTreeMap<String, Vec<String>>,
    /// Every file, sorted by path, then by asset.
    pub files: Vec<Pristine>,
    /// Globs of files that must be gone, with the asset that says so.
    pub forbids: Vec<(String, String)>,
    /// Files that moved.
    pub renames: Vec<Rename>,
    /// Files that are no longer the path's, with the asset that says so.
    pub lets_go: Vec<(String, RepoPath)>,
}

/// Renders the files of `assets` for `answers`. Pure: the same arguments give the same bytes, always.
///
/// Every fault of every file is in the one error.
pub fn render(path: &GoldenPath, template: Option<&str>, assets: &[String], answers: &Answers) -> Result<Render> {
    let mut assets = assets.to_vec();
    assets.sort();
    assets.dedup();
    let mut render = Render {
        identity: path.identity.clone(),
        template: template.map(str::to_owned),
        assets,
        answers: answers.clone(),
        controls: BTreeMap::new(),
        files: Vec::new(),
        forbids: Vec::new(),
        renames: Vec::new(),
        lets_go: Vec::new(),
    };
    let ids = render.assets.clone();
    let problems = with_stack(|| {
        let sandbox = Sandbox::new()?;
        let sandbox = if path.identity.source == builtin::NAME { sandbox.trusting() } else { sandbox };
        let scope = Scope::new(answers, path.question_ids());
        let held = RefCell::default();
        let mut problems = Vec::new();
        for id in &ids {
            let Some(asset) = path.assets.get(id) else {
                problems.push(Problem::new(format!("the golden path has no asset `{id}`")));
                continue;
            };
            let kitchen = Kitchen { path, id, asset, sandbox: &sandbox, scope: &scope, held: &held };
            render.controls.insert(id.clone(), asset.controls.clone());
            kitchen.files(&mut render, &mut problems);
            kitchen.rest(&mut render);
        }
        Ok::<_, Error>(problems)
    })??;
    Error::all(Kind::GoldenPath, problems)?;
    render.files.sort_by(|a, b| (&a.path, &a.asset).cmp(&(&b.path, &b.asset)));
    Error::all(Kind::GoldenPath, place::collisions(&render.files))?;
    Ok(render)
}

/// One asset, and what it is rendered with.
struct Kitchen<'a> {
    path: &'a GoldenPath,
    id: &'a str,
    asset: &'a Asset,
    sandbox: &'a Sandbox,
    scope: &'a Scope<'a>,
    /// What was found of each `when`: many files share one.
    held: &'a RefCell<BTreeMap<String, bool>>,
}

/// A file rule whose glob is ready: for paths that can be rendered, and for those that cannot.
struct Ready<'a> {
    rule: &'a FileRule,
    rendered: Option<globs::PathGlob>,
    partly: Option<globs::PathGlob>,
}

impl Kitchen<'_> {
    fn files(&self, render: &mut Render, problems: &mut Vec<Problem>) {
        let Some(files) = self.path.files.get(self.id) else { return };
        let rules = self.rules();
        for (written, file) in files.iter() {
            let name = format!("assets/{}/files/{written}", self.id);
            match self.file(&rules, written, file) {
                Ok(Some(pristine)) => render.files.push(pristine),
                Ok(None) => {}
                Err(fault) => {
                    let text = std::str::from_utf8(&file.bytes).unwrap_or_default();
                    problems.push(fault.in_template(&name, text));
                }
            }
        }
    }

    fn rules(&self) -> Vec<Ready<'_>> {
        let ready = |rule| Ready {
            rule,
            rendered: self.glob(&rule.path).and_then(|glob| globs::of_rule(&glob).ok()),
            partly: globs::of_rule(&self.partly(&rule.path, |text| globset::escape(&text))).ok(),
        };
        self.asset.files.iter().map(ready).collect()
    }

    /// A glob with its placeholders rendered, each standing for itself.
    fn glob(&self, text: &str) -> Option<String> {
        globs::fill(text, |value| self.sandbox.text(value, self.scope).map(|text| globset::escape(&text))).ok()
    }

    /// `text` with those placeholders rendered that can be, and a word in place of the others.
    fn partly(&self, text: &str, put: impl Fn(String) -> String) -> String {
        let value = |placeholder: &str| {
            let rendered = self.sandbox.text(placeholder, self.scope);
            Ok::<_, std::convert::Infallible>(rendered.map_or_else(|_| globs::word(placeholder), &put))
        };
        match globs::fill(text, value) {
            Ok(text) => text,
            Err(never) => match never {},
        }
    }

    fn file(&self, rules: &[Ready<'_>], written: &RepoPath, file: &File) -> Result<Option<Pristine>, Fault> {
        let path = place::rendered(self.sandbox, self.scope, written.as_str());
        let reaches =
            |glob: &Option<globs::PathGlob>, path: &str| glob.as_ref().is_some_and(|glob| glob.is_match(path));
        let rule = if let Ok(path) = &path {
            rules.iter().find(|ready| reaches(&ready.rendered, path.as_str()))
        } else {
            let partly = self.partly(place::stem(written.as_str()), |text| text);
            rules.iter().find(|ready| reaches(&ready.partly, &partly))
        };
        let rule = rule.map(|ready| ready.rule);
        if let Some(when) = rule.and_then(|rule| rule.when.as_ref()) {
            let told = |fault: Fault| {
                Fault::new(format!("its `when` in {} does not work: {}", yaml_of(self.id), fault.message()))
            };
            if !self.holds(when).map_err(told)? {
                return Ok(None);
            }
        }
        let path = path?;
        let file = self.content(written, &path, file)?;
        Ok(Some(self.pristine(path, rule, file)?))
    }

    fn holds(&self, when: &str) -> Result<bool, Fault> {
        if let Some(known) = self.held.borrow().get(when) {
            return Ok(*known);
        }
        let holds = self.sandbox.holds(when, self.scope)?;
        self.held.borrow_mut().insert(when.to_owned(), holds);
        Ok(holds)
    }

    fn content(&self, written: &RepoPath, path: &RepoPath, file: &File) -> Result<File, Fault> {
        if file.mode == FileMode::Symlink {
            if !stays_inside(path, &file.bytes) {
                return Err(Fault::new("the symlink must be relative and lead to something inside the repository"));
            }
            return Ok(file.clone());
        }
        if !place::is_template(written.as_str()) {
            return Ok(file.clone());
        }
        let text = std::str::from_utf8(&file.bytes).map_err(|_| Fault::new("a template must be UTF-8"))?;
        let outline = self.path.outlines.get(self.id).and_then(|of_asset| of_asset.get(written));
        Ok(File { mode: file.mode, bytes: self.sandbox.outlined(text, outline, self.scope)?.into_bytes() })
    }

    fn pristine(&self, path: RepoPath, rule: Option<&FileRule>, mut file: File) -> Result<Pristine, Fault> {
        let ownership = rule.map(|rule| rule.mode).unwrap_or_default();
        let name = path.file_name();
        if file.mode == FileMode::Symlink && matches!(ownership, Ownership::Block | Ownership::Keys) {
            return Err(Fault::new(format!("a symlink cannot be `mode: {ownership}`")));
        }
        if ownership == Ownership::Keys && !globs::has_keys(name) {
            return Err(Fault::new(format!("`{path}` is neither YAML, JSON nor TOML, so no keys can be owned in it")));
        }
        if ownership == Ownership::Block && globs::is_json(name) {
            return Err(Fault::new(format!(
                "`{path}` is JSON, which has no comments, so no block can be marked in it"
            )));
        }
        let executable = rule.is_some_and(|rule| rule.executable);
        if executable && file.mode == FileMode::Regular {
            file.mode = FileMode::Executable;
        }
        let block = rule.filter(|rule| rule.mode == Ownership::Block).map(|rule| {
            let id = rule.block.clone().unwrap_or_else(|| self.id.to_owned());
            (id, rule.at.unwrap_or_default())
        });
        Ok(Pristine {
            path,
            asset: self.id.to_owned(),
            ownership,
            block,
            optional: rule.is_some_and(|rule| rule.optional),
            matching: rule.map(|rule| rule.matching.clone()).unwrap_or_default(),
            parsed: rule.is_some_and(|rule| rule.compare.is_some()),
            allow_newer: rule.map(|rule| rule.allow_newer.clone()).unwrap_or_default(),
            executable,
            file,
        })
    }

    /// What is said of paths that are not laid. One that names an answer nobody gave is nowhere.
    fn rest(&self, render: &mut Render) {
        let place = |path: &RepoPath| place::rendered(self.sandbox, self.scope, path.as_str()).ok();
        let asset = || self.id.to_owned();
        for rename in &self.asset.renames {
            if let (Some(from), Some(to)) = (place(&rename.from), place(&rename.to)) {
                render.renames.push(Rename { from, to, since: rename.since.clone(), asset: asset() });
            }
        }
        render.lets_go.extend(self.asset.lets_go.iter().filter_map(&place).map(|path| (asset(), path)));
        render.forbids.extend(self.asset.forbids.iter().filter_map(|glob| self.glob(glob)).map(|glob| (asset(), glob)));
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
