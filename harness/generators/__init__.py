"""Generators: make images like those of a training set from normal random numbers, and learn it without labels."""
