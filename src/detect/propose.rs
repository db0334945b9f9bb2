//! Which template fits what was seen.

use std::collections::BTreeSet;

use super::observation::{Confidence, Observation};
use crate::golden_path::{Given, GoldenPath, Nobody, Origin, Supplied, answer, detected};
use crate::model::answer::{Answer, Answers};
use crate::model::path::RepoPath;

/// A template, and why it is the one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The template's id.
    pub template: String,
    /// Why, in a few words each.
    pub why: Vec<String>,
    /// The others that would do, the better first.
    pub others: Vec<String>,
}

/// Proposes a template for a repository of these files; none where nothing tells and no template is for anything.
///
/// A template speaks by two things: its `detect`, and the answers that it presets. One whose presets contradict what
/// was seen is out, as is one whose `detect` finds no file, neither at the top nor beside a Dockerfile. Of the rest,
/// the one wins whose presets agree with most of what was seen, then the one that detects most.
pub fn propose(path: &GoldenPath, files: &[RepoPath], seen: &[Observation]) -> Option<Proposal> {
    let by_files = detected(path, files);
    let mut ranked: Vec<(usize, usize, &str, Vec<String>)> = Vec::new();
    for (id, template) in &path.manifest.templates {
        let mut why = Vec::new();
        let mut contradicted = false;
        for (question, preset) in &template.answers {
            let answered = seen.iter().filter(|one| one.confidence < Confidence::Guess);
            // The surest counts.
            let surest =
                answered.filter(|one| one.question.as_deref() == Some(question)).min_by_key(|one| one.confidence);
            let Some(surest) = surest else { continue };
            if preset.to_string() == surest.value {
                why.push(format!("{} {}", surest.what, surest.value));
            } else if is_telling(question) {
                contradicted = true;
            }
        }
        // What it leaves open must be answerable: a library of a language that it has none for is not its.
        let unfit = seen.iter().filter(|one| one.question.as_deref() == Some("language")).any(|one| {
            !template.answers.contains_key("language") && !fits_with(path, &template.answers, "language", &one.value)
        });
        let matched = by_files.iter().position(|found| *found == id.as_str());
        if matched.is_some() {
            let globs = template.detect.join(", ");
            why.push(format!("its `detect` ({globs}) finds a file"));
        }
        let agreed = why.len() - usize::from(matched.is_some());
        // It lays its files at the top: without a file that it is for there, or where an image is built of it, it
        // would found a second program.
        let elsewhere = !template.detect.is_empty() && matched.is_none() && !is_built(&template.detect, path, files);
        if !contradicted && !unfit && !elsewhere && !why.is_empty() {
            let place = matched.map_or(usize::MAX, |place| place);
            ranked.push((agreed, place, id, why));
        }
    }
    ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(b.2)));
    let mut ranked = ranked.into_iter();
    let (_, _, id, why) = ranked.next().or_else(|| fallback(path, &by_files, seen))?;
    Some(Proposal { template: id.to_owned(), why, others: ranked.map(|(_, _, id, _)| id.to_owned()).collect() })
}

/// Whether one of these names lies in the one directory that an image is built of. Where several programs lie beside
/// images of their own, no template for one of them is for the repository.
fn is_built(names: &[String], path: &GoldenPath, files: &[RepoPath]) -> bool {
    let images = files.iter().filter(|file| file.file_name().starts_with("Dockerfile"));
    let built: BTreeSet<RepoPath> = images.filter_map(RepoPath::parent).collect();
    let holding = |names: &[String]| -> BTreeSet<RepoPath> {
        let manifests = files.iter().filter(|path| names.iter().any(|name| name == path.file_name()));
        manifests.filter_map(RepoPath::parent).filter(|directory| built.contains(directory)).collect()
    };
    let all: Vec<String> = path.manifest.templates.values().flat_map(|template| template.detect.clone()).collect();
    holding(&all).len() == 1 && !holding(names).is_empty()
}

/// The questions whose presets decide what a template is for; the others are only defaults of it.
fn is_telling(question: &str) -> bool {
    matches!(question, "kind" | "language")
}

/// Where every template is contradicted, or nothing speaks for one: the one that claims least, and presets
/// `kind: other`.
fn fallback<'p>(
    path: &'p GoldenPath,
    by_files: &[&'p str],
    seen: &[Observation],
) -> Option<(usize, usize, &'p str, Vec<String>)> {
    let other = Answer::from("other");
    let claims_least = path.manifest.templates.iter().find(|(_, template)| {
        template.answers.get("kind") == Some(&other) && !template.answers.contains_key("language")
    });
    match claims_least {
        Some((id, _)) if seen.iter().any(|one| one.path.is_some()) => {
            Some((0, 0, id, vec!["no other template is for what was seen".to_owned()]))
        }
        // A `detect` is evidence of its own, where nothing else is.
        Some((id, _)) if by_files.is_empty() => {
            Some((0, 0, id, vec!["no file here tells what this repository is".to_owned()]))
        }
        _ => by_files.first().map(|id| (0, 0, *id, vec!["its `detect` finds a file".to_owned()])),
    }
}

/// Whether a value would do as the answer to a question of this path, with the template's own answers given.
fn fits_with(path: &GoldenPath, preset: &Answers, id: &str, value: &str) -> bool {
    let raw = [(id.to_owned(), value.to_owned())].into();
    let given = Given::default()
        .with(Origin::Template, Supplied::Typed(preset.clone()))
        .with(Origin::Detected(0), Supplied::Raw(raw));
    // What cannot be judged without a person is not held against it.
    answer(&path.manifest.questions.0, &given, true, &mut Nobody).map_or(true, |answered| answered.unfit.is_empty())
}
