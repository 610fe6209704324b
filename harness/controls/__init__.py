"""What shows that a claim can fail: a placebo for what compares conditions, and mutants that break the science."""
