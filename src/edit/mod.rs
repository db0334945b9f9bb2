//! Format-preserving edits: bytes outside an edit do not change.
