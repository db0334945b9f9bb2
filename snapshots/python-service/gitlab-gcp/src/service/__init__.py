"""A small HTTP service on the golden path. See README.md for how it is run."""
