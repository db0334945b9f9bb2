use super::*;
use crate::edit::Match;
use crate::model::file::{File, FileMode};
use crate::model::path::RepoPath;
use crate::model::plan::ConflictKind;

mod comments;
mod keyed;
mod properties;
mod whole;

fn labels() -> Labels {
    Labels { ours: "ours".to_owned(), theirs: "golden path 2.0.0".to_owned() }
}

fn merge_files(path: &str, base: Option<&File>, ours: &File, theirs: &File) -> Merged {
    let matching = Match::from([("repos".to_owned(), vec!["repo".to_owned()])]);
    merge(&RepoPath::new(path).unwrap(), &Sides { base, ours, theirs }, &matching, &labels())
}

fn merge_texts(path: &str, base: &str, ours: &str, theirs: &str) -> Merged {
    merge_files(path, Some(&File::regular(base)), &File::regular(ours), &File::regular(theirs))
}

/// The merged text; `ours` where that stays.
fn clean(path: &str, base: &str, ours: &str, theirs: &str) -> String {
    match merge_texts(path, base, ours, theirs) {
        Merged::Same => ours.to_owned(),
        Merged::Clean(file) => String::from_utf8(file.bytes).unwrap(),
        Merged::Conflict { message, .. } => {
            unreachable!("{message}\n--- base\n{base}\n--- ours\n{ours}\n--- theirs\n{theirs}")
        }
    }
}

/// Why it is a conflict.
fn conflict(path: &str, base: &str, ours: &str, theirs: &str) -> String {
    match merge_texts(path, base, ours, theirs) {
        Merged::Conflict { kind: ConflictKind::Content, message, .. } => message,
        other => unreachable!("{other:?}"),
    }
}
