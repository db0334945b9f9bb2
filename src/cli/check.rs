//! `roadbed check`

use clap::{Args, ValueEnum};

use super::args::{rules, split_list};
use super::session::Session;
use super::sources;
use super::workspace::{Ask, Workspace};
use crate::error::Result;
use crate::model::finding::{Finding, Level, Status};
use crate::model::plan::Plan;
use crate::model::tree::Node;
use crate::output::json::{self, FindingRow, Findings, PathState, Summary};
use crate::output::text;
use crate::output::text::count;
use crate::plan::Goal;

/// Show every difference between this repository and its golden path
///
/// Renders what the locked version asks for and compares it with the files, by who owns each: a file that the path owns must
/// be as rendered, one that the team owns must only exist. Writes nothing, runs nothing, needs no network.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    roadbed check\n  \
    roadbed check --rev origin/main --format json\n  \
    roadbed -C mirror.git check --rev main\n\n\
    Exit code 1 says that something at or above --fail-on was found. `roadbed fix` mends what it can.")]
pub(super) struct Check {
    /// Look at a commit, without a checkout; works in bare repositories
    #[arg(long, value_name = "REV")]
    rev: Option<String>,
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
        if !self.all {
            let workspace = Workspace::open(session, self.golden_path.as_deref(), self.rev.as_deref())?;
            let (findings, plan) = self.findings(session, &workspace)?;
            if session.is_json() {
                session.answer(json::text(&document(session, &workspace, &findings)?, false))?;
            } else {
                session.answer(text_of(session, &workspace, &findings))?;
                self.talk(session, &workspace, &findings, &plan);
            }
            return Ok(self.code(&findings));
        }
        let mut answer = String::new();
        let mut code = 0;
        for workspace in Workspace::all(session, self.golden_path.as_deref(), self.rev.as_deref())? {
            let (findings, _) = self.findings(session, &workspace)?;
            answer.push_str(&json::text(&document(session, &workspace, &findings)?, true));
            code = code.max(self.code(&findings));
        }
        session.answer(answer)?;
        Ok(code)
    }

    fn findings(&self, session: &Session, workspace: &Workspace) -> Result<(Vec<Finding>, Plan)> {
        let mut plan = workspace.plan(&Goal::Hold, &Ask { command: "roadbed fix", ..Ask::default() })?;
        let (rules, owners) = (rules(&self.rule)?, split_list(&self.owner));
        let wanted = |finding: &Finding| {
            (rules.is_empty() || rules.contains(&finding.rule))
                && (owners.is_empty() || finding.owner.as_ref().is_some_and(|owner| owners.contains(owner)))
                && (self.pedantic || finding.level > Level::Info)
        };
        let mut findings = std::mem::take(&mut plan.findings);
        findings.retain(wanted);
        // A command must work where it is read: the planner counts from the laid directory, the reader from his own.
        let way = sources::relative(&workspace.place.laid, &session.directory);
        if way != "." {
            let there = format!("roadbed -C {} fix", crate::plan::shell_word(&way));
            for next in findings.iter_mut().filter_map(|finding| finding.next.as_mut()) {
                *next = next.replace("roadbed fix", &there);
            }
        }
        Ok((findings, plan))
    }

    fn talk(&self, session: &Session, workspace: &Workspace, findings: &[Finding], plan: &Plan) {
        let Some(laid) = &workspace.laid else {
            if findings.is_empty() {
                session.say("no golden path is laid here, and its rules find nothing");
            } else {
                session.say("no golden path is laid here; these are its rules alone");
            }
            return;
        };
        if findings.is_empty() && !(self.rule.is_empty() && self.owner.is_empty()) {
            session.say("nothing that these filters let through");
        } else if findings.is_empty() {
            let paths: std::collections::BTreeSet<_> = laid.locked.files.iter().map(|part| &part.path).collect();
            let files = count(paths.len(), "file");
            let identity = &laid.locked.identity;
            session.say(&format!("on the path: {files} as {} {} has them", identity.source, identity.version));
        }
        if laid.latest > laid.locked.identity.version && !self.pedantic {
            session.say(&format!("version {} of the golden path is out", laid.latest));
        }
        for note in &plan.notes {
            session.say(note);
        }
    }

    fn code(&self, findings: &[Finding]) -> u8 {
        let least = match self.fail_on {
            FailOn::Block => Level::Block,
            FailOn::Warn => Level::Warn,
            FailOn::Never => return 0,
        };
        u8::from(findings.iter().any(|f| f.status != Status::Excepted && f.level >= least))
    }
}

fn document(session: &Session, workspace: &Workspace, findings: &[Finding]) -> Result<Findings> {
    let golden_path = match &workspace.laid {
        Some(laid) => laid.state(),
        // Where nothing is laid, the built-in path is what there is to be held to.
        None => PathState::builtin()?,
    };
    let prefix = workspace.prefix();
    Ok(Findings {
        schema: "roadbed/findings/v1".to_owned(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        commit: workspace.commit.clone(),
        as_of: session.as_of.to_string(),
        golden_path,
        directory: workspace.place.prefix.as_ref().map_or_else(|| ".".to_owned(), ToString::to_string),
        summary: Summary::of(findings),
        findings: findings.iter().map(|finding| FindingRow::new(finding, &prefix)).collect(),
    })
}

fn text_of(session: &Session, workspace: &Workspace, findings: &[Finding]) -> String {
    let source = |finding: &Finding| match workspace.tree.node(&finding.path) {
        Node::File(file) => file.text().map(str::to_owned),
        _ => None,
    };
    text::findings(findings, &text::View { prefix: &workspace.prefix(), colour: session.colour(), source: &source })
}
