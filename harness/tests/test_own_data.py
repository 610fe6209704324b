"""The suite on data sets as users may have them: the sets, what is told of each, and a command that resumes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memorization_claims.data import source
from memorization_claims.errors import DataError
from memorization_claims.tests.checkout import ROOT
from memorization_claims.tests.own_data import __main__ as command
from memorization_claims.tests.own_data import outcome, sets

READ: dict[str, tuple[int, tuple[int, ...], int]] = {
    "two-classes": (1600, (1, 8, 8), 2),
    "hundred-classes": (1600, (1, 8, 8), 100),
    "few-images": (900, (1, 8, 8), 10),
    "pure-noise": (1600, (1, 8, 8), 10),
    "equal-images": (1600, (1, 8, 8), 10),
    "colour": (1600, (3, 8, 8), 10),
    "odd-sides": (1600, (1, 5, 7), 10),
    "odd-square": (1600, (1, 33, 33), 10),
    "words": (1600, (1, 8, 8), 5),
    "signs": (1600, (1, 8, 8), 2),
    "rare-class": (1600, (1, 8, 8), 10),
    "single-image": (1400, (1, 8, 8), 5),
}
"""Number and shape of the images as they are read, and classes."""
REFUSED = {"gaps": "gaps", "black-images": "all pixels in .* are 0; legal are images that differ"}
ENTRY: dict[str, Any] = {
    **{"id": "T01", "kind": "above", "verdict": "supported", "because": "12 runs", "effect": {"estimate": 0.5}},
    "samples": {"real, all": [1.0], "randY, all": [0.0]},
}


@pytest.mark.parametrize("name", sets.SETS)
def test_a_set_is_read_as_it_is_meant(name: str, tmp_path: Path) -> None:
    """Or refused with a message, and it is the same each time."""
    file = sets.write(name, tmp_path)
    first = file.read_bytes()
    if name in REFUSED:
        with pytest.raises(DataError, match=REFUSED[name]):
            source.load(str(file), tmp_path)
        return
    read = source.load(str(file), tmp_path)
    assert (len(read.images), read.images.shape[1:], read.classes) == READ[name]
    counts = np.bincount(read.labels)
    assert counts.min() == {"rare-class": 2, "single-image": 1}.get(name, counts.min())
    assert (read.images == read.images[:1]).all() == (name == "equal-images")
    with np.load(sets.write(name, tmp_path / "again")) as again, np.load(file) as given:
        assert all((again[key] == given[key]).all() for key in again.files), first[:4]


@pytest.mark.parametrize(
    ("kind", "arms", "told"),
    [
        ("above", ("real, all", "randX-40, all"), True),
        ("above", ("random labels", "true labels, augmented"), True),
        ("above", ("clean", "corrupted"), True),
        ("interaction", ("real, wide", "real, narrow", "randY-30, wide", "randY-30, narrow"), True),
        ("trend", ("0 %", "50 %", "100 %"), True),
        ("above", ("randX", "randY"), False),
        ("above", ("randX removed, wide", "randX, wide"), False),
        ("above", ("dropout", "none"), False),
        ("bound", ("random labels", "true labels"), False),
        ("above", ("real, narrow", "real, wide"), False),
    ],
)
def test_what_tells_real_data_from_noise(kind: str, arms: tuple[str, ...], told: bool) -> None:
    """By the names of the arms that are compared."""
    assert outcome.tells_noise({"kind": kind, "samples": {arm: [0.0] for arm in arms}}) is told


def record(*entries: dict[str, Any], skipped: Sequence[str] = (), errors: Sequence[str] = ()) -> dict[str, Any]:
    """What a session hands over."""
    return {
        "record": {
            "claims": list(entries),
            "skipped": [{"nodeid": "t.py::test", "reason": reason} for reason in skipped],
            "errors": [{"nodeid": "t.py::test[a]", "message": message} for message in errors],
        }
    }


def test_an_outcome_tells_all() -> None:
    """Reasons that differ in numbers and folders are one; what is decided without a number is an error."""
    undecided = {**ENTRY, "verdict": "undecided", "effect": None}
    entries = [
        ENTRY,
        {**undecided, "because": "2 of 3 runs; failed: a; failed: b"},
        {**undecided, "because": "1 of 12 runs; failed: c; median 0.1"},
    ]
    skipped = ("/tmp/a/own.npz leaves 3 examples: give more", "/b/own.npz leaves 4 examples: give an x_test")
    found = outcome.of(record(*entries, skipped=skipped), 1, "output")
    assert found == {
        "items": 5,
        "verdicts": {"supported": 1, "undecided": 2},
        "skipped": {"DIR leaves N examples": 2},
        "undecided": {"N of N runs; failed": 2},
        "supported": ["T01"],
        "contradictions": ["T01"],
        "errors": [],
        "refused": "",
    }
    blank = {**ENTRY, "effect": {"estimate": None}}
    found = outcome.of(record(blank, errors=["ValueError: no"]), 1, "Traceback (most recent call last)\n...")
    assert found["errors"] == [
        "test[a]: ValueError: no",
        "there is a traceback in the output",
        "T01: supported without a number as its effect",
    ]
    assert outcome.of({}, 4, "ERROR: labels have gaps\n")["refused"] == "labels have gaps"
    assert outcome.of({}, 4, "ERROR: labels have gaps\n")["errors"] == []
    assert outcome.of({}, 3, "it\nbroke\n")["errors"] == ["exit status 3: broke"]


def test_the_command_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set that is there is not judged again; contradictions are looked for on noise, and errors everywhere."""
    given: list[list[str]] = []
    answers = {"two-classes.npz": record(ENTRY), "pure-noise.npz": record(), "gaps.npz": {}}

    def hand_over(arguments: list[str]) -> tuple[dict[str, Any], int, str]:
        given.append(arguments)
        name = Path(arguments[arguments.index("--claims-dataset") + 1]).name
        return answers[name], 1 if answers[name] else 4, "" if answers[name] else "ERROR: labels have gaps"

    monkeypatch.setattr(command, "hand_over", hand_over)
    shared = ["--folder", str(tmp_path / "out"), "--work", str(tmp_path / "work"), "-x"]
    sets_of = [f"--only={name}" for name in ("two-classes", "pure-noise", "gaps")]
    assert command.main([*shared, *sets_of]) == 0
    assert len(given) == 3
    assert all("-x" in each and str(ROOT / "claims") in each for each in given)
    assert all(each[each.index("--claims-seeds") + 1] == "2" and "-p" in each for each in given)
    assert command.main([*shared, *sets_of]) == 0
    assert len(given) == 3
    page = (tmp_path / "out/own-data.md").read_text(encoding="utf-8")
    assert "| `two-classes`: two classes | 2, hurried, -x | 1 | 1 | 0 | 0 | 0 | 0 |  |" in page
    assert "| `gaps`: labels are 2, 5 and 9 | 2, hurried, -x | refused: labels have gaps |" in page
    answers["pure-noise.npz"] = record(ENTRY)
    assert command.main([*shared, "--seeds", "12", *sets_of[1:2]]) == 1
    assert "-p" not in given[-1]
    results = json.loads((tmp_path / "out/own-data.json").read_text(encoding="utf-8"))
    assert results["pure-noise, 12 seeds, -x"]["outcome"]["contradictions"] == ["T01"]
