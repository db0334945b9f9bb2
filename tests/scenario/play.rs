//! Runs the steps of a scenario, and holds each command against what it must do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::laws;
use super::script::{Scenario, Step};
use super::snapshot::{Kind, Snapshot, differences, put};
use super::stage::{Stage, words};
use crate::support::Ran;

/// Plays a scenario; an error is what went wrong, for people.
pub fn play(scenario: &Scenario) -> Result<(), String> {
    let mut stage = Stage::set(scenario)?;
    for (n, step) in scenario.steps.iter().enumerate() {
        let at = &scenario.at[0];
        take(&mut stage, step, at).map_err(|why| {
            let what = step.run.as_ref().map_or_else(String::new, |line| format!(" (roadbed {line})"));
            format!("step {}{what}:\n{why}", n + 1)
        })?;
    }
    Ok(())
}

fn take(stage: &mut Stage, step: &Step, at: &str) -> Result<(), String> {
    let repo = stage.repo.clone();
    let dir = format!("{repo}/{}", step.dir.as_deref().unwrap_or("."));
    if let Some(files) = &step.edit {
        stage.edit(&repo, files);
        if step.commit != Some(false) && stage.bed.exists(&format!("{repo}/.git")) {
            stage.bed.commit(&repo);
        }
    } else if let Some(lines) = &step.git {
        for line in lines {
            let words = words(line);
            let args: Vec<&str> = words.iter().map(String::as_str).collect();
            stage.bed.git(&dir, &args);
        }
    } else if let Some(files) = &step.golden_path {
        stage.edit("acme", files);
    } else if let Some(files) = &step.home {
        stage.edit(".", files);
    } else if let Some(line) = &step.clone {
        let from = format!("file://{}", stage.root().display());
        let mut args: Vec<String> = vec!["clone".to_owned(), "-q".to_owned()];
        args.extend(words(line));
        args.extend([from, "clone".to_owned()]);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        stage.bed.git(".", &args);
        "clone".clone_into(&mut stage.repo);
    } else if let Some(other) = &step.continue_in {
        stage.repo.clone_from(other);
    } else if let Some(expected) = &step.check {
        let dir = step.dir.as_ref().map_or_else(|| format!("{repo}/{at}"), |_| dir.clone());
        let mut found: Vec<String> = stage.bed.findings(&dir, &["--pedantic"]);
        // What a file means is the rules' affair, and so are places; a scenario is about which files drift.
        found.retain(|row| {
            row.split(' ').nth(1).is_some_and(|rule| rule.starts_with("drift/") || rule.starts_with("parse/"))
        });
        for finding in &mut found {
            if let Some((rest, line)) = finding.rsplit_once(':')
                && line.bytes().all(|byte| byte.is_ascii_digit())
            {
                *finding = rest.to_owned();
            }
        }
        same_list("findings", expected, found)?;
    } else if let Some(line) = &step.run {
        let dir = step.dir.as_ref().map_or_else(|| format!("{repo}/{at}"), |_| dir.clone());
        command(stage, step, line, &dir)?;
    } else {
        return Err("the step says nothing to do".to_owned());
    }
    Ok(())
}

/// A command with its surroundings, ready to be run again elsewhere.
pub struct Command<'a> {
    pub stage: &'a Stage,
    pub step: &'a Step,
    pub args: Vec<String>,
}

impl Command<'_> {
    /// Runs it in `dir` with `more` words.
    pub fn run(&self, dir: &str, more: &[&str]) -> Ran {
        let binary = assert_cmd::cargo::cargo_bin!("roadbed");
        let mut command = match &self.step.shell {
            Some(first) => {
                let mut shell = self.stage.bed.command("sh", dir);
                shell.arg("-c").arg(format!("{first}; exec \"$0\" \"$@\"")).arg(binary);
                shell
            }
            None => self.stage.bed.command(binary, dir),
        };
        command.args(&self.args).args(more).envs(&self.step.env);
        Ran::of(&command.output().unwrap())
    }
}

fn command(stage: &Stage, step: &Step, line: &str, dir: &str) -> Result<(), String> {
    let command = Command { stage, step, args: words(line) };
    let before = stage.files();
    let foreseen = laws::Foreseen::of(&command, dir, &before)?;
    let json: &[&str] = if step.text { &[] } else { &["--format", "json"] };
    let ran = command.run(dir, json);
    let after = stage.files();
    let said = format!("stdout:\n{}\nstderr:\n{}", ran.stdout, ran.stderr);
    if ran.code != step.exit {
        return Err(format!("it ended with {}, not {}\n{said}", ran.code, step.exit));
    }
    for text in &step.says {
        if !ran.stdout.contains(text) && !ran.stderr.contains(text) {
            return Err(format!("it does not say {text:?}\n{said}"));
        }
    }
    for text in &step.says_not {
        if ran.stdout.contains(text) || ran.stderr.contains(text) {
            return Err(format!("it says {text:?}\n{said}"));
        }
    }
    let plan = if step.text { None } else { serde_json::from_str(&ran.stdout).ok() };
    if step.lawless.iter().any(|law| law == "files") {
        // What comes next is held against the files before what went wrong.
        stage.baseline.replace(Some(before.clone()));
    } else {
        let reference = stage.baseline.take().unwrap_or_else(|| before.clone());
        files(stage, step, &reference, &after).map_err(|why| format!("{why}\n{said}"))?;
    }
    let plan = plan.filter(|plan: &Value| plan["schema"] == "roadbed/plan/v1");
    laws::after(&command, dir, plan.as_ref(), (&before, &after), foreseen).map_err(|why| format!("{why}\n{said}"))?;
    if let Some(plan) = &plan {
        document(step, plan)?;
    } else if !step.conflicts.is_empty() || step.changes.is_some() {
        return Err(format!("it printed no plan\n{said}"));
    }
    lock(step, &after, dir.strip_prefix(&stage.repo).unwrap_or_default())
}

fn own(path: &str) -> bool {
    path == ".roadbed/lock.yaml" || path.ends_with("/.roadbed/lock.yaml")
}

/// Every file is as the step says, and all others are as they were. The lock has expectations of its own.
fn files(stage: &Stage, step: &Step, before: &Snapshot, after: &Snapshot) -> Result<(), String> {
    let mut expected = before.clone();
    for (path, entry) in stage.entries(&step.files, before) {
        match entry {
            Some(entry) => expected.insert(path, entry),
            None => expected.remove(&path),
        };
    }
    // Directories that the named files fill or leave.
    let full: Vec<String> =
        expected.iter().filter(|(_, entry)| entry.kind != Kind::EmptyDirectory).map(|(path, _)| path.clone()).collect();
    expected.retain(|path, entry| {
        entry.kind != Kind::EmptyDirectory || !full.iter().any(|file| file.starts_with(&format!("{path}/")))
    });
    let marked = |path: &str| step.files.contains_key(path) && holds(&expected[path].bytes, "<<<<<<< MINE");
    let compared = |files: &Snapshot| -> Snapshot {
        let mut files = files.clone();
        files.retain(|path, _| !own(path));
        for (_, entry) in files.iter_mut().filter(|(path, _)| expected.contains_key(*path) && marked(path)) {
            entry.bytes = with_plain_labels(&entry.bytes);
        }
        files
    };
    let differences = differences(&compared(&expected), &compared(after));
    if differences.is_empty() { Ok(()) } else { Err(format!("the files are not as expected\n{differences}")) }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// A scenario writes `<<<<<<< MINE` and `>>>>>>> THEIRS`, whatever the sides are called.
fn with_plain_labels(bytes: &[u8]) -> Vec<u8> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let end: &[u8] = if line.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
        match line {
            _ if line.starts_with(b"<<<<<<< ") && line.len() > 9 => [b"<<<<<<< MINE".as_slice(), end].concat(),
            _ if line.starts_with(b">>>>>>> ") && line.len() > 9 => [b">>>>>>> THEIRS".as_slice(), end].concat(),
            _ => line.to_vec(),
        }
    });
    lines.flatten().collect()
}

/// The document's changes and conflicts.
fn document(step: &Step, plan: &Value) -> Result<(), String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = |key: &str| plan[key].as_array().cloned().unwrap_or_default();
    if let Some(expected) = &step.changes {
        let changes = rows("changes").into_iter().filter(|row| !text(&row["path"]).contains(".roadbed/"));
        let found = changes.map(|row| match row["from"].as_str() {
            Some(from) => format!("{} {from} -> {}", text(&row["action"]), text(&row["path"])),
            None => format!("{} {}", text(&row["action"]), text(&row["path"])),
        });
        same_list("changes", expected, found.collect())?;
    }
    let found = rows("conflicts").into_iter().map(|row| format!("{} {}", text(&row["kind"]), text(&row["path"])));
    same_list("conflicts", &step.conflicts, found.collect())?;
    for row in rows("conflicts") {
        let (path, message) = (text(&row["path"]), text(&row["message"]));
        if text(&row["next"]).is_empty() {
            return Err(format!("the conflict at {path} does not say what to do next"));
        }
        if let Some(expected) = step.because.get(&path)
            && !message.contains(expected)
        {
            return Err(format!("the conflict at {path} does not say {expected:?}, but {message:?}"));
        }
    }
    match step.because.keys().find(|path| !rows("conflicts").iter().any(|row| row["path"] == path.as_str())) {
        Some(path) => Err(format!("{path} is no conflict")),
        None => Ok(()),
    }
}

/// What the lock says afterwards.
fn lock(step: &Step, after: &Snapshot, prefix: &str) -> Result<(), String> {
    let prefix = prefix.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/");
    let name = if prefix.is_empty() { ".roadbed/lock.yaml".to_owned() } else { format!("{prefix}/.roadbed/lock.yaml") };
    if step.version.is_none() && step.bases.is_empty() {
        return Ok(());
    }
    let text = &after.get(&name).ok_or_else(|| format!("there is no {name}"))?.bytes;
    let lock: Value = serde_yaml::from_slice(text).map_err(|error| format!("{name}: {error}"))?;
    let version = |id: &Value| lock["bases"][id.as_str().unwrap_or_default()]["version"].as_str().map(str::to_owned);
    if let Some(expected) = &step.version
        && version(&lock["base"]).as_ref() != Some(expected)
    {
        return Err(format!("the lock is at {:?}, not at {expected}", version(&lock["base"])));
    }
    for (path, expected) in &step.bases {
        let file = lock["files"].as_array().and_then(|files| files.iter().find(|file| file["path"] == path.as_str()));
        let found = file.and_then(|file| version(if file["base"].is_null() { &lock["base"] } else { &file["base"] }));
        if found != *expected {
            return Err(format!("the base of {path} is {found:?}, not {expected:?}"));
        }
    }
    Ok(())
}

fn same_list(what: &str, expected: &[String], mut found: Vec<String>) -> Result<(), String> {
    let mut expected = expected.to_vec();
    expected.sort();
    found.sort();
    if expected == found {
        return Ok(());
    }
    Err(format!("{what} are not as expected\n  expected: {expected:#?}\n  found: {found:#?}"))
}

/// Copies what a snapshot holds to `dir` of the bed.
pub fn copy_of(stage: &Stage, files: &Snapshot, dir: &str) {
    std::fs::create_dir_all(stage.bed.path(dir)).unwrap();
    for (path, entry) in files {
        put(&stage.bed.path(dir), path, Some(entry));
    }
}

/// Paths whose entries differ.
pub fn touched(before: &Snapshot, after: &Snapshot) -> BTreeSet<String> {
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let file = |tree: &Snapshot, path: &str| tree.get(path).filter(|e| e.kind != Kind::EmptyDirectory).cloned();
    all.into_iter().filter(|path| file(before, path) != file(after, path)).cloned().collect()
}

/// Findings by rule, of `check` in `dir`.
pub fn rules(stage: &Stage, dir: &str) -> BTreeMap<String, Vec<String>> {
    let ran = stage.bed.run(dir, &["check", "--format", "json", "--fail-on", "never"]);
    let Ok(document) = serde_json::from_str::<Value>(&ran.stdout) else { return BTreeMap::new() };
    let mut rules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in document["findings"].as_array().cloned().unwrap_or_default() {
        let (rule, path) = (row["rule"].as_str().unwrap_or_default(), row["path"].as_str().unwrap_or_default());
        rules.entry(rule.to_owned()).or_default().push(path.to_owned());
    }
    rules
}
