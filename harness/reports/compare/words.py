"""What a comparison says, in the words that its text, Markdown and HTML share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorization_claims.reports.compare.comparison import FATES, GROUPS, NOT_THERE
from memorization_claims.reports.effects import label, written

Values = Mapping[str, Any]
COLUMNS = ("claim", "verdict", "before", "after", "change", "tolerance", "time")
NOTHING = "Nothing to report."


def title(pair: Values) -> str:
    """Which version is set beside which."""
    return f"{pair['after']} against {pair['before']}"


def made_otherwise(comparison: Values, pair: Values) -> list[str]:
    """What differs in how the two records were made: versions, machine and options, one each."""
    records = {record["name"]: record for record in comparison["records"]}
    before, after = records[pair["before"]], records[pair["after"]]
    differing = [
        f"{one['name']} was stopped before its end: {one['stopped']}" for one in (before, after) if one["stopped"]
    ]
    for part in ("environment", "options"):
        for key in before[part] | after[part]:
            old, new = before[part].get(key), after[part].get(key)
            if old != new:
                differing.append(f"{key.replace('_', ' ')}: {old} → {new}")
    return differing


def counts(pair: Values) -> str:
    """How many claims came to what."""
    summary = pair["summary"]
    parts = [f"{summary[group]} {group}" for group in GROUPS if summary[group]]
    parts += [f"{summary[fate]} {fate}" for fate in FATES if summary[fate]]
    return (", ".join(parts) or "no claim in both") + "."


def absent(pair: Values) -> list[tuple[str, str, list[str]]]:
    """What not both judged, by what became of it: the fate, why, and the items."""
    groups: dict[tuple[str, str], list[str]] = {}
    for one in pair["absent"]:
        groups.setdefault((one["fate"], _why(one)), []).append(one["item"])
    return [(fate, why, items) for wanted in FATES for (fate, why), items in groups.items() if fate == wanted]


def _why(one: Values) -> str:
    """Why an item was not judged in one of the records."""
    if one["fate"] == "new":
        return "not there before" if one["before"] == NOT_THERE else f"before {one['before']}"
    return "" if one["after"] == NOT_THERE else one["after"].removeprefix("skipped: ")


def time(pair: Values) -> str:
    """How much longer the later version took."""
    return f"{_claims(pair['time'])} {_sessions(*pair['sessions'])}".rstrip()


def _claims(times: Values) -> str:
    if not times["claims"]:
        return "Time: no claim took a second in both."
    spread = f"{times['low']:.2f} to {times['high']:.2f}"
    return f"Time: {times['ratio']:.2f} times as long, the median of {times['claims']} claims ({spread})."


def _sessions(before: Values, after: Values) -> str:
    """What both sessions took and for how much; empty where that was not counted."""
    if before["processor"] is None or after["processor"] is None:
        return ""
    took = [f"{one['processor']:.0f} s of the processor, for {one['trained']} runs trained" for one in (before, after)]
    return f"The sessions took {took[0]}, and {took[1]}."


def row(item: Values) -> dict[str, str]:
    """The cells of an item by column."""
    before, after = (written(effect) if effect else "" for effect in item["effects"])
    return {
        "claim": label(item),
        "verdict": " → ".join(dict.fromkeys(item["verdicts"])),
        "before": before,
        "after": after,
        **_change(item["change"]),
        "time": _ratio(item["seconds"]),
    }


def measured(item: Values) -> str:
    """What the numbers of an item are; empty where nothing was measured."""
    return next((str(effect["name"]) for effect in item["effects"] if effect), "")


def reasons(item: Values) -> list[str]:
    """Why an item is where it is, and what a reader should know besides."""
    return [item["because"], *item["notes"]]


def _change(change: Values | None) -> dict[str, str]:
    if change is None or change["estimate"] is None:
        return {"change": "", "tolerance": ""}
    return {"change": written({**change, "unit": ""}, digits=2), "tolerance": f"±{change['tolerance']:.2g}"}


def _ratio(seconds: list[float]) -> str:
    before, after = seconds
    return f"{after / before:.2f}" if min(before, after) >= 0.1 else ""
