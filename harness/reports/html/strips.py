"""What the seeds of one claim gave, a dot each, and the effect with its interval and what is claimed of it.

A page has hundreds of these, so they are written as they are: Matplotlib places their numbers and draws nothing.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.ticker import Locator, LogLocator, MaxNLocator, ScalarFormatter
from matplotlib.transforms import nonsingular
from numpy.typing import ArrayLike, NDArray

from memorization_claims.reports import effects
from memorization_claims.reports.html import svg

ROW = 20
"""Pixels for each line of dots."""
AXIS = 22
"""Pixels below it for the numbers."""
LETTERS = 18
"""Letters of a condition's name that stand on one line at most."""
RIGHT = svg.WIDTH - 14
"""Where every axis ends, in pixels."""

Array = NDArray[np.float64]


def strip(entry: Mapping[str, Any]) -> Markup | None:
    """The chart of an entry; None where no number was reached. It is made within `svg.style`."""
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
    body = "" if alone else _conditions(left, dict(zip(names, samples.values(), strict=True)), rows)
    if measured:
        body += _effect(left, top + 4, entry, each, names[0] if alone else "effect")
    return svg.element(body, top + (ROW + 6 + AXIS if measured else 0), title=_title(entry))


def _conditions(left: float, samples: Mapping[str, Array], rows: list[int]) -> str:
    """A line of dots for each condition, and a thin line from dot to dot of one seed."""
    middles = 2 + np.cumsum([0, *rows[:-1]]) + np.array(rows) / 2
    values = np.stack(list(samples.values()))
    axis = Axis.of(values, left)
    places = axis.place(values)
    body = ""
    if len(samples) > 1:
        paths = "".join(_path(seed, middles) for seed in places.T)
        body = f'<path d="{paths}" style="stroke: var(--muted); stroke-opacity: 0.5; stroke-width: 0.5"/>'
    for name, row, middle in zip(samples, places, middles, strict=True):
        body += _label(name, left, middle) + _dots(row, middle)
    return body + axis.drawn(2.0 + sum(rows))


def _effect(left: float, top: float, entry: Mapping[str, Any], each: Array | None, label: str) -> str:
    """The median and its interval on the dots of the seeds, before the values that the claim says it has."""
    effect = entry["effect"]
    numbers = [effect[name] for name in ("estimate", "low", "high") if effect[name] is not None]
    claimed = effects.claimed(entry) or ()
    limits = [end for end in claimed if math.isfinite(end)]
    axis = Axis.of(np.array([*numbers, *limits, *([] if each is None else each)]), left, log=entry["kind"] == "fit")
    bottom, colour = top + ROW, f"var(--{svg.NAMES[svg.VERDICTS[entry['verdict']]]})"
    body = ""
    if claimed:
        low, high = axis.place(np.clip(claimed, axis.low, axis.high))
        corners = f"M {px(low)} {px(bottom)} L {px(high)} {px(bottom)} L {px(high)} {px(top)} L {px(low)} {px(top)} z"
        body += f'<path d="{corners}" style="fill: var(--tint)"/>'
    for limit in axis.place(limits):
        edge = f"M {px(limit)} {px(bottom)} L {px(limit)} {px(top)}"
        body += f'<path d="{edge}" style="stroke-dasharray: 3,2; stroke: var(--ink)"/>'
    body += _label(label, left, top + ROW / 2)
    if each is not None:
        body += _dots(axis.place(each), top + 0.35 * ROW)
    (estimate, *ends), height = axis.place(numbers), top + 0.7 * ROW
    interval = _path(np.array(ends), np.full(len(ends), height))
    body += f'<path d="{interval}" style="stroke: {colour}; stroke-width: 3; stroke-linecap: square"/>'
    body += f'<path d="M {px(estimate)} {px(height - 4.9)} l 4.9 4.9 l -4.9 4.9 l -4.9 -4.9 z" style="fill: {colour}"/>'
    return body + axis.drawn(bottom)


@dataclass(frozen=True)
class Axis:
    """A horizontal axis that holds some numbers, between a left edge and `RIGHT`, in pixels."""

    low: float
    high: float
    left: float
    log: bool

    @classmethod
    def of(cls, values: Array, left: float, *, log: bool = False) -> Axis:
        """One with room around the finite ones of these values; logarithmic where asked for and all are positive."""
        finite = values[np.isfinite(values)]
        low, high = float(finite.min()), float(finite.max())
        if log and low > 0:
            return cls(low / 1.2, high * 1.2, left, log=True)
        room = 0.06 * (high - low) or 0.05 * max(abs(high), 1.0)
        return cls(*nonsingular(low - room, high + room, expander=0.05), left, log=False)

    def place(self, values: ArrayLike) -> Array:
        """Where values stand, in pixels."""
        scale = np.log if self.log else np.asarray
        low, high = scale([self.low, self.high])
        placed: Array = self.left + (RIGHT - self.left) * (scale(np.asarray(values, float)) - low) / (high - low)
        return placed

    def drawn(self, height: float) -> str:
        """The line at this height, and few numbers below it."""
        ticks = self._ticks()
        line = f"M {px(self.left)} {px(height)} L {RIGHT} {px(height)}"
        line += "".join(f" M {px(tick)} {px(height)} v 3" for tick in self.place(ticks))
        texts = "".join(
            f'<text x="{px(tick)}" y="{px(height + 14.8)}">{name}</text>'
            for tick, name in zip(self.place(ticks), self._names(ticks), strict=True)
        )
        return (
            f'<path d="{line}" style="stroke: var(--muted); stroke-width: 0.8"/>'
            f'<g style="font-size: {svg.TEXT}px; text-anchor: middle">{texts}</g>'
        )

    def _ticks(self) -> list[float]:
        """Some round numbers on the axis."""
        locator: Locator = MaxNLocator(4, steps=[1, 2, 5, 10])
        if self.log:
            locator = LogLocator(subs=(1.0, 2.0, 5.0) if self.high < 100 * self.low else (1.0,), numticks=8)
        return [float(tick) for tick in locator.tick_values(self.low, self.high) if self.low <= tick <= self.high]

    def _names(self, ticks: list[float]) -> list[str]:
        """What stands below each: decimals alike, and a power of ten with each where numbers are long."""
        formatter = ScalarFormatter()
        formatter.create_dummy_axis()
        assert formatter.axis is not None
        formatter.axis.set_view_interval(self.low, self.high)
        names: list[str] = formatter.format_ticks(ticks)
        return (
            [f"{tick:g}".replace("-", "\N{MINUS SIGN}") for tick in ticks]
            if self.log or formatter.get_offset()
            else names
        )


def px(value: float) -> str:
    """Pixels to a tenth."""
    return f"{value:.1f}".removesuffix(".0")


def _label(name: str, left: float, middle: float) -> str:
    """A name of one line or several, to the left of its row."""
    lines = name.split("\n")
    first = middle + 4.1 - 6.4 * (len(lines) - 1)
    texts = "".join(
        f'<text x="{px(left - 3.5)}" y="{px(first + 12.8 * number)}">{html.escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return f'<g style="font-size: {svg.TEXT}px; text-anchor: end">{texts}</g>'


def _dots(places: Array, height: float) -> str:
    """A dot at each place that is a number."""
    dots = "".join(f'<circle cx="{px(x)}" cy="{px(height)}" r="2.5"/>' for x in places if math.isfinite(x))
    return f'<g style="fill: var(--series-1); fill-opacity: 0.55">{dots}</g>'


def _path(x: Array, y: Array) -> str:
    """A line from point to point, broken where one is no number."""
    shown = np.isfinite(x)
    after = [False, *shown][:-1]
    return "".join(
        f"{'L' if joined else 'M'} {px(across)} {px(down)} "
        for across, down, there, joined in zip(x, y, shown, after, strict=True)
        if there
    )


def _title(entry: Mapping[str, Any]) -> str:
    """The chart in words."""
    seeds = f"{effects.runs(entry)} seeds of {', '.join(entry['samples'])}"
    name = entry["effect"]["name"] if entry["effect"] else "numbers"
    held = effects.margin(entry)
    return f"{name}: {effects.numbers(entry)}{f', claimed {held}' if held else ''}; {seeds}"
