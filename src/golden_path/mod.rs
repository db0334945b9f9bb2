//! Golden paths: what they ask, what they lay, and how a version of one is had.
