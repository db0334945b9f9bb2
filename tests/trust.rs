//! Hostile golden paths, answers and repositories: a clear error or a finding, in bounded time and memory.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use support::{Bed, Ran};

/// Runs `new` from a golden path whose one asset has the file `name` with `content`.
fn lay(name: &str, content: &str, answers: &[&str]) -> (Bed, Ran) {
    let bed = Bed::new();
    bed.write(
        "evil/golden-path.yaml",
        "schema: roadbed/path/v1\nname: evil\nversion: 1.0.0\nquestions:\n  x: {type: string, prompt: X, default: y}\n\
         templates:\n  t: {description: T, assets: [a]}\n",
    );
    bed.write("evil/assets/a/asset.yaml", "schema: roadbed/asset/v1\ndescription: A\n");
    bed.write("outside", "precious");
    bed.write(&format!("evil/assets/a/files/{name}"), content);
    let mut args = vec!["new", "t", "demo", "--defaults", "--golden-path", "evil"];
    args.extend(answers);
    let ran = bed.run(".", &args);
    (bed, ran)
}

#[test]
fn no_name_leaves_the_repository_or_means_git() {
    let spellings = [
        "../outside",
        "..",
        ".",
        "",
        "/abs",
        "a/b",
        "a\\b",
        "C:\\x",
        ".git",
        ".GIT",
        ".git.",
        "git~1",
        "con",
        "x\u{7}y",
        "trailing.",
        "q?",
    ];
    for spelling in spellings {
        let (bed, ran) = lay("<{ x }>/config", "x", &["--set", &format!("x={spelling}")]);
        ran.code(2);
        assert!(!bed.exists("demo") && bed.read("outside") == "precious", "{spelling}");
    }
    let (bed, ran) = lay("<{ x }>.jinja", "x", &["--set", "x=.roadbed"]);
    ran.code(2);
    assert!(!bed.exists("demo"));
}

#[test]
fn a_golden_path_has_no_say_over_git_or_roadbed() {
    for name in [".git/hooks/post-checkout", ".GIT/config", "a/.git/config", ".roadbed/lock.yaml", "git~1/config"] {
        let (bed, ran) = lay(name, "x", &[]);
        ran.code(2).says(name.rsplit('/').nth(1).unwrap());
        assert!(!bed.exists("demo"), "{name}");
    }
}

#[test]
fn template_code_in_an_answer_is_text() {
    let (bed, ran) = lay("f.txt.jinja", "<{ x }>", &["--set", "x=<{ 7 * 7 }><% for i in range(9) %>{{ 1 }}"]);
    ran.ok();
    assert_eq!(bed.read("demo/f.txt"), "<{ 7 * 7 }><% for i in range(9) %>{{ 1 }}");
}

#[test]
fn control_characters_in_an_answer_are_refused() {
    for value in ["x=a\u{1b}[31m", "x=a\nb", "x=a\u{202e}b", "x=a\rb"] {
        lay("f.txt.jinja", "<{ x }>", &["--set", value]).1.code(2);
    }
}

#[test]
fn endless_and_enormous_renders_stop() {
    let bombs = [
        "<% for i in range(100000) %><% for j in range(100000) %>x<% endfor %><% endfor %>",
        "<{ 'x' * 1000000000 }>",
        "<% set a = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' %><% set a = a ~ a %><% set a = a ~ a %><{ a }>",
        "<% macro f() %><{ f() }><% endmacro %><{ f() }>",
        "<% set s %>x<% endset %><{ s }>",
        "<% include '/etc/passwd' %>",
        "<{ nobody }>",
        "<{ [1, 2] }>",
        "<{ none }>",
        "<{ x",
    ];
    for bomb in bombs {
        let (bed, ran) = lay("f.txt.jinja", bomb, &[]);
        ran.code(2).says("f.txt.jinja");
        assert!(!bed.exists("demo"), "{bomb}");
    }
    let deep = format!("<{{ {}1{} }}>", "(".repeat(20_000), ")".repeat(20_000));
    lay("f.txt.jinja", &deep, &[]).1.code(2);
}

/// Each line doubles the one above it.
fn alias_bomb(depth: usize) -> String {
    let line = |n: usize| format!("a{}: &a{} [*a{n}, *a{n}]\n", n + 1, n + 1);
    (0..depth).map(line).collect::<Vec<_>>().concat()
}

#[test]
fn alias_bombs_and_nests_in_yaml_of_ours_are_refused() {
    let bed = Bed::laid();
    let bomb = alias_bomb(30);
    let config = bed.read("repo/.roadbed/config.yaml");
    bed.write("repo/.roadbed/config.yaml", format!("{config}a0: &a0 x\n{bomb}"));
    bed.run("repo", &["check"]).code(2).says(".roadbed/config.yaml");
    bed.write("repo/.roadbed/config.yaml", format!("{config}x: {}", "[".repeat(100_000)));
    bed.run("repo", &["check"]).code(2);
    bed.write("repo/.roadbed/config.yaml", b"\xff\xfe");
    bed.run("repo", &["check"]).code(2).says("UTF-8");
    bed.write("repo/.roadbed/config.yaml", "x".repeat(64 * 1024 * 1024));
    bed.run("repo", &["check"]).code(2);
}

#[test]
fn alias_bombs_and_nests_in_yaml_of_the_repos_are_findings() {
    let bed = Bed::laid();
    let bomb = alias_bomb(40);
    for text in
        [format!("a0: &a0 x\n{bomb}"), format!("x: {}", "[".repeat(100_000)), "a: [\n".to_owned(), "\t- x\n".to_owned()]
    {
        bed.write("repo/.github/workflows/ci.yml", text);
        let findings = bed.findings("repo", &[]);
        assert!(findings.iter().any(|f| f.starts_with("block ") && f.contains("ci.yml")), "{findings:?}");
    }
}

#[test]
fn what_is_shown_cannot_move_the_cursor() {
    let bed = Bed::laid();
    bed.replace("repo/.github/workflows/security.yml", "make scan", "\u{1b}[2Jmake\u{202e}");
    let ran = bed.run("repo", &["check"]).code(1);
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\u{202e}'), "{}", ran.stdout);
    let (_, ran) = lay("f.txt.jinja", "<{ x }>", &["--set", "x=a\u{1b}[2Jb"]);
    assert!(!ran.stderr.contains("\u{1b}[2J"), "{}", ran.stderr);
}

#[test]
fn a_hostile_git_configuration_runs_nothing() {
    let bed = Bed::laid();
    let evil = bed.path("evil.sh");
    bed.write("evil.sh", format!("#!/bin/sh\ntouch '{}'\n", bed.path("ran").display()));
    let settings = [
        ("core.fsmonitor", evil.to_str().unwrap()),
        ("core.hooksPath", "../"),
        ("filter.x.clean", evil.to_str().unwrap()),
        ("core.worktree", "/"),
        ("diff.external", evil.to_str().unwrap()),
        ("core.pager", evil.to_str().unwrap()),
        ("gpg.program", evil.to_str().unwrap()),
    ];
    #[cfg(unix)]
    std::fs::set_permissions(&evil, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for (key, value) in settings {
        let text = bed.read("repo/.git/config");
        let (section, name) = key.rsplit_once('.').unwrap();
        let section = section.split_once('.').map_or(section.to_owned(), |(a, b)| format!("{a} \"{b}\""));
        bed.write("repo/.git/config", format!("{text}[{section}]\n\t{name} = {value}\n"));
    }
    bed.write("repo/.gitattributes", "* filter=x\n");
    bed.remove("repo/Makefile");
    bed.run("repo", &["check"]).ok();
    bed.run("repo", &["check", "--rev", "HEAD"]).ok();
    bed.run("repo", &["diff"]).ok();
    bed.run("repo", &["fix"]).ok();
    assert!(!bed.exists("ran") && bed.exists("repo/Makefile"));
}

#[test]
fn the_environment_of_git_changes_nothing() {
    let bed = Bed::laid();
    bed.git(".", &["init", "-q", "other"]);
    bed.remove("repo/Makefile");
    for args in [vec!["check"], vec!["fix"]] {
        let mut command = bed.roadbed("repo");
        command.args(&args).env("GIT_DIR", bed.path("other/.git")).env("GIT_WORK_TREE", bed.path("other"));
        command
            .env("GIT_INDEX_FILE", "/nowhere")
            .env("GIT_OBJECT_DIRECTORY", "/nowhere")
            .env("GIT_CEILING_DIRECTORIES", "/");
        Ran::of(&command.output().unwrap()).ok();
    }
    assert!(bed.exists("repo/Makefile"));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    fn fifo(bed: &Bed, path: &str) {
        assert!(Command::new("mkfifo").arg(bed.path(path)).status().unwrap().success());
    }

    #[test]
    fn fifos_links_and_directories_in_the_way_are_findings_and_conflicts() {
        let bed = Bed::laid();
        for file in ["Makefile", "logo.png", "settings.toml", "package.json"] {
            bed.remove(&format!("repo/{file}"));
        }
        fifo(&bed, "repo/Makefile");
        symlink("../acme", bed.path("repo/logo.png")).unwrap();
        std::fs::create_dir(bed.path("repo/settings.toml")).unwrap();
        symlink("package.json", bed.path("repo/package.json")).unwrap();
        let findings = bed.findings("repo", &[]);
        for file in ["Makefile", "logo.png", "settings.toml", "package.json"] {
            assert!(
                findings.iter().any(|f| f.starts_with("block drift/edited") && f.contains(file)),
                "{file} {findings:?}"
            );
        }
        bed.run("repo", &["fix", "--allow-dirty"]).code(3);
        assert!(bed.path("repo/Makefile").symlink_metadata().is_ok());
    }

    #[test]
    fn a_directory_that_is_a_link_out_is_never_written_through() {
        let bed = Bed::laid();
        std::fs::rename(bed.path("repo/.github"), bed.path("elsewhere")).unwrap();
        symlink("../elsewhere", bed.path("repo/.github")).unwrap();
        bed.write("elsewhere/workflows/security.yml", "x\n");
        let findings = bed.findings("repo", &[]);
        assert!(findings.iter().any(|f| f.contains("drift/edited") && f.contains("security.yml")), "{findings:?}");
        bed.run("repo", &["fix", "--allow-dirty"]).code(3);
        assert_eq!(bed.read("elsewhere/workflows/security.yml"), "x\n");
    }

    #[test]
    fn loops_fifos_and_large_files_beside_the_path_cost_nothing() {
        let bed = Bed::laid();
        symlink("loop", bed.path("repo/loop")).unwrap();
        symlink(".", bed.path("repo/self")).unwrap();
        fifo(&bed, "repo/pipe");
        let large = std::fs::File::create(bed.path("repo/large")).unwrap();
        large.set_len(200 * 1024 * 1024).unwrap();
        bed.remove("repo/Makefile");
        std::fs::File::create(bed.path("repo/Makefile")).unwrap().set_len(200 * 1024 * 1024).unwrap();
        assert_eq!(bed.findings("repo", &[]), ["block drift/edited Makefile"]);
        bed.run("repo", &["fix", "--allow-dirty"]).code(3);
    }

    #[test]
    fn a_hundred_thousand_files_cost_one_listing() {
        let bed = Bed::laid();
        for dir in 0..100 {
            std::fs::create_dir_all(bed.path(&format!("repo/many/{dir}"))).unwrap();
            for file in 0..1000 {
                std::fs::File::create(bed.path(&format!("repo/many/{dir}/{file}"))).unwrap();
            }
        }
        assert_eq!(bed.findings("repo", &[]), Vec::<String>::new());
    }

    #[test]
    fn links_in_a_golden_path_stay_inside_the_repository() {
        for target in ["/etc/passwd", "../../outside", "../.git/config", ".git"] {
            let bed = Bed::new();
            bed.copy_golden_path("acme");
            symlink(target, bed.path("acme/assets/base/files/link")).unwrap();
            bed.run(".", &["new", "service", "demo", "--defaults", "--golden-path", "acme"]).code(2).says("link");
            assert!(!bed.exists("demo"), "{target}");
        }
        let bed = Bed::new();
        bed.copy_golden_path("acme");
        symlink("README.md", bed.path("acme/assets/base/files/README")).unwrap();
        bed.run(".", &["new", "service", "demo", "--defaults", "--golden-path", "acme"]).ok();
        assert_eq!(std::fs::read_link(bed.path("demo/README")).unwrap().to_str(), Some("README.md"));
        bed.run("demo", &["check"]).ok();
    }

    #[test]
    fn a_golden_path_that_is_a_link_elsewhere_is_refused() {
        let bed = Bed::new();
        bed.copy_golden_path("acme");
        bed.write("secret.yaml", "schema: roadbed/path/v1\nname: x\nversion: 1.0.0\n");
        bed.remove("acme/golden-path.yaml");
        symlink("../secret.yaml", bed.path("acme/golden-path.yaml")).unwrap();
        bed.run(".", &["new", "service", "demo", "--defaults", "--golden-path", "acme"]).code(2);
    }
}
