"""A plugin for sessions that `claims mutants` starts: under `--claims-mutant` all tests meet what the mutant breaks.

Else it is broken for claims alone. A session has it by `-p`.
"""

from __future__ import annotations

import pytest

from memorization_claims.session import overrides


def pytest_runtestloop(session: pytest.Session) -> None:
    """Break it when all tests are collected, so that names which their modules imported are of the broken one, too."""
    mutant = overrides.of(session.config).mutant
    for each in mutant.patched() if mutant else ():
        setattr(*each)
