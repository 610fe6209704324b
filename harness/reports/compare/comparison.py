"""Records set beside the first of them, as plain values that JSON can hold; what is shown is rendered from these."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal, get_args

from memorization_claims.reports import effects
from memorization_claims.statistics.drift import Measured, drift
from memorization_claims.statistics.verdict import Outcome, Verdict

SCHEMA = "memorization-claims/comparison/1"
Group = Literal["changed", "drifted", "leaning", "cannot tell", "the same"]
GROUPS: tuple[Group, ...] = get_args(Group)
SAID: Mapping[Group, str] = {
    "changed": "another verdict",
    "drifted": "no other verdict, and an effect that has moved by more than its tolerance",
    "leaning": "undecided in one, where it leans to what it is in the other",
    "cannot tell": "the same verdict, and an effect of which neither can be shown",
    "the same": "the same verdict, and an effect that is shown to lie within its tolerance",
}
OF_DRIFT: Mapping[Outcome, Group] = {
    Outcome.SUPPORTED: "the same",
    Outcome.REFUTED: "drifted",
    Outcome.UNDECIDED: "cannot tell",
}
Fate = Literal["gone wrong", "no longer there", "skipped", "new"]
FATES: tuple[Fate, ...] = get_args(Fate)
"""What becomes of an item that not both judged: also one that is skipped in the first alone is new."""
NOT_THERE = "not there"
SECONDS = 1.0
"""Claims that took less say nothing of how fast a version is."""

Entry = Mapping[str, Any]


def compare(records: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The first record with each of the others.

    Args:
        records: by name, at least two; the first is the earlier version.

    Returns:
        `records`, what each was made under, and `comparisons`, one for each but the first: `items` that both judged,
        `absent` ones that only one did or that went wrong, `time`, `sessions`, what each took, and a `summary` that
        counts.
    """
    (first, before), *others = records.items()
    kept = ("environment", "options", "summary", "stopped")
    return {
        "schema": SCHEMA,
        "records": [{"name": name, **{key: record[key] for key in kept}} for name, record in records.items()],
        "comparisons": [_pair(first, before, name, after) for name, after in others],
    }


def alarms(comparison: Mapping[str, Any]) -> bool:
    """Whether some verdict changed, some effect drifted, or a claim that was judged went wrong or is gone."""
    alarming = ("changed", "drifted", "gone wrong", "no longer there")
    return any(one["summary"][group] for one in comparison["comparisons"] for group in alarming)


def _pair(first: str, before: Mapping[str, Any], name: str, after: Mapping[str, Any]) -> dict[str, Any]:
    earlier, later = _by_key(before), _by_key(after)
    items = [_item(earlier[key], later[key]) for key in sorted(earlier.keys() & later.keys())]
    items.sort(key=lambda item: GROUPS.index(item["group"]))
    absent = _absent(before, after)
    counts = Counter(item["group"] for item in items)
    fates = Counter(one["fate"] for one in absent)
    return {
        "before": first,
        "after": name,
        "summary": {group: counts[group] for group in GROUPS} | {fate: fates[fate] for fate in FATES},
        "time": _time(items),
        "sessions": [_session(before), _session(after)],
        "items": items,
        "absent": absent,
    }


def _by_key(record: Mapping[str, Any]) -> dict[tuple[str, str], Entry]:
    return {(entry["id"], entry["scale"]): entry for entry in record["claims"]}


def _item(before: Entry, after: Entry) -> dict[str, Any]:
    """One claim that both judged."""
    group, because, change = _judged(before, after)
    notes = [f"{key} was {before[key]} and is {after[key]}" for key in ("dataset",) if before[key] != after[key]]
    if before["effect"] and after["effect"] and before["effect"]["margin"] != after["effect"]["margin"]:
        notes.append(f"the margin was {before['effect']['margin']:g} and is {after['effect']['margin']:g}")
    took = [entry["seconds"]["training"] + entry["seconds"]["measuring"] for entry in (before, after)]
    return {
        **{key: after[key] for key in ("id", "scale", "says", "source", "kind", "expected")},
        "group": group,
        "because": because,
        "verdicts": [before["verdict"], after["verdict"]],
        "effects": [before["effect"], after["effect"]],
        "change": _plain(change),
        "seconds": took,
        "notes": [*notes, *(change.notes if change is not None else ())],
    }


def _judged(before: Entry, after: Entry) -> tuple[Group, str, Verdict | None]:
    """The group of a claim, why, and the change of its effect where there is one to speak of."""
    change, obstacle = _change(before, after)
    leans, drifted = _lean(before, after), change is not None and change.outcome is Outcome.REFUTED
    if before["verdict"] != after["verdict"] and not (leans and drifted):
        return "leaning" if leans else "changed", f"it is now {after['verdict']}: {after['because']}", change
    if change is not None:
        return OF_DRIFT[change.outcome], change.because, change
    if before["samples"] and all(before[key] == after[key] for key in ("kind", "seeds", "samples", "effect")):
        return "the same", f"the same numbers at all {len(before['seeds'])} seeds", None
    if before["kind"] == after["kind"] == "exact":
        return "the same", "a theorem's errors are held by their tolerance alone", None
    return "cannot tell", obstacle, None


def _lean(before: Entry, after: Entry) -> bool:
    """Whether one of two entries of a claim leans to the other's verdict; seeded tests, which have a level, do not."""
    leans = effects.leans_to(before, after["verdict"]) or effects.leans_to(after, before["verdict"])
    return leans and "alarm" not in before


def _change(before: Entry, after: Entry) -> tuple[Verdict | None, str]:
    """The verdict on the change of an effect, or None and the reason."""
    if before["kind"] != after["kind"] or before["kind"] == "exact":
        return None, f"the claim was judged as {before['kind']!r} and is judged as {after['kind']!r}"
    if before["kind"] == "event":
        return None, "of an event, which happens or does not, only the verdicts are compared"
    earlier, later = before["effect"], after["effect"]
    for entry in (before, after):
        if not entry["effect"] or entry["effect"]["estimate"] is None:
            return None, f"one has no effect: {entry['because']}"
    if (earlier["name"], earlier["unit"]) != (later["name"], later["unit"]):
        return None, f"the effect was {earlier['name']!r} and is {later['name']!r}"
    return drift(_measured(before), _measured(after), unit=earlier["unit"] if before["kind"] != "fit" else "log"), ""


def _measured(entry: Entry) -> Measured:
    effect, values = entry["effect"], effects.differences(entry)
    assert values is not None
    by_seed = dict(zip(entry["seeds"], values.tolist(), strict=True))
    return Measured(entry["kind"], effect["estimate"], effect["margin"], by_seed, tuple(entry["notes"]))


def _plain(change: Verdict | None) -> dict[str, Any] | None:
    """What is kept of a change: its size, its tolerance and its p-values."""
    if change is None or change.effect is None:
        return None
    kept = {key: value for key, value in asdict(change.effect).items() if key in ("estimate", "low", "high", "unit")}
    return kept | {"tolerance": change.effect.margin, "p_same": change.p_support, "p_drifted": change.p_refute}


def _absent(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """What only one judged, and what went wrong in the later one, with what became of it in both."""
    names = {entry["nodeid"]: effects.label(entry) for record in (before, after) for entry in record["claims"]}
    earlier, later = _fates(before, names), _fates(after, names)
    absent = []
    for name in sorted(earlier.keys() | later.keys()):
        old, new = (record.get(name, NOT_THERE) for record in (earlier, later))
        if fate := _fate(old, new):
            absent.append({"item": name, "fate": fate, "before": old, "after": new})
    return absent


def _fate(before: str, after: str) -> Fate | None:
    """What has become of an item, by what became of it in both records; None where both judged it, or neither did."""
    if after.startswith("error"):
        return None if before.startswith("error") else "gone wrong"
    judged = [fate in tuple(Outcome) for fate in (before, after)]
    if judged[0] == judged[1]:
        return None
    return "new" if judged[1] else "no longer there" if after == NOT_THERE else "skipped"


def _fates(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """What became of every item: a verdict, or what went wrong, or why it was skipped."""
    fates = {one["nodeid"]: f"skipped: {one['reason']}" for one in record["skipped"]}
    fates |= {one["nodeid"]: f"error: {one['message']}" for one in record["errors"]}
    return {names.get(nodeid, nodeid): fate for nodeid, fate in fates.items()} | {
        effects.label(entry): entry["verdict"] for entry in record["claims"]
    }


def _time(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How much longer claims took, as the median ratio over those that took long enough, and the extremes."""
    ratios = [after / before for before, after in (item["seconds"] for item in items) if min(before, after) >= SECONDS]
    if not ratios:
        return {"claims": 0, "ratio": None, "low": None, "high": None}
    return {"claims": len(ratios), "ratio": statistics.median(ratios), "low": min(ratios), "high": max(ratios)}


def _session(record: Mapping[str, Any]) -> dict[str, Any]:
    """How many runs the session of a record trained, and its seconds of the processor, where they were counted."""
    return {
        "trained": sum(entry["runs"]["trained"] for entry in record["claims"]),
        "processor": record["summary"].get("seconds", {}).get("processor"),
    }
