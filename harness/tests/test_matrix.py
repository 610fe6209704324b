"""The matrix of mutants: what notices them, what is told of that, and the file and the page that have it."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.cli import readme
from memorization_claims.errors import SettingError
from memorization_claims.reports import matrix as matrices
from memorization_claims.tests.matrix_samples import ASKED, IDLE, MUTANTS, WHOLE, entry, matrix, record
from memorization_claims.tests.toy_project import ROOT


@pytest.mark.parametrize(
    ("whole", "broken", "noticed"),
    [
        (("supported", 12, 12), ("refuted", 0, 12), True),
        (("supported", 12, 12), ("undecided", 3, 12), True),
        (("supported", 12, 12), ("undecided", 4, 12), False),
        (("supported", 48, 64), ("undecided", 7, 12), False),
        (("supported", 48, 64), ("undecided", 1, 12), True),
        (("supported", 12, 12), ("supported", 12, 12), False),
        (("refuted", 0, 12), ("undecided", 10, 12), True),
        (("refuted", 0, 12), ("undecided", 3, 12), False),
        (("undecided", 6, 12), ("refuted", 0, 12), False),
        (("supported", 0, 0), ("refuted", 0, 0), True),
    ],
)
def test_what_notices(whole: tuple[Any, ...], broken: tuple[Any, ...], noticed: bool) -> None:
    """A verdict is lost where fewer runs show it; not where there are too few of them, and no undecided one is."""
    items = [
        {"verdict": verdict, "beyond": beyond, "short": runs - beyond, "runs": runs}
        for verdict, beyond, runs in (whole, broken)
    ]
    assert matrices.notices(*items) is noticed


def test_what_became_of_mutants() -> None:
    """Noticed by supported items and by refuted ones, caught by a test, or neither."""
    made = matrix()
    assert made["mutants"]["zero-learning-rate"]["noticed"] == ["T01", "T02", "T04"]
    assert made["mutants"]["labels-not-corrupted"]["verdicts"]["undecided"] == ["T01", "T02"]
    assert made["mutants"]["labels-corrupted"]["same"] == ["T01"]
    assert matrices.score(made) == (["zero-learning-rate", "labels-not-corrupted"], ["labels-corrupted"], [])
    made["mutants"]["labels-corrupted"]["caught"] = False
    assert matrices.score(made).survived == ["labels-corrupted"]


def test_what_fails_an_item() -> None:
    """Blunt mutants apart; of the refuted item nothing is asked."""
    both = (["labels-not-corrupted"], ["zero-learning-rate"])
    assert matrices.failing(matrix()) == {"T01": both, "T02": both}
    assert matrices.by_test(matrix()) == {"T01.py": both, "T02.py": both}


def test_what_is_told() -> None:
    """Shares, survivors by name with their test, items that fail with blunt ones alone or with none, and errors."""
    made = matrix()
    assert matrices.sentences(made) == [
        "Mutation score: 3 of 3 (100 %) mutants, 2 noticed by a claim and 1 caught by a test alone.",
        "Supported items that fail with at least one mutant that breaks what they say: 2 of 2 (100 %).",
    ]
    rows = made["mutants"]
    rows["labels-not-corrupted"] |= {"noticed": ["T02"], "errors": {"T01.py": "ValueError"}}
    for caught, told in (
        (False, "tests/test_data.py::test_a passes"),
        (None, "tests/test_data.py::test_a was not run"),
    ):
        rows["labels-corrupted"]["caught"] = caught
        assert f"labels-corrupted survives: no claim notices it, and {told}." in matrices.sentences(made)
    rows["labels-corrupted"]["caught_by"] = ""
    rows["zero-learning-rate"]["noticed"] = ["T01"]
    assert matrices.sentences(made)[1:] == [
        "labels-corrupted survives: no claim notices it, and no test is named that catches it.",
        "labels-not-corrupted: 1 tests met errors.",
        "Supported items that fail with at least one mutant that breaks what they say: 1 of 2 (50 %).",
        "They fail with blunt mutants alone: T01.",
    ]
    rows["zero-learning-rate"]["noticed"] = []
    assert matrices.sentences(made)[-1] == "They fail with no mutant: T01."


def test_items_of_another_scale_are_told_apart() -> None:
    """Under their scale; what a mutant's session has beside the items is left out."""
    full = {**entry("T01", "supported", 1), "scale": "fullscale", "nodeid": "full.py"}
    made = matrices.begun(ASKED, record(entry("T01", "supported", 1), full))
    assert list(made["items"]) == ["T01", "T01 fullscale"]
    row = matrices.tried(made, MUTANTS["zero-learning-rate"], IDLE)
    assert row["verdicts"] == {"supported": [], "refuted": ["T01"], "undecided": []}


def test_the_file(tmp_path: Path) -> None:
    """What is written is read again, and nothing else is left."""
    matrices.write(tmp_path / "mutants.json", matrix())
    assert matrices.read(tmp_path / "mutants.json") == matrix()
    assert [path.name for path in tmp_path.iterdir()] == ["mutants.json"]


def _damaged() -> list[dict[str, Any]]:
    """Matrices of which something is missing or of another kind."""
    found = [deepcopy(matrix()) for _ in range(5)]
    del found[0]["asked"]
    found[1]["asked"]["options"] = None
    found[2]["items"]["T01"]["runs"] = "12"
    found[3]["mutants"]["labels-corrupted"]["noticed"] = ["T99"]
    del found[4]["mutants"]["labels-corrupted"]["caught"]
    return found


@pytest.mark.parametrize("damaged", _damaged())
def test_a_damaged_file(damaged: dict[str, Any], tmp_path: Path) -> None:
    """It is refused by name."""
    (tmp_path / "a.json").write_text(json.dumps(damaged), encoding="utf-8")
    with pytest.raises(SettingError, match=r"a\.json is a damaged matrix of mutants; legal is what `claims mutants"):
        matrices.read(tmp_path / "a.json")


def test_the_page(tmp_path: Path) -> None:
    """A block of a document has the score, every mutant with what notices it, and every supported item."""
    block = "<!-- claims mutants mutants.json -->\nold\n<!-- end -->\n"
    matrices.write(tmp_path / "mutants.json", matrix())
    text = readme.renewed(block, tmp_path)
    assert "3 items judged as they are at base seed 7 (torch 2.14.1), and at one look" in text
    assert "- Mutation score: 3 of 3 (100 %) mutants" in text
    assert "| zero-learning-rate (blunt) | nothing is learned | 3 of 3 |  |" in text
    assert "| labels-corrupted | all labels are random | 0 of 2 | test\\_data.py::test\\_a |" in text
    assert "| T01 | labels-not-corrupted | zero-learning-rate |" in text
    assert readme.renewed(text, tmp_path) == text


def test_the_committed_matrix_is_on_its_page() -> None:
    """`test_readme.py` holds that the block is current; here, that it is there."""
    assert "<!-- claims mutants " in (ROOT / "reports/trust/mutants.md").read_text(encoding="utf-8")


def test_a_matrix_without_a_mutant() -> None:
    """All is told of nothing."""
    made = matrices.begun(ASKED, WHOLE)
    assert matrices.sentences(made)[0].startswith("Mutation score: 0 of 0 mutants")
