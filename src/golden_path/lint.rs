//! What an author wants to know beyond "it opens": rules that match nothing, questions nobody uses, and
//! templates that do not render.

use std::collections::{BTreeMap, BTreeSet};

use super::answers::{Nobody, resolve};
use super::closure::{closure, questions_for};
use super::given::{Given, Origin, Supplied};
use super::globs;
use super::manifest::MANIFEST;
use super::open::{GoldenPath, yaml_of};
use super::overlap;
use super::own_rule::Sourced;
use super::place;
use super::render::render;
use super::sandbox::{Sandbox, with_stack};
use super::spot::Spot;
use super::suite;
use crate::error::Problem;
use crate::model::answer::{Answer, Answers};
use crate::model::document::nearest;
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::tree::MemoryTree;

/// What an author is told of a path that opens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong: the path must not be released like this.
    pub problems: Vec<Problem>,
    /// What is likely a slip, and harms no repository.
    pub advice: Vec<Problem>,
}

/// Everything that can be told of a path without a repo.
///
/// Each template is also rendered with its default answers, where all its questions have one.
pub fn lint(path: &GoldenPath) -> Verdict {
    let mut verdict = Verdict::default();
    let own: Vec<&String> = path.assets.keys().filter(|id| is_own(path, id)).collect();
    for id in own {
        dead_rules(path, id, &mut verdict.advice);
        strays(path, id, &mut verdict.advice);
        moved(path, id, &mut verdict.advice);
    }
    controls(path, &mut verdict.problems);
    cases(path, &mut verdict.problems);
    unused_questions(path, &mut verdict.advice);
    templates(path, &mut verdict.problems);
    if let Err(error) = suite::cases(path) {
        verdict.problems.extend(error.problems);
    }
    verdict
}

fn is_own(path: &GoldenPath, asset: &str) -> bool {
    path.tree.get_str(&yaml_of(asset)).is_some()
}

fn bytes<'a>(path: &'a GoldenPath, file: &str) -> &'a [u8] {
    path.tree.get_str(file).map_or(&[], |file| &file.bytes)
}

/// File rules that no file reaches: a typo, or an earlier rule that takes everything.
fn dead_rules(path: &GoldenPath, id: &str, problems: &mut Vec<Problem>) {
    let (Some(asset), Some(files)) = (path.assets.get(id), path.files.get(id)) else { return };
    let name = yaml_of(id);
    let spot = Spot::new(&name, bytes(path, &name));
    let written: Vec<&str> = files.iter().map(|(file, _)| place::stem(file.as_str())).collect();
    let mut taken = BTreeSet::new();
    for (n, rule) in asset.files.iter().enumerate() {
        let Ok(glob) = globs::of_rule(&globs::as_written(&rule.path)) else { continue };
        let matched: Vec<&&str> = written.iter().filter(|file| glob.is_match(globs::as_written(file))).collect();
        let keys = ["files", &n.to_string(), "path"];
        // A placeholder can become anything, so the rule may still match what it becomes.
        let may_match = rule.path.contains("<{") || written.iter().any(|file| file.contains("<{"));
        if matched.is_empty() && !may_match {
            problems.push(spot.problem(&keys, format!("`{}` matches none of the asset's files", rule.path)));
        } else if !matched.is_empty() && matched.iter().all(|file| taken.contains(**file)) {
            let message = format!("`{}` never applies: earlier rules match all that it matches", rule.path);
            problems
                .push(spot.problem(&keys, message).hint("the first rule that matches wins: put the finer one first"));
        }
        taken.extend(matched.into_iter().copied());
    }
}

/// Files of an asset's directory that are neither its definition nor laid.
fn strays(path: &GoldenPath, id: &str, problems: &mut Vec<Problem>) {
    let (home, files) = (format!("assets/{id}/"), format!("assets/{id}/files/"));
    for (file, _) in path.tree.iter() {
        let name = file.as_str();
        if name.starts_with(&home) && !name.starts_with(&files) && name != yaml_of(id) {
            let problem = Problem::new("the file lies beside `files/`, so no repository gets it").in_file(name);
            problems.push(problem.hint(format!("move it into `{files}`, or out of the asset")));
        }
    }
}

/// Renames that lead nowhere, and files that are let go and laid at once.
fn moved(path: &GoldenPath, id: &str, problems: &mut Vec<Problem>) {
    let (Some(asset), Some(files)) = (path.assets.get(id), path.files.get(id)) else { return };
    let name = yaml_of(id);
    let spot = Spot::new(&name, bytes(path, &name));
    let lays = |wanted: &str| files.iter().any(|(file, _)| place::stem(file.as_str()) == wanted);
    let placeholders = files.iter().any(|(file, _)| file.as_str().contains("<{"));
    for (n, rename) in asset.renames.iter().enumerate() {
        if !lays(rename.to.as_str()) && !placeholders {
            let message = format!("the asset lays no `{}`, so nothing can be renamed to it", rename.to);
            problems.push(spot.problem(&["renames", &n.to_string(), "to"], message));
        }
        if lays(rename.from.as_str()) {
            let message = format!("the asset still lays `{}`", rename.from);
            problems.push(spot.problem(&["renames", &n.to_string(), "from"], message));
        }
    }
    for (n, file) in asset.lets_go.iter().enumerate().filter(|(_, file)| lays(file.as_str())) {
        let message = format!("the asset still lays `{file}`, so it cannot let it go");
        problems.push(spot.problem(&["lets_go", &n.to_string()], message));
    }
}

/// Controls that no `controls.yaml`, of this path or of the built-in one, knows.
fn controls(path: &GoldenPath, problems: &mut Vec<Problem>) {
    let known: BTreeSet<String> = super::controls::controls(Some(path)).into_keys().collect();
    if known.is_empty() {
        return;
    }
    let own = path.assets.iter().filter(|(id, _)| is_own(path, id));
    let assets = own.map(|(id, asset)| (yaml_of(id), &asset.controls));
    let rules = own_rules(path).map(|rule| (rule.file.clone(), &rule.rule.controls));
    for (name, named) in assets.chain(rules) {
        let spot = Spot::new(&name, bytes(path, &name));
        for (n, control) in named.iter().enumerate().filter(|(_, control)| !known.contains(*control)) {
            let problem = spot.problem(&["controls", &n.to_string()], format!("there is no control `{control}`"));
            problems.push(match nearest(control, known.iter().map(String::as_str)) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem.hint("add it to `controls.yaml`"),
            });
        }
    }
}

fn own_rules(path: &GoldenPath) -> impl Iterator<Item = &Sourced> {
    path.rules.values().filter(|rule| path.tree.get_str(&rule.file).is_some())
}

/// A rule that nothing shows to find what it should, and nothing else, is not to be trusted with a gate.
fn cases(path: &GoldenPath, problems: &mut Vec<Problem>) {
    for Sourced { rule, file } in own_rules(path) {
        let spot = Spot::new(file, bytes(path, file));
        let lacking = [
            ("valid", rule.tests.valid.is_empty(), "{name: …, content: …}"),
            ("invalid", rule.tests.invalid.is_empty(), "{name: …, content: …, line: …}"),
        ];
        for (kind, _, shape) in lacking.into_iter().filter(|(_, lacks, _)| *lacks) {
            let message = format!("the rule `{}` has no {kind} case", rule.id);
            let problem = spot.problem(&["tests", kind], message);
            problems.push(problem.hint(format!("add one under `tests`: `{kind}: [{shape}]`")));
        }
    }
}

/// Questions whose answer nothing reads. What a template presets counts as read: it says what the template is.
fn unused_questions(path: &GoldenPath, problems: &mut Vec<Problem>) {
    let Ok(Ok(used)) = with_stack(|| Sandbox::new().map(|sandbox| names_read(path, &sandbox))) else { return };
    let spot = Spot::new(MANIFEST, bytes(path, MANIFEST));
    let own = super::open::manifest(&path.tree).map(|own| own.questions).unwrap_or_default();
    for (id, _) in own.iter().filter(|(id, _)| !used.contains(*id)) {
        let problem = spot.problem(&["questions", id], format!("nothing reads the answer to `{id}`"));
        problems.push(problem.hint("take the question out: each one costs every team a decision"));
    }
    for (asset, definition) in path.assets.iter().filter(|(id, _)| is_own(path, id)) {
        let name = yaml_of(asset);
        let spot = Spot::new(&name, bytes(path, &name));
        for (id, _) in definition.questions.iter().filter(|(id, _)| !used.contains(*id)) {
            problems.push(spot.problem(&["questions", id], format!("nothing reads the answer to `{id}`")));
        }
    }
}

fn names_read(path: &GoldenPath, sandbox: &Sandbox) -> BTreeSet<String> {
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut template = |text: &str| {
        let outline = sandbox.outline(text);
        used.extend(outline.map(|outline| outline.reads).unwrap_or_default().into_iter().map(|used| used.name));
    };
    for (file, content) in path.files.values().flat_map(MemoryTree::iter) {
        file.parts().filter(|part| part.contains("<{")).for_each(&mut template);
        if place::is_template(file.as_str()) {
            template(std::str::from_utf8(&content.bytes).unwrap_or_default());
        }
    }
    for asset in path.assets.values() {
        asset.files.iter().for_each(|rule| template(&rule.path));
        asset.forbids.iter().for_each(|glob| template(glob));
        asset.renames.iter().for_each(|rename| template(rename.from.as_str()));
    }
    let questions = || {
        let of_assets = path.assets.values().flat_map(|asset| asset.questions.iter());
        path.manifest.questions.iter().chain(of_assets)
    };
    for (_, question) in questions() {
        question.choices.iter().chain(&question.default).for_each(|answer| template(&answer.to_string()));
    }
    let of_questions = questions().flat_map(|(_, question)| question.when.iter().chain(&question.validate));
    let of_rules = path.assets.values().flat_map(|asset| asset.files.iter().filter_map(|rule| rule.when.as_ref()));
    for expression in of_questions.chain(of_rules) {
        let outline = sandbox.outline_expression(expression);
        used.extend(outline.map(|outline| outline.reads).unwrap_or_default().into_iter().map(|used| used.name));
    }
    used.extend(path.manifest.templates.values().flat_map(|template| template.answers.keys().cloned()));
    used
}

fn templates(path: &GoldenPath, problems: &mut Vec<Problem>) {
    let spot = Spot::new(MANIFEST, bytes(path, MANIFEST));
    let mut seen: BTreeMap<String, Problem> = BTreeMap::new();
    for (id, template) in &path.manifest.templates {
        let found = closure(path, Some(id), &[], &[]).map_err(|error| {
            let place =
                |problem: Problem| Problem { hint: problem.hint, ..spot.problem(&["templates", id], problem.message) };
            error.problems.into_iter().map(place).collect::<Vec<_>>()
        });
        let wrong = found.and_then(|assets| rendered(path, id, &template.answers, &assets));
        for problem in wrong.err().unwrap_or_default() {
            // The same fault of an asset shows in every template that has it.
            seen.entry(format!("{:?}{}", problem.path, problem.message)).or_insert(problem);
        }
    }
    problems.extend(seen.into_values());
}

/// Renders a template with its defaults, and reads what claims to be a document.
fn rendered(path: &GoldenPath, id: &str, preset: &Answers, assets: &[String]) -> Result<(), Vec<Problem>> {
    let questions = questions_for(path, assets);
    let answered = |id: &str, default: &Option<Answer>| default.is_some() || preset.contains_key(id);
    if !questions.iter().all(|(id, question)| answered(id, &question.default)) {
        return Ok(());
    }
    let place = |problem: Problem| match problem.path {
        Some(_) => problem,
        None => problem.in_file(MANIFEST),
    };
    let all = |error: crate::error::Error| error.problems.into_iter().map(place).collect::<Vec<_>>();
    let given = Given::default().with(Origin::Template, Supplied::Typed(preset.clone()));
    let answers = resolve(&questions, &given, true, &mut Nobody).map_err(all)?;
    let render = render(path, Some(id), assets, &answers).map_err(all)?;
    let broken: Vec<Problem> = render
        .files
        .iter()
        .filter(|file| file.ownership == Ownership::Keys || file.parsed)
        .filter(|file| globs::has_keys(file.path.file_name()))
        .filter_map(|file| Some((file, overlap::document(&file.file, file.path.file_name()).err()?)))
        .map(|(file, why)| {
            let message =
                format!("the template `{id}` renders `{}` to something that does not parse: {why}", file.path);
            let problem = Problem::new(message).in_file(written(path, &file.asset, file.path.as_str()));
            problem.hint(format!("look at it: roadbed new {id} ../look --defaults --no-git --golden-path ."))
        })
        .collect();
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

/// The file of an asset that renders to `laid`, as the author knows it.
fn written(path: &GoldenPath, asset: &str, laid: &str) -> String {
    let files = path.files.get(asset).into_iter().flat_map(MemoryTree::paths);
    let name = files.map(RepoPath::as_str).find(|name| place::stem(name) == laid).unwrap_or(laid);
    format!("assets/{asset}/files/{name}")
}

#[cfg(test)]
#[path = "lint_tests.rs"]
mod tests;
