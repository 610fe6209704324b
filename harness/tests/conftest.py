"""What all tests share: one torch thread, as claims are judged, and no test that fails where a machine is busy."""

import torch
from hypothesis import HealthCheck, settings

torch.set_num_threads(1)
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

collect_ignore = ["pack"]
"""Tests of another repository, which are run in a copy."""
