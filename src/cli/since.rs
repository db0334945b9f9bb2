//! `check --since`: what a change brings in, judged by the branch that it goes to.
//!
//! Nobody weakens the policy that judges him: policy, template and assets are those of the tip of the base, laid over the
//! files of the change. The change's own files under `.roadbed/` are measured as they stand, because that is what they are
//! about. Findings are compared with those of the merge base under the same judge.

use std::collections::{BTreeMap, BTreeSet};

use super::base::{self, Base};
use super::session::Session;
use super::sources;
use super::workspace::{Ask, Workspace};
use crate::catalogue::{Known, OFFLINE};
use crate::edit::{Format, locate};
use crate::error::{Error, Result};
use crate::golden_path::levels::level;
use crate::golden_path::{self, Source};
use crate::model::file::{BlobId, File};
use crate::model::finding::{Finding, Level, Severity, Span, Status, seal};
use crate::model::ownership::Ownership;
use crate::model::path::RepoPath;
use crate::model::repo_files::Config;
use crate::model::tree::{Modes, Node, Tree};
use crate::plan::{self, Goal, Judge, Weakening};
use crate::repo::{CommitTree, History, Place};
use crate::rules;

/// What a change is compared with.
pub(super) struct Since {
    /// The tip of the base.
    pub(super) base: Base,
    /// Where the change began.
    pub(super) merge_base: String,
}

impl Since {
    /// The base that `rev` names, and where `head` (the working directory's HEAD, if none) left it.
    pub(super) fn open(place: &Place, rev: &str, head: Option<&str>) -> Result<Self> {
        let history = History::open(place)?;
        let head = history.resolve(head.unwrap_or("HEAD"))?;
        let base = base::base(&history, rev)?;
        let Some(merge_base) = history.merge_base(&base.tip, &head)? else {
            let error = Error::environment(format!("`{}` and this change have no commit in common here", base.name));
            return Err(if history.is_shallow() {
                error.hint("the clone is shallow: `git fetch --unshallow`, or check out with fetch-depth: 0")
            } else {
                error.hint("name the branch that this change will be merged into")
            });
        };
        Ok(Since { base, merge_base })
    }

    /// Laid directories of the merge base that the change has no more; `at` is its commit, if it is not the working tree.
    pub(super) fn dropped(
        &self,
        session: &Session,
        place: &Place,
        present: &[Workspace],
        golden_path: Option<&str>,
        at: Option<&str>,
    ) -> Result<Vec<Workspace>> {
        let top = Place { laid: place.root().to_path_buf(), prefix: None, ..place.clone() };
        let tree = CommitTree::open(&top, &self.merge_base)?;
        let root = (tree.node(&RepoPath::roadbed("policy.yaml")) != Node::Absent).then_some(None);
        let dirs = root.into_iter().chain(tree.territories().cloned().map(Some));
        let gone = dirs.filter(|dir| present.iter().all(|workspace| workspace.place.prefix != *dir));
        gone.map(|prefix| {
            let laid = prefix.as_ref().map_or_else(|| top.laid.clone(), |dir| top.laid.join(dir.as_str()));
            Workspace::open_place(session, Place { laid, prefix, has_roadbed: false, ..top.clone() }, golden_path, at)
        })
        .collect()
    }

    /// What `workspace` has that the merge base does not.
    pub(super) fn findings(
        &self,
        session: &Session,
        workspace: &Workspace,
        golden_path: Option<&str>,
        known: &Known,
    ) -> Result<Vec<Finding>> {
        let at = |rev: &str| Workspace::open_place(session, workspace.place.clone(), golden_path, Some(rev));
        let tip =
            at(&self.base.tip).map_err(|error| error.hint(format!("that file is the one in {}", self.base.name)))?;
        // A start that cannot be read judges nobody.
        let start = at(&self.merge_base).or_else(|_| at(&self.base.tip))?;
        let mut now = judged(session, workspace, (&tip, &start), golden_path, known)?;
        let before = judged(session, &start, (&tip, &start), golden_path, known)?;
        now.extend(weakenings(workspace, &start, &tip)?);
        seal(&mut now);
        Ok(plan::added(now, &before))
    }
}

/// The findings of `workspace` under the judge at `tip`.
fn judged(
    session: &Session,
    workspace: &Workspace,
    (tip, start): (&Workspace, &Workspace),
    golden_path: Option<&str>,
    known: &Known,
) -> Result<Vec<Finding>> {
    let ask = || Ask::findings(Some(known));
    let plain = workspace.plan(&Goal::Hold, &ask())?.findings;
    let laid_here = workspace.laid.is_some() || start.laid.is_some();
    let Some(judge) = tip.laid.as_ref().filter(|_| laid_here) else { return Ok(plain) };

    let mut above = BTreeMap::new();
    let mut put = |name, bytes: Vec<u8>| above.insert(RepoPath::roadbed(name), File::regular(bytes));
    if let Some(policy) = tip.tree.node(&RepoPath::roadbed("policy.yaml")).into_file() {
        put("policy.yaml", policy.bytes);
    }
    let own = workspace.laid.as_ref().or(start.laid.as_ref()).unwrap_or(judge);
    put("config.yaml", config(&judge.config, &own.config)?);
    if let Some(lock) = lock(workspace, tip, start) {
        put("lock.yaml", lock);
    }
    let tree = workspace.reopen_tree()?;
    let judged = Workspace::over(session, workspace, Box::new(Laid { below: tree, above }), golden_path)?;
    let mut findings = judged.plan(&Goal::Hold, &ask())?.findings;
    let is_own = |finding: &Finding| finding.path.parts().next() == Some(".roadbed");
    findings.retain(|finding| !is_own(finding));
    findings.extend(plain.into_iter().filter(is_own));
    // A version that is further on may be milder: the stricter of both counts.
    if let Some(laid) = &judged.laid {
        for finding in &mut findings {
            let of = |standing| level(&standing, &finding.rule, Level::Info);
            let (mine, theirs) = (of(laid.standing()), of(judge.standing()));
            if theirs > mine {
                finding.level = finding.level.max(theirs);
            }
        }
    }
    Ok(findings)
}

/// The judge's choice of assets, with what the change adds, and the change's answers.
fn config(judge: &Config, own: &Config) -> Result<Vec<u8>> {
    let mut config = Config { answers: own.answers.clone(), ..judge.clone() };
    let more = own.add.iter().filter(|asset| !judge.add.contains(asset) && !judge.without.contains(asset));
    config.add.extend(more.cloned());
    let text = serde_yaml::to_string(&config);
    text.map(String::into_bytes).map_err(|error| Error::internal(format!("the config cannot be written: {error}")))
}

/// The lock to measure by: the change's own, unless it goes back, or to another path.
fn lock(workspace: &Workspace, tip: &Workspace, start: &Workspace) -> Option<Vec<u8>> {
    let bytes = |of: &Workspace| of.tree.node(&RepoPath::roadbed("lock.yaml")).into_file().map(|file| file.bytes);
    let source = |of: &Workspace| {
        let written = &of.laid.as_ref()?.policy.golden_path.source;
        Some(written.parse().map_or_else(|_| written.clone(), |source: Source| source.name().to_owned()))
    };
    let version = |of: &Workspace| of.laid.as_ref().and_then(|laid| laid.locked_version().cloned());
    let forward = version(workspace).is_some_and(|own| version(start).is_none_or(|start| own >= start));
    if forward && source(workspace) == source(tip) {
        return bytes(workspace);
    }
    bytes(start).or_else(|| bytes(tip))
}

/// The change's own weakening of its judge, as findings.
fn weakenings(now: &Workspace, start: &Workspace, tip: &Workspace) -> Result<Vec<Finding>> {
    let builtin = plan::RULES.into_iter().chain(rules::all().map(|rule| rule.id));
    let ids: Vec<&str> = builtin.chain(start.rules.ids()).collect();
    let mut found = plan::weakened(&judge(start)?, &judge(now)?, &judge(tip)?, &ids);
    found.extend(own_judge(now, start, tip)?);
    let owner = owner(tip)?;
    found.into_iter().map(|weakening| finding(now, weakening, owner.clone())).collect()
}

fn judge(workspace: &Workspace) -> Result<Judge> {
    let gates = plan::gates(workspace.tree.as_ref())?;
    let codeowners = plan::codeowners(workspace.tree.as_ref());
    let Some(laid) = &workspace.laid else { return Ok(Judge { gates, codeowners, ..Judge::default() }) };
    let Config { template, add, without, .. } = &laid.config;
    let assets = golden_path::closure(&laid.path, template.as_deref(), add, without).unwrap_or_default();
    let files = laid.lock.iter().flat_map(|lock| &lock.files);
    let answers = laid.base().map(|base| &base.answers).into_iter().flatten();
    Ok(Judge {
        policy: Some(laid.policy.clone()),
        profile: laid.standing().profile.clone(),
        assets: assets.into_iter().collect::<BTreeSet<_>>(),
        version: laid.locked_version().cloned(),
        gates,
        codeowners,
        enforced: files.filter(|file| file.mode == Ownership::Enforced).map(|file| file.path.to_string()).collect(),
        answers: answers.map(|(key, answer)| (key.clone(), answer.to_string())).collect(),
    })
}

/// A golden path that lies in the very repository is part of what a change can touch.
fn own_judge(now: &Workspace, start: &Workspace, tip: &Workspace) -> Result<Option<Weakening>> {
    let Some(laid) = &tip.laid else { return Ok(None) };
    let Ok(Source::Directory(dir)) = laid.policy.golden_path.source.parse() else { return Ok(None) };
    let root = sources::normal(now.place.root());
    let dir = sources::normal(&now.place.laid.join(dir));
    let Ok(inside) = dir.strip_prefix(&root) else { return Ok(None) };
    let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
    let prefix = parts.and_then(|parts| RepoPath::new(parts.join("/")).ok());
    let place = Place { laid: dir.clone(), prefix: prefix.clone(), has_roadbed: false, ..now.place.clone() };
    let before = CommitTree::open(&place, start.commit.as_deref().unwrap_or("HEAD"))?;
    let after = Workspace::tree_of(&place, now.commit.as_deref())?;
    for path in before.files()?.into_iter().filter(|path| path.parts().next() != Some(".roadbed")) {
        if before.node(&path) != after.node(&path) {
            let shown = prefix.as_ref().map_or_else(|| path.to_string(), |prefix| format!("{prefix}/{path}"));
            return Ok(Some(Weakening {
                file: ".roadbed/policy.yaml".to_owned(),
                keys: ["golden_path", "source"].map(str::to_owned).to_vec(),
                message: format!("the golden path lies in this repository, and the change edits it (`{shown}`)"),
            }));
        }
    }
    Ok(None)
}

/// Who approves what judges: the owner of the policy, as the base has it.
fn owner(tip: &Workspace) -> Result<Option<String>> {
    let facts = rules::Facts::of(tip.tree.as_ref(), &OFFLINE)?;
    let listed =
        facts.codeowners().and_then(|file| file.owners(".roadbed/policy.yaml").first().map(|o| (*o).to_owned()));
    let team = || tip.laid.as_ref().and_then(|laid| laid.standing().profile.owners.get("platform").cloned());
    Ok(listed.or_else(team))
}

fn finding(now: &Workspace, weakening: Weakening, owner: Option<String>) -> Result<Finding> {
    let path = RepoPath::new(weakening.file.as_str()).map_err(|fault| Error::internal(fault.to_string()))?;
    let text = now.tree.node(&path).into_file().and_then(|file| file.text().map(str::to_owned));
    Ok(Finding {
        rule: plan::POLICY_WEAKENED.to_owned(),
        status: Status::Open,
        level: Level::Block,
        severity: Severity::High,
        span: text.and_then(|text| place(&path, &text, &weakening.keys)),
        path,
        message: weakening.message,
        why: plan::meaning(plan::POLICY_WEAKENED).map(|meaning| meaning.why.to_owned()),
        next: Some("take it out of this change, or have the owners of .roadbed/policy.yaml merge it".to_owned()),
        owner,
        controls: Vec::new(),
        asset: None,
        fix: None,
        address: weakening.keys.join("."),
        fingerprint: String::new(),
        introduced: None,
    })
}

/// The place of the keys in a file, or of the innermost that is there.
fn place(path: &RepoPath, text: &str, keys: &[String]) -> Option<Span> {
    let format = Format::of(path)?;
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let found = (1..=keys.len()).rev().find_map(|most| locate(format, text, &keys[..most]));
    Some(found.map_or_else(|| Span::of_line(text, 1), |span| Span::of_line(text, span.line)))
}

/// Files with other ones laid over them.
struct Laid {
    below: Box<dyn Tree>,
    above: BTreeMap<RepoPath, File>,
}

impl Tree for Laid {
    fn node(&self, path: &RepoPath) -> Node {
        self.above.get(path).map_or_else(|| self.below.node(path), |file| Node::File(file.clone()))
    }

    fn files(&self) -> Result<Vec<RepoPath>> {
        let mut files: BTreeSet<RepoPath> = self.below.files()?.into_iter().collect();
        files.extend(self.above.keys().cloned());
        Ok(files.into_iter().collect())
    }

    fn modes(&self) -> Modes {
        self.below.modes()
    }

    fn known_blob(&self, path: &RepoPath) -> Option<BlobId> {
        if self.above.contains_key(path) { None } else { self.below.known_blob(path) }
    }
}
