//! What a command may ask of the network, where it was told to (`--online`): what tags of actions and images name, and
//! whether a commit is an action's own.
//!
//! A plan says what it lacks; [`resolve`] asks for it, and what comes back goes into the next plan as an overlay of the
//! catalogue. So the planner stays pure, and everything that could be pinned wrong is decided in one place: a branch is
//! no tag, a commit is believed only if the action's own branches and tags hold it, a digest only if it is that of the
//! bytes that came. Nothing here needs credentials of its own, and nothing that comes back is run.

mod network;
mod registry;
mod resolve;

pub use network::{Network, Refs, Remote};
pub use resolve::resolve;
