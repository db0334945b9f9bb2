"""Tests. They need nothing but the standard library: `make test`."""
