"""Records for the tests of reports: entries of every outcome and kind, and panels of every kind."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from PIL import Image

from memorization_claims.reports.record import SCHEMA
from memorization_claims.tests.toy_project import ROOT

REFERENCE: dict[str, Any] = json.loads(
    (ROOT / "reports/reference/torch-2.15/verdicts.json").read_text(encoding="utf-8")
)


def entry(id: str = "T01[x]", kind: str = "above", **changes: Any) -> dict[str, Any]:
    """An entry as the record holds it; what `effect` says is put in the place of some of the effect."""
    effect = {"name": "accuracy: a - b", "unit": "", "estimate": 3.0, "low": 2.0, "high": 4.0, "margin": 1.0}
    effect = {**effect, "standardized": 1.5, **changes.pop("effect", {})}
    return {
        **{"id": id, "nodeid": f"claims/t.py::test_{id}[fast]", "scale": "fast", "dataset": "digits", "kind": kind},
        **{
            "says": f"The claim of {id}.",
            "source": "Zhang et al. 2017, table 1",
            "because": "mean difference 3 exceeds",
        },
        **{"refuted_by": "its opposite", "margin_reason": "as in the test", "known": "", "notes": [], "departs": []},
        **{"expected": "supported", "verdict": "supported", "p_support": 0.00024, "p_refute": 1.0, "effect": effect},
        **{"seeds": [0, 1, 2], "samples": {"a": [1.0, 5.0, 6.0], "b": [0.0, 1.0, 2.0]}},
        **{"seconds": {"training": 1.0, "measuring": 0.25, "wall": 0.5}, "runs": {"trained": 3, "reused": 0}},
        **changes,
    }


def unmeasured(id: str = "T09", **changes: Any) -> dict[str, Any]:
    """An entry that ended before anything was measured."""
    ended = {"verdict": "undecided", "because": "a run diverged", "p_support": None, "p_refute": None}
    return {**entry(id), "effect": None, "seeds": [], "samples": {}, **ended, **changes}


def record(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A record of these entries."""
    return {
        **{"schema": SCHEMA, "environment": {"python": "3.11", "torch": None, "device": "cpu", "commit": "0123abcd"}},
        **{"options": {"dataset": None, "base_seed": 0, "placebo": False}, "stopped": "", "summary": {}},
        **{"claims": list(entries), "errors": [], "skipped": [], "figures": []},
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
