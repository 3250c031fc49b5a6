"""Benchmarks: every time as a ratio within one run. Run by `make bench`; see docs/benchmarks.md."""
