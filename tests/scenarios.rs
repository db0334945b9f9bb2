//! The scenarios of `tests/scenarios/`, each with the real binary, a real golden path and real git.
//!
//! `SCENARIOS=renames cargo test --test scenarios` plays only those whose name holds `renames`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on must fail")]
#![allow(unreachable_pub, reason = "each module of the runner has its own part of it")]
#![cfg(unix)]

mod scenario;
mod support;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use scenario::{Scenario, play, read_all};

/// The cases that `tests/scenarios/README.md` lists.
const CASES: u8 = 45;

#[test]
fn every_scenario_holds() {
    let wanted = std::env::var("SCENARIOS").unwrap_or_default();
    let all: Vec<Scenario> = read_all().into_iter().filter(|scenario| scenario.name.contains(&wanted)).collect();
    assert!(!all.is_empty(), "no scenario's name holds {wanted:?}");
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let worker = || {
        while let Some(scenario) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = std::panic::catch_unwind(|| play(scenario)).unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                Err(text.or(panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
            });
            if let Err(why) = outcome {
                let heading = format!("== tests/scenarios/{}.yaml\n{}\n", scenario.name, scenario.proves);
                failures.lock().unwrap().push(format!("{heading}{why}"));
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(worker);
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    assert!(failures.is_empty(), "{} of {} failed\n\n{}", failures.len(), all.len(), failures.join("\n\n"));
}

#[test]
fn every_case_is_proved_and_every_scenario_says_what() {
    let all = read_all();
    let proved: BTreeSet<u8> = all.iter().flat_map(|scenario| scenario.cases.iter().copied()).collect();
    let expected: BTreeSet<u8> = (1..=CASES).collect();
    assert_eq!(proved, expected);
    for scenario in &all {
        assert!(!scenario.cases.is_empty() && scenario.proves.len() > 10, "{}", scenario.name);
        assert!(scenario.steps.iter().any(|step| step.run.is_some()), "{} runs nothing", scenario.name);
    }
}
