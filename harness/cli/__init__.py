"""The command `claims`; without torch."""
