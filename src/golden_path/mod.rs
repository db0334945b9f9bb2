//! Golden paths: what they ask, what they lay, and how a version of one is had.
//!
//! A path is data: it is handed in as a tree, and nothing here touches a disk, a clock, an environment or a
//! network. [`Versions`] opens one, [`closure`] chooses assets, [`resolve`] answers their questions, and
//! [`render`] gives the files.

mod archive;
mod builtin;
mod changelog;
mod check;
mod closure;
mod controls;
mod digest;
mod filters;
mod fit;
#[cfg(test)]
mod fixture;
mod globs;
mod judge;
mod lint;
mod listing;
mod open;
mod outline;
mod overlap;
mod own_check;
mod place;
mod quote;
mod release;
mod sandbox;
mod splice;
mod spot;
mod versions;

pub mod answers;
pub mod asset;
pub mod given;
pub mod levels;
pub mod manifest;
pub mod own_rule;
pub mod question;
pub mod render;
pub mod source;
pub mod suite;

pub use answers::{Answered, Asker, Nobody, Prompt, Unfit, Whence, answer, resolve, stored_answer};
pub use archive::{pack, unpack};
pub use asset::Asset;
pub use changelog::changes_between;
pub use closure::{closure, detected, questions_for};
pub use controls::{Control, controls};
pub use digest::digest;
pub use fit::fits;
pub use given::{AnswerFile, Given, Origin, Supplied};
pub(crate) use globs::{PathGlob, of_rule as glob};
pub(crate) use judge::{Verdict as Judged, fill, judge};
pub use lint::{Verdict, lint};
pub use listing::files_of;
pub use manifest::{Manifest, Template};
pub use open::{GoldenPath, Identity, load};
pub(crate) use own_check::pattern;
pub use own_rule::OwnRule;
pub use question::{Question, QuestionType};
pub use release::{Edits, release};
pub use render::{Pristine, Rename, Render, render};
pub use sandbox::{ENGINE, holds, with_stack};
pub use source::Source;
pub use spot::problem_at;
pub use suite::{Case, Suite, cases};
pub use versions::Versions;
