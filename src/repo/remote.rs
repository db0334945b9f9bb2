//! Repositories elsewhere, asked through the git program. It runs outside every repository, so that no repository's
//! configuration counts; the user's own does, because his proxies and credentials are in it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::git::{self, Reach};
use super::os;

/// How long a list of references may take.
const LIST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the history of a repository may take.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(30);
/// No list of references is longer, in bytes.
const MAX_LIST: u64 = 16 * 1024 * 1024;

/// Why something elsewhere could not be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// In one sentence without a full stop.
    pub message: String,
    /// Whether nobody answered at all, so that asking again is of no use.
    pub unreachable: bool,
}

impl Failed {
    /// Somebody answered, and it was of no use.
    pub fn refused(message: impl Into<String>) -> Self {
        Failed { message: message.into(), unreachable: false }
    }

    /// Nobody answered.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Failed { message: message.into(), unreachable: true }
    }
}

/// Branches and tags of the repository at `url`, as `git ls-remote` lists them.
pub fn list(url: &str) -> Result<String, Failed> {
    let mut command = outside(&std::env::temp_dir());
    command.env("GIT_DIR", os::NULL_DEVICE).args(["ls-remote", "--quiet", "--", url, "refs/heads/*", "refs/tags/*"]);
    let listed = run(command, LIST_TIMEOUT)?;
    Ok(String::from_utf8_lossy(&listed).into_owned())
}

/// A branch or tag of the repository at `url` whose history holds `commit`; none where none does. Commits of forks, which
/// a forge serves under the original's address, are in no such history.
pub fn holding(url: &str, commit: &str) -> Result<Option<String>, Failed> {
    let scratch = Scratch::new()?;
    let here = |args: &[&str]| {
        let mut command = outside(&scratch.0);
        command.arg("--git-dir").arg(&scratch.0).args(args);
        command
    };
    let mut init = outside(&scratch.0);
    init.args(["init", "--quiet", "--bare", "--template=", "."]);
    run(init, LIST_TIMEOUT)?;
    // Commits alone: no file of the repository comes here.
    let fetch = ["fetch", "--quiet", "--no-tags", "--filter=tree:0", "--", url, "+refs/heads/*:refs/heads/*"];
    let mut fetch = here(&fetch);
    fetch.arg("+refs/tags/*:refs/tags/*");
    run(fetch, HISTORY_TIMEOUT)?;
    let mut contains = here(&["for-each-ref", "--count=1", "--format=%(refname)", "--contains", commit]);
    contains.env("GIT_NO_LAZY_FETCH", "1");
    // It fails where there is no such commit.
    let found = run(contains, LIST_TIMEOUT).unwrap_or_default();
    let name = String::from_utf8_lossy(&found).trim().to_owned();
    let short = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix("refs/tags/"));
    Ok(short.map(str::to_owned))
}

/// A call of git for the network that is in no repository.
fn outside(directory: &Path) -> Command {
    let mut command = git::command(None, Reach::Network);
    // A helper that asks on a terminal, or in a window, would hang where nobody sits.
    command.args(["-c", "credential.interactive=false", "-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=10"]);
    command.current_dir(directory);
    command
}

/// What a call prints. Whatever it started ends with it.
fn run(mut command: Command, limit: Duration) -> Result<Vec<u8>, Failed> {
    os::lead_group(&mut command);
    let not_run = |error: std::io::Error| Failed::refused(format!("the git program could not be run: {error}"));
    let mut child = command.spawn().map_err(not_run)?;
    let deadline = Instant::now() + limit;
    match answer(&mut child, deadline, limit) {
        Ok((true, printed, _)) => Ok(printed),
        Ok((false, _, said)) => Err(why(&String::from_utf8_lossy(&said))),
        Err(failed) => {
            os::end_group(&child);
            let _ = child.kill();
            let _ = child.wait();
            Err(failed)
        }
    }
}

/// Whether it succeeded, what it printed, and what it said.
fn answer(child: &mut Child, deadline: Instant, limit: Duration) -> Result<(bool, Vec<u8>, Vec<u8>), Failed> {
    let (send, receive) = mpsc::channel();
    let pipes: [(usize, Option<Box<dyn Read + Send>>); 2] = [
        (0, child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>)),
        (1, child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>)),
    ];
    for (which, pipe) in pipes {
        let send = send.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = pipe.map_or(Ok(0), |pipe| pipe.take(MAX_LIST + 1).read_to_end(&mut bytes));
            // Nobody listens any more where the call took too long.
            let _ = send.send((which, read.map(|_| bytes)));
        });
    }
    let late = || Failed::unreachable(format!("no answer within {} seconds", limit.as_secs()));
    let mut read = [Vec::new(), Vec::new()];
    for _ in 0..read.len() {
        let left = deadline.saturating_duration_since(Instant::now());
        let (which, bytes) = receive.recv_timeout(left).map_err(|_| late())?;
        let bytes = bytes.map_err(|error| Failed::refused(error.to_string()))?;
        if bytes.len() as u64 > MAX_LIST {
            return Err(Failed::refused(format!("the answer has more than {} MiB", MAX_LIST / 1024 / 1024)));
        }
        read[which] = bytes;
    }
    let [printed, said] = read;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok((status.success(), printed, said)),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(2)),
            _ => return Err(late()),
        }
    }
}

/// What git says of a failure, in one sentence, without what may stand before an `@` in an address.
fn why(said: &str) -> Failed {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let told = lines().find_map(|line| line.strip_prefix("fatal: ")).or_else(|| lines().next_back());
    let told = told.unwrap_or("git failed and did not say why").trim_end_matches('.');
    let silent = ["could not resolve host", "failed to connect", "couldn't connect", "connection refused", "timed out"];
    let lower = said.to_lowercase();
    if lower.contains("could not read username") || lower.contains("authentication failed") {
        return Failed::refused("there is no such repository, or it asks for credentials");
    }
    Failed { message: without_credentials(told), unreachable: silent.iter().any(|sign| lower.contains(sign)) }
}

/// A text in which no address holds a user or a password.
fn without_credentials(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let hidden = word.split_once("://").and_then(|(scheme, rest)| {
            let end = rest.find('/').unwrap_or(rest.len());
            let at = rest[..end].rfind('@')?;
            Some(format!("{scheme}://{}", &rest[at + 1..]))
        });
        words.push(hidden.unwrap_or_else(|| word.to_owned()));
    }
    words.join(" ")
}

/// A directory that is gone when it is no longer needed.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Failed> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("roadbed-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        // One that is there already is somebody else's.
        let made = std::fs::create_dir(&path);
        made.map_err(|error| Failed::refused(format!("no temporary directory can be made: {error}")))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_git_says_is_told_without_credentials() {
        let failed =
            why("warning: x\nfatal: unable to access 'https://u:secret@git.example/a/': Could not resolve host: x\n");
        assert_eq!(failed.message, "unable to access 'https://git.example/a/': Could not resolve host: x");
        assert!(failed.unreachable);
        let failed = why("fatal: could not read Username for 'https://github.com': terminal prompts disabled\n");
        assert_eq!(failed, Failed::refused("there is no such repository, or it asks for credentials"));
    }

    #[test]
    fn a_call_that_takes_too_long_ends_with_what_it_started() {
        let mut command = Command::new("git");
        command.args(["-c", "alias.wait=!sleep 600", "wait"]);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let failed = run(command, Duration::from_millis(1)).unwrap_err();
        assert!(failed.unreachable && failed.message.starts_with("no answer"), "{failed:?}");
    }
}
