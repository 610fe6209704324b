"""What a net that does not fit says of a claim that it can."""

NOT_FITTED = "no run: one that does not fit in its budget might in a longer one, and leaves the claim undecided"
"""What refutes such a claim; its test asks `judge.at_least(..., refutes=False)`."""
