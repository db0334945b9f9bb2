//! Which files are of interest, by name. A family of rules asks for its kind; a file has one.

use crate::model::path::RepoPath;

/// What a file is to rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `.github/workflows/*.yml`
    Workflow,
    /// `action.yml`, anywhere.
    Action,
    /// `.github/dependabot.yml`
    Dependabot,
    /// Where a CODEOWNERS may lie.
    Codeowners,
    /// `.pre-commit-config.yaml`
    PreCommit,
    /// `catalog-info.yaml`
    Catalog,
    /// Configuration of Renovate.
    Renovate,
}

impl Kind {
    /// The kind of a file; none where no rule looks into it.
    pub(crate) fn of(path: &RepoPath) -> Option<Kind> {
        let whole = path.as_str();
        let name = path.file_name();
        if let Some(rest) = whole.strip_prefix(".github/workflows/") {
            return (!rest.contains('/') && is_yaml(rest)).then_some(Kind::Workflow);
        }
        match whole {
            ".github/dependabot.yml" | ".github/dependabot.yaml" => return Some(Kind::Dependabot),
            "CODEOWNERS"
            | ".github/CODEOWNERS"
            | "docs/CODEOWNERS"
            | ".gitlab/CODEOWNERS"
            | ".gitea/CODEOWNERS"
            | ".forgejo/CODEOWNERS" => return Some(Kind::Codeowners),
            ".pre-commit-config.yaml" => return Some(Kind::PreCommit),
            "renovate.json"
            | "renovate.json5"
            | ".github/renovate.json"
            | ".github/renovate.json5"
            | ".gitlab/renovate.json"
            | ".gitlab/renovate.json5"
            | ".renovaterc"
            | ".renovaterc.json"
            | ".renovaterc.json5" => return Some(Kind::Renovate),
            _ => {}
        }
        match name {
            "action.yml" | "action.yaml" => Some(Kind::Action),
            "catalog-info.yaml" | "catalog-info.yml" => Some(Kind::Catalog),
            _ => None,
        }
    }
}

fn is_yaml(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "yml" | "yaml"))
}
