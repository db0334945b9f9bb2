//! What rules find in the repo as it will be after the golden path's own edits, and the edits that mend it.

use std::collections::{BTreeMap, BTreeSet};

use super::grouped::by_path;
use super::hold::{guarded, shell_word};
use super::{Inputs, measure};
use crate::error::Result;
use crate::golden_path::Render;
use crate::golden_path::levels::level_within;
use crate::model::file::File;
use crate::model::finding::{Finding, Fix, Level, Safety, Status};
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::plan::{Edit, Plan};
use crate::model::tree::{Node, Overlay};
use crate::rules::{self, About, Facts, Mended, Routing, Violation};

/// Adds to `plan` what the rules find, and what mends it.
pub(super) fn assess(inputs: &Inputs<'_>, locked: Option<&Render>, plan: &mut Plan) -> Result<()> {
    let laid: BTreeMap<RepoPath, Option<File>> =
        plan.edits.iter().map(|edit| (edit.path.clone(), edit.after.clone())).collect();
    let overlay = Overlay::new(inputs.tree, laid.clone());
    let facts = Facts::with_rules(&overlay, inputs.known, inputs.rules)?;
    let mut violations = rules::run(&facts);
    let unparsed = rules::unparsed(&facts);
    let ours = Ours { inputs, locked };
    rules::keep_feasible(&facts, &mut violations, &|path, text| ours.accepts(path, text));

    let asked = |violation: &&Violation| {
        inputs.selection.has_path(&violation.path) && inputs.selection.has_rule(&violation.rule)
    };
    plan.lookups.extend(violations.iter().filter(asked).filter_map(|violation| violation.lookup.clone()));
    let wanted = |violation: &Violation, repair: &rules::Repair| {
        (inputs.unsafe_fixes || repair.safety == Safety::Safe)
            && inputs.selection.has_path(&violation.path)
            && inputs.selection.has_rule(&violation.rule)
    };
    let mended = if inputs.findings_only {
        BTreeMap::new()
    } else {
        rules::mend(&facts, &violations, &wanted, &|path, text| ours.accepts(path, text))
    };

    if violations.iter().any(|violation| laid.contains_key(&violation.path)) {
        // People read their file as it is now: the places are those of the file before the edits.
        let before = rules::run(&Facts::with_rules(inputs.tree, inputs.known, inputs.rules)?);
        for violation in violations.iter_mut().filter(|violation| laid.contains_key(&violation.path)) {
            let same = |other: &&Violation| {
                other.rule == violation.rule && other.path == violation.path && other.address == violation.address
            };
            violation.span = before.iter().find(same).and_then(|other| other.span);
        }
    }
    for violation in violations {
        plan.findings.push(ours.finding(&facts, violation));
    }
    for violation in unparsed {
        let known = |finding: &Finding| finding.rule == violation.rule && finding.path == violation.path;
        if !plan.findings.iter().any(known) {
            plan.findings.push(ours.parse_finding(&facts, violation));
        }
    }
    for (path, mended) in mended {
        ours.edit(plan, path, mended)?;
    }
    Ok(())
}

struct Ours<'a> {
    inputs: &'a Inputs<'a>,
    locked: Option<&'a Render>,
}

impl Ours<'_> {
    /// Whether the golden path lets the file at `path` say `text`: a mended file must not be drift.
    fn accepts(&self, path: &RepoPath, text: &str) -> bool {
        let Some(locked) = self.locked else { return true };
        let Some(asked) = by_path(locked).remove(path) else { return true };
        if self.inputs.no_base.is_some() {
            return false;
        }
        let Node::File(now) = self.inputs.tree.node(path) else { return false };
        let node = Node::File(File { mode: now.mode, bytes: text.as_bytes().to_vec() });
        let content = |drift: &measure::Drift| drift.rule != "drift/mode" && !drift.rule.starts_with("drift/outdated");
        measure::measure(path, &asked, &node, self.inputs).is_ok_and(|measured| !measured.drifts.iter().any(content))
    }

    fn finding(&self, facts: &Facts<'_>, violation: Violation) -> Finding {
        let about = About::of(&violation.rule, facts.own());
        let severity = violation.severity.unwrap_or(about.severity);
        let bounds = violation.bounds;
        let level = level_within(self.inputs.standing, &violation.rule, Level::Info, |level| bounds.apply(level));
        let fix = violation.repair.map(|repair| Fix { safety: repair.safety, title: repair.title });
        let next = fix.as_ref().map(|fix| {
            let option = if fix.safety == Safety::Unsafe { " --unsafe-fixes" } else { "" };
            format!("roadbed fix{option} --rule {} {}", violation.rule, shell_word(violation.path.as_str()))
        });
        Finding {
            status: Status::Open,
            level,
            severity,
            owner: self.owner(facts, about.routing, &violation.path),
            rule: violation.rule.into_owned(),
            path: violation.path,
            span: violation.span,
            message: violation.message,
            why: about.why,
            next,
            controls: about.controls,
            asset: None,
            fix,
            address: violation.address,
            fingerprint: String::new(),
            introduced: None,
        }
    }

    fn parse_finding(&self, facts: &Facts<'_>, violation: Violation) -> Finding {
        let owned = |part: &&crate::golden_path::Pristine| {
            part.path == violation.path && !matches!(part.ownership, Ownership::Merged | Ownership::Once)
        };
        let asset = self.locked.and_then(|locked| locked.files.iter().find(owned));
        let default = if asset.is_some() { Level::Block } else { Level::Warn };
        let level = level_within(self.inputs.standing, &violation.rule, default, |level| level);
        Finding {
            why: super::meaning::why(&violation.rule),
            rule: violation.rule.into_owned(),
            status: Status::Open,
            level,
            severity: super::hold::severity(default),
            owner: self.service(facts, &violation.path),
            next: Some(format!("mend {} by hand", shell_word(violation.path.as_str()))),
            controls: Vec::new(),
            asset: asset.map(|part| part.asset.clone()),
            fix: None,
            path: violation.path,
            span: violation.span,
            message: violation.message,
            address: violation.address,
            fingerprint: String::new(),
            introduced: None,
        }
    }

    /// Whose job it is: the rule's routing, else CODEOWNERS for the path, else the `owner` answer.
    fn owner(&self, facts: &Facts<'_>, routing: Routing, path: &RepoPath) -> Option<String> {
        // Where nothing is laid, the built-in profile's teams are nobody's: only the repo's own word counts.
        let team = self.locked.and_then(|_| self.inputs.standing.profile.owners.get(routing.word()));
        match (routing, team) {
            (Routing::Platform | Routing::Security | Routing::Grc, Some(team)) => Some(team.clone()),
            _ => self.service(facts, path),
        }
    }

    fn service(&self, facts: &Facts<'_>, path: &RepoPath) -> Option<String> {
        let listed = facts.codeowners().and_then(|file| file.owners(path.as_str()).first().map(|o| (*o).to_owned()));
        listed.or_else(|| self.locked.and_then(super::hold::owner))
    }

    fn edit(&self, plan: &mut Plan, path: RepoPath, mended: Mended) -> Result<()> {
        let Mended { file, rules, safety } = mended;
        let rule = Some(rules.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", "));
        if let Some(edit) = plan.edits.iter_mut().find(|edit| edit.path == path) {
            edit.after = Some(file);
            edit.rule = rule;
            edit.safety = edit.safety.max(safety);
            return Ok(());
        }
        if plan.conflicts.iter().any(|conflict| conflict.path == path) {
            return Ok(());
        }
        let node = self.inputs.tree.node(&path);
        if let Some(conflict) = guarded(self.inputs, &path, &node)? {
            plan.conflicts.push(conflict);
            return Ok(());
        }
        let before = node.into_file();
        plan.edits.push(Edit { path, from: None, before, after: Some(file), asset: None, rule, safety });
        Ok(())
    }
}
