//! roadbed puts repositories on a secured golden path, and keeps them there.
//!
//! # One plan, many views
//!
//! Everything roadbed does is one pure function and a few ways to show or apply its result:
//!
//! ```text
//! plan(locked path, target path, policy, answers, tree) -> Plan { findings, edits, conflicts }
//!
//! new     = plan against an empty tree, applied
//! check   = plan, shown as findings, turned into an exit code
//! diff    = plan, shown as a patch
//! fix     = plan, applied
//! upgrade = plan with another version, applied
//! adopt   = plan against a tree with no lock, applied
//! add     = plan with one asset more, applied
//! remove  = plan with one asset less, applied
//! ```
//!
//! The planner knows no file system, no clock, no network and no terminal.
//!
//! # Layers
//!
//! Nothing lower knows anything higher; a test over the `use crate::` lines keeps it so.
//!
//! | layer | what it is |
//! | --- | --- |
//! | [`cli`] | one file a command: arguments in, a plan, a view out |
//! | [`output`] | one file a format |
//! | [`plan`] | the pure planner: drift by ownership mode, edits, conflicts, the next lock |
//! | [`detect`] | what a repository is, told by its own files: for `adopt` |
//! | [`rules`] | what is checked in any repository, whoever wrote its files, and the fixes |
//! | [`online`] | what `--online` may ask of forges and registries. Handed in from above, like [`repo`] |
//! | [`golden_path`] | manifests, questions, rendering, releases |
//! | [`merge`] | three-way merges: by lines, judged by keys |
//! | [`edit`] | format-preserving edits of text, YAML, JSON and TOML |
//! | [`model`] | the nouns: paths, trees, findings, plans, the files under `.roadbed/` |
//! | [`repo`] | the world: working directories, git, the crash-safe apply. Handed in from above |

pub mod catalogue;
pub mod cli;
pub mod detect;
pub mod edit;
pub mod error;
pub mod golden_path;
pub mod merge;
pub mod model;
pub mod online;
pub mod output;
pub mod plan;
pub mod repo;
pub mod rules;
