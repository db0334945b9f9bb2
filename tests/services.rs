//! Every snapshot with code of ours builds and passes its own tests, with the language's own tool.
//!
//! It has a harness of its own, because the standard one cannot say while it runs that a test was skipped: here a machine
//! without a toolchain, or with one that is too old, shows as `ignored` with the reason, and is counted as such.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![allow(clippy::print_stdout, reason = "a harness prints what came of its tests")]

mod support;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use support::{Bed, Ran};

/// A tool, how it says which version it is, the oldest that the code is for, and the variables of this machine that it needs.
struct Toolchain {
    program: &'static str,
    version: &'static str,
    least: (u32, u32),
    keeps: &'static [&'static str],
}

const GO: Toolchain = Toolchain { program: "go", version: "version", least: (1, 24), keeps: &[] };
const JAVA: Toolchain = Toolchain { program: "javac", version: "--version", least: (17, 0), keeps: &["JAVA_HOME"] };
const NODE: Toolchain =
    Toolchain { program: "npm", version: "--version", least: (0, 0), keeps: &["NPM_CONFIG_USERCONFIG"] };
const PYTHON: Toolchain = Toolchain { program: "python3", version: "--version", least: (3, 11), keeps: &[] };
const RUST: Toolchain = Toolchain {
    program: "cargo",
    version: "--version",
    least: (1, 88),
    keeps: &["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"],
};

/// A test: the snapshots of a template, those of `only` alone if it is said, built with a toolchain.
struct Case {
    name: &'static str,
    template: &'static str,
    only: Option<&'static str>,
    toolchain: &'static Toolchain,
}

const fn service(name: &'static str, template: &'static str, toolchain: &'static Toolchain) -> Case {
    Case { name, template, only: None, toolchain }
}

const fn library(name: &'static str, language: &'static str, toolchain: &'static Toolchain) -> Case {
    Case { name, template: "library", only: Some(language), toolchain }
}

const CASES: [Case; 10] = [
    service("go_services_build_and_pass_their_tests", "go-service", &GO),
    service("java_services_build_and_pass_their_tests", "java-service", &JAVA),
    service("node_services_build_and_pass_their_tests", "node-service", &NODE),
    service("python_services_build_and_pass_their_tests", "python-service", &PYTHON),
    service("rust_services_build_and_pass_their_tests", "rust-service", &RUST),
    library("the_go_library_builds_and_passes_its_tests", "go", &GO),
    library("the_java_library_builds_and_passes_its_tests", "java", &JAVA),
    library("the_node_library_builds_and_passes_its_tests", "node", &NODE),
    library("the_python_library_builds_and_passes_its_tests", "python", &PYTHON),
    library("the_rust_library_builds_and_passes_its_tests", "rust", &RUST),
];

impl Toolchain {
    /// Why this machine cannot build with it, if so.
    fn lacks(&self) -> Option<String> {
        let output = match Command::new(self.program).arg(self.version).output() {
            Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
            _ => return Some(format!("this machine has no `{}`", self.program)),
        };
        let digits = output.trim_start_matches(|character: char| !character.is_ascii_digit());
        let mut numbers = digits.split(|character: char| !character.is_ascii_digit()).map(|part| part.parse().ok());
        let found = (numbers.next().flatten().unwrap_or(0), numbers.next().flatten().unwrap_or(0));
        (found < self.least).then(|| {
            format!("`{}` is {}.{}, older than {}.{}", self.program, found.0, found.1, self.least.0, self.least.1)
        })
    }
}

impl Case {
    fn snapshots(&self) -> Vec<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(self.template);
        let mut found: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.retain(|snapshot| self.only.is_none_or(|only| snapshot.ends_with(only)));
        found.sort();
        assert!(!found.is_empty(), "{} holds no snapshot", root.display());
        found
    }

    /// Runs `make build test` in a copy of every snapshot.
    fn run(&self) {
        let bed = Bed::new();
        for snapshot in self.snapshots() {
            // Not the bare name: `go` in a home is where Go keeps its own.
            let dir = format!("laid-{}", snapshot.file_name().unwrap().to_string_lossy());
            copy(&snapshot, &bed.path(&dir));
            let mut make = bed.command("make", &dir);
            for keep in self.toolchain.keeps {
                if let Some(value) = std::env::var_os(keep) {
                    make.env(keep, value);
                }
            }
            // Go looks for another toolchain elsewhere if it is older than go.mod says; there is none here.
            make.env("GOTOOLCHAIN", "local").env("GOCACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/go-build"));
            make.args(["--no-print-directory", "build", "test"]);
            let ran = Ran::of(&make.output().unwrap());
            assert_eq!(ran.code, 0, "{}\n{}{}", snapshot.display(), ran.stdout, ran.stderr);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[derive(Default)]
struct Outcome {
    passed: Vec<&'static str>,
    failed: Vec<&'static str>,
    ignored: Vec<&'static str>,
}

/// Runs one case, and says what came of it in the words of the standard harness.
fn judge(case: &'static Case, outcome: &Mutex<Outcome>) {
    let lacking = case.toolchain.lacks();
    let passed = lacking.is_none() && catch_unwind(AssertUnwindSafe(|| case.run())).is_ok();
    let mut outcome = outcome.lock().unwrap();
    if let Some(why) = lacking {
        println!("test {} ... ignored, SKIPPED: {why}", case.name);
        outcome.ignored.push(case.name);
    } else if passed {
        println!("test {} ... ok", case.name);
        outcome.passed.push(case.name);
    } else {
        println!("test {} ... FAILED", case.name);
        outcome.failed.push(case.name);
    }
}

/// The cases that the arguments choose: words that a name must hold, `--exact`, `--skip WORD`, `--ignored` (none is).
fn chosen(args: &[String]) -> Vec<&'static Case> {
    let exact = args.iter().any(|arg| arg == "--exact");
    let (mut wanted, mut unwanted, mut rest) = (Vec::new(), Vec::new(), args.iter());
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--skip" => unwanted.extend(rest.next()),
            "--test-threads" | "--color" | "--format" => drop(rest.next()),
            option if option.starts_with('-') => {}
            _ => wanted.push(arg),
        }
    }
    let fits = |name: &str, word: &String| if exact { name == word } else { name.contains(word.as_str()) };
    let wants = |case: &&Case| {
        (wanted.is_empty() || wanted.iter().any(|word| fits(case.name, word)))
            && !unwanted.iter().any(|word| fits(case.name, word))
            && !args.iter().any(|arg| arg == "--ignored")
    };
    CASES.iter().filter(wants).collect()
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let cases = chosen(&args);
    if args.iter().any(|arg| arg == "--list") {
        for case in cases {
            println!("{}: test", case.name);
        }
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", cases.len());
    let (began, next, outcome) = (Instant::now(), AtomicUsize::new(0), Mutex::default());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    judge(case, &outcome);
                }
            });
        }
    });
    let outcome = outcome.into_inner().unwrap();
    if !outcome.failed.is_empty() {
        println!("\nfailures:\n    {}", outcome.failed.join("\n    "));
    }
    println!(
        "\ntest result: {}. {} passed; {} failed; {} ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        if outcome.failed.is_empty() { "ok" } else { "FAILED" },
        outcome.passed.len(),
        outcome.failed.len(),
        outcome.ignored.len(),
        CASES.len() - cases.len(),
        began.elapsed().as_secs_f64()
    );
    if outcome.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(101) }
}
