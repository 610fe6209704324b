"""Specs, which name a run, a fit or a generator: frozen dataclasses of plain values, whose JSON is their name."""
