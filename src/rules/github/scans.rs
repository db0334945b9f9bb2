//! Which scans the workflows of a repository run, by the actions, images and programs that they name.

use std::collections::BTreeSet;

use super::shell::{commands, script};
use super::workflow::{Uses, Workflow, action_steps, text};
use crate::rules::facts::Facts;
use crate::rules::kind::Kind as FileKind;

/// What a scan looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Known holes in dependencies.
    Dependencies,
    /// Mistakes in the code.
    Code,
    /// Secrets in commits.
    Secrets,
    /// Mistakes in infrastructure: Terraform, manifests, Dockerfiles.
    Infrastructure,
}

impl Kind {
    /// The name of the job in the built-in path.
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Dependencies => "dependency-review",
            Kind::Code => "sast",
            Kind::Secrets => "secret-scan",
            Kind::Infrastructure => "infrastructure",
        }
    }
}

/// A scan that a repository should run.
pub(super) struct Scan {
    /// What it looks for.
    pub kind: Kind,
    /// What it does, in words that follow "no workflow here".
    pub what: &'static str,
    /// Words in the names of actions, images and programs that do it.
    tools: &'static [&'static str],
    /// Words in the names of called workflows that most likely do it.
    called: &'static [&'static str],
    /// Whether there is anything to scan.
    pub applies: fn(&Facts<'_>) -> bool,
}

/// The scans, in the order in which they are reported.
pub(super) static SCANS: [Scan; 4] = [
    Scan {
        kind: Kind::Dependencies,
        what: "reviews dependencies for known holes",
        tools: &[
            "dependency-review",
            "osv-scanner",
            "snyk",
            "grype",
            "anchore/scan-action",
            "trivy",
            "pip-audit",
            "cargo-audit",
            "audit-check",
            "cargo-deny",
            "govulncheck",
            "dependency-check",
            "bundler-audit",
            "bundle-audit",
            "safety",
            "fossa",
            "mend",
            "whitesource",
            "black-duck",
            "sonatype",
            "nancy",
            "clj-watson",
            "endorlabs",
            "jfrog-sast",
            "audit-ci",
            "better-npm-audit",
            "mix_audit",
            "socket-security",
            "debricked",
        ],
        called: &["security", "dependency", "vuln", "osv", "scan", "audit"],
        applies: has_manifest,
    },
    Scan {
        kind: Kind::Code,
        what: "analyses the code for security holes",
        tools: &[
            "codeql",
            "semgrep",
            "opengrep",
            "sonar",
            "bandit",
            "gosec",
            "brakeman",
            "snyk",
            "checkmarx",
            "veracode",
            "fortify",
            "pysa",
            "qodana",
            "njsscan",
            "bearer",
            "devskim",
            "flawfinder",
            "security-devops-action",
            "shiftleft",
            "mobsf",
            "securitycodescan",
            "sobelow",
            "psalm",
            "horusec",
            "codacy",
            "deepsource",
            "spotbugs",
            "find-sec-bugs",
            "synopsys",
            "coverity",
            "xanitizer",
            "appsweep",
            "jfrog-sast",
            "endorlabs",
            "rust-clippy",
            "soos",
            "puma",
            "scan-action-sast",
            "zap",
            "oxsecurity",
            "megalinter",
            "super-linter",
        ],
        called: &["security", "codeql", "sast", "scan", "semgrep"],
        applies: has_code,
    },
    Scan {
        kind: Kind::Secrets,
        what: "scans the commits for secrets",
        tools: &[
            "gitleaks",
            "trufflehog",
            "ggshield",
            "gitguardian",
            "detect-secrets",
            "talisman",
            "git-secrets",
            "secretlint",
            "whispers",
            "betterleaks",
            "kingfisher",
            "noseyparker",
            "megalinter",
        ],
        called: &["security", "secret", "gitleaks", "scan"],
        applies: |_| true,
    },
    Scan {
        kind: Kind::Infrastructure,
        what: "scans Terraform, manifests and Dockerfiles for mistakes",
        tools: &[
            "checkov",
            "trivy",
            "tfsec",
            "kics",
            "terrascan",
            "hadolint",
            "kubesec",
            "kube-linter",
            "kube-score",
            "conftest",
            "snyk",
            "bridgecrew",
            "regula",
            "polaris",
            "cloudrail",
            "zscaler-iac",
            "iac-scan",
            "tfscan",
            "security-devops-action",
            "prisma",
            "sysdig",
            "megalinter",
            "super-linter",
            "datree",
            "dockle",
        ],
        called: &["security", "iac", "scan", "checkov", "trivy", "infra"],
        applies: has_infrastructure,
    },
];

/// The scans that the repository's workflows run, as far as they show.
pub(super) fn found(facts: &Facts<'_>) -> BTreeSet<Kind> {
    let mut names: Vec<String> = Vec::new();
    let mut called: Vec<String> = Vec::new();
    let mut hooks = false;
    for workflow in Workflow::all(facts) {
        for job in workflow.jobs() {
            match job.get("uses").and_then(text) {
                // What a workflow of this repository does, it shows itself.
                Some(uses) if !uses.starts_with("./") => called.push(uses.to_lowercase()),
                _ => {}
            }
        }
    }
    let steps = Workflow::all(facts).flat_map(|workflow| workflow.jobs()).flat_map(|job| job.steps());
    for step in steps.chain(action_steps(facts)) {
        match step.uses() {
            Some(Uses::Action { name, path, .. }) => names.push(format!("{name}{path}").to_lowercase()),
            Some(Uses::Image(image)) => names.push(image.to_lowercase()),
            _ => {}
        }
        let Some((raw, _)) = script(&step) else { continue };
        for command in commands(raw) {
            hooks |= ["pre-commit", "prek"].contains(&command.program());
            names.push(command.words.join(" ").to_lowercase());
        }
    }
    hooks |= names.iter().any(|name| name.contains("pre-commit/action"));
    // Hooks that run in the pipeline are scans as well.
    if hooks {
        names.extend(facts.text(".pre-commit-config.yaml").map(|text| text.to_lowercase()));
    }
    let audits = |name: &String| {
        let mut words = name.split_whitespace();
        matches!(words.next(), Some("npm" | "pnpm" | "yarn" | "cargo" | "composer" | "bun" | "mix" | "uv" | "poetry"))
            && words.any(|word| matches!(word, "audit" | "deny" | "npm" | "deps.audit" | "hex.audit"))
            && name.contains("audit")
            || name.starts_with("cargo deny")
    };
    let does = |scan: &Scan| {
        names.iter().any(|name| scan.tools.iter().any(|tool| name.contains(tool)))
            || called.iter().any(|name| scan.called.iter().any(|word| name.contains(word)))
            || scan.kind == Kind::Dependencies && names.iter().any(audits)
    };
    SCANS.iter().filter(|scan| does(scan)).map(|scan| scan.kind).collect()
}

/// Files that name dependencies.
const MANIFESTS: [&str; 16] = [
    "package.json",
    "go.mod",
    "Cargo.toml",
    "pyproject.toml",
    "requirements.txt",
    "setup.py",
    "Pipfile",
    "Gemfile",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "composer.json",
    "mix.exs",
    "Package.swift",
    "pubspec.yaml",
    "packages.config",
];

fn has_manifest(facts: &Facts<'_>) -> bool {
    facts.paths().iter().any(|path| MANIFESTS.contains(&path.file_name()) || path.file_name().ends_with(".csproj"))
}

/// Ends of names of code that analysers read.
const CODE: [&str; 17] =
    ["go", "py", "js", "jsx", "ts", "tsx", "java", "kt", "rb", "php", "cs", "c", "cc", "cpp", "rs", "swift", "scala"];

fn has_code(facts: &Facts<'_>) -> bool {
    let is_code = |name: &str| name.rsplit_once('.').is_some_and(|(_, end)| CODE.contains(&end));
    facts.paths().iter().any(|path| is_code(path.file_name()))
}

fn has_infrastructure(facts: &Facts<'_>) -> bool {
    [FileKind::Terraform, FileKind::Dockerfile, FileKind::Compose]
        .iter()
        .any(|kind| facts.of_kind(*kind).next().is_some())
        || facts.paths().iter().any(|path| matches!(path.file_name(), "Chart.yaml" | "kustomization.yaml"))
}
