"""The claims, one folder a paper, one file an experiment, one test a claim."""
