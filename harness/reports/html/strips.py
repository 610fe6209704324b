"""What the seeds of one claim gave, a dot each, and the effect with its interval and what is claimed of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator

from memorization_claims.reports import effects
from memorization_claims.reports.html import svg

ROW = 20
"""Pixels for each line of dots."""
AXIS = 22
"""Pixels below it for the numbers."""
LETTERS = 18
"""Letters of a condition's name that stand on one line at most."""


def strip(entry: Mapping[str, Any]) -> Markup | None:
    """The chart of an entry; None where no number was reached."""
    samples = {name: np.array(values, float) for name, values in entry["samples"].items()}
    if not any(np.isfinite(values).any() for values in samples.values()):
        return None
    each, effect = effects.differences(entry), entry["effect"]
    measured = bool(effect) and effect["estimate"] is not None and entry["kind"] != "exact"
    only = next(iter(samples.values())) if len(samples) == 1 else None
    alone = measured and each is not None and only is not None and np.allclose(each, only, equal_nan=True)
    names = [svg.wrapped(name, LETTERS) for name in samples]
    rows = [ROW + 10 * name.count("\n") for name in names]
    left = svg.labels_width([*names, "effect"]) + 12
    top = 0.0 if alone else sum(rows) + AXIS
    figure = svg.chart(top + (ROW + 6 + AXIS if measured else 0))
    if not alone:
        _conditions(svg.axes(figure, left, 2, sum(rows)), dict(zip(names, samples.values(), strict=True)), rows)
    if measured:
        _effect(svg.axes(figure, left, top + 4, ROW), entry, each, names[0] if alone else "effect")
    return svg.written(figure, title=_title(entry), name=f"strip {entry['nodeid']}")


def _conditions(axes: Axes, samples: Mapping[str, np.ndarray[Any, Any]], rows: list[int]) -> None:
    """A line of dots for each condition, and a thin line from dot to dot of one seed."""
    middles = np.cumsum([0, *rows[:-1]]) + np.array(rows) / 2
    values = np.stack(list(samples.values()))
    if len(samples) > 1:
        paths = [np.column_stack([seed, middles]) for seed in values.T]
        axes.add_collection(LineCollection(paths, colors=svg.MUTED, linewidths=0.5, alpha=0.5))
    for row, middle in zip(values, middles, strict=True):
        _dots(axes, row, float(middle))
    axes.set_ylim(sum(rows), 0)
    _scale(axes, values)
    axes.set_yticks(middles, list(samples))


def _effect(axes: Axes, entry: Mapping[str, Any], each: np.ndarray[Any, Any] | None, label: str) -> None:
    """The median and its interval on the dots of the seeds, before the values that the claim says it has."""
    effect = entry["effect"]
    numbers = [effect[name] for name in ("estimate", "low", "high") if effect[name] is not None]
    claimed = effects.claimed(entry) or ()
    limits = [end for end in claimed if math.isfinite(end)]
    if entry["kind"] == "fit":
        axes.set_xscale("log")
    _scale(axes, np.array([*numbers, *limits, *([] if each is None else each)]))
    low, high = axes.get_xlim()
    if claimed:
        axes.axvspan(max(claimed[0], low), min(claimed[1], high), color=svg.TINT, linewidth=0)
    for limit in limits:
        axes.axvline(limit, color=svg.INK, linewidth=1, dashes=(3, 2))
    if each is not None:
        _dots(axes, each, 0.3)
    colour = svg.VERDICTS[entry["verdict"]]
    axes.plot(numbers[1:], [-0.4] * len(numbers[1:]), color=colour, linewidth=3)
    axes.plot(numbers[:1], [-0.4], "D", color=colour, markersize=7, markeredgewidth=0)
    axes.set_ylim(-1, 1)
    axes.set_yticks([0], [label])


def _dots(axes: Axes, values: np.ndarray[Any, Any], height: float) -> None:
    heights = np.full(len(values), height)
    axes.plot(values, heights, "o", color=svg.SERIES[0], markersize=5, alpha=0.55, markeredgewidth=0)


def _scale(axes: Axes, values: np.ndarray[Any, Any]) -> None:
    """A horizontal axis that holds the finite ones of these values, with few numbers on it."""
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    if axes.get_xscale() == "log":
        axes.set_xlim(low / 1.2, high * 1.2)
    else:
        room = 0.06 * (high - low) or 0.05 * max(abs(high), 1.0)
        axes.set_xlim(low - room, high + room)
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _title(entry: Mapping[str, Any]) -> str:
    """The chart in words."""
    seeds = f"{effects.runs(entry)} seeds of {', '.join(entry['samples'])}"
    name = entry["effect"]["name"] if entry["effect"] else "numbers"
    held = effects.margin(entry)
    return f"{name}: {effects.numbers(entry)}{f', claimed {held}' if held else ''}; {seeds}"
