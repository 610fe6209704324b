"""A forest plot: for each claim how far its effect lies beyond its margin, in standard deviations between seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes

from memorization_claims.reports import effects
from memorization_claims.reports.html import svg

ROW = 16
"""Pixels for each claim."""
LINEAR = 3.0
"""Standard deviations up to which the scale is linear; beyond it is logarithmic."""
TICKS = (-100, -10, 0, 10, 100)
MINOR = (-30, -3, -2, -1, 1, 2, 3, 30)
SHAPES = {"supported": "o", "refuted": "X", "undecided": "D"}


def shown(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The entries that have a place in the plot: those that were decided by counting runs."""
    return [entry for entry in entries if effects.beyond_margin(entry) or _edge(entry)]


def limits(entries: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Where the scale ends, for all plots of a page alike."""
    ends = [end for entry in entries for end in effects.beyond_margin(entry) or ()]
    return min([*ends, -LINEAR]) * 2, max([*ends, LINEAR]) * 2


def forest(
    entries: Sequence[Mapping[str, Any]], links: Mapping[str, str], ends: tuple[float, float], *, title: str
) -> Markup:
    """The plot of these entries, a row each, the supported to the right of the line.

    Args:
        entries: those that `shown` keeps.
        links: the address of each entry's place in the page, by the id of its test.
        ends: of the scale.
        title: what the plot shows, for those who do not see it.
    """
    labels = [effects.label(entry) for entry in entries]
    left = min(svg.labels_width(labels), 180) + 10
    figure = svg.chart(ROW * len(entries) + 52)
    axes = svg.axes(figure, left, 4, ROW * len(entries), right=14)
    axes.set_xscale("symlog", linthresh=LINEAR)
    axes.set(xlim=ends, ylim=(len(entries) - 0.4, -0.6))
    axes.axvspan(0, ends[1], color=svg.TINT, linewidth=0)
    axes.axvline(0, color=svg.INK, linewidth=1)
    for row, entry in enumerate(entries):
        _draw(axes, row, entry, ends)
    ticks = [tick for tick in TICKS if ends[0] < tick < ends[1]]
    axes.set_xticks(ticks, [f"{tick:+d}" if tick else "margin" for tick in ticks])
    axes.set_xticks([tick for tick in MINOR if ends[0] < tick < ends[1]], minor=True)
    axes.set_yticks(range(len(entries)), labels)
    for label, entry in zip(axes.get_yticklabels(), entries, strict=True):
        label.set_url(links[entry["nodeid"]])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    figure.text(0.5, 10 / (figure.get_figheight() * 72), "standard deviations beyond the margin", ha="center")
    return svg.written(figure, title=title, name=f"forest {labels[0]}")


def _draw(axes: Axes, row: int, entry: Mapping[str, Any], ends: tuple[float, float]) -> None:
    colour = svg.VERDICTS[entry["verdict"]]
    if distances := effects.beyond_margin(entry):
        estimate, low, high = distances
        axes.plot([low, high], [row, row], color=colour, linewidth=2)
        axes.plot([estimate], [row], SHAPES[entry["verdict"]], color=colour, markersize=6, markeredgewidth=0)
        return
    left, right = ends
    place, arrow = (0.8 * right, ">") if _edge(entry) > 0 else (0.8 * left, "<")
    axes.plot([place], [row], arrow, color=colour, markersize=6, markeredgewidth=0)


def _edge(entry: Mapping[str, Any]) -> int:
    """1 or -1 where every seed gives the same, within what is claimed or without; 0 elsewhere."""
    each, within = effects.differences(entry), effects.claimed(entry)
    if each is None or within is None or entry["effect"]["standardized"] is not None or np.isnan(each).all():
        return 0
    return 1 if within[0] < entry["effect"]["estimate"] < within[1] else -1
