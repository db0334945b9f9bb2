//! Findings in the format that was asked for, and where a CI system shows them.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::args::Format;
use super::session::{Session, order};
use super::workspace::Workspace;
use crate::error::Result;
use crate::golden_path;
use crate::model::finding::{Finding, Level};
use crate::model::path::RepoPath;
use crate::model::tree::{Node, Tree};
use crate::output::github::Extent;
use crate::output::json::PathState;
use crate::output::report::{Report, Row, Words};
use crate::output::source::Source;
use crate::output::{encode, github, gitlab, html, junit, markdown, sarif, text};
use crate::plan;
use crate::repo::surroundings;
use crate::rules;

/// A workspace with what was found in it.
pub(super) struct Checked {
    pub(super) workspace: Workspace,
    pub(super) findings: Vec<Finding>,
}

/// How a report is asked for.
pub(super) struct Wanted<'a> {
    /// The mildest level that makes the command fail.
    pub(super) fail_on: Option<Level>,
    /// The revision that the findings are new since.
    pub(super) since: Option<&'a str>,
    /// The command that mends, as it works where the report is read.
    pub(super) fix: &'a str,
}

/// Prints the findings; `json` has a way of its own.
pub(super) fn print(session: &Session, checked: &[Checked], wanted: &Wanted<'_>) -> Result<()> {
    let report = report(session, checked, wanted)?;
    let answer = match session.format {
        Format::Text | Format::Json => text::findings(&report, session.colour()),
        Format::Sarif => sarif::render(&report),
        Format::Junit => junit::render(&report),
        Format::Gitlab => gitlab::render(&report),
        Format::Markdown => markdown::render(&report, markdown::COMMENT),
        Format::Html => html::render(&report),
        Format::Github => {
            session.answer(github::annotations(&report, Extent::All))?;
            return summarise(&report);
        }
    };
    if !session.is_on_github() {
        return session.answer(answer);
    }
    session.answer(github::inert(&answer))?;
    order(&github::annotations(&report, Extent::Shown))?;
    summarise(&report)
}

/// Adds to the job's summary, where there is one.
fn summarise(report: &Report) -> Result<()> {
    let Some(file) = surroundings::variable("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) else {
        return Ok(());
    };
    surroundings::append_named(Path::new(&file), github::SUMMARY, |room| markdown::render(report, room))
}

fn report(session: &Session, checked: &[Checked], wanted: &Wanted<'_>) -> Result<Report> {
    let (mut rows, mut controls) = (Vec::new(), BTreeMap::new());
    for Checked { workspace, findings } in checked {
        let prefix = workspace.prefix();
        let tree = workspace.tree.as_ref();
        let mut texts: BTreeMap<RepoPath, Option<Rc<Source>>> = BTreeMap::new();
        let mut anchor = None;
        for finding in findings {
            let text = texts.entry(finding.path.clone()).or_insert_with(|| text_of(tree, &finding.path)).clone();
            let exists = text.is_some() || tree.node(&finding.path).file().is_some();
            let own = || format!("{prefix}{}", finding.path);
            let anchor = if exists {
                own()
            } else {
                anchor
                    .get_or_insert_with(|| some_file(tree))
                    .as_ref()
                    .map_or_else(own, |file| format!("{prefix}{file}"))
            };
            rows.push(Row::new(finding.clone(), &prefix, anchor, text));
        }
        // SARIF alone says what a control asks for.
        if session.format == Format::Sarif && findings.iter().any(|finding| !finding.controls.is_empty()) {
            let known = golden_path::controls(workspace.laid.as_ref().map(|laid| &laid.path));
            controls.extend(
                known.into_iter().map(|(id, known)| (id, Words { title: known.title, detail: known.statement })),
            );
        }
    }
    let rules =
        rows.iter().filter_map(|row| Some((row.finding.rule.clone(), words(&row.finding.rule, checked)?))).collect();
    let laid = checked.first().map(|checked| &checked.workspace);
    let golden_path = match laid {
        Some(workspace) => workspace.judge()?,
        None => PathState::builtin()?,
    };
    let directory = match checked {
        [Checked { workspace, .. }] => {
            workspace.place.prefix.as_ref().map_or_else(|| ".".to_owned(), ToString::to_string)
        }
        _ => "*".to_owned(),
    };
    Ok(Report {
        commit: laid.and_then(|workspace| workspace.commit.clone()),
        as_of: session.as_of.to_string(),
        golden_path,
        directory,
        since: wanted.since.map(|rev| encode::line(rev).into_owned()),
        fail_on: wanted.fail_on,
        fix: wanted.fix.to_owned(),
        rules,
        controls,
        rows,
    })
}

fn words(rule: &str, checked: &[Checked]) -> Option<Words> {
    let ours = plan::meaning(rule).map(|meaning| (meaning.title, meaning.why));
    if let Some((title, detail)) = ours.or_else(|| rules::find(rule).map(|rule| (rule.title, rule.gain))) {
        return Some(Words { title: title.to_owned(), detail: detail.to_owned() });
    }
    let own = checked.iter().map(|checked| &checked.workspace.rules).find(|own| own.find(rule).is_some())?;
    Some(Words { title: own.find(rule)?.title.clone(), detail: own.why(rule)? })
}

fn text_of(tree: &dyn Tree, path: &RepoPath) -> Option<Rc<Source>> {
    match tree.node(path) {
        Node::File(file) => file.text().map(|text| Rc::new(Source::new(text))),
        _ => None,
    }
}

/// A file to point at where the one at fault is missing.
fn some_file(tree: &dyn Tree) -> Option<RepoPath> {
    let config = RepoPath::roadbed("config.yaml");
    if tree.node(&config).file().is_some() {
        return Some(config);
    }
    let files = tree.files().ok()?;
    let readme = files.iter().find(|path| path.as_str().to_lowercase().starts_with("readme"));
    readme.or_else(|| files.first()).cloned()
}
