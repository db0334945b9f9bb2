//! What a lint says of a path that opens.

use super::*;
use crate::golden_path::fixture::{MANIFEST as TEXT, asset, open, tree, with};

/// Problems and advice, as one list.
fn everything(path: &GoldenPath) -> Vec<Problem> {
    let verdict = lint(path);
    verdict.problems.into_iter().chain(verdict.advice).collect()
}

fn said(tree: &MemoryTree) -> Vec<String> {
    everything(&open(tree).unwrap()).into_iter().map(|problem| problem.message).collect()
}

#[test]
fn a_sound_path_has_nothing_to_say() {
    assert_eq!(said(&tree()), Vec::<String>::new());
}

#[test]
fn rules_that_never_apply_are_named_at_their_line() {
    let text =
        "schema: roadbed/asset/v1\ndescription: x\nfiles:\n  - {path: '**'}\n  - {path: a.txt}\n  - {path: nosuch}\n";
    let path = open(&with(&[("assets/b/asset.yaml", text), ("assets/b/files/a.txt", "x")])).unwrap();
    let lines: Vec<usize> = everything(&path).iter().filter_map(|problem| problem.position.map(|at| at.line)).collect();
    assert_eq!(lines, [5, 6]);
}

#[test]
fn files_that_nobody_gets_and_renames_to_nowhere_are_named() {
    let asset = asset("{path: a.txt}") + "renames: [{from: a.txt, to: b.txt}]\nlets_go: [a.txt]\n";
    let found = said(&with(&[("assets/b/asset.yaml", &asset), ("assets/b/files/a.txt", "x"), ("assets/b/c.txt", "x")]));
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn questions_nobody_uses_are_named() {
    let text = TEXT.replace("  folder:", "  idle: {type: boolean, default: true}\n  folder:");
    assert_eq!(said(&with(&[("golden-path.yaml", &text)])), ["nothing reads the answer to `idle`"]);
}

#[test]
fn unknown_controls_are_named() {
    let controls = "schema: roadbed/controls/v1\ncontrols:\n  - {id: AC-01}\n";
    let asset = asset("{path: a.txt}") + "controls: [AC-01, AC-02]\n";
    let files = [("controls.yaml", controls), ("assets/b/asset.yaml", asset.as_str()), ("assets/b/files/a.txt", "x")];
    assert_eq!(said(&with(&files)), ["there is no control `AC-02`"]);
}

#[test]
fn a_template_that_does_not_render_or_parse_is_named_once() {
    let text = TEXT.replace("templates:\n", "templates:\n  other: {description: x, assets: [app, ci]}\n");
    let broken = [("golden-path.yaml", text.as_str()), ("assets/ci/files/.github/workflows/ci.yml", "a: [\n")];
    assert_eq!(said(&with(&broken)).len(), 2);
    let faulty = [("golden-path.yaml", text.as_str()), ("assets/ci/files/x.jinja", "<{ region }>")];
    assert_eq!(said(&with(&faulty)), ["`region` has no answer here: its question was not asked"]);
}

#[test]
fn assets_of_a_template_that_conflict_are_named() {
    let asset = "schema: roadbed/asset/v1\ndescription: x\nconflicts: [app]\n";
    let found = said(&with(&[("assets/ci/asset.yaml", asset)]));
    assert_eq!(found, ["the assets `ci` and `app` cannot lie side by side"]);
}

#[test]
fn the_built_in_path_has_nothing_to_say() {
    let path = crate::golden_path::Versions::builtin().unwrap().current().unwrap();
    let found: Vec<_> =
        everything(&path).into_iter().map(|problem| (problem.path, problem.position, problem.message)).collect();
    assert!(found.is_empty(), "{found:#?}");
}
