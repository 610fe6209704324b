"""Makes pytest's own test tools known in this folder; the harness is known as an installed plugin."""

pytest_plugins = ["pytester"]
