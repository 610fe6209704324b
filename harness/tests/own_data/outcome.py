"""What a session on a data set came to, as plain values: verdicts, and reasons where there is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from memorization_claims.judging.placebo import COMPARING
from memorization_claims.reports.summary import Record

WHOLE = (0, 1)
"""The exit statuses of pytest when it has judged everything."""
DATA = re.compile(r"real|true labels|clean|rand[XY](-\d+)?|random (labels|pixels)|Gaussian|shuffled|corrupted|\d+ %")
"""How the name of an arm begins that tells what its data are."""
REAL = {"real", "true labels", "clean"}
NUMBER = re.compile(r"(?<![\w'])-?\d[\d.]*(e[-+]?\d+)?")
FOLDER = re.compile(r"(?<!\S)/\S*/")
PLACE = re.compile(r"(?<!\S)/[^\s:;,]*")
"""What reasons differ in that are the same: numbers, and folders."""


def of(handed_over: Mapping[str, Any], status: int, output: str) -> dict[str, Any]:
    """The outcome of a session.

    Args:
        handed_over: by `hand_over`; without a record where the data were refused.
        status: the exit status of pytest.
        output: of pytest.

    Returns:
        `items`, `verdicts`, `skipped` and `undecided`, numbers of items, the latter two by reason; `supported` and
        `contradictions`, ids: those that are supported, and those of them that tell real data from noise; `errors`,
        sentences, of which there should be none; and `refused`, the message where the data cannot be judged.
    """
    record: Record = handed_over.get("record") or {"claims": [], "skipped": [], "errors": []}
    entries = record["claims"]
    errors = [f"{error['nodeid'].rpartition('::')[2]}: {error['message']}" for error in record["errors"]]
    refused = "" if status in WHOLE else _refusal(output)
    if status not in WHOLE and (entries or not refused):
        errors.append(f"exit status {status}: {(output.strip().splitlines() or ['no output'])[-1]}")
    if "Traceback (most recent call last)" in output:
        errors.append("there is a traceback in the output")
    errors += [
        f"{entry['id']}: {entry['verdict']} without a number as its effect" for entry in entries if _blank(entry)
    ]
    supported = [entry for entry in entries if entry["verdict"] == "supported"]
    return {
        "items": len(entries) + len(record["skipped"]),
        "verdicts": dict(sorted(Counter(entry["verdict"] for entry in entries).items())),
        "skipped": _counted(each["reason"] for each in record["skipped"]),
        "undecided": _counted(entry["because"] for entry in entries if entry["verdict"] == "undecided"),
        "supported": sorted(entry["id"] for entry in supported),
        "contradictions": sorted(entry["id"] for entry in supported if tells_noise(entry)),
        "errors": errors,
        "refused": refused,
    }


def tells_noise(entry: Mapping[str, Any]) -> bool:
    """Whether an item compares real data with noise, or more noise with less: where all is noise it cannot hold."""
    found = filter(None, map(DATA.match, entry["samples"] or ()))
    data = {match.group() for match in found}
    levels = bool(data) and all(each.endswith("%") for each in data)
    return entry["kind"] in COMPARING and len(data) > 1 and (levels or bool(data & REAL))


def _blank(entry: Mapping[str, Any]) -> bool:
    """Whether an item is decided on something else than a number; theorems have errors in the place of an effect."""
    decided = entry["verdict"] != "undecided" and entry["kind"] != "exact"
    return decided and (not entry["effect"] or entry["effect"]["estimate"] is None)


def _counted(reasons: Iterable[str]) -> dict[str, int]:
    """How many items have each reason, those first that are met most often."""
    return dict(Counter(map(alike, reasons)).most_common())


def alike(reason: str) -> str:
    """A reason without what tells it from others of its kind: numbers, folders, and what follows a colon."""
    parts = NUMBER.sub("N", PLACE.sub("DIR", reason.split("; median")[0])).split("; ")
    return "; ".join(dict.fromkeys(part.partition(":")[0] for part in parts))


def _refusal(output: str) -> str:
    """The line in which pytest refuses an option."""
    lines = [line.removeprefix("ERROR: ") for line in output.splitlines() if line.startswith("ERROR: ")]
    return FOLDER.sub("", lines[0]) if lines else ""
