"""Looks at a claim in a session: its test is called again with more runs for as long as these could decide it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.controls.find import find
from memorization_claims.session.looks import schedule
from memorization_claims.session.overrides import Overrides
from memorization_claims.tests import toy_project
from memorization_claims.tests.mutant_samples import PLAN

LOOKED = (
    toy_project.HEADER
    + '''
from memorization_claims.drawing.drawing import Drawing

FIGURE = PAPER.figure("1a", "Numbers.")


@toy("T30")
def test_late(runs, judge, draw):
    """Of the first 24 runs three are short, and of the others none."""
    late = np.where(np.isin(runs.seeds, (3, 4, 5)), -1.0, 1.0) + 0.01 * np.array(runs.seeds)
    samples = runs.samples("number", {"high": late, "low": 0 * late})
    draw.levels(FIGURE, samples, {"high": 1.0, "low": 0.0}, xlabel="level")
    judge.above(samples, "high", "low")


@toy("T31", fast=Plan(base=BASE, conditions=ARMS, most=24))
def test_capped(runs, judge):
    """A plan whose runs are dear."""
    judge.above(made(runs, 3), "high", "low")


@toy("T34", fast=Plan(base=BASE, conditions=ARMS, most=24), findings=(Finding("T34", "digits", "the opposite"),))
def test_capped_and_known(runs, judge):
    """The same of a refutation."""
    judge.above(made(runs, 2.5), "low", "high")


@toy("T32")
def test_hopeless(runs, judge):
    """Ties count for neither answer, and further runs would be no help."""
    judge.above(runs.samples("number", {"high": 0.05 * (np.array(runs.seeds) >= 0), "low": 0.0 * np.array(runs.seeds)}),
                "high", "low")


@toy("T33")
def test_diverged(runs, judge):
    """A run that cannot be at the second look."""
    from memorization_claims.errors import UndecidableError
    if len(runs.seeds) > 12:
        raise UndecidableError("it went wrong")
    judge.above(made(runs, 1), "high", "low")
'''
)
REPLACED = '''
from dataclasses import replace
import pytest


@pytest.fixture
def runs(runs):
    """A copy, which does not grow."""
    return replace(runs)
'''


HOLDING = """
from memorization_claims.session import stash


def pytest_sessionfinish(session):
    held = [item for item in session.items if stash.HELD in item.stash]
    print(f"{len(session.items)} items, {len(held)} hold runs")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of claims that need several looks."""
    return toy_project.write(tmp_path_factory.mktemp("project"), test_looked=LOOKED)


@pytest.fixture(scope="module")
def first(project: Path) -> subprocess.CompletedProcess[str]:
    """A session that trains all of it."""
    return toy_project.session(project, "-m", "fast", "--claims-report=first")


@pytest.fixture(scope="module")
def entries(project: Path, first: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """What the claims came to."""
    assert first.returncode == 1, first.stdout
    return {entry["id"]: entry for entry in toy_project.record(project / "first")["claims"]}


def test_a_claim_is_looked_at_until_it_is_decided(entries: dict[str, dict[str, Any]]) -> None:
    """Undecided with 12 and with 24, supported with 40, of which all that were missing were trained."""
    entry = entries["T30"]
    assert entry["verdict"] == "supported"
    assert (entry["count"]["runs"], entry["count"]["beyond"], entry["count"]["short"]) == (40, 37, 3)
    assert entry["seeds"] == list(range(40))
    # All claims have the same runs.
    assert sum(each["runs"]["trained"] for each in entries.values()) == 80
    assert entry["runs"] == {"trained": 80, "reused": 0}
    assert 0 < entry["seconds"]["measuring"] < entry["seconds"]["wall"]


def test_a_figure_is_drawn_once(project: Path, entries: dict[str, dict[str, Any]]) -> None:
    """With the runs of the last look."""
    (panel,) = toy_project.record(project / "first")["figures"]
    assert {line["seeds"] for line in panel["series"]} == {40}


def test_a_plan_limits_the_looks(entries: dict[str, dict[str, Any]]) -> None:
    """Undecided at its last look: there are more runs, and they are not for it."""
    assert entries["T31"]["verdict"] == "undecided"
    assert (entries["T31"]["count"]["runs"], entries["T31"]["count"]["more"]) == (24, None)


def test_what_leans_to_what_was_expected_fails_no_session(project: Path, entries: dict[str, dict[str, Any]]) -> None:
    """Nor does a known refutation that is not reached; what leans nowhere does."""
    assert [entries[name]["verdict"] for name in ("T31", "T34", "T32")] == ["undecided"] * 3
    again = toy_project.session(project, "-m", "fast", "-k", "T31 or T34")
    assert again.returncode == 0, again.stdout
    assert again.stdout.count("undecided, leaning") == 2
    assert toy_project.session(project, "-m", "fast", "-k", "T32").returncode == 1


def test_no_look_is_taken_where_it_could_not_decide(entries: dict[str, dict[str, Any]]) -> None:
    """All runs lie on the margin."""
    assert entries["T32"]["verdict"] == "undecided"
    assert len(entries["T32"]["seeds"]) == 12


def test_a_look_that_fails(entries: dict[str, dict[str, Any]]) -> None:
    """The claim is undecided for the reason that was met last."""
    assert (entries["T33"]["verdict"], entries["T33"]["because"]) == ("undecided", "it went wrong")


def test_stored_looks_train_nothing(project: Path, entries: dict[str, dict[str, Any]]) -> None:
    """And reach the same verdicts, among workers too."""
    toy_project.session(project, "-m", "fast", "--claims-report=again", "-n", "2")
    again = {entry["id"]: entry for entry in toy_project.record(project / "again")["claims"]}
    assert {id: each["runs"]["trained"] for id, each in again.items()} == dict.fromkeys(entries, 0)
    for id, entry in entries.items():
        assert {**again[id], "seconds": 0, "runs": 0} == {**entry, "seconds": 0, "runs": 0}


@pytest.mark.usefixtures("entries")
def test_seeds_ask_for_one_look(project: Path) -> None:
    """At exactly so many; the boundary is that of a single look."""
    toy_project.session(project, "-m", "fast", "--claims-report=one", "--claims-seeds=16", "-k", "late")
    (entry,) = toy_project.record(project / "one")["claims"]
    assert entry["verdict"] == "undecided"
    assert (entry["count"]["runs"], entry["count"]["needed"], entry["count"]["more"]) == (16, 15, None)


@pytest.mark.usefixtures("entries")
def test_controls_look_less_often(project: Path) -> None:
    """A placebo once: exchanged conditions are on either side, whatever the number of runs."""
    toy_project.session(project, "-m", "fast", "--claims-report=placebo", "--claims-placebo", "-k", "late")
    (entry,) = toy_project.record(project / "placebo")["claims"]
    assert (entry["count"]["runs"], entry["count"]["more"]) == (12, None)


def test_a_mutant_is_judged_at_one_look() -> None:
    """Of as many runs as the first, or as were asked for."""
    broken = Overrides(mutant=find("zero-learning-rate"))
    assert schedule(PLAN, "fast", broken).looks == schedule(PLAN, "fullscale", broken).looks == (12,)
    assert schedule(PLAN, "fast", replace(broken, seeds=16)).looks == (16,)
    assert len(schedule(PLAN, "fast", Overrides()).looks) == 7


@pytest.mark.usefixtures("entries")
def test_runs_that_do_not_grow_are_judged_as_they_are(project: Path) -> None:
    """A fixture of the user's hands out a copy: what a look lacks counts for neither answer."""
    (project / "conftest.py").write_text(REPLACED, encoding="utf-8")
    try:
        toy_project.session(project, "-m", "fast", "--claims-report=copied", "-k", "late")
    finally:
        (project / "conftest.py").unlink()
    (entry,) = toy_project.record(project / "copied")["claims"]
    assert entry["verdict"] == "undecided"
    assert len(entry["seeds"]) == 12


def test_runs_are_let_go(project: Path) -> None:
    """An item stays to the end of a session, and what its test held does not."""
    (project / "conftest.py").write_text(HOLDING, encoding="utf-8")
    done = toy_project.session(project, "-m", "fast", "-s")
    (project / "conftest.py").unlink()
    assert "5 items, 0 hold runs" in done.stdout
