//! The git program, called so that neither the repository nor the environment can make it run code.
//!
//! Used where libgit2 cannot read a repository, and for the network. Every call names its repository,
//! so that git searches for none.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::config::GitConfig;
use super::discover::GitDir;
use super::os;
use crate::error::{Error, Result};

const LOCAL_TIMEOUT: Duration = Duration::from_mins(2);
const MAX_OUTPUT: u64 = 1024 * 1024 * 1024;

/// Settings that turn off everything a configuration could make git run.
const HARDENING: &[&str] = &[
    "safe.directory=*",
    "core.fsmonitor=false",
    "core.pager=cat",
    "core.editor=false",
    "sequence.editor=false",
    "core.askPass=",
    "core.sshCommand=ssh -oBatchMode=yes",
    "core.gitProxy=",
    "core.alternateRefsCommand=",
    "core.untrackedCache=false",
    "diff.external=",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "commit.gpgSign=false",
    "tag.gpgSign=false",
    "push.gpgSign=false",
    "log.showSignature=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "push.recurseSubmodules=no",
    "protocol.allow=never",
];

/// How far a call may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Only the repository on disk. The user's configuration is not read.
    Local,
    /// https, ssh and file transports, with the user's own credentials and proxies.
    Network,
}

/// A hardened call of git on one repository; `git` none for calls that need none, such as `clone`.
pub fn command(git: Option<&GitDir>, reach: Reach) -> Command {
    let mut command = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().to_uppercase().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_OPTIONAL_LOCKS", "0");
    command.env("GIT_PAGER", "cat").env("GIT_ADVICE", "0").env("LC_ALL", "C");
    command.env_remove("SSH_ASKPASS").env_remove("PAGER").env_remove("EDITOR").env_remove("VISUAL");
    if reach == Reach::Local {
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", os::NULL_DEVICE);
        command.env("GIT_NO_LAZY_FETCH", "1");
    }
    command.arg("--no-pager");
    for setting in HARDENING {
        command.args(["-c", setting]);
    }
    for path in ["core.hooksPath", "core.attributesFile", "core.excludesFile"] {
        command.args(["-c", &format!("{path}={}", os::NULL_DEVICE)]);
    }
    if reach == Reach::Network {
        for transport in ["https", "ssh", "file"] {
            command.args(["-c", &format!("protocol.{transport}.allow=always")]);
        }
    }
    if let Some(git) = git {
        for driver in GitConfig::read(&git.common).filters {
            // A name with `=` cannot be overridden by `-c`; through the environment it can.
            override_filter(&mut command, &driver);
        }
        command.arg("--git-dir").arg(&git.dir);
        match &git.root {
            Some(root) => command.arg("--work-tree").arg(root).current_dir(root),
            None => command.current_dir(&git.dir),
        };
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn override_filter(command: &mut Command, driver: &str) {
    let count = command
        .get_envs()
        .find(|(name, _)| *name == "GIT_CONFIG_COUNT")
        .and_then(|(_, value)| value?.to_str()?.parse::<usize>().ok())
        .unwrap_or(0);
    for (n, key) in ["clean", "smudge", "process", "required"].iter().enumerate() {
        let value = if *key == "required" { "false" } else { "" };
        command.env(format!("GIT_CONFIG_KEY_{}", count + n), format!("filter.{driver}.{key}"));
        command.env(format!("GIT_CONFIG_VALUE_{}", count + n), value);
    }
    command.env("GIT_CONFIG_COUNT", (count + 4).to_string());
}

/// What git printed, for a local call that reads a repository. `None` if git says that it failed;
/// an error if git could not be run, ran for two minutes, or printed more than a gigabyte.
pub fn output(git: &GitDir, args: &[&str]) -> Result<Option<Vec<u8>>> {
    let mut command = command(Some(git), Reach::Local);
    command.args(args).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|e| not_run(&e))?;
    let stdout = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = stdout.map_or(Ok(0), |out| out.take(MAX_OUTPUT).read_to_end(&mut bytes));
        read.map(|_| bytes)
    });
    let deadline = Instant::now() + LOCAL_TIMEOUT;
    let status = loop {
        match child.try_wait().map_err(|e| not_run(&e))? {
            Some(status) => break status,
            None if Instant::now() > deadline || (reader.is_finished() && !wait_briefly(&mut child)) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(Error::environment(format!("`git {}` did not end in time", args.join(" "))));
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let bytes = reader.join().map_err(|_| Error::internal("reading git's output failed"))?;
    let bytes = bytes.map_err(|e| not_run(&e))?;
    Ok(status.success().then_some(bytes))
}

/// Whether a child that closed its output ends within a second.
fn wait_briefly(child: &mut Child) -> bool {
    for _ in 0..100 {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

fn not_run(error: &std::io::Error) -> Error {
    Error::environment(format!("the git program could not be run: {error}"))
        .hint("install git 2.41 or newer, and put it on the PATH")
}

/// Reads objects through one running `git cat-file`.
#[derive(Debug)]
pub(crate) struct Batch {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Batch {
    pub(crate) fn start(git: &GitDir) -> Result<Self> {
        let mut command = command(Some(git), Reach::Local);
        command.args(["cat-file", "--batch-command"]).stdin(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|e| not_run(&e))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::internal("git was started without pipes"));
        };
        Ok(Batch { child, input, output: BufReader::new(output) })
    }

    /// Kind and size of an object; none if it is not there.
    pub(crate) fn info(&mut self, id: &str) -> std::io::Result<Option<(String, u64)>> {
        self.ask("info", id)
    }

    /// The bytes of an object; none if it is not there.
    pub(crate) fn contents(&mut self, id: &str) -> std::io::Result<Option<Vec<u8>>> {
        let Some((_, size)) = self.ask("contents", id)? else { return Ok(None) };
        let mut bytes = vec![0; usize::try_from(size).map_err(std::io::Error::other)?];
        self.output.read_exact(&mut bytes)?;
        let mut newline = [0];
        self.output.read_exact(&mut newline)?;
        Ok(Some(bytes))
    }

    fn ask(&mut self, what: &str, id: &str) -> std::io::Result<Option<(String, u64)>> {
        writeln!(self.input, "{what} {id}")?;
        self.input.flush()?;
        let mut header = String::new();
        self.output.by_ref().take(4096).read_line(&mut header)?;
        let mut words = header.split_whitespace().skip(1);
        match (words.next(), words.next().and_then(|size| size.parse().ok())) {
            (Some(kind), Some(size)) => Ok(Some((kind.to_owned(), size))),
            (Some("missing"), None) => Ok(None),
            _ => Err(std::io::Error::other(format!("git answered `{}`", header.trim_end()))),
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether the git program can be run at all.
pub fn is_installed() -> bool {
    let version = Command::new("git").arg("--version").current_dir(Path::new(".")).output();
    version.is_ok_and(|output| output.status.success())
}
