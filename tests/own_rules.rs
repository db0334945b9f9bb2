//! Rules of a golden path's own: the real binary, a directory golden path, and repositories that break its rules.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::{Bed, Ran};

const PATH: &str = r#"schema: roadbed/path/v1
name: acme
version: 1.0.0
questions: {name: {type: string, default: pay}}
templates: {service: {description: A service, assets: [base]}}
profiles:
  growth:
    levels: {"acme/*": warn, acme/registry: block, acme/strict-types: info}
    owners: {platform: "@acme/platform", security: "@acme/security"}
"#;

/// Name, and the rule with what it must find and what it must not.
const RULES: [(&str, &str); 6] = [
    (
        "registry",
        r#"schema: roadbed/rule/v1
id: acme/registry
title: "Images come from our registry"
controls: [GP-DK-02]
severity: high
owner: platform
files: ["**/Dockerfile*"]
format: dockerfile
select: "$.stages[*].from.image"
assert: "value is startingwith 'registry.acme.example/'"
message: "<{ value }> does not come from registry.acme.example"
fix: {safety: unsafe, replace: "registry.acme.example/<{ value }>"}
tests:
  valid:   [{name: ours, content: "FROM registry.acme.example/base:1\n"}]
  invalid: [{name: theirs, content: "FROM alpine:3\n", line: 1, fixed: "FROM registry.acme.example/alpine:3\n"}]
"#,
    ),
    (
        "limits",
        r#"schema: roadbed/rule/v1
id: acme/limits
title: "Every container has a memory limit"
severity: medium
files: ["deploy/*.yaml"]
format: yaml
select: "$..containers[*]"
assert: "value.limit is defined"
message: "the container <{ value.name }> has no memory limit"
fix: {safety: safe, set: {limit: 256Mi}}
tests:
  valid:   [{name: set, content: "spec: {containers: [{name: a, limit: 1Gi}]}\n"}]
  invalid:
    - name: unset
      content: |
        spec:
          containers:
            - name: a # first
            - name: b
              limit: 1Gi
      line: 3
      fixed: |
        spec:
          containers:
            - name: a # first
              limit: 256Mi
            - name: b
              limit: 1Gi
"#,
    ),
    (
        "engines",
        r#"schema: roadbed/rule/v1
id: acme/engines
title: "Packages name their Node version"
severity: low
files: [package.json, "*/package.json"]
format: json
select: "$"
assert: "value.engines is defined"
message: "the package says nothing of engines"
fix: {safety: safe, insert: {engines: {node: ">=22"}}}
tests:
  valid:   [{name: named, content: "{\"engines\": {\"node\": \">=22\"}}\n"}]
  invalid: [{name: unnamed, content: "{\n  \"name\": \"x\"\n}\n", line: 1, fixed: "{\n  \"name\": \"x\",\n  \"engines\": {\n    \"node\": \">=22\"\n  }\n}\n"}]
"#,
    ),
    (
        "types",
        r#"schema: roadbed/rule/v1
id: acme/strict-types
title: "Types are checked strictly"
severity: low
files: ["**/pyproject.toml"]
format: toml
select: "$.tool.mypy.strict"
on_missing: fail
assert: "value == true"
message: "strict is <{ value }>"
fix: {safety: safe, replace: "true"}
tests:
  valid:   [{name: strict, content: "[tool.mypy]\nstrict = true\n"}]
  invalid:
    - {name: lax, content: "[tool.mypy]\nstrict = false # why\n", line: 2, fixed: "[tool.mypy]\nstrict = true # why\n"}
    - {name: silent, content: "a = 1\n", line: 1}
"#,
    ),
    (
        "acl",
        r#"schema: roadbed/rule/v1
id: acme/no-public-acl
title: "No bucket is public"
severity: critical
owner: security
files: ["**/*.tf"]
format: hcl
select: "$.blocks[?@.kind=='resource' && @.labels[0]=='aws_s3_bucket'].attributes.acl"
quantifier: none
assert: "value is startingwith 'public'"
message: "the bucket's acl is <{ value }>"
fix: {safety: unsafe, replace: private}
tests:
  valid:   [{name: private, content: "resource \"aws_s3_bucket\" \"a\" {\n  acl = \"private\"\n}\n"}]
  invalid: [{name: public, content: "resource \"aws_s3_bucket\" \"a\" {\n  acl = \"public-read\"\n}\n", line: 2, fixed: "resource \"aws_s3_bucket\" \"a\" {\n  acl = \"private\"\n}\n"}]
"#,
    ),
    (
        "hosts",
        r#"schema: roadbed/rule/v1
id: acme/old-host
title: "The old host is gone"
severity: medium
files: ["**/*.env", "docs/**"]
format: text
select: '^HOST=(\S+)$'
assert: "value != 'old.acme.example'"
message: "<{ value }> is switched off"
fix: {safety: safe, replace: new.acme.example}
tests:
  valid:   [{name: new, content: "HOST=new.acme.example\n"}]
  invalid: [{name: old, content: "A=1\nHOST=old.acme.example\n", line: 2, fixed: "A=1\nHOST=new.acme.example\n"}]
"#,
    ),
];

/// What breaks each rule: file, content, and the content once it is mended.
const BROKEN: [(&str, &str, &str); 6] = [
    (
        "Dockerfile",
        "FROM golang:1.24 AS build\nFROM registry.acme.example/base:1\nFROM build\n",
        "FROM registry.acme.example/golang:1.24 AS build\nFROM registry.acme.example/base:1\nFROM build\n",
    ),
    (
        "deploy/app.yaml",
        "---\nspec:\n  containers:\n  - {name: one, limit: 1Gi}\n  - name: two   # keep\n---\nkind: Other\n",
        "---\nspec:\n  containers:\n  - {name: one, limit: 1Gi}\n  - name: two   # keep\n    limit: 256Mi\n---\nkind: Other\n",
    ),
    (
        "package.json",
        "{\r\n  \"name\": \"pay\"\r\n}",
        "{\r\n  \"name\": \"pay\",\r\n  \"engines\": {\r\n    \"node\": \">=22\"\r\n  }\r\n}",
    ),
    ("py/pyproject.toml", "[tool.mypy]\nstrict = false\n", "[tool.mypy]\nstrict = true\n"),
    (
        "infra/main.tf",
        "resource \"aws_s3_bucket\" \"logs\" {\n  acl    = \"public-read\" # why\n}\n",
        "resource \"aws_s3_bucket\" \"logs\" {\n  acl    = \"private\" # why\n}\n",
    ),
    ("app.env", "HOST=old.acme.example\nX=1\n", "HOST=new.acme.example\nX=1\n"),
];

const OWN: &str = "acme/*";

fn bed() -> Bed {
    let bed = Bed::new();
    bed.write("acme/golden-path.yaml", PATH);
    bed.write("acme/assets/base/asset.yaml", "schema: roadbed/asset/v1\ndescription: Base\n");
    bed.write("acme/assets/base/files/README.md.jinja", "# <{ name }>\n");
    for (name, rule) in RULES {
        bed.write(&format!("acme/rules/{name}.yaml"), rule);
    }
    bed.run(".", &["new", "service", "repo", "--defaults", "--golden-path", "acme"]).ok();
    bed
}

fn broken() -> Bed {
    let bed = bed();
    for (file, content, _) in BROKEN {
        bed.write(&format!("repo/{file}"), content);
    }
    bed.commit("repo");
    bed
}

fn own(bed: &Bed, args: &[&str]) -> Vec<String> {
    bed.findings("repo", &[&["--pedantic", "--rule", OWN], args].concat())
}

#[test]
fn every_format_is_judged_at_its_place_and_mended_to_the_byte() {
    let bed = broken();
    assert_eq!(
        own(&bed, &[]),
        [
            "block acme/registry Dockerfile:1",
            "warn acme/old-host app.env:1",
            "warn acme/limits deploy/app.yaml:5",
            "warn acme/no-public-acl infra/main.tf:2",
            "warn acme/engines package.json:1",
            "info acme/strict-types py/pyproject.toml:2",
        ]
    );
    bed.run("repo", &["fix", "--rule", OWN]);
    assert_eq!(bed.read("repo/Dockerfile"), BROKEN[0].1, "an unsafe fix waits to be asked for");
    bed.run("repo", &["fix", "--rule", OWN, "--unsafe-fixes", "--allow-dirty"]).ok();
    for (file, _, mended) in BROKEN {
        assert_eq!(bed.read(&format!("repo/{file}")), mended, "{file}");
    }
    assert_eq!(own(&bed, &[]), Vec::<String>::new());
    bed.run("repo", &["fix", "--rule", OWN, "--unsafe-fixes", "--allow-dirty"]).ok();
    for (file, _, mended) in BROKEN {
        assert_eq!(bed.read(&format!("repo/{file}")), mended, "{file} again");
    }
}

#[test]
fn a_finding_says_all_that_a_finding_of_roadbeds_own_rules_says() {
    let bed = broken();
    let ran = bed.run("repo", &["check", "--format", "json", "--rule", "acme/registry"]).code(1);
    let finding = ran.json()["findings"][0].clone();
    for (key, value) in [
        ("severity", "high"),
        ("level", "block"),
        ("owner", "@acme/platform"),
        ("message", "golang:1.24 does not come from registry.acme.example"),
    ] {
        assert_eq!(finding[key], value, "{finding}");
    }
    let place = ["line", "column", "end_line", "end_column"].map(|key| finding[key].as_u64().unwrap());
    assert_eq!(place, [1, 6, 1, 17]);
    assert_eq!(finding["controls"], serde_json::json!(["GP-DK-02"]));
    assert_eq!(finding["fix"]["safety"], "unsafe");
    let patch = bed.run("repo", &["diff", "--rule", "acme/registry", "--unsafe-fixes"]).ok().stdout;
    assert!(patch.contains("+FROM registry.acme.example/golang:1.24 AS build\n"), "{patch}");
    let sarif = bed.run("repo", &["check", "--format", "sarif", "--rule", OWN]).json();
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().clone();
    let named = rules.iter().find(|rule| rule["id"] == "acme/registry").unwrap();
    assert_eq!(named["shortDescription"]["text"], "Images come from our registry.", "{named}");
    for format in ["junit", "gitlab", "github", "markdown", "html", "text"] {
        let ran = bed.run("repo", &["check", "--format", format, "--rule", "acme/registry"]);
        assert!(ran.stdout.contains("acme/registry"), "{format}: {}", ran.stdout);
    }
}

#[test]
fn fingerprints_stay_and_since_shows_what_is_new() {
    let bed = broken();
    let prints = |bed: &Bed| -> Vec<String> {
        let ran = bed.run("repo", &["check", "--format", "json", "--rule", "acme/registry"]);
        let findings = ran.json()["findings"].as_array().unwrap().clone();
        findings.iter().map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    let before = prints(&bed);
    bed.write("repo/Dockerfile", format!("# moved\n\n{}", BROKEN[0].1));
    assert_eq!(prints(&bed), before);
    bed.git("repo", &["checkout", "-q", "Dockerfile"]);
    bed.write("repo/other/Dockerfile", "FROM node:22\n");
    bed.commit("repo");
    assert_eq!(own(&bed, &["--since", "HEAD~1"]), ["block acme/registry other/Dockerfile:1"]);
    assert_eq!(own(&bed, &["--rev", "HEAD~1"]).len(), 6);
}

#[test]
fn rules_serve_a_repo_that_nothing_is_laid_in() {
    let bed = bed();
    bed.write("plain/Dockerfile", "FROM a:1\n");
    let found = bed.findings("plain", &["--golden-path", "../acme", "--rule", "acme/registry"]);
    assert_eq!(found, ["block acme/registry Dockerfile:1"]);
}

#[test]
fn a_rule_is_known_wherever_an_id_is_typed() {
    let bed = bed();
    bed.run("repo", &["check", "--rule", "acme/registri"]).code(2).says("did you mean `acme/registry`?");
    bed.run("repo", &["explain", "acme/registry"]).ok().prints("Images come from our registry").prints("FROM alpine:3");
    bed.run("repo", &["explain", "acme/registri"]).code(2).says("`acme/registry`");
    bed.run("repo", &["explain", "GP-DK-02"]).ok().prints("acme/registry");
    bed.run("acme", &["path", "show", "acme/registry"]).code(2).says("roadbed explain acme/registry");
    bed.run("acme", &["path", "list"]).ok().prints("acme/registry");
    let listed = bed.run("acme", &["path", "list", "--format", "json"]).json();
    assert_eq!(listed["rules"].as_array().unwrap().len(), RULES.len());
    let schema = bed.run(".", &["schema", "rule"]).ok().json();
    assert!(schema["properties"]["on_missing"].is_object(), "{schema}");
}

#[test]
fn a_policy_raises_the_level_of_a_paths_rule() {
    let bed = broken();
    let policy = bed.read("repo/.roadbed/policy.yaml");
    bed.write("repo/.roadbed/policy.yaml", format!("{policy}levels: {{acme/old-host: block}}\n"));
    assert!(own(&bed, &[]).contains(&"block acme/old-host app.env:1".to_owned()));
}

/// `path lint` with a rule that was changed.
fn lint(from: &str, to: &str) -> Ran {
    let bed = bed();
    bed.replace("acme/rules/registry.yaml", from, to);
    bed.run("acme", &["path", "lint"])
}

#[test]
fn what_is_wrong_with_a_rule_is_said_at_its_place() {
    bed().run("acme", &["path", "lint"]).ok();
    for (from, to, wanted) in [
        ("severity: high", "severty: high", "severity"),
        ("severity: high", "severity: huge", "huge"),
        ("format: dockerfile", "format: docker", "dockerfile"),
        ("id: acme/registry", "id: registry", "family/name"),
        ("id: acme/registry", "id: drift/registry", "drift/"),
        ("id: acme/registry", "id: docker/base-latest", "roadbed's own"),
        ("GP-DK-02", "GP-DK-20", "there is no control `GP-DK-20`"),
        ("$.stages[*].from.image", "$.stages[*", "JSONPath"),
        ("$.stages[*].from.image", "stages", "must start with `$`"),
        ("value is startingwith", "valu is startingwith", "did you mean `value`?"),
        ("value is startingwith", "value is beginningwith", "beginningwith"),
        ("<{ value }> does not", "<{ image }> does not", "`image` is not known here"),
        ("**/Dockerfile*", "**/Dockerfile{", "glob"),
        ("**/Dockerfile*", "../../**", "`../../**` matches no file: no path in a repository has a part `.` or `..`"),
        ("**/Dockerfile*", "{a,../b}", "`{a,../b}` matches no file"),
        ("**/Dockerfile*", "/Dockerfile", "paths count from the repository's root"),
        ("**/Dockerfile*", "images/", "`**` stands for what is below a directory"),
        ("**/Dockerfile*", ".git/hooks/**", "nothing in `.git/`"),
        ("\"**/Dockerfile*\"", "\"\"", "it is empty"),
        ("replace: \"registry.acme.example/<{ value }>\"", "set: {a: b}", "`set` is not for `format: dockerfile`"),
        ("unsafe, replace", "unsafe, remove: true, replace", "exactly one"),
        ("  valid: ", "  # valid:", "no valid case"),
        ("  invalid: ", "  # invalid:", "no invalid case"),
        ("FROM alpine:3\\n\", line: 1", "FROM alpine:3\\n\", line: 4", "nothing is found at line 4"),
        ("FROM registry.acme.example/alpine:3", "FROM registry.acme.example/alpine:4", "something else than `fixed`"),
        ("content: \"FROM registry.acme.example/base:1", "content: \"FROM base:1", "line 1: base:1 does not come"),
    ] {
        let ran = lint(from, to).code(2);
        assert!(ran.stderr.contains(wanted), "{to}: {wanted:?} is not in\n{}", ran.stderr);
        assert!(ran.stderr.contains("rules/registry.yaml:"), "{to}: no place in\n{}", ran.stderr);
    }
    let long = format!("valu == '{}'", "x".repeat(5_000));
    let ran = lint("value is startingwith 'registry.acme.example/'", &long).code(2).says("did you mean `value`?");
    let told = ran.stderr.lines().find(|line| line.contains("does not work")).unwrap();
    assert!(told.contains("xx…` does not work") && told.len() < 300, "{told}");
    let bed = bed();
    bed.write("acme/rules/again.yaml", RULES[0].1);
    bed.run("acme", &["path", "lint"]).code(2).says("already");
    bed.run("repo", &["check"]).code(2).says("rules/");
}

#[test]
fn path_test_runs_the_cases_and_shows_what_a_fix_gives() {
    let bed = bed();
    bed.run("acme", &["path", "test"]).ok().says("13 cases of rules");
    bed.replace("acme/rules/hosts.yaml", "fixed: \"A=1\\nHOST=new", "fixed: \"A=1\\nHOST=newer");
    let ran =
        bed.run("acme", &["path", "test"]).code(1).says(".yaml:").says("the invalid case `old`").says("1 of 13 cases");
    assert!(ran.stdout.contains("-HOST=newer.acme.example\n+HOST=new.acme.example\n"), "{}", ran.stdout);
    bed.run("acme", &["path", "release", "1.0.1"]).code(2).says("rules/hosts.yaml");
}

#[test]
fn a_release_holds_the_rules() {
    let bed = broken();
    bed.run("acme", &["path", "release", "1.0.0"]).ok();
    bed.replace("acme/rules/registry.yaml", "severity: high", "severity: low");
    bed.run("acme", &["path", "release", "1.0.0"]).code(2).says("other contents");
    bed.remove("acme/rules/registry.yaml");
    bed.replace("acme/golden-path.yaml", "version: 1.0.0", "version: 1.1.0");
    // The locked version still has it.
    assert!(own(&bed, &[]).contains(&"block acme/registry Dockerfile:1".to_owned()));
}

#[test]
fn what_no_rule_asks_for_makes_no_noise() {
    let bed = bed();
    bed.write("repo/notes.txt", "HOST=old.acme.example\n");
    bed.write("repo/vendor/x/Dockerfile", "FROM a:1\n");
    bed.write("repo/node_modules/x/package.json", "{}\n");
    bed.write("repo/deploy/sub/app.yaml", "containers: [{name: a}]\n");
    bed.write("repo/logo.env", b"\0HOST=old.acme.example\n");
    bed.write("repo/Dockerfile", "FROM scratch\n");
    assert_eq!(own(&bed, &[]), Vec::<String>::new());
    bed.write("repo/deploy/broken.yaml", "a: [\n");
    bed.write("repo/deploy/helm.yaml", "a: 1\n{{- if .Values.x }}\nb: 2\n");
    let found = bed.findings("repo", &["--rule", "parse/yaml"]);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn hostile_files_end_soon_and_in_findings() {
    let bed = bed();
    bed.write("repo/docs/many.txt", "HOST=old.acme.example\n".repeat(100_000));
    bed.write("repo/docs/some.txt", "HOST=old.acme.example\n".repeat(1_000));
    bed.write("repo/docs/latin.txt", b"HOST=\xff\n");
    let line = |n: usize| format!("a{n}: &a{n} [*a{m}, *a{m}, *a{m}]\n", m = n.max(1) - 1);
    let lines = (0..40).map(line).collect::<Vec<_>>().concat();
    bed.write("repo/deploy/bomb.yaml", lines.replacen("[*a0, *a0, *a0]", "[x]", 1));
    bed.write("repo/deploy/deep.yaml", "[".repeat(50_000));
    bed.write("repo/package.json", format!("{{\"a\": {}{}}}\n", "[".repeat(20_000), "]".repeat(20_000)));
    let begun = std::time::Instant::now();
    let found = own(&bed, &[]);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    let of = |file: &str| found.iter().filter(|line| line.contains(file)).count();
    assert_eq!((of("many.txt"), of("some.txt"), of("latin.txt")), (1, 501, 1));
    let parse = bed.findings("repo", &["--rule", "parse/*"]);
    for file in ["bomb.yaml", "deep.yaml", "package.json"] {
        assert!(parse.iter().any(|line| line.contains(file)), "{file}: {parse:?}");
    }
}
