"""The line at the head of a session: with what and on what its claims are judged."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from memorization_claims.data import source
from memorization_claims.session.options import Options
from memorization_claims.spec import names


def line(options: Options, here: Path) -> str:
    """Version, store, device and data.

    Args:
        options: of the session.
        here: the folder that pytest was called in; what lies in it is shown relative to it.
    """
    store = options.store.relative_to(here) if options.store.is_relative_to(here) else options.store
    ours = f"memorization-claims {version('memorization-claims')}"
    fresh = f", base seed {options.base_seed} (random)" if options.fresh else ""
    return f"claims: {ours}, store {store}, device {options.device}, data {_data(options)}{fresh}"


def _data(options: Options) -> str:
    """The data set that the user chose, or all that can be loaded."""
    if options.dataset:
        return options.dataset
    loadable = [name for name in names.DATASETS if source.available(name, options.data_root)]
    return ", ".join(loadable) + (f" in {options.data_root}" if loadable != ["digits"] else "")
