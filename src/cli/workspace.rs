//! What a command works on: the tree, the files under `.roadbed/`, and what the locked version renders to.

use std::collections::BTreeMap;
use std::path::Path;

use super::session::Session;
use super::sources;
use crate::edit;
use crate::error::{Error, Position, Problem, Result};
use crate::golden_path::levels::Standing;
use crate::golden_path::manifest::{Levels, Profile};
use crate::golden_path::{self, Given, GoldenPath, Origin, Render, Source, Supplied, Versions};
use crate::model::answer::Answers;
use crate::model::document::{self, Schema, schemas};
use crate::model::file::BlobId;
use crate::model::path::RepoPath;
use crate::model::plan::{ConflictKind, Plan};
use crate::model::repo_files::{Base, Config, Exposure, Lock, Policy};
use crate::model::tree::{Node, Tree};
use crate::plan::{Goal, Held, Inputs, Selection, Tracking, Untracked};
use crate::repo::{self, CommitTree, Dirt, Place, WorkTree};

/// A place with its tree, and with its golden path where one is laid.
pub(super) struct Workspace {
    pub(super) place: Place,
    pub(super) tree: Box<dyn Tree>,
    /// The commit that is looked at; none for a working directory.
    pub(super) commit: Option<String>,
    pub(super) laid: Option<Laid>,
    /// What sets the levels where nothing is laid.
    unlaid_profile: Profile,
    tracking: Box<dyn Tracking>,
}

/// A golden path, as it is laid in a repo.
pub(super) struct Laid {
    pub(super) policy: Policy,
    pub(super) config: Config,
    pub(super) config_text: String,
    pub(super) lock: Option<Lock>,
    pub(super) path: GoldenPath,
    /// What each file that is laid was rendered to.
    pub(super) locked: Render,
    pub(super) held: Held,
    pub(super) versions: Versions,
    profile: Profile,
    /// The newest version that the policy allows.
    pub(super) latest: semver::Version,
    /// Why the version that the lock names cannot be rendered.
    no_base: Option<String>,
    path_edited: bool,
    keep_lock: bool,
    out_of_range: bool,
}

/// The tier that a repo without a policy is taken to have: the policy's own default.
const UNLAID_TIER: u8 = 3;

/// How a plan is asked for.
#[derive(Default)]
pub(super) struct Ask<'a> {
    pub(super) selection: Selection,
    pub(super) allow_dirty: bool,
    pub(super) unsafe_fixes: bool,
    pub(super) command: &'a str,
}

impl Workspace {
    /// Opens the nearest laid directory at or above the session's; at `rev`, without a checkout.
    pub(super) fn open(session: &Session, golden_path: Option<&str>, rev: Option<&str>) -> Result<Self> {
        Self::open_at(session, &session.directory, golden_path, rev)
    }

    /// Opens the laid directory at or above `directory`.
    pub(super) fn open_at(
        session: &Session,
        directory: &Path,
        golden_path: Option<&str>,
        rev: Option<&str>,
    ) -> Result<Self> {
        Self::open_place(session, repo::discover(directory)?, golden_path, rev)
    }

    /// Every laid directory of the repository; at `rev` (and in a bare repository), of the commit.
    pub(super) fn all(session: &Session, golden_path: Option<&str>, rev: Option<&str>) -> Result<Vec<Self>> {
        let place = repo::discover(&session.directory)?;
        let Some(rev) = rev.or(place.bare.then_some("HEAD")) else {
            let laid = repo::all_laid(&place)?;
            return laid.iter().map(|dir| Self::open_at(session, dir, golden_path, None)).collect();
        };
        let top = Place { laid: place.root().to_path_buf(), prefix: None, ..place };
        let tree = CommitTree::open(&top, rev)?;
        let below = tree.territories().map(|dir| Place {
            laid: top.laid.join(dir.as_str()),
            prefix: Some(dir.clone()),
            ..top.clone()
        });
        let mut all = Vec::new();
        for place in std::iter::once(top.clone()).chain(below) {
            let workspace = Self::open_place(session, place, golden_path, Some(rev))?;
            if workspace.laid.is_some() {
                all.push(workspace);
            }
        }
        Ok(all)
    }

    /// Opens one laid directory; at `rev`, without a checkout.
    pub(super) fn open_place(
        session: &Session,
        place: Place,
        golden_path: Option<&str>,
        rev: Option<&str>,
    ) -> Result<Self> {
        let (tree, commit) = open_tree(&place, rev)?;
        let tracking: Box<dyn Tracking> =
            if commit.is_some() { Box::new(Untracked) } else { Box::new(ByGit(place.clone())) };
        let laid = Laid::read(session, &place, tree.as_ref(), golden_path, commit.is_some())?;
        let unlaid_profile = if laid.is_none() { unlaid_profile(session, golden_path)? } else { Profile::default() };
        Ok(Workspace { place, tree, commit, laid, unlaid_profile, tracking })
    }

    /// The same place, with another tree in it.
    pub(super) fn over(
        session: &Session,
        other: &Workspace,
        tree: Box<dyn Tree>,
        golden_path: Option<&str>,
    ) -> Result<Self> {
        let (place, commit) = (other.place.clone(), other.commit.clone());
        let laid = Laid::read(session, &place, tree.as_ref(), golden_path, true)?;
        let unlaid_profile = if laid.is_none() { unlaid_profile(session, golden_path)? } else { Profile::default() };
        Ok(Workspace { place, tree, commit, laid, unlaid_profile, tracking: Box::new(Untracked) })
    }

    /// The tree once more, for somebody who needs one of his own.
    pub(super) fn reopen_tree(&self) -> Result<Box<dyn Tree>> {
        Ok(open_tree(&self.place, self.commit.as_deref())?.0)
    }

    /// The laid path, or an error that says how to get one.
    pub(super) fn laid(&self) -> Result<&Laid> {
        self.laid.as_ref().ok_or_else(|| {
            Error::usage(format!("no golden path is laid in {} or above it", self.place.laid.display()))
                .hint("start a new repository with: roadbed new TEMPLATE DIR")
        })
    }

    /// The plan for `goal`; where nothing is laid, what the rules of the built-in path say.
    pub(super) fn plan(&self, goal: &Goal<'_>, ask: &Ask<'_>) -> Result<Plan> {
        let Some(laid) = &self.laid else { return self.plan_by_rules(ask) };
        let current = &laid.locked.identity.version;
        let standing = laid.standing();
        let inputs = Inputs {
            tree: self.tree.as_ref(),
            tracking: self.tracking.as_ref(),
            locked: Some(&laid.locked),
            lock: laid.lock.as_ref(),
            held: &laid.held,
            config: &laid.config,
            standing: &standing,
            omit: &laid.policy.omit,
            newer: (laid.latest > *current).then_some(&laid.latest),
            no_base: laid.no_base.as_deref(),
            keep_lock: laid.keep_lock,
            out_of_range: laid.out_of_range,
            path_edited: laid.path_edited,
            allow_dirty: ask.allow_dirty,
            unsafe_fixes: ask.unsafe_fixes,
            selection: &ask.selection,
            command: ask.command,
        };
        crate::plan::plan(&inputs, goal)
    }

    /// The plan for a repo that is on no path: the rules alone, at the levels of the given (or the built-in) path's newest version.
    fn plan_by_rules(&self, ask: &Ask<'_>) -> Result<Plan> {
        let standing = Standing {
            profile: &self.unlaid_profile,
            exposure: Exposure::default(),
            tier: UNLAID_TIER,
            policy: &Levels::new(),
        };
        let inputs = Inputs {
            tree: self.tree.as_ref(),
            tracking: self.tracking.as_ref(),
            locked: None,
            lock: None,
            held: &Held::default(),
            config: &Config::default(),
            standing: &standing,
            omit: &[],
            newer: None,
            no_base: None,
            keep_lock: true,
            out_of_range: false,
            path_edited: false,
            allow_dirty: ask.allow_dirty,
            unsafe_fixes: ask.unsafe_fixes,
            selection: &ask.selection,
            command: ask.command,
        };
        crate::plan::plan(&inputs, &Goal::Hold)
    }

    /// The plan to leave the golden path.
    pub(super) fn plan_to_leave(&self, allow_dirty: bool) -> Result<Plan> {
        self.plan(&Goal::Leave, &Ask { allow_dirty, command: "roadbed eject", ..Ask::default() })
    }

    /// The laid directory from the repository's root, with a `/` at its end; empty at the root.
    pub(super) fn prefix(&self) -> String {
        self.place.prefix.as_ref().map_or_else(String::new, |prefix| format!("{prefix}/"))
    }

    /// Paths that the user typed, as the plan names them.
    pub(super) fn select(&self, session: &Session, typed: &[std::path::PathBuf]) -> Result<Vec<RepoPath>> {
        let root = sources::normal(&self.place.laid);
        let mut paths = Vec::new();
        for path in typed {
            let whole = sources::normal(&session.resolve(path));
            let outside = || {
                Error::usage(format!("`{}` is not in {}", path.display(), root.display()))
                    .hint("name a path of this laid directory")
            };
            let inside = whole.strip_prefix(&root).map_err(|_| outside())?;
            let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
            let text = parts.ok_or_else(outside)?.join("/");
            if text.is_empty() {
                return Ok(Vec::new());
            }
            paths.push(RepoPath::new(text).map_err(|_| outside())?);
        }
        Ok(paths)
    }
}

impl Laid {
    fn read(
        session: &Session,
        place: &Place,
        tree: &dyn Tree,
        golden_path: Option<&str>,
        at_commit: bool,
    ) -> Result<Option<Self>> {
        let present = ["policy.yaml", "config.yaml", "lock.yaml"]
            .iter()
            .any(|name| tree.node(&RepoPath::roadbed(name)) != Node::Absent);
        // Of a commit only the commit itself can tell.
        if !present && (at_commit || !place.has_roadbed) {
            return Ok(None);
        }
        let (policy, policy_text): (Policy, _) = required(tree, "policy.yaml", schemas::POLICY, place)?;
        check_tier(&policy, &policy_text, place)?;
        let (config, config_text): (Config, _) = required(tree, "config.yaml", schemas::CONFIG, place)?;
        let lock: Option<Lock> =
            optional(tree, "lock.yaml", schemas::LOCK, place).map_err(rewritable)?.map(|(lock, _)| lock);
        let (source, from): (Source, &Path) = match golden_path {
            Some(source) => (source.parse()?, &session.directory),
            None => (policy.golden_path.source.parse()?, &place.laid),
        };
        let versions = sources::open(&source, from)?;
        let latest = newest(&policy, &versions)?;
        let base = lock.as_ref().and_then(|lock| lock.bases.get(&lock.base));
        let wanted = base.map_or(&latest, |base| &base.version);
        let (path, mut no_base) = match versions.get(wanted)? {
            Some(path) => (path, None),
            None => (versions.require(&latest)?, Some(format!("version {wanted} of {source} is not to be had"))),
        };
        let foreign = golden_path.is_some() && base.is_some_and(|base| base.source != path.identity.source);
        let directory = matches!(source, Source::Directory(_));
        let path_edited = foreign || directory && base.is_some_and(|base| base.digest != path.identity.digest);
        if let (None, Some(lock)) = (base, &lock) {
            no_base = Some(format!("`base` names `{}`, which is not among `bases`", lock.base));
        }
        let keep_lock = foreign || no_base.is_some();
        let range = semver::VersionReq::parse(&policy.golden_path.version);
        let out_of_range = base.is_some_and(|base| range.is_ok_and(|range| !range.matches(&base.version)));
        let main = render(&path, &config, base)?;
        let (locked, held) = match &lock {
            Some(lock) if no_base.is_none() && !foreign => {
                crate::plan::compose(&main, &further(&versions, &config, lock), lock)
            }
            _ => (main, Held::default()),
        };
        let profile = profile(&path, &policy, place)?;
        Ok(Some(Laid {
            policy,
            config,
            config_text,
            lock,
            path,
            locked,
            held,
            versions,
            profile,
            latest,
            no_base,
            path_edited,
            keep_lock,
            out_of_range,
        }))
    }

    /// The version that was laid: the lock's word for it, where that version cannot be had.
    pub(super) fn version(&self) -> &semver::Version {
        self.base().map_or(&self.locked.identity.version, |base| &base.version)
    }

    /// The version that the lock names; none without a lock.
    pub(super) fn locked_version(&self) -> Option<&semver::Version> {
        self.base().map(|base| &base.version)
    }

    /// What decides the levels here.
    pub(super) fn standing(&self) -> Standing<'_> {
        let Policy { exposure, tier, levels, .. } = &self.policy;
        Standing { profile: &self.profile, exposure: *exposure, tier: *tier, policy: levels }
    }

    /// All answers that the repo was laid with.
    pub(super) fn answers(&self) -> &Answers {
        match (&self.no_base, self.base()) {
            (Some(_), Some(base)) => &base.answers,
            _ => &self.locked.answers,
        }
    }

    fn base(&self) -> Option<&Base> {
        self.lock.as_ref().and_then(|lock| lock.bases.get(&lock.base))
    }

    /// Whether the policy allows a version.
    pub(super) fn allows(&self, version: &semver::Version) -> bool {
        semver::VersionReq::parse(&self.policy.golden_path.version).is_ok_and(|range| range.matches(version))
    }

    /// Where the repo stands, for documents.
    pub(super) fn state(&self) -> crate::output::json::PathState {
        crate::output::json::PathState::new(&self.locked.identity, &self.latest)
    }
}

/// The profile `growth` of the named path, or of the built-in one, at its newest version.
fn unlaid_profile(session: &Session, golden_path: Option<&str>) -> Result<Profile> {
    let source: Source = golden_path.unwrap_or("builtin").parse()?;
    let versions = sources::open(&source, &session.directory)?;
    let version = match &source {
        Source::Builtin { version: Some(version) } => version.clone(),
        _ => versions.latest(),
    };
    let profiles = versions.require(&version)?.manifest.profiles;
    Ok(profiles.get("growth").cloned().unwrap_or_default())
}

/// The lock is a cache: one that cannot be read is better made anew than mended.
fn rewritable(error: Error) -> Error {
    error.hint("delete the lock, and `roadbed fix` writes it again")
}

fn check_tier(policy: &Policy, text: &str, place: &Place) -> Result<()> {
    if (1..=4).contains(&policy.tier) {
        return Ok(());
    }
    let mut problem = Problem::new(format!("`tier` is {}, and must be 1 (most critical) to 4", policy.tier));
    if let Some(span) = edit::locate(edit::Format::Yaml, text, &["tier"]) {
        problem = problem.at(Position { line: span.line, column: span.column }, text);
    }
    let problem = problem.in_file(shown("policy.yaml", place)).hint("write a number from 1 to 4");
    Err(Error::new(schemas::POLICY.kind, problem))
}

/// The profile that the policy names.
fn profile(path: &GoldenPath, policy: &Policy, place: &Place) -> Result<Profile> {
    if let Some(profile) = path.manifest.profiles.get(&policy.profile) {
        return Ok(profile.clone());
    }
    let known: Vec<&str> = path.manifest.profiles.keys().map(String::as_str).collect();
    let error = Error::repository(format!("the golden path has no profile `{}`", policy.profile));
    Err(error.in_file(&shown("policy.yaml", place)).hint(document::suggest(&policy.profile, &known)))
}

/// The newest version that the policy allows.
fn newest(policy: &Policy, versions: &Versions) -> Result<semver::Version> {
    let file = RepoPath::roadbed("policy.yaml");
    let range = semver::VersionReq::parse(&policy.golden_path.version).map_err(|error| {
        let text = &policy.golden_path.version;
        Error::repository(format!("`{text}` is not a version range: {error}"))
            .in_file(file.as_str())
            .hint("write one such as \"^1\"")
    })?;
    versions.newest_allowed(&range).ok_or_else(|| {
        let known: Vec<String> = versions.list().iter().map(ToString::to_string).collect();
        Error::repository(format!("no version of the golden path fits `{range}`"))
            .in_file(file.as_str())
            .hint(format!("there is: {}", known.join(", ")))
    })
}

/// What the locked version renders to: the lock's assets and answers, and what the config's template adds to them.
fn render(path: &GoldenPath, config: &Config, base: Option<&Base>) -> Result<Render> {
    let template = base.map_or(&config.template, |base| &base.template).as_deref();
    let chosen = golden_path::closure(path, config.template.as_deref(), &config.add, &config.without)?;
    let assets = match base {
        None => chosen,
        Some(base) => {
            // The lock is a cache: an asset of the template's that it leaves out is measured all the same.
            let known = |asset: &&String| path.assets.contains_key(*asset);
            let own = golden_path::closure(path, config.template.as_deref(), &[], &config.without)?;
            let mut assets: Vec<String> = base.assets.iter().filter(known).cloned().chain(own).collect();
            assets.sort();
            assets.dedup();
            assets
        }
    };
    let questions = golden_path::questions_for(path, &assets);
    let answer = |stored: &Answers| {
        let given = Given::default()
            .with(Origin::Stored, Supplied::Typed(stored.clone()))
            .with(Origin::Template, Supplied::Typed(preset(path, template)));
        golden_path::resolve(&questions, &given, true, &mut golden_path::Nobody)
    };
    // Answers that the lock cannot have from roadbed are no reason to stop: the config's stand in, and the lock is found out.
    let answers = match base.map(|base| answer(&base.answers)) {
        Some(Ok(answers)) => answers,
        _ => answer(&config.answers)
            .map_err(|error| Error { kind: crate::error::Kind::Repository, ..error.in_file(".roadbed/config.yaml") })?,
    };
    golden_path::render(path, template, &assets, &answers)
}

/// What the further bases of a lock render to, as far as they can be had. Their source is the policy's, whatever the lock says.
fn further(versions: &Versions, config: &Config, lock: &Lock) -> BTreeMap<String, Render> {
    let render = |id: &str| {
        let base = lock.bases.get(id)?;
        let path = versions.get(&base.version).ok()??;
        render(&path, config, Some(base)).ok()
    };
    crate::plan::further(lock).filter_map(|id| Some((id.to_owned(), render(id)?))).collect()
}

/// The answers that a template gives by itself.
pub(super) fn preset(path: &GoldenPath, template: Option<&str>) -> Answers {
    template.and_then(|id| path.manifest.templates.get(id)).map(|template| template.answers.clone()).unwrap_or_default()
}

fn required<T: serde::de::DeserializeOwned>(
    tree: &dyn Tree,
    name: &'static str,
    schema: Schema,
    place: &Place,
) -> Result<(T, String)> {
    optional(tree, name, schema, place)?.ok_or_else(|| {
        let problem = Problem::new("the file is missing, and roadbed needs it").in_file(shown(name, place));
        let path = shown(name, place);
        Error::new(schema.kind, problem.hint(format!("bring it back: git checkout HEAD -- {path}")))
    })
}

fn optional<T: serde::de::DeserializeOwned>(
    tree: &dyn Tree,
    name: &'static str,
    schema: Schema,
    place: &Place,
) -> Result<Option<(T, String)>> {
    let shown = shown(name, place);
    let file = match tree.node(&RepoPath::roadbed(name)) {
        Node::Absent => return Ok(None),
        Node::File(file) if file.mode != crate::model::file::FileMode::Symlink => file,
        Node::File(_) => return Err(Error::repository("it must be a file, and is a symlink").in_file(&shown)),
        Node::Directory => return Err(Error::repository("it must be a file, and is a directory").in_file(&shown)),
        Node::Obstacle(why) => return Err(Error::repository(why.to_string()).in_file(&shown)),
    };
    let value = document::read(schema, &shown, &file.bytes)?;
    Ok(Some((value, String::from_utf8(file.bytes).unwrap_or_default())))
}

fn shown(name: &str, place: &Place) -> String {
    let prefix = place.prefix.as_ref().map_or_else(String::new, |prefix| format!("{prefix}/"));
    format!("{prefix}.roadbed/{name}")
}

/// The tree of a place, and its commit: a working directory has none.
fn open_tree(place: &Place, rev: Option<&str>) -> Result<(Box<dyn Tree>, Option<String>)> {
    let Some(rev) = rev.or(place.bare.then_some("HEAD")) else { return Ok((Box::new(WorkTree::open(place)?), None)) };
    let tree = CommitTree::open(place, rev)?;
    let commit = tree.commit().to_owned();
    Ok((Box::new(tree), Some(commit)))
}

/// What git knows of a working directory.
struct ByGit(Place);

impl Tracking for ByGit {
    fn unsafe_to_edit(&self, path: &RepoPath) -> Result<Option<ConflictKind>> {
        Ok(repo::clean::dirt(&self.0, path)?.map(|dirt| match dirt {
            Dirt::Modified => ConflictKind::Dirty,
            Dirt::Untracked | Dirt::Ignored => ConflictKind::Untracked,
        }))
    }

    fn blob(&self, id: BlobId) -> Option<Vec<u8>> {
        repo::find_blob(&self.0, id)
    }
}
