//! Frameworks and kinds of programs, by what the manifests depend on.

use super::manifest::Manifest;
use super::observation::Observation;
use super::scene::Scene;

/// What a dependency tells of the program that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Makes {
    /// It answers requests.
    Service,
    /// It is run by a person.
    Command,
}

/// Language, dependency, what people call it, and what it makes. A dependency that ends with `*` is a start.
const KNOWN: &[(&str, &str, &str, Makes)] = &[
    ("go", "github.com/gin-gonic/gin", "Gin", Makes::Service),
    ("go", "github.com/labstack/echo*", "Echo", Makes::Service),
    ("go", "github.com/go-chi/chi*", "chi", Makes::Service),
    ("go", "github.com/gofiber/fiber*", "Fiber", Makes::Service),
    ("go", "github.com/gorilla/mux", "gorilla/mux", Makes::Service),
    ("go", "google.golang.org/grpc", "gRPC", Makes::Service),
    ("go", "connectrpc.com/connect", "Connect", Makes::Service),
    ("go", "github.com/spf13/cobra", "Cobra", Makes::Command),
    ("go", "github.com/urfave/cli*", "urfave/cli", Makes::Command),
    ("go", "github.com/alecthomas/kong", "Kong", Makes::Command),
    ("rust", "axum", "axum", Makes::Service),
    ("rust", "actix-web", "Actix Web", Makes::Service),
    ("rust", "rocket", "Rocket", Makes::Service),
    ("rust", "warp", "warp", Makes::Service),
    ("rust", "tonic", "tonic", Makes::Service),
    ("rust", "poem", "Poem", Makes::Service),
    ("rust", "clap", "clap", Makes::Command),
    ("rust", "structopt", "StructOpt", Makes::Command),
    ("rust", "lexopt", "lexopt", Makes::Command),
    ("python", "django", "Django", Makes::Service),
    ("python", "flask", "Flask", Makes::Service),
    ("python", "fastapi", "FastAPI", Makes::Service),
    ("python", "starlette", "Starlette", Makes::Service),
    ("python", "aiohttp", "aiohttp", Makes::Service),
    ("python", "tornado", "Tornado", Makes::Service),
    ("python", "gunicorn", "Gunicorn", Makes::Service),
    ("python", "uvicorn", "Uvicorn", Makes::Service),
    ("python", "click", "Click", Makes::Command),
    ("python", "typer", "Typer", Makes::Command),
    ("node", "express", "Express", Makes::Service),
    ("node", "fastify", "Fastify", Makes::Service),
    ("node", "koa", "Koa", Makes::Service),
    ("node", "hono", "Hono", Makes::Service),
    ("node", "next", "Next.js", Makes::Service),
    ("node", "@nestjs/core", "NestJS", Makes::Service),
    ("node", "@hapi/hapi", "hapi", Makes::Service),
    ("node", "commander", "Commander", Makes::Command),
    ("node", "yargs", "yargs", Makes::Command),
    ("java", "spring-boot*", "Spring Boot", Makes::Service),
    ("java", "org.springframework.boot", "Spring Boot", Makes::Service),
    ("java", "quarkus*", "Quarkus", Makes::Service),
    ("java", "io.quarkus", "Quarkus", Makes::Service),
    ("java", "micronaut*", "Micronaut", Makes::Service),
    ("java", "io.micronaut.application", "Micronaut", Makes::Service),
    ("java", "dropwizard-core", "Dropwizard", Makes::Service),
    ("java", "picocli", "picocli", Makes::Command),
];

pub(super) fn detect(scene: &Scene<'_>) -> Vec<Observation> {
    let mut seen: Vec<Observation> = Vec::new();
    for (manifest, name, line, makes) in found(scene) {
        if !seen.iter().any(|other| other.value == name) {
            let why = if makes == Makes::Service { "a dependency" } else { "a dependency, for command lines" };
            seen.push(Observation::new("framework", name, why).at(&manifest.path, line));
        }
    }
    seen
}

/// Every framework that a manifest depends on, the root's first.
pub(super) fn found<'s>(scene: &'s Scene<'_>) -> Vec<(&'s Manifest, &'static str, usize, Makes)> {
    let mut found = Vec::new();
    for manifest in scene.manifests() {
        for (dependency, line) in &manifest.dependencies {
            let known = KNOWN.iter().find(|(language, wanted, ..)| {
                *language == manifest.language
                    && match wanted.strip_suffix('*') {
                        Some(start) => dependency.starts_with(start),
                        None => dependency == wanted,
                    }
            });
            if let Some((_, _, name, makes)) = known {
                found.push((manifest, *name, *line, *makes));
            }
        }
    }
    found
}
