"""Panels for a report, as plain numbers."""

from __future__ import annotations

import base64
import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from memorization_claims.drawing.drawing import POINTS, Drawing
from memorization_claims.errors import SettingError
from memorization_claims.reports import record
from memorization_claims.statistics.samples import Samples
from memorization_claims.tests import toy_project
from memorization_claims.tests.toy_project import PAPER

FIGURE = PAPER.figure("1a", "Loss falls.")


def drawing(**fields: Any) -> Drawing:
    """A collection for a made-up item."""
    return Drawing("Z01[x]", "fast", "digits", **fields)


def test_a_line_has_the_mean_and_the_band_over_seeds() -> None:
    """The 10th and the 90th percentile, at each point."""
    draw = drawing()
    y = np.arange(11.0)[:, None] + np.array([0.0, 100.0])
    draw.lines(FIGURE, {"loss": ([1, 2], y)}, xlabel="epochs", ylabel="nats", log="y")
    assert draw.panels == [
        {
            "paper": "Toy et al. 2020",
            "figure": "1a",
            "says": "Loss falls.",
            "panel": "",
            "kind": "lines",
            "xlabel": "epochs",
            "ylabel": "nats",
            "log": "y",
            "item": "Z01[x]",
            "scale": "fast",
            "dataset": "digits",
            "series": [
                {
                    "label": "loss",
                    "x": [1.0, 2.0],
                    "y": [5.0, 105.0],
                    "low": [1.0, 101.0],
                    "high": [9.0, 109.0],
                    "seeds": 11,
                }
            ],
        }
    ]


def test_long_lines_are_thinned_and_keep_their_ends() -> None:
    """A report stays small whatever the number of epochs."""
    draw = drawing()
    draw.lines(FIGURE, {"": (np.arange(5000), np.ones((2, 5000)))}, xlabel="", ylabel="")
    (line,) = draw.panels[0]["series"]
    assert len(line["x"]) == POINTS
    assert (line["x"][0], line["x"][-1]) == (0, 4999)


def test_a_course_holds_what_has_stopped_and_skips_what_was_not_recorded() -> None:
    """One net stops after the second evaluation; the third is of no net; the fourth is of the other alone."""
    nan = np.nan
    runs = SimpleNamespace(
        specs={"a": []},
        array=lambda condition, name: np.array([[[0.0, 2.0, nan, nan]], [[0.0, 4.0, nan, 8.0]]]),
        epochs=lambda condition: np.array([0.0, 1.0, 1.5, 2.0]),
    )
    draw = drawing()
    draw.course(FIGURE, runs, "train_accuracy")  # type: ignore[arg-type]
    (panel,) = draw.panels
    assert (panel["xlabel"], panel["ylabel"]) == ("epochs", "train accuracy")
    assert panel["series"][0]["x"] == [0, 1, 2]
    assert panel["series"][0]["y"] == [0, 3, 5]


def test_paths_are_the_nets_of_the_first_run() -> None:
    """A panel for each condition, a line for each initialisation."""
    runs = SimpleNamespace(
        specs={"a": [], "b": []},
        array=lambda condition, name: np.array([[[1.0, 2.0], [3.0, np.nan]], [[9.0, 9.0], [9.0, 9.0]]]),
        epochs=lambda condition: np.array([0.0, 1.0]),
    )
    draw = drawing()
    draw.paths(FIGURE, runs, "loss")  # type: ignore[arg-type]
    assert [panel["panel"] for panel in draw.panels] == ["a", "b"]
    assert [line["y"] for line in draw.panels[0]["series"]] == [[1, 2], [3, 3]]


def test_levels_add_lines_to_their_panel() -> None:
    """Two calls with one panel, one with another."""
    samples = Samples("time", "epochs", {"low": np.ones(3), "high": np.full(3, 2.0)}, (0, 1, 2))
    draw = drawing()
    for label, panel in (("real", ""), ("noise", ""), ("real", "other")):
        draw.levels(FIGURE, samples, {"low": 0.1, "high": 0.9}, label=label, panel=panel, xlabel="level")
    assert [[line["label"] for line in panel["series"]] for panel in draw.panels] == [["real", "noise"], ["real"]]
    assert draw.panels[0]["series"][0]["x"] == [0.1, 0.9]
    assert draw.panels[0]["ylabel"] == "time (epochs)"


def test_groups_keep_every_seed_and_mark_what_is_not_finite() -> None:
    """None stands for a run without a number."""
    samples = Samples("distance", "", {"a": np.array([1.0, np.nan]), "b": np.zeros(2)}, (0, 1))
    draw = drawing()
    draw.groups(FIGURE, samples)
    assert draw.panels[0]["series"] == [{"label": "a", "values": [1.0, None]}, {"label": "b", "values": [0.0, 0.0]}]


def test_a_matrix_is_averaged_over_seeds() -> None:
    """A panel for each label."""
    draw = drawing()
    draw.matrix(FIGURE, {"real": np.array([[[1, 2]], [[3, 6]]])}, xlabel="of", ylabel="by", log=True)
    (panel,) = draw.panels
    assert (panel["panel"], panel["log"], panel["series"][0]["values"]) == ("real", "xy", [[2, 4]])


def test_images_are_small_pngs() -> None:
    """A pixel for each value, 0 black and 1 white, in grey or in color."""
    draw = drawing()
    draw.images(FIGURE, {"grey": np.array([[[0, 1.0]]]), "red": np.array([[[[1.0, 0, 0]]]])}, columns=["first"])
    grey, red = (
        Image.open(io.BytesIO(base64.b64decode(row["png"][0]))).convert("RGB") for row in draw.panels[0]["series"]
    )
    assert np.asarray(grey).tolist() == [[[0, 0, 0], [255, 255, 255]]]
    assert np.asarray(red).tolist() == [[[255, 0, 0]]]


def test_images_of_another_shape_are_refused() -> None:
    """With the shapes that are legal."""
    with pytest.raises(SettingError, match=r"images of 'a' have shape \(2, 3\); legal are \(n, height, width\)"):
        drawing().images(FIGURE, {"a": np.zeros((2, 3))})


def test_nothing_is_kept_where_no_report_is_asked_for() -> None:
    """What is handed over is dropped."""
    draw = drawing(wanted=False)
    draw.groups(FIGURE, Samples("distance", "", {"a": np.zeros(1)}, (0,)))
    assert draw.panels == []


def test_the_record_keeps_a_panel_once() -> None:
    """Items of one claim share their runs, and draw the same."""
    panels = [
        {"paper": "p", "figure": "1", "panel": "", "item": item, "series": series}
        for item, series in (("b", [1]), ("a", [1]), ("c", [2]))
    ]
    made = record.document(
        *([], [], [], panels),
        papers={},
        pack=("toy", None),
        device="cpu",
        options={},
        root=toy_project.ROOT,
        seconds={},
    )
    assert [one["item"] for one in made["figures"]] == ["a", "c"]
