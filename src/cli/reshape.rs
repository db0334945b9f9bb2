//! `add` and `remove`: the same version with other assets.

use super::args::AnswerArgs;
use super::ask::Terminal;
use super::given;
use super::laid::{Laid, preset};
use super::session::Session;
use super::target::config;
use super::workspace::{Ask, Workspace};
use super::write::{Outcome, Write};
use crate::error::{Error, Result};
use crate::golden_path::{self, Origin, Render, Supplied};
use crate::model::document::suggest;
use crate::plan::{Goal, Ways};

/// Which assets come or go.
pub(super) struct Choice<'a> {
    pub(super) assets: &'a [String],
    pub(super) add: bool,
    pub(super) answers: &'a AnswerArgs,
    pub(super) dry_run: bool,
}

/// Plans the repo with the chosen assets, and applies it.
pub(super) fn reshape(session: &Session, choice: &Choice<'_>) -> Result<u8> {
    let write = Write::begin(session, choice.dry_run)?;
    let workspace = Workspace::open(session, None, None)?;
    let laid = workspace.laid()?;
    let (add, without) = lists(laid, choice)?;
    let assets = golden_path::closure(&laid.path, laid.config.template.as_deref(), &add, &without)?;
    let target = render(session, laid, &assets, choice.answers)?;
    let config = config(laid, &laid.path, &add, &without, &target)?;
    let command = if choice.add { "roadbed add" } else { "roadbed remove" };
    let command = format!("{command} {}", choice.assets.join(" "));
    let ask = Ask { command: &command, ..Ask::default() };
    let ways = Ways { lets_edited_go: !choice.add, ..Ways::default() };
    let plan = workspace.plan(&Goal::Reach { target: &target, config, policy: None, ways }, &ask)?;
    let version = Some(laid.locked.identity.version.to_string());
    let done = if choice.add { "added" } else { "removed" };
    write.finish(
        session,
        &workspace,
        &plan,
        &Outcome { from: version.clone(), to: version, done, preface: String::new(), survey: None },
    )
}

/// The config's `add` and `without` afterwards.
fn lists(laid: &Laid, choice: &Choice<'_>) -> Result<(Vec<String>, Vec<String>)> {
    let mut add = laid.config.add.clone();
    let mut without = laid.config.without.clone();
    let of_template = golden_path::closure(&laid.path, laid.config.template.as_deref(), &[], &[])?;
    for asset in choice.assets {
        if !laid.path.assets.contains_key(asset) {
            let known: Vec<&str> = laid.path.assets.keys().map(String::as_str).collect();
            return Err(Error::usage(format!("there is no asset `{asset}`")).hint(suggest(asset, &known)));
        }
        let from_template = of_template.contains(asset);
        if choice.add {
            without.retain(|other| other != asset);
            if !from_template && !add.contains(asset) {
                add.push(asset.clone());
            }
        } else {
            add.retain(|other| other != asset);
            if from_template && !without.contains(asset) {
                without.push(asset.clone());
            }
        }
    }
    // Two branches that each choose an asset then differ at two places.
    add.sort();
    without.sort();
    Ok((add, without))
}

fn render(session: &Session, laid: &Laid, assets: &[String], answers: &AnswerArgs) -> Result<Render> {
    let questions = golden_path::questions_for(&laid.path, assets);
    let template = laid.config.template.as_deref();
    let given = given::given(session, answers)?
        .with(Origin::Stored, Supplied::Typed(laid.locked.answers.clone()))
        .with(Origin::Template, Supplied::Typed(preset(&laid.path, template)));
    let resolved = golden_path::resolve(&questions, &given, answers.defaults, &mut Terminal::new(!session.is_json()))?;
    golden_path::render(&laid.path, template, assets, &resolved)
}
