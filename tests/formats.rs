//! The formats of `check`, from the outside: what others read, held against their own schemas.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Bed, Ran, validator};

/// A repository with drift of every kind, and with strings that mean something to whoever shows them.
fn drifted() -> Bed {
    let bed = Bed::laid();
    bed.replace(
        "repo/.github/workflows/security.yml",
        "      - run: make scan",
        "      - run: echo '##[error]<script>alert(1)</script> \u{202e}``` @acme/all fixes #1 | ![x](https://a.example)'",
    );
    bed.replace("repo/.github/workflows/ci.yml", "timeout-minutes: 10", "timeout-minutes: 500");
    bed.replace("repo/package.json", "\"private\": true", "\"private\": \"</td>%0A::error::x,y:z & @acme/all #7\"");
    bed.remove("repo/Makefile");
    bed.remove("repo/bin/start");
    bed
}

/// `drifted`, with `n` more files that are missing.
fn many(n: usize) -> Bed {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    for n in 0..n {
        bed.write(&format!("acme/assets/base/files/gen/{n:04}.txt"), format!("{n}\n"));
    }
    bed.run(".", &["new", "service", "repo", "--defaults", "--golden-path", "acme"]).ok();
    for n in 0..n {
        bed.remove(&format!("repo/gen/{n:04}.txt"));
    }
    bed.replace("repo/settings.toml", "requests = 100", "requests = 1");
    bed
}

fn printed(bed: &Bed, format: &str) -> String {
    bed.run("repo", &["check", "--fail-on", "never", "--as-of", "2026-11-21", "--format", format]).ok().stdout
}

fn json(bed: &Bed, format: &str) -> Value {
    serde_json::from_str(&printed(bed, format)).unwrap()
}

/// `check` as GitHub's runner runs it, with the summary's file.
fn on_github(bed: &Bed, args: &[&str]) -> (Ran, String) {
    let summary = bed.path("summary.md");
    let mut command = bed.roadbed("repo");
    command.arg("check").args(args).env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary);
    let ran = Ran::of(&command.output().unwrap());
    (ran, std::fs::read_to_string(summary).unwrap_or_default())
}

#[test]
fn text_is_grouped_by_file_and_says_first_what_matters() {
    let bed = drifted();
    let text = bed.run("repo", &["check"]).code(1).stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "5 findings in 5 files: 4 block, 1 warns; `roadbed fix` mends them all safely");
    assert_eq!(lines[1], "The worst:");
    assert!(lines[2].starts_with("  block .github/workflows/ci.yml:"), "{text}");
    let files = lines.iter().filter(|line| !line.starts_with(' ') && !line.is_empty()).skip(2).copied();
    let expected =
        [".github/workflows/ci.yml", ".github/workflows/security.yml", "Makefile", "bin/start", "package.json"];
    assert_eq!(files.collect::<Vec<_>>(), expected);
    let frame = lines.iter().position(|line| line.contains("timeout-minutes: 500")).unwrap();
    let caret = lines[frame + 1].chars().position(|c| c == '^').unwrap();
    assert_eq!(lines[frame].chars().skip(caret).collect::<String>(), "500");
    assert_eq!(lines[frame + 1].matches('^').count(), 3);
    for part in ["owner @acme/repo · GP-CI-01 · asset base", "fix   roadbed fix bin/start (create the file)"] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert!(!text.contains('\u{202e}') && text.contains("\\u{202e}"), "{text}");
    assert!(!text.contains('\u{1b}'));
    let coloured = bed.run("repo", &["check", "--color", "always"]).code(1).stdout;
    assert!(coloured.contains("\u{1b}[1m"), "{coloured}");
}

#[test]
fn a_long_text_tells_the_worst_of_each_kind_and_says_at_the_end_what_it_said_at_the_beginning() {
    let text = printed(&many(20), "text");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("21 findings in 21 files: 1 blocks, 20 warn"), "{text}");
    assert_eq!(lines.last(), lines.first());
    let worst: Vec<&str> = lines[2..].iter().take_while(|line| !line.is_empty()).copied().collect();
    assert!(worst[0].contains("settings.toml") && worst[2].contains("gen/0000.txt"), "{text}");
}

#[test]
fn success_is_quiet() {
    let bed = Bed::laid();
    let ran = bed.run("repo", &["check"]).ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.lines().count()), ("", 1), "{}", ran.stderr);
    assert_eq!(bed.run("repo", &["check", "-q"]).ok().stderr, "");
}

#[test]
fn sarif_is_what_code_scanning_takes() {
    let bed = drifted();
    let findings = json(&bed, "json");
    let log = json(&bed, "sarif");
    let run = &log["runs"][0];
    assert_eq!(run["automationDetails"]["id"], "roadbed/");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    let mut prints: Vec<&Value> =
        findings["findings"].as_array().unwrap().iter().map(|finding| &finding["fingerprint"]).collect();
    prints.sort_by_key(ToString::to_string);
    let mut found: Vec<&Value> = results.iter().map(|result| &result["partialFingerprints"]["roadbed/v1"]).collect();
    found.sort_by_key(ToString::to_string);
    assert_eq!(found, prints);
    for result in results {
        let print = result["partialFingerprints"]["roadbed/v1"].as_str().unwrap();
        assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], format!("{print}:1"));
        let place = &result["locations"][0]["physicalLocation"];
        for key in ["startLine", "startColumn", "endLine", "endColumn"] {
            assert!(place["region"][key].as_u64().unwrap() > 0, "{result}");
        }
        let file = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(bed.exists(&format!("repo/{file}")), "{file}");
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["properties"]["security-severity"].is_string());
        let taxon = &result["taxa"][0];
        let control = &run["taxonomies"][0]["taxa"][usize::try_from(taxon["index"].as_u64().unwrap()).unwrap()];
        assert_eq!((&control["id"], &taxon["id"]), (&Value::from("GP-CI-01"), &Value::from("GP-CI-01")));
    }
    let missing = results.iter().find(|result| result["message"]["text"].as_str().unwrap().contains("'Makefile'"));
    let place = &missing.unwrap()["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(place, ".roadbed/config.yaml");
}

#[test]
fn each_laid_directory_has_a_category_and_fingerprints_of_its_own() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.git(".", &["init", "-q", "repo"]);
    for name in ["one", "two"] {
        bed.run("repo", &["new", "service", name, "--defaults", "--golden-path", "../acme"]).ok();
        bed.remove(&format!("repo/{name}/Makefile"));
    }
    let of = |dir: &str, args: &[&str]| bed.run(dir, &[&["check", "--format", "sarif"], args].concat()).ok().json();
    let print = |log: &Value, n: usize| log["runs"][0]["results"][n]["partialFingerprints"]["roadbed/v1"].clone();
    let (one, two, all) = (of("repo/one", &[]), of("repo/two", &[]), of("repo", &["--all"]));
    assert_eq!(one["runs"][0]["automationDetails"]["id"], "roadbed/one/");
    assert_eq!(two["runs"][0]["automationDetails"]["id"], "roadbed/two/");
    assert_eq!(all["runs"][0]["automationDetails"]["id"], "roadbed-all/");
    assert_ne!(print(&one, 0), print(&two, 0));
    assert_eq!((print(&all, 0), print(&all, 1)), (print(&one, 0), print(&two, 0)));
    let file = &all["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(file, "two/.roadbed/config.yaml");
}

#[test]
fn junit_fails_what_fails_the_command_and_passes_nothing_else() {
    let bed = drifted();
    let of = |args: &[&str]| bed.run("repo", &[&["check", "--format", "junit"], args].concat()).stdout;
    assert!(of(&[]).contains("<testsuites name=\"roadbed\" tests=\"5\" failures=\"4\" errors=\"0\">"));
    assert!(of(&["--fail-on", "warn"]).contains("failures=\"5\""));
    let mild = of(&["--fail-on", "never"]);
    assert_eq!((mild.matches("<failure").count(), mild.matches("<skipped").count()), (0, 5));
    let clean = Bed::laid().run("repo", &["check", "--format", "junit"]).ok().stdout;
    assert!(clean.contains("<testcase classname=\"roadbed\" name=\"on the path:"), "{clean}");
}

#[test]
fn gitlab_gets_an_array_of_issues_with_places() {
    let bed = drifted();
    let issues = json(&bed, "gitlab");
    let rows: Vec<String> = issues
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| {
            format!("{} {}:{}", issue["severity"], issue["location"]["path"], issue["location"]["lines"]["begin"])
                .replace('"', "")
        })
        .collect();
    let expected = [
        "critical .github/workflows/ci.yml:9",
        "critical .github/workflows/security.yml:12",
        "major Makefile:1",
        "critical bin/start:1",
        "critical package.json:3",
    ];
    assert_eq!(rows, expected);
    assert_eq!(json(&Bed::laid(), "gitlab"), serde_json::json!([]));
}

#[test]
fn annotations_are_encoded_and_the_worst_come_first() {
    let bed = drifted();
    let text = printed(&bed, "github");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(lines[..4].iter().all(|line| line.starts_with("::error file=")), "{text}");
    assert!(lines[4].starts_with("::warning file=Makefile,title=drift/missing::the file is missing"), "{text}");
    assert!(lines[0].starts_with("::error file=.github/workflows/ci.yml,line=9,endLine=9,col="), "{text}");
    // The repository's own `%0A::error` is data.
    let own = lines.iter().find(|line| line.contains("package.json")).unwrap();
    assert!(own.contains("%250A::error::x,y:z"), "{own}");
}

#[test]
fn on_github_actions_text_comes_with_annotations_and_a_summary() {
    let bed = drifted();
    let (ran, summary) = on_github(&bed, &[]);
    let ran = ran.code(1).prints("5 findings in 5 files").prints("::error file=package.json");
    assert!(summary.starts_with("## roadbed: 5 findings"), "{summary}");
    // The log quotes `##[error]` from a file: the runner must not listen there.
    let word = ran.stdout.lines().next().unwrap().strip_prefix("::stop-commands::").unwrap();
    assert_eq!(word.len(), 32);
    let (quoted, ordered) = ran.stdout.split_once(&format!("::{word}::\n")).unwrap();
    assert!(quoted.contains("##[error]") && !ordered.contains("##["), "{ordered}");
    let (ran, _) = on_github(&bed, &["--format", "json"]);
    assert_eq!(ran.code(1).json()["findings"].as_array().unwrap().len(), 5);
    let other = bed.roadbed("repo").args(["check"]).output().unwrap();
    assert!(!Ran::of(&other).stdout.lines().any(|line| line.starts_with("::")));
}

#[test]
fn what_github_does_not_show_is_counted() {
    let bed = many(14);
    let (ran, _) = on_github(&bed, &[]);
    let ran = ran.code(1).prints("::notice title=roadbed::4 of 15 findings have no annotation");
    assert_eq!(ran.stdout.matches("::warning ").count(), 10);
    let all = printed(&bed, "github");
    assert_eq!((all.matches("::warning ").count(), all.matches("::error ").count()), (14, 1));
}

#[test]
fn a_summary_that_is_nearly_full_keeps_the_worst_and_says_how_many_are_left_out() {
    let bed = many(60);
    let full = "x".repeat(1024 * 1024 - 4000);
    bed.write("summary.md", &full);
    let (ran, summary) = on_github(&bed, &[]);
    ran.code(1);
    assert!(summary.len() <= 1024 * 1024, "{}", summary.len());
    let added = &summary[full.len()..];
    assert!(added.contains("settings.toml"), "{added}");
    let shown = added.matches("\n- **").count();
    assert!(shown > 1 && added.contains(&format!("**{} more findings did not fit here.**", 61 - shown)), "{added}");
}

#[test]
fn markdown_fits_a_comment_and_mentions_nobody() {
    let text = printed(&drifted(), "markdown");
    let prose: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with(|c: char| c.is_ascii_digit()))
        .flat_map(|line| line.split('`').step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(!prose.contains("@acme") && !prose.contains("#7") && !prose.contains("<script"), "{text}");
    let long = printed(&many(900), "markdown");
    assert!(long.len() < 65_536, "{}", long.len());
    assert!(long.contains("more findings did not fit here"));
}

#[test]
fn among_equals_what_stands_in_a_file_is_worse_than_what_is_missing() {
    let bed = Bed::new();
    bed.write("repo/Dockerfile", "FROM alpine\n");
    bed.git("repo", &["init", "-q"]);
    let text = bed.run("repo", &["check"]).code(1).stdout;
    let worst = text.split("The worst:\n").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default();
    assert!(text.contains("block .github/dependabot.yml: "), "else nothing is missing: {text}");
    assert!(worst.contains("block Dockerfile:1"), "{text}");
}

#[test]
fn html_is_one_page_that_loads_and_runs_nothing() {
    let page = printed(&drifted(), "html");
    assert!(page.contains("default-src 'none'; style-src 'sha256-"), "{page}");
    assert!(!page.contains("<script") && !page.contains("</td>%0A"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    assert!(page.contains("<code>roadbed fix "), "commands read as commands: {page}");
    for word in [" src=", " style=", "http://", " on"] {
        let tags: Vec<&str> =
            page.split('<').skip(1).filter_map(|tag| tag.split('>').next()).filter(|tag| tag.contains(word)).collect();
        assert_eq!(tags, Vec::<&str>::new(), "{word}");
    }
    assert!(printed(&Bed::laid(), "html").contains("Everything is as the golden path has it"));
}

#[test]
fn a_format_that_makes_no_sense_for_a_command_is_refused() {
    let bed = Bed::laid();
    for command in [&["fix"][..], &["status"], &["path", "list"]] {
        bed.run("repo", &[command, &["--format", "sarif"]].concat()).code(2).says("this command prints text or json");
    }
    bed.run("repo", &["check", "--format", "srif"]).code(2).says("sarif");
}

#[test]
fn the_answer_goes_to_a_file_where_that_is_asked() {
    let bed = drifted();
    for format in ["text", "sarif", "junit", "github", "gitlab", "markdown", "html"] {
        let ran = bed.run("repo", &["check", "-q", "--format", format, "--output", "../out"]).code(1);
        assert_eq!(ran.stdout, "", "{format}");
        assert_eq!(bed.read("out"), bed.run("repo", &["check", "-q", "--format", format]).code(1).stdout, "{format}");
    }
}

/// The reports that must be valid: with findings, with none, and of several directories.
fn reports(format: &str) -> Vec<(Bed, PathBuf)> {
    let beds = [drifted(), Bed::laid(), many(30)];
    let write = |bed: Bed| {
        bed.write("report", printed(&bed, format));
        let report = bed.path("report");
        (bed, report)
    };
    beds.map(write).into()
}

fn schema(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(name)
}

fn check_json(schema: &Path, format: &str, bad: &str) {
    let Some(program) = validator("check-jsonschema", "check-jsonschema") else { return };
    for (bed, report) in reports(format) {
        let run =
            || Ran::of(&bed.command(&program, ".").arg("--schemafile").arg(schema).arg(&report).output().unwrap());
        run().ok();
        bed.write("report", bad);
        run().code(1);
    }
}

#[test]
fn sarif_fits_the_schema_of_oasis() {
    let bed = Bed::new();
    let packed = std::fs::read(schema("sarif-schema-2.1.0.json.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
    bed.write("sarif.json", text);
    check_json(&bed.path("sarif.json"), "sarif", "{\"version\": \"2.1.0\", \"runs\": [{}]}");
}

#[test]
fn code_quality_fits_the_schema_made_from_gitlabs_words() {
    check_json(&schema("gl-codequality.reduced.schema.json"), "gitlab", "[{\"description\": \"x\"}]");
}

#[test]
fn junit_fits_the_schema_of_jenkins() {
    let Some(python) = validator("lxml", "python") else { return };
    let judge = "import sys; from lxml import etree; \
                 etree.XMLSchema(etree.parse(sys.argv[1])).assertValid(etree.parse(sys.argv[2]))";
    for (bed, report) in reports("junit") {
        let run = || {
            let mut command = bed.command(&python, ".");
            Ran::of(&command.args(["-c", judge]).arg(schema("junit-10.xsd")).arg(&report).output().unwrap())
        };
        run().ok();
        bed.write("report", "<testsuites><testsuite name='x'/></testsuites>");
        run().code(1);
    }
}

#[test]
#[ignore = "large; `tests/run --validators` runs it"]
fn microsofts_multitool_has_nothing_to_say_of_our_sarif() {
    let Some(program) = validator("sarif-multitool", "sarif-multitool") else { return };
    for (bed, report) in reports("sarif") {
        let judge = |file: &Path| {
            let args = ["--rule-kind", "Sarif;Ghas", "--level", "Error;Warning;Note", "--log", "ForceOverwrite"];
            let mut command = bed.command(&program, ".");
            command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
            Ran::of(&command.arg("validate").arg(file).args(args).args(["-o", "verdict.sarif"]).output().unwrap()).ok();
            let verdict: Value =
                serde_json::from_str(bed.read("verdict.sarif").trim_start_matches('\u{feff}')).unwrap();
            verdict["runs"][0]["results"].as_array().unwrap().clone()
        };
        assert_eq!(judge(&report), Vec::<Value>::new());
        bed.write("bad.sarif", "{\"version\": \"2.1.0\", \"runs\": [{\"tool\": {\"driver\": {\"name\": \"x\"}}}]}");
        assert!(!judge(&bed.path("bad.sarif")).is_empty());
    }
}
