"""Measures the node against the bare calls it is made of. See docs/benchmarks.md."""
