//! What every upgrade must do, whatever else a scenario says of it.
//!
//! | law | says |
//! | --- | --- |
//! | `dry-run` | `--dry-run` prints the plan that is carried out, and writes nothing |
//! | `diff` | the patch of `diff --to` makes of the repo what the upgrade makes of it, byte for byte |
//! | `plan` | the plan names exactly the files that change |
//! | `again` | a second run has nothing to do but to offer what is kept, and changes nothing |
//! | `lock` | `check` does not find the lock forged, and after a clean upgrade nothing outdated |
//! | `refusal` | where a command ends with 2, nothing was written |

use std::collections::BTreeSet;

use serde_json::Value;

use super::play::{Command, copy_of, rules, touched};
use super::snapshot::Kind::EmptyDirectory;
use super::snapshot::{Snapshot, differences, put, snapshot};
use crate::support::Ran;

const PATCHED: &str = "patched";

/// Options of `upgrade` that `diff` has not.
const ONLY_UPGRADE: [&str; 7] =
    ["--conflict", "--resolved", "--set", "--answers", "--allow-dirty", "--defaults", "--dry-run"];

fn holds(command: &Command<'_>, law: &str) -> bool {
    !command.step.lawless.iter().any(|other| other == law)
}

fn has(command: &Command<'_>, option: &str) -> bool {
    command.args.iter().any(|word| word == option || word.starts_with(&format!("{option}=")))
}

/// Whether the laws about upgrades are asked for.
fn upgrades(command: &Command<'_>) -> bool {
    command.args.first().is_some_and(|word| word == "upgrade")
        && command.step.shell.is_none()
        && !has(command, "--dry-run")
}

/// What `--dry-run` and `diff` say before the upgrade.
#[derive(Default)]
pub struct Foreseen {
    dry_run: Option<Ran>,
    /// The repo as the patch leaves it, or why there is no such.
    patched: Option<Result<Snapshot, String>>,
}

impl Foreseen {
    pub fn of(command: &Command<'_>, dir: &str, before: &Snapshot) -> Result<Self, String> {
        if !upgrades(command) {
            return Ok(Foreseen::default());
        }
        let dry_run = command.run(dir, &["--dry-run", "--format", "json"]);
        let plan: Value = serde_json::from_str(&dry_run.stdout).unwrap_or_default();
        let as_diff = !ONLY_UPGRADE.iter().any(|option| has(command, option));
        let patched = match plan["to"].as_str() {
            Some(to) if as_diff && holds(command, "diff") => Some(patched(command, dir, to, before)),
            _ => None,
        };
        let wrote = differences(before, &command.stage.files());
        if wrote.is_empty() {
            Ok(Foreseen { dry_run: Some(dry_run).filter(|_| holds(command, "dry-run")), patched })
        } else {
            Err(format!("law `dry-run`: it wrote something\n{wrote}"))
        }
    }
}

/// The repo as `git apply` makes it from the patch of `diff --to`.
fn patched(command: &Command<'_>, dir: &str, to: &str, before: &Snapshot) -> Result<Snapshot, String> {
    let mut args = vec!["diff"];
    let mut words = command.args[1..].iter();
    while let Some(word) = words.next() {
        if word == "--to" {
            words.next();
        } else {
            args.push(word);
        }
    }
    args.extend(["--to", to]);
    let bed = &command.stage.bed;
    let output = bed.roadbed(dir).args(&args).envs(&command.step.env).output().unwrap();
    let ran = Ran::of(&output);
    if ran.code != command.step.exit {
        return Err(format!("roadbed {} ended with {}\n{}", args.join(" "), ran.code, ran.stderr));
    }
    copy_of(command.stage, before, PATCHED);
    bed.write("upgrade.patch", &output.stdout);
    if !ran.stdout.is_empty() {
        let mut git = bed.command("git", PATCHED);
        // The bed may be a repository itself.
        git.env("GIT_CEILING_DIRECTORIES", bed.path("."));
        let applied = Ran::of(&git.args(["apply", "--whitespace=nowarn", "../upgrade.patch"]).output().unwrap());
        if applied.code != 0 {
            return Err(format!("the patch does not apply: {}\n{}", applied.stderr, ran.stdout));
        }
    }
    let patched = snapshot(&bed.path(PATCHED));
    put(&bed.path("."), PATCHED, None);
    Ok(patched)
}

/// Holds the laws against what a command did.
pub fn after(
    command: &Command<'_>,
    dir: &str,
    plan: Option<&Value>,
    (before, after): (&Snapshot, &Snapshot),
    foreseen: Foreseen,
) -> Result<(), String> {
    if command.step.exit == 2 {
        let wrote = differences(before, after);
        return if wrote.is_empty() { Ok(()) } else { Err(format!("law `refusal`: it wrote something\n{wrote}")) };
    }
    if !upgrades(command) {
        return Ok(());
    }
    if let Some(plan) = plan {
        same_as_dry_run(plan, foreseen.dry_run)?;
        if holds(command, "plan") {
            names_what_changes(plan, before, after)?;
        }
    }
    if let Some(patched) = foreseen.patched {
        let patched = patched.map_err(|why| format!("law `diff`: {why}"))?;
        let differ = differences(&files(after), &files(&patched));
        if !differ.is_empty() {
            return Err(format!("law `diff`: the patch (\"actual\") yields something else\n{differ}"));
        }
    }
    if holds(command, "again") && !has(command, "--to") {
        nothing_left_to_do(command, dir, after)?;
    }
    if holds(command, "lock") { honest_lock(command, dir) } else { Ok(()) }
}

/// Without the directories, which a patch does not know.
fn files(tree: &Snapshot) -> Snapshot {
    tree.iter().filter(|(_, entry)| entry.kind != EmptyDirectory).map(|(p, e)| (p.clone(), e.clone())).collect()
}

fn same_as_dry_run(plan: &Value, dry_run: Option<Ran>) -> Result<(), String> {
    let Some(ran) = dry_run else { return Ok(()) };
    let mut dry: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
    if dry["applied"] != false {
        return Err(format!("law `dry-run`: it printed no plan, but {}{}", ran.stdout, ran.stderr));
    }
    dry["applied"] = plan["applied"].clone();
    if dry == *plan { Ok(()) } else { Err(format!("law `dry-run`: it said\n{dry:#}\nand not\n{plan:#}")) }
}

fn names_what_changes(plan: &Value, before: &Snapshot, after: &Snapshot) -> Result<(), String> {
    let rows = plan["changes"].as_array().cloned().unwrap_or_default();
    let named: BTreeSet<String> =
        rows.iter().flat_map(|row| [&row["path"], &row["from"]]).filter_map(Value::as_str).map(str::to_owned).collect();
    let touched = touched(before, after);
    // Names that are not UTF-8 are written otherwise in a document.
    let plain = |path: &&String| !path.contains('\\');
    let (mut more, mut less) = (named.difference(&touched).filter(plain), touched.difference(&named).filter(plain));
    match (more.next(), less.next()) {
        (None, None) => Ok(()),
        (Some(path), _) => Err(format!("law `plan`: it names {path}, which did not change")),
        (_, Some(path)) => Err(format!("law `plan`: it does not name {path}, which changed")),
    }
}

fn nothing_left_to_do(command: &Command<'_>, dir: &str, after: &Snapshot) -> Result<(), String> {
    let mut run = command.stage.bed.roadbed(dir);
    let again = Ran::of(&run.args(["upgrade", "--format", "json"]).envs(&command.step.env).output().unwrap());
    let wrote = differences(after, &command.stage.files());
    if !wrote.is_empty() {
        return Err(format!("law `again`: a second run changed something\n{wrote}\n{}", again.stdout));
    }
    // What is decided is decided; what is kept is offered again.
    if again.code != command.step.exit && !has(command, "--conflict") {
        return Err(format!("law `again`: a second run ended with {}\n{}{}", again.code, again.stdout, again.stderr));
    }
    Ok(())
}

fn honest_lock(command: &Command<'_>, dir: &str) -> Result<(), String> {
    let rules = rules(command.stage, dir);
    if rules.contains_key("drift/lock-forged") {
        return Err("law `lock`: the lock is found forged".to_owned());
    }
    if command.step.exit == 0 && !has(command, "--to") && rules.contains_key("drift/outdated") {
        return Err("law `lock`: something is outdated after the upgrade".to_owned());
    }
    Ok(())
}
