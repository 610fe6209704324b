"""What an entry of the record says of its effect: in words, in numbers, and as a distance from its margin."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Entry = Mapping[str, Any]
Range = tuple[float, float]


def label(entry: Entry) -> str:
    """The item's name, with its scale where that is not the fast one."""
    return str(entry["id"]) if entry["scale"] == "fast" else f"{entry['id']} {entry['scale']}"


def numbers(entry: Entry) -> str:
    """Estimate, interval and unit, as far as they can be told."""
    return (entry["effect"] and written(entry["effect"])) or "not measured"


def written(effect: Mapping[str, Any]) -> str:
    """The same of an effect by itself; empty where nothing was measured."""
    if effect["estimate"] is None:
        return ""
    text = f"{effect['estimate']:.3g}"
    if effect["low"] is not None and effect["high"] is not None:
        text += f" [{effect['low']:.3g}, {effect['high']:.3g}]"
    return f"{text} {effect['unit']}".rstrip()


def margin(entry: Entry) -> str:
    """What the estimate is held against, as it is read: `> 0.1`, `within ±0.05`; empty where nothing was measured."""
    if not entry["effect"]:
        return ""
    value = f"{entry['effect']['margin']:g}"
    if entry["kind"] == "same":
        return f"within ±{value}"
    if entry["kind"] == "fit":
        return f"1/{value} to {value}"
    low, high = claimed(entry) or (None, None)
    if high == math.inf:
        return f"> {value}"
    sign = "≤" if entry["kind"] == "exact" else "<"
    return f"{sign} {value}" if low == -math.inf else value


def ending(entry: Entry) -> str:
    """The verdict in words, and whether it was expected."""
    verdict = str(entry["verdict"])
    if verdict != entry["expected"]:
        return f"{verdict}, not expected" if verdict != "undecided" else verdict
    return verdict if verdict == "supported" else f"{verdict}, as expected"


def claimed(entry: Entry) -> Range | None:
    """The values of the effect that the claim says it has; None where the record does not tell."""
    effect, kind = entry["effect"], entry["kind"]
    if not effect:
        return None
    level = float(effect["margin"])
    if kind == "same":
        return -level, level
    if kind == "fit":
        return 1 / level, level
    if kind == "exact":
        return -math.inf, level
    if kind != "bound":
        return level, math.inf
    # A bound is one from below or from above; the p-values tell which.
    if effect["estimate"] is None or entry["p_support"] is None or effect["estimate"] == level:
        return None
    supports = entry["p_support"] < entry["p_refute"]
    return (level, math.inf) if supports == (effect["estimate"] > level) else (-math.inf, level)


def differences(entry: Entry) -> NDArray[np.float64] | None:
    """Each seed's part in the effect; None where the record does not tell.

    Of a record that does not keep it the samples of one condition count as they are or against a constant, those of two
    as their difference.
    """
    effect, samples = entry["effect"], entry["samples"]
    if effect and effect.get("by_seed"):
        return np.array(effect["by_seed"], float)
    if not effect or effect["estimate"] is None or entry["kind"] == "exact" or not 1 <= len(samples) <= 2:
        return None
    values = [np.array(column, float) for column in samples.values()]
    if entry["kind"] == "fit":
        return values[0]
    if len(values) == 2:
        by_seed = values[0] - values[1]
        return by_seed if math.isclose(by_seed.mean(), effect["estimate"], rel_tol=1e-6, abs_tol=1e-9) else None
    return np.asarray(values[0] - (values[0].mean() - effect["estimate"]))


def beyond_margin(entry: Entry) -> tuple[float, float, float] | None:
    """How far the effect lies within what is claimed, and the ends of its interval, in standard deviations of seeds.

    Negative is short of it. None where the effect has no spread, was not measured, or comes of no statistical test.
    """
    effect, within = entry["effect"], claimed(entry)
    if not effect or not within or entry["kind"] == "exact" or None in (effect["low"], effect["high"]):
        return None
    estimate, low, high = (float(effect[name]) for name in ("estimate", "low", "high"))
    if entry["kind"] == "fit":
        estimate, low, high = (math.log(value) for value in (estimate, low, high))
        within = (math.log(within[0]), math.log(within[1]))
    scale = _deviation(entry, estimate)
    if not scale:
        return None

    def slack(value: float) -> float:
        return min(value - within[0], within[1] - value) / scale

    ends = [slack(low), slack(high)]
    # Between two limits the middle is furthest within.
    middle = (within[0] + within[1]) / 2
    best = slack(middle) if low < middle < high else max(ends)
    return slack(estimate), min(ends), best


def _deviation(entry: Entry, estimate: float) -> float | None:
    """The standard deviation between seeds; None where there is no spread."""
    standardized = entry["effect"]["standardized"]
    if standardized is None:
        return None
    baseline = float(entry["effect"]["margin"]) if entry["kind"] == "bound" else 0.0
    if standardized:
        return (estimate - baseline) / float(standardized)
    each = differences(entry)
    return None if each is None else float((np.log(each) if entry["kind"] == "fit" else each).std(ddof=1))
