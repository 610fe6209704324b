"""From a record on disk to the reports beside it: `report.html` and `report.md`."""

from __future__ import annotations

import warnings
from pathlib import Path

from memorization_claims.reports import matrix, whole
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
        SettingError: for one that is no matrix of mutants.
        OSError: where a file cannot be read or written.
    """
    with warnings.catch_warnings():
        # Warnings are errors in a session, and Matplotlib's own dependencies deprecate what it imports.
        warnings.simplefilter("ignore")
        from memorization_claims.reports.html.page import page
    from memorization_claims.reports.markdown import markdown

    record = read(source)
    beside = source.with_name(MUTANTS)
    caught = matrix.by_test(matrix.read(mutants or beside)) if mutants or beside.exists() else None
    texts = {"report.html": page(record, caught), "report.md": markdown(record, caught)}
    folder.mkdir(parents=True, exist_ok=True)
    return [whole.write(folder / name, text) for name, text in texts.items()]
