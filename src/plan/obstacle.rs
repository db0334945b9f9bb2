//! What lies in the way of a file, and how it makes room.

use super::hold::shell_word;
use crate::merge::described;
use crate::model::file::FileMode;
use crate::model::path::RepoPath;
use crate::model::plan::{Conflict, ConflictKind};
use crate::model::tree::{Node, Obstacle};

/// Why a file cannot be mended: something else lies there, or what it says is beyond us; `why` is what was found in it,
/// and `then` the command that goes on once the way is free.
pub(super) fn in_the_way(path: &RepoPath, node: &Node, why: Option<&str>, then: &str) -> Option<Conflict> {
    let word = shell_word(path.as_str());
    let (mv, in_way) = match node {
        // Git must know where a submodule went: else it still holds its old place.
        Node::Obstacle(Obstacle::Submodule(dir)) => ("git mv", dir),
        Node::Obstacle(Obstacle::Behind(dir) | Obstacle::Repository(dir)) => ("mv", dir),
        _ => ("mv", path),
    };
    let in_way = shell_word(in_way.as_str());
    let away = format!("{mv} {in_way} {in_way}.ours && {then}");
    let (kind, message, next) = match node {
        Node::Absent => return None,
        Node::Directory | Node::Obstacle(_) => (ConflictKind::Type, why_not_a_file(node), away),
        Node::File(file) if file.mode == FileMode::Symlink => {
            (ConflictKind::Type, format!("{} lies where a file is asked for", described(file)), away)
        }
        Node::File(_) => {
            let message = why.unwrap_or("the file cannot be mended without losing what it says").to_owned();
            (ConflictKind::Content, message, format!("edit {word} by hand, then roadbed fix {word}"))
        }
    };
    Some(Conflict { path: path.clone(), kind, message, next })
}

/// What lies there instead of a file.
pub(super) fn why_not_a_file(node: &Node) -> String {
    match node {
        Node::Obstacle(obstacle) => format!("a file is asked for, but {obstacle}"),
        _ => "a file is asked for, but it is a directory".to_owned(),
    }
}
