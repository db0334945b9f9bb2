//! The world: working directories, git, and the apply that survives a crash.
