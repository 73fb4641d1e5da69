"""Benchmarks that anybody can repeat: `make bench-judging`. What was found is in
docs/performance.md."""
