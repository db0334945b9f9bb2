//! What opening a path refuses: everything at once, each at its place.

use super::*;
use crate::golden_path::closure::{closure, detected, questions_for};
use crate::golden_path::fixture::{MANIFEST as TEXT, asset, open, tree, with, with_link};
use crate::golden_path::suite::cases;

fn problems(files: &[(&str, &str)]) -> Vec<Problem> {
    let error = open(&with(files)).unwrap_err();
    assert_eq!(error.kind, Kind::GoldenPath);
    error.problems
}

fn strings(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn every_mistake_of_form_is_told_and_placed() {
    let found = problems(&[
        ("assets/app/asset.yaml", "schema: roadbed/asset/v1\ndescription: x\nfile: []\n"),
        ("assets/ci/asset.yaml", "schema: roadbed/asset/v9\ndescription: x\n"),
        ("assets/none/files/x", ""),
    ]);
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found.iter().any(|problem| problem.hint.as_deref() == Some("did you mean `files`?")));
}

#[test]
fn every_mistake_of_meaning_is_told_at_its_line() {
    let manifest = r#"schema: roadbed/path/v1
name: acme
version: 1.0.0
questions:
  a: {type: string, pattern: "("}
  b: {type: string, pattern: "^x$", default: y}
  C-d: {type: string}
  e: {type: choice}
  f: {type: string, choices: [a]}
  g: {type: integer, default: "1"}
  h: {type: string, when: "nosuch == 1"}
  i: {type: string, validate: "i =="}
  j: {type: string, default: "<{ nosuch }>"}
  k: {type: choice, choices: [a, b], map: {old: c}}
  in: {type: string}
  l: {type: string, default: "<{ m }>"}
  m: {type: string, when: "m == 'x'"}
templates:
  service: {description: x, assets: [apq], answers: {g: x, zzz: 1}, detect: ["a["]}
profiles:
  growth: {levels: {"a[": warn}}
"#;
    let found = problems(&[("golden-path.yaml", manifest)]);
    let lines: Vec<usize> = found
        .iter()
        .filter(|problem| problem.path.as_deref() == Some("golden-path.yaml"))
        .filter_map(|problem| problem.position.map(|at| at.line))
        .collect();
    assert_eq!(lines, [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 19, 19, 19, 21], "{found:#?}");
}

#[test]
fn every_mistake_of_an_asset_is_told() {
    let asset = r#"schema: roadbed/asset/v1
description: x
requires: [apq, me]
conflicts: [nosuch]
files:
  - {path: "a[", mode: keys}
  - {path: a.txt, mode: keys}
  - {path: a.json, mode: block}
  - {path: b, block: x}
  - {path: c, at: end}
  - {path: d, mode: once, match: {a: [b]}}
  - {path: e, when: "nam == 'x'"}
  - {path: "<{ nam }>/x"}
  - {path: f, mode: block, block: "X Y"}
  - {path: g, mode: block, allow_newer: [x]}
renames: [{from: "<{ nam }>", to: x}]
forbids: ["b["]
"#;
    let found = problems(&[("assets/me/asset.yaml", asset), ("assets/me/files/x.jinja", "\n<{ nam | upperr }>")]);
    let lines: Vec<usize> = found.iter().filter_map(|problem| problem.position.map(|at| at.line)).collect();
    assert_eq!(lines, [3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 2], "{found:#?}");
}

#[test]
fn the_same_id_must_mean_the_same_question() {
    let other = "schema: roadbed/asset/v1\ndescription: x\nquestions: {port: {type: string}}\n";
    assert!(problems(&[("assets/b/asset.yaml", other)])[0].message.contains("differs from the one of app"));
}

#[test]
fn hostile_trees_are_refused() {
    assert!(open(&MemoryTree::default()).is_err());
    for link in ["golden-path.yaml", "rules/x.yaml", "assets/app", "CHANGELOG.md", "assets/ci/asset.yaml"] {
        assert!(open(&with_link(link, "x")).is_err(), "{link}");
    }
    let deep = format!("{TEXT}x: {}", "[".repeat(100_000));
    assert!(open(&with(&[("golden-path.yaml", &deep)])).is_err());
    let binary = with(&[("assets/ci/files/a.jinja", "a")]);
    let mut tree = binary.clone();
    tree.insert(RepoPath::new("assets/ci/files/a.jinja").unwrap(), File::regular(vec![0xff, 0xfe]));
    assert!(open(&tree).is_err());
}

#[test]
fn a_thousand_mistakes_end_soon() {
    let assets = (0..50_000).map(|n| format!("a{n}, ")).collect::<Vec<_>>().concat();
    let text = TEXT.replace("assets: [app, ci]", &format!("assets: [{assets}]"));
    let start = std::time::Instant::now();
    assert!(problems(&[("golden-path.yaml", &text)]).len() >= 200);
    assert!(start.elapsed() < std::time::Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn a_choice_of_assets_comes_with_what_it_requires() {
    let path = open(&tree()).unwrap();
    assert_eq!(closure(&path, Some("service"), &[], &[]).unwrap(), ["app", "ci"]);
    assert_eq!(closure(&path, None, &strings(&["ci"]), &[]).unwrap(), ["app", "ci"]);
    assert_eq!(closure(&path, Some("service"), &[], &strings(&["ci"])).unwrap(), ["app"]);
    let wrong = |template, add: &[&str], without: &[&str]| {
        closure(&path, template, &strings(add), &strings(without)).unwrap_err().problems
    };
    assert_eq!(wrong(Some("servce"), &[], &[])[0].hint.as_deref(), Some("did you mean `service`?"));
    assert_eq!(wrong(None, &["apq"], &["cy"]).len(), 2);
    assert!(wrong(Some("service"), &[], &["app"])[0].message.contains("requires `app`"));
}

#[test]
fn assets_that_conflict_are_told_once() {
    let conflict = |with: &str| format!("schema: roadbed/asset/v1\ndescription: x\nconflicts: [{with}]\n");
    let (a, b) = (conflict("b"), conflict("a"));
    let path = open(&with(&[("assets/a/asset.yaml", &a), ("assets/b/asset.yaml", &b)])).unwrap();
    assert_eq!(closure(&path, None, &strings(&["a", "b"]), &[]).unwrap_err().problems.len(), 1);
}

#[test]
fn the_paths_questions_come_before_those_of_its_assets() {
    let path = open(&tree()).unwrap();
    let ids =
        |assets: &[&str]| questions_for(&path, &strings(assets)).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids(&["app"]), ["name", "cloud", "region", "folder", "port"]);
    assert_eq!(ids(&["ci"]), ["name", "cloud", "region", "folder"]);
}

#[test]
fn answer_sets_are_read_and_checked() {
    let suite = "schema: roadbed/test/v1\ntemplate: service\nsets:\n  - {name: aws, answers: {cloud: aws}}\n  - {name: plain}\n";
    let path = open(&with(&[("tests/service.yaml", suite)])).unwrap();
    let names: Vec<String> = cases(&path).unwrap().into_iter().map(|case| case.name).collect();
    assert_eq!(names, ["aws", "plain"]);
    let wrong = "schema: roadbed/test/v1\ntemplate: nosuch\nsets:\n  - {name: ../x}\n  - {name: a}\n  - {name: a}\n";
    let path = open(&with(&[("tests/service.yaml", wrong)])).unwrap();
    let lines: Vec<_> = cases(&path).unwrap_err().problems.iter().map(|p| p.position.unwrap().line).collect();
    assert_eq!(lines, [2, 4, 6]);
}

#[test]
fn templates_are_detected_by_files_the_surest_first() {
    let text = TEXT.replace("templates:\n", "templates:\n  a: {description: x, assets: [app], detect: [go.mod]}\n  b: {description: x, assets: [app], detect: [go.mod, '**/*.tf']}\n");
    let path = open(&with(&[("golden-path.yaml", &text)])).unwrap();
    let files = ["go.mod", "deploy/main.tf"].map(|file| RepoPath::new(file).unwrap());
    assert_eq!(detected(&path, &files), ["b", "a"]);
    assert!(detected(&path, &[]).is_empty());
    assert!(path.profile("growth").unwrap().is_some() && path.profile("grwth").unwrap().is_none());
}

#[test]
fn an_asset_needs_no_files() {
    let path = open(&with(&[("assets/b/asset.yaml", &asset("{path: x}"))])).unwrap();
    assert!(path.files["b"].is_empty());
}
