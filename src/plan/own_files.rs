//! The files under `.roadbed/`: their texts, their edits, and where they disagree with the truth.

use std::fmt::Write as _;

use super::Inputs;
use super::hold::{owner, severity};
use super::lock::{base_id, base_of};
use super::lock_text::{flow_answer, lock_text, scalar};
use super::meaning;
use crate::error::{Error, Result};
use crate::golden_path::Render;
use crate::golden_path::levels::level;
use crate::model::answer::Answers;
use crate::model::document::schemas;
use crate::model::file::File;
use crate::model::finding::{Finding, Fix, Level, Safety, Span, Status};
use crate::model::path::RepoPath;
use crate::model::plan::Edit;
use crate::model::repo_files::{Lock, LockedFile};
use crate::model::tree::{Node, Tree};

/// Of how many changed answers the line is told.
const MOST_PLACES: usize = 20;

/// A new config.
pub fn config_text(template: &str, answers: &Answers) -> String {
    let mut text = String::from("# What this repository chose. Yours to edit; roadbed keeps your comments.\n");
    let _ = writeln!(text, "schema: {}\ntemplate: {}", schemas::CONFIG.line(), scalar(template));
    if answers.is_empty() {
        return text;
    }
    text.push_str("answers:\n");
    for (id, value) in answers {
        let _ = writeln!(text, "  {}: {}", scalar(id), flow_answer(value));
    }
    text
}

/// A new policy.
pub fn policy_text(source: &str, version: &semver::Version, omit: &[RepoPath]) -> String {
    let range =
        if version.pre.is_empty() && version.major > 0 { format!("^{}", version.major) } else { format!("^{version}") };
    let mut text = format!(
        "# What platform and security ask of this repository: give this file an owner in CODEOWNERS.\n\
         schema: {}\n\
         golden_path: {{source: {}, version: \"{range}\"}}\n\
         profile: growth\n\
         exposure: internal\n\
         tier: 3\n",
        schemas::POLICY.line(),
        scalar(source)
    );
    if !omit.is_empty() {
        let paths: Vec<String> = omit.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "omit: {}", super::flow_list(&paths));
    }
    text
}

/// The edit that gives `.roadbed/NAME` this text; none if it has it.
pub(super) fn edit(tree: &dyn Tree, name: &'static str, text: &str) -> Result<Option<Edit>> {
    let path = RepoPath::roadbed(name);
    let before = match tree.node(&path) {
        Node::Absent => None,
        Node::File(file) => Some(file),
        Node::Directory => {
            return Err(Error::repository("it must be a file, and is a directory").in_file(path.as_str()));
        }
        Node::Obstacle(why) => return Err(Error::repository(why.to_string()).in_file(path.as_str())),
    };
    let after = Some(File::regular(text));
    if before.as_ref().map(|file| &file.bytes) == after.as_ref().map(|file| &file.bytes) {
        return Ok(None);
    }
    if tree.is_left_out(&path) {
        let error = Error::repository("a sparse checkout leaves the file out, so it cannot be written");
        return Err(error.in_file(path.as_str()).hint("git sparse-checkout add .roadbed"));
    }
    Ok(Some(Edit { path, from: None, before, after, asset: None, rule: None, safety: Safety::Safe }))
}

/// The edit that writes the lock; none if the repo's says the same, however it is laid out.
pub(super) fn lock_edit(tree: &dyn Tree, old: Option<&Lock>, lock: &Lock) -> Result<Option<Edit>> {
    if old == Some(lock) { Ok(None) } else { edit(tree, "lock.yaml", &lock_text(lock)) }
}

/// Where the lock and the config disagree with what the locked version says.
pub(super) fn findings(inputs: &Inputs<'_>, locked: &Render) -> Vec<Finding> {
    let mut findings = Vec::new();
    let source = |name| {
        let text = inputs.tree.node(&RepoPath::roadbed(name)).into_file();
        text.and_then(|file| String::from_utf8(file.bytes).ok()).unwrap_or_default()
    };
    let lock_source = source("lock.yaml");
    match inputs.lock {
        None => findings.push(forged(locked, "the lock is gone", None)),
        Some(lock) if inputs.no_base.is_some() => {
            let why = inputs.no_base.unwrap_or_default();
            let span = Span::of_line(&lock_source, line_of(&lock_source, &lock.base).map_or(1, |span| span.line));
            findings.push(if inputs.path_edited {
                no_base(locked, why, span)
            } else {
                forged(locked, why, Some(span))
            });
        }
        Some(lock) => {
            if let Some((line, why)) = disagreement(inputs, lock, locked, &lock_source) {
                findings.push(forged(locked, &why, Some(Span::of_line(&lock_source, line))));
            }
        }
    }
    if let Some(newer) = inputs.newer {
        let version = &locked.identity.version;
        let span = line_of(&lock_source, &format!("version: {}", scalar(&version.to_string())));
        let (level, why) =
            if inputs.out_of_range { (Level::Warn, ", which the policy no longer allows") } else { (Level::Info, "") };
        let message = format!("version {newer} of the golden path is out; this repo is on {version}{why}");
        findings.push(outdated(locked, "lock.yaml", level, message, "version".to_owned(), span));
    } else if inputs.out_of_range {
        let version = &locked.identity.version;
        let span = line_of(&lock_source, &format!("version: {}", scalar(&version.to_string())));
        let message = format!("this repo is on version {version} of the golden path, which the policy does not allow");
        findings.push(outdated(locked, "lock.yaml", Level::Warn, message, "version".to_owned(), span));
    }
    findings.extend(waiting(inputs, locked));
    if let Some(lock) = inputs.lock {
        findings.extend(changed_choices(inputs, lock, locked, &source("config.yaml")));
    }
    for finding in &mut findings {
        finding.level = level(inputs.standing, &finding.rule, finding.level);
    }
    findings
}

/// The first line of the lock that is not what a render gives, and why.
fn disagreement(inputs: &Inputs<'_>, lock: &Lock, locked: &Render, source: &str) -> Option<(usize, String)> {
    let (path_edited, foreign) = (inputs.path_edited, inputs.keep_lock);
    let at = |needle: &str| line_of(source, needle).map_or(1, |span| span.line);
    let truth = base_of(locked);
    let Some(base) = lock.bases.get(&lock.base) else {
        return Some((at("base:"), format!("`base` names `{}`, which is not among `bases`", lock.base)));
    };
    let line = at(&format!("{}:", lock.base)).max(at(&format!("\"{}\":", lock.base)));
    if base.engine != truth.engine {
        return Some((line, format!("no engine {} renders; this roadbed's is {}", base.engine, truth.engine)));
    }
    if base.commit != truth.commit || (base.source != truth.source && !foreign) {
        return Some((line, format!("the golden path is {}, not {}", truth.source, base.source)));
    }
    if base.extends != truth.extends && !path_edited {
        return Some((line, "it extends other golden paths than the base says".to_owned()));
    }
    if base.digest != truth.digest && !path_edited {
        let found = format!("the digest of version {} is {}, not {}", truth.version, truth.digest, base.digest);
        return Some((line, found));
    }
    if base.assets != truth.assets {
        return Some((line, format!("the assets are {}, not {}", truth.assets.join(", "), base.assets.join(", "))));
    }
    if base.answers != truth.answers {
        return Some((line, "the answers do not fit the golden path's questions".to_owned()));
    }
    if !path_edited && lock.base != base_id(&truth) {
        return Some((at("base:"), "the base is not named after its content".to_owned()));
    }
    for part in &locked.files {
        let block = part.block.as_ref().map(|(id, _)| id);
        let same =
            |file: &&LockedFile| file.path == part.path && file.asset == part.asset && file.block.as_ref() == block;
        let needle = format!("path: {}", scalar(part.path.as_str()));
        match lock.files.iter().find(same) {
            None => return Some((at("files:"), format!("the lock does not name {}", part.path))),
            Some(file) if file.mode != part.ownership => {
                return Some((at(&needle), format!("{} is `{}`, not `{}`", part.path, part.ownership, file.mode)));
            }
            Some(file) if file.base.as_ref().is_some_and(|base| !lock.bases.contains_key(base)) => {
                return Some((at(&needle), format!("{} names a base that is not among `bases`", file.path)));
            }
            Some(file) if file.pristine != part.file.blob_id() && !path_edited && !inputs.held.is_lost(part) => {
                let truth = part.file.blob_id();
                return Some((at(&needle), format!("{} renders to {truth}, not {}", part.path, file.pristine)));
            }
            Some(_) => {}
        }
    }
    let known = |file: &LockedFile| {
        locked.files.iter().any(|part| part.path == file.path) || inputs.held.entries.contains(file)
    };
    let foreign = lock.files.iter().find(|file| !known(file))?;
    let needle = format!("path: {}", scalar(foreign.path.as_str()));
    Some((at(&needle), format!("{} is not a file of the golden path", foreign.path)))
}

/// Files that stand at another base than the rest: a conflict that waits for a person, or an upgrade of some paths.
fn waiting(inputs: &Inputs<'_>, locked: &Render) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let Some(lock) = inputs.lock else { return findings };
    for entry in &inputs.held.entries {
        if findings.last().is_some_and(|last| last.path == entry.path) {
            continue;
        }
        let version = entry.base.as_ref().and_then(|id| lock.bases.get(id)).map(|base| base.version.to_string());
        let (version, rest) = (version.unwrap_or_default(), &locked.identity.version);
        let lost = inputs.held.lost.contains(&entry.path);
        let why = if lost { "; that version is not to be had" } else { "" };
        let message = format!("this file stands at version {version} of the golden path, and the rest at {rest}{why}");
        let mut finding = outdated(locked, "lock.yaml", Level::Warn, message, "base".to_owned(), None);
        if lost {
            "drift/no-base".clone_into(&mut finding.rule);
        }
        finding.next = Some(format!("roadbed upgrade {}", super::shell_word(entry.path.as_str())));
        finding.asset = Some(entry.asset.clone());
        finding.path = entry.path.clone();
        findings.push(finding);
    }
    findings
}

/// The command that applies what the config says.
const UPGRADE: &str = "roadbed upgrade";

/// Choices that were edited in the config and not applied yet.
fn changed_choices(inputs: &Inputs<'_>, lock: &Lock, locked: &Render, source: &str) -> Vec<Finding> {
    let Some(base) = lock.bases.get(&lock.base) else { return Vec::new() };
    let mut findings = Vec::new();
    for (id, value) in &inputs.config.answers {
        if base.answers.get(id) != Some(value) {
            // Finding a place reads the file again: enough of them are worth it.
            let place = || crate::edit::locate(crate::edit::Format::Yaml, source, &["answers", id]);
            let span = if findings.len() < MOST_PLACES { place() } else { None };
            let (was, next) = match base.answers.get(id) {
                Some(old) => (format!("`{old}` in the lock"), UPGRADE.to_owned()),
                // A question that is not asked here, or one that there is not.
                None => {
                    ("nothing asked for it so far".to_owned(), format!("{UPGRADE}, or take `{id}` out of the file"))
                }
            };
            let message = format!("the answer `{id}` is `{value}` here, and {was}");
            let mut finding = outdated(locked, "config.yaml", Level::Warn, message, format!("answers.{id}"), span);
            finding.next = Some(next);
            findings.push(finding);
        }
    }
    if inputs.config.template != base.template {
        let span = crate::edit::locate(crate::edit::Format::Yaml, source, &["template"]);
        let name = |template: &Option<String>| template.clone().unwrap_or_else(|| "none".to_owned());
        let message = format!(
            "the template is `{}` here, and `{}` in the lock",
            name(&inputs.config.template),
            name(&base.template)
        );
        let mut finding = outdated(locked, "config.yaml", Level::Warn, message, "template".to_owned(), span);
        finding.next = Some(UPGRADE.to_owned());
        findings.push(finding);
    }
    for (key, listed, expected) in [("add", &inputs.config.add, true), ("without", &inputs.config.without, false)] {
        for asset in listed.iter().filter(|asset| base.assets.contains(asset) != expected) {
            let span = crate::edit::locate(crate::edit::Format::Yaml, source, &[key]);
            let message = format!("`{key}` names the asset `{asset}`, which the lock does not reflect");
            let mut finding = outdated(locked, "config.yaml", Level::Warn, message, format!("{key}.{asset}"), span);
            finding.next = Some(UPGRADE.to_owned());
            findings.push(finding);
        }
    }
    findings
}

fn forged(locked: &Render, why: &str, span: Option<Span>) -> Finding {
    Finding {
        rule: "drift/lock-forged".to_owned(),
        status: Status::Open,
        level: Level::Block,
        severity: severity(Level::Block),
        path: RepoPath::roadbed("lock.yaml"),
        span,
        message: format!("the lock is not what roadbed wrote: {why}"),
        why: meaning::why("drift/lock-forged"),
        next: Some("roadbed fix .roadbed/lock.yaml".to_owned()),
        owner: owner(locked),
        controls: Vec::new(),
        asset: None,
        fix: Some(Fix { safety: Safety::Safe, title: "write the lock again".to_owned() }),
        address: "lock".to_owned(),
        fingerprint: String::new(),
        introduced: None,
    }
}

/// The locked version is gone from its source, and another one was measured against.
fn no_base(locked: &Render, why: &str, span: Span) -> Finding {
    let message = format!("{why}; this repo was measured against {} instead", locked.identity.version);
    let mut finding = outdated(locked, "lock.yaml", Level::Warn, message, "base".to_owned(), Some(span));
    "drift/no-base".clone_into(&mut finding.rule);
    finding.why = meaning::why("drift/no-base");
    finding
}

fn outdated(
    locked: &Render,
    file: &'static str,
    level: Level,
    message: String,
    address: String,
    span: Option<Span>,
) -> Finding {
    Finding {
        rule: "drift/outdated".to_owned(),
        status: Status::Open,
        level,
        severity: severity(level),
        path: RepoPath::roadbed(file),
        span,
        message,
        why: meaning::why("drift/outdated"),
        next: None,
        owner: owner(locked),
        controls: Vec::new(),
        asset: None,
        fix: None,
        address,
        fingerprint: String::new(),
        introduced: None,
    }
}

fn line_of(text: &str, needle: &str) -> Option<Span> {
    let line = text.lines().position(|line| line.contains(needle))?;
    Some(Span::of_line(text, line + 1))
}
