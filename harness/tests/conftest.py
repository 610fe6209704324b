"""One torch thread, as claims are judged: more of them wait for each other on small nets and busy machines."""

import torch

torch.set_num_threads(1)

collect_ignore = ["pack"]
"""Tests of another repository, which are run in a copy."""
