"""What an entry of the record says of its effect: in words, in numbers, and as a distance from its margin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memorization_claims.statistics.looks import SURE

Entry = Mapping[str, Any]
Range = tuple[float, float]

SHOWN = {"supported": "beyond", "refuted": "short"}
"""What a verdict's runs are counted as; one that is undecided has none."""


def label(entry: Entry) -> str:
    """The item's name, with its scale where that is not the fast one."""
    return str(entry["id"]) if entry["scale"] == "fast" else f"{entry['id']} {entry['scale']}"


def numbers(entry: Entry) -> str:
    """Estimate, interval and unit, as far as they can be told."""
    return (entry["effect"] and written(entry["effect"])) or "not measured"


def written(effect: Mapping[str, Any], digits: int = 3) -> str:
    """The same of an effect by itself; empty where nothing was measured."""
    if effect["estimate"] is None:
        return ""
    text = f"{effect['estimate']:.{digits}g}"
    if any(effect[end] is not None for end in ("low", "high")):
        low, high = ("open" if effect[end] is None else f"{effect[end]:.{digits}g}" for end in ("low", "high"))
        text += f" [{low}, {high}]"
    return f"{text} {effect['unit']}".rstrip()


def margin(entry: Entry) -> str:
    """What the estimate is held against, as it is read: `> 0.1`, `within ±0.05`; empty where nothing was measured."""
    within = claimed(entry)
    if not within:
        return ""
    value = f"{entry['effect']['margin']:g}"
    if within[1] == math.inf:
        return f"> {value}"
    if within[0] == -math.inf:
        return f"{'≤' if entry['kind'] == 'exact' else '<'} {value}"
    return f"1/{value} to {value}" if entry["kind"] == "fit" else f"within ±{value}"


def runs(entry: Entry) -> int:
    """How many runs of each condition were looked at, or cases of a theorem; also those that gave no number."""
    return int(entry["count"]["runs"]) if entry["count"] else len(entry["seeds"])


def fragile(entry: Entry) -> bool:
    """Whether a fresh base seed may well reach another verdict."""
    return bool(entry["count"]) and entry["count"]["replicates"] < SURE


def again(entry: Entry) -> str:
    """The chance that a fresh base seed reaches the same verdict, as it is read; empty where no runs were counted."""
    if not entry["count"]:
        return ""
    if not fragile(entry):
        return f">{100 * SURE:g} %"
    percent = math.floor(100 * entry["count"]["replicates"])
    return f"{f'{percent} %' if percent else '<1 %'}, fragile"


def surprises(entry: Entry) -> bool:
    """Whether it is not what was expected.

    What was undecided before may be decided, and what leans to what was expected is short of runs alone.
    """
    return bool(entry["verdict"] != entry["expected"] != "undecided") and not leans(entry)


def leans(entry: Entry) -> bool:
    """Whether a claim is undecided and leans to what was expected of it; no session fails for it."""
    return bool(entry.get("leans", False))


def leans_to(entry: Entry, verdict: str) -> bool:
    """Whether a claim is undecided, and yet more than half of its runs show a verdict."""
    if entry["verdict"] != "undecided" or verdict not in SHOWN or not entry["count"]:
        return False
    return bool(2 * entry["count"][SHOWN[verdict]] > entry["count"]["runs"])


def ending(entry: Entry) -> str:
    """The verdict in words, and whether it was expected."""
    verdict, expected = str(entry["verdict"]), entry["expected"]
    if verdict == expected:
        return verdict if verdict == "supported" else f"{verdict}, known"
    if verdict == "undecided":
        return f"{verdict}, leaning" if leans(entry) else verdict
    return f"{verdict}, {'was undecided' if expected == 'undecided' else 'not expected'}"


def claimed(entry: Entry) -> Range | None:
    """The values of the effect that the claim says it has, open ends as infinities; None where nothing was measured."""
    if not entry["effect"] or not entry["effect"]["claimed"]:
        return None
    low, high = entry["effect"]["claimed"]
    return -math.inf if low is None else float(low), math.inf if high is None else float(high)


def differences(entry: Entry) -> NDArray[np.float64] | None:
    """Each run's effect, NaN for a run that does not count; None where runs have none."""
    effect = entry["effect"]
    return np.array(effect["by_seed"], float) if effect and effect["by_seed"] else None


def beyond_margin(entry: Entry) -> tuple[float, float, float] | None:
    """How far the effect lies within what is claimed, and the ends of its interval, in standard deviations of seeds.

    Negative is short of it. None where the effect has no spread or no interval, or was measured over no seeds.
    """
    effect, within, scale = entry["effect"], claimed(entry), _deviation(entry)
    if not within or not scale or None in (effect["low"], effect["high"]):
        return None
    estimate, low, high = (float(effect[name]) for name in ("estimate", "low", "high"))
    if entry["kind"] == "fit":
        estimate, low, high = (math.log(value) for value in (estimate, low, high))
        within = (math.log(within[0]), math.log(within[1]))

    def slack(value: float) -> float:
        return min(value - within[0], within[1] - value) / scale

    ends = [slack(low), slack(high)]
    # Between two limits the middle is furthest within.
    middle = (within[0] + within[1]) / 2
    best = slack(middle) if low < middle < high else max(ends)
    return slack(estimate), min(ends), best


def _deviation(entry: Entry) -> float | None:
    """The standard deviation between seeds; None where there is no spread."""
    each = differences(entry)
    if each is None or entry["effect"]["standardized"] is None:
        return None
    return float(np.nanstd(np.log(each) if entry["kind"] == "fit" else each, ddof=1))
