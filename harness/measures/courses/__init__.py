"""Numbers from the course of training: what was recorded at every evaluation."""
