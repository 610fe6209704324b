"""What the test of a claim hands over to be drawn in a report: a panel of a paper's figure, as plain numbers.

Nothing here draws, and nothing that is drawn takes part in a verdict.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from memorization_claims.errors import SettingError
from memorization_claims.judging.paper import Figure
from memorization_claims.measures.courses.paths import carried
from memorization_claims.statistics.samples import Samples

if TYPE_CHECKING:
    from memorization_claims.lab.courses import Courses
    from memorization_claims.lab.runs import Runs

Array = NDArray[np.float64]
Log = Literal["", "x", "y", "xy"]
POINTS = 100
"""Points of a line at most."""
BAND = (10, 90)
"""Percentiles over seeds between which a line's band lies."""


@dataclass(eq=False)
class Drawing:
    """Collects the panels of one item, where a report is asked for."""

    item: str
    """The claim's id with its parameters."""
    scale: str
    dataset: str
    wanted: bool = True
    """Whether anything is kept."""
    panels: list[dict[str, Any]] = field(default_factory=list)
    """As plain values that JSON can hold; what is not finite is None."""

    def course(
        self,
        figure: Figure,
        runs: Runs | Courses,
        trace: str,
        *,
        panel: str = "",
        ylabel: str | None = None,
        log: Log = "",
    ) -> None:
        """A line for each condition over epochs: what was recorded, averaged over a run's nets.

        A net that has stopped stays where it was for as long as others of its condition train.
        """
        lines = {}
        for condition in runs.specs if self.wanted else ():
            values = runs.array(condition, trace)
            recorded = ~np.isnan(values).all(axis=(0, 1))
            lines[condition] = (
                runs.epochs(condition)[recorded],
                carried(values[:, :, recorded]).mean(axis=1),
            )
        self.lines(figure, lines, panel=panel, xlabel="epochs", ylabel=ylabel or trace.replace("_", " "), log=log)

    def paths(self, figure: Figure, runs: Runs, trace: str, *, ylabel: str | None = None, log: Log = "") -> None:
        """A panel for each condition, in it a line over epochs for each net of the first run."""
        for condition in runs.specs if self.wanted else ():
            values, epochs = carried(runs.array(condition, trace)[:1])[0], runs.epochs(condition)
            lines = {f"initialisation {net + 1}": (epochs, course[None]) for net, course in enumerate(values)}
            name = ylabel or trace.replace("_", " ")
            self.lines(figure, lines, panel=condition, xlabel="epochs", ylabel=name, log=log)

    def lines(
        self,
        figure: Figure,
        lines: Mapping[str, tuple[ArrayLike, ArrayLike]],
        *,
        panel: str = "",
        xlabel: str,
        ylabel: str,
        log: Log = "",
    ) -> None:
        """A line for each label: x of shape (points,) or (seeds, points), y of shape (seeds, points)."""
        series = [_line(label, np.asarray(x, float), np.asarray(y, float)) for label, (x, y) in lines.items()]
        self._add(figure, "lines", panel, series, xlabel=xlabel, ylabel=ylabel, log=log)

    def levels(
        self,
        figure: Figure,
        samples: Samples,
        levels: Mapping[str, float],
        *,
        panel: str = "",
        label: str = "",
        xlabel: str,
        log: Log = "",
    ) -> None:
        """One line of a panel, over the conditions at their levels; the next call adds another."""
        x, y = np.array(list(levels.values()), float), samples.stack(*levels)
        ylabel = f"{samples.name} ({samples.unit})" if samples.unit else samples.name
        self._add(figure, "lines", panel, [_line(label, x, y)], xlabel=xlabel, ylabel=ylabel, log=log)

    def groups(self, figure: Figure, samples: Samples, *, panel: str = "", log: Literal["", "y"] = "") -> None:
        """A column of dots, one a seed, for each condition."""
        ylabel = f"{samples.name} ({samples.unit})" if samples.unit else samples.name
        series = [{"label": name, "values": _plain(values)} for name, values in samples.values.items()]
        self._add(figure, "groups", panel, series, xlabel="", ylabel=ylabel, log=log)

    def matrix(
        self, figure: Figure, matrices: Mapping[str, ArrayLike], *, xlabel: str, ylabel: str, log: bool = False
    ) -> None:
        """A panel for each label: (seeds, rows, columns), averaged over seeds."""
        for panel, matrix in matrices.items():
            values = [_plain(row) for row in np.asarray(matrix, float).mean(axis=0)]
            series = [{"label": panel, "values": values}]
            self._add(figure, "matrix", panel, series, xlabel=xlabel, ylabel=ylabel, log="xy" if log else "")

    def images(
        self, figure: Figure, rows: Mapping[str, ArrayLike], *, panel: str = "", columns: Sequence[str] = ()
    ) -> None:
        """A row of images for each label: (n, height, width) or (n, height, width, 3), 0 black to 1 white.

        Raises:
            SettingError: for another shape.
        """
        series = []
        for label, given in rows.items() if self.wanted else ():
            images = np.asarray(given, float)
            if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[3] != 3):
                raise SettingError(
                    f"images of {label!r} have shape {images.shape}; legal are (n, height, width) and "
                    "(n, height, width, 3)"
                )
            series.append({"label": label, "png": [_png(image) for image in images], "columns": list(columns)})
        self._add(figure, "images", panel, series, xlabel="", ylabel="", log="")

    def _add(self, figure: Figure, kind: str, panel: str, series: list[dict[str, Any]], **axes: str) -> None:
        if not self.wanted:
            return
        same = [drawn for drawn in self.panels if (drawn["figure"], drawn["panel"]) == (figure.number, panel)]
        if same:
            same[0]["series"] += series
            return
        place = {"paper": figure.paper.short, "figure": figure.number, "says": figure.says, "panel": panel}
        by = {"item": self.item, "scale": self.scale, "dataset": self.dataset}
        self.panels.append({**place, "kind": kind, **axes, **by, "series": series})


def _line(label: str, x: Array, y: Array) -> dict[str, Any]:
    """Mean and band over seeds at no more than so many points."""
    some = np.unique(np.linspace(0, y.shape[1] - 1, min(POINTS, y.shape[1])).round().astype(int))
    x, y = (x if x.ndim == 1 else x.mean(axis=0))[some], y[:, some]
    low, high = np.percentile(y, BAND, axis=0)
    values = {"x": x, "y": y.mean(axis=0), "low": low, "high": high}
    return {"label": label, **{name: _plain(array) for name, array in values.items()}, "seeds": len(y)}


def _plain(values: Array) -> list[float | None]:
    """Numbers to four digits."""
    return [float(f"{value:.4g}") if math.isfinite(value) else None for value in values.tolist()]


def _png(image: Array) -> str:
    """Base64 of a PNG with a pixel for each value."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray((image.clip(0, 1) * 255).round().astype(np.uint8)).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
