use super::*;

const CI: &str = "\
# The golden path's.
name: ci
on: [push]
jobs:
  build:
    runs-on: ubuntu-22.04
    steps:
      - uses: actions/checkout@1111 # v1.0.0
      - name: Build
        run: make
      - name: Test
        run: make test
  scan:
    runs-on: ubuntu-22.04
    steps:
      - uses: actions/checkout@1111 # v1.0.0
      - name: Scan
        run: scan
";

fn edit(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

#[track_caller]
fn yaml(ours: &[(&str, &str)], theirs: &[(&str, &str)], result: &[(&str, &str)]) {
    assert_eq!(clean("ci.yml", CI, &edit(CI, ours), &edit(CI, theirs)), edit(CI, result));
}

#[test]
fn lines_next_to_each_other_merge() {
    let timeout = "    runs-on: ubuntu-22.04\n    timeout-minutes: 5\n";
    yaml(
        &[("    runs-on: ubuntu-22.04\n", timeout)],
        &[("ubuntu-22.04", "ubuntu-24.04")],
        &[("    runs-on: ubuntu-22.04\n", &timeout.replace("22", "24"))],
    );
    assert_eq!(clean("a.yml", "a: 1\nb: 2\n", "a: 3\nb: 2\n", "a: 1\nb: 4\n"), "a: 3\nb: 4\n");
    assert_eq!(
        clean("a.json", "{\"a\": 1, \"b\": 2}", "{\"a\": 3, \"b\": 2}", "{\"a\": 1, \"b\": 4}"),
        "{\"a\": 3, \"b\": 4}"
    );
    assert_eq!(clean("a.toml", "a = 1\nb = 2\n", "a = 3\nb = 2\n", "a = 1\nb = 4\n"), "a = 3\nb = 4\n");
    assert_eq!(clean("a.yml", "- a\n- b\n", "- x\n- b\n", "- a\n- y\n"), "- x\n- y\n");
}

#[test]
fn different_lines_of_one_script_merge() {
    let base = "steps:\n  - name: A\n    run: |\n      one\n      two\n      three\n";
    let (ours, theirs) = (base.replace("one", "ONE"), base.replace("three", "THREE"));
    assert_eq!(clean("a.yml", base, &ours, &theirs), ours.replace("three", "THREE"));
    // Beside keys that only the keys can tell apart, too.
    let beside = theirs.replace("name: A\n", "name: A\n    if: x\n");
    let both = clean("a.yml", base, &ours.replace("name: A\n", "name: A\n    env: {}\n"), &beside);
    assert_eq!(both, "steps:\n  - name: A\n    if: x\n    env: {}\n    run: |\n      ONE\n      two\n      THREE\n");
    assert!(conflict("a.yml", base, &ours, &base.replace("one", "1")).contains("on both sides"));
}

#[test]
fn each_side_adds_keys_at_the_same_place() {
    assert_eq!(clean("a.yml", "a: 1\n", "a: 1\nb: 2\n", "a: 1\nc: 3 # why\n"), "a: 1\nc: 3 # why\nb: 2\n");
    assert_eq!(clean("a.yml", "a: 1\n", "a: 1\nb: 2\nd: 4\n", "a: 1\nc: 3\nb: 2\n"), "a: 1\nc: 3\nb: 2\nd: 4\n");
    assert_eq!(clean("a.toml", "a = 1\n", "a = 1\nb = 2\n", "a = 1\nc = 3\n"), "a = 1\nc = 3\nb = 2\n");
    let message = conflict("a.yml", "a: 1\n", "a: 1\nb: 2\n", "a: 1\nb: 3\n");
    assert_eq!(
        message,
        "`b` was added on both sides, with different content: line 2 here, line 2 of the golden path's"
    );
}

#[test]
fn deletes_against_changes_are_conflicts() {
    let base = "a: 1\nb: 2\nc: 3\n";
    let message = conflict("a.yml", base, "a: 1\nc: 3\n", "a: 1\nb: 4\nc: 3\n");
    assert_eq!(
        message,
        "`b` was deleted here and changed by the golden path: after line 1 here, line 2 of the golden path's"
    );
    let message = conflict("a.yml", base, "a: 1\nb: 4\nc: 3\n", "a: 1\nc: 3\n");
    assert_eq!(
        message,
        "`b` was changed here and deleted by the golden path: line 2 here, after line 1 of the golden path's"
    );
    assert_eq!(clean("a.yml", base, "a: 1\nc: 3\n", "a: 1\nb: 2\nc: 4\n"), "a: 1\nc: 4\n");
}

#[test]
fn a_pin_comes_with_its_comment_and_ours_survive() {
    let pin = ("checkout@1111 # v1.0.0", "checkout@2222 # v2.0.0");
    let with = "\n        with: {fetch-depth: 0} # all\n      - name: Build";
    let ours = [("\n      - name: Build", with)];
    yaml(&ours, &[pin], &[pin, ours[0]]);
    let ours = [("      - uses: actions/checkout@1111", "      # needs tags\n      - uses: actions/checkout@1111")];
    yaml(&ours, &[pin], &[ours[0], pin]);
    let message = conflict("ci.yml", CI, &edit(CI, &[("# v1.0.0", "# v1.0.0, asked for by audit")]), &edit(CI, &[pin]));
    assert!(message.contains("comment"), "{message}");
}

#[test]
fn a_comment_that_only_the_golden_path_changed_comes_along() {
    let base = "# old\na: 1 # one\nb: 2\n";
    assert_eq!(
        clean("a.yml", base, "# old\na: 1 # one\nb: 3\n", "# new\na: 1 # uno\nb: 2\nc: 4\n"),
        "# new\na: 1 # uno\nb: 3\nc: 4\n"
    );
}

#[test]
fn what_looks_alike_keeps_its_own_edits() {
    let job = "  lint:\n    runs-on: ubuntu-22.04\n    steps:\n      - uses: actions/checkout@1111 # v1.0.0\n      - name: Scan\n        run: lint\n";
    let ours = ("        run: scan", "        run: scan --all");
    let theirs = edit(CI, &[("  scan:\n", &format!("{job}  scan:\n"))]);
    let merged = clean("ci.yml", CI, &edit(CI, &[ours]), &theirs);
    assert_eq!(merged, edit(&theirs, &[ours]));
    // Jobs swapped by the golden path, a step added here.
    let (head, jobs) = CI.split_once("  build:\n").unwrap();
    let (build, scan) = jobs.split_once("  scan:\n").unwrap();
    let swapped = format!("{head}  scan:\n{scan}  build:\n{build}");
    let step = ("        run: make test\n", "        run: make test\n      - run: ./own.sh\n");
    let merged = clean("ci.yml", CI, &edit(CI, &[step]), &swapped);
    assert!(merged == edit(&swapped, &[step]) || merged == edit(CI, &[step]), "{merged}");
}

#[test]
fn steps_are_put_in_order_with_their_edits() {
    let base = "steps:\n  - name: A\n    run: a\n  - name: B\n    run: b\n  - name: C\n    run: c\n";
    let ours = base.replace("run: a", "run: a --mine # mine");
    let theirs = "steps:\n  - name: C\n    run: c\n  - name: A\n    run: a\n  - name: B\n    run: b2\n";
    let result = "steps:\n  - name: C\n    run: c\n  - name: A\n    run: a --mine # mine\n  - name: B\n    run: b2\n";
    assert_eq!(clean("a.yml", base, &ours, theirs), result);
    let other = "steps:\n  - name: B\n    run: b\n  - name: A\n    run: a\n  - name: C\n    run: c\n";
    assert!(conflict("a.yml", base, other, theirs).contains("another order"));
}

#[test]
fn new_items_at_one_place_of_a_list_are_a_conflict() {
    let base = "steps:\n  - run: a\n";
    assert!(
        conflict("a.yml", base, "steps:\n  - run: a\n  - run: b\n", "steps:\n  - run: a\n  - run: c\n")
            .contains("same place")
    );
    let merged = clean("a.yml", base, "steps:\n  - run: a\n  - run: b\n", "steps:\n  - run: c\n  - run: a\n");
    assert_eq!(merged, "steps:\n  - run: c\n  - run: a\n  - run: b\n");
    let both = "steps:\n  - run: a\n  - run: b\n";
    assert_eq!(clean("a.yml", base, &format!("{both}  - run: d\n"), both), format!("{both}  - run: d\n"));
}

#[test]
fn items_that_look_alike_are_settled_only_where_one_side_changed_them() {
    let base = "steps:\n  - run: a\n  - uses: x@1\n  - uses: x@1\n";
    let ours = "steps:\n  - run: a\n  - uses: x@1\n  - uses: x@1\n  - uses: x@1\n    with: {a: 1}\n";
    assert_eq!(
        clean("a.yml", base, ours, &base.replace("run: a", "run: a\n    if: b")),
        ours.replace("run: a", "run: a\n    if: b")
    );
    assert!(conflict("a.yml", base, ours, &base.replace("x@1", "x@2")).contains("look alike"));
}

#[test]
fn the_only_item_of_a_list_is_merged_inside() {
    let base = "containers:\n  - image: a\n    args: [x]\n    tty: true\n";
    let ours = base.replace("image: a", "image: b");
    let theirs = base.replace("args: [x]", "args: [x, y]");
    assert_eq!(clean("a.yml", base, &ours, &theirs), ours.replace("args: [x]", "args: [x, y]"));
    assert!(conflict("a.yml", base, &ours, &base.replace("image: a", "image: c")).contains("`containers[0].image`"));
    assert!(conflict("a.yml", "a: [1]\n", "a: [2]\n", "a: [3]\n").contains("`a[0]` was changed on both sides"));
}

#[test]
fn nameless_items_that_both_sides_changed_alike_are_one() {
    let base = "repos:\n  - {url: a, rev: 1}\n  - {url: b, rev: 1}\n  - {url: c, rev: 1}\n";
    let ours = base.replace("url: a, rev: 1", "url: a, rev: 2");
    let theirs = ours.replace("url: b, rev: 1", "url: b, rev: 2");
    assert_eq!(clean("a.yml", base, &ours, &theirs), theirs);
    assert_eq!(clean("a.yml", base, &theirs, &ours), theirs);
    let both = format!("{base}  - {{url: d, rev: 1}}\n");
    assert_eq!(
        clean("a.yml", base, &both, &both.replace("url: a, rev: 1", "url: a, rev: 2")),
        both.replace("url: a, rev: 1", "url: a, rev: 2")
    );
}

#[test]
fn the_asset_says_how_items_are_found() {
    let base = "repos:\n  - repo: https://x\n    rev: v1\n    hooks: [{id: a}]\n  - repo: https://y\n    rev: v1\n    hooks: [{id: b}]\n";
    let ours = base.replace("{id: b}", "{id: b, args: [z]}");
    let theirs = "repos:\n  - repo: https://n\n    rev: v1\n    hooks: [{id: n}]\n  - repo: https://x\n    rev: v1\n    hooks: [{id: a}]\n  - repo: https://y\n    rev: v2\n    hooks: [{id: b}]\n";
    assert_eq!(clean("a.yaml", base, &ours, theirs), theirs.replace("{id: b}", "{id: b, args: [z]}"));
}

#[test]
fn what_the_judge_cannot_read_is_a_conflict() {
    let base = "x: &a {k: 1}\ny: *a\nz: 1\nq: 1\nw: 2\n";
    assert!(conflict("a.yml", base, &base.replace("w: 2", "w: 3"), &base.replace("k: 1", "k: 2")).contains("anchors"));
    assert_eq!(
        clean("a.yml", base, &base.replace("w: 2", "w: 3"), &base.replace("z: 1", "z: 2")),
        base.replace("w: 2", "w: 3").replace("z: 1", "z: 2")
    );
    let message = conflict("a.yml", "a: 1\n1: 2\n2: 3\nb: 1\n", "a: 1\n1: 2\n2: 3\nb: [\n", "a: 2\n1: 2\n2: 3\nb: 1\n");
    assert!(message.starts_with("the file here cannot be merged by keys"), "{message}");
}

#[test]
fn lines_that_merge_to_something_else_are_a_conflict_or_mended() {
    // Both add the same key in different places: lines merge, the document does not parse.
    let base = "a: 1\nm: 1\nn: 1\no: 1\nz: 1\n";
    assert_eq!(clean("a.yml", base, &format!("k: 1\n{base}"), &format!("{base}k: 1\n")), format!("k: 1\n{base}"));
    assert!(conflict("a.yml", base, &format!("k: 1\n{base}"), &format!("{base}k: 2\n")).contains("`k`"));
}

#[test]
fn documents_are_found_by_what_kubernetes_calls_them() {
    let doc = |kind: &str, n: u32| {
        format!("---\napiVersion: v1\nkind: {kind}\nmetadata:\n  name: a\nspec:\n  n: {n}\n  m: 1\n")
    };
    let base = doc("Deployment", 1) + &doc("Service", 1);
    let ours = doc("Deployment", 1) + &doc("Service", 1).replace("m: 1", "m: 2");
    let theirs = doc("Config", 1) + &doc("Service", 3) + &doc("Deployment", 1);
    let merged = clean("k.yaml", &base, &ours, &theirs);
    assert_eq!(merged, doc("Config", 1) + &doc("Service", 3).replace("m: 1", "m: 2") + &doc("Deployment", 1));
    assert!(conflict("k.yaml", &base, &ours.replace("n: 1", "n: 7"), &theirs).contains("changed"));
}

#[test]
fn tables_and_objects_take_the_delta() {
    let base = "[a]\nx = 1\ny = 2 # two\n\n[b]\nz = 3\n";
    let ours = "[a]\nx = 1\ny = 5 # two\n\n[b]\nz = 3\n\n[own]\nk = 1\n";
    let theirs = "[a]\nx = 9\ny = 2 # two\n\n[b]\nz = 3\nnew = 4\n";
    assert_eq!(clean("a.toml", base, ours, theirs), "[a]\nx = 9\ny = 5 # two\n\n[b]\nz = 3\nnew = 4\n\n[own]\nk = 1\n");
    let base = "{\n  \"a\": {\n    \"x\": 1\n  },\n  \"b\": [1, 2]\n}\n";
    let ours = "{\n    \"a\": {\n        \"x\": 1,\n        \"mine\": true\n    },\n    \"b\": [1, 2]\n}\n";
    let theirs = "{\n  \"a\": {\n    \"x\": 2,\n    \"y\": 3\n  },\n  \"b\": [1, 2, 3]\n}\n";
    let result = "{\n    \"a\": {\n        \"x\": 2,\n        \"y\": 3,\n        \"mine\": true\n    },\n    \"b\": [1, 2, 3]\n}\n";
    assert_eq!(clean("a.json", base, ours, theirs), result);
}

#[test]
fn what_is_added_at_the_end_of_a_list_whose_order_changed_comes_to_the_end() {
    let item = |name: &str| format!("- name: {name}\n  run: {name}\n");
    let list = |names: &str| names.chars().map(|name| item(&name.to_string())).collect::<String>();
    assert_eq!(clean("a.yml", &list("abc"), &list("acb"), &list("abcde")), list("acbde"));
    assert_eq!(clean("a.yml", &list("abc"), &list("abcde"), &list("acb")), list("acbde"));
    // Both added there: behind what it stood behind, as far as that tells them apart.
    assert_eq!(clean("a.yml", &list("abc"), &list("acbe"), &list("abcd")), list("acdbe"));
}
