"""What a record has to hold to be read: its fields and their types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

NUMBER = (int, float)
MEASURED = (int, float, type(None))
COUNTED = (int, type(None))
VERDICT = ("supported", "refuted", "undecided")
EFFECT = {
    **{"name": str, "unit": str, "margin": NUMBER, "by_seed": [MEASURED], "claimed": ([MEASURED], None)},
    **dict.fromkeys(("estimate", "low", "high", "standardized"), MEASURED),
}
COUNT = {**dict.fromkeys(("runs", "beyond", "short", "needed"), int), "more": COUNTED, "replicates": NUMBER}
ENTRY = {
    **dict.fromkeys(("id", "nodeid", "scale", "dataset", "kind", "says", "source", "paper", "because", "known"), str),
    **{"refuted_by": str, "margin_reason": str, "notes": [str], "departs": [str]},
    **{"verdict": VERDICT, "expected": VERDICT, "p_support": MEASURED, "p_refute": MEASURED},
    **{"effect": (EFFECT, None), "count": (COUNT, None), "seeds": [int], "samples": {str: [MEASURED]}},
    **{"seconds": dict.fromkeys(("training", "measuring", "wall"), NUMBER), "runs": {"trained": int, "reused": int}},
}
SERIES: dict[str, Any] = {
    "lines": {"label": str, "x": [NUMBER], "y": [MEASURED], "low": [MEASURED], "high": [MEASURED], "seeds": int},
    "groups": {"label": str, "values": [MEASURED]},
    "matrix": {"label": str, "values": [[MEASURED]]},
    "images": {"label": str, "png": [str], "columns": [str]},
}
PANEL = {
    **dict.fromkeys(("paper", "figure", "says", "panel", "item", "scale", "dataset", "xlabel", "ylabel", "log"), str),
    **{"kind": tuple(SERIES), "series": list},
}
RECORD = {
    **{"environment": dict, "options": dict, "summary": dict, "stopped": str},
    **{"pack": {"name": str, "version": (str, None), "commit": (str, None)}},
    **{"papers": {str: {"short": str, "bibtex": str}}, "claims": [ENTRY], "figures": [PANEL]},
    **{"errors": [{"nodeid": str, "message": str}], "skipped": [{"nodeid": str, "reason": str}]},
}
"""The fields of a record."""


def damage(record: dict[str, Any]) -> str:
    """What is wrong with a record, in a few words: the first field that is missing or of another type; else empty.

    Args:
        record: as JSON was read, of this project's schema.
    """
    return next(_wrong(record, RECORD, ""), "") or next(_inconsistent(record), "")


def _wrong(value: Any, shape: Any, where: str) -> Iterator[str]:
    """What in a value is not as its shape: a type, several, a list or dictionary of shapes, or words to choose from."""
    if isinstance(shape, dict) and str in shape:
        yield from _typed(value, dict, where)
        for key, each in value.items():
            yield from _wrong(each, shape[str], f"{where}[{key!r}]")
    elif isinstance(shape, dict):
        yield from _typed(value, dict, where)
        for key, each in shape.items():
            inside = f"{where}.{key}".lstrip(".")
            yield from _wrong(value[key], each, inside) if key in value else (f"{inside} is missing",)
    elif isinstance(shape, list):
        yield from _typed(value, list, where)
        for place, each in enumerate(value):
            yield from _wrong(each, shape[0], f"{where}[{place}]")
    elif isinstance(shape, tuple) and shape[1:] == (None,):
        yield from _wrong(value, shape[0], where) if value is not None else ()
    elif isinstance(shape, tuple) and isinstance(shape[0], str):
        if value not in shape:
            yield f"{where} is {value!r:.40}, and legal are {', '.join(shape)}"
    else:
        yield from _typed(value, shape, where)


def _typed(value: Any, types: Any, where: str) -> Iterator[str]:
    # True is an int to Python, and no number here.
    if not isinstance(value, types) or isinstance(value, bool):
        yield f"{where or 'the record'} is {value!r:.40}, which is of another type"


def _inconsistent(record: dict[str, Any]) -> Iterator[str]:
    """What does not belong together, and fields that not all entries have, in a record whose other fields are right."""
    for place, entry in enumerate(record["claims"]):
        where, effect = f"claims[{place}]", entry["effect"]
        seeds = 0 if entry["kind"] == "exact" else len(entry["seeds"])
        if effect and len(effect["by_seed"]) != seeds:
            yield f"{where}.effect.by_seed has {len(effect['by_seed'])} numbers for {seeds} seeds"
        if effect and effect["claimed"] is not None and len(effect["claimed"]) != 2:
            yield f"{where}.effect.claimed has {len(effect['claimed'])} ends, and legal are two"
        if entry["count"] and None in (entry["p_support"], entry["p_refute"]):
            yield f"{where} has a count without its p-values"
        # Fields that not all entries have.
        yield from _wrong((entry["count"] or {}).get("seen"), (int, None), f"{where}.count.seen")
        yield from _wrong(entry.get("alarm", 0.0), NUMBER, f"{where}.alarm")
        if not isinstance(entry.get("leans", False), bool):
            yield f"{where}.leans is {entry['leans']!r:.40}, which is of another type"
        if entry["paper"] and entry["paper"] not in record["papers"]:
            yield f"{where}.paper is {entry['paper']!r:.40}, which papers does not hold"
    for place, panel in enumerate(record["figures"]):
        where = f"figures[{place}].series"
        yield from _wrong(panel["series"], [SERIES[panel["kind"]]], where)
        if panel["kind"] == "matrix" and len(panel["series"]) != 1:
            yield f"{where} has {len(panel['series'])} matrices, and legal is one"
        for each in panel["series"] if panel["kind"] in ("lines", "matrix") else ():
            columns = each["values"] if panel["kind"] == "matrix" else [each[key] for key in ("x", "y", "low", "high")]
            if len({len(column) for column in columns}) > 1:
                yield f"{where} has lists of several lengths"
