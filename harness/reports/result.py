"""The result of one session of `claims stability`: what it judged under what, and what came of it, as a small file."""

from __future__ import annotations

import json
import shlex
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from memorization_claims.errors import DataError
from memorization_claims.reports import whole
from memorization_claims.reports.summary import Record

SCHEMA = "memorization-claims/stability/1"
KINDS = ("seed", "instructions", "torch", "workers", "reversed")
"""What a session can differ in; its name begins with it."""
KEPT = {"count": ("runs", "beyond", "short", "replicates"), "effect": ("estimate", "low", "high", "margin")}
"""What is kept of an item's numbers."""

Result = dict[str, Any]


def of(
    record: Record,
    name: str,
    *,
    arguments: Sequence[str],
    datasets: Sequence[str],
    environment: Mapping[str, Any],
    status: int,
    seconds: float,
) -> Result:
    """The result of a session.

    Args:
        record: as `verdicts.json` holds it.
        name: of the session.
        arguments: of pytest, without those of the variation.
        datasets: those that could be judged on.
        environment: what decides numbers.
        status: the exit status.
        seconds: that the session took, over all its attempts.
    """
    ended = Counter(entry["verdict"] for entry in record["claims"])
    runs = [entry["count"]["runs"] for entry in record["claims"] if entry["count"]]
    return {
        "schema": SCHEMA,
        "session": name,
        "arguments": list(arguments),
        "datasets": list(datasets),
        "base_seed": record["options"]["base_seed"],
        "environment": dict(environment),
        "exit_status": status,
        "seconds": round(seconds, 1),
        "mean_seeds": round(statistics.fmean(runs), 2) if runs else None,
        **{verdict: ended[verdict] for verdict in ("supported", "refuted", "undecided")},
        "errors": len(record["errors"]),
        "skipped": len(record["skipped"]),
        "items": [_item(entry) for entry in record["claims"]],
    }


def _item(entry: Mapping[str, Any]) -> dict[str, Any]:
    item = {key: entry[key] for key in ("id", "scale", "verdict", "expected")}
    item["dataset"] = Path(entry["dataset"]).name
    for part, keys in KEPT.items():
        item[part] = entry[part] and {key: entry[part][key] for key in keys}
    return item | ({"because": entry["because"]} if entry["verdict"] == "undecided" else {})


def place(result: Result) -> tuple[int, int, str]:
    """Where a session stands among others: base seeds first, by number."""
    kind, _, value = str(result["session"]).partition("-")
    return KINDS.index(kind), int(value) if value.isdecimal() else 0, value


def write(result: Result, folder: Path) -> None:
    """Write it into a folder, whole or not at all."""
    whole.write(folder / f"{result['session']}.json", json.dumps(result, indent=1, allow_nan=False) + "\n")


def read(folder: Path) -> list[Result]:
    """The results in a folder, in their order.

    Raises:
        DataError: a file is none, or two are of other claims or data.
    """
    results = sorted(map(_read, folder.glob("*.json")), key=place)
    for result in results:
        for what in ("arguments", "datasets"):
            if result[what] != results[0][what]:
                names = " and ".join(one["session"] for one in (results[0], result))
                raise DataError(f"{names} differ in their {what}: {told(results[0], what)} and {told(result, what)}")
    return results


def told(result: Mapping[str, Any], what: str) -> str:
    """The arguments of a session as they are typed, or its data sets as they are listed."""
    return f"pytest {shlex.join(result[what])}" if what == "arguments" else ", ".join(result[what])


def _read(path: Path) -> Result:
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    if not isinstance(result, dict) or result.get("schema") != SCHEMA:
        raise DataError(f"{path} is no result of a session with schema {SCHEMA!r}")
    if not _is_whole(result):
        raise DataError(f"{path} is a damaged result of a session; delete it to run the session anew")
    return result


def _is_whole(result: Result) -> bool:
    """Whether all is there that is read of it."""
    kinds = {
        "session": str,
        "arguments": list,
        "datasets": list,
        "environment": dict,
        "exit_status": int,
        "items": list,
    }
    numbers = ("seconds", "supported", "refuted", "undecided", "errors", "skipped")
    of_item = ("id", "scale", "verdict", "expected", "dataset", "count", "effect")
    return (
        all(isinstance(result.get(name), kind) for name, kind in kinds.items())
        and all(isinstance(result.get(name), int | float) for name in numbers)
        and "mean_seeds" in result
        and result["session"].partition("-")[0] in KINDS
        and all(isinstance(item, dict) and all(name in item for name in of_item) for item in result["items"])
    )
