"""What a claim says, where it is said, and who judges it."""
