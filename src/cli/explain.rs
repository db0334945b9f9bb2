//! `roadbed explain`

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use super::session::Session;
use super::workspace::Workspace;
use crate::error::{Error, Result};
use crate::golden_path::Control;
use crate::golden_path::{GoldenPath, Versions};
use crate::model::document::nearest;
use crate::model::ownership::Ownership;
use crate::output::json;
use crate::plan::RULES;

/// Say what a rule, a control, an asset, a template or a file of the golden path is, and why
///
/// For a file: who owns it, whether you may edit it, and what an upgrade does with it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    roadbed explain github/unpinned-action\n  \
    roadbed explain GP-CI-01\n  \
    roadbed explain .github/workflows/ci.yml")]
pub(super) struct Explain {
    /// An id, or the path of a file that the golden path lays
    #[arg(value_name = "ID|PATH")]
    subject: String,
}

/// What was asked about, and all that is known of it.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    id: &'a str,
    kind: &'static str,
    /// In Markdown.
    text: &'a str,
}

impl Explain {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let (kind, text) = self.said(session)?;
        if session.is_json() {
            let document = Document { schema: "roadbed/explain/v1", id: &self.subject, kind, text: &text };
            session.answer(json::text(&document, false))?;
        } else {
            session.answer(text)?;
        }
        Ok(0)
    }

    /// What kind of thing the subject is, and its page.
    fn said(&self, session: &Session) -> Result<(&'static str, String)> {
        let id = self.subject.as_str();
        if let Some(rule) = crate::rules::find(id) {
            return Ok(("rule", rule.page.to_owned()));
        }
        if RULES.contains(&id)
            && let Some(meaning) = crate::plan::meaning(id)
        {
            return Ok(("rule", format!("# {id}\n\n{}.\n\n## Why\n\n{}.\n", meaning.title, sentence(meaning.why))));
        }
        let workspace = Workspace::open(session, None, None)?;
        if let Some(page) = workspace.rules.page(id) {
            return Ok(("rule", crate::output::encode::block(&page).into_owned()));
        }
        let path = workspace.laid.as_ref().map(|laid| &laid.path);
        let controls = crate::golden_path::controls(path);
        if let Some(control) = controls.get(id) {
            return Ok(("control", of_control(id, control, &workspace.rules)));
        }
        let builtin;
        let path = match path {
            Some(path) => path,
            None => {
                let versions = Versions::builtin()?;
                builtin = versions.require(&versions.latest())?;
                &builtin
            }
        };
        if let Some(said) = of_path(path, id) {
            return Ok(said);
        }
        if let Some(text) = self.file(session, &workspace) {
            return Ok(("file", text));
        }
        let rules = crate::rules::all().map(|rule| rule.id).chain(RULES).chain(workspace.rules.ids());
        let others = controls.keys().chain(path.manifest.templates.keys()).chain(path.assets.keys());
        let hint = match nearest(id, rules.chain(others.map(String::as_str))) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`roadbed path list` names templates and assets, `roadbed check` the rules that find something, \
                     `roadbed status` says what is laid"
                .to_owned(),
        };
        Err(Error::usage(format!("`{id}` is no rule, control, asset, template or laid file")).hint(hint))
    }

    /// What the golden path says of a file.
    fn file(&self, session: &Session, workspace: &Workspace) -> Option<String> {
        let laid = workspace.laid.as_ref()?;
        let selected = workspace.select(session, &[std::path::PathBuf::from(&self.subject)]).ok()?;
        let path = selected.first()?;
        let parts: Vec<_> = laid.locked.files.iter().filter(|part| part.path == *path).collect();
        if parts.is_empty() {
            return None;
        }
        let mut text = format!("# {path}\n");
        for part in parts {
            let (owner, edit, upgrade) = terms(part.ownership);
            let asset = &part.asset;
            let mode = part.ownership.word();
            let _ = write!(
                text,
                "\nAsset `{asset}` lays it, in mode `{mode}`.\n\n- Who owns it: {owner}\n- May I edit it: {edit}\n- On upgrade: {upgrade}\n"
            );
            if let Some((block, _)) = &part.block {
                let _ = writeln!(text, "- The block: `{block}`, between its two marker lines");
            }
            if let Some(controls) = laid.locked.controls.get(asset).filter(|controls| !controls.is_empty()) {
                let _ = writeln!(text, "- Why: {}", controls.join(", "));
            }
        }
        Some(text)
    }
}

/// With a capital at its start.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// Who owns a file of this mode, whether a team may edit it, and what an upgrade does.
fn terms(mode: Ownership) -> (&'static str, &'static str, &'static str) {
    match mode {
        Ownership::Enforced => {
            ("the golden path, whole", "no: any difference is drift, and `fix` restores it", "replaced")
        }
        Ownership::Merged => ("your team", "yes: edits are no drift, and rules still apply", "merged with your edits"),
        Ownership::Block => (
            "your team, but for the block",
            "yes, outside the block; `fix` restores the block",
            "the block is replaced",
        ),
        Ownership::Keys => {
            ("your team, but for the keys that the path names", "yes, all other keys", "the path's keys are set anew")
        }
        Ownership::Once => ("your team, from the first commit on", "yes", "nothing"),
    }
}

/// What a golden path says of an id.
fn of_path(path: &GoldenPath, id: &str) -> Option<(&'static str, String)> {
    if let Some(template) = path.manifest.templates.get(id) {
        let assets = template.assets.join(", ");
        let text = format!("# {id}\n\n{}\n\nA template of these assets: {assets}\n", template.description);
        return Some(("template", text));
    }
    if let Some(asset) = path.assets.get(id) {
        let controls = asset.controls.join(", ");
        return Some(("asset", format!("# {id}\n\n{}\n\nAn asset. Controls: {controls}\n", asset.description)));
    }
    None
}

/// What a control asks for, and what serves it.
fn of_control(id: &str, control: &Control, own: &crate::rules::Own) -> String {
    let builtin = crate::rules::all().filter(|rule| rule.controls.contains(&id)).map(|rule| rule.id);
    let rules: Vec<&str> = builtin.chain(own.serving(id)).collect();
    let mut text = format!("# {id}\n\n{}\n", control.title);
    if !control.statement.is_empty() {
        let _ = write!(text, "\n{}\n", control.statement);
    }
    if !rules.is_empty() {
        let _ = write!(text, "\nRules: {}\n", rules.join(", "));
    }
    text
}
