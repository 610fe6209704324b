"""What all tests share: one torch thread, as claims are judged; the same examples in each session; no deadlines."""

import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
settings.register_profile("project", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

collect_ignore = ["pack"]
"""Tests of another repository, which are run in a copy."""
