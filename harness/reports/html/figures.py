"""The papers' figures redrawn from our runs: from what claims handed over (`harness/drawing`) to charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from memorization_claims.reports.html import svg

PLOT = 190
"""Pixels of height within the axes."""
LEGEND = 16
"""Pixels of height for each line of a legend."""
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))
SYMBOLS = ("o", "s", "^", "D")

Panel = Mapping[str, Any]


def drawn(panels: Sequence[Panel]) -> list[Markup | None]:
    """The panels of one figure as SVG elements; None for images, which are none.

    What has one label in several panels has one colour.
    """
    labels = dict.fromkeys(series["label"] for panel in panels for series in panel["series"])
    looks = {label: number for number, label in enumerate(labels)}
    return [
        CHARTS[panel["kind"]](panel, looks, title=title(panel), name=f"{panel['paper']} {panel['figure']} {number}")
        if panel["kind"] in CHARTS
        else None
        for number, panel in enumerate(panels)
    ]


def title(panel: Panel) -> str:
    """What a panel shows, in words."""
    lines = ", ".join(series["label"] for series in panel["series"] if series["label"])
    axes = " over ".join(part for part in (panel["ylabel"], panel["xlabel"]) if part)
    head = ", ".join(part for part in (f"figure {panel['figure']}", panel["panel"]) if part)
    return ": ".join(part for part in (f"{panel['paper']}, {head}", axes, lines) if part)


def _lines(panel: Panel, looks: Mapping[str, int], *, title: str, name: str) -> Markup:
    """Means over seeds, with bands."""
    labelled = [series for series in panel["series"] if series["label"]]
    legend = LEGEND * len(labelled)
    figure = svg.chart(PLOT + 64 + legend)
    axes = svg.axes(figure, 60, 16, PLOT)
    for series in panel["series"]:
        _line(axes, looks[series["label"]], series)
    axes.set(xlabel=panel["xlabel"], ylabel=svg.wrapped(panel["ylabel"], 32))
    counted = all(float(x).is_integer() for series in panel["series"] for x in series["x"] if x is not None)
    _scale(axes, axes.xaxis, "x" in panel["log"], whole=counted)
    _scale(axes, axes.yaxis, "y" in panel["log"])
    if labelled:
        height = figure.get_figheight() * 72
        figure.legend(
            *axes.get_legend_handles_labels(), loc="lower left", bbox_to_anchor=(0.1, -4 / height), handlelength=2.6
        )
    return svg.written(figure, title=title, name=name)


def _line(axes: Axes, number: int, series: Mapping[str, Any]) -> None:
    x, y, low, high = (np.array(series[key], float) for key in ("x", "y", "low", "high"))
    colour = svg.SERIES[number % len(svg.SERIES)]
    few = np.isfinite(y).sum() <= 12
    if series["seeds"] > 1:
        axes.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(
        x,
        y,
        color=colour,
        linestyle=DASHES[number % len(DASHES)],
        marker=SYMBOLS[number % len(SYMBOLS)] if few else "",
        markersize=4.5,
        markeredgewidth=0,
        label=svg.wrapped(series["label"], 42),
    )


def _scale(axes: Axes, axis: Any, log: bool, *, whole: bool = False) -> None:
    """Few numbers on an axis; whole ones for what is counted. One is logarithmic where there is anything to show."""
    if not (log and axis.get_minpos() < np.inf):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10], integer=whole))
        axis.get_major_formatter().set_powerlimits((-3, 4))
        return
    (axes.set_xscale if axis is axes.xaxis else axes.set_yscale)("log")
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 100 * low else (1.0,), numticks=8))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _groups(panel: Panel, looks: Mapping[str, int], *, title: str, name: str) -> Markup:
    """A line of dots for each condition, a dot a seed, and their median."""
    row = 24
    labels = [svg.wrapped(series["label"], 20) for series in panel["series"]]
    rows = [row + 11 * label.count("\n") for label in labels]
    figure = svg.chart(sum(rows) + 54)
    axes = svg.axes(figure, svg.labels_width(labels) + 12, 4, sum(rows))
    middles = np.cumsum([0, *rows[:-1]]) + np.array(rows) / 2
    for series, middle in zip(panel["series"], middles, strict=True):
        values = np.array(series["values"], float)
        axes.plot(values, np.full(len(values), middle), "o", color=svg.SERIES[0], ms=5, alpha=0.5, markeredgewidth=0)
        if np.isfinite(values).any():
            axes.plot([np.nanmedian(values)], [middle], "|", color=svg.INK, ms=14, markeredgewidth=2)
    axes.set_ylim(sum(rows), 0)
    axes.set_yticks(middles, labels)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(svg.wrapped(panel["ylabel"], 48))
    _scale(axes, axes.xaxis, "y" in panel["log"])
    return svg.written(figure, title=title, name=name)


def _matrix(panel: Panel, looks: Mapping[str, int], *, title: str, name: str) -> Markup:
    """A square a number, and the scale of colours."""
    (series,) = panel["series"]
    values = np.array(series["values"], float)
    side = svg.WIDTH - 54 - 58
    height = side * min(1.5, values.shape[0] / values.shape[1])
    figure = svg.chart(height + 58)
    axes = svg.axes(figure, 54, 10, height, right=58)
    positive = values[np.isfinite(values) & (values > 0)]
    log = "xy" in panel["log"] and positive.size > 0
    shown = np.ma.masked_invalid(np.where(values > 0, values, np.nan) if log else values)
    image = axes.imshow(
        shown,
        aspect="auto",
        interpolation="none",
        cmap="viridis",
        norm=LogNorm() if log else Normalize(),
    )
    axes.set(xlabel=panel["xlabel"], ylabel=panel["ylabel"])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6, integer=True))
    colours = svg.axes(figure, svg.WIDTH - 48, 10, height, right=38)
    figure.colorbar(image, cax=colours)
    _scale(colours, colours.yaxis, log)
    return svg.written(figure, title=title, name=name)


CHARTS = {"lines": _lines, "groups": _groups, "matrix": _matrix}


def order(panels: Sequence[Panel]) -> list[list[Panel]]:
    """The panels of each figure together, by paper and the paper's own count."""
    figures: dict[tuple[Any, ...], list[Panel]] = {}
    for panel in panels:
        figures.setdefault((year_and_name(panel["paper"]), natural(panel["figure"])), []).append(panel)
    return [figures[key] for key in sorted(figures)]


def natural(number: str) -> tuple[int, str]:
    """A figure's number as it sorts: 2 before 10, 1a before 1b."""
    digits = "".join(letter for letter in number if letter.isdigit())
    return int(digits or 0), number


def year_and_name(paper: str) -> tuple[str, str]:
    """A paper as it sorts: by year, then by name."""
    name, _, year = paper.rpartition(" ")
    return year, name
