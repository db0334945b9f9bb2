//! Each detector over a table of files.

use super::*;
use crate::golden_path::{GoldenPath, Versions};
use crate::model::file::File;
use crate::model::path::RepoPath;
use crate::model::tree::MemoryTree;

fn tree(files: &[(&str, &str)]) -> MemoryTree {
    files.iter().map(|(path, text)| (RepoPath::new(*path).unwrap(), File::regular(*text))).collect()
}

fn outside(remote: &str) -> Outside {
    Outside {
        remote: Some(remote.to_owned()),
        default_branch: Some("trunk".to_owned()),
        authors: vec![Author { name: "Ada".to_owned(), commits: 9 }],
        is_root: true,
    }
}

/// `what=value@path:line` of everything that is seen.
fn seen(files: &[(&str, &str)]) -> Vec<String> {
    let seen = observe(&tree(files), &Outside { is_root: true, ..Outside::default() }).unwrap();
    seen.iter().map(told).collect()
}

fn told(seen: &Observation) -> String {
    let path = seen.path.as_ref().map(ToString::to_string).unwrap_or_default();
    let line = seen.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}={}@{path}{line}", seen.what, seen.value)
}

fn all(files: &[(&str, &str)], expected: &[&str]) {
    let seen = seen(files);
    for one in expected {
        assert!(seen.iter().any(|seen| seen == one), "{one} is not among {seen:#?}");
    }
}

fn none(files: &[(&str, &str)], what: &str) {
    let seen = seen(files);
    assert!(!seen.iter().any(|seen| seen.starts_with(what)), "{seen:#?}");
}

const GO_MOD: &str =
    "module example.com/acme/payments/v2\n\ngo 1.25\n\nrequire (\n\tgithub.com/labstack/echo/v4 v4.13.0\n)\n";
const MAIN: &str = "package main\n\nfunc main() {}\n";

#[test]
fn languages_and_frameworks_come_from_manifests() {
    all(
        &[("go.mod", GO_MOD), ("main.go", MAIN), ("hack/x.py", "")],
        &[
            "language=go@go.mod:1",
            "language=python@hack/x.py",
            "framework=Echo@go.mod:6",
            "name=payments@go.mod:1",
            "kind=service@go.mod:6",
        ],
    );
    all(
        &[("Cargo.toml", "[package]\nname = \"tool\"\n[dependencies]\nclap = \"4\"\n"), ("src/main.rs", "")],
        &[
            "language=rust@Cargo.toml:1",
            "framework=clap@Cargo.toml:4",
            "name=tool@Cargo.toml:2",
            "kind=other@Cargo.toml:4",
        ],
    );
    all(
        &[(
            "pyproject.toml",
            "[project]\nname = \"My_App\"\ndescription = \"Says hello\"\ndependencies = [\n  \"FastAPI[all]>=0.1\",\n]\n",
        )],
        &[
            "framework=FastAPI@pyproject.toml:5",
            "name=my-app@pyproject.toml:2",
            "description=Says hello@pyproject.toml:3",
        ],
    );
    all(
        &[("requirements.txt", "# pinned\nflask==3.0\n")],
        &["language=python@requirements.txt:1", "framework=Flask@requirements.txt:2"],
    );
    all(
        &[("setup.py", "setup(\n    name='x',\n    install_requires=['Django>=5'],\n)\n")],
        &["framework=Django@setup.py:3", "name=x@setup.py:2"],
    );
    all(
        &[
            (
                "package.json",
                "{\n  \"name\": \"@acme/web\",\n  \"private\": true,\n  \"dependencies\": {\n    \"fastify\": \"5\"\n  }\n}\n",
            ),
            ("src/a.ts", ""),
        ],
        &["language=node@package.json:1", "framework=Fastify@package.json:5", "name=web@package.json:2"],
    );
    all(
        &[(
            "pom.xml",
            "<project>\n<parent>\n<artifactId>spring-boot-starter-parent</artifactId>\n</parent>\n<artifactId>clinic</artifactId>\n</project>\n",
        )],
        &["language=java@pom.xml:1", "framework=Spring Boot@pom.xml:3", "name=clinic@pom.xml:5"],
    );
    all(
        &[
            ("build.gradle", "plugins {\n  id 'org.springframework.boot' version '3'\n}\n"),
            ("settings.gradle", "rootProject.name = 'clinic'\n"),
        ],
        &["framework=Spring Boot@build.gradle:2", "name=clinic@build.gradle:1"],
    );
}

#[test]
fn a_manifest_of_tools_does_not_outweigh_the_code() {
    let files =
        [("package.json", "{\"devDependencies\": {\"prettier\": \"3\"}}"), ("go.mod", GO_MOD), ("main.go", MAIN)];
    assert_eq!(seen(&files)[0], "language=go@go.mod:1");
}

#[test]
fn packages_in_directories_do_not_outweigh_the_code() {
    let nim = [("docs/requirements.txt", "mkdocs==1.6\n"), ("guide/requirements.txt", "mkdocs==1.6\n"), ("a.nim", "")];
    assert_eq!(seen(&nim)[0], "language=nim@a.nim");
    let names: Vec<String> = (0..50).map(|n| format!("src/{n}.cs")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    for name in ["a/package.json", "b/package.json", "c/package.json"] {
        files.push((name, "{}"));
    }
    files.push(("a/x.ts", ""));
    assert_eq!(seen(&files)[0], "language=csharp@src/0.cs");
}

#[test]
fn what_only_a_feature_brings_in_makes_no_service() {
    let cargo =
        "[package]\nname = \"hx\"\n[dependencies]\naxum = { version = \"0.8\", optional = true }\nclap = \"4\"\n";
    all(&[("Cargo.toml", cargo), ("src/main.rs", ""), ("Dockerfile", "FROM scratch\n")], &["kind=other@Cargo.toml:5"]);
}

#[test]
fn what_others_depend_on_is_a_library() {
    all(
        &[("go.mod", "module example.com/acme/limits\n"), ("limits.go", "package limits\n")],
        &["kind=library@go.mod:1"],
    );
    all(&[("Cargo.toml", "[package]\nname = \"x\"\n"), ("src/lib.rs", "")], &["kind=library@src/lib.rs:1"]);
    all(
        &[("pyproject.toml", "[build-system]\nrequires = []\n[project]\nname = \"x\"\n")],
        &["kind=library@pyproject.toml:1"],
    );
    all(
        &[("pyproject.toml", "[tool.black]\nline-length = 119\n"), ("setup.py", "setup(\n    name=\"x\",\n)\n")],
        &["kind=library@setup.py:1"],
    );
    all(&[("package.json", "{\"name\": \"x\",\n\"exports\": \"./x.js\"}")], &["kind=library@package.json:2"]);
    // An image, a start script or a private package: nobody can tell.
    none(
        &[
            ("go.mod", GO_MOD.replace("github.com/labstack/echo/v4", "x").as_str()),
            ("a.go", "package a\n"),
            ("Dockerfile", "FROM x\n"),
        ],
        "kind",
    );
    none(&[("package.json", "{\"private\": true, \"exports\": \"./x.js\"}")], "kind");
}

#[test]
fn a_command_line_in_an_image_is_no_service_unless_something_listens() {
    let cargo = ("Cargo.toml", "[package]\nname = \"hx\"\n[dependencies]\nclap = \"4\"\n");
    let image = ("Dockerfile", "FROM scratch\nENTRYPOINT [\"/hx\"]\n");
    all(&[cargo, image, ("src/main.rs", "fn main() {}")], &["kind=other@Cargo.toml:4"]);
    none(&[cargo, image, ("src/main.rs", "let socket = TcpListener::bind(address)?;")], "kind");
    none(&[cargo, image, ("src/main.rs", ""), ("compose.yaml", "services:\n  hx:\n    ports: [80]\n")], "kind");
    all(&[cargo, ("Dockerfile", "FROM scratch\nEXPOSE 80\n"), ("src/main.rs", "")], &["kind=service@Dockerfile:2"]);
    let module = ("go.mod", "module a\nrequire github.com/spf13/cobra v1.0.0\n");
    all(&[module, ("main.go", "package main\n"), image], &["kind=other@go.mod:2"]);
    none(&[module, ("main.go", "package main\nhttp.ListenAndServe(a, nil)\n"), image], "kind");
}

#[test]
fn plugins_of_gradle_are_read_in_each_form() {
    let settings = ("settings.gradle.kts", "rootProject.name = \"clock\"\n");
    all(&[("build.gradle.kts", "plugins {\n    `maven-publish`\n}\n"), settings], &["kind=library@build.gradle.kts:2"]);
    all(&[("build.gradle.kts", "infra {\n  publishing {\n  }\n}\n"), settings], &["kind=library@build.gradle.kts:2"]);
    none(&[("build.gradle.kts", "plugins {\n    application\n    `maven-publish`\n}\n"), settings], "kind");
}

#[test]
fn pipelines_images_and_updates_are_found() {
    all(
        &[(".github/workflows/a.yml", ""), ("renovate.json", "{}")],
        &["ci=github@.github/workflows/a.yml:1", "updates=renovate@renovate.json:1"],
    );
    all(&[(".gitlab-ci.yml", "")], &["ci=gitlab@.gitlab-ci.yml:1"]);
    all(&[("Jenkinsfile", ""), (".travis.yml", "")], &["ci=jenkins@Jenkinsfile:1", "ci=travis@.travis.yml:1"]);
    all(
        &[
            ("Dockerfile", "FROM golang:1 AS build\nFROM scratch\nEXPOSE 80\n"),
            ("compose.yaml", "services:\n  web: {}\n  db: {}\n"),
        ],
        &["container=Dockerfile@Dockerfile:2", "kind=service@Dockerfile:3", "compose=web, db@compose.yaml:1"],
    );
    none(&[("tests/Dockerfile", "FROM x\n"), ("Dockerfile.md", "")], "container");
}

#[test]
fn clouds_are_told_by_providers_and_by_sign_ins() {
    all(
        &[(
            "infra/main.tf",
            "provider \"google\" {\n}\n\nresource \"aws_s3_bucket\" \"a\" {}\nresource \"aws_s3_bucket\" \"b\" {}\n",
        )],
        &[
            "infrastructure=Terraform@infra/main.tf",
            "provider=google@infra/main.tf:1",
            "cloud=aws@infra/main.tf:4",
            "cloud=gcp@infra/main.tf:1",
        ],
    );
    let workflow = "on: push\njobs:\n  a:\n    steps:\n      # - uses: azure/login@v2\n      - uses: aws-actions/configure-aws-credentials@v4\n";
    all(&[(".github/workflows/a.yml", workflow)], &["cloud=aws@.github/workflows/a.yml:6"]);
    none(&[(".github/workflows/a.yml", "# azure/login\n")], "cloud");
}

#[test]
fn terraform_with_a_state_is_no_module() {
    all(&[("variables.tf", "variable \"a\" {}\n")], &["kind=module@variables.tf:1"]);
    all(
        &[("main.tf", "terraform {\n  backend \"s3\" {}\n}\n"), ("variables.tf", "variable \"a\" {}\n")],
        &["kind=other@main.tf:2"],
    );
}

#[test]
fn manifests_elsewhere_are_seen_and_not_doubled() {
    let deployment = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n";
    let question = |path: &str| {
        let seen = observe(&tree(&[(path, deployment)]), &Outside::default()).unwrap();
        let seen = seen.into_iter().find(|seen| seen.what == "runs on").unwrap();
        (told(&seen), seen.question)
    };
    assert_eq!(question("k8s/a.yaml"), ("runs on=kubernetes@k8s/a.yaml:5".to_owned(), None));
    assert_eq!(
        question("deploy/base/a.yaml"),
        ("runs on=kubernetes@deploy/base/a.yaml:5".to_owned(), Some("runtime".to_owned()))
    );
    all(&[("chart/Chart.yaml", "name: x\n")], &["runs on=kubernetes@chart/Chart.yaml:1"]);
    all(&[("k/kustomization.yaml", "")], &["runs on=kubernetes@k/kustomization.yaml:1"]);
}

#[test]
fn owners_come_from_codeowners_then_from_the_catalogue_and_people_are_a_guess() {
    let files = [
        (".github/CODEOWNERS", "* @acme/everyone\n/docs/ @acme/writers\n"),
        (
            "catalog-info.yaml",
            "apiVersion: backstage.io/v1alpha1\nmetadata:\n  name: payments\nspec:\n  owner: group:default/money\n  lifecycle: production\n",
        ),
    ];
    let seen = observe(&tree(&files), &outside("git@github.com:acme/pay.git")).unwrap();
    let owners: Vec<(String, Confidence)> =
        seen.iter().filter(|seen| seen.what == "owner").map(|seen| (told(seen), seen.confidence)).collect();
    assert_eq!(
        owners,
        [
            ("owner=@acme/everyone@.github/CODEOWNERS:1".to_owned(), Confidence::Certain),
            ("owner=@acme/money@catalog-info.yaml:5".to_owned(), Confidence::Certain),
            ("owner=Ada@".to_owned(), Confidence::Guess),
        ]
    );
    let told: Vec<String> = seen.iter().map(told).collect();
    for one in [
        "name=payments@catalog-info.yaml:3",
        "lifecycle=production@catalog-info.yaml:6",
        "forge=github@",
        "organisation=acme@",
        "repository=pay@",
        "default branch=trunk@",
    ] {
        assert!(told.iter().any(|seen| seen == one), "{one}: {told:#?}");
    }
    all(&[("docs/CODEOWNERS", "/docs/ @acme/writers\n")], &["owner=none@docs/CODEOWNERS:1"]);
}

#[test]
fn answers_to_other_generators_count_by_their_ids() {
    let question = |files: &[(&str, &str)], id: &str| -> Option<(String, Confidence)> {
        let seen = observe(&tree(files), &Outside::default()).unwrap();
        let mut all = seen.into_iter().filter(|seen| seen.question.as_deref() == Some(id));
        all.next().map(|seen| (told(&seen), seen.confidence))
    };
    let copier = [(
        ".copier-answers.yml",
        "# Changes here will be overwritten\n_commit: v1\n_src_path: https://ada:secret@h.example/t.git\nowner: \"@acme/money\"\nproject_slug: payments\nports: [80, 90]\n",
    )];
    assert_eq!(
        question(&copier, "owner"),
        Some(("answer=@acme/money@.copier-answers.yml:4".to_owned(), Confidence::Certain))
    );
    assert_eq!(
        question(&copier, "name"),
        Some(("answer=payments@.copier-answers.yml:5".to_owned(), Confidence::Likely))
    );
    assert_eq!(
        question(&copier, "ports"),
        Some(("answer=80,90@.copier-answers.yml:6".to_owned(), Confidence::Certain))
    );
    let made = observe(&tree(&copier), &Outside::default())
        .unwrap()
        .into_iter()
        .find(|seen| seen.what == "made with")
        .unwrap();
    assert_eq!(made.why, "https://h.example/t.git at v1");
    let cruft = [(
        ".cruft.json",
        "{\n\"template\": \"gh:a/b\",\n\"commit\": \"abc\",\n\"context\": {\"cookiecutter\": {\n\"cloud\": \"gcp\",\n\"_template\": \"x\"}}}",
    )];
    assert_eq!(question(&cruft, "cloud"), Some(("answer=gcp@.cruft.json:5".to_owned(), Confidence::Certain)));
    assert_eq!(question(&cruft, "_template"), None);
    let cookie = [(".cookiecutterrc", "default_context:\n  project_name: Pay\n")];
    assert_eq!(question(&cookie, "name"), Some(("answer=Pay@.cookiecutterrc:2".to_owned(), Confidence::Likely)));
}

#[test]
fn licences_and_the_readme_are_read() {
    all(
        &[(
            "LICENSE.txt",
            "MIT License\n\nPermission is hereby granted, free of charge, to any\nperson … without\nrestriction",
        )],
        &["licence=MIT@LICENSE.txt:1"],
    );
    all(&[("LICENSE", "All rights reserved\n")], &["licence=unknown@LICENSE:1"]);
    let mit = "Permission is hereby granted, free of charge, to any person … without restriction";
    all(&[("LICENSES/MIT.txt", mit)], &["licence=MIT@LICENSES/MIT.txt:1"]);
    let readme = "# Payments\n\n[![build](b.svg)](b)\n\n**Payments** takes [money](m.md) from callers. More.\n";
    let commented = "<!--\nDo not edit this file\n-->\n# X\n## Install\nRun the following command now\n";
    none(&[("README.md", commented)], "description");
    all(&[("README.md", readme)], &["description=Payments takes money from callers@README.md:5"]);
}

#[test]
fn no_licence_is_seen_only_where_nothing_states_one() {
    let none = Some(("licence=none@".to_owned(), Confidence::Likely));
    let answered = |files: &[(&str, &str)]| {
        let all = observe(&tree(files), &Outside::default()).unwrap();
        let one = all.into_iter().find(|one| one.question.as_deref() == Some("licence"));
        one.map(|one| (told(&one), one.confidence))
    };
    assert_eq!(answered(&[("main.go", MAIN)]), none);
    // One below the top is that of a part, or of what was copied in.
    assert_eq!(answered(&[("main.go", MAIN), ("third_party/x/LICENSE", "MIT\n")]), none);
    assert_eq!(answered(&[]), None);
    // What no question knows by name is another one.
    for file in [("LICENCE", "ours\n"), ("COPYING", ""), ("LICENSES/ours.txt", "ours\n")] {
        let other = Some((format!("licence=other@{}:1", file.0), Confidence::Likely));
        assert_eq!(answered(&[file, ("main.go", MAIN)]), other, "{file:?}");
    }
    all(&[("COPYING", "GNU General Public License")], &["licence=GPL@COPYING:1", "licence=other@COPYING:1"]);
    let stated = [("package.json", "{\"name\": \"x\", \"license\": \"MIT\"}")];
    assert_eq!(answered(&stated), Some(("licence=MIT@package.json:1".to_owned(), Confidence::Certain)));
}

#[test]
fn hostile_files_are_passed_over() {
    let deep = "[".repeat(5000);
    let files = [
        ("package.json", deep.as_str()),
        ("pyproject.toml", "[[[["),
        ("Cargo.toml", "\u{0}"),
        ("pom.xml", "<artifactId>"),
        (".cruft.json", "{"),
        ("catalog-info.yaml", "a: &a [*a]"),
        ("main.tf", "resource \"aws_"),
        ("Dockerfile", "FROM"),
        ("deploy/a.yaml", "apiVersion: {{ x }}\nkind: {{ y }}\n"),
    ];
    assert!(!seen(&files).is_empty());
}

fn builtin() -> GoldenPath {
    let versions = Versions::builtin().unwrap();
    versions.require(&versions.latest()).unwrap()
}

fn proposed(files: &[(&str, &str)]) -> Option<String> {
    let tree = tree(files);
    let seen = observe(&tree, &Outside { is_root: true, ..Outside::default() }).unwrap();
    propose(&builtin(), &tree.files().unwrap(), &seen).map(|proposal| proposal.template)
}

#[test]
fn the_template_is_the_one_that_agrees_with_most() {
    for (files, template) in [
        (&[("go.mod", GO_MOD), ("main.go", MAIN)][..], "go-service"),
        // Nothing but a manifest: what the path's own `detect` says.
        (&[("go.mod", "module a\n")], "go-service"),
        (&[("pyproject.toml", "[project]\nname = \"a\"\n")], "python-service"),
        (&[("go.mod", "module a\n"), ("a.go", "package a\n")], "library"),
        // Nothing of it serves.
        (&[("Cargo.toml", "[package]\nname = \"x\"\n[dependencies]\nclap = \"4\"\n"), ("src/main.rs", "")], "generic"),
        (&[("Gemfile", ""), ("a.rb", "")], "generic"),
        (&[("main.tf", "variable \"a\" {}\n")], "terraform-module"),
        (&[("main.tf", "provider \"aws\" {}\n")], "generic"),
        (&[("main.tf", "variable \"a\" {}\n"), ("lambda/requirements.txt", "boto3\n")], "terraform-module"),
        (
            &[
                ("main.tf", "variable \"a\" {}\n"),
                ("modules/a/main.tf", "variable \"a\" {}\n"),
                ("jobs/a/Dockerfile", "FROM x\n"),
                ("jobs/a/requirements.txt", "a\n"),
                ("jobs/a/main.py", "print()\n"),
            ],
            "terraform-module",
        ),
        (
            &[
                ("main.tf", "variable \"a\" {}\n"),
                ("app/Dockerfile", "FROM x\n"),
                ("app/requirements.txt", "a\n"),
                ("app/main.py", "print()\n"),
            ],
            "python-service",
        ),
        (&[("package.json", "{\"name\": \"x\"}"), ("action.yml", "name: x\nruns:\n  using: node24\n")], "generic"),
        (&[("pom.xml", "<project>\n<artifactId>a</artifactId>\n</project>\n")], "java-service"),
        (&[("pom.xml", "<project>\n<artifactId>a</artifactId>\n<packaging>hpi</packaging>\n</project>\n")], "library"),
        // Several programs, each beside an image of its own.
        (
            &[
                ("vote/Dockerfile", "FROM x\nEXPOSE 80\n"),
                ("vote/requirements.txt", "flask\n"),
                ("result/Dockerfile", "FROM x\nEXPOSE 80\n"),
                ("result/package.json", "{\"dependencies\": {\"express\": \"5\"}}"),
            ],
            "generic",
        ),
        (
            &[(
                "pom.xml",
                "<project>\n<artifactId>a</artifactId>\n<build>\n<artifactId>maven-gpg-plugin</artifactId>\n</build>\n</project>\n",
            )],
            "library",
        ),
    ] {
        assert_eq!(proposed(files).as_deref(), Some(template), "{files:?}");
    }
    // A program in a directory, and none at the top.
    let aside = [("tools/go.mod", GO_MOD), ("tools/main.go", MAIN), ("apps/web.yaml", "kind: ConfigMap\n")];
    assert_eq!(proposed(&aside).as_deref(), Some("generic"));
    assert_eq!(proposed(&[]).as_deref(), Some("generic"));
}
