"""From a record on disk to the reports beside it: `report.html` and `report.md`."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from memorization_claims.errors import SettingError
from memorization_claims.reports.reading import read

MUTANTS = "mutants.json"
"""Where `claims mutants --save` is looked for: beside the record."""


def write(source: Path, folder: Path, mutants: Path | None = None) -> list[Path]:
    """Write the reports of a record.

    Args:
        source: `verdicts.json`, its folder, or claims that were saved as benchmarks.
        folder: where they go; it is made.
        mutants: what `claims mutants --save` wrote; without it the file of its name beside the record, if there is one.

    Raises:
        DataError: for a file that is no record.
        SettingError: for one that is no list of mutants.
        OSError: where a file cannot be read or written.
    """
    with warnings.catch_warnings():
        # Warnings are errors in a session, and Matplotlib's own dependencies deprecate what it imports.
        warnings.simplefilter("ignore")
        from memorization_claims.reports.html.page import page
    from memorization_claims.reports.markdown import markdown

    record = read(source)
    beside = source.with_name(MUTANTS)
    caught = _caught(mutants or beside) if mutants or beside.exists() else None
    texts = {"report.html": page(record, caught), "report.md": markdown(record, caught)}
    folder.mkdir(parents=True, exist_ok=True)
    return [_replace(folder / name, text) for name, text in texts.items()]


def _caught(path: Path) -> Mapping[str, Sequence[str]]:
    """The mutants that take each test's support away, by its id."""
    try:
        caught = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SettingError(f"{path} is not JSON: {error}; legal is what `claims mutants --save` writes") from error
    lists = caught.values() if isinstance(caught, dict) else [None]
    if not all(isinstance(names, list) and all(isinstance(name, str) for name in names) for names in lists):
        raise SettingError(f"{path} is no list of mutants; legal is what `claims mutants --save` writes")
    return dict(caught)


def _replace(target: Path, text: str) -> Path:
    """Write a file whole or not at all."""
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(target)
    return target
