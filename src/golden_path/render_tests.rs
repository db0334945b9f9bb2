//! What lands where, and what never does.

use super::*;
use crate::golden_path::fixture::{answers, asset, open, tree, with, with_link};
use crate::model::tree::MemoryTree;

const ANSWERS: &str = "{name: pay, cloud: none, folder: src, port: 80}";

fn rendered(tree: &MemoryTree, assets: &[&str], yaml: &str) -> Result<Render> {
    let assets: Vec<String> = assets.iter().map(|id| (*id).to_owned()).collect();
    render(&open(tree)?, Some("service"), &assets, &answers(yaml))
}

fn file<'a>(render: &'a Render, path: &str) -> &'a Pristine {
    render.files.iter().find(|file| file.path.as_str() == path).unwrap()
}

fn message(result: Result<Render>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind, Kind::GoldenPath, "{error}");
    error.problems[0].message.clone()
}

#[test]
fn templates_are_rendered_and_everything_else_is_copied() {
    let render = rendered(&tree(), &["ci", "app"], ANSWERS).unwrap();
    let paths: Vec<&str> = render.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, [".github/CODEOWNERS", ".github/workflows/ci.yml", "README.md", "bin/start", "src/pay.txt"]);
    assert_eq!(file(&render, "README.md").file.text(), Some("# pay\n\n${{ kept }} on 80\n"));
    assert_eq!(file(&render, "src/pay.txt").file.text(), Some("<{ not rendered }>\n"));
    assert_eq!(render.assets, ["app", "ci"]);
}

#[test]
fn the_first_rule_that_matches_says_who_owns_a_file() {
    let render = rendered(&tree(), &["app", "ci"], ANSWERS).unwrap();
    let start = file(&render, "bin/start");
    assert_eq!((start.ownership, start.executable, start.file.mode), (Ownership::Enforced, true, FileMode::Executable));
    assert_eq!(file(&render, "README.md").ownership, Ownership::Merged);
    assert_eq!(file(&render, "src/pay.txt").ownership, Ownership::Once);
    assert_eq!(file(&render, ".github/CODEOWNERS").block, Some(("app".to_owned(), At::Start)));
    assert!(file(&render, ".github/workflows/ci.yml").parsed);
}

#[test]
fn a_placeholder_of_a_rule_stands_for_itself() {
    let odd = "{name: pay, cloud: none, folder: \"s[r]c\", port: 80}";
    assert_eq!(file(&rendered(&tree(), &["app"], odd).unwrap(), "s[r]c/pay.txt").ownership, Ownership::Once);
}

#[test]
fn a_file_whose_when_does_not_hold_needs_no_answers() {
    let aws = "{name: pay, cloud: aws, region: eu-west-1, folder: src, port: 80}";
    let render = rendered(&tree(), &["app"], aws).unwrap();
    assert_eq!(file(&render, "terraform/eu-west-1.tf").file.text(), Some("region = \"eu-west-1\"\n"));
    let none = rendered(&tree(), &["app"], ANSWERS).unwrap();
    assert!(!none.files.iter().any(|file| file.path.as_str().starts_with("terraform")));
}

#[test]
fn what_moved_what_is_let_go_and_what_must_be_gone_is_said() {
    let render = rendered(&tree(), &["app"], ANSWERS).unwrap();
    assert_eq!(render.renames[0].from.as_str(), "old/pay.txt");
    assert_eq!(render.lets_go[0].1.as_str(), "docs/old.md");
    assert_eq!(render.forbids[0].1, "**/*.pay");
}

#[test]
fn an_answer_never_moves_a_file_elsewhere() {
    for folder in ["a/b", "..", ".", "", "a\\\\b", ".git", ".roadbed", "con", "a:b", "x ", "<{ name }>"] {
        let yaml = format!("{{name: pay, cloud: none, port: 80, folder: \"{folder}\"}}");
        let result = rendered(&tree(), &["app"], &yaml);
        assert!(result.is_err(), "{folder}");
        assert_eq!(
            result.unwrap_err().problems[0].path.as_deref(),
            Some("assets/app/files/<{ folder }>/<{ name }>.txt")
        );
    }
}

#[test]
fn roadbeds_and_gits_own_directories_are_never_laid() {
    for path in [".git/hooks/pre-commit", ".roadbed/policy.yaml", ".GIT/config", "a/.git/config"] {
        let name = format!("assets/ci/files/{path}");
        message(rendered(&with(&[(&name, "x")]), &["ci"], ANSWERS));
    }
}

#[test]
fn names_that_would_be_one_on_some_systems_are_refused() {
    for (path, words) in [
        ("assets/ci/files/readme.MD", "case alone"),
        ("assets/ci/files/BIN/stop", "case alone"),
        ("assets/ci/files/bin", "file and a directory"),
        ("assets/ci/files/README.md", "two may share"),
        ("assets/app/files/README.md", "two may share"),
    ] {
        let found = message(rendered(&with(&[(path, "x")]), &["app", "ci"], ANSWERS));
        assert!(found.contains(words), "{path}: {found}");
    }
}

#[test]
fn two_assets_share_a_file_only_with_other_keys_or_other_blocks() {
    let pair = |rule_a: &str, text_a: &str, rule_b: &str, text_b: &str, name: &str| {
        let (a, b) = (asset(rule_a), asset(rule_b));
        let (in_a, in_b) = (format!("assets/a/files/{name}"), format!("assets/b/files/{name}"));
        let files = [
            ("assets/a/asset.yaml", a.as_str()),
            (&in_a, text_a),
            ("assets/b/asset.yaml", b.as_str()),
            (&in_b, text_b),
        ];
        rendered(&with(&files), &["a", "b"], ANSWERS).is_ok()
    };
    let block = |id: &str| format!("{{path: x.txt, mode: block, block: {id}}}");
    assert!(pair(&block("one"), "x", &block("two"), "y", "x.txt"));
    assert!(!pair(&block("one"), "x", &block("one"), "y", "x.txt"));
    let keys = "{path: 'x.*', mode: keys, match: {steps: [name]}}";
    assert!(pair(keys, "a: {b: 1}\n", keys, "a: {c: 1}\n", "x.yaml"));
    assert!(!pair(keys, "a: {b: 1}\n", keys, "a: {b: 2}\n", "x.yaml"));
    assert!(!pair(keys, "a: 1\n", keys, "a: {b: 2}\n", "x.yaml"));
    assert!(pair(keys, "steps: [{name: a}]\n", keys, "steps: [{name: b}]\n", "x.yaml"));
    assert!(!pair(keys, "steps: [{name: a}]\n", keys, "steps: [{name: a}]\n", "x.yaml"));
    assert!(pair(keys, "[a]\nb = 1\n", keys, "[a]\nc = 1\n", "x.toml"));
    assert!(!pair(keys, "a.b = 1\n", keys, "[a]\nb = 2\n", "x.toml"));
    assert!(!pair(keys, "{\"a\": 1}", &block("one"), "a: 2\n", "x.json"));
}

#[test]
fn a_mode_must_suit_the_file() {
    for (rule, name) in [
        ("{path: '*', mode: keys}", "notes.txt"),
        ("{path: '*', mode: block}", "package.json"),
        ("{path: 'notes.txt', mode: keys}", "notes.txt"),
        ("{path: 'a.json', mode: block}", "a.json"),
    ] {
        let file = format!("assets/a/files/{name}");
        message(rendered(&with(&[("assets/a/asset.yaml", &asset(rule)), (&file, "{}")]), &["a"], ANSWERS));
    }
}

#[test]
fn a_symlink_stays_one_and_stays_inside() {
    let render = rendered(&with_link("assets/ci/files/docs/link", "../README.md"), &["ci"], ANSWERS).unwrap();
    assert_eq!(file(&render, "docs/link").file.mode, FileMode::Symlink);
    for target in ["/etc/passwd", "../../x", "../.git/config", "", "c:/x", "..\\x"] {
        assert!(rendered(&with_link("assets/ci/files/docs/link", target), &["ci"], ANSWERS).is_err(), "{target}");
    }
    assert!(rendered(&with_link("assets/ci/asset.yaml", "../app/asset.yaml"), &["app"], ANSWERS).is_err());
}

#[test]
fn every_fault_of_every_file_is_told_at_its_line() {
    let tree = with(&[
        ("assets/ci/files/a.jinja", "fine\n<{ region }>\n"),
        ("assets/ci/files/b.jinja", "\n\n<{ region | upper }>\n"),
    ]);
    let error = rendered(&tree, &["ci"], ANSWERS).unwrap_err();
    let lines: Vec<usize> = error.problems.iter().filter_map(|problem| problem.position.map(|at| at.line)).collect();
    assert_eq!(lines, [2, 3]);
    assert!(error.problems.iter().all(|problem| problem.hint.is_some()));
}

#[test]
fn an_answer_is_data_wherever_it_lands() {
    let odd = "{name: \"<{ port }><% if %>\", cloud: none, folder: \"${{ x }}\", port: 80}";
    let tree = with(&[("assets/ci/files/a.jinja", "<{ name }> <{ folder }>")]);
    let render = rendered(&tree, &["ci"], odd).unwrap();
    assert_eq!(file(&render, "a").file.text(), Some("<{ port }><% if %> ${{ x }}"));
}

#[test]
fn a_render_is_the_same_every_time() {
    let once = rendered(&tree(), &["app", "ci"], ANSWERS).unwrap();
    assert_eq!(once, rendered(&tree(), &["ci", "app", "ci"], ANSWERS).unwrap());
}
