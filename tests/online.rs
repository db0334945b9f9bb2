//! `--online`: a local repository stands for GitHub, and a server on this machine for a registry.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use support::{Bed, Ran};

const WORKFLOW: &str = ".github/workflows/ci.yml";

/// A workflow with these steps.
fn workflow(uses: &[&str]) -> String {
    let steps = uses.iter().map(|uses| format!("      - uses: {uses}\n")).collect::<Vec<_>>().concat();
    format!(
        "on: push\npermissions: {{}}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n{steps}"
    )
}

/// A repository whose workflow uses these actions, and a forge with `acme/act` and the tags `v1`, `v1.2.3` (annotated).
fn bed(uses: &[&str]) -> Bed {
    let bed = Bed::new();
    bed.write("forge/acme/act/action.yml", "name: act\n");
    bed.git("forge/acme/act", &["init", "-q", "-b", "main"]);
    bed.commit("forge/acme/act");
    bed.git("forge/acme/act", &["tag", "-a", "-m", "one", "v1.2.3"]);
    bed.git("forge/acme/act", &["tag", "v1", "v1.2.3^{}"]);
    bed.commit("forge/acme/act");
    bed.write(&format!("repo/{WORKFLOW}"), workflow(uses));
    bed.git("repo", &["init", "-q", "-b", "main"]);
    bed.commit("repo");
    bed
}

fn commit(bed: &Bed, revision: &str) -> String {
    bed.git("forge/acme/act", &["rev-parse", revision]).trim().to_owned()
}

fn forge(bed: &Bed) -> String {
    format!("file://{}", bed.path("forge").display())
}

fn online(bed: &Bed, args: &[&str], more: &[(&str, &str)]) -> Ran {
    let mut command: Command = bed.roadbed("repo");
    command.env("ROADBED_GITHUB_URL", forge(bed)).envs(more.iter().copied()).args(args);
    Ran::of(&command.output().unwrap())
}

const FIX: [&str; 4] = ["fix", "--online", "--rule", "github/unpinned-action"];

#[test]
fn a_tag_that_the_catalogue_does_not_know_is_pinned_to_its_commit_and_said() {
    let bed = bed(&["acme/act/sub@v1 # keep", "acme/act@v1.2.3"]);
    let before = bed.read(&format!("repo/{WORKFLOW}"));
    let offline = bed.run("repo", &["fix", "--rule", "github/unpinned-action"]);
    assert_eq!((offline.code, bed.read(&format!("repo/{WORKFLOW}"))), (1, before));

    let sha = commit(&bed, "v1^{commit}");
    let dry = online(&bed, &[&FIX[..], &["--dry-run"]].concat(), &[]);
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    let ran = online(&bed, &FIX, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for tag in ["v1", "v1.2.3"] {
        let line = format!("acme/act@{tag} → {sha} (v1.2.3)");
        assert!(ran.stderr.contains(&line) && dry.stderr.contains(&line), "{}", ran.stderr);
    }
    let pinned = workflow(&[&format!("acme/act/sub@{sha} # v1.2.3 keep"), &format!("acme/act@{sha} # v1.2.3")]);
    assert_eq!(bed.read(&format!("repo/{WORKFLOW}")), pinned);
    // Nothing is left to ask.
    let again = online(&bed, &FIX, &[]);
    assert_eq!((again.code, again.stderr.contains('→')), (0, false), "{}", again.stderr);
}

#[test]
fn what_cannot_be_resolved_stays_and_is_said() {
    let uses = ["acme/act@main", "acme/act@v9", "acme/none@v1", "acme/act@v1"];
    let bed = bed(&uses);
    let ran = online(&bed, &FIX, &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for line in [
        "acme/act@main: not resolved: it is a branch, which moves; name a release",
        "acme/act@v9: not resolved: acme/act has no such tag",
        "acme/none@v1: not resolved: ",
    ] {
        assert!(ran.stderr.contains(line), "{line}:\n{}", ran.stderr);
    }
    let sha = commit(&bed, "v1");
    let wanted = workflow(&[uses[0], uses[1], uses[2], &format!("acme/act@{sha} # v1.2.3")]);
    assert_eq!(bed.read(&format!("repo/{WORKFLOW}")), wanted);
}

#[test]
fn without_a_network_the_finding_stays_and_that_is_said() {
    let bed = bed(&["acme/act@v1"]);
    let closed = closed_port();
    let proxies = [("https_proxy", closed.as_str()), ("ROADBED_GITHUB_URL", "https://github.invalid")];
    let ran = online(&bed, &FIX, &proxies);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("acme/act@v1: not resolved: "), "{}", ran.stderr);
    assert_eq!(bed.read(&format!("repo/{WORKFLOW}")), workflow(&["acme/act@v1"]));
}

#[test]
fn the_repository_s_own_configuration_leads_nobody_elsewhere() {
    let bed = bed(&["acme/act@v1"]);
    bed.write("evil/acme/act/action.yml", "name: evil\n");
    bed.git("evil/acme/act", &["init", "-q"]);
    bed.commit("evil/acme/act");
    bed.git("evil/acme/act", &["tag", "v1"]);
    let evil = format!("file://{}", bed.path("evil").display());
    bed.git("repo", &["config", &format!("url.{evil}.insteadOf"), &forge(&bed)]);
    bed.git("repo", &["config", "core.sshCommand", "touch ran"]);
    let ran = online(&bed, &FIX, &[("GIT_CONFIG_COUNT", "1"), ("GIT_DIR", "repo/.git")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let sha = commit(&bed, "v1");
    assert!(bed.read(&format!("repo/{WORKFLOW}")).contains(&sha), "{}", ran.stderr);
}

#[test]
fn a_commit_that_the_action_s_own_history_holds_is_confirmed() {
    // An action that the catalogue knows, with commits that it does not.
    let bed = bed(&[]);
    bed.write("forge/actions/checkout/action.yml", "name: checkout\n");
    bed.git("forge/actions/checkout", &["init", "-q", "-b", "main"]);
    for _ in 0..2 {
        bed.commit("forge/actions/checkout");
    }
    let of = |revision: &str| bed.git("forge/actions/checkout", &["rev-parse", revision]).trim().to_owned();
    let (tip, earlier) = (of("HEAD"), of("HEAD~1"));
    // Somebody else's: no branch and no tag holds it, though the forge would serve it.
    bed.git("forge/actions/checkout", &["checkout", "-q", "--detach"]);
    bed.write("forge/actions/checkout/action.yml", "name: evil\n");
    bed.commit("forge/actions/checkout");
    let impostor = of("HEAD");
    bed.git("forge/actions/checkout", &["update-ref", "refs/pull/1/head", &impostor]);
    bed.git("forge/actions/checkout", &["checkout", "-q", "main"]);

    let all = [&tip, &earlier, &impostor].map(|sha| format!("actions/checkout@{sha}"));
    bed.write(&format!("repo/{WORKFLOW}"), workflow(&all.each_ref().map(String::as_str)));
    let lines = |ran: &Ran| -> Vec<u64> {
        let rows = ran.json()["findings"].as_array().unwrap().clone();
        rows.iter().map(|row| row["line"].as_u64().unwrap()).collect()
    };
    let check = ["check", "--format", "json", "--rule", "github/unknown-sha"];
    assert_eq!(lines(&bed.run("repo", &check)), [8, 9, 10]);
    let ran = online(&bed, &[&check[..], &["--online"]].concat(), &[]);
    assert_eq!(lines(&ran), [10], "{}", ran.stderr);
    for (name, end) in all.iter().zip([
        "confirmed, main of actions/checkout holds it",
        "confirmed, main of actions/checkout holds it",
        "no branch or tag of actions/checkout holds it",
    ]) {
        assert!(ran.stderr.contains(&format!("{name}: {end}")), "{}", ran.stderr);
    }
}

#[test]
fn an_enforced_file_may_hold_a_newer_release_once_it_is_confirmed() {
    let bed = Bed::laid();
    bed.write("forge/actions/checkout/action.yml", "name: checkout\n");
    bed.git("forge/actions/checkout", &["init", "-q", "-b", "main"]);
    bed.commit("forge/actions/checkout");
    bed.git("forge/actions/checkout", &["tag", "v99.0.0"]);
    let sha = bed.git("forge/actions/checkout", &["rev-parse", "v99.0.0"]).trim().to_owned();
    let file = "repo/.github/workflows/security.yml";
    let text = bed.read(file);
    let line =
        text.lines().find(|line| line.contains("uses: actions/checkout@")).expect("the path checks out").to_owned();
    let raised = format!("{}@{sha} # v99.0.0", line.split('@').next().unwrap());
    bed.replace(file, &line, &raised);
    bed.commit("repo");
    let check = ["check", "--format", "json", "--rule", "drift/edited,github/unknown-sha"];
    let rules = |ran: &Ran| -> Vec<String> {
        let rows = ran.json()["findings"].as_array().unwrap().clone();
        rows.iter().map(|row| row["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(rules(&bed.run("repo", &check)), ["drift/edited"]);
    let ran = online(&bed, &[&check[..], &["--online"]].concat(), &[]);
    assert_eq!((ran.code, rules(&ran)), (0, Vec::new()), "{}", ran.stderr);
    // A comment that names another release than the commit's is no confirmation.
    bed.replace(file, "# v99.0.0", "# v99.1.0");
    let ran = online(&bed, &[&check[..], &["--online"]].concat(), &[]);
    assert_eq!(rules(&ran), ["drift/edited"], "{}", ran.stderr);
}

#[test]
fn hooks_are_frozen_at_the_newest_release() {
    let bed = bed(&[]);
    let address = "https://github.com/acme/act";
    let hooks = |first: &str, second: &str| {
        format!(
            "repos:\n  - repo: {address}{first}\n    hooks: [{{id: a}}]\n  - repo: {address}.git # ours{second}\n    hooks: [{{id: b}}]\n"
        )
    };
    bed.write("repo/.pre-commit-config.yaml", hooks("\n    rev: main", ""));
    bed.commit("repo");
    let fix = ["fix", "--online", "--rule", "repo/pre-commit"];
    let safe = online(&bed, &fix, &[]);
    assert_eq!(bed.read("repo/.pre-commit-config.yaml"), hooks("\n    rev: main", ""), "{}", safe.stderr);
    let ran = online(&bed, &[&fix[..], &["--unsafe-fixes"]].concat(), &[]);
    let sha = commit(&bed, "v1");
    assert!(ran.stderr.contains(&format!("acme/act → {sha} (v1.2.3)")), "{}", ran.stderr);
    let frozen = format!("\n    rev: {sha}  # frozen: v1.2.3");
    assert_eq!(bed.read("repo/.pre-commit-config.yaml"), hooks(&frozen, &frozen));
}

#[test]
fn addresses_in_the_environment_must_be_safe() {
    let bed = bed(&["acme/act@v1"]);
    for (name, value) in [
        ("ROADBED_GITHUB_URL", "http://github.acme.example"),
        ("ROADBED_GITHUB_URL", "ext::sh -c true"),
        ("ROADBED_REGISTRY_URL", "http://registry.acme.example"),
    ] {
        let ran = online(&bed, &FIX, &[(name, value)]);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
}

/// The address of a port on which nobody listens.
fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

const MANIFEST: &str = "{\"schemaVersion\": 2, \"manifests\": []}\n";
const DIGEST: &str = "sha256:adc15f1de180dc2577c51c75d65efb5b0bbdf80e7f8cbb2c929d916d25116ac7";

/// A registry on this machine; the name of an image says what it does.
fn registry() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let own = address.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, &own);
        }
    });
    address
}

fn answer(mut stream: TcpStream, own: &str) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let header = |wanted: &str| headers.iter().any(|line| line.contains(wanted));
    let index = "Content-Type: application/vnd.oci.image.index.v1+json\r\n";
    let named = |digest: &str| format!("{index}Docker-Content-Digest: {digest}\r\n");
    let asks = format!("WWW-Authenticate: Bearer realm=\"http://{own}/token\",service=\"here\"\r\n");
    let (status, more, body) = match path.as_str() {
        "/v2/acme/app/manifests/1" if header("application/vnd.oci.image.index.v1+json") => {
            (200, index.to_owned(), MANIFEST)
        }
        "/v2/acme/token/manifests/1" if header("authorization: bearer letmein") => (200, index.to_owned(), MANIFEST),
        "/v2/acme/token/manifests/1" | "/v2/acme/private/manifests/1" => (401, asks, "{}"),
        "/token?scope=repository%3Aacme%2Ftoken%3Apull&service=here" => {
            (200, String::new(), "{\"token\": \"letmein\"}")
        }
        "/token?scope=repository%3Aacme%2Fprivate%3Apull&service=here" => (401, String::new(), "{}"),
        "/v2/acme/forged/manifests/1" => (200, named(&format!("sha256:{}", "0".repeat(64))), MANIFEST),
        "/v2/acme/page/manifests/1" => (200, "Content-Type: text/html\r\n".to_owned(), "<p>"),
        "/v2/acme/broken/manifests/1" => (500, String::new(), ""),
        "/v2/acme/moved/manifests/1" => (307, "Location: /v2/acme/app/manifests/1\r\n".to_owned(), ""),
        "/v2/acme/circle/manifests/1" => (307, format!("Location: http://{own}{path}\r\n"), ""),
        "/v2/acme/away/manifests/1" => (302, "Location: http://registry.invalid/\r\n".to_owned(), ""),
        "/v2/library/base/manifests/1" => (200, index.to_owned(), MANIFEST),
        _ => (404, String::new(), "{}"),
    };
    let length = body.len();
    let text = format!("HTTP/1.1 {status} x\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    // A client that hangs up early is its own affair.
    let _ = stream.write_all(text.as_bytes());
}

/// Images of this registry that are looked up in a Dockerfile.
fn dockerfile(images: &[String]) -> String {
    images.iter().map(|image| format!("FROM {image}\n")).collect::<Vec<_>>().concat()
}

#[test]
fn a_registry_is_asked_for_digests_and_what_it_sends_is_held_against_them() {
    let bed = bed(&[]);
    let registry = registry();
    let of = |name: &str| format!("{registry}/acme/{name}:1");
    let names = ["app", "token", "moved", "private", "forged", "page", "broken", "circle", "away", "none"];
    let images = names.map(of);
    bed.write("repo/Dockerfile", dockerfile(&images));
    bed.commit("repo");
    let ran = online(&bed, &["fix", "--online", "--rule", "docker/base-no-digest"], &[]);
    assert_eq!(ran.code, 0, "a warning blocks nothing: {}", ran.stderr);
    let digest = DIGEST;
    let mut wanted = images.clone();
    for image in &mut wanted[..3] {
        assert!(ran.stderr.contains(&format!("{image} → {digest}")), "{}", ran.stderr);
        *image = format!("{image}@{digest}");
    }
    assert_eq!(bed.read("repo/Dockerfile"), dockerfile(&wanted));
    for (image, why) in images[3..].iter().zip([
        "the registry asks for credentials, and none are sent",
        "the registry says sha256:000",
        "the registry sent `text/html`",
        "the registry answered with status 500",
        "the registry points elsewhere again and again",
        "the registry points to `http://registry.invalid/`, which is not asked",
        "the registry has no such tag",
    ]) {
        assert!(ran.stderr.contains(&format!("{image}: not resolved: {why}")), "{why}:\n{}", ran.stderr);
    }
}

#[test]
fn images_in_every_kind_of_file_are_pinned_also_where_a_mirror_stands_for_docker_hub() {
    let bed = bed(&["docker://base:1"]);
    let registry = registry();
    bed.write("repo/compose.yaml", "services:\n  a:\n    image: \"base:1\" # why\n  b:\n    image: base:1\n");
    bed.write("repo/.gitlab-ci.yml", "a:\n  image: base:1\n  script: [make]\n");
    bed.write("repo/Jenkinsfile", "pipeline {\n  agent { docker { image 'base:1' } }\n}\n");
    bed.write("repo/Dockerfile", "FROM base:1\n");
    bed.commit("repo");
    let files = [WORKFLOW, "compose.yaml", ".gitlab-ci.yml", "Jenkinsfile", "Dockerfile"];
    let before = files.map(|file| bed.read(&format!("repo/{file}")));
    let rules = "docker/base-no-digest,github/container-image-unpinned,gitlab/image-unpinned,jenkins/unpinned-image";
    let mirror = format!("http://{registry}");
    let ran = online(&bed, &["fix", "--online", "--rule", rules], &[("ROADBED_REGISTRY_URL", &mirror)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for (file, text) in files.iter().zip(before) {
        assert_eq!(bed.read(&format!("repo/{file}")), text.replace("base:1", &format!("base:1@{DIGEST}")), "{file}");
    }
    assert_eq!(ran.stderr.matches("base:1 → ").count(), 1, "one image is asked for once: {}", ran.stderr);
}

#[test]
fn a_registry_that_does_not_answer_is_asked_once() {
    let bed = bed(&[]);
    let closed = closed_port();
    let host = closed.trim_start_matches("http://");
    bed.write("repo/Dockerfile", format!("FROM {host}/acme/a:1\nFROM {host}/acme/b:1\n"));
    bed.commit("repo");
    let ran = online(&bed, &["fix", "--online", "--rule", "docker/base-no-digest"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for name in ["a", "b"] {
        assert!(
            ran.stderr.contains(&format!("{host}/acme/{name}:1: not resolved: {host} cannot be reached")),
            "{}",
            ran.stderr
        );
    }
}
