"""Training: cohorts of nets side by side, each net's numbers its own."""
