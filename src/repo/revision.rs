//! From what a person types for a revision to the id of a commit.
//!
//! Refs, ids and `~` and `^` are read here; all else is asked of the git program.

use std::path::Path;

use super::discover::GitDir;
use super::objects::Objects;
use super::{git, os};
use crate::error::{Error, Result};

const MAX_REF: u64 = 4096;
const MAX_PACKED_REFS: u64 = 256 * 1024 * 1024;

/// The commit that `rev` names. An unknown one is an error of usage.
pub(crate) fn commit(git: &GitDir, objects: &Objects, rev: &str) -> Result<String> {
    if let Some(id) = resolve(git, objects, rev) {
        return Ok(id);
    }
    if let Some(id) = ask_git(git, rev)?.and_then(|id| objects.peel_to_commit(&id)) {
        return Ok(id);
    }
    let error = Error::usage(format!("`{rev}` names no commit of this repository"));
    let is_shallow = git.common.join("shallow").exists();
    if let Some(branch) = rev.strip_prefix("origin/") {
        let option = if is_shallow { " --unshallow" } else { "" };
        return Err(error.hint(format!("git fetch{option} origin {branch}:refs/remotes/origin/{branch}")));
    }
    Err(if is_shallow {
        error.hint("the clone is shallow: `git fetch --unshallow`")
    } else if rev == "HEAD" {
        error.hint("nothing is committed here yet: `git add -A && git commit`")
    } else {
        error.hint("`git log --oneline` lists commits, `git branch --all` branches")
    })
}

/// The commit that HEAD is at; none before the first commit.
pub(crate) fn head(git: &GitDir, objects: &Objects) -> Result<Option<String>> {
    if let Some(id) = resolve(git, objects, "HEAD") {
        return Ok(Some(id));
    }
    if is_reftable(git) { ask_git(git, "HEAD") } else { Ok(None) }
}

fn ask_git(git: &GitDir, rev: &str) -> Result<Option<String>> {
    if rev.contains('\0') {
        return Ok(None);
    }
    let printed = git::output(git, &["rev-parse", "--verify", "--quiet", "--end-of-options", rev])?;
    Ok(printed.and_then(|out| out.split(|b| *b == b'\n').rev().find_map(hex_id)))
}

fn hex_id(line: &[u8]) -> Option<String> {
    let is_id = matches!(line.len(), 40 | 64) && line.iter().all(u8::is_ascii_hexdigit);
    is_id.then(|| String::from_utf8_lossy(line).into_owned())
}

fn is_reftable(git: &GitDir) -> bool {
    git.common.join("reftable").is_dir()
}

fn resolve(git: &GitDir, objects: &Objects, rev: &str) -> Option<String> {
    let end = rev.find(['~', '^']).unwrap_or(rev.len());
    let (name, mut steps) = rev.split_at(end);
    if name.is_empty() || rev.contains("@{") || rev.contains(':') {
        return None;
    }
    let name = if name == "@" { "HEAD" } else { name };
    let mut id = objects.peel_to_commit(&named(git, objects, name)?)?;
    while let Some(sign) = steps.chars().next() {
        steps = &steps[1..];
        if sign == '^' && (steps.starts_with("{}") || steps.starts_with("{commit}")) {
            steps = &steps[steps.find('}')? + 1..];
            continue;
        }
        let digits = steps.len() - steps.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let count: usize = if digits == 0 { 1 } else { steps[..digits].parse().ok()? };
        steps = &steps[digits..];
        match sign {
            '~' => {
                for _ in 0..count {
                    id = objects.commit(&id)?.1.into_iter().next()?;
                }
            }
            '^' if count > 0 => id = objects.commit(&id)?.1.into_iter().nth(count - 1)?,
            '^' => {}
            _ => return None,
        }
        objects.header(&id)?;
    }
    Some(id)
}

/// In git's order: a ref of that name, then an id or the beginning of one.
fn named(git: &GitDir, objects: &Objects, name: &str) -> Option<String> {
    if is_reftable(git) {
        return full(objects, name);
    }
    if let Some(id) = full(objects, name) {
        return Some(id);
    }
    let places = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
    for place in places {
        let full = format!("{place}{name}");
        if place.is_empty() && !full.starts_with("refs/") && !is_pseudo_ref(&full) {
            continue;
        }
        if let Some(id) = read_ref(git, &full, 0) {
            return Some(id);
        }
    }
    if let Some(id) = read_ref(git, &format!("refs/remotes/{name}/HEAD"), 0) {
        return Some(id);
    }
    let is_short = name.len() >= 4 && name.len() < 40 && name.bytes().all(|b| b.is_ascii_hexdigit());
    if is_short { objects.complete(name) } else { None }
}

fn full(objects: &Objects, name: &str) -> Option<String> {
    let id = hex_id(name.as_bytes())?.to_lowercase();
    objects.header(&id).map(|_| id)
}

fn is_pseudo_ref(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

fn read_ref(git: &GitDir, name: &str, depth: usize) -> Option<String> {
    let is_plain = name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    if depth > 5 || !is_plain || name.contains(['\\', ':', '\0']) {
        return None;
    }
    let dir = if name.starts_with("refs/") { &git.common } else { &git.dir };
    if let Ok((bytes, _)) = os::read(&dir.join(name), MAX_REF) {
        let line = bytes.split(|b| *b == b'\n').next()?.trim_ascii_end();
        return match line.strip_prefix(b"ref:") {
            Some(target) => read_ref(git, std::str::from_utf8(target.trim_ascii()).ok()?, depth + 1),
            None => hex_id(line),
        };
    }
    packed(&git.common, name)
}

fn packed(common: &Path, name: &str) -> Option<String> {
    let (bytes, _) = os::read(&common.join("packed-refs"), MAX_PACKED_REFS).ok()?;
    let lines = bytes.split(|b| *b == b'\n').filter(|line| !line.starts_with(b"#") && !line.starts_with(b"^"));
    lines.into_iter().find_map(|line| {
        let space = line.iter().position(|b| *b == b' ')?;
        (line[space + 1..].trim_ascii_end() == name.as_bytes()).then(|| hex_id(&line[..space]))?
    })
}
