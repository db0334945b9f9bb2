//! What this module does with real repositories, friendly and hostile.

mod commits;
mod creating;
mod dirt;
mod hostile;
mod places;
mod working;
