//! `roadbed path show`

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use super::super::session::Session;
use super::{looked_at, named_first};
use crate::error::{Error, Result};
use crate::golden_path::{self, GoldenPath};
use crate::model::answer::Answer;
use crate::model::document::suggest;
use crate::model::ownership::Ownership;
use crate::output::{encode, json};

/// Show one template or asset: what it asks, and which files it lays
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The template or asset
    id: String,
    /// The golden path: builtin, builtin@VERSION or a directory
    #[arg(long, value_name = "SOURCE")]
    golden_path: Option<String>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    id: &'a str,
    description: &'a str,
    /// Of a template: its assets, then those that they require.
    assets: Option<Vec<String>>,
    controls: Vec<String>,
    questions: Vec<QuestionRow>,
    files: Vec<FileRow>,
}

#[derive(Serialize)]
struct QuestionRow {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    prompt: Option<String>,
    default: Option<Answer>,
    choices: Vec<Answer>,
    when: Option<String>,
}

#[derive(Serialize)]
struct FileRow {
    path: String,
    mode: Ownership,
    asset: String,
}

impl Show {
    pub(in crate::cli) fn run(&self, session: &Session) -> Result<u8> {
        let path = looked_at(session, self.golden_path.as_deref())?;
        let template = path.manifest.templates.get(&self.id);
        let asset = path.assets.get(&self.id);
        let assets = match (template, asset) {
            (Some(_), _) => golden_path::closure(&path, Some(&self.id), &[], &[])?,
            (None, Some(_)) => vec![self.id.clone()],
            (None, None) if path.rules.contains_key(&self.id) => {
                return Err(Error::usage(format!("`{}` is a rule, and lays no files", self.id))
                    .hint(format!("roadbed explain {}, where the golden path is laid", self.id)));
            }
            (None, None) => {
                let known: Vec<&str> =
                    path.manifest.templates.keys().chain(path.assets.keys()).map(String::as_str).collect();
                return Err(Error::usage(format!("there is no template or asset `{}`", self.id))
                    .hint(suggest(&self.id, &known)));
            }
        };
        let document = self.document(&path, &assets);
        session.answer(if session.is_json() { json::text(&document, false) } else { text(&document) })?;
        Ok(0)
    }

    fn document<'a>(&'a self, path: &'a GoldenPath, assets: &'a [String]) -> Document<'a> {
        let template = path.manifest.templates.get(&self.id);
        let own = path.assets.get(&self.id).map(|asset| asset.description.as_str());
        let description = template.map(|template| template.description.as_str()).or(own).unwrap_or_default();
        let controls =
            assets.iter().filter_map(|id| path.assets.get(id)).flat_map(|asset| asset.controls.iter().cloned());
        let controls: std::collections::BTreeSet<String> = controls.collect();
        let questions = golden_path::questions_for(path, assets).into_iter().map(|(id, question)| QuestionRow {
            id,
            kind: question.kind.word(),
            prompt: question.prompt,
            default: question.default,
            choices: question.choices,
            when: question.when,
        });
        let files = assets.iter().flat_map(|id| {
            golden_path::files_of(path, id).into_iter().map(move |(path, mode)| FileRow {
                path,
                mode,
                asset: id.clone(),
            })
        });
        let mut files: Vec<FileRow> = files.collect();
        files.sort_by(|a, b| (&a.path, &a.asset).cmp(&(&b.path, &b.asset)));
        Document {
            schema: "roadbed/path-show/v1",
            id: &self.id,
            description,
            assets: template.map(|template| named_first(template, assets)),
            controls: controls.into_iter().collect(),
            questions: questions.collect(),
            files,
        }
    }
}

fn text(document: &Document<'_>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}\n  {}", document.id, encode::line(document.description));
    if let Some(assets) = &document.assets {
        let _ = writeln!(text, "  assets    {}", assets.join(", "));
    }
    let _ = writeln!(text, "  controls  {}", document.controls.join(", "));
    text.push_str("\nQuestions\n");
    for row in &document.questions {
        let default = row.default.as_ref().map(|default| format!(" [{default}]")).unwrap_or_default();
        let prompt = row.prompt.as_deref().unwrap_or_default();
        let _ = writeln!(text, "  {} ({}){}  {}", row.id, row.kind, encode::line(&default), encode::line(prompt));
    }
    text.push_str("\nFiles\n");
    for row in &document.files {
        let _ = writeln!(text, "  {:8}  {}", row.mode.word(), encode::line(&row.path));
    }
    text
}
