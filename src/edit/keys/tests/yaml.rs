use super::*;

fn assert_yaml(repo: &str, partial: &str, result: &str) {
    assert_eq!(asserted(Format::Yaml, repo, partial, &steps()), result, "\n--- repo\n{repo}\n--- partial\n{partial}");
}

fn drop_yaml(repo: &str, base: &str, target: Option<&str>, result: &str) {
    let dropped = drop_keys(Format::Yaml, repo, base, target, &steps()).unwrap();
    assert_eq!(dropped, result, "\n--- repo\n{repo}\n--- base\n{base}\n--- target\n{target:?}");
}

const WORKFLOW: &str = "\
# The team's words.
name: ci

on:
  push:
    branches: [main] # only ours

permissions: {}

jobs:
  # builds
  build:
    runs-on: ubuntu-latest
    steps:
      # first
      - name: Check out
        uses: actions/checkout@0123 # v4.1.0
        with:
          fetch-depth: 0

      - run: |
          make
          make test
      # - run: later
  team:
    runs-on: self-hosted
    steps:
    - run: ./own.sh
";

#[test]
fn a_scalar_is_replaced_in_place_and_the_comment_stays() {
    let partial = "jobs:\n  build:\n    runs-on: ubuntu-24.04\n";
    assert_yaml(WORKFLOW, partial, &WORKFLOW.replace("ubuntu-latest", "ubuntu-24.04"));
    assert_yaml("a: 1 # why\n", "a: 2\n", "a: 2 # why\n");
    assert_yaml("a: 'x'   # why\nb: 1\n", "a: \"y\"\n", "a: \"y\"   # why\nb: 1\n");
}

#[test]
fn a_pin_brings_its_own_comment() {
    let partial =
        "jobs:\n  build:\n    steps:\n      - name: Check out\n        uses: actions/checkout@4567 # v4.2.2\n";
    assert_yaml(WORKFLOW, partial, &WORKFLOW.replace("@0123 # v4.1.0", "@4567 # v4.2.2"));
    assert_yaml("a: 1\nb: 2\n", "a: 3 # pin\n", "a: 3 # pin\nb: 2\n");
}

#[test]
fn a_step_is_found_by_its_action_whatever_the_ref() {
    let partial = "jobs:\n  build:\n    steps:\n      - uses: actions/checkout@4567\n";
    let found = compare(Format::Yaml, WORKFLOW, partial, &steps(), &strict).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].address, "jobs.build.steps[uses=actions/checkout].uses");
    assert_eq!(found[0].span.map(|s| (s.line, s.column, s.end_column)), Some((17, 15, 36)));
    assert_eq!(
        (found[0].expected.as_str(), found[0].found.as_deref()),
        ("actions/checkout@4567", Some("actions/checkout@0123"))
    );
}

#[test]
fn a_missing_subtree_is_one_mismatch_and_goes_after_its_predecessor() {
    let partial = "\
jobs:
  build:
    runs-on: ubuntu-latest
    # no longer than this
    timeout-minutes: 10 # minutes
  scan:
    # scans
    runs-on: ubuntu-latest
    steps:
      - name: Scan
        run: |
          scan
";
    assert_eq!(addresses(Format::Yaml, WORKFLOW, partial, &steps()), ["jobs.scan", "jobs.build.timeout-minutes"]);
    let result = WORKFLOW
        .replace("    runs-on: ubuntu-latest\n", "    runs-on: ubuntu-latest\n    # no longer than this\n    timeout-minutes: 10 # minutes\n")
        .replace("  team:\n", "  scan:\n    # scans\n    runs-on: ubuntu-latest\n    steps:\n      - name: Scan\n        run: |\n          scan\n  team:\n");
    assert_yaml(WORKFLOW, partial, &result);
}

#[test]
fn an_item_goes_after_its_predecessor_or_first() {
    let partial = "\
jobs:
  team:
    steps:
      - name: Harden
        uses: step-security/harden-runner@89ab # v2.1.0
      - run: ./own.sh
";
    let result = WORKFLOW.replace(
        "    - run: ./own.sh\n",
        "    - name: Harden\n      uses: step-security/harden-runner@89ab # v2.1.0\n    - run: ./own.sh\n",
    );
    assert_yaml(WORKFLOW, partial, &result);
    let partial = "\
jobs:
  build:
    steps:
      - name: Check out
      - name: Lint

        # why
        run: lint
";
    let result = WORKFLOW.replace(
        "          fetch-depth: 0\n",
        "          fetch-depth: 0\n\n      - name: Lint\n\n        # why\n        run: lint\n",
    );
    assert_yaml(WORKFLOW, partial, &result);
}

#[test]
fn values_change_their_shape() {
    assert_yaml(
        "on: push # c\njobs: 1\n",
        "on:\n  push:\n    branches: [main]\n",
        "on: # c\n  push:\n    branches: [main]\njobs: 1\n",
    );
    assert_yaml("on: # c\n  - push\n  # tail\nx: 1\n", "on: push\n", "on: push\nx: 1\n");
    assert_yaml("a:\nb: 1\n", "a:\n  c: 1\n", "a:\n  c: 1\nb: 1\n");
    assert_yaml("a: {}\nb: 1\n", "a:\n  c: 1\n", "a:\n  c: 1\nb: 1\n");
    assert_yaml("a: # c\nb: 1\n", "a: 5\n", "a: 5 # c\nb: 1\n");
    assert_yaml("a: x\nb: 1\n", "a:\n", "a:\nb: 1\n");
    assert_yaml("a:\n  - x: 1\n    y: 2\n", "a:\n- z\n", "a:\n- z\n");
    assert_yaml("r: one\nb: 1\n", "r: |\n  two\n\n  lines\n", "r: |\n  two\n\n  lines\nb: 1\n");
    assert_yaml("r: |\n  two\n\n  lines\n\nb: 1\n", "r: one\n", "r: one\n\nb: 1\n");
    assert_yaml("r: >-\n    two\n    lines\nb: 1\n", "r: |2\n    two\n", "r: |2\n    two\nb: 1\n");
    assert_yaml("r: \"one\n  two\"\nb: 1\n", "r: x\n", "r: x\nb: 1\n");
    assert_yaml("r: one\n  two\nb: 1\n", "r: x\n", "r: x\nb: 1\n");
}

#[test]
fn an_empty_mapping_only_asserts_that_there_is_one() {
    for repo in ["permissions: {}\n", "permissions:\n  contents: read\n", "permissions: {contents: read}\n"] {
        assert_yaml(repo, "permissions: {}\n", repo);
    }
    assert_yaml("permissions: read-all\n", "permissions: {}\n", "permissions: {}\n");
    assert_yaml("a: 1\n", "permissions: {}\n", "a: 1\npermissions: {}\n");
}

#[test]
fn flow_style_is_edited_in_flow_style() {
    assert_yaml("a: {b: 1, c: 2} # x\n", "a:\n  b: 3\n  d: [1, \"x, y\"]\n", "a: {b: 3, d: [1, \"x, y\"], c: 2} # x\n");
    assert_yaml("{}\n", "a: {b: 1}\n", "a: {b: 1}\n");
    assert_yaml("a: {\n  b: 1,\n  c: 2, # two\n}\n", "a: {c: 2, d: 3}\n", "a: {\n  b: 1,\n  c: 2, # two\n  d: 3,\n}\n");
    assert_yaml("a: {b}\n", "a: {b: 1}\n", "a: {b: 1}\n");
    assert_yaml("a: {b: , c: }\n", "a: {c: 1}\n", "a: {b: , c: 1 }\n");
    assert_yaml(
        "steps: [{name: x, run: a}]\n",
        "steps:\n  - name: x\n    run: |\n      b\n      c\n",
        "steps: [{name: x, run: \"b\\nc\\n\"}]\n",
    );
    assert_yaml("a:\n  b: 1\n", "{a: {c: {d: x}}}\n", "a:\n  b: 1\n  c: {d: x}\n");
}

#[test]
fn files_without_content_take_the_partial_as_it_is() {
    assert_yaml("", "# c\na: 1\n", "# c\na: 1\n");
    assert_yaml("# only\n", "a: 1\n", "# only\na: 1\n");
    assert_yaml("---\n# only\n", "---\na: 1\n", "---\n# only\na: 1\n");
    assert_yaml("---\n...\n", "a: 1\n", "---\na: 1\n...\n");
}

#[test]
fn odd_places_take_keys() {
    assert_yaml("---\na: 1\n...\n", "b: 2\n", "---\na: 1\nb: 2\n...\n");
    assert_yaml("a: |+\n  x\n\n\nb: 1\n", "a: |+\n  x\n\n\nc: 2\n", "a: |+\n  x\n\n\nc: 2\nb: 1\n");
    assert_yaml("b: 1\n\nc: 2\n", "a: 0\nb: 1\n", "a: 0\n\nb: 1\n\nc: 2\n");
    assert_yaml("# head\n\n# of b\nb: 1\n", "a: 0\nb: 1\n", "# head\n\na: 0\n# of b\nb: 1\n");
    assert_yaml("steps:\n  - uses: x@1\n", "steps:\n- name: n\n  uses: x@1\n", "steps:\n  - name: n\n    uses: x@1\n");
    assert_yaml("a:\n  b:\t1\t# c\n", "a:\n  b: 2\n", "a:\n  b:\t2\t# c\n");
    assert_yaml("\"on\": x\n'b': y\n", "on: z\n", "\"on\": z\n'b': y\n");
    assert_yaml("? a\n: 1\nb: 2\n", "a: 3\nb: 4\n", "? a\n: 3\nb: 4\n");
    assert_yaml("x: 1\n\ny: 2\n\nz: 3\n", "y: 2\nw: 0\n", "x: 1\n\ny: 2\n\nw: 0\n\nz: 3\n");
    assert_yaml("a: !Sub x\nb: !reference [c, d]\n", "e: 1\n", "a: !Sub x\nb: !reference [c, d]\ne: 1\n");
    assert_yaml("- a\n- b\n", "- a\n- b\n", "- a\n- b\n");
}

#[test]
fn equal_items_are_numbered_and_pair_in_order() {
    let repo = "steps:\n  - uses: a@1\n    with: {x: 1}\n  - uses: a@1\n    with: {x: 2}\n";
    let partial = "steps:\n  - uses: a@1\n    with: {x: 1}\n  - uses: a@1\n    with: {x: 3}\n";
    assert_eq!(addresses(Format::Yaml, repo, partial, &steps()), ["steps[uses=a#2].with.x"]);
    assert_yaml(repo, partial, &repo.replace("x: 2", "x: 3"));
}

#[test]
fn a_step_of_another_name_is_another_step() {
    let repo = "steps:\n  - name: Docs\n    uses: a@1\n";
    assert_yaml(
        repo,
        "steps:\n  - name: Code\n    uses: a@2\n",
        "steps:\n  - name: Code\n    uses: a@2\n  - name: Docs\n    uses: a@1\n",
    );
}

#[test]
fn lists_without_a_match_are_one_leaf() {
    let repo = "branches: [main, dev]\n";
    assert_eq!(addresses(Format::Yaml, repo, "branches: [main]\n", &steps()), ["branches"]);
    assert_yaml(repo, "branches: [main]\n", "branches: [main]\n");
    let named = matching(&[("branches", &[])]);
    assert_eq!(asserted(Format::Yaml, repo, "branches: [dev, next]\n", &named), "branches: [main, dev, next]\n");
}

#[test]
fn what_is_tolerated_stays() {
    let tolerate = |address: &str, expected: &str, found: &str| address.ends_with("uses") && expected < found;
    let repo = "steps:\n  - uses: a@2 # newer\n";
    let partial = "steps:\n  - uses: a@1\n    with: {x: y}\n";
    let result = assert_keys(Format::Yaml, repo, partial, &steps(), &tolerate).unwrap();
    assert_eq!(result, "steps:\n  - uses: a@2 # newer\n    with: {x: y}\n");
    assert_eq!(compare(Format::Yaml, &result, partial, &steps(), &tolerate).unwrap(), []);
}

#[test]
fn anchors_are_read_and_never_edited() {
    let repo = "x: &d\n  a: 1\nb:\n  <<: *d\n  c: 2\ne: *d\n";
    assert_yaml(repo, "b:\n  a: 1\n  c: 2\ne:\n  a: 1\n", repo);
    assert_yaml(repo, "b:\n  c: 3\n", &repo.replace("c: 2", "c: 3"));
    for partial in ["b:\n  a: 2\n", "b:\n  z: 1\n", "e:\n  a: 2\n", "e: 1\n", "x:\n  a: 2\n"] {
        assert!(assert_keys(Format::Yaml, repo, partial, &steps(), &strict).is_err(), "{partial}");
        assert_eq!(addresses(Format::Yaml, repo, partial, &steps()).len(), 1, "{partial}");
    }
    assert!(compare(Format::Yaml, "a: 1\n", "a: &x 1\nb: *x\n", &steps(), &strict).is_err());
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    for (repo, line) in
        [("a: 1\na: 2\n", 2), ("a: [\n", 1), ("a: 1\n---\nb: 2\n", 2), ("a: *x\n", 1), ("a: 1\n b: 2\n", 2)]
    {
        let error = compare(Format::Yaml, repo, "a: 1\n", &steps(), &strict).unwrap_err();
        assert_eq!(error.position.map(|at| at.line), Some(line), "{repo:?}: {error}");
    }
    let nest = format!("a: {}", "[".repeat(5000));
    assert!(compare(Format::Yaml, &nest, "a: 1\n", &steps(), &strict).is_err());
    let bomb = (0..64)
        .fold("a0: &a0 [x]\n".to_owned(), |text, n| format!("{text}a{m}: &a{m} [*a{n}, *a{n}, *a{n}]\n", m = n + 1));
    assert_yaml(&bomb, "z: 1\n", &format!("{bomb}z: 1\n"));
}

#[test]
fn keys_that_the_path_no_longer_names_go_unless_edited() {
    let base = "a:\n  b: 1\n  c:\n    d: 2\ne: 3\n";
    drop_yaml("x: 0\na:\n  b: 1\n  c:\n    d: 2 # note\ne: 3\n", base, Some("e: 3\n"), "x: 0\ne: 3\n");
    drop_yaml("a:\n  b: 1\n  c:\n    d: 5\ne: 3\n", base, Some("e: 3\n"), "a:\n  c:\n    d: 5\ne: 3\n");
    drop_yaml("a:\n  b: 1\n  own: 1\n", base, None, "a:\n  own: 1\n");
    drop_yaml("# head\na:\n  b: 1\n", base, None, "# head\n");
    drop_yaml("a:\n  b: 1\n", base, Some("a: {}\n"), "a: {}\n");
    drop_yaml("a:\n  b: 1\nf: 1\n", "a:\n  b: 1\n", Some("f: 1\n"), "f: 1\n");
    drop_yaml("x: 1\n\n# ours\na: 1\n\ny: 2\n", "# ours\na: 1\n", None, "x: 1\n\ny: 2\n");
    drop_yaml("x: 1\n\n# theirs\na: 1\n\ny: 2\n", "# ours\na: 1\n", None, "x: 1\n\n# theirs\n\ny: 2\n");
    drop_yaml("f: {a: 1, b: 2, c: 3}\n", "f:\n  a: 1\n  c: 3\n", Some("f: {}\n"), "f: {b: 2}\n");
}

#[test]
fn a_step_goes_whole_or_stays_whole() {
    let base = "steps:\n  - name: A\n    run: a\n  - name: B\n    run: b\n";
    let target = "steps:\n  - name: A\n    run: a\n";
    drop_yaml(base, base, Some(target), target);
    let edited = "steps:\n  - name: A\n    run: a\n  - name: B\n    run: b\n    if: x\n";
    drop_yaml(edited, base, Some(target), edited);
    drop_yaml("steps:\n- name: B\n  run: b\n- run: own\n", base, Some(target), "steps:\n- run: own\n");
    drop_yaml(
        "steps:\n- run: b\n  name: A\n",
        "steps:\n- name: A\n  run: b\n",
        Some("steps:\n- name: A\n"),
        "steps:\n- name: A\n",
    );
    drop_yaml(
        "steps:\n- name: A\n  run: b\n",
        "steps:\n- name: A\n  run: b\n",
        Some("steps:\n- run: b\n"),
        "steps: []\n",
    );
}
