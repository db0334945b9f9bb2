//! The files and directories that the user names to narrow a command.

use std::path::PathBuf;

use super::session::Session;
use super::sources;
use super::workspace::Workspace;
use crate::error::{Error, Result};
use crate::model::document::nearest;
use crate::model::path::RepoPath;
use crate::model::plan::Plan;
use crate::model::tree::Node;

impl Workspace {
    /// Paths that the user typed, as the plan names them.
    pub(super) fn select(&self, session: &Session, typed: &[PathBuf]) -> Result<Vec<RepoPath>> {
        let root = sources::normal(&self.place.laid);
        let mut paths = Vec::new();
        for path in typed {
            let whole = sources::normal(&session.resolve(path));
            let outside = || {
                Error::usage(format!("`{}` is not in {}", path.display(), root.display()))
                    .hint("name a path of this laid directory")
            };
            let inside = whole.strip_prefix(&root).map_err(|_| outside())?;
            let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
            let text = parts.ok_or_else(outside)?.join("/");
            if text.is_empty() {
                return Ok(Vec::new());
            }
            paths.push(RepoPath::new(text).map_err(|_| outside())?);
        }
        Ok(paths)
    }

    /// Refuses a name that stands for nothing: not in the tree, not in the golden path, not in what the plan says.
    pub(super) fn require_known(&self, selected: &[RepoPath], plan: &Plan) -> Result<()> {
        for wanted in selected {
            let stands_for = |path: &RepoPath| path == wanted || path.strip_prefix(wanted).is_some();
            if self.tree.node(wanted) != Node::Absent || self.laid_paths().chain(plan.paths()).any(stands_for) {
                continue;
            }
            let files = self.tree.files()?;
            let known = files.iter().chain(self.laid_paths()).map(RepoPath::as_str);
            return Err(Error::usage(format!("`{wanted}` is neither in this repository nor in its golden path")).hint(
                match nearest(wanted.as_str(), known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name files and directories that `git ls-files` or `roadbed explain` know".to_owned(),
                },
            ));
        }
        Ok(())
    }

    /// What the golden path lays here, and what it once laid.
    fn laid_paths(&self) -> impl Iterator<Item = &RepoPath> {
        let locked = self.laid.iter().flat_map(|laid| laid.lock.iter().flat_map(|lock| &lock.files));
        let rendered = self.laid.iter().flat_map(|laid| &laid.locked.files);
        rendered.map(|file| &file.path).chain(locked.map(|file| &file.path))
    }
}
