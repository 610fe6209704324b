"""Benchmarks: what the harness's own ways of computing gain over the usual ones, on this machine."""
