"""Makes the harness and its fixtures known to pytest in this folder, and nowhere else."""

pytest_plugins = ["pytester", "harness.plugin", "fixtures.device", "fixtures.laboratory", "fixtures.claims"]
