//! SARIF 2.1.0, as GitHub's code scanning takes it
//! (<https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support>).
//!
//! One run. GitHub does not read `suppressions`, so excepted findings are left out; it refuses a run of more than
//! 25,000 results, so the mildest beyond that are left out, and a notification says how many. Of what it takes it
//! keeps 5,000.

mod log;

use std::collections::BTreeMap;

use log::{
    ArtifactLocation, AutomationDetails, Component, Configuration, Control, Driver, Help, Invocation, Location, Log,
    Message, Notification, Outcome, OutcomeProperties, PhysicalLocation, Region, Relationship, Rule, RuleProperties,
    Run, Taxon, Taxonomy, Tool,
};

use super::encode;
use super::report::{Report, Row, Words};
use crate::model::finding::{Level, Safety, Severity};

const MOST_RESULTS: usize = 25_000;
/// So many results of a run does GitHub keep, the worst first.
const MOST_KEPT: usize = 5_000;
/// Of the code at fault, at most so many characters are quoted.
const SNIPPET: usize = 200;
const CONTROLS: &str = "controls";

/// The log as text.
pub fn render(report: &Report) -> String {
    let rows = report.worst_first();
    let left_out = rows.len().saturating_sub(MOST_RESULTS);
    let rows = &rows[..rows.len() - left_out];
    let controls = Index::of(rows.iter().flat_map(|row| row.finding.controls.iter()));
    let rules = Index::of(rows.iter().map(|row| &row.finding.rule));
    let component = Component { name: CONTROLS, index: 0 };
    let taxa = |ids: &[String]| -> Vec<Taxon> {
        let taxon = |id: &String| Taxon { id: id.clone(), index: controls.at(id), tool_component: component.clone() };
        ids.iter().map(taxon).collect()
    };
    let results = rows.iter().map(|row| outcome(row, rules.at(&row.finding.rule), taxa(&row.finding.controls)));
    let rule = |id: &&str| {
        let of_it = rows.iter().filter(|row| row.finding.rule == **id);
        let mut ids: Vec<String> = of_it.clone().flat_map(|row| row.finding.controls.iter().cloned()).collect();
        ids.sort();
        ids.dedup();
        let worst = of_it.map(|row| (row.finding.level, row.finding.severity)).max();
        let fixes: Vec<Safety> = rows
            .iter()
            .filter(|row| row.finding.rule == **id)
            .filter_map(|row| row.finding.fix.as_ref().map(|fix| fix.safety))
            .collect();
        let mending = match (fixes.contains(&Safety::Safe), fixes.contains(&Safety::Unsafe)) {
            (true, _) => "Mend it with `roadbed fix`.".to_owned(),
            (false, true) => "Mend it with `roadbed fix --unsafe-fixes`.".to_owned(),
            (false, false) => format!("`roadbed explain {id}` says what to do."),
        };
        rule(report, id, worst.unwrap_or((Level::Info, Severity::Low)), taxa(&ids), &mending)
    };
    let driver = Driver {
        name: "roadbed",
        full_name: format!("roadbed {}", env!("CARGO_PKG_VERSION")),
        version: env!("CARGO_PKG_VERSION"),
        semantic_version: env!("CARGO_PKG_VERSION"),
        organization: "roadbed",
        // Where the documentation of a published crate lies, until the package names a repository.
        information_uri: match env!("CARGO_PKG_REPOSITORY") {
            "" => "https://docs.rs/roadbed",
            repository => repository,
        },
        supported_taxonomies: if controls.ids.is_empty() { Vec::new() } else { vec![component.clone()] },
        rules: rules.ids.iter().map(rule).collect(),
    };
    let left_out = (left_out > 0).then(|| {
        format!(
            "{left_out} findings are left out: a run may hold {MOST_RESULTS}. 'roadbed check --format json' has all."
        )
    });
    let unkept = rows.len().saturating_sub(MOST_KEPT);
    let unkept = (unkept > 0).then(|| {
        format!("GitHub keeps the worst {MOST_KEPT} results of a run and drops {unkept} of these. 'roadbed check' shows all.")
    });
    let notifications =
        left_out.into_iter().chain(unkept).map(|text| Notification { level: "warning", message: Message { text } });
    let run = Run {
        tool: Tool { driver },
        invocations: [Invocation { execution_successful: true, tool_execution_notifications: notifications.collect() }],
        // Two runs of one category would replace each other.
        automation_details: AutomationDetails { id: category(&report.directory) },
        column_kind: "unicodeCodePoints",
        taxonomies: taxonomies(report, &controls),
        results: results.collect(),
    };
    let schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
    // GitHub counts bytes, and nobody reads it by eye.
    super::json::text(&Log { schema, version: "2.1.0", runs: [run] }, true)
}

fn category(directory: &str) -> String {
    match directory {
        "." => "roadbed/".to_owned(),
        "*" => "roadbed-all/".to_owned(),
        directory => format!("roadbed/{directory}/"),
    }
}

/// Ids in order, each once.
struct Index<'a> {
    ids: Vec<&'a str>,
}

impl<'a> Index<'a> {
    fn of(ids: impl Iterator<Item = &'a String>) -> Self {
        let mut ids: Vec<&str> = ids.map(String::as_str).collect();
        ids.sort_unstable();
        ids.dedup();
        Index { ids }
    }

    fn at(&self, id: &str) -> usize {
        self.ids.binary_search(&id).unwrap_or_default()
    }
}

fn rule(report: &Report, id: &str, worst: (Level, Severity), controls: Vec<Taxon>, mending: &str) -> Rule {
    let words = report.rule(id);
    let detail = if words.detail.is_empty() { words.title.clone() } else { words.detail.clone() };
    let text = format!("{}. {}.", words.title, capital(&detail));
    Rule {
        id: id.to_owned(),
        name: pascal(id),
        short_description: Message { text: format!("{}.", words.title) },
        full_description: Message { text: text.clone() },
        help: Help {
            markdown: format!(
                "{}\n\n{}\n\n{mending}",
                encode::markdown(&format!("{}.", words.title)),
                encode::markdown(&format!("{}.", capital(&detail)))
            ),
            text: format!("{text} {}", mending.replace('`', "'")),
        },
        default_configuration: Configuration { level: level(worst.0) },
        properties: RuleProperties {
            tags: vec!["security".to_owned(), id.split('/').next().unwrap_or(id).to_owned()],
            precision: "very-high",
            problem: match worst.0 {
                Level::Block => "error",
                Level::Warn => "warning",
                Level::Info => "recommendation",
            },
            security: match worst.1 {
                Severity::Critical => "9.5",
                Severity::High => "8.0",
                Severity::Medium => "5.5",
                Severity::Low => "2.0",
            },
        },
        relationships: controls.into_iter().map(|target| Relationship { target, kinds: ["relevant"] }).collect(),
    }
}

fn outcome(row: &Row, rule_index: usize, taxa: Vec<Taxon>) -> Outcome {
    let finding = &row.finding;
    let mut message = finding.message.replace('`', "'");
    if row.anchor != row.path {
        message = format!("'{}': {message}", row.path);
    }
    let message = encode::line(&message).into_owned();
    let place = row.place();
    let text = row.text.as_deref().filter(|_| row.anchor == row.path && place.line == place.end_line);
    let snippet = text.and_then(|text| text.line(place.line)).map(|line| {
        let part = line.text()[line.byte(place.column.saturating_sub(1))..].chars();
        Message { text: part.take(place.end_column.saturating_sub(place.column)).take(SNIPPET).collect() }
    });
    Outcome {
        rule_id: finding.rule.clone(),
        rule_index,
        level: level(finding.level),
        message: Message { text: format!("{message}.") },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation { uri: encode::uri(&row.anchor), uri_base_id: "%SRCROOT%" },
                region: Region {
                    start_line: place.line,
                    start_column: place.column,
                    end_line: place.end_line,
                    end_column: place.end_column,
                    snippet: snippet.filter(|snippet| !snippet.text.is_empty()),
                },
            },
        }],
        partial_fingerprints: BTreeMap::from([
            ("primaryLocationLineHash", format!("{}:1", row.key)),
            ("roadbed/v1", row.key.clone()),
        ]),
        taxa,
        properties: OutcomeProperties {
            owner: finding.owner.clone(),
            status: finding.status,
            introduced: finding.introduced.clone(),
        },
    }
}

fn taxonomies(report: &Report, controls: &Index<'_>) -> Vec<Taxonomy> {
    if controls.ids.is_empty() {
        return Vec::new();
    }
    let taxa = controls.ids.iter().map(|id| {
        let words = report
            .controls
            .get(*id)
            .cloned()
            .unwrap_or_else(|| Words { title: format!("The golden path's control {id}"), detail: String::new() });
        let detail = if words.detail.is_empty() { format!("{}.", words.title) } else { words.detail };
        Control {
            id: (*id).to_owned(),
            short_description: Message { text: format!("{}.", words.title) },
            full_description: Message { text: detail },
        }
    });
    vec![Taxonomy {
        name: CONTROLS,
        version: report.golden_path.version.clone(),
        organization: report.golden_path.source.clone(),
        short_description: Message { text: "Why each rule exists: the controls of the golden path.".to_owned() },
        is_comprehensive: false,
        taxa: taxa.collect(),
    }]
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Block => "error",
        Level::Warn => "warning",
        Level::Info => "note",
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `github/unpinned-action` as `GithubUnpinnedAction`.
fn pascal(id: &str) -> String {
    id.split(|c: char| !c.is_alphanumeric()).map(capital).collect()
}
