//! `roadbed schema`

use clap::{Args, ValueEnum};
use schemars::schema_for;

use super::session::Session;
use crate::error::Result;
use crate::golden_path::{Asset, Manifest, OwnRule, Suite};
use crate::model::repo_files::{Config, Lock, Policy};
use crate::output::json::{self, ErrorDocument, Findings, PlanDocument};

/// Print the JSON Schema of a file or document of roadbed's
#[derive(Debug, Args)]
#[command(
    after_help = "Example, for an editor with YAML support:\n  roadbed schema config --output .vscode/roadbed-config.json"
)]
pub(super) struct Schema {
    /// The file or document
    name: Name,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    /// .roadbed/policy.yaml
    Policy,
    /// .roadbed/config.yaml
    Config,
    /// .roadbed/lock.yaml
    Lock,
    /// golden-path.yaml
    Path,
    /// asset.yaml
    Asset,
    /// rules/*.yaml of a golden path
    Rule,
    /// tests/*.yaml of a golden path
    Test,
    /// What `check` prints
    Findings,
    /// What new, add, remove, diff and fix print
    Plan,
    /// What any command prints when it fails
    Error,
}

impl Schema {
    pub(super) fn run(&self, session: &Session) -> Result<u8> {
        let schema = match self.name {
            Name::Policy => schema_for!(Policy),
            Name::Config => schema_for!(Config),
            Name::Lock => schema_for!(Lock),
            Name::Path => schema_for!(Manifest),
            Name::Asset => schema_for!(Asset),
            Name::Rule => schema_for!(OwnRule),
            Name::Test => schema_for!(Suite),
            Name::Findings => schema_for!(Findings),
            Name::Plan => schema_for!(PlanDocument),
            Name::Error => schema_for!(ErrorDocument),
        };
        session.answer(json::text(&schema, false))?;
        Ok(0)
    }
}
