"""Records from files: verdicts.json, the folder that holds it, or claims that were saved as benchmarks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from memorization_claims.errors import DataError
from memorization_claims.reports import saved
from memorization_claims.reports.record import SCHEMA

LEGAL = "legal are verdicts.json, the folder that --claims-report wrote it to, and what --benchmark-save wrote"


def read(path: Path) -> dict[str, Any]:
    """The record in a file or folder.

    Raises:
        DataError: there is none that can be read.
    """
    file = path / "verdicts.json" if path.is_dir() else path
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error.strerror}; {LEGAL}") from error
    except ValueError as error:
        raise DataError(f"{file} is no JSON: {error}; {LEGAL}") from error
    if isinstance(record, dict) and "benchmarks" in record and "record" in record:
        record = saved.restored(record)
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise DataError(f"{file} is no record of claims with schema {SCHEMA!r}; {LEGAL}")
    return record
