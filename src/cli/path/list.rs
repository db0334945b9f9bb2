//! `roadbed path list`

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use super::super::session::Session;
use super::{looked_at, named_first};
use crate::error::Result;
use crate::golden_path::own_rule::Sourced;
use crate::golden_path::{self, GoldenPath};
use crate::model::finding::Severity;
use crate::output::{encode, json};

/// List the templates, the assets and the rules of a golden path
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// The golden path: builtin, builtin@VERSION or a directory
    #[arg(long, value_name = "SOURCE")]
    golden_path: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    templates: Vec<TemplateRow<'a>>,
    assets: Vec<AssetRow<'a>>,
    rules: Vec<RuleRow<'a>>,
}

/// One template.
#[derive(Serialize)]
struct TemplateRow<'a> {
    id: &'a str,
    description: &'a str,
    /// Those that it names, then those that they require.
    assets: Vec<String>,
}

/// One asset.
#[derive(Serialize)]
struct AssetRow<'a> {
    id: &'a str,
    description: &'a str,
    controls: &'a [String],
}

/// One rule of the path's own.
#[derive(Serialize)]
struct RuleRow<'a> {
    id: &'a str,
    title: &'a str,
    severity: Severity,
    controls: &'a [String],
}

impl List {
    pub(in crate::cli) fn run(&self, session: &Session) -> Result<u8> {
        let path = looked_at(session, self.golden_path.as_deref())?;
        let document = Document {
            schema: "roadbed/path-list/v1",
            templates: path
                .manifest
                .templates
                .iter()
                .map(|(id, template)| {
                    let all = golden_path::closure(&path, Some(id), &[], &[])?;
                    Ok(TemplateRow { id, description: &template.description, assets: named_first(template, &all) })
                })
                .collect::<Result<_>>()?,
            assets: path
                .assets
                .iter()
                .map(|(id, asset)| AssetRow { id, description: &asset.description, controls: &asset.controls })
                .collect(),
            rules: path
                .rules
                .values()
                .map(|Sourced { rule, .. }| RuleRow {
                    id: &rule.id,
                    title: &rule.title,
                    severity: rule.severity,
                    controls: &rule.controls,
                })
                .collect(),
        };
        session.answer(if session.is_json() { json::text(&document, false) } else { text(&path, &document) })?;
        Ok(0)
    }
}

fn text(path: &GoldenPath, document: &Document<'_>) -> String {
    let ids = document.templates.iter().map(|row| row.id).chain(document.assets.iter().map(|row| row.id));
    let ids = ids.chain(document.rules.iter().map(|row| row.id));
    let width = ids.map(str::len).max().unwrap_or_default();
    let mut text = format!("{} {}\n\nTemplates\n", encode::line(&path.manifest.name), path.identity.version);
    for row in &document.templates {
        let _ = writeln!(text, "  {:width$}  {}", row.id, encode::line(row.description));
    }
    text.push_str("\nAssets\n");
    for row in &document.assets {
        let _ = writeln!(text, "  {:width$}  {}", row.id, encode::line(row.description));
    }
    if !document.rules.is_empty() {
        text.push_str("\nRules\n");
    }
    for row in &document.rules {
        let _ = writeln!(text, "  {:width$}  {}", row.id, encode::line(row.title));
    }
    text.push_str("\n`roadbed path show ID` shows questions and files.\n");
    text
}
