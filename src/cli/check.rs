//! `roadbed check`

use clap::{Args, ValueEnum};

use super::args::{known_rules, rules, split_list};
use super::blame;
use super::online::Online;
use super::report::{self, Checked, Wanted};
use super::session::Session;
use super::since::Since;
use super::workspace::{Ask, Workspace};
use crate::catalogue::OFFLINE;
use crate::error::Result;
use crate::model::finding::{Finding, Level, Status};
use crate::model::lookup::Lookup;
use crate::model::plan::Plan;
use crate::model::tree::Tree;
use crate::output::json::{self, FindingRow, Findings, Summary};
use crate::output::text::count;
use crate::plan::Goal;
use crate::repo;

/// Show every difference between this repository and its golden path
///
/// Renders what the locked version asks for and compares it with the files, by who owns each: a file that the path owns must
/// be as rendered, one that the team owns must only exist. Writes nothing, runs nothing, needs no network.
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    roadbed check\n  \
    roadbed check --rev origin/main --format json\n  \
    roadbed check --since origin/main\n  \
    roadbed -C mirror.git check --rev main\n\n\
    Exit code 1 says that something at or above --fail-on was found. `roadbed fix` mends what it can.")]
pub(super) struct Check {
    /// Look at a commit, without a checkout; works in bare repositories
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
    /// Show only what is not in the merge base of REV and HEAD, judged by the policy of REV; `auto` takes REV from the
    /// CI system's event
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    /// Name the commit that began each finding, found by checking the commits before
    #[arg(long)]
    blame: bool,
    /// The mildest level that makes the command exit 1
    #[arg(long, value_name = "LEVEL", default_value = "block")]
    fail_on: FailOn,
    /// Show only these rules
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Show only the findings of these owners
    #[arg(long, value_name = "TEAM")]
    owner: Vec<String>,
    /// Show what merely informs, too
    #[arg(long)]
    pedantic: bool,
    /// Ask GitHub whether commits that the catalogue does not know are the actions' own, and registries whether digests are
    /// those of their tags
    #[arg(long)]
    online: bool,
    /// Serve every directory of the repository that has a .roadbed/, one JSON document a line
    #[arg(long)]
    all: bool,
    /// Measure against another golden path: builtin or a directory
    #[arg(long, value_name = "SOURCE")]
    golden_path: Option<String>,
}

/// What makes `check` fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Findings that block
    Block,
    /// Findings that warn or block
    Warn,
    /// Nothing
    Never,
}

impl Check {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let (golden_path, rev) = (self.golden_path.as_deref(), self.rev.as_deref());
        let mut workspaces = if self.all {
            Workspace::all(session, golden_path, rev)?
        } else {
            vec![Workspace::open(session, golden_path, rev)?]
        };
        let (mut checked, mut notes) = (Vec::new(), Vec::new());
        let mut online = Online::begin(self.online)?;
        let since = match &self.since {
            Some(base) => {
                let place = repo::discover(&session.directory)?;
                let since = Since::open(&place, base, rev)?;
                if self.all {
                    workspaces.extend(since.dropped(session, &place, &workspaces, golden_path, rev)?);
                }
                Some(since)
            }
            None => None,
        };
        for workspace in workspaces {
            let (mut findings, plan) = self.findings(session, &workspace, since.as_ref(), online.as_mut())?;
            notes.extend(plan.notes);
            if let Some(note) = unsayable(workspace.tree.as_ref()) {
                session.say(&note);
            }
            if let Some(laid) = &workspace.laid {
                let known = known_rules(&workspace.rules);
                session.advise(&laid.idle_levels(&known, &workspace.place));
            }
            if self.blame {
                // Whoever reads JSON sees `null` there, and must know why.
                if let Some(note) = blame::blame(session, &workspace, golden_path, &mut findings)? {
                    session.say(&note);
                }
            }
            checked.push(Checked { workspace, findings });
        }
        // Text of several directories would not say where one ends: each is a document of its own.
        let lines = self.all && session.format.is_for_all();
        if lines || session.is_json() {
            let mut answer = String::new();
            for Checked { workspace, findings } in &checked {
                answer.push_str(&json::text(&document(session, workspace, findings, since.as_ref())?, lines));
            }
            session.answer(answer)?;
        } else {
            let fix = self.fix_command(session, &checked);
            let wanted = Wanted {
                fail_on: self.least(),
                since: since.as_ref().map(|since| since.base.name.as_str()),
                fix: &fix,
            };
            report::print(session, &checked, &wanted)?;
        }
        if let ([Checked { workspace, findings }], false) = (checked.as_slice(), self.all || session.is_json()) {
            self.talk(session, workspace, findings, &notes, since.as_ref());
        }
        Ok(u8::from(checked.iter().any(|checked| self.fails(&checked.findings))))
    }

    fn findings(
        &self,
        session: &Session,
        workspace: &Workspace,
        since: Option<&Since>,
        online: Option<&mut Online>,
    ) -> Result<(Vec<Finding>, Plan)> {
        let mut plan = workspace.plan(&Goal::Hold, &Ask::findings(None))?;
        let known = match online {
            None => &OFFLINE,
            Some(online) => {
                // What pins would be is for `fix` to ask.
                plan.lookups.retain(Lookup::confirms);
                online.ask(session, std::mem::take(&mut plan.lookups));
                plan = workspace.plan(&Goal::Hold, &Ask::findings(Some(online.known())))?;
                online.known()
            }
        };
        let (rules, owners) = (rules(&self.rule, &workspace.rules)?, split_list(&self.owner));
        let wanted = |finding: &Finding| {
            (rules.is_empty() || rules.contains(&finding.rule))
                && (owners.is_empty() || finding.owner.as_ref().is_some_and(|owner| owners.contains(owner)))
                && (self.pedantic || finding.level > Level::Info)
        };
        let mut findings = match since {
            Some(since) => since.findings(session, workspace, self.golden_path.as_deref(), known)?,
            None => std::mem::take(&mut plan.findings),
        };
        findings.retain(wanted);
        // A command must work where it is read: the planner counts from the laid directory, the reader from his own.
        for next in findings.iter_mut().filter_map(|finding| finding.next.as_mut()) {
            *next = workspace.next_from(session, next);
        }
        Ok((findings, plan))
    }

    fn talk(
        &self,
        session: &Session,
        workspace: &Workspace,
        findings: &[Finding],
        notes: &[String],
        since: Option<&Since>,
    ) {
        let filtered = !(self.rule.is_empty() && self.owner.is_empty());
        match (findings.is_empty(), since, &workspace.laid) {
            (true, ..) if filtered => session.say("nothing that these filters let through"),
            (true, Some(since), _) => session.say(&format!(
                "nothing that {} does not have (merge base {})",
                since.base.name,
                short(&since.merge_base)
            )),
            (true, None, Some(laid)) => {
                let paths: std::collections::BTreeSet<_> = laid.locked.files.iter().map(|part| &part.path).collect();
                let files = count(paths.len(), "file");
                let identity = &laid.locked.identity;
                session.say(&format!("on the path: {files} as {} {} has them", identity.source, identity.version));
            }
            (true, None, None) => session.say("no golden path is laid here, and its rules find nothing"),
            (false, _, None) => session.say("no golden path is laid here; these are its rules alone"),
            (false, _, Some(_)) => {}
        }
        for note in notes {
            session.say(note);
        }
        let Some(laid) = &workspace.laid else { return };
        if laid.latest > laid.locked.identity.version && !self.pedantic {
            session.say(&format!("version {} of the golden path is out", laid.latest));
        }
    }

    /// The mildest level that fails.
    fn least(&self) -> Option<Level> {
        match self.fail_on {
            FailOn::Block => Some(Level::Block),
            FailOn::Warn => Some(Level::Warn),
            FailOn::Never => None,
        }
    }

    fn fails(&self, findings: &[Finding]) -> bool {
        let least = self.least();
        findings.iter().any(|f| f.status != Status::Excepted && least.is_some_and(|least| f.level >= least))
    }

    /// The command that mends what one directory lacks, as it works where the session is.
    fn fix_command(&self, session: &Session, checked: &[Checked]) -> String {
        match checked {
            [Checked { workspace, .. }] if !self.all => workspace.next_from(session, "roadbed fix"),
            _ => "roadbed fix".to_owned(),
        }
    }
}

/// What is to be said of files that no finding could name.
fn unsayable(tree: &dyn Tree) -> Option<String> {
    const MOST: usize = 3;
    let mut names = tree.unsayable();
    names.sort();
    let (have, they) = if names.len() == 1 { ("is", "it was") } else { ("are", "they were") };
    let rest = names.len().saturating_sub(MOST);
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let shown = names.iter().take(MOST).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let name = if names.len() == 1 { "this name" } else { "these names" };
    (!names.is_empty()).then(|| format!("{name} {have} not UTF-8, so {they} not checked: {shown}{rest}"))
}

/// A commit's id, as people write it.
fn short(commit: &str) -> &str {
    &commit[..commit.len().min(12)]
}

fn document(session: &Session, workspace: &Workspace, findings: &[Finding], since: Option<&Since>) -> Result<Findings> {
    let prefix = workspace.prefix();
    Ok(Findings {
        schema: "roadbed/findings/v1".to_owned(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        commit: workspace.commit.clone(),
        since: since.map(|since| since.merge_base.clone()),
        as_of: session.as_of.to_string(),
        golden_path: workspace.judge()?,
        directory: workspace.place.prefix.as_ref().map_or_else(|| ".".to_owned(), ToString::to_string),
        summary: Summary::of(findings),
        findings: findings.iter().map(|finding| FindingRow::new(finding, &prefix)).collect(),
    })
}
