//! What `roadbed adopt` sees in a repository, what it makes of it, and what it asks.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use serde_json::Value;
use support::{Bed, Ran};

/// A repository of somebody's own, kept at `github.com/acme/money-api`.
fn bed(files: &[(&str, &str)]) -> Bed {
    let bed = Bed::new();
    std::fs::create_dir(bed.path("repo")).unwrap();
    bed.git("repo", &["init", "-q", "-b", "trunk"]);
    bed.git("repo", &["remote", "add", "origin", "https://ada:hunter2@github.com/acme/money-api.git"]);
    for (path, text) in files {
        bed.write(&format!("repo/{path}"), text);
    }
    bed.commit("repo");
    bed
}

fn adopt(bed: &Bed, more: &[&str]) -> Ran {
    bed.run("repo", &[&["adopt", "--format", "json"], more].concat())
}

/// The answers of a document: id, value as text, where it comes from.
fn answer<'a>(document: &'a Value, id: &str) -> (&'a Value, &'a str) {
    let rows = document["answers"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no answer `{id}` in {rows:#?}"));
    (&row["value"], row["from"].as_str().unwrap())
}

const SERVICE: [(&str, &str); 7] = [
    ("go.mod", "module example.com/acme/payments\n\nrequire github.com/go-chi/chi/v5 v5.2.0\n"),
    ("main.go", "package main\n\nfunc main() {}\n"),
    ("Dockerfile", "FROM golang:1.25\nEXPOSE 8080\n"),
    (".github/CODEOWNERS", "* @acme/money\n"),
    (
        ".github/workflows/release-notes.yml",
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: aws-actions/configure-aws-credentials@v4\n",
    ),
    ("LICENSE.md", "Apache License\nVersion 2.0\n"),
    ("README.md", "# Payments\n\nTakes money from callers. And more.\n"),
];

#[test]
fn everything_is_seen_with_its_place_and_answers_what_it_can() {
    let bed = bed(&SERVICE);
    let ran = adopt(&bed, &["--defaults"]).ok();
    let document = ran.json();
    assert_eq!(document["proposed"]["template"], "go-service");
    for (id, value, from) in [
        ("name", "payments", "detected"),
        ("owner", "@acme/money", "detected"),
        ("org", "acme", "detected"),
        ("repo", "money-api", "detected"),
        ("description", "Takes money from callers", "detected"),
        ("licence", "Apache-2.0", "detected"),
        ("cloud", "aws", "detected"),
        ("ci", "github", "detected"),
        ("forge", "github", "detected"),
        ("language", "go", "template"),
        ("tier", "3", "default"),
    ] {
        assert_eq!(answer(&document, id), (&Value::from(value), from), "{id}");
    }
    let observed = document["observed"].as_array().unwrap();
    let cloud = observed.iter().find(|row| row["what"] == "cloud").unwrap();
    assert_eq!((&cloud["path"], &cloud["line"]), (&".github/workflows/release-notes.yml".into(), &6.into()));
    assert_eq!((&cloud["used"], &cloud["unfit"]), (&true.into(), &Value::Null));
    let people = observed.iter().find(|row| row["confidence"] == "guess").unwrap();
    assert_eq!((&people["what"], &people["value"], &people["used"]), (&"owner".into(), &"t".into(), &false.into()));
    let config = bed.read("repo/.roadbed/config.yaml");
    assert!(config.contains("template: go-service") && config.contains("owner: \"@acme/money\""), "{config}");
    assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"), "a password of the address is shown");
}

#[test]
fn the_same_is_told_to_people() {
    let bed = bed(&SERVICE);
    let ran = bed.run("repo", &["adopt", "--defaults", "--dry-run"]).ok();
    let said = ran.says("Seen here:\n").says(".github/CODEOWNERS:1").says("Proposed: template go-service (");
    let said = said.says("detected, .github/workflows/release-notes.yml:6").says("a guess, not taken");
    assert!(
        said.stderr.lines().any(|line| line.starts_with("  framework ") && line.contains("go.mod:3")),
        "{}",
        said.stderr
    );
    let quiet = bed.run("repo", &["adopt", "--defaults", "--dry-run", "-q"]).ok();
    assert_eq!(quiet.stderr, "");
}

#[test]
fn what_is_given_wins_over_what_is_seen() {
    let bed = bed(&SERVICE);
    bed.write("answers.yaml", "owner: \"@acme/filed\"\ncloud: gcp\n");
    let mut command = bed.roadbed("repo");
    command.args(["adopt", "--dry-run", "--format", "json", "--defaults"]);
    command.args(["--answers", "../answers.yaml", "--set", "cloud=none"]).env("ROADBED_SET_ORG", "elsewhere");
    let document = Ran::of(&command.output().unwrap()).ok().json();
    assert_eq!(answer(&document, "cloud"), (&"none".into(), "set"));
    assert_eq!(answer(&document, "owner"), (&"@acme/filed".into(), "file"));
    assert_eq!(answer(&document, "org"), (&"elsewhere".into(), "environment"));
    assert_eq!(answer(&document, "repo"), (&"money-api".into(), "detected"));
    // The template that somebody names is believed, whatever is here.
    let document = adopt(&bed, &["--dry-run", "--defaults", "--template", "python-service"]).ok().json();
    assert_eq!(answer(&document, "language"), (&"python".into(), "template"));
}

#[test]
fn what_does_not_fit_is_said_and_not_taken() {
    let bed = bed(&[
        ("go.mod", "module example.com/acme/9-Lives\n"),
        ("main.go", "package main\n"),
        (".github/CODEOWNERS", "* @ada\n"),
        ("LICENSE", "Mozilla Public License\n"),
    ]);
    let ran = adopt(&bed, &["--defaults"]).ok();
    let document = ran.json();
    assert_eq!(answer(&document, "owner"), (&"@acme/money-api".into(), "default"));
    // The next best stands in: the manifest's name cannot be one, the repository's can.
    assert_eq!(answer(&document, "name"), (&"money-api".into(), "detected"));
    assert_eq!(answer(&document, "licence"), (&"other".into(), "detected"));
    let unfit = document["observed"].as_array().unwrap().iter().find(|row| row["value"] == "@ada").unwrap();
    assert!(unfit["unfit"].as_str().unwrap().contains("must match the pattern"), "{unfit}");
    ran.says("Seen, and not taken:").says("owner: `@ada` must match").says("licence: `MPL-2.0` must be one of");
}

#[test]
fn a_licence_that_the_path_does_not_lay_stays_as_it_is() {
    let lives = [
        ("pyproject.toml", "[project]\nname = \"lives\"\nversion = \"1.0.0\"\n"),
        ("src/lives/__init__.py", ""),
        ("COPYING", "GNU GENERAL PUBLIC LICENSE\n"),
    ];
    let bed = bed(&lives);
    let document = adopt(&bed, &["--defaults", "--template", "library"]).ok().json();
    assert_eq!(answer(&document, "licence"), (&"other".into(), "detected"));
    assert_eq!(bed.read("repo/COPYING"), lives[2].1);
    assert!(!bed.exists("repo/LICENSE"));
    assert!(!bed.read("repo/pyproject.toml").contains("license = "));
}

#[test]
fn code_that_has_lived_without_a_licence_is_given_none() {
    let service = ["go.mod", "main.go"].map(|path| *SERVICE.iter().find(|(name, _)| *name == path).unwrap());
    let bed = bed(&service);
    // Somebody who asks for one gets it.
    let document = adopt(&bed, &["--defaults", "--dry-run", "--set", "licence=MIT"]).ok().json();
    assert_eq!(answer(&document, "licence"), (&"MIT".into(), "set"));
    let document = adopt(&bed, &["--defaults"]).ok().json();
    assert_eq!(answer(&document, "licence"), (&"none".into(), "detected"));
    // Nor is it told to be what a sample is.
    assert_eq!(answer(&document, "description"), (&"money-api".into(), "detected"));
    assert!(!bed.exists("repo/LICENSE"));
}

#[test]
fn a_library_needs_a_licence_and_says_that_it_had_none() {
    let bed = bed(&[("go.mod", "module example.com/acme/limits\n"), ("limits.go", "package limits\n")]);
    let ran = adopt(&bed, &["--defaults", "--dry-run", "--template", "library"]).ok();
    assert_eq!(answer(&ran.json(), "licence"), (&"proprietary".into(), "default"));
    ran.says("Seen, and not taken:").says("licence: `none`");
}

#[test]
fn answers_to_copier_and_cruft_are_taken_over() {
    let bed = bed(&[
        (
            ".copier-answers.yml",
            "_commit: 1.0\n_src_path: gh:acme/template\nproject_slug: ledger\nowner: \"@acme/books\"\ntier: 1\n",
        ),
        (
            ".cruft.json",
            "{\"template\": \"gh:acme/old\", \"commit\": \"abc\", \"context\": {\"cookiecutter\": {\"system\": \"accounting\", \"data_class\": \"secret\"}}}",
        ),
        ("go.mod", "module ledger\n"),
    ]);
    let ran = adopt(&bed, &["--defaults"]).ok();
    let document = ran.json();
    assert_eq!(answer(&document, "owner"), (&"@acme/books".into(), "detected"));
    assert_eq!(answer(&document, "tier"), (&"1".into(), "detected"));
    assert_eq!(answer(&document, "system"), (&"accounting".into(), "detected"));
    assert_eq!(answer(&document, "data_class"), (&"internal".into(), "default"));
    ran.says("gh:acme/template at 1.0").says("data_class: `secret` must be one of");
}

#[test]
fn a_library_and_a_command_line_are_no_services() {
    for (files, template) in [
        (&[("go.mod", "module limits\n"), ("limits.go", "package limits\n")][..], "library"),
        (
            &[("Cargo.toml", "[package]\nname = \"hx\"\n[dependencies]\nclap = \"4\"\n"), ("src/main.rs", "")][..],
            "generic",
        ),
        (&[("variables.tf", "variable \"a\" {}\n")][..], "terraform-module"),
        (&[("a.rb", "puts 1\n")][..], "generic"),
    ] {
        let bed = bed(files);
        assert_eq!(
            adopt(&bed, &["--dry-run", "--defaults"]).ok().json()["proposed"]["template"],
            template,
            "{files:?}"
        );
    }
}

#[test]
fn what_nobody_knows_is_named_off_a_terminal() {
    let bed = bed(&[("go.mod", "module payments\n"), ("main.go", "package main\n")]);
    bed.copy_golden_path("acme");
    bed.replace("acme/golden-path.yaml", ", default: \"@acme/<{ name }>\"}", "}");
    bed.replace("acme/golden-path.yaml", "assets: [base]}", "assets: [base], detect: [go.mod]}");
    let before = bed.files("repo");
    let ran = bed.run("repo", &["adopt", "--golden-path", "../acme", "--defaults"]).code(2);
    ran.says("the question `owner` (Owning team) has no answer").says("--set owner=");
    assert_eq!(bed.files("repo"), before);
    bed.write("repo/.github/CODEOWNERS", "* @acme/money\n");
    bed.commit("repo");
    bed.run("repo", &["adopt", "--golden-path", "../acme", "--defaults"]).ok();
    assert!(bed.read("repo/.roadbed/config.yaml").contains("owner: \"@acme/money\""));
}

#[test]
fn a_directory_of_a_larger_repository_is_seen_by_itself() {
    let bed = bed(&[
        ("go.mod", "module outer\n"),
        ("services/ledger/package.json", "{\"name\": \"ledger\", \"private\": true}\n"),
        ("services/ledger/a.ts", ""),
    ]);
    let document = bed.run("repo/services/ledger", &["adopt", "--defaults", "--format", "json"]).ok().json();
    assert_eq!(document["proposed"]["template"], "node-service");
    assert_eq!(answer(&document, "name"), (&"ledger".into(), "detected"));
    let language = document["observed"].as_array().unwrap().iter().find(|row| row["what"] == "language").unwrap();
    assert_eq!(language["path"], "services/ledger/package.json");
    assert!(bed.exists("repo/services/ledger/.roadbed/lock.yaml") && !bed.exists("repo/.roadbed"));
}

#[test]
fn other_commands_have_the_keys_too() {
    let bed = Bed::laid();
    let document = bed.run("repo", &["fix", "--format", "json"]).ok().json();
    for key in ["observed", "proposed", "answers", "kept", "notes"] {
        assert!(document.as_object().unwrap().get(key).is_some_and(Value::is_null), "{key}: {document}");
    }
}

#[test]
fn where_nothing_tells_the_template_for_anything_is_proposed() {
    let bed = bed(&[("notes.txt", "hello\n")]);
    let document = adopt(&bed, &["--defaults"]).ok().json();
    assert_eq!(document["proposed"]["template"], "generic");
    assert_eq!(document["proposed"]["why"], serde_json::json!(["no file here tells what this repository is"]));
    assert!(bed.exists("repo/.roadbed/lock.yaml") && bed.read("repo/notes.txt") == "hello\n");
}
