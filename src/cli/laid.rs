//! A golden path, as it is laid in a repo: the files under `.roadbed/`, and what the locked version renders to.

use std::collections::BTreeMap;
use std::path::Path;

use super::allowed::{Allowed, Wrong};
use super::session::Session;
use super::sources;
use crate::edit;
use crate::error::{Error, Position, Problem, Result};
use crate::golden_path::levels::{self, Standing};
use crate::golden_path::manifest::Profile;
use crate::golden_path::{self, Given, GoldenPath, Origin, Render, Source, Supplied, Versions};
use crate::model::answer::Answers;
use crate::model::document::{self, Schema, schemas};
use crate::model::path::RepoPath;
use crate::model::repo_files::{Base, Config, Lock, Policy};
use crate::model::tree::{Node, Tree};
use crate::plan::{Held, written_lock};
use crate::repo::Place;

/// A golden path, as it is laid in a repo.
pub(super) struct Laid {
    pub(super) policy: Policy,
    /// The versions that the policy allows.
    pub(super) allowed: Allowed,
    policy_text: String,
    pub(super) config: Config,
    pub(super) config_text: String,
    pub(super) lock: Option<Lock>,
    pub(super) path: GoldenPath,
    /// What each file that is laid was rendered to.
    pub(super) locked: Render,
    pub(super) held: Held,
    pub(super) versions: Versions,
    pub(super) profile: Profile,
    /// The newest version that the policy allows.
    pub(super) latest: semver::Version,
    /// Why the version that the lock names cannot be rendered.
    pub(super) no_base: Option<String>,
    pub(super) path_edited: bool,
    pub(super) keep_lock: bool,
    pub(super) out_of_range: bool,
}

impl Laid {
    /// Reads what is laid in `tree`; none where nothing is. A `golden_path` takes the place of the policy's.
    pub(super) fn read(
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
        let (policy, policy_text): (Policy, _) = Laid::required(tree, "policy.yaml", schemas::POLICY, place)?;
        check_tier(&policy, &policy_text, place)?;
        let (config, config_text): (Config, _) = Laid::required(tree, "config.yaml", schemas::CONFIG, place)?;
        let lock: Option<Lock> = lock(tree, place).map_err(rewritable)?;
        let (source, from): (Source, &Path) = match golden_path {
            Some(source) => (source.parse()?, &session.directory),
            None => (source(&policy, &policy_text, place)?, &place.laid),
        };
        let versions =
            if at_commit { sources::open(&source, from)? } else { sources::open_for_use(session, &source, from)? };
        let misplaced = |wrong: Wrong| in_policy(wrong.0, wrong.1, &policy_text, place);
        let allowed = Allowed::of(&policy, &source, golden_path.is_some()).map_err(misplaced)?;
        let latest = allowed.newest(&versions).map_err(misplaced)?;
        let base = lock.as_ref().and_then(|lock| lock.bases.get(&lock.base));
        // A version that was typed is meant, whatever is laid.
        let typed = match (&source, golden_path) {
            (Source::Builtin { version }, Some(_)) => version.as_ref(),
            _ => None,
        };
        let wanted = typed.or(base.map(|base| &base.version)).unwrap_or(&latest);
        let (path, mut no_base) = match versions.get(wanted)? {
            None if typed.is_some() => (versions.require(wanted)?, None),
            Some(path) => (path, None),
            None => (versions.require(&latest)?, Some(format!("version {wanted} of {source} is not to be had"))),
        };
        let other =
            |base: &Base| base.source != path.identity.source || typed.is_some_and(|typed| *typed != base.version);
        let foreign = golden_path.is_some() && base.is_some_and(other);
        let directory = matches!(source, Source::Directory(_));
        let path_edited = foreign || directory && base.is_some_and(|base| base.digest != path.identity.digest);
        if let (None, Some(lock)) = (base, &lock) {
            no_base = Some(format!("`base` names `{}`, which is not among `bases`", lock.base));
        }
        let keep_lock = foreign || no_base.is_some();
        let out_of_range = base.is_some_and(|base| !allowed.matches(&base.version));
        let choices = Choices { config: &config, text: &config_text, place };
        choices.check(&path, || versions.require(&latest))?;
        let main = render(&path, &config, base)?;
        let (locked, held) = match &lock {
            Some(lock) if no_base.is_none() && !foreign => {
                crate::plan::compose(main, &further(&versions, &config, lock), lock)
            }
            _ => (main, Held::default()),
        };
        let profile = profile(&path, &policy, &policy_text, place)?;
        check_omissions(&policy, &policy_text, &locked, place)?;
        Ok(Some(Laid {
            policy,
            allowed,
            policy_text,
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

    /// Levels of the policy that change nothing: of rules that do not exist, or milder than the profile's. They are no
    /// errors, because a newer roadbed may know the rule, and a newer version may ask for less.
    pub(super) fn idle_levels(&self, known: &[&str], place: &Place) -> Vec<Problem> {
        let idle = levels::idle(&self.standing(), known).into_iter();
        idle.map(|(rule, problem)| {
            at(problem, &self.policy_text, &["levels", &rule]).in_file(shown("policy.yaml", place))
        })
        .collect()
    }

    /// All answers that the repo was laid with.
    pub(super) fn answers(&self) -> &Answers {
        match (&self.no_base, self.base()) {
            (Some(_), Some(base)) => &base.answers,
            _ => &self.locked.answers,
        }
    }

    pub(super) fn base(&self) -> Option<&Base> {
        self.lock.as_ref().and_then(|lock| lock.bases.get(&lock.base))
    }

    /// One of the files under `.roadbed/`, with its text.
    pub(super) fn required<T: serde::de::DeserializeOwned>(
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

    /// Where the repo stands, for documents.
    pub(super) fn state(&self) -> crate::output::json::PathState {
        crate::output::json::PathState::new(&self.locked.identity, &self.latest)
    }
}

/// The lock is a cache: one that cannot be read is better made anew than mended.
fn rewritable(mut error: Error) -> Error {
    for problem in &mut error.problems {
        problem.hint = None;
    }
    error.hint("delete the lock, and `roadbed fix` writes it again")
}

fn check_tier(policy: &Policy, text: &str, place: &Place) -> Result<()> {
    if (1..=4).contains(&policy.tier) {
        return Ok(());
    }
    let problem = Problem::new(format!("`tier` is {}, and must be 1 (most critical) to 4", policy.tier));
    let problem = at(problem, text, &["tier"]).in_file(shown("policy.yaml", place));
    Err(Error::new(schemas::POLICY.kind, problem.hint("write a number from 1 to 4")))
}

/// The problem, at the key it is about.
fn at(problem: Problem, text: &str, key: &[&str]) -> Problem {
    match edit::locate(edit::Format::Yaml, text, key) {
        Some(span) => problem.at(Position { line: span.line, column: span.column }, text),
        None => problem,
    }
}

/// The policy leaves out only what an asset lets go.
fn check_omissions(policy: &Policy, text: &str, locked: &Render, place: &Place) -> Result<()> {
    let unfit = crate::plan::unfit_omissions(&policy.omit, locked).into_iter();
    let problems = unfit.map(|(number, problem)| {
        at(problem, text, &["omit", &number.to_string()]).in_file(shown("policy.yaml", place))
    });
    Error::all(schemas::POLICY.kind, problems.collect())
}

/// The profile that the policy names.
fn profile(path: &GoldenPath, policy: &Policy, text: &str, place: &Place) -> Result<Profile> {
    if let Some(profile) = path.profile(&policy.profile)? {
        return Ok(profile);
    }
    let known = path.profile_ids();
    let problem = Problem::new(format!("the golden path has no profile `{}`", policy.profile));
    let problem = at(problem, text, &["profile"]).in_file(shown("policy.yaml", place));
    Err(Error::new(schemas::POLICY.kind, problem.hint(document::suggest(&policy.profile, &known))))
}

/// The source that the policy names.
fn source(policy: &Policy, text: &str, place: &Place) -> Result<Source> {
    policy.golden_path.source.parse().map_err(|error: Error| {
        let problem = error.problems.into_iter().next().unwrap_or_else(|| Problem::new("it names no golden path"));
        in_policy("source", problem, text, place)
    })
}

/// What is wrong under the policy's `golden_path`, at its key.
fn in_policy(key: &str, problem: Problem, text: &str, place: &Place) -> Error {
    let problem = at(problem, text, &["golden_path", key]).in_file(shown("policy.yaml", place));
    Error::new(schemas::POLICY.kind, problem)
}

/// What a config chooses, held against what there is to choose.
struct Choices<'a> {
    config: &'a Config,
    text: &'a str,
    place: &'a Place,
}

impl Choices<'_> {
    /// Refuses what neither this version nor the newest has. What only the newest has is for `upgrade` to apply.
    fn check(&self, path: &GoldenPath, newest: impl FnOnce() -> Result<GoldenPath>) -> Result<()> {
        let Config { template, add, without, .. } = self.config;
        let templates = |path: &GoldenPath| path.manifest.templates.keys().cloned().collect::<Vec<_>>();
        let assets = |path: &GoldenPath| path.assets.keys().cloned().collect::<Vec<_>>();
        let named: Vec<(&str, &str, &String)> = template
            .iter()
            .map(|id| ("template", "template", id))
            .chain(add.iter().map(|id| ("add", "asset", id)))
            .chain(without.iter().map(|id| ("without", "asset", id)))
            .collect();
        let there = |path: &GoldenPath, what: &str| if what == "asset" { assets(path) } else { templates(path) };
        let unknown: Vec<_> = named.into_iter().filter(|(_, what, id)| !there(path, what).contains(id)).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let newest = newest()?;
        let mut problems = Vec::new();
        for (key, what, id) in unknown {
            let known = there(&newest, what);
            if known.contains(id) {
                continue;
            }
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let problem = at(Problem::new(format!("the golden path has no {what} `{id}`")), self.text, &[key]);
            let problem = problem.in_file(shown("config.yaml", self.place));
            problems.push(problem.hint(document::suggest(id, &known)));
        }
        Error::all(schemas::CONFIG.kind, problems)
    }
}

/// What the locked version renders to: the lock's assets and answers, and what the config's template adds to them.
fn render(path: &GoldenPath, config: &Config, base: Option<&Base>) -> Result<Render> {
    let template = base.map_or(&config.template, |base| &base.template).as_deref();
    let known = |asset: &&String| path.assets.contains_key(*asset);
    let without: Vec<String> = config.without.iter().filter(known).cloned().collect();
    // A template that only a newer version has is chosen, and not laid yet.
    let own = config.template.as_deref().filter(|id| path.manifest.templates.contains_key(*id)).or(template);
    let assets = match base {
        None => golden_path::closure(path, own, &config.add, &without)?,
        Some(base) => {
            // The lock is a cache: an asset of the template's that it leaves out is measured all the same.
            let own = golden_path::closure(path, own, &[], &without)?;
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
        // A release that is no longer what it was when it was laid says nothing about what was laid.
        let path = versions.get(&base.version).ok()?.filter(|path| path.identity.digest == base.digest)?;
        render(&path, config, Some(base)).ok()
    };
    crate::plan::further(lock).filter_map(|id| Some((id.to_owned(), render(id)?))).collect()
}

/// The answers that a template gives by itself.
pub(super) fn preset(path: &GoldenPath, template: Option<&str>) -> Answers {
    template.and_then(|id| path.manifest.templates.get(id)).map(|template| template.answers.clone()).unwrap_or_default()
}

fn optional<T: serde::de::DeserializeOwned>(
    tree: &dyn Tree,
    name: &'static str,
    schema: Schema,
    place: &Place,
) -> Result<Option<(T, String)>> {
    let shown = shown(name, place);
    let Some(bytes) = bytes(tree, name, &shown)? else { return Ok(None) };
    let value = document::read(schema, &shown, &bytes)?;
    Ok(Some((value, String::from_utf8(bytes).unwrap_or_default())))
}

fn lock(tree: &dyn Tree, place: &Place) -> Result<Option<Lock>> {
    let shown = shown("lock.yaml", place);
    let Some(bytes) = bytes(tree, "lock.yaml", &shown)? else { return Ok(None) };
    if let Some(lock) = std::str::from_utf8(&bytes).ok().and_then(written_lock) {
        return Ok(Some(lock));
    }
    document::read(schemas::LOCK, &shown, &bytes).map(Some)
}

fn bytes(tree: &dyn Tree, name: &'static str, shown: &str) -> Result<Option<Vec<u8>>> {
    match tree.node(&RepoPath::roadbed(name)) {
        Node::Absent => Ok(None),
        Node::File(file) if file.mode != crate::model::file::FileMode::Symlink => Ok(Some(file.bytes)),
        Node::File(_) => Err(Error::repository("it must be a file, and is a symlink").in_file(shown)),
        Node::Directory => Err(Error::repository("it must be a file, and is a directory").in_file(shown)),
        Node::Obstacle(why) => Err(Error::repository(why.to_string()).in_file(shown)),
    }
}

fn shown(name: &str, place: &Place) -> String {
    let prefix = place.prefix.as_ref().map_or_else(String::new, |prefix| format!("{prefix}/"));
    format!("{prefix}.roadbed/{name}")
}
