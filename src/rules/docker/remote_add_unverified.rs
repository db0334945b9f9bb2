use super::add_not_copy::is_remote;
use super::copy::sources;
use super::download::{downloader, interpreter, verifies};
use super::file::{File, files};
use crate::edit::dockerfile::Instruction;
use crate::edit::dockerfile::shell::Command;
use crate::model::finding::Severity;
use crate::rules::facts::Facts;
use crate::rules::rule::{Offer, Report, Routing, Rule};

pub(super) static RULE: Rule = Rule {
    id: "docker/remote-add-unverified",
    title: "A download goes into the image unchecked",
    gain: "whoever controls the server, or the way to it, chooses what is in your image",
    severity: Severity::High,
    controls: &["GP-DK-02"],
    routing: Routing::Service,
    fix: Offer::Nothing,
    page: include_str!("remote_add_unverified.md"),
    check,
};

fn check(facts: &Facts<'_>, report: &mut Report) {
    for file in files(facts) {
        for instruction in &file.docker.instructions {
            let fetched = match instruction.keyword.as_str() {
                "ADD" if instruction.flag("checksum").is_none() => added(&file, instruction),
                "RUN" => downloaded(instruction),
                _ => None,
            };
            if let Some(what) = fetched {
                let message = format!("{what} is fetched, and nothing checks that it is what it was");
                report.at(file.subject, &file.head(instruction), message).address(file.address(instruction));
            }
        }
    }
}

fn added(file: &File<'_>, add: &Instruction) -> Option<String> {
    let sources = sources(file, add);
    // A repository at a commit is checked by git itself.
    let commit = |source: &str| {
        source.rsplit_once('#').is_some_and(|(_, at)| at.len() == 40 && at.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    sources.into_iter().find(|source| is_remote(source) && !commit(source)).map(|source| format!("`{source}`"))
}

/// The first download whose result stays, where nothing in the same `RUN` checks it.
fn downloaded(run: &Instruction) -> Option<String> {
    if verifies(&run.script) || interpreter(&run.script).is_some() {
        return None;
    }
    run.script.commands.iter().filter_map(downloader).find_map(|command| address(&command))
}

fn address(command: &Command) -> Option<String> {
    let remote = |text: &str| ["http://", "https://", "ftp://"].iter().any(|scheme| text.starts_with(scheme));
    let here = |text: &str| ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| text.contains(host));
    let word = command.args().iter().find(|word| remote(&word.text) && !here(&word.text))?;
    let only_asks = command.args().iter().any(|word| {
        matches!(word.text.as_str(), "--head" | "-I" | "--spider" | "-X" | "--request") || word.text == "/dev/null"
    });
    // Inside a substitution only a text is read: a version, mostly.
    (!only_asks && !command.nested).then(|| format!("`{}`", word.text))
}
