"""Makes the harness and its fixtures known to pytest in this folder, and nowhere else."""

pytest_plugins = ["harness.plugin", "fixtures.device", "fixtures.laboratory", "fixtures.claims"]
