//! `roadbed path …`: looking at golden paths, and authoring them.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::Bed;

#[test]
fn the_built_in_path_lists_and_shows_its_templates() {
    let bed = Bed::new();
    let list = bed.run(".", &["path", "list", "--format", "json"]).ok().json();
    assert_eq!(list["schema"], "roadbed/path-list/v1");
    assert!(list["templates"].as_array().unwrap().iter().any(|t| t["id"] == "python-service"));
    let shown = bed.run(".", &["path", "show", "python-service", "--format", "json"]).ok().json();
    let modes: std::collections::BTreeSet<&str> =
        shown["files"].as_array().unwrap().iter().map(|f| f["mode"].as_str().unwrap()).collect();
    assert_eq!(modes.into_iter().collect::<Vec<_>>(), ["block", "enforced", "keys", "merged", "once"]);
    assert!(shown["questions"].as_array().unwrap().iter().any(|q| q["id"] == "owner" && q["type"] == "string"));
    bed.run(".", &["path", "show", "python-servic"]).code(2).says("did you mean `python-service`?");
}

#[test]
fn list_and_show_name_the_same_assets_of_a_template() {
    let bed = Bed::new();
    let list = bed.run(".", &["path", "list", "--format", "json"]).ok().json();
    for template in list["templates"].as_array().unwrap() {
        let id = template["id"].as_str().unwrap();
        let shown = bed.run(".", &["path", "show", id, "--format", "json"]).ok().json();
        assert_eq!(template["assets"], shown["assets"], "{id}");
        // Which the template does not name, and `deploy` requires.
        let required = template["assets"].as_array().unwrap().iter().any(|asset| asset == "deploy-kubernetes");
        assert!(id != "terraform-module" || required, "{}", template["assets"]);
    }
}

#[test]
fn the_golden_path_of_the_working_directory_comes_first() {
    let bed = Bed::laid();
    bed.run("acme", &["path", "list"]).ok().prints("acme 1.0.0");
    bed.run("repo", &["path", "list"]).ok().prints("acme 1.0.0");
    bed.run("repo", &["path", "list", "--golden-path", "builtin"]).ok().prints("python-service");
}

#[test]
fn lint_lists_everything_that_is_wrong_at_once() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.run("acme", &["path", "lint"]).ok();
    bed.replace("acme/golden-path.yaml", "assets: [base]", "assets: [bass]");
    bed.replace("acme/golden-path.yaml", "^[a-z][a-z0-9-]{1,38}$", "^[a-z");
    bed.run("acme", &["path", "lint"]).code(2).says("bass").says("^[a-z");
    bed.run(".", &["path", "lint"]).code(2).says("golden-path.yaml");
}

#[test]
fn a_release_never_changes() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.git(".", &["init", "-q"]);
    bed.run("acme", &["path", "release", "1.1.0"]).ok().prints("releases/1.1.0.tar.zst");
    assert!(bed.read("acme/golden-path.yaml").contains("version: 1.1.0\n"));
    let released = std::fs::read(bed.path("acme/releases/1.1.0.tar.zst")).unwrap();
    bed.run("acme", &["path", "release", "1.1.0"]).ok().says("released already");
    bed.write("acme/assets/base/files/Makefile", "other:\n");
    bed.run("acme", &["path", "release", "1.1.0"]).code(2).says("1.1.0");
    assert_eq!(std::fs::read(bed.path("acme/releases/1.1.0.tar.zst")).unwrap(), released);
    bed.run("acme", &["path", "release", "1.2.0"]).ok();
}

#[test]
fn a_release_serves_repos_that_are_on_it_after_the_path_moved_on() {
    let bed = Bed::laid();
    bed.run("acme", &["path", "release", "1.0.0"]).ok();
    bed.replace("acme/assets/base/files/Makefile", "scan:", "audit:");
    bed.replace("acme/assets/base/files/.github/workflows/security.yml", "make scan", "make audit");
    bed.run("acme", &["path", "release", "1.1.0"]).ok();
    assert_eq!(bed.findings("repo", &[]), Vec::<String>::new());
}

#[test]
fn a_directory_that_was_edited_in_place_says_so() {
    let bed = Bed::laid();
    bed.replace("acme/assets/base/files/.github/workflows/security.yml", "make scan", "make audit");
    assert_eq!(bed.findings("repo", &[]), ["block drift/edited .github/workflows/security.yml:12"]);
}

#[test]
fn whoever_uses_a_directory_that_was_edited_since_its_release_is_told() {
    let bed = Bed::laid();
    let edited = "the golden path was edited since its version 1.0.0 was released";
    bed.run("acme", &["path", "release", "1.0.0"]).ok();
    assert!(!bed.run("repo", &["check"]).ok().stderr.contains(edited));
    bed.replace("acme/assets/base/files/Makefile", "scan:", "audit:");
    bed.run("repo", &["check"]).says(edited).says("roadbed -C ../acme path release 1.0.1");
    bed.run(".", &["new", "service", "other", "--defaults", "--golden-path", "acme"]).ok().says(edited);
    assert!(!bed.run("repo", &["check", "--quiet"]).stderr.contains(edited));
    assert!(!bed.run("acme", &["path", "lint"]).ok().stderr.contains(edited), "its author knows");
}

#[test]
fn slips_of_an_author_are_told_at_their_place_and_with_what_to_do() {
    let manifest = "acme/golden-path.yaml";
    let asset = "acme/assets/base/asset.yaml";
    let readme = "acme/assets/base/files/README.md.jinja";
    let slips = [
        (asset, "[action-pins]", "[action-pin]", ":6:74", "did you mean `action-pins`?"),
        (manifest, "default: my-service", "default: My-Service", ":5:92", "or change what the question takes"),
        (manifest, "name: acme\n", "name: acme\nextends: builtin@^9\n", ":3:10", "there is: 1.0.0, "),
        (manifest, "name: acme\n", "name: acme\nextends: builtn@^1\n", ":3:10", "write `extends: builtin@^1`"),
        (manifest, "version: 1.0.0", "version: [1]", ":3:10", "`version` must be a version of three numbers"),
        (manifest, "version: 1.0.0", "version: 1.0: 0", ":3:13", "put a value that holds `: ` in quotes"),
        (manifest, "default: [8080]", "default: @x", ":8:49", "in quotes"),
        (manifest, "none], default", "none, default", ":7:51", "close the bracket"),
        (asset, "files:\n", "files: 5\nx:\n", ":4:8", "`files` must be a list, not the number 5"),
        (readme, "#", "  <% if name %>\n#", "README.md.jinja", "needs its `<% endif %>`"),
        (readme, "#", "  <% iff name %>\n#", ":1:3", "begins with if, elif"),
        (
            "acme/assets/base/files/package.json.jinja",
            "{",
            "{{",
            "line 1 column 2",
            "roadbed new service ../look --defaults",
        ),
    ];
    for (file, from, to, place, said) in slips {
        let bed = Bed::new();
        bed.copy_golden_path("acme");
        bed.replace(file, from, to);
        bed.run("acme", &["path", "lint"]).code(2).says(place).says(said);
    }
}

#[test]
fn two_assets_that_lay_one_file_are_named_with_what_to_do() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.replace("acme/golden-path.yaml", "assets: [base]", "assets: [base, image]");
    bed.write("acme/assets/image/files/Makefile", "all:\n");
    bed.run("acme", &["path", "lint"]).code(2).says("assets/image/asset.yaml").says("let one of them lay it");
}

#[test]
fn a_version_that_is_gone_leaves_no_base() {
    let bed = Bed::laid();
    bed.replace("acme/golden-path.yaml", "version: 1.0.0", "version: 1.1.0");
    assert_eq!(bed.findings("repo", &[]), ["warn drift/no-base .roadbed/lock.yaml:3"]);
}

#[test]
fn snapshots_are_made_compared_and_refreshed() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.run("acme", &["path", "test"]).code(1);
    bed.run("acme", &["path", "test", "--update"]).ok();
    assert!(bed.read("acme/tests/snapshots/service/public/README.md").contains("Anybody"));
    bed.run("acme", &["path", "test"]).ok().says("2 answer sets");
    bed.replace("acme/assets/base/files/Makefile", "scan:", "audit:");
    bed.run("acme", &["path", "test"]).code(1).prints("+audit:");
    bed.run("acme", &["path", "test", "--update"]).ok();
    bed.run("acme", &["path", "test"]).ok();
}

#[test]
fn a_set_without_a_snapshot_is_rendered_all_the_same() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    let suite = "schema: roadbed/test/v1\ntemplate: service\nsets:\n\
                 \x20 - {name: seen, answers: {}}\n\
                 \x20 - {name: unseen, snapshot: false, answers: {cloud: aws}}\n";
    let dir = bed.path("acme/tests");
    std::fs::remove_dir_all(&dir).unwrap();
    bed.write("acme/tests/service.yaml", suite);
    bed.run("acme", &["path", "test", "--update"]).ok();
    assert!(bed.exists("acme/tests/snapshots/service/seen") && !bed.exists("acme/tests/snapshots/service/unseen"));
    bed.run("acme", &["path", "test"]).ok().says("2 answer sets");
    bed.replace("acme/tests/service.yaml", "cloud: aws", "cloud: none of these");
    bed.run("acme", &["path", "test"]).code(2);
}

#[test]
fn schemas_completions_and_manuals_are_printed() {
    let bed = Bed::new();
    for name in ["policy", "config", "lock", "path", "asset", "findings", "plan"] {
        let schema = bed.run(".", &["schema", name]).ok().json();
        assert!(schema["properties"]["schema"].is_object(), "{name}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        bed.run(".", &["completions", shell]).ok().prints("roadbed");
    }
    bed.run(".", &["man"]).ok().prints(".TH roadbed");
    bed.run(".", &["man", "path", "lint"]).ok().prints("lint");
}

#[test]
fn an_organisations_path_extends_the_built_in_one() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.replace("acme/golden-path.yaml", "version: 1.0.0\n", "version: 1.0.0\nextends: \"builtin@^1\"\n");
    bed.run("acme", &["path", "list"]).ok().prints("python-service").prints("service");
    bed.run(".", &["new", "python-service", "demo", "--defaults", "--golden-path", "acme"]).ok();
    bed.run("demo", &["check", "--pedantic"]).ok();
    assert!(bed.read("demo/.roadbed/lock.yaml").contains("extends: [\"builtin@1."));
}

#[test]
fn authors_work_on_the_tree_although_a_newer_version_was_released() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.run("acme", &["path", "release", "2.0.0"]).ok();
    bed.replace("acme/golden-path.yaml", "version: 2.0.0", "version: 1.0.1");
    bed.replace("acme/assets/base/files/Makefile", "scan:", "audit:");
    bed.run("acme", &["path", "lint"]).ok().says("acme 1.0.1: nothing wrong");
    bed.run("acme", &["path", "list"]).ok().prints("acme 1.0.1");
    bed.run("acme", &["path", "test", "--update"]).ok();
    assert!(bed.read("acme/tests/snapshots/service/defaults/Makefile").contains("audit:"));
    bed.replace("acme/golden-path.yaml", "assets: [base]", "assets: [bass]");
    bed.run("acme", &["path", "release", "1.0.1"]).code(2).says("bass");
    assert!(!bed.exists("acme/releases/1.0.1.tar.zst"));
}

#[test]
fn authors_tools_answer_in_json() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    let json = |args: &[&str], code| bed.run("acme", &[args, &["--format", "json"]].concat()).code(code).json();
    let lint = json(&["path", "lint"], 0);
    assert_eq!((&lint["schema"], &lint["version"]), (&"roadbed/path-lint/v1".into(), &"1.0.0".into()));
    assert_eq!(lint["warnings"][0]["message"], "nothing reads the answer to `cloud`");
    assert_eq!(lint["warnings"][0]["path"], "golden-path.yaml");
    let test = json(&["path", "test"], 1);
    assert_eq!((&test["schema"], &test["applied"]), (&"roadbed/path-test/v1".into(), &false.into()));
    assert_eq!(test["changes"][0]["action"], "create");
    assert_eq!(json(&["path", "test", "--update"], 0)["applied"], true);
    assert_eq!(json(&["path", "test"], 0)["changes"], serde_json::json!([]));
    let released = json(&["path", "release", "1.1.0"], 0);
    assert_eq!((&released["from"], &released["to"]), (&"1.0.0".into(), &"1.1.0".into()));
    assert_eq!(released["changes"][1]["path"], "releases/1.1.0.tar.zst");
}

#[test]
fn a_template_shows_its_assets_as_the_list_does() {
    let bed = Bed::new();
    let list = bed.run(".", &["path", "list", "--format", "json"]).ok().json();
    for template in list["templates"].as_array().unwrap() {
        let shown = bed.run(".", &["path", "show", template["id"].as_str().unwrap(), "--format", "json"]).ok().json();
        let (shown, listed) = (shown["assets"].as_array().unwrap(), template["assets"].as_array().unwrap());
        assert_eq!(shown[..listed.len()], listed[..]);
    }
}

#[test]
fn relocating_nothing_says_that_nothing_is_laid() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.run(".", &["path", "relocate", "acme"]).code(2).says("no golden path is laid in").says("roadbed adopt");
}
