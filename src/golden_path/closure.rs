//! Which assets a choice comes down to, and which questions those ask.

use std::collections::BTreeSet;

use super::globs;
use super::open::GoldenPath;
use super::question::Question;
use crate::error::{Error, Kind, Problem, Result};
use crate::model::document::nearest;
use crate::model::path::RepoPath;

/// The assets of `template` and `add`, less `without`, with everything that they require; sorted.
///
/// Unknown ids, an asset that is both required and left out, and assets that cannot lie side by side are
/// usage errors, all of them in one.
pub fn closure(path: &GoldenPath, template: Option<&str>, add: &[String], without: &[String]) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut wanted: Vec<(String, Option<String>)> = Vec::new();
    if let Some(id) = template {
        match path.manifest.templates.get(id) {
            Some(template) => wanted.extend(template.assets.iter().map(|asset| (asset.clone(), None))),
            None => problems.push(no_such("template", id, path.manifest.templates.keys())),
        }
    }
    for id in add.iter().chain(without).filter(|id| !path.assets.contains_key(*id)) {
        problems.push(no_such("asset", id, path.assets.keys()));
    }
    wanted.extend(add.iter().map(|asset| (asset.clone(), None)));
    wanted.retain(|(asset, _)| !without.contains(asset));

    let mut assets = BTreeSet::new();
    while let Some((id, by)) = wanted.pop() {
        if let Some(by) = by.filter(|_| without.contains(&id)) {
            let problem = Problem::new(format!("the asset `{by}` requires `{id}`, which is left out"));
            problems.push(problem.hint(format!("leave out `{by}` too, or keep `{id}`")));
            continue;
        }
        if !assets.insert(id.clone()) {
            continue;
        }
        let Some(asset) = path.assets.get(&id) else { continue };
        wanted.extend(asset.requires.iter().map(|required| (required.clone(), Some(id.clone()))));
    }
    for id in &assets {
        let Some(asset) = path.assets.get(id) else { continue };
        for other in asset.conflicts.iter().filter(|other| assets.contains(*other)) {
            let told = path.assets.get(other).is_some_and(|other| other.conflicts.contains(id)) && other < id;
            if !told {
                let problem = Problem::new(format!("the assets `{id}` and `{other}` cannot lie side by side"));
                problems.push(problem.hint("choose one of them"));
            }
        }
    }
    Error::all(Kind::Usage, problems)?;
    Ok(assets.into_iter().collect())
}

fn no_such<'a>(what: &str, id: &str, known: impl Iterator<Item = &'a String> + Clone) -> Problem {
    let shown: String = id.chars().take(80).filter(|c| !c.is_control()).collect();
    let problem = Problem::new(format!("the golden path has no {what} `{shown}`"));
    match nearest(id, known.clone().map(String::as_str)) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(format!("there are: {}", known.map(String::as_str).collect::<Vec<_>>().join(", "))),
    }
}

/// The templates whose `detect` matches a file of a repo; the one that matches with most of its globs first.
pub fn detected<'a>(path: &'a GoldenPath, files: &[RepoPath]) -> Vec<&'a str> {
    let mut found: Vec<(usize, &str)> = Vec::new();
    for (id, template) in &path.manifest.templates {
        let globs = template.detect.iter().filter_map(|glob| globs::of_rule(glob).ok());
        let count = globs.filter(|glob| files.iter().any(|file| glob.is_match(file.as_str()))).count();
        if count > 0 {
            found.push((count, id));
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    found.into_iter().map(|(_, id)| id).collect()
}

/// The questions to ask for these assets: the path's own first, then those of each asset; each id once.
pub fn questions_for(path: &GoldenPath, assets: &[String]) -> Vec<(String, Question)> {
    let mut questions = path.manifest.questions.clone();
    for asset in assets.iter().filter_map(|id| path.assets.get(id)) {
        for (id, question) in asset.questions.iter() {
            if questions.get(id).is_none() {
                questions.put(id, question);
            }
        }
    }
    questions.0
}
