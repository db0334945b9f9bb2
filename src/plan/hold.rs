//! Holding the line: every difference between the repo and what the locked version renders to,
//! and the edits that mend it.

use super::advance::elsewhere;
use super::grouped::{Asked, by_path};
use super::lock::same_lock;
use super::meaning::why;
use super::measure::{Drift, Measured};
use super::policy::{Omitted, glob_set};
use super::twins::{Effect, Twin};
use super::{Inputs, alike, measure, newer, obstacle, own_files, rules, twins};
use crate::error::Result;
use crate::golden_path::Render;
use crate::golden_path::levels::level;
use crate::model::file::File;
use crate::model::finding::{Finding, Fix, Level, Safety, Severity, Span, Status};
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::plan::{Conflict, ConflictKind, Edit, Plan};
use crate::model::tree::Node;

/// Plans to stay at the locked version.
pub(super) fn plan(inputs: &Inputs<'_>) -> Result<Plan> {
    let Some(locked) = inputs.locked else {
        let mut plan = Plan::default();
        rules::assess(inputs, None, &mut plan)?;
        return Ok(plan);
    };
    let omitted = Omitted::new(inputs.omit, locked)?;
    let mut hold = Hold { inputs, locked, plan: Plan::default() };
    let laid = by_path(locked);
    let owned = |path: &RepoPath| laid.contains_key(path);
    for (path, asked) in &laid {
        let node = inputs.tree.node(path);
        if node == Node::Absent && (omitted.covers(path) || hold.moved(path, asked, &owned)?) {
            continue;
        }
        hold.file(path, asked, &node)?;
    }
    hold.forbidden()?;
    hold.plan.findings.extend(own_files::findings(inputs, locked));
    rules::assess(inputs, Some(locked), &mut hold.plan)?;
    hold.relock()?;
    Ok(hold.plan)
}

struct Hold<'a> {
    inputs: &'a Inputs<'a>,
    locked: &'a Render,
    plan: Plan,
}

impl Hold<'_> {
    fn file(&mut self, path: &RepoPath, asked: &Asked<'_>, node: &Node) -> Result<()> {
        let Measured { drifts, mut after } = measure::measure(path, asked, node, self.inputs)?;
        if drifts.is_empty() {
            return Ok(());
        }
        // Without the version that was laid, nobody knows what a mended file should be.
        let mendable = after.is_some() && self.inputs.no_base.is_none();
        let selection = self.inputs.selection;
        let mode = drifts.iter().any(|drift| drift.rule == "drift/mode" && selection.has_rule(drift.rule));
        let content = drifts.iter().any(|drift| drift.rule != "drift/mode" && selection.has_rule(drift.rule));
        let wanted = selection.has_path(path) && (mode || content);
        if let Some(text) = node.file().and_then(File::text).filter(|_| wanted) {
            let parts = asked.parts().iter();
            self.plan.lookups.extend(parts.flat_map(|part| newer::lookups(part, text, self.inputs.known)));
        }
        if let (Some(after), Some(now)) = (&mut after, node.file()) {
            if !content {
                after.bytes.clone_from(&now.bytes);
            }
            if !mode && now.mode != crate::model::file::FileMode::Symlink {
                after.mode = now.mode;
            }
        }
        let reason = drifts.iter().find(|drift| drift.fix.is_none()).map(|drift| drift.message.clone());
        for drift in drifts {
            let finding = self.finding(path, drift, mendable);
            self.plan.findings.push(finding);
        }
        if !wanted || self.inputs.no_base.is_some() {
            return Ok(());
        }
        let Some(after) = after else {
            if let Some(conflict) = obstacle::in_the_way(
                path,
                node,
                reason.as_deref(),
                &format!("roadbed fix {}", shell_word(path.as_str())),
            ) {
                self.plan.conflicts.push(conflict);
            }
            return Ok(());
        };
        let before = node.file().cloned();
        if before.as_ref() == Some(&after) {
            return Ok(());
        }
        if before.is_some() && !self.may_edit(path, node)? {
            return Ok(());
        }
        let asset = asked.first().map(|part| part.asset.clone());
        self.plan.edits.push(Edit {
            path: path.clone(),
            from: None,
            before,
            after: Some(after),
            asset,
            rule: None,
            safety: Safety::Safe,
        });
        Ok(())
    }

    /// Whether the repo put the file elsewhere: then it is reported there, and is not missing.
    fn moved(&mut self, path: &RepoPath, asked: &Asked<'_>, owned: &dyn Fn(&RepoPath) -> bool) -> Result<bool> {
        let Asked::Whole(part) = asked else { return self.elsewhere(path, asked, owned) };
        if part.ownership != Ownership::Merged {
            return self.elsewhere(path, asked, owned);
        }
        let (place, message) = match alike::moved(self.inputs, path, &part.file, owned)? {
            Some(alike::Moved { place, .. }) => {
                let asset = &part.asset;
                let what = "it was moved here, where upgrades still find it";
                (place, format!("asset `{asset}` lays this file as {path}; {what}"))
            }
            None => match twins::twin(self.inputs.tree, path, owned)? {
                Some(Twin { path: place, .. }) => {
                    (place, format!("asset `{}` lays this file as {path}; this one serves its purpose", part.asset))
                }
                None => return Ok(false),
            },
        };
        let (from, to) = (shell_word(place.as_str()), shell_word(path.as_str()));
        let mv = mover(self.inputs, &place)?;
        let next = format!("{mv} {from} {to}");
        let drift = Drift::moved(part, path, message, next);
        let finding = self.finding(&place, drift, false);
        self.plan.findings.push(finding);
        Ok(true)
    }

    /// Whether a file of which the path owns more is missing, and another serves its purpose: creating it would say
    /// things twice, or silence the other. A person decides.
    fn elsewhere(&mut self, path: &RepoPath, asked: &Asked<'_>, owned: &dyn Fn(&RepoPath) -> bool) -> Result<bool> {
        let Some(twin) = twins::twin(self.inputs.tree, path, owned)? else { return Ok(false) };
        if twin.effect == Effect::Beside {
            // Both may run: nothing of the repo's is silenced by a second one.
            return Ok(false);
        }
        let mv = mover(self.inputs, &twin.path)?;
        let (message, next) = elsewhere(path, &twin, mv, "roadbed fix");
        let selection = self.inputs.selection;
        let wanted = selection.has_path(path) && selection.has_rule("drift/missing");
        for mut drift in measure::measure(path, asked, &Node::Absent, self.inputs)?.drifts {
            drift.message.clone_from(&message);
            drift.fix = None;
            drift.next = Some(next.clone());
            let finding = self.finding(path, drift, false);
            self.plan.findings.push(finding);
        }
        if wanted {
            let path = path.clone();
            self.plan.conflicts.push(Conflict { path, kind: ConflictKind::AddAdd, message, next });
        }
        Ok(true)
    }

    /// Whether the file is clean; if not, it becomes a conflict.
    fn may_edit(&mut self, path: &RepoPath, node: &Node) -> Result<bool> {
        let conflict = guarded(self.inputs, path, node)?;
        let free = conflict.is_none();
        self.plan.conflicts.extend(conflict);
        Ok(free)
    }

    fn finding(&self, path: &RepoPath, drift: Drift, mendable: bool) -> Finding {
        let default = drift.level;
        let fix = mendable && drift.fix.is_some();
        Finding {
            rule: drift.rule.to_owned(),
            status: Status::Open,
            level: level(self.inputs.standing, drift.rule, default),
            severity: severity(default),
            path: path.clone(),
            span: drift.span,
            message: drift.message,
            why: why(drift.rule),
            next: fix.then(|| format!("roadbed fix {}", shell_word(path.as_str()))).or(drift.next),
            owner: owner(self.locked),
            controls: self.locked.controls.get(&drift.asset).cloned().unwrap_or_default(),
            asset: Some(drift.asset),
            fix: if fix { drift.fix.map(|title| Fix { safety: Safety::Safe, title }) } else { None },
            address: drift.address,
            fingerprint: String::new(),
            introduced: None,
        }
    }

    /// Files that the path wants gone.
    fn forbidden(&mut self) -> Result<()> {
        if self.locked.forbids.is_empty() {
            return Ok(());
        }
        let files = self.inputs.tree.files()?;
        for (asset, glob) in &self.locked.forbids {
            let set = glob_set(std::slice::from_ref(glob)).map_err(crate::error::Error::golden_path)?;
            let ours = |path: &RepoPath| {
                path.parts().next() == Some(".roadbed")
                    || self.locked.files.iter().any(|part| part.path == *path)
                    || self.plan.edits.iter().any(|edit| edit.path == *path)
                    || self.plan.conflicts.iter().any(|conflict| conflict.path == *path)
            };
            let extra: Vec<&RepoPath> =
                files.iter().filter(|path| set.is_match(path.as_str()) && !ours(path)).collect();
            for path in extra {
                let node = self.inputs.tree.node(path);
                let drift = Drift {
                    rule: "drift/extra",
                    level: Level::Warn,
                    span: None,
                    message: format!("asset `{asset}` wants this file gone (`forbids: {glob}`)"),
                    address: String::new(),
                    asset: asset.clone(),
                    fix: None,
                    next: Some(format!("roadbed fix --unsafe-fixes {}", shell_word(path.as_str()))),
                };
                let mut finding = self.finding(path, drift, true);
                finding.fix = Some(Fix { safety: Safety::Unsafe, title: "delete the file".to_owned() });
                self.plan.findings.push(finding);
                let wanted = self.inputs.selection.has_path(path) && self.inputs.selection.has_rule("drift/extra");
                if self.inputs.unsafe_fixes && wanted && self.may_edit(path, &node)? {
                    self.plan.edits.push(Edit {
                        path: path.clone(),
                        from: None,
                        before: node.into_file(),
                        after: None,
                        asset: Some(asset.clone()),
                        rule: None,
                        safety: Safety::Unsafe,
                    });
                }
            }
        }
        Ok(())
    }

    /// The lock follows the edits.
    fn relock(&mut self) -> Result<()> {
        if self.inputs.keep_lock {
            return Ok(());
        }
        let lock = same_lock(self.locked, self.inputs, &self.plan.edits);
        self.plan.edits.extend(own_files::lock_edit(self.inputs.tree, self.inputs.lock, &lock)?);
        Ok(())
    }
}

/// Why the file at `path` must not be edited now; none if it may.
pub(super) fn guarded(inputs: &Inputs<'_>, path: &RepoPath, node: &Node) -> Result<Option<Conflict>> {
    if inputs.tree.is_left_out(path) {
        let message = "a sparse checkout leaves the file out here, so it is not written".to_owned();
        let next = format!("git sparse-checkout disable && {}", inputs.command);
        return Ok(Some(Conflict { path: path.clone(), kind: ConflictKind::Type, message, next }));
    }
    let written = || inputs.lock.and_then(|lock| lock.file(path)).map(|file| file.written);
    if node.file().is_some_and(|file| Some(file.blob_id()) == written()) {
        return Ok(None);
    }
    let Some(kind) = inputs.tracking.unsafe_to_edit(path, node)? else { return Ok(None) };
    if inputs.allow_dirty && kind == ConflictKind::Dirty {
        return Ok(None);
    }
    let word = shell_word(path.as_str());
    let command = inputs.command;
    let (message, next) = match kind {
        ConflictKind::Untracked => (
            "git does not track this file, so roadbed does not write over it",
            format!("git add -f -- {word} && git commit -m 'Keep a file' -- {word} && {command}"),
        ),
        _ => (
            "the file has changes that are not committed",
            format!("git commit -m 'Keep my changes' -- {word} && {command}"),
        ),
    };
    let message = message.to_owned();
    Ok(Some(Conflict { path: path.clone(), kind, message, next }))
}

/// The command that moves the file at `path`: git's only where git knows it.
pub(super) fn mover(inputs: &Inputs<'_>, path: &RepoPath) -> Result<&'static str> {
    let tracked = inputs.tracking.tracks(path, &inputs.tree.node(path))?;
    Ok(if tracked { "git mv" } else { "mv" })
}

/// The team that answers for the repo.
pub(super) fn owner(render: &Render) -> Option<String> {
    render.answers.get("owner").and_then(|owner| owner.as_str()).map(str::to_owned)
}

/// A drift's severity, from its default level.
pub(super) fn severity(level: Level) -> Severity {
    match level {
        Level::Block => Severity::High,
        Level::Warn => Severity::Medium,
        Level::Info => Severity::Low,
    }
}

/// `text` as one word of a POSIX shell.
pub fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./@%+=:,".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return text.to_owned();
    }
    let prefix = if text.starts_with('-') { "./" } else { "" };
    if text.contains(char::is_control) {
        // As it stands it would not survive being printed.
        let escaped = text.chars().map(|c| match c {
            '\'' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        });
        return format!("$'{prefix}{}'", escaped.collect::<String>());
    }
    format!("'{prefix}{}'", text.replace('\'', r"'\''"))
}

/// The first line where `ours` differs from `pristine`, as a span in `ours`.
pub(super) fn first_difference(ours: &str, pristine: &str) -> Span {
    let mut theirs = pristine.lines();
    let mut last = 1;
    for (n, line) in ours.lines().enumerate() {
        last = n + 1;
        if theirs.next() != Some(line) {
            return Span::of_line(ours, last);
        }
    }
    Span::of_line(ours, last)
}
