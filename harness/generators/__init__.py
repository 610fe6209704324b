"""Generators: from normal random numbers to images like those of a training set, learned without labels."""
