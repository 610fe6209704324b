"""Records for the tests of reports: entries of every outcome and kind, and panels of every kind."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

from memorization_claims.reports.record import SCHEMA
from memorization_claims.statistics import Samples, above, bound, exact, fit, interaction, same, trend
from memorization_claims.statistics.looks import FIRST
from memorization_claims.statistics.verdict import Verdict

NOISE = np.array([-1.5, -1.2, -0.8, -0.5, -0.2, 0.0, 0.1, 0.3, 0.6, 0.8, 1.1, 1.3])
SAMPLES = Samples(
    "number",
    "points",
    {"a": 5 + NOISE, "b": NOISE[::-1], "c": 10 + np.roll(NOISE, 3), "one": np.exp(NOISE / 10), "full": np.ones(12)},
    tuple(range(12)),
)
"""12 seeds at which `a` lies about 5, `b` about 0, `c` about 10, and `one` about 1 by ratio; `full` does not vary."""


PAPERS = {"zhang2017": {"short": "Zhang et al. 2017", "bibtex": "@misc{zhang2017,\n}"}}


def count(**changes: Any) -> dict[str, Any]:
    """Three runs, all for the claim, as they would be again."""
    return {"runs": 3, "beyond": 3, "short": 0, "needed": 3, "more": None, "replicates": 0.999, **changes}


def entry(id: str = "T01[x]", kind: str = "above", **changes: Any) -> dict[str, Any]:
    """An entry as the record holds it; what `effect` says is put in the place of some of the effect."""
    effect: dict[str, Any] = {
        "name": "accuracy: a - b",
        "unit": "",
        "estimate": 3.0,
        "low": 2.0,
        "high": 4.0,
        "margin": 1.0,
    }
    effect |= {"standardized": 1.5, "by_seed": [] if kind == "exact" else [1.0, 3.0, 5.0], **changes.pop("effect", {})}
    margin = effect["margin"]
    ends = {"same": [-margin, margin], "fit": [1 / margin, margin], "exact": [None, margin]}
    effect.setdefault("claimed", ends.get(kind, [margin, None]))
    return {
        **{"id": id, "nodeid": f"claims/t.py::test_{id}[fast]", "scale": "fast", "dataset": "digits", "kind": kind},
        **{
            "says": f"The claim of {id}.",
            "source": "Zhang et al. 2017, table 1",
            "paper": "zhang2017",
            "because": "3 of 3 runs exceed",
        },
        **{"refuted_by": "its opposite", "margin_reason": "as in the test", "known": "", "notes": [], "departs": []},
        **{"expected": "supported", "verdict": "supported", "p_support": 0.00024, "p_refute": 1.0, "effect": effect},
        **{"count": None if kind == "exact" else count()},
        **{"seeds": [0, 1, 2], "samples": {"a": [1.0, 4.0, 7.0], "b": [0.0, 1.0, 2.0]}},
        **{"seconds": {"training": 1.0, "measuring": 0.25, "wall": 0.5}, "runs": {"trained": 3, "reused": 0}},
        **changes,
    }


def unmeasured(id: str = "T09", **changes: Any) -> dict[str, Any]:
    """An entry that ended before anything was measured."""
    ended = {"verdict": "undecided", "because": "a run diverged", "p_support": None, "p_refute": None}
    return {**entry(id), "effect": None, "count": None, "seeds": [], "samples": {}, **ended, **changes}


def of(verdict: Verdict, id: str = "T01[x]", **changes: Any) -> dict[str, Any]:
    """The entry of a verdict."""
    return {**entry(id), **verdict.to_dict(), **changes}


def record(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A record of these entries."""
    return {
        **{"schema": SCHEMA, "environment": {"python": "3.11", "torch": None, "device": "cpu", "commit": "0123abcd"}},
        **{"options": {"dataset": None, "base_seed": 0, "placebo": False}, "stopped": "", "summary": {}},
        **{"claims": list(entries), "errors": [], "skipped": [], "figures": []},
        **{"papers": PAPERS, "pack": {"name": "toy", "version": "1.0", "commit": None}},
        **changes,
    }


def panel(kind: str = "lines", *series: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A panel of a paper's figure, as `harness/drawing.py` hands it over."""
    place = {"paper": "Zhang et al. 2017", "figure": "1a", "says": "All labels are fitted.", "panel": "MLP"}
    axes = {"xlabel": "epochs", "ylabel": "training loss", "log": ""}
    return {
        **place,
        "kind": kind,
        **axes,
        "item": "Z01[x]",
        "scale": "fast",
        "dataset": "digits",
        "series": list(series),
    } | changes


def line(label: str, *y: float | None) -> dict[str, Any]:
    """A line of two seeds through these means."""
    low, high = ([value and value + shift for value in y] for shift in (-0.25, 0.25))
    return {"label": label, "x": list(range(len(y))), "y": list(y), "low": low, "high": high, "seeds": 2}


def png() -> str:
    """An image of two by two pixels."""
    buffer = io.BytesIO()
    Image.new("L", (2, 2), 128).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


PANELS = (
    panel("lines", line("true labels", 2.0, 1.0, None, 0.5), line("random labels", 2.0, 1.75, 1.5, 1.25)),
    panel(
        "groups",
        {"label": "with", "values": [1.0, None, 3.0]},
        {"label": "without", "values": [2.0, 2.5, 3.0]},
        figure="2",
    ),
    panel("matrix", {"label": "MLP", "values": [[1.0, 10.0], [None, 0.0]]}, figure="10", log="xy"),
    panel("images", {"label": "net", "png": [png(), png()], "columns": ["0"]}, figure="3"),
)


ARPIT = {"source": "Arpit et al. 2017, figure 1"}
LOST = Samples("number", "", {"a": np.where(NOISE < -0.7, np.nan, 5 + NOISE), "b": NOISE[::-1]}, SAMPLES.seeds)
ERRORS = Samples("error", "", {"error": np.full(3, 1e-9)}, (0, 1, 2))
WHOLE = record(
    of(above(SAMPLES, "a", "b", margin=1, look=FIRST), "T01[x]", says="One is more.", nodeid="t.py::test[x]"),
    of(above(SAMPLES, "a", "c", margin=1, look=FIRST), "T01[y]", says="One is more.", nodeid="t.py::test[y]"),
    of(above(SAMPLES, "a", "b", margin=5, look=FIRST), "T02", expected="undecided", known="too close to call"),
    of(above(LOST, "a", "b", margin=1, look=FIRST), "T03", says="Runs without a number count for neither answer."),
    of(above(SAMPLES, "b", "a", margin=0, look=FIRST), "T04", expected="refuted", known="the opposite"),
    of(same(SAMPLES, "a", "c", margin=9, look=FIRST), "T05", **ARPIT),
    of(bound(SAMPLES, "c", at_most=2, look=FIRST), "T06", expected="undecided", **ARPIT),
    of(bound(SAMPLES, "full", at_least=0.9, look=FIRST), "T07", **ARPIT),
    of(fit(SAMPLES, "one", margin=2, look=FIRST), "T08", **ARPIT),
    of(trend(SAMPLES, {"b": 0, "a": 1, "c": 2}, margin=1, look=FIRST), "T09", **ARPIT),
    of(interaction(SAMPLES, ("c", "b"), ("a", "b"), margin=1, look=FIRST), "T10", **ARPIT),
    of(exact(ERRORS, "error", tolerance=1e-6), "T11"),
    unmeasured("T12"),
    skipped=[{"nodeid": "t.py::test_13", "reason": "no GPU"}],
)
"""A record of every kind of claim and every way to end."""
