"""Records from files: verdicts.json, the folder that holds it, or claims that were saved as benchmarks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from memorization_claims.errors import DataError
from memorization_claims.reports import saved, shape
from memorization_claims.reports.record import SCHEMA

OLDER = "memorization-claims/verdicts/1"
"""The schema of records that cannot be read any more."""
LEGAL = "legal are verdicts.json, the folder that --claims-report wrote it to, and what --benchmark-save wrote"

CONTROL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f]")
"""Characters that a terminal obeys, but for tabs and line ends."""
SUSPECT = re.compile(r"\\[bfr]|\\u00[0189][0-9a-f]|\\u007f|[\x7f-\x9f]", re.IGNORECASE)
"""What the text of a file has where a string in it has such a character, or something alike."""


def read(path: Path) -> dict[str, Any]:
    """The record in a file or folder; a replacement character stands for each that would rule a terminal.

    Raises:
        DataError: there is none that can be read.
    """
    try:
        file = path / "verdicts.json" if path.is_dir() else path
        text = file.read_text(encoding="utf-8")
        record = json.loads(text, parse_constant=_refuse)
        record = _visible(record) if SUSPECT.search(text) else record
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}; {LEGAL}") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file} is no JSON: {error}; {LEGAL}") from error
    if isinstance(record, dict) and "benchmarks" in record and "record" in record:
        record = saved.restored(record)
    if isinstance(record, dict) and record.get("schema") == OLDER:
        raise DataError(f"{file} was made by an older version, which did not count runs: judge its claims again")
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise DataError(f"{file} is no record of claims with schema {SCHEMA!r}; {LEGAL}")
    if wrong := shape.damage(record):
        raise DataError(f"{file} is a damaged record: {wrong}; {LEGAL}")
    return record


def _visible(value: Any) -> Any:
    """A value of JSON without characters of control."""
    if isinstance(value, str):
        return CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_visible(each) for each in value]
    return {_visible(key): _visible(each) for key, each in value.items()} if isinstance(value, dict) else value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")
