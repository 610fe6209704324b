"""The pack of claims that a session judges, as the record names it."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeAlias

import pytest

from memorization_claims.session.root import root_of

Pack: TypeAlias = tuple[str, str | None]
"""Name and version; None for a pack without versions."""


def of(config: pytest.Config) -> Pack:
    """The pack that `pytest_claims_pack` names, else the one whose folder is the root of the session."""
    named: Pack | None = config.hook.pytest_claims_pack(config=config)
    return named or found_at(root_of(config))


def found_at(root: Path) -> Pack:
    """What a folder's pyproject.toml says of name and version; without one, the folder's name.

    A version that is not written there is that of the installed distribution, if it is installed.
    """
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    except (OSError, ValueError):
        project = {}
    if "name" not in project:
        return root.name, None
    return project["name"], project.get("version") or _installed(project["name"])


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
