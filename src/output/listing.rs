//! Plans as people read them: the tree that `new` would write, the files that others would change.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::encode;
use super::text::count;
use crate::model::file::FileMode;
use crate::model::plan::{Action, Conflict, Edit};

/// The tree that `edits` would create below `root`, with who owns each file.
pub fn tree(root: &str, edits: &[Edit], owner_of: &dyn Fn(&Edit) -> String) -> String {
    #[derive(Default)]
    struct Directory<'a> {
        below: BTreeMap<&'a str, Directory<'a>>,
        file: Option<&'a Edit>,
    }
    fn draw(text: &mut String, directory: &Directory<'_>, indent: &str, owner_of: &dyn Fn(&Edit) -> String) {
        let last = directory.below.len();
        for (n, (name, entry)) in directory.below.iter().enumerate() {
            let (branch, pad) = if n + 1 == last { ("└── ", "    ") } else { ("├── ", "│   ") };
            let _ = write!(text, "{indent}{branch}{}", encode::line(name));
            match entry.file {
                Some(edit) => {
                    let executable = edit.after.as_ref().is_some_and(|file| file.mode == FileMode::Executable);
                    let star = if executable { "*" } else { "" };
                    let _ = writeln!(text, "{star}  ({})", encode::line(&owner_of(edit)));
                }
                None => {
                    text.push_str("/\n");
                    draw(text, entry, &format!("{indent}{pad}"), owner_of);
                }
            }
        }
    }
    let mut top = Directory::default();
    for edit in edits.iter().filter(|edit| edit.after.is_some()) {
        let mut at = &mut top;
        for part in edit.path.parts() {
            at = at.below.entry(part).or_default();
        }
        at.file = Some(edit);
    }
    let mut text = format!("{}/\n", encode::line(root.trim_end_matches('/')));
    draw(&mut text, &top, "", owner_of);
    text
}

/// One line for each file that changes.
pub fn changes(edits: &[Edit], prefix: &str) -> String {
    let mut text = String::new();
    for edit in edits {
        let verb = match edit.action() {
            Action::Create => "create",
            Action::Update => "update",
            Action::Delete => "delete",
            Action::Rename => "rename",
            Action::Mode => "mode",
        };
        let path = encode::line(&format!("{prefix}{}", edit.path)).into_owned();
        let from = edit
            .from
            .as_ref()
            .map(|from| format!("{} -> ", encode::line(&format!("{prefix}{from}"))))
            .unwrap_or_default();
        let mode = match (&edit.before, &edit.after) {
            (Some(a), Some(b)) if a.mode != b.mode => format!("  ({} -> {})", a.mode.octal(), b.mode.octal()),
            _ => String::new(),
        };
        let _ = writeln!(text, "{verb:6}  {from}{path}{mode}");
    }
    text
}

/// What a person must settle, each with the command that settles it. A file among `edits` was not left as it was.
pub fn conflicts(conflicts: &[Conflict], edits: &[Edit], prefix: &str) -> String {
    let is_written = |conflict: &&Conflict| edits.iter().any(|edit| edit.path == conflict.path);
    let (written, left): (Vec<&Conflict>, Vec<&Conflict>) = conflicts.iter().partition(is_written);
    let mut text = String::new();
    let it = if left.len() == 1 { "it was" } else { "they were" };
    for (rows, what) in [(left, format!("left as {it}")), (written, "marked".to_owned())] {
        if !rows.is_empty() {
            let _ = writeln!(text, "{} {what} for a person:", count(rows.len(), "file"));
        }
        for conflict in rows {
            let path = encode::line(&format!("{prefix}{}", conflict.path)).into_owned();
            let (message, next) = (encode::line(&conflict.message), encode::line(&conflict.next));
            let _ = writeln!(text, "  {path}: {message}\n    next: {next}");
        }
    }
    text
}
