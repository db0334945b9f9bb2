//! What decides what a gate does, in words that two commits can be compared by. What only says more or stricter things is
//! left out, so a gate may grow stricter; whatever else is new has to be approved.

use std::collections::BTreeSet;

use super::{names_roadbed, outline, text};
use crate::edit::tree::Node;

/// Options that take a value, and that let through no more than without them.
const HARMLESS_WITH_VALUE: [&str; 3] = ["--format", "--output", "--color"];
/// The same, without a value.
const HARMLESS: [&str; 9] =
    ["--pedantic", "--online", "--blame", "--all", "-q", "--quiet", "-v", "--verbose", "--no-color"];
/// Options that narrow what is judged, each with a value.
const NARROWING: [&str; 9] =
    ["--rule", "--owner", "--since", "--as-of", "-C", "--golden-path", "--fail-on", "--rev", "--directory"];
/// Variables that decide which program runs, or what it reads.
const TELLING: [&str; 5] = ["PATH", "BASH_ENV", "ENV", "HOME", "SHELLOPTS"];

/// Words of what puts another program in the place of roadbed.
const DECIDING: [&str; 7] = ["roadbed", "GITHUB_PATH", "GITHUB_ENV", "PATH=", "/bin/", "alias ", "BASH_ENV"];

/// A word or line for a message.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 80;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST { line.to_owned() } else { line.chars().take(MOST).chain(['…']).collect() }
}

/// The lines of a script: the one that runs roadbed without what is harmless, and its options one by one.
pub(super) fn script(script: &str) -> impl Iterator<Item = String> + '_ {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.flat_map(|line| if super::runs_check(line) { command(line) } else { vec![without_version(line)] })
}

fn command(line: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), Vec::new());
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        let (name, inline) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        if HARMLESS.contains(&name) {
            continue;
        }
        if HARMLESS_WITH_VALUE.contains(&name) {
            if inline.is_none() {
                words.next();
            }
        } else if NARROWING.contains(&name) {
            let value = inline.or_else(|| words.next()).unwrap_or_default();
            if !matches!((name, bare(value)), ("--since", "auto") | ("--fail-on", "block" | "warn")) {
                found.push(format!("{name} {value}"));
            }
        } else {
            rest.push(word);
        }
    }
    found.push(rest.join(" "));
    found
}

fn bare(value: &str) -> &str {
    value.trim_matches(['\'', '"'])
}

/// A newer version of what is installed is no other gate.
pub(super) fn without_version(line: &str) -> String {
    if !line.contains("roadbed") {
        return line.to_owned();
    }
    let is_version = |word: &str| {
        let word = bare(word).trim_start_matches('v');
        word.contains('.') && word.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    let words = line.split(' ').map(|word| if is_version(word) { "VERSION" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

/// What the workflow or a job sets for all of its steps.
pub(super) fn surroundings(node: &Node) -> Vec<String> {
    let mut all = environment(node, "env");
    let run = node.entry("defaults").and_then(|(_, entry)| entry.value.entry("run"));
    all.extend(run.map(|(_, entry)| places(&entry.value)).unwrap_or_default());
    all
}

fn environment(node: &Node, key: &str) -> Vec<String> {
    let entries = node.entry(key).and_then(|(_, entry)| entry.value.entries()).unwrap_or_default();
    let telling = |name: &str| {
        name.starts_with("ROADBED_") || name.starts_with("GIT_") || name.starts_with("LD_") || TELLING.contains(&name)
    };
    let told = entries.iter().filter(|entry| telling(&entry.key));
    told.map(|entry| format!("env {}={}", entry.key, outline(&entry.value)))
        .filter(|line| !matches!(line.as_str(), "env ROADBED_FAIL_ON=block" | "env ROADBED_FAIL_ON=warn"))
        .collect()
}

/// Where and by what a script runs.
fn places(node: &Node) -> Vec<String> {
    let shell = text(node, "shell").filter(|shell| !matches!(*shell, "bash" | "sh")).map(|s| format!("shell {s}"));
    let directory = text(node, "working-directory").map(|directory| format!("working-directory {directory}"));
    shell.into_iter().chain(directory).collect()
}

/// What keeps a job from running, or lets it run in no instance.
pub(super) fn job(job: &Node) -> Vec<String> {
    let needs = job.entry("needs").map(|(_, entry)| &entry.value);
    let one = needs.and_then(Node::scalar).map(|scalar| scalar.text.clone());
    let many = needs.and_then(Node::items).unwrap_or_default().iter().map(|item| outline(&item.value));
    let mut all: Vec<String> = one.into_iter().chain(many).map(|name| format!("needs {name}")).collect();
    all.extend(job.entry("strategy").map(|(_, entry)| format!("strategy {}", outline(&entry.value))));
    all
}

/// What narrows the events that start a workflow.
pub(super) fn filters(on: Option<&Node>) -> Vec<String> {
    let entries = on.and_then(Node::entries).unwrap_or_default();
    let all = entries.iter().map(|entry| (entry.key.as_str(), outline(&entry.value)));
    all.filter(|(_, filter)| !filter.is_empty()).map(|(event, filter)| format!("on.{event}: {filter}")).collect()
}

/// What a step before the gate does that decides which program the gate runs. Other steps come and go: what a script of the
/// repository's own does to its runner, no reading tells.
pub(super) fn earlier(step: &Node) -> Vec<String> {
    let lines = text(step, "run").into_iter().flat_map(str::lines).map(|line| without_version(line.trim()));
    let telling = |line: &String| DECIDING.iter().any(|word| line.contains(word));
    lines.filter(telling).map(|line| format!("before it: {line}")).collect()
}

/// The gate's own step.
pub(super) fn step(step: &Node) -> Vec<String> {
    let mut all = environment(step, "env");
    all.extend(places(step));
    all.extend(text(step, "run").into_iter().flat_map(script));
    if let Some(uses) = text(step, "uses") {
        all.push(format!("uses {}", uses.split('@').next().unwrap_or(uses)));
        let inputs = step.entry("with").and_then(|(_, entry)| entry.value.entries()).unwrap_or_default();
        all.extend(inputs.iter().filter_map(|entry| {
            let value = outline(&entry.value);
            let harmless = matches!(
                (entry.key.as_str(), value.as_str()),
                ("since", "auto") | ("fail-on", "block" | "warn") | ("sarif" | "token" | "sha256", _)
            );
            (!harmless).then(|| format!("with {}: {value}", entry.key))
        }));
        // Without a checksum any download will do.
        all.extend((!inputs.iter().any(|entry| entry.key == "sha256")).then(|| "no sha256".to_owned()));
    }
    all
}

/// A job of GitLab's.
pub(super) fn of_gitlab(job: &Node, scripts: &[&str]) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = scripts.iter().flat_map(|text| script(text)).collect();
    all.extend(environment(job, "variables"));
    for key in ["before_script", "extends", "inherit", "needs", "parallel"] {
        all.extend(job.entry(key).map(|(_, entry)| format!("{key} {}", outline(&entry.value))));
    }
    all
}

/// What a file of GitLab's pipeline sets for all jobs of it, wherever they stand.
pub(super) fn of_pipeline(root: &Node) -> Vec<String> {
    let mut all = environment(root, "variables");
    for key in ["before_script", "after_script", "workflow"] {
        all.extend(root.entry(key).map(|(_, entry)| format!("{key} {}", outline(&entry.value))));
    }
    let default = root.entry("default").map(|(_, entry)| &entry.value);
    for key in ["before_script", "after_script", "hooks"] {
        let set = default.and_then(|default| default.entry(key));
        all.extend(set.map(|(_, entry)| format!("default {key} {}", outline(&entry.value))));
    }
    all
}

/// An entry of `include`, without the version of what it takes.
pub(super) fn included(item: &Node) -> BTreeSet<String> {
    let entries = item.entries().unwrap_or_default().iter().filter(|entry| entry.key != "ref");
    let values = entries.map(|entry| match entry.value.scalar() {
        Some(scalar) if names_roadbed(&scalar.text) => {
            format!("{} {}", entry.key, scalar.text.split('@').next().unwrap_or_default())
        }
        _ => format!("{} {}", entry.key, outline(&entry.value)),
    });
    values.chain(item.scalar().map(|scalar| scalar.text.clone())).collect()
}
