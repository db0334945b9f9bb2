//! The code, the images and the alerts that the built-in path lays, before judges that others wrote.
//!
//! Set up and skipped like `tests/validators.rs`. What a validator finds that is a decision of the path's is named here, and
//! explained in CONTRIBUTING.md.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use support::laid::{has_extension, laid};
use support::{Bed, Ran, validator, validator_if_had};

fn is_code(path: &str) -> bool {
    let extensions = ["go", "java", "py", "rs", "ts", "tf", "yaml", "yml", "sh"];
    extensions.iter().any(|extension| has_extension(path, extension))
        || path.starts_with("scripts/")
        || path.ends_with("Dockerfile")
}

/// Every rule of `tests/semgrep/` finds the bad file that bears its name, nothing in what is laid, and no file that semgrep
/// cannot read: the laid pipelines run it.
#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn semgrep_reads_every_file_and_finds_nothing() {
    let Some(semgrep) = validator("semgrep", "semgrep") else { return };
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/semgrep");
    let bed = Bed::new();
    // Without a list of its own semgrep would leave out tests.
    bed.write(".semgrepignore", "");
    bed.write("rules.yaml", std::fs::read(ours.join("rules.yaml")).unwrap());
    let mut wanted = BTreeSet::new();
    for file in ours.join("bad").read_dir().unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        bed.write(&format!("bad/{name}"), std::fs::read(file.path()).unwrap());
        wanted.insert(name.split('.').next().unwrap().to_owned());
    }
    for (index, file) in laid().files(|path, _| is_code(path)).into_iter().enumerate() {
        bed.write(&format!("laid/{index}/{}", file.path), file.text);
    }
    let args = [
        "scan",
        "--config=rules.yaml",
        "--metrics=off",
        "--disable-version-check",
        "--disable-nosem",
        "--no-git-ignore",
        "--json",
        "--quiet",
        "bad",
        "laid",
    ];
    // Where its programs are: semgrep starts others.
    let report = Ran::of(&bed.command(&semgrep, ".").args(args).output().unwrap()).ok().json();
    assert_eq!(report["errors"].as_array().unwrap(), &Vec::<serde_json::Value>::new());
    let (mut found, mut left) = (BTreeSet::new(), Vec::new());
    for finding in report["results"].as_array().unwrap() {
        let (rule, path) = (finding["check_id"].as_str().unwrap(), finding["path"].as_str().unwrap());
        match path.strip_prefix("bad/") {
            Some(name) if name.starts_with(&format!("{rule}.")) => drop(found.insert(rule.to_owned())),
            _ => left.push(format!("{rule} {path}:{}", finding["start"]["line"])),
        }
    }
    assert_eq!(left, Vec::<String>::new());
    assert_eq!(found, wanted);
    let scanned = report["paths"]["scanned"].as_array().unwrap().len();
    assert!(scanned > 200, "{scanned} files");
}

/// What detect-secrets takes for a secret, and is none: what pins something by its content, and a name of a secret.
fn is_decided(line: &str) -> bool {
    let is_hex = |word: &str| [40, 64].contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let names = ["secretName: ", "passwordVariable: ", "token_keys_secret_arn "];
    line.split(|character: char| !character.is_ascii_alphanumeric()).any(is_hex)
        || names.iter().any(|word| line.contains(word))
}

#[test]
#[ignore = "slow; `tests/run --validators` runs it"]
fn detect_secrets_finds_only_pins_and_names() {
    let Some(program) = validator("detect-secrets", "detect-secrets") else { return };
    let found = |bed: &Bed| {
        let args = ["scan", "--all-files", "--no-verify", "."];
        let report = Ran::of(&bed.command(&program, ".").args(args).output().unwrap()).ok().json();
        let mut lines = BTreeSet::new();
        for (path, findings) in report["results"].as_object().unwrap() {
            let text = bed.read(path);
            for finding in findings.as_array().unwrap() {
                let number = usize::try_from(finding["line_number"].as_u64().unwrap()).unwrap();
                lines.insert(format!("{path}:{number}: {}", text.lines().nth(number - 1).unwrap_or_default()));
            }
        }
        lines
    };
    let bad = Bed::new();
    bad.write("a/b.py", "password = \"correct-horse-battery\"\n");
    assert_eq!(found(&bad).len(), 1, "{:?}", found(&bad));
    let bed = Bed::new();
    // The lock holds digests and nothing else, and detect-secrets does not know their lines.
    for (index, file) in laid().files(|path, _| path != ".roadbed/lock.yaml").into_iter().enumerate() {
        bed.write(&format!("{index}/{}", file.path), file.text);
    }
    let left: Vec<_> = found(&bed).into_iter().filter(|line| !is_decided(line)).collect();
    assert!(left.is_empty(), "{left:#?}");
}

/// Prints the name of each instruction, as BuildKit's own parser splits them.
const READ_DOCKERFILE: &str = r"
import sys, dockerfile
for command in dockerfile.parse_file(sys.argv[1]):
    print(command.cmd)
";

#[test]
fn the_tokeniser_of_buildkit_reads_every_container_file() {
    let Some(python) = validator("dockerfile", "python") else { return };
    let read = |bed: &Bed, path: &str| {
        Ran::of(&bed.command(&python, ".").args(["-c", READ_DOCKERFILE, path]).output().unwrap())
    };
    let bed = Bed::new();
    bed.write("Dockerfile", "FROM debian\nRUN <<EOF\ntrue\n");
    read(&bed, "Dockerfile").code(1).says("unterminated heredoc");
    let known =
        ["ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN", "USER", "WORKDIR"];
    let laid = laid();
    for file in laid.files(|path, _| path.ends_with("Dockerfile")) {
        let read = read(&laid.bed, &format!("{}/{}", file.dir, file.path)).ok();
        let strange: Vec<&str> = read.stdout.lines().filter(|command| !known.contains(command)).collect();
        assert!(read.stdout.starts_with("FROM") && strange.is_empty(), "{}: {strange:?}", file.dir);
    }
}

#[test]
#[ignore = "from Debian's Prometheus; `tests/run --validators` runs it"]
fn promtool_accepts_the_alerts_and_their_tests_pass() {
    let Some(program) = validator_if_had("promtool", "promtool") else { return };
    let run = |bed: &Bed, dir: &str, args: [&str; 3]| Ran::of(&bed.command(&program, dir).args(args).output().unwrap());
    let laid = laid();
    let bed = Bed::new();
    for path in ["alerts.yaml", "alerts-test.yaml"] {
        bed.write(path, laid.bed.read(&format!("python-service-defaults/ops/{path}")));
    }
    bed.replace("alerts.yaml", "expr: ", "expr: )");
    run(&bed, ".", ["check", "rules", "alerts.yaml"]).code(1);
    bed.write("alerts.yaml", "groups: []\n");
    run(&bed, ".", ["test", "rules", "alerts-test.yaml"]).code(1);
    for file in laid.files(|path, _| path == "ops/alerts.yaml") {
        let dir = format!("{}/ops", file.dir);
        run(&laid.bed, &dir, ["check", "rules", "alerts.yaml"]).ok();
        run(&laid.bed, &dir, ["test", "rules", "alerts-test.yaml"]).ok();
    }
}
