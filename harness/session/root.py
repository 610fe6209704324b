"""The folder that a session's claims belong to: where the store lies, and what the record names as their pack."""

from __future__ import annotations

from pathlib import Path

import pytest


def root_of(config: pytest.Config) -> Path:
    """The root of the session's project.

    It is pytest's root where pytest has found a configuration around the folder that it started in. Pytest takes the
    value of an option that it does not know yet, as in `--claims-report /tmp/report`, for a path of tests and may then
    have its root elsewhere; so that it does not matter, the nearest folder with a pyproject.toml counts then, or the
    folder itself.
    """
    here = config.invocation_params.dir
    if config.inipath is not None and here.is_relative_to(config.rootpath):
        return config.rootpath
    return next((folder for folder in (here, *here.parents) if (folder / "pyproject.toml").is_file()), here)
