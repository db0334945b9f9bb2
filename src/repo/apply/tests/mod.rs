//! An apply is all or nothing, whatever happens to it.

mod cases;
mod faults;
mod refusals;
