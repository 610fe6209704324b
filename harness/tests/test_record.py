"""The record of a session: keys and types that others read, strict JSON, whole or not at all."""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from memorization_claims.reports import record
from memorization_claims.reports.shape import damage
from memorization_claims.session.results import Results
from memorization_claims.statistics.above import above
from memorization_claims.statistics.looks import FIRST
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Verdict, undecided

SAMPLES = Samples("number", "points", {"a": 5 + np.arange(12) % 3, "b": np.arange(12) % 2}, tuple(range(12)))  # type: ignore[dict-item]
VERDICT = above(SAMPLES, "a", "b", margin=0.5, look=FIRST)

NUMBER = (float, int, type(None))
KEYS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(
        ("id", "nodeid", "scale", "dataset", "says", "source", "paper", "verdict", "expected", "because"), str
    ),
    **dict.fromkeys(("kind", "refuted_by", "margin_reason", "known"), str),
    **dict.fromkeys(("p_support", "p_refute"), NUMBER),
    **dict.fromkeys(("seeds", "departs", "notes"), list),
    **dict.fromkeys(("samples", "seconds", "runs"), dict),
    **dict.fromkeys(("effect", "count"), (dict, type(None))),
}
EFFECT: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("name", "unit"), str),
    **dict.fromkeys(("estimate", "low", "high", "margin", "standardized"), NUMBER),
    **{"by_seed": list, "claimed": list},
}


PAPERS = {"toy2020": {"short": "Toy 2020", "bibtex": "@misc{toy2020,\n}"}}
WHERE: dict[str, Any] = {
    **{"papers": PAPERS, "pack": ("toy", "1.0"), "device": "cpu", "options": {}},
    "seconds": {"processor": 12.5, "wall": 7.0},
}


def entry(verdict: Verdict = VERDICT, **changes: Any) -> dict[str, Any]:
    """An entry for a verdict."""
    fields: dict[str, Any] = {
        "item": "T01[x]",
        "nodeid": "claims/test_t.py::test_t[fast-x]",
        "scale": "fast",
        "dataset": "digits",
        "says": "It holds.",
        "source": "somewhere",
        "paper": "toy2020",
        "refuted_by": "its opposite",
        "margin_reason": "as in the test",
        "expected": "supported",
        "known": "",
        "notes": ("searched within 0.01 of the pixels' range",),
        "departs": ("smaller",),
        "seconds": {"training": 1.23456, "measuring": np.float64(0.5), "wall": 2},
        "runs": {"trained": np.int64(3), "reused": 0},
    }
    return record.entry(verdict, **{**fields, **changes})


def document(*entries: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A record of these entries."""
    return record.document(list(entries), [], [], [], **{**WHERE, "root": Path(__file__).parent, **changes})


@pytest.mark.parametrize(
    "verdict",
    [
        VERDICT,
        undecided("above", "a run diverged", None),
        above(Samples("n", "", {"a": np.full(12, np.nan), "b": np.zeros(12)}, tuple(range(12))), "a", "b", margin=1),
        above(SAMPLES.only("a", "b"), "a", "a", margin=0),
    ],
    ids=["supported", "nothing measured", "not a number", "no spread"],
)
def test_an_entry_has_every_key(verdict: Verdict) -> None:
    """Each key with its type, whatever the verdict; nothing in it is a NaN or of NumPy's."""
    made = entry(verdict)
    assert made.keys() == KEYS.keys()
    for key, kind in KEYS.items():
        assert isinstance(made[key], kind), key
    for key, kind in EFFECT.items() if made["effect"] else ():
        assert isinstance(made["effect"][key], kind), key
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert damage(document(made)) == ""
    assert made["seconds"] == {"training": 1.235, "measuring": 0.5, "wall": 2.0}
    assert made["runs"] == {"trained": 3, "reused": 0}


def test_an_entry_can_be_checked_by_hand() -> None:
    """The effect is the median over seeds of the samples that stand beside it, and the runs beyond it are counted."""
    made = entry()
    differences = np.subtract(made["samples"]["a"], made["samples"]["b"])
    assert made["effect"]["by_seed"] == differences.tolist()
    assert made["effect"]["estimate"] == pytest.approx(np.median(differences))
    assert made["effect"]["standardized"] == pytest.approx(np.median(differences) / differences.std(ddof=1))
    assert made["effect"]["claimed"] == [0.5, None]
    assert (made["count"]["runs"], made["count"]["beyond"], made["count"]["short"]) == (12, 12, 0)
    assert made["p_support"] == 2.0 ** -len(made["seeds"])


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"leans": "yes"}, "claims[0].leans is 'yes', which is of another type"),
        ({"alarm": "often"}, "claims[0].alarm is 'often', which is of another type"),
        ({"count": {**entry()["count"], "seen": "7"}}, "claims[0].count.seen is '7', which is of another type"),
        ({"leans": True, "alarm": 0.001, "count": {**entry()["count"], "seen": 7}}, ""),
    ],
)
def test_fields_that_not_all_entries_have(changes: dict[str, Any], wrong: str) -> None:
    """Where they are there, they have their types."""
    assert damage(document(entry() | changes)) == wrong


def test_the_notes_of_an_entry_are_those_of_the_verdict_and_of_the_data() -> None:
    """In this order."""
    made = entry(replace(VERDICT, notes=("a tail",)))
    assert made["notes"] == ["a tail", "searched within 0.01 of the pixels' range"]


def test_a_record_counts_what_it_holds() -> None:
    """Entries stand by id, and an undecided or refuted one that was expected is as expected."""
    unsure = undecided("above", "a run diverged", None)
    made = document(entry(unsure, item="T03"), entry(item="T02", expected="refuted"), entry(item="T01"))
    assert [each["id"] for each in made["claims"]] == ["T01", "T02", "T03"]
    assert made["summary"] == {
        **{"supported": 2, "refuted": 0, "undecided": 1, "as_expected": 1, "fragile": 0},
        **{"errors": 0, "skipped": 0, "seconds": {"processor": 12.5, "wall": 7.0}},
    }
    assert made["schema"] == record.SCHEMA


@pytest.mark.parametrize(("chance", "fragile"), [(0.99, 0), (0.98, 1)])
def test_a_record_counts_fragile_verdicts(chance: float, fragile: int) -> None:
    """Those that a fresh base seed would reach again with less than 99 %; a verdict without runs is none."""
    assert VERDICT.count is not None
    likely = replace(VERDICT, count=replace(VERDICT.count, replicates=chance))
    made = document(entry(likely), entry(undecided("above", "a run diverged", None)))
    assert made["summary"]["fragile"] == fragile


def test_a_record_says_where_it_was_made() -> None:
    """Versions of everything that decides numbers, the device, the threads and the commit."""
    environment = document()["environment"]
    assert environment.keys() >= {"python", "torch", "numpy", "scipy", "device", "threads", "commit"}
    assert environment["device"] == "cpu"
    assert environment["numpy"] == np.__version__
    assert environment["commit"] is None or len(environment["commit"].removesuffix("-dirty")) >= 12


def test_outside_a_repository_there_is_no_commit(tmp_path: Path) -> None:
    """A project without git has a record all the same."""
    made = document(root=tmp_path)
    assert made["environment"]["commit"] is None


def test_a_record_is_written_whole(tmp_path: Path) -> None:
    """It makes its folder, replaces an older record, and leaves nothing else there."""
    path = record.write(document(), tmp_path / "new" / "report")
    record.write(document(entry()), tmp_path / "new" / "report")
    assert [each["id"] for each in json.loads(path.read_text(encoding="utf-8"))["claims"]] == ["T01[x]"]
    assert list(path.parent.iterdir()) == [path]


def test_a_record_that_cannot_be_written_leaves_the_old(tmp_path: Path) -> None:
    """What is no JSON, a NaN above all, is refused before the older record is touched."""
    path = record.write(document(entry()), tmp_path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="JSON compliant"):
        record.write({"claims": [math.nan]}, tmp_path)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_samples_value_that_is_no_number_is_none() -> None:
    """A run that gave no number is seen as such, in what it was measured and in its effect."""
    values = {"a": np.array([math.inf, 1.0, math.nan]), "b": np.zeros(3)}
    made = entry(above(Samples("n", "", values, (4, 5, 6)), "a", "b", margin=0))
    assert made["samples"] == {"a": [None, 1.0, None], "b": [0.0, 0.0, 0.0]}
    assert made["effect"]["by_seed"] == [None, 1.0, None]
    assert made["seeds"] == [4, 5, 6]


def test_how_the_device_computed() -> None:
    """It is part of the environment where there is anything to tell; torch's warnings name what has no fixed order."""
    results = Results(SimpleNamespace())  # type: ignore[arg-type]
    said = "cumsum_cuda_kernel does not have a deterministic implementation, but you set 'torch.use_deterministic_"
    for message in (UserWarning(said), UserWarning("of something else")):
        results.pytest_warning_recorded(warnings.WarningMessage(message, UserWarning, "file", 1))
    assert results.unordered == {"cumsum_cuda_kernel"}
    made = record.document([], [], [], [], **WHERE, root=Path(), computed={"arithmetic": "tf32", "not compiled": ""})
    assert made["environment"]["arithmetic"] == "tf32"
    assert "not compiled" not in made["environment"]
