//! `roadbed adopt` on a terminal: only what could not be seen is asked.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![cfg(unix)]

mod support;

use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use support::Bed;

/// A repository whose files tell its name, and a golden path that asks for more.
fn bed() -> Bed {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    bed.replace("acme/golden-path.yaml", ", pattern: \"^@[^/]+/.+$\"", "");
    bed.replace("acme/golden-path.yaml", "assets: [base]}", "assets: [base], detect: [go.mod]}");
    std::fs::create_dir(bed.path("repo")).unwrap();
    bed.git("repo", &["init", "-q", "-b", "main"]);
    bed.write("repo/go.mod", "module example.com/acme/ledger\n");
    bed.write("repo/infra/main.tf", "provider \"aws\" {}\n");
    bed.commit("repo");
    bed
}

fn start(bed: &Bed, more: &[&str]) -> PtySession {
    let mut command: Command = bed.roadbed("repo");
    command.args(["adopt", "--golden-path", "../acme"]).args(more).env("TERM", "xterm").env("NO_COLOR", "1");
    spawn_command(command, Some(30_000)).unwrap()
}

fn type_in(terminal: &mut PtySession, keys: &str) {
    terminal.send(keys).unwrap();
    terminal.flush().unwrap();
}

#[test]
fn what_is_seen_is_not_asked_and_a_guess_is_offered() {
    let bed = bed();
    let mut terminal = start(&bed, &[]);
    // Name and cloud are seen; the owner is only guessed, from who wrote the commits.
    terminal.exp_string("Owning team").unwrap();
    type_in(&mut terminal, "\r");
    terminal.exp_string("Ports").unwrap();
    type_in(&mut terminal, "90\r");
    terminal.exp_string("Reachable").unwrap();
    type_in(&mut terminal, "y\r");
    terminal.exp_eof().unwrap();
    let config = bed.read("repo/.roadbed/config.yaml");
    for line in ["name: ledger", "owner: t\n", "cloud: aws", "ports: [90]", "public: true"] {
        assert!(config.contains(line), "{line}: {config}");
    }
}

#[test]
fn a_guess_is_nobodys_answer() {
    let bed = bed();
    start(&bed, &["--defaults"]).exp_eof().unwrap();
    let config = bed.read("repo/.roadbed/config.yaml");
    assert!(config.contains("owner: \"@acme/ledger\""), "{config}");
}

#[test]
fn cancelling_leaves_everything_as_it_was() {
    let bed = bed();
    let before = bed.files("repo");
    let mut terminal = start(&bed, &[]);
    terminal.exp_string("Owning team").unwrap();
    type_in(&mut terminal, "\u{3}");
    terminal.exp_string("nothing was written").unwrap();
    terminal.exp_eof().unwrap();
    assert_eq!(bed.files("repo"), before);
}
