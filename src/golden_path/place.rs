//! Where a file lands: its name rendered, and kept from landing anywhere else.

use std::collections::BTreeMap;

use super::globs;
use super::render::Pristine;
use super::sandbox::{Fault, Sandbox, Scope};
use crate::error::Problem;
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;

/// The ending of what is rendered; it is no part of the name in the repo.
const TEMPLATE: &str = ".jinja";

/// The path without the ending of a template.
pub(super) fn stem(path: &str) -> &str {
    path.strip_suffix(TEMPLATE).unwrap_or(path)
}

/// Whether a file of this name is rendered.
pub(super) fn is_template(path: &str) -> bool {
    path.ends_with(TEMPLATE)
}

/// The path in the repo. Each part stays one part, whatever the answers in it say.
pub(super) fn rendered(sandbox: &Sandbox, scope: &Scope<'_>, written: &str) -> Result<RepoPath, Fault> {
    let mut parts = Vec::new();
    for part in stem(written).split('/') {
        if !part.contains("<{") {
            parts.push(part.to_owned());
            continue;
        }
        let text = globs::fill(part, |value| sandbox.text(value, scope))?;
        if text.is_empty() || text == "." || text == ".." || text.contains(['/', '\\']) {
            return Err(Fault::new(format!("`{part}` becomes `{}`, which is not one name", text.escape_debug())));
        }
        parts.push(text);
    }
    let path = parts.join("/");
    RepoPath::writable(&path)
        .map_err(|fault| Fault::new(format!("`{}` must not be laid: {fault}", path.escape_debug())))
}

/// Files that cannot lie beside each other: one path twice, names that differ by case alone, and a file
/// where another needs a directory. `files` is sorted by path.
pub(super) fn collisions(files: &[Pristine]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut names: BTreeMap<String, (&str, bool, &Pristine)> = BTreeMap::new();
    for (n, file) in files.iter().enumerate() {
        if let Some(other) =
            files[..n].iter().rev().take_while(|other| other.path == file.path).find(|o| !may_share(o, file))
        {
            let message = format!(
                "`{}` is laid by `{}` and by `{}`: two may share a file only with keys that differ or blocks that differ",
                file.path, other.asset, file.asset
            );
            problems.push(told(message, file));
        }
        let text = file.path.as_str();
        let ends = text.match_indices('/').map(|(end, _)| (end, false)).chain([(text.len(), true)]);
        for (end, whole) in ends {
            let name = &text[..end];
            let (known, is_file, first) = *names.entry(name.to_lowercase()).or_insert((name, whole, file));
            let message = if known != name {
                format!("`{name}` and `{known}` differ by case alone, and would be one on some systems")
            } else if is_file != whole {
                format!("`{name}` is both a file and a directory")
            } else {
                continue;
            };
            problems.push(told(format!("{message} (assets `{}` and `{}`)", first.asset, file.asset), file));
            break;
        }
    }
    problems
}

fn told(message: String, file: &Pristine) -> Problem {
    let problem = Problem::new(message).in_file(super::open::yaml_of(&file.asset));
    problem.hint(
        "let one of them lay it: take the file out of the other, or give the two a `when` that never hold at once",
    )
}

fn may_share(a: &Pristine, b: &Pristine) -> bool {
    match (a.ownership, b.ownership) {
        (Ownership::Block, Ownership::Block) => a.block.as_ref().map(|b| &b.0) != b.block.as_ref().map(|b| &b.0),
        (Ownership::Keys, Ownership::Keys) => super::overlap::disjoint(a, b),
        _ => false,
    }
}
