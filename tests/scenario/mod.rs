//! Plays the files of `tests/scenarios/`: what a person reads there is what runs here.
//!
//! `script` is the format, `content` and `stage` make its files real, `play` runs its steps, `laws` holds what must be true
//! after every upgrade whatever the scenario says, and `snapshot` compares trees and shows how they differ.

mod content;
mod laws;
mod play;
mod script;
mod snapshot;
mod stage;

pub use play::play;
pub use script::{Scenario, read_all};
