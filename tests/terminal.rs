//! `roadbed new` on a terminal: the questions, in a real pseudo-terminal.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![cfg(unix)]

mod support;

use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use support::Bed;

fn start(bed: &Bed, args: &[&str]) -> PtySession {
    let mut command: Command = bed.roadbed(".");
    command.args(args).env("TERM", "xterm").env("NO_COLOR", "1");
    spawn_command(command, Some(30_000)).unwrap()
}

fn type_in(terminal: &mut PtySession, keys: &str) {
    terminal.send(keys).unwrap();
    terminal.flush().unwrap();
}

const NEW: [&str; 5] = ["new", "service", "demo", "--golden-path", "acme"];

#[test]
fn questions_are_asked_in_order_and_an_answer_that_does_not_fit_is_asked_again() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    let mut terminal = start(&bed, &NEW);
    terminal.exp_string("Service name").unwrap();
    type_in(&mut terminal, "\u{15}Bad Name\r");
    terminal.exp_string("^[a-z]").unwrap();
    terminal.exp_string("Service name").unwrap();
    type_in(&mut terminal, "ledger\r");
    terminal.exp_string("Owning team").unwrap();
    type_in(&mut terminal, "\r");
    terminal.exp_string("Cloud").unwrap();
    type_in(&mut terminal, "gcp\r");
    terminal.exp_string("Ports").unwrap();
    type_in(&mut terminal, "80,90\r");
    terminal.exp_string("Reachable").unwrap();
    type_in(&mut terminal, "y\r");
    terminal.exp_eof().unwrap();
    let config = bed.read("demo/.roadbed/config.yaml");
    for line in ["name: ledger", "owner: \"@acme/ledger\"", "cloud: gcp", "ports: [80, 90]", "public: true"] {
        assert!(config.contains(line), "{config}");
    }
}

#[test]
fn cancelling_writes_nothing() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    let mut terminal = start(&bed, &NEW);
    terminal.exp_string("Service name").unwrap();
    type_in(&mut terminal, "\u{3}");
    terminal.exp_string("nothing was written").unwrap();
    terminal.exp_eof().unwrap();
    assert!(!bed.exists("demo"));
}

#[test]
fn answers_that_are_given_are_not_asked() {
    let bed = Bed::new();
    bed.copy_golden_path("acme");
    let mut args = NEW.to_vec();
    args.extend(["--set", "name=ledger", "--set", "cloud=aws", "--set", "public=false", "--set", "ports=[1]"]);
    let mut terminal = start(&bed, &args);
    terminal.exp_string("Owning team").unwrap();
    type_in(&mut terminal, "\r");
    terminal.exp_eof().unwrap();
    assert!(bed.exists("demo/.roadbed/lock.yaml"));
    start(&bed, &["new", "service", "other", "--golden-path", "acme", "--defaults"]).exp_eof().unwrap();
    assert!(bed.exists("other/.roadbed/lock.yaml"));
}
