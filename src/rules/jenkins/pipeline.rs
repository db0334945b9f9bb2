//! Where a pipeline runs, for how long, and what it takes from elsewhere.

use super::file::{files, stage, text};
use super::secret_gstring::GUARD;
use crate::catalogue::images::Reference;
use crate::edit::jenkinsfile::{Statement, Token};
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::image_pin;
use crate::rules::rule::{Offer, Repair, Report, Routing, Rule};

pub(super) static AGENT: Rule = Rule {
    id: "jenkins/agent-on-controller",
    title: "A pipeline may run on the controller",
    gain: "whoever changes the pipeline reads the controller's credentials, all teams' among them",
    severity: Severity::Medium,
    controls: &["GP-SC-03"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("agent_on_controller.md"),
    check: agent,
};

pub(super) static OPTIONS: Rule = Rule {
    id: "jenkins/options",
    title: "Nothing limits how long builds run, how many, and how long they are kept",
    gain: "a build that hangs holds an agent for days, and two at once deploy over each other",
    severity: Severity::Low,
    controls: &["GP-SC-03"],
    routing: Routing::Service,
    fix: Offer::Unsafe,
    page: include_str!("options.md"),
    check: options,
};

pub(super) static LIBRARY: Rule = Rule {
    id: "jenkins/unpinned-library",
    title: "A shared library is taken without a version",
    gain: "whoever can push to the library runs code in every pipeline that uses it",
    severity: Severity::High,
    controls: &["GP-CI-01"],
    routing: Routing::Platform,
    fix: Offer::Nothing,
    page: include_str!("unpinned_library.md"),
    check: library,
};

pub(super) static IMAGE: Rule = Rule {
    id: "jenkins/unpinned-image",
    title: "A pipeline's image is named by a tag alone",
    gain: "whoever can move the tag runs code in the pipeline, with its credentials",
    severity: Severity::Medium,
    controls: &["GP-CI-01"],
    routing: Routing::Platform,
    fix: Offer::Either,
    page: include_str!("unpinned_image.md"),
    check: image,
};

/// Labels of the controller itself.
const CONTROLLER: [&str; 3] = ["master", "built-in", "controller"];

fn agent(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        file.walk(|statement, around| {
            let inside = around.last().is_some_and(|outer| matches!(outer.name(), "agent" | "node"));
            let any = statement.name() == "agent"
                && statement.tokens.get(1).is_some_and(|next| next.token == Token::Word("any".into()));
            let label = matches!(statement.name(), "label" | "node") && (inside || statement.name() == "node");
            let named = text(statement).filter(|(text, _)| label && CONTROLLER.contains(text)).map(|(text, _)| text);
            let message = match named {
                _ if any => "`agent any` may be the controller itself; name the agents by a label".to_owned(),
                Some(label) => format!("`{label}` is the controller itself"),
                None => return,
            };
            let start = statement.start();
            let end = statement.tokens.last().map_or(start, |last| last.span.end);
            report.at(file.subject, &(start..end), message).address(format!("{}/agent", stage(around)));
        });
    }
}

/// Options, with what they look like.
const WANTED: [(&str, &str); 3] = [
    ("timeout", "timeout(time: 60, unit: 'MINUTES')"),
    ("buildDiscarder", "buildDiscarder(logRotator(numToKeepStr: '30'))"),
    ("disableConcurrentBuilds", "disableConcurrentBuilds()"),
];

fn options(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        let Some(pipeline) = file.pipeline() else { continue };
        let options = pipeline.inner().find(|statement| statement.name() == "options");
        let lacking: Vec<&(&str, &str)> = WANTED
            .iter()
            .filter(|(name, _)| options.is_none_or(|options| !options.inner().any(|option| option.name() == *name)))
            .collect();
        if lacking.is_empty() {
            continue;
        }
        let names: Vec<String> = lacking.iter().map(|(name, _)| format!("`{name}`")).collect();
        let place = options.unwrap_or(pipeline).start();
        let range = place..place + options.unwrap_or(pipeline).name().len();
        let source = file.subject.source();
        let repair = || {
            // Behind the brace that opens the block; the block's lines are indented by two more.
            let block = options.unwrap_or(pipeline).blocks.first()?;
            let own = block.statements.first().map(Statement::start)?;
            if !source.starts_line(own) {
                return None;
            }
            let indent = " ".repeat(source.column(own));
            let lines: Vec<&str> = lacking.iter().map(|(_, line)| *line).collect();
            let repair = Repair::risky("limit time, number and age of builds").guarded(GUARD);
            let text = match options {
                Some(_) => format!("\n{indent}{}", lines.join(&format!("\n{indent}"))),
                None => {
                    let inner = lines.join(&format!("\n{indent}{indent}"));
                    format!("\n{indent}options {{\n{indent}{indent}{inner}\n{indent}}}")
                }
            };
            Some(repair.insert(block.span.start + 1, text))
        };
        report
            .at(file.subject, &range, format!("the pipeline's options lack {}", names.join(", ")))
            .address(format!("options {}", names.join(" ")))
            .fix(repair());
    }
}

fn library(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        file.walk(|statement, _| {
            if !matches!(statement.name(), "@Library" | "library") {
                return;
            }
            // The step takes one name, first or as `identifier`, and then says where the library lies; the annotation
            // takes as many as there are.
            let key = statement.tokens.iter().position(|placed| placed.token == Token::Word("identifier".into()));
            let names = statement.tokens.iter().skip(key.unwrap_or(0)).filter_map(|placed| match &placed.token {
                Token::Text(_, name) => Some((name, placed)),
                _ => None,
            });
            let most = if statement.name() == "library" { 1 } else { usize::MAX };
            for (name, placed) in names.take(most) {
                if name.contains('$') {
                    continue;
                }
                let (bare, version) = name.split_once('@').unwrap_or((name, ""));
                let moves = matches!(version, "" | "main" | "master" | "develop" | "trunk" | "HEAD" | "latest");
                if moves {
                    let message = if version.is_empty() {
                        format!("`{bare}` is taken as whatever its default version holds")
                    } else {
                        format!("`{bare}` is taken at `{version}`, which moves")
                    };
                    report.at(file.subject, &placed.span, message).address(bare);
                }
            }
        });
    }
}

fn image(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        file.walk(|statement, around| {
            let in_docker = around.last().is_some_and(|outer| outer.name() == "docker");
            let named =
                statement.name() == "image" && in_docker || statement.name() == "docker" && statement.blocks.is_empty();
            let called = statement.tokens.iter().position(|placed| placed.token == Token::Word("docker.image".into()));
            let found = match called {
                Some(at) => statement.tokens.get(at + 2),
                None if named => text(statement).map(|(_, placed)| placed),
                None => None,
            };
            let Some(placed) = found else { return };
            let Token::Text(_, name) = &placed.token else { return };
            if name.contains('$') || Reference::read(name).digest.is_some() {
                return;
            }
            let message = format!("`{name}` has no digest, so another image can take its place under the same name");
            let read = Reference::read(name);
            let repair = image_pin::end_in(file.subject.seen(), &placed.span, name)
                .and_then(|end| image_pin::pin(facts, &read, end))
                .map(|repair| repair.guarded(GUARD));
            report
                .at(file.subject, &placed.span, message)
                .address(format!("{}/{name}", stage(around)))
                .fix(repair)
                .asks(image_pin::lookup(facts, &read));
        });
    }
}
