//! Real repositories for tests, made by the git program with nobody's configuration.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::os;
use crate::model::path::RepoPath;

/// A temporary directory that git works in.
pub(crate) struct Sandbox(TempDir);

impl Sandbox {
    pub(crate) fn empty() -> Self {
        Sandbox(tempfile::tempdir().unwrap())
    }

    /// With a repository on branch `main`, without a commit.
    pub(crate) fn repository() -> Self {
        let sandbox = Sandbox::empty();
        sandbox.git(&["init", "-q", "-b", "main"]);
        sandbox
    }

    pub(crate) fn dir(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let file = self.dir().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
        self
    }

    pub(crate) fn commit_all(&self) -> &Self {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        self
    }

    /// Runs git here, and returns what it printed.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GIT_") {
                command.env_remove(name);
            }
        }
        command.env("GIT_CONFIG_GLOBAL", os::NULL_DEVICE).env("GIT_CONFIG_NOSYSTEM", "1");
        command.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always"]);
        let output = command.args(args).current_dir(self.dir()).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

pub(crate) fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// Whether the tests run as a user to whom no file is unreadable.
#[allow(dead_code, reason = "asked only where a file can be made unreadable")]
pub(crate) fn reads_everything() -> bool {
    let probe = tempfile::NamedTempFile::new().unwrap();
    let mut permissions = fs::metadata(probe.path()).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(probe.path(), permissions).unwrap();
    fs::OpenOptions::new().append(true).open(probe.path()).is_ok()
}

/// Whether this git can make repositories in the reftable format; 2.45 and newer can.
pub(crate) fn makes_reftables() -> bool {
    let usage = Command::new("git").args(["init", "-h"]).output().unwrap();
    String::from_utf8_lossy(&usage.stdout).contains("--ref-format") || {
        std::io::stderr().write_all(b"SKIPPED: git is older than 2.45 and makes no reftable repositories\n").unwrap();
        false
    }
}

/// Paths as text, to compare with.
pub(crate) fn texts(paths: &[RepoPath]) -> Vec<&str> {
    paths.iter().map(RepoPath::as_str).collect()
}
