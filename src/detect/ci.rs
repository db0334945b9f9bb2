//! Where the pipeline runs.

use super::observation::Observation;
use super::remote::{self, Forge};
use super::scene::Scene;
use crate::model::path::RepoPath;

/// Pipelines that the built-in golden path has none for: they are named all the same.
const OTHERS: [(&str, &str); 8] = [
    (".circleci/config.yml", "circleci"),
    (".travis.yml", "travis"),
    ("azure-pipelines.yml", "azure-pipelines"),
    (".buildkite/pipeline.yml", "buildkite"),
    ("bitbucket-pipelines.yml", "bitbucket"),
    (".drone.yml", "drone"),
    (".woodpecker.yml", "woodpecker"),
    ("cloudbuild.yaml", "cloud-build"),
];

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut seen = Vec::new();
    let workflows = workflows(scene);
    if let Some(first) = workflows.first() {
        let names: Vec<&str> = workflows.iter().map(|path| path.file_name()).collect();
        seen.push(("github", first.to_owned().clone(), format!("workflows: {}", names.join(", "))));
    }
    if let Some(path) = scene.at(".gitlab-ci.yml") {
        seen.push(("gitlab", path.clone(), "GitLab's pipeline".to_owned()));
    }
    if let Some(path) = scene.at("Jenkinsfile").or_else(|| scene.named("Jenkinsfile").first().copied()) {
        seen.push(("jenkins", path.clone(), "a Jenkinsfile".to_owned()));
    }
    // Of several pipelines, the one of the place where the repository is kept.
    let home = remote::address(scene).map(|address| match address.forge {
        Some(Forge::GitLab) => "gitlab",
        Some(Forge::Gitea) => "jenkins",
        Some(Forge::GitHub) | None => "github",
    });
    seen.sort_by_key(|(ci, ..)| Some(*ci) != home);
    let told = seen.into_iter().map(|(ci, path, why)| Observation::new("ci", ci, why).at(&path, 1).answers("ci"));
    let others = OTHERS.iter().filter_map(|(place, ci)| {
        scene.at(place).map(|path| Observation::new("ci", *ci, "no pipeline of this kind can be laid").at(path, 1))
    });
    told.chain(others).collect()
}

/// The workflows of GitHub Actions.
pub(super) fn workflows<'s>(scene: &'s Scene<'_>) -> Vec<&'s RepoPath> {
    let is_one = |path: &&RepoPath| {
        path.as_str()
            .strip_prefix(".github/workflows/")
            .is_some_and(|name| !name.contains('/') && [".yml", ".yaml"].iter().any(|end| name.ends_with(end)))
    };
    scene.files.iter().filter(is_one).collect()
}
