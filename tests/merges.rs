//! What the merge makes of the triples that `benches/merges` finds in clones: `cargo test` alone has none, so it is ignored there.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::fs;
use std::path::{Path, PathBuf};

use roadbed::edit::{Format, Match, same_document};
use roadbed::merge::{Labels, Merged, Sides, merge};
use roadbed::model::file::File;
use roadbed::model::path::RepoPath;
use serde_json::json;

#[test]
#[ignore = "benches/merges runs it, over triples from clones"]
fn real_merges() {
    let root = PathBuf::from(std::env::var_os("ROADBED_MERGES").expect("run benches/merges"));
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let place = entry.unwrap().path();
        if !place.is_dir() {
            continue;
        }
        if let Some(why) = judge(&place) {
            wrong.push(format!("{}: {why}", place.display()));
        }
    }
    assert!(wrong.is_empty(), "{} lose what only one side changed:\n{}", wrong.len(), wrong.join("\n"));
}

/// Writes `verdict.json` and `roadbed` beside the triple; what can never be right is returned.
fn judge(place: &Path) -> Option<String> {
    let read = |name: &str| fs::read(place.join(name)).unwrap();
    let [base, ours, theirs, merged, git] = ["base", "ours", "theirs", "merged", "git"].map(read);
    let path = RepoPath::new(fs::read_to_string(place.join("path")).unwrap()).ok()?;
    let file = |bytes: &Vec<u8>| File::regular(bytes.clone());
    let labels = Labels { ours: "ours".to_owned(), theirs: "theirs".to_owned() };
    let run = || {
        let sides = [file(&base), file(&ours), file(&theirs)];
        merge(&path, &Sides { base: Some(&sides[0]), ours: &sides[1], theirs: &sides[2] }, &Match::new(), &labels)
    };
    let outcome = run();
    let result = match &outcome {
        Merged::Same => Some(ours.clone()),
        Merged::Clean(file) => Some(file.bytes.clone()),
        Merged::Conflict { .. } => None,
    };
    if let Some(result) = &result {
        fs::write(place.join("roadbed"), result).unwrap();
    }
    let format = Format::of(&path);
    let same = |a: &[u8], b: &[u8]| {
        let (Ok(a), Ok(b)) = (std::str::from_utf8(a), std::str::from_utf8(b)) else { return a == b };
        a == b || format.is_some_and(|format| same_document(format, a, b).unwrap_or(false))
    };
    let why = match &outcome {
        Merged::Conflict { message, .. } => reason(message),
        _ => "",
    };
    let git_clean = !git.windows(8).any(|window| window == b"<<<<<<< ") || same(&git, &merged);
    let class = match &result {
        Some(result) if *result == merged => "clean, the bytes that were committed".to_owned(),
        Some(result) if same(result, &merged) => "clean, the document that was committed".to_owned(),
        Some(result) if git_clean && *result == git => "clean as by lines, but people committed another".to_owned(),
        Some(_) => "clean by keys, but people committed another".to_owned(),
        None if git_clean && git == merged => format!("conflict where lines were right: {why}"),
        None if git_clean => format!("conflict where lines were clean and people committed another: {why}"),
        None => format!("conflict as by lines: {why}"),
    };
    let verdict = json!({
        "clean": result.is_some(),
        "is_git": result.as_ref() == Some(&git),
        "git_is_merged": git == merged,
        "class": class,
        "message": match &outcome {
            Merged::Conflict { message, .. } => Some(message),
            _ => None,
        },
    });
    fs::write(place.join("verdict.json"), verdict.to_string()).unwrap();
    (run() != outcome).then(|| "it is another the second time".to_owned())
}

/// A message without its places.
fn reason(message: &str) -> &'static str {
    const REASONS: [&str; 13] = [
        "cannot be merged by keys",
        "cannot be edited in place",
        "an earlier conflict is not settled",
        "both sides changed the same place",
        "was changed on both sides",
        "was added on both sides, with different content",
        "was deleted here and changed by the golden path",
        "was changed here and deleted by the golden path",
        "got different items at the same place on both sides",
        "was put in another order on both sides",
        "holds items that look alike",
        "uses anchors or aliases",
        "another comment after it",
    ];
    REASONS.into_iter().find(|reason| message.contains(reason)).unwrap_or("another reason")
}
