"""The folders that options name, which a session reads and writes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from memorization_claims.errors import SettingError

DATA_ROOT = "--claims-data-root"


def data_root(given: str | None, *, download: bool) -> Path:
    """The folder of data sets. One that the option names has to be there, or to be made by a download.

    Raises:
        SettingError: it is missing, or a file.
    """
    from memorization_claims.data import source
    from memorization_claims.spec import paths

    if not given:
        return source.default_root()
    folder = paths.expanded(DATA_ROOT, given)
    check_data_root(DATA_ROOT, folder, download)
    return folder


def writable(config: pytest.Config, name: str, given: str | None) -> Path | None:
    """The folder that the option of this name gives. It has to be one that can be written or made.

    Raises:
        SettingError: it is not.
    """
    if not given:
        return None
    from memorization_claims.spec import paths

    folder = Path(config.invocation_params.dir, paths.expanded(f"--claims-{name}", given))
    if obstacle := obstacle_to(folder):
        raise SettingError(f"--claims-{name} is {folder} and {obstacle}; legal is a folder that can be written or made")
    return folder


def check_data_root(name: str, folder: Path, download: bool) -> None:
    """Raise SettingError where a folder of data sets that is named so is a file, or is not there and not to be made."""
    if folder.exists() and not folder.is_dir():
        raise SettingError(f"{name} is {folder}, which is a file; legal is a folder of data sets")
    if not (download or folder.exists()):
        raise SettingError(
            f"{name} is {folder}, which does not exist; legal is a folder of data sets; --claims-download makes it"
        )


def obstacle_to(folder: Path) -> str:
    """Why a folder can be neither written nor made; empty where it can."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        return f"{there} is a file"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written"
