//! What runs it: Kubernetes by manifests, Kustomize or Helm, and the platforms by their files.

use super::kubernetes;
use super::observation::Observation;
use super::scene::Scene;

/// Where the built-in golden path lays its manifests.
const OURS: &str = "deploy/base/";

const PLATFORMS: [(&str, &str); 8] = [
    ("fly.toml", "Fly.io"),
    ("vercel.json", "Vercel"),
    ("netlify.toml", "Netlify"),
    ("Procfile", "Heroku"),
    ("app.yaml", "App Engine"),
    ("render.yaml", "Render"),
    ("wrangler.toml", "Cloudflare Workers"),
    ("task-definition.json", "Amazon ECS"),
];

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut seen: Vec<Observation> = Vec::new();
    for object in kubernetes::objects(scene).into_iter().filter(kubernetes::is_workload) {
        let name = object.name.unwrap_or_else(|| "without a name".to_owned());
        seen.push(
            Observation::new("runs on", "kubernetes", format!("{} {name}", object.kind)).at(&object.path, object.line),
        );
    }
    for (name, tool) in
        [("kustomization.yaml", "kustomize"), ("kustomization.yml", "kustomize"), ("Chart.yaml", "helm")]
    {
        for path in scene.named(name) {
            let why = if tool == "helm" { "a Helm chart" } else { "a kustomization" };
            seen.push(Observation::new("runs on", "kubernetes", why).at(path, 1));
        }
    }
    let is_ours = |seen: &Observation| seen.path.as_ref().is_some_and(|path| path.as_str().starts_with(OURS));
    match seen.iter_mut().find(|seen| is_ours(seen)) {
        Some(first) => first.question = Some("runtime".to_owned()),
        None => {
            // A second set of manifests beside theirs would be nobody's wish.
            if let Some(first) = seen.first_mut() {
                first.why.push_str("; manifests are kept elsewhere than in deploy/base/, so none are laid: --set runtime=kubernetes lays them");
            }
        }
    }
    // One place is enough to see it by; the rest would only fill the screen.
    let shown = seen.iter().position(is_ours).unwrap_or_default();
    let mut seen: Vec<Observation> = seen.into_iter().skip(shown).take(1).collect();
    for (name, platform) in PLATFORMS {
        if let Some(path) = scene.at(name) {
            seen.push(Observation::new("runs on", platform, "its configuration").at(path, 1));
        }
    }
    seen
}
