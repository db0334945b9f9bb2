//! What leaves the pipeline for others to use: the steps that publish, release or deploy.

use super::shell::{Command, commands, script};
use super::workflow::{Job, Step, Uses, text};

/// What an action brings to others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brings {
    /// A package, an image or a release.
    Release,
    /// A service that runs.
    Deployment,
    /// Pages: documents, not what others build on.
    Site,
}

use Brings::{Deployment, Release, Site};

/// Actions that publish or deploy. Marked is what does so whatever starts the workflow; of the others, such as one that also
/// only drafts a release, a trigger has to say that the workflow releases.
const ACTIONS: [(&str, Brings, bool); 39] = [
    ("actions/create-release", Release, false),
    ("actions/upload-release-asset", Release, false),
    ("changesets/action", Release, false),
    ("cycjimmy/semantic-release-action", Release, false),
    ("google-github-actions/release-please-action", Release, false),
    ("googleapis/release-please-action", Release, true),
    ("goreleaser/goreleaser-action", Release, true),
    ("jreleaser/release-action", Release, true),
    ("js-devtools/npm-publish", Release, false),
    ("katyo/publish-crates", Release, false),
    ("ncipollo/release-action", Release, false),
    ("pypa/gh-action-pypi-publish", Release, true),
    ("redhat-actions/push-to-registry", Release, true),
    ("release-drafter/release-drafter", Release, true),
    ("rubygems/release-gem", Release, true),
    ("softprops/action-gh-release", Release, true),
    ("svenstaro/upload-release-action", Release, false),
    ("akhileshns/heroku-deploy", Deployment, false),
    ("appleboy/ssh-action", Deployment, false),
    ("aws-actions/amazon-ecs-deploy-task-definition", Deployment, true),
    ("aws-actions/aws-cloudformation-github-deploy", Deployment, true),
    ("azure/aci-deploy", Deployment, true),
    ("azure/container-apps-deploy-action", Deployment, true),
    ("azure/functions-action", Deployment, true),
    ("azure/k8s-deploy", Deployment, false),
    ("azure/sql-action", Deployment, true),
    ("azure/webapps-deploy", Deployment, false),
    ("cloudflare/wrangler-action", Deployment, true),
    ("digitalocean/app_action", Deployment, false),
    ("google-github-actions/deploy-appengine", Deployment, true),
    ("google-github-actions/deploy-cloud-functions", Deployment, true),
    ("google-github-actions/deploy-cloudrun", Deployment, true),
    ("superfly/flyctl-actions", Deployment, false),
    ("actions/deploy-pages", Site, false),
    ("amondnet/vercel-action", Site, false),
    ("azure/static-web-apps-deploy", Site, false),
    ("cloudflare/pages-action", Site, false),
    ("firebaseextended/action-hosting-deploy", Site, false),
    ("nwtgck/actions-netlify", Site, false),
];

/// What a step's action brings to others, and whether it does so whatever starts the workflow.
fn brings(step: &Step<'_>) -> Option<(Brings, bool)> {
    let (_, what, always) = ACTIONS.iter().find(|(action, ..)| step.runs_action(action))?;
    Some((*what, *always))
}

/// Whether a step publishes or deploys by an action that is there for that, whatever starts the workflow.
pub(super) fn always_delivers(step: &Step<'_>) -> bool {
    brings(step).is_some_and(|(_, always)| always) || step.runs_action("docker/build-push-action") && pushes_image(step)
}

/// Whether a step publishes or deploys, as far as its action or its commands show.
pub(super) fn delivers(step: &Step<'_>) -> bool {
    if step.get("uses").is_some() {
        return pushes_image(step) || brings(step).is_some();
    }
    let Some((raw, _)) = script(step) else { return false };
    commands(raw).iter().any(|command| is_publish(command) || is_release(command) || is_deploy(command))
}

/// Whether a job publishes or deploys, by its steps or by its own name.
pub(super) fn delivers_by_any_sign(job: &Job<'_>) -> bool {
    let named = |name: &str| {
        let words = name.split(|c: char| !c.is_ascii_alphabetic());
        let verbs = ["deploy", "publish", "release", "deployment", "upload-release"];
        words.map(str::to_lowercase).any(|word| verbs.contains(&word.as_str()))
    };
    let name = job.get("name").and_then(text).filter(|name| !name.contains("${{"));
    named(job.id()) || name.is_some_and(named) || job.steps().iter().any(delivers)
}

/// Whether an action publishes with the inputs that the step gives it.
pub(super) fn publishing_action(step: &Step<'_>) -> bool {
    pushes_image(step) || brings(step).is_some_and(|(what, _)| what == Release)
}

/// Whether an action deploys.
pub(super) fn deploying_action(step: &Step<'_>) -> bool {
    brings(step).is_some_and(|(what, _)| what == Deployment)
}

/// Whether a step is the action that builds images, told to push.
pub(super) fn pushes_image(step: &Step<'_>) -> bool {
    let value = |key| step.with(key).and_then(text).unwrap_or_default();
    let push = value("push").trim();
    let builds = ["docker/build-push-action", "docker/bake-action"].iter().any(|action| step.runs_action(action));
    builds && (!matches!(push, "" | "false") || value("outputs").contains("push=true"))
}

/// Whether a command puts a package into a registry where anybody can trust the workflow instead of a token.
pub(super) fn is_publish(command: &Command) -> bool {
    let words: Vec<&str> = command.arguments().iter().map(String::as_str).collect();
    // What stands behind the first of these words.
    let behind = |wanted: &[&str]| {
        let at = words.iter().position(|word| wanted.contains(word))?;
        Some((words[at], &words[at + 1..]))
    };
    let in_order = |wanted: &[&str]| {
        let mut rest = words.iter();
        wanted.iter().all(|wanted| rest.any(|word| word == wanted))
    };
    let really = |rest: Option<(&str, &[&str])>, dry: &[&str]| {
        rest.is_some_and(|(_, rest)| !rest.iter().any(|word| dry.contains(word)))
    };
    // It offers the package of a pull request on a server of its own, and no registry knows of it.
    if words.iter().any(|word| *word == "pkg-pr-new" || word.starts_with("pkg-pr-new@")) {
        return false;
    }
    match command.program() {
        "cargo" => really(behind(&["publish"]), &["--dry-run", "-n"]),
        "uv" => match behind(&["publish", "run"]) {
            Some(("publish", rest)) => !rest.contains(&"--dry-run"),
            Some((_, rest)) => rest.contains(&"twine") && rest.contains(&"upload"),
            None => false,
        },
        "uvx" => words.iter().any(|word| word.starts_with("twine")) && words.contains(&"upload"),
        "pipx" => in_order(&["run", "upload"]) && words.iter().any(|word| word.starts_with("twine")),
        "hatch" | "pdm" => words.contains(&"publish"),
        "poetry" | "npm" | "pnpm" | "bun" => really(behind(&["publish"]), &["--dry-run"]),
        "yarn" => match behind(&["publish", "npm"]) {
            Some(("publish", _)) => true,
            Some((_, rest)) => rest.contains(&"publish") && !rest.iter().any(|w| matches!(*w, "--dry-run" | "-n")),
            None => false,
        },
        "bunx" => {
            let npm = words.iter().position(|word| *word == "npm" || word.starts_with("npm@"));
            npm.is_some_and(|at| words[at..].contains(&"publish") && !words[at..].contains(&"--dry-run"))
        }
        "twine" => words.contains(&"upload"),
        "bundle" => in_order(&["exec", "gem", "push"]),
        "gem" | "nuget" | "nuget.exe" => words.contains(&"push"),
        "dotnet" => in_order(&["nuget", "push"]),
        program if program.starts_with("python") => in_order(&["-m", "twine", "upload"]),
        _ => false,
    }
}

/// Whether a command pushes an image or makes a release.
pub(super) fn is_release(command: &Command) -> bool {
    let words: Vec<&str> = command.arguments().iter().map(String::as_str).collect();
    match (command.program(), words.as_slice()) {
        ("docker" | "podman" | "buildah" | "nerdctl", ["push" | "manifest", ..]) => words.contains(&"push"),
        ("docker", [_, ..]) => words.contains(&"build") && words.contains(&"--push"),
        ("gh", ["release", "create" | "upload", ..])
        | ("crane" | "oras" | "ko" | "helm" | "skopeo", ["push" | "copy" | "publish" | "build", ..]) => {
            command.program() != "helm" || words[0] == "push"
        }
        ("goreleaser", ["release", rest @ ..]) => !rest.iter().any(|word| word.contains("snapshot")),
        ("semantic-release", _) | ("npx", ["semantic-release", ..]) => true,
        _ => false,
    }
}

fn is_deploy(command: &Command) -> bool {
    let words: Vec<&str> = command.arguments().iter().map(String::as_str).collect();
    match (command.program(), words.as_slice()) {
        ("kubectl", [verb, ..]) => ["apply", "rollout", "set", "replace"].contains(verb),
        ("helm", [verb, ..]) => ["upgrade", "install"].contains(verb),
        ("terraform" | "tofu" | "terragrunt" | "pulumi", _) => words.contains(&"apply") || words.first() == Some(&"up"),
        ("serverless" | "sls" | "cdk" | "flyctl" | "fly" | "wrangler" | "vercel" | "netlify" | "firebase", _) => {
            words.contains(&"deploy")
        }
        ("gcloud", _) => words.contains(&"deploy"),
        ("aws", _) => words.contains(&"deploy") || words.contains(&"update-service"),
        ("ansible-playbook", _) | ("sam", ["deploy", ..]) => true,
        _ => false,
    }
}

/// Whether the job or its workflow may get an identity token.
pub(super) fn may_prove_identity(job: &Job<'_>) -> bool {
    let permissions = job.get("permissions").or_else(|| job.workflow.get("permissions"));
    let Some(permissions) = permissions else { return false };
    let document = job.workflow.document;
    text(permissions) == Some("write-all")
        || permissions.entry("id-token").is_some_and(|(_, e)| text(document.resolve(&e.value)) == Some("write"))
}

/// Whether the step uses an action of this owner, or this action.
pub(super) fn uses_any(step: &Step<'_>, names: &[&str]) -> bool {
    let Some(Uses::Action { name, .. }) = step.uses() else { return false };
    let name = name.to_lowercase();
    names.iter().any(|wanted| name == *wanted || wanted.ends_with('/') && name.starts_with(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_publish_are_told_from_those_that_only_try() {
        let is = |line: &str| commands(line).iter().any(is_publish);
        for line in
            ["cargo publish -p x", "npm publish --access public", "uv publish", "python3 -m twine upload dist/*"]
        {
            assert!(is(line), "{line}");
        }
        for line in ["pipx run twine==6 upload x", "yarn npm publish", "dotnet nuget push x", "gem push x.gem"] {
            assert!(is(line), "{line}");
        }
        for line in [
            "cargo publish --dry-run",
            "npm run x",
            "pnpm dlx pkg-pr-new@0.0.75 publish ./a",
            "yarn pkg-pr-new publish",
            "npm publish --dry-run",
            "twine check dist/*",
            "uv run pytest",
        ] {
            assert!(!is(line), "{line}");
        }
    }

    #[test]
    fn images_and_releases_are_released() {
        let is = |line: &str| commands(line).iter().any(is_release);
        for line in ["docker push x", "docker buildx build --push .", "gh release create v1", "helm push c oci://x"] {
            assert!(is(line), "{line}");
        }
        for line in ["docker build .", "gh release view v1", "helm lint", "goreleaser release --snapshot"] {
            assert!(!is(line), "{line}");
        }
    }
}
