//! `roadbed fix`

use std::path::PathBuf;

use clap::Args;

use super::args::rules;
use super::online::Online;
use super::session::Session;
use super::workspace::{Ask, Workspace};
use super::write::{Outcome, Write};
use crate::error::Result;
use crate::model::finding::{Finding, Level};
use crate::output::text::count;
use crate::plan::{Goal, Selection};

/// Mend what drifted: restore what the path owns, bring back what is gone
///
/// Changes the working tree only; no commit, no index. Files with changes that are not committed are left alone, and so is all
/// that the path does not own. Either every change lands or none does.
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  roadbed fix --dry-run\n  roadbed fix\n  roadbed fix .github --rule drift/missing\n  \
    roadbed fix --online --rule github/unpinned-action\n\n\
    With --online, `git ls-remote` asks GitHub, and HTTPS asks the registries that images name. Proxies and SSL_CERT_FILE are taken \
    from the environment. ROADBED_GITHUB_URL names another server for actions, ROADBED_REGISTRY_URL one for images of Docker Hub. \
    What cannot be resolved stays as it is, and is said."
)]
pub(super) struct Fix {
    /// Only these files and directories
    paths: Vec<PathBuf>,
    /// Only what these rules find
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Apply fixes that may change what a file does, too
    #[arg(long)]
    unsafe_fixes: bool,
    /// Look up in the network what the catalogue does not know: the commits of actions' tags, the digests of images
    #[arg(long)]
    online: bool,
    /// List the changes and make none
    #[arg(long)]
    dry_run: bool,
    /// Edit files with changes that are not committed, too
    #[arg(long)]
    allow_dirty: bool,
    /// Measure against another golden path: builtin or a directory
    #[arg(long, value_name = "SOURCE")]
    golden_path: Option<String>,
}

impl Fix {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let write = Write::begin(session, self.dry_run)?;
        let workspace = Workspace::open(session, self.golden_path.as_deref(), None)?;
        let selection =
            Selection { paths: workspace.select(session, &self.paths)?, rules: rules(&self.rule, &workspace.rules)? };
        let mut online = Online::begin(self.online)?;
        let ask = Ask {
            selection,
            allow_dirty: self.allow_dirty,
            unsafe_fixes: self.unsafe_fixes,
            command: "roadbed fix",
            ..Ask::default()
        };
        let mut plan = workspace.plan(&Goal::Hold, &ask)?;
        workspace.require_known(&ask.selection.paths, &plan)?;
        if let Some(online) = &mut online {
            online.ask(session, std::mem::take(&mut plan.lookups));
        }
        let ask = Ask { known: online.as_ref().map(Online::known), ..ask };
        if online.is_some() {
            plan = workspace.plan(&Goal::Hold, &ask)?;
        }
        let version = workspace.laid.as_ref().map(|laid| laid.locked.identity.version.to_string());
        let code = write.finish(
            session,
            &workspace,
            &plan,
            &Outcome { from: version.clone(), to: version, done: "mended", preface: String::new(), survey: None },
        )?;
        if code != 0 {
            return Ok(code);
        }
        let after = if self.dry_run {
            plan
        } else {
            Workspace::open(session, self.golden_path.as_deref(), None)?.plan(&Goal::Hold, &ask)?
        };
        let remains = |finding: &&Finding| {
            finding.level == Level::Block
                && !(self.dry_run && finding.fix.is_some())
                && ask.selection.has_path(&finding.path)
                && ask.selection.has_rule(&finding.rule)
        };
        let left = after.findings.iter().filter(remains).count();
        if left > 0 {
            session.say(&format!("{} left; `roadbed check` shows what blocks", count(left, "blocking finding")));
        }
        Ok(u8::from(left > 0))
    }
}
