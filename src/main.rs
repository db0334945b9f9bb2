//! The `roadbed` program.

fn main() {}
