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
    /// `Dockerfile` however it is cased, `Dockerfile.*`, `Dockerfile-*`, `Dockerfile_*`, `*.Dockerfile`, `Containerfile*`
    Dockerfile,
    /// `.dockerignore`, `Dockerfile.dockerignore`
    Dockerignore,
    /// `compose.yaml`, `docker-compose*.yml`
    Compose,
    /// Any other YAML file: it may hold manifests of Kubernetes.
    Yaml,
    /// `*.tf`
    Terraform,
    /// `.gitlab-ci.yml`, and `*.gitlab-ci.yml`
    GitLab,
    /// `Jenkinsfile*`, `*.jenkinsfile`
    Jenkinsfile,
    /// None of these; a rule of the golden path's own looks into it.
    Own,
}

impl Kind {
    /// The kind of a file; none where no rule looks into it.
    pub(crate) fn of(path: &RepoPath) -> Option<Kind> {
        let whole = path.as_str();
        let name = path.file_name();
        if let Some(rest) = whole.strip_prefix(".github/workflows/") {
            // GitHub runs nothing below: what lies there is what it is anywhere.
            if !rest.contains('/') {
                return is_yaml(rest).then_some(Kind::Workflow);
            }
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
        let end = name.rsplit('.').next().unwrap_or_default();
        match name {
            "action.yml" | "action.yaml" => Some(Kind::Action),
            "catalog-info.yaml" | "catalog-info.yml" => Some(Kind::Catalog),
            _ if name.ends_with(".dockerignore") => Some(Kind::Dockerignore),
            _ if is_dockerfile(name) => Some(Kind::Dockerfile),
            _ if is_compose(name) => Some(Kind::Compose),
            _ if end == "tf" => Some(Kind::Terraform),
            _ if name.starts_with("Jenkinsfile") && end != "md" || end.eq_ignore_ascii_case("jenkinsfile") => {
                Some(Kind::Jenkinsfile)
            }
            _ if name.ends_with(".gitlab-ci.yml") || whole.starts_with(".gitlab/ci/") && is_yaml(name) => {
                Some(Kind::GitLab)
            }
            _ if is_yaml(name) => Some(Kind::Yaml),
            _ => None,
        }
    }
}

/// Ends of names of what becomes a Dockerfile, or only speaks of one.
const NO_DOCKERFILES: [&str; 15] = [
    "j2", "jinja", "jinja2", "tmpl", "template", "tpl", "in", "erb", "mustache", "md", "txt", "bak", "orig", "rej",
    "ignore",
];

fn is_dockerfile(name: &str) -> bool {
    let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
    if NO_DOCKERFILES.contains(&end) {
        return false;
    }
    // A name without a dot, or with that of a version, has no end that says what else it is.
    let versioned = !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit());
    let dashed =
        (name.starts_with("Dockerfile-") || name.starts_with("Dockerfile_")) && (!name.contains('.') || versioned);
    name.eq_ignore_ascii_case("Dockerfile")
        || dashed && !["template", "tmpl"].iter().any(|made| name.ends_with(made))
        || name.starts_with("Dockerfile.")
        || name.starts_with("Containerfile")
        || (!stem.is_empty() && end.eq_ignore_ascii_case("dockerfile"))
}

fn is_compose(name: &str) -> bool {
    is_yaml(name)
        && (name.starts_with("docker-compose") || name.starts_with("compose.") || name.starts_with("compose-"))
}

fn is_yaml(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| matches!(extension, "yml" | "yaml"))
}
