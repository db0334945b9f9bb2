//! The cloud: by the providers of Terraform, and by what a pipeline signs in to.

use super::ci::workflows;
use super::infrastructure::{CLOUDS, providers};
use super::observation::Observation;
use super::scene::Scene;

const SIGN_INS: [(&str, &str); 9] = [
    ("aws-actions/configure-aws-credentials", "aws"),
    ("aws-actions/amazon-ecr-login", "aws"),
    ("google-github-actions/auth", "gcp"),
    ("google-github-actions/setup-gcloud", "gcp"),
    ("azure/login", "azure"),
    ("amazon/aws-cli", "aws"),
    ("google/cloud-sdk", "gcp"),
    ("gcloud auth", "gcp"),
    ("az login", "azure"),
];

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut found: Vec<(usize, Observation)> = Vec::new();
    let told = |value: &'static str, why: String| Observation::new("cloud", value, why).answers("cloud");
    for (provider, (path, line, times)) in providers(scene) {
        if let Some((_, cloud)) = CLOUDS.iter().find(|(known, _)| *known == provider) {
            found.push((times, told(cloud, format!("Terraform's provider {provider}")).at(&path, line)));
        }
    }
    let pipelines = workflows(scene).into_iter().chain(scene.at(".gitlab-ci.yml")).chain(scene.at("Jenkinsfile"));
    for path in pipelines {
        let text = scene.text(path).unwrap_or_default();
        for (n, line) in text.lines().enumerate() {
            let code = line.split(" #").next().unwrap_or_default().to_lowercase();
            if code.trim_start().starts_with('#') {
                continue;
            }
            if let Some((word, cloud)) = SIGN_INS.iter().find(|(word, _)| code.contains(word)) {
                found.push((1, told(cloud, format!("the pipeline signs in with {word}")).at(path, n + 1)));
            }
        }
    }
    // One line for each cloud; the one that is named most often first.
    let mut clouds: Vec<(usize, Observation)> = Vec::new();
    for (times, seen) in found {
        match clouds.iter_mut().find(|(_, known)| known.value == seen.value) {
            Some((all, _)) => *all += times,
            None => clouds.push((times, seen)),
        }
    }
    clouds.sort_by_key(|(times, _)| std::cmp::Reverse(*times));
    clouds.into_iter().map(|(_, seen)| seen).collect()
}
