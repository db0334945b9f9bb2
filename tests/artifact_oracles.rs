//! What roadbed finds in the cases of its own pages, held against hadolint and checkov: where they judge the same thing, they
//! must agree, but for what is listed here with a reason.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use roadbed::rules::{all, docs};
use support::{Bed, Ran};

/// A rule, and what another tool calls the same thing.
type Shared = (&'static str, &'static [&'static str]);

const HADOLINT: [Shared; 12] = [
    ("docker/base-latest", &["DL3006", "DL3007"]),
    ("docker/non-numeric-user", &["DL3066"]),
    ("docker/secret-in-image", &["DL3064"]),
    ("docker/add-not-copy", &["DL3020"]),
    ("docker/no-pipefail", &["DL4006"]),
    ("docker/sudo", &["DL3004"]),
    ("docker/apt-hygiene", &["DL3027", "DL3014", "DL3015", "DL3009"]),
    ("docker/shell-form-entrypoint", &["DL3025"]),
    ("docker/unlocked-install", &["DL3016", "DL3013", "DL3042", "DL3062"]),
    ("docker/relative-workdir", &["DL3000", "DL3045"]),
    ("docker/cd-in-run", &["DL3003"]),
    ("docker/maintainer", &["DL4000"]),
];

const CHECKOV: [Shared; 13] = [
    ("kubernetes/privileged", &["CKV_K8S_16"]),
    ("kubernetes/privilege-escalation", &["CKV_K8S_20"]),
    ("kubernetes/host-namespace", &["CKV_K8S_17", "CKV_K8S_18", "CKV_K8S_19"]),
    ("kubernetes/not-nonroot", &["CKV_K8S_23", "CKV_K8S_40"]),
    ("kubernetes/writable-rootfs", &["CKV_K8S_22"]),
    ("kubernetes/capabilities", &["CKV_K8S_37"]),
    ("kubernetes/seccomp", &["CKV_K8S_31"]),
    ("kubernetes/image-unpinned", &["CKV_K8S_14", "CKV_K8S_43"]),
    ("kubernetes/no-resources", &["CKV_K8S_11", "CKV_K8S_13"]),
    ("kubernetes/no-probes", &["CKV_K8S_8", "CKV_K8S_9"]),
    ("kubernetes/mounted-token", &["CKV_K8S_38"]),
    ("docker/runs-as-root", &["CKV_DOCKER_3", "CKV_DOCKER_8"]),
    ("docker/no-healthcheck", &["CKV_DOCKER_2"]),
];

/// Where they may differ: the rule, whether it is the other tool alone that finds it, words of the line, and why.
const REASONS: &[(&str, bool, &str, &str)] = &[
    ("docker/base-latest", false, "FROM $IMAGE", "hadolint does not put in an argument's default; checkov finds it"),
    ("docker/base-latest", false, "$REGISTRY/base", "whatever the registry is, there is no tag; checkov finds it"),
    ("docker/secret-in-image", false, ".env", "hadolint looks at variables only, not at copied files"),
    ("docker/secret-in-image", false, "id_rsa", "hadolint looks at variables only, not at copied files"),
    ("docker/secret-in-image", false, ".npmrc", "hadolint looks at variables only, not at copied files"),
    ("docker/secret-in-image", true, "DB_PASSWORD_FILE", "the name of a file is no secret"),
    ("docker/non-numeric-user", true, "USER ${ID:-1000}", "what stands there is a number"),
    ("docker/add-not-copy", true, "ADD $TARBALL", "by its name it is an archive, which only `ADD` unpacks"),
    ("docker/add-not-copy", true, "ADD ${BASE_URL}", "by its name it is an address, which only `ADD` fetches"),
    ("docker/no-pipefail", true, "RUN ls | wc -l", "a stage inherits the SHELL of the stage that it is built from"),
    ("docker/no-pipefail", true, "set -o pipefail", "the step itself sets the option"),
    ("docker/apt-hygiene", false, "sudo apt-get", "hadolint does not look behind sudo"),
    ("docker/apt-hygiene", true, "apt-get dist-clean", "it removes the lists, which hadolint does not know yet"),
    ("docker/apt-hygiene", true, "bash -c", "hadolint does not look into what a called shell runs"),
    ("docker/unlocked-install", false, "RUN npm install", "hadolint does not see the lock beside the file"),
    ("docker/unlocked-install", false, "RUN cargo install", "hadolint has no rule for cargo"),
    ("docker/unlocked-install", false, "-r requirements.txt", "hadolint does not read the requirements"),
    ("kubernetes/image-unpinned", true, "$IMAGE", "what is filled in later is not known here"),
    ("kubernetes/image-unpinned", true, "args: [--verbose]", "a patch need not name the image"),
    ("docker/no-healthcheck", false, "AS build", "checkov takes the check of a stage that does not ship"),
];

/// A finding: the file, its first and its last line.
type Place = (String, usize, usize);

/// A validator's program; none, said aloud, where nobody has set it up.
fn validator(tool: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ROADBED_VALIDATORS");
    let path = root.map(|root| Path::new(&root).join(tool).join("bin").join(tool)).filter(|path| path.exists());
    if path.is_none() {
        // Not `println!`: the harness would swallow it.
        let _ =
            writeln!(std::io::stderr(), "SKIPPED: {tool} is not set up; `tests/run` installs it and runs this test");
    }
    path
}

/// Every case of these families' pages, each in a directory of its own.
fn cases(bed: &Bed, families: &[&str]) -> Vec<String> {
    let mut files = Vec::new();
    let mut number = 0;
    for rule in all().filter(|rule| families.iter().any(|family| rule.id.starts_with(family))) {
        for case in docs::cases(rule.page, "Bad").into_iter().chain(docs::cases(rule.page, "Good")) {
            number += 1;
            for file in &case.files {
                let path = format!("{number}/{}", file.path);
                bed.write(&format!("cases/{path}"), &file.text);
                files.push(path);
            }
        }
    }
    files
}

fn ours(bed: &Bed, rule: &str) -> BTreeSet<Place> {
    let found =
        bed.run("cases", &["check", "--format", "json", "--pedantic", "--fail-on", "never", "--rule", rule]).json();
    let rows = found["findings"].as_array().unwrap().iter();
    rows.filter_map(|row| {
        let line = |key: &str| row[key].as_u64().map(|line| usize::try_from(line).unwrap());
        Some((row["path"].as_str().unwrap().to_owned(), line("line")?, line("end_line")?))
    })
    .collect()
}

/// Where the two differ without a reason.
fn compare(bed: &Bed, rule: &str, theirs: &BTreeSet<Place>, in_scope: &BTreeSet<&str>) -> Vec<String> {
    let ours = ours(bed, rule);
    let meets = |a: &Place, b: &Place| a.0 == b.0 && a.1 <= b.2 && b.1 <= a.2;
    let mut wrong = Vec::new();
    for (theirs_alone, these, those) in [(false, &ours, theirs), (true, theirs, &ours)] {
        for place in these.iter().filter(|place| in_scope.contains(place.0.as_str())) {
            if those.iter().any(|other| meets(place, other)) {
                continue;
            }
            let text = bed.read(&format!("cases/{}", place.0));
            let line = text.lines().skip(place.1 - 1).take(place.2 - place.1 + 1).collect::<Vec<_>>().join("\n");
            let reason = REASONS
                .iter()
                .any(|(of, alone, words, _)| *of == rule && *alone == theirs_alone && line.contains(words));
            if !reason {
                wrong.push(format!(
                    "{rule}: {} {place:?}: {line}",
                    if theirs_alone { "theirs alone" } else { "ours alone" }
                ));
            }
        }
    }
    wrong
}

#[test]
fn hadolint_agrees_on_dockerfiles() {
    let Some(program) = validator("hadolint") else { return };
    let bed = Bed::new();
    let files: Vec<String> = cases(&bed, &["docker/"]).into_iter().filter(|file| file.contains("Dockerfile")).collect();
    let mut command = bed.command(&program, "cases");
    command.args(["--config", "/dev/null", "--disable-ignore-pragma", "--no-fail", "--format", "json"]).args(&files);
    let said = Ran::of(&command.output().unwrap()).json();
    let said = said.as_array().unwrap();
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    // What it cannot parse, it cannot judge.
    let lost: BTreeSet<String> =
        said.iter().filter(|row| text(row, "code") == "DL1000").map(|row| text(row, "file")).collect();
    let in_scope: BTreeSet<&str> = files.iter().map(String::as_str).filter(|file| !lost.contains(*file)).collect();
    assert!(in_scope.len() > 40, "hadolint parsed only {} files", in_scope.len());
    let mut wrong = Vec::new();
    for (rule, codes) in &HADOLINT {
        let theirs = said
            .iter()
            .filter(|row| codes.contains(&text(row, "code").as_str()))
            .map(|row| {
                let line = usize::try_from(row["line"].as_u64().unwrap()).unwrap();
                (text(row, "file"), line, line)
            })
            .collect();
        wrong.extend(compare(&bed, rule, &theirs, &in_scope));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn checkov_agrees_on_manifests_and_dockerfiles() {
    let Some(program) = validator("checkov") else { return };
    let bed = Bed::new();
    let files = cases(&bed, &["docker/", "kubernetes/"]);
    let args =
        ["-d", ".", "--framework", "dockerfile", "kubernetes", "-o", "json", "--compact", "--quiet", "--skip-download"];
    let ran = Ran::of(&bed.command(&program, "cases").args(args).output().unwrap());
    let said: serde_json::Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr));
    let runs: Vec<serde_json::Value> = said.as_array().cloned().unwrap_or_else(|| vec![said]);
    let failed: Vec<&serde_json::Value> =
        runs.iter().flat_map(|run| run["results"]["failed_checks"].as_array().unwrap()).collect();
    // It looks into no directory whose name begins with a dot, and into no compose file, and knows no `Dockerfile-aws`
    // and no workloads of OpenKruise. It takes what Docker ignores for a Dockerfile.
    let unknown = ["compose", "/.", "Dockerfile-", "kruise", "Dockerfile.ignore"];
    let scope = |file: &&str| !unknown.iter().any(|word| file.contains(word));
    let in_scope: BTreeSet<&str> = files.iter().map(String::as_str).filter(scope).collect();
    let mut wrong = Vec::new();
    for (rule, codes) in &CHECKOV {
        let theirs: BTreeSet<Place> = failed
            .iter()
            .filter(|row| codes.contains(&row["check_id"].as_str().unwrap()))
            .map(|row| {
                let line = |n: usize| usize::try_from(row["file_line_range"][n].as_u64().unwrap()).unwrap();
                (row["file_path"].as_str().unwrap().trim_start_matches('/').to_owned(), line(0), line(1))
            })
            .collect();
        assert!(!theirs.is_empty(), "checkov finds no {codes:?}");
        wrong.extend(compare(&bed, rule, &theirs, &in_scope));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
