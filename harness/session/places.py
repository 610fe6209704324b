"""The folders that a session reads and writes: found from the options, and checked before anything is trained."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from memorization_claims.errors import SettingError
from memorization_claims.session import items, stash
from memorization_claims.spec import paths

DATA_ROOT = "--claims-data-root"


def data_root(given: str | None, *, download: bool) -> Path:
    """The folder of data sets. One that the option names has to be there, or to be made by a download.

    Raises:
        SettingError: it is missing, or a file.
    """
    from memorization_claims.data import source

    if not given:
        return source.default_root()
    folder = paths.expanded(DATA_ROOT, given)
    _check_data_root(DATA_ROOT, folder, download)
    return folder


def writable(config: pytest.Config, name: str, given: str | None) -> Path | None:
    """The folder that the option of this name gives. It has to be one that can be written or made.

    Raises:
        SettingError: it is not.
    """
    if not given:
        return None
    folder = Path(config.invocation_params.dir, paths.expanded(f"--claims-{name}", given))
    if obstacle := _obstacle(folder):
        raise SettingError(f"--claims-{name} is {folder} and {obstacle}; legal is a folder that can be written or made")
    return folder


def check(config: pytest.Config, selected: Iterable[pytest.Item]) -> None:
    """Refuse to judge claims where the folders that nobody gave an option for are of no use.

    A session without claims has nothing to do with them, and one that trains nothing has no need of a store.

    Raises:
        SettingError: the data root of the environment variable is missing, or the store cannot be written.
    """
    from memorization_claims.data import source
    from memorization_claims.plan.plan import Plan

    judged = [each for each in selected if isinstance(each, pytest.Function) and items.claim_of(each)]
    trained = [isinstance(items.placed(each).setting, Plan) and not each.get_closest_marker("skip") for each in judged]
    options = config.stash[stash.OPTIONS]
    if judged and os.environ.get(source.ROOT_VARIABLE) and not config.getoption("claims_data_root"):
        _check_data_root(source.ROOT_VARIABLE, options.data_root, options.download)
    if any(trained) and (obstacle := _obstacle(options.store)):
        raise SettingError(
            f"the store is {options.store} and {obstacle}; --claims-store DIR names a folder that can be written"
        )


def _check_data_root(name: str, folder: Path, download: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise SettingError(f"{name} is {folder}, which is a file; legal is a folder of data sets")
    if not (download or folder.exists()):
        raise SettingError(
            f"{name} is {folder}, which does not exist; legal is a folder of data sets; --claims-download makes it"
        )


def _obstacle(folder: Path) -> str:
    """Why a folder can be neither written nor made; empty where it can."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        return f"{there} is a file"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written"
