//! Options that several commands share.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::error::{Error, Result};
use crate::model::document::nearest;
use crate::plan::RULES;
use crate::rules::Own;

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// Run as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true, id = "directory")]
    pub(super) directory: Option<PathBuf>,
    /// How to print the answer [default: text]; all but text and json are for `check`
    #[arg(long, value_name = "FORMAT", global = true)]
    pub(super) format: Option<Format>,
    /// Write the answer to FILE instead of stdout
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) output: Option<PathBuf>,
    /// When to use colour; `auto` does on a terminal, unless `NO_COLOR` is set, `CLICOLOR` is 0 or `TERM` is dumb
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub(super) color: Colour,
    /// Judge as of this date (YYYY-MM-DD) instead of today
    #[arg(long, value_name = "DATE", global = true, value_parser = date)]
    pub(super) as_of: Option<jiff::civil::Date>,
    /// Say less on stderr
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Say more on stderr
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
}

/// How answers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs: one document with a `schema` line
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Test results in XML, for Jenkins and its like
    Junit,
    /// Workflow commands (annotations) and a job summary, for GitHub Actions
    Github,
    /// Code Quality report, for GitLab
    Gitlab,
    /// For comments
    Markdown,
    /// One page that needs nothing else
    Html,
}

impl Format {
    /// Whether every command can print it; the others are for findings.
    pub(super) fn is_for_all(self) -> bool {
        matches!(self, Format::Text | Format::Json)
    }
}

/// When colour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Where answers come from.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Answers")]
pub(super) struct AnswerArgs {
    /// Answer one question; repeat for more. Lists are written a,b or [a, b]
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) set: Vec<(String, String)>,
    /// Take answers from a YAML file of `key: value` lines
    #[arg(long, value_name = "FILE")]
    pub(super) answers: Option<PathBuf>,
    /// Take the default of every question that has one, instead of asking
    #[arg(long)]
    pub(super) defaults: bool,
}

fn date(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| "it must be a day that exists, such as 2026-11-21".to_owned())
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("it must be KEY=VALUE, such as --set name=payments-api".to_owned()),
    }
}

/// Several values in one: `a,b` or a YAML flow list.
pub(super) fn split_list(values: &[String]) -> Vec<String> {
    let parts = values.iter().flat_map(|value| {
        let inner = value.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(value);
        inner.split(',').map(|part| part.trim().trim_matches(['"', '\'']).to_owned()).collect::<Vec<_>>()
    });
    parts.filter(|part| !part.is_empty()).collect()
}

/// The ids of all rules: roadbed's, and the golden path's own.
pub(super) fn known_rules(own: &Own) -> Vec<&str> {
    let builtin = RULES.into_iter().chain(crate::rules::all().map(|rule| rule.id));
    builtin.chain(own.ids()).collect()
}

/// Rule ids that were typed, `github/*` for a family; one that does not exist is an error, because a filter that matches
/// nothing looks like success.
pub(super) fn rules(typed: &[String], own: &Own) -> Result<Vec<String>> {
    let known = known_rules(own);
    let mut wanted = Vec::new();
    for rule in split_list(typed) {
        if let Some(family) = rule.strip_suffix('*').filter(|family| family.ends_with('/')) {
            let of_family: Vec<String> =
                known.iter().filter(|id| id.starts_with(family)).map(|id| (*id).to_owned()).collect();
            if !of_family.is_empty() {
                wanted.extend(of_family);
                continue;
            }
        }
        if !known.contains(&rule.as_str()) {
            return Err(Error::usage(format!("there is no rule `{rule}`")).hint(like(&rule, &known)));
        }
        wanted.push(rule);
    }
    Ok(wanted)
}

/// What may have been meant by `rule`: all rules would be too many to read.
fn like(rule: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(rule, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    let family = |id: &str| id.split_once('/').map(|(family, _)| format!("{family}/"));
    let wanted = family(rule).unwrap_or_else(|| format!("{rule}/"));
    let of_family: Vec<&str> = known.iter().copied().filter(|id| id.starts_with(&wanted)).collect();
    if !of_family.is_empty() {
        return format!("known here: {}", of_family.join(", "));
    }
    let families: BTreeSet<String> =
        known.iter().filter_map(|id| family(id)).map(|family| format!("{family}*")).collect();
    format!("families of rules are: {}", families.into_iter().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::split_list;

    #[test]
    fn lists_are_written_in_two_ways() {
        let values = |texts: &[&str]| split_list(&texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
        assert_eq!(values(&["a,b", "c"]), ["a", "b", "c"]);
        assert_eq!(values(&["[a, \"b\"]"]), ["a", "b"]);
    }
}
