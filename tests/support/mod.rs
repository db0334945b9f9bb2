//! A bed for tests: a fresh directory, the real binary, real git, and nothing of the machine's own settings.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test file uses its own part of the bed")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub mod laid;

/// A directory of its own, with the binary and git run in it.
pub struct Bed {
    root: TempDir,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Bed {
    pub fn new() -> Self {
        Bed { root: TempDir::new().unwrap() }
    }

    /// A bed with `repo`, laid from the acme golden path by `new service repo --defaults`.
    pub fn laid() -> Self {
        let bed = Bed::new();
        bed.copy_golden_path("acme");
        bed.run(".", &["new", "service", "repo", "--defaults", "--golden-path", "acme"]).ok();
        bed
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// A command in `dir` with nothing of this machine in its environment.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, dir: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path(dir)).env_clear();
        for keep in ["PATH", "SYSTEMROOT", "TMPDIR"] {
            if let Some(value) = std::env::var_os(keep) {
                command.env(keep, value);
            }
        }
        command.env("HOME", self.root.path()).env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C.UTF-8");
        command
    }

    pub fn roadbed(&self, dir: &str) -> Command {
        self.command(assert_cmd::cargo::cargo_bin!("roadbed"), dir)
    }

    /// Runs roadbed in `dir`.
    pub fn run(&self, dir: &str, args: &[&str]) -> Ran {
        Ran::of(&self.roadbed(dir).args(args).output().unwrap())
    }

    /// Runs git in `dir`; it must succeed.
    pub fn git(&self, dir: &str, args: &[&str]) -> String {
        let settings = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"];
        let output = self.command("git", dir).args(settings).args(args).output().unwrap();
        let ran = Ran::of(&output);
        assert_eq!(ran.code, 0, "git {args:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// Commits everything in `dir`.
    pub fn commit(&self, dir: &str) {
        self.git(dir, &["add", "-A", "-f"]);
        self.git(dir, &["commit", "-qm", "x", "--allow-empty"]);
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Replaces text in a file; it must be there.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} does not contain {from:?}:\n{text}");
        self.write(path, text.replacen(from, to, 1));
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    pub fn exists(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    /// Copies a golden path of `tests/fixtures` into the bed.
    pub fn copy_golden_path(&self, name: &str) {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
        copy(&from, &self.path(name));
    }

    /// Every file below `dir` but `.git`, with its content and whether it is executable.
    pub fn files(&self, dir: &str) -> Vec<(String, Vec<u8>, bool)> {
        let root = self.path(dir);
        let mut files = Vec::new();
        walk(&root, &root, &mut files);
        files.sort();
        files
    }

    /// The findings of `check --format json`, as `rule path:line` lines.
    pub fn findings(&self, dir: &str, args: &[&str]) -> Vec<String> {
        let ran = self.run(dir, &[&["check", "--format", "json"], args].concat());
        let document = ran.json();
        let rows = document["findings"].as_array().unwrap().iter();
        rows.map(|f| {
            let line = f["line"].as_u64().map_or(String::new(), |line| format!(":{line}"));
            format!(
                "{} {} {}{line}",
                f["level"].as_str().unwrap(),
                f["rule"].as_str().unwrap(),
                f["path"].as_str().unwrap()
            )
        })
        .collect()
    }
}

impl Ran {
    pub fn of(output: &Output) -> Self {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// It must have ended with 0.
    pub fn ok(self) -> Self {
        self.code(0)
    }

    /// It must have ended with `code`.
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Its stderr must hold `text`.
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "stderr lacks {text:?}:\n{}", self.stderr);
        self
    }

    /// Its stdout must hold `text`.
    pub fn prints(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "stdout lacks {text:?}:\n{}", self.stdout);
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}:\n{}\n{}", self.stdout, self.stderr))
    }
}

/// A validator's program; none, said aloud, where nobody has set validators up.
pub fn validator(tool: &str, program: &str) -> Option<PathBuf> {
    let path = validators(tool)?.join(tool).join("bin").join(program);
    assert!(path.exists(), "{} is not there; `tests/run` installs it", path.display());
    Some(path)
}

/// Like `validator`, for one that not every machine can have: `tests/run` has then said why.
pub fn validator_if_had(tool: &str, program: &str) -> Option<PathBuf> {
    let path = validators(tool)?.join(tool).join("bin").join(program);
    if !path.exists() {
        skip(&format!("this machine cannot have {tool}"));
        return None;
    }
    Some(path)
}

/// Where the validators are; none, said aloud, where nobody has set them up.
pub fn validators(tool: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ROADBED_VALIDATORS").map(PathBuf::from);
    if root.is_none() {
        skip(&format!("{tool} is not set up; `tests/run` installs it and runs this test"));
    }
    root
}

/// Says aloud that a test did not run. Not `println!`: the harness would swallow it.
pub fn skip(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
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

fn walk(root: &Path, dir: &Path, files: &mut Vec<(String, Vec<u8>, bool)>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name == ".git") {
            continue;
        }
        let meta = path.symlink_metadata().unwrap();
        if meta.is_dir() {
            walk(root, &path, files);
            continue;
        }
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let content = if meta.is_symlink() {
            fs::read_link(&path).unwrap().to_string_lossy().into_owned().into_bytes()
        } else {
            fs::read(&path).unwrap()
        };
        files.push((name, content, executable(&meta)));
    }
}

#[cfg(unix)]
fn executable(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    meta.permissions().mode() & 0o111 != 0 && !meta.is_symlink()
}

#[cfg(not(unix))]
fn executable(_meta: &fs::Metadata) -> bool {
    false
}
