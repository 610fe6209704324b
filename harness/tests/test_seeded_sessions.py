"""Sessions of somebody's who has no paper, plan or net: tests that take a seed, beside all that pytest has."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from memorization_claims.cli.sessions import HANDOVER
from memorization_claims.reports.compare.comparison import compare
from memorization_claims.reports.reading import read
from memorization_claims.tests import toy_project
from memorization_claims.tests.test_record_survives import RERUNS

OWN = '''
"""Every kind of test that there is."""

import unittest

import pytest

from memorization_claims import numpy_generator, seeded


def normal(seed):
    return float(numpy_generator(seed).normal())


@pytest.fixture
def shift(tmp_path):
    return 4.0


@seeded(at_least=0.0, because="no less is of use")
def test_supported(seed, shift):
    """A shifted normal is positive."""
    return normal(seed) + shift


@seeded(at_most=-4.0)
def test_refuted(seed):
    return normal(seed)


@seeded(at_least=0.0)
def test_undecided(seed):
    return normal(seed)


@pytest.mark.xfail(strict=True)
@seeded(at_least=4.0)
def test_known(seed):
    return normal(seed)


@pytest.mark.xfail(False, reason="elsewhere")
@seeded(at_least=4.0)
def test_known_elsewhere(seed):
    return normal(seed)


@pytest.mark.xfail(strict=True)
@seeded(at_least=0.0)
def test_known_open(seed):
    return normal(-seed)


@seeded(above=("new", "old"), margin=1.0)
@pytest.mark.parametrize("more", [3, 4])
def test_pair(seed, shift, more):
    return {"new": normal(seed) + shift * more, "old": normal(-seed)}


@pytest.mark.parametrize("skipped", [pytest.param(True, marks=pytest.mark.skip(reason="not here"))])
@seeded(at_least=0.0)
def test_skipped(seed, skipped):
    return normal(seed)


@seeded(at_least=0.0)
def test_breaks(seed):
    return 1 / (seed % 10 - 3)


@seeded(rate_at_least=0.5, broken=[lambda seed: normal(seed) < -4])
def test_event(seed):
    return normal(seed) < 4


@seeded(at_least=0.0)
def test_text(seed):
    return str(seed)


@seeded(at_least=0.0)
def test_saturated(seed):
    return 1.0 + 0 * seed


class Case(unittest.TestCase):
    def setUp(self):
        self.shift = 4

    @seeded(at_least=0.0)
    def test_method(self, seed):
        return normal(seed) + self.shift

    @seeded(at_least=9.0)
    def test_refuted(self, seed):
        return normal(seed) + self.shift


class TestPlain:
    @seeded(same=0.0, margin=4.0, store=False)
    def test_method(self, seed, shift):
        return normal(seed)


def test_not_seeded():
    """Another."""
'''
CONFTEST = """
import sys

def pytest_sessionfinish(session):
    heavy = {"torch", "torchvision", "scipy", "sklearn"} & set(sys.modules)
    assert not heavy, heavy
"""
REFUSED = """
from memorization_claims import seeded

@seeded(at_least=0.5)
async def test_async(seed):
    return 0.3
"""
VERDICTS = {
    "test_own.py::test_supported": "supported",
    "test_own.py::test_refuted": "refuted",
    "test_own.py::test_undecided": "undecided",
    "test_own.py::test_known": "refuted",
    "test_own.py::test_known_elsewhere": "refuted",
    "test_own.py::test_known_open": "undecided",
    "test_own.py::test_pair[3]": "supported",
    "test_own.py::test_pair[4]": "supported",
    "test_own.py::test_event": "supported",
    "test_own.py::test_saturated": "supported",
    "test_own.py::Case::test_method": "supported",
    "test_own.py::Case::test_refuted": "refuted",
    "test_own.py::TestPlain::test_method": "supported",
}
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with such tests, in which a session fails that imports what is heavy."""
    return toy_project.write(tmp_path_factory.mktemp("seeded"), test_own=OWN, conftest=CONFTEST)


@pytest.fixture(scope="module")
def first(project: Path) -> Done:
    """A session that writes a record."""
    return toy_project.session(
        project, "--claims-report=first", "--junitxml=first.xml", "--benchmark-json=rows.json", "-rA", "test_own.py"
    )


@pytest.fixture(scope="module")
def workers(project: Path) -> Done:
    """A session of two workers, whose seeds are fresh, and whose level is a budget."""
    fresh = ("--claims-base-seed=random", "--claims-alpha=0.05")
    return toy_project.session(project, *handing_over("workers.json"), *fresh, "-n2")


def handing_over(file: str) -> tuple[str, ...]:
    """The options of a session that writes its record there and renders none."""
    return (*HANDOVER, file, "test_own.py")


def record(path: Path) -> dict[str, Any]:
    """The record that a session wrote or handed over."""
    made: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["record"] if path.is_file() else read(path)
    return made


def entries(path: Path) -> dict[str, dict[str, Any]]:
    """The entries of a record by id."""
    return {entry["id"]: entry for entry in record(path)["claims"]}


def test_every_outcome(project: Path, first: Done) -> None:
    """As of claims: verdicts, marks, exit status; and nothing heavy is imported, nor a store made."""
    assert first.returncode == 1, first.stderr
    assert {id: entry["verdict"] for id, entry in entries(project / "first").items()} == VERDICTS
    assert "5 failed, 8 passed, 1 skipped, 1 xfailed, 2 undecided" in first.stdout
    assert not (project / ".claims").exists()


def test_what_fails_says_why(first: Done) -> None:
    """The claim, the reason and how to see it again; no frame of ours."""
    because = r"refuted: 12 runs, 12 above -4 \(12 decide\); median .*; p = 0.00024"
    again = "the same seeds: pytest test_own.py::test_refuted --claims-base-seed 0"
    assert re.search(f"refuted\n{because}\n{again}\n", first.stdout)
    assert first.stdout.count("ZeroDivisionError: division by zero") == 2  # the traceback and the summary
    assert "at seed 3; `pytest test_own.py::test_breaks --claims-seed 3` repeats it" in first.stdout
    assert "trial.py" not in first.stdout
    assert "SettingError: test_text at seed 0 returned '0'; legal is a number" in first.stdout


def test_what_the_end_tells(first: Done) -> None:
    """The table, what is noted, and the chance of a false alarm."""
    alarm = "13 seeded tests: by chance at most one session in 134 refutes what is true."
    assert alarm in " ".join(first.stdout.split())
    assert "note: test_saturated gave 1 at each of 12 seeds" in " ".join(first.stdout.split())
    assert re.search(r"test_own\.py::test_pair\[3\] +supported", first.stdout)


def test_the_record(project: Path, first: Done) -> None:
    """What is claimed, why, by which numbers; errors and skips are there too, and reports are rendered."""
    made = record(project / "first")
    entry = entries(project / "first")["test_own.py::test_supported"]
    assert (entry["says"], entry["margin_reason"]) == ("A shifted normal is positive.", "no less is of use")
    assert (entry["source"], entry["paper"], entry["kind"]) == ("test_own.py, test_supported", "", "bound")
    assert entry["seeds"] == list(range(12))
    assert entry["runs"] == {"trained": 12, "reused": 0}
    assert {each["nodeid"]: each["message"] for each in made["errors"]}["test_own.py::test_breaks"] == (
        "ZeroDivisionError: division by zero"
    )
    assert [each["reason"] for each in made["skipped"]] == ["not here"]
    (note,) = entries(project / "first")["test_own.py::test_event"]["notes"]
    assert note.startswith("the broken variant <lambda> is refuted: 12 runs, the event in ")
    for page in ("report.html", "report.md"):
        text = (project / "first" / page).read_text(encoding="utf-8")
        assert "A shifted normal is positive." in text or page == "report.md"
        assert "at most one session in 134" in text


def test_what_was_to_fail_is_expected(project: Path, first: Done) -> None:
    """As pytest has it: where the condition holds, and whatever it came to."""
    found = entries(project / "first")
    expected = {name: found[f"test_own.py::test_known{name}"]["expected"] for name in ("", "_elsewhere", "_open")}
    assert expected == {"": "refuted", "_elsewhere": "supported", "_open": "undecided"}


def test_others_are_told(project: Path, first: Done) -> None:
    """Rows of pytest-benchmark and properties of JUnit's XML, as for claims."""
    rows = json.loads((project / "rows.json").read_text(encoding="utf-8"))["benchmarks"]
    assert {row["name"] for row in rows} == set(VERDICTS)
    cases = ElementTree.parse(project / "first.xml").iter("testcase")
    told = {
        f"{case.get('name')}": {each.get("name"): each.get("value") for each in case.iter("property")} for case in cases
    }
    assert told["test_supported"]["verdict"] == "supported"
    assert told["test_undecided"]["expected"] == "supported"


def test_fresh_seeds_are_printed_and_reproduced(project: Path, workers: Done) -> None:
    """All workers take the same; given as a number, they give the same numbers."""
    match = re.search(r"base seed (\d+) \(random\)", workers.stdout)
    assert match, workers.stdout
    shared = entries(project / "workers.json")
    assert {entry["seeds"][0] for entry in shared.values()} == {int(match[1])}
    again = f"--claims-base-seed={match[1]}"
    toy_project.session(project, *handing_over("again.json"), again, "--claims-alpha=0.05")
    repeated = entries(project / "again.json")
    assert {id: entry["samples"] for id, entry in repeated.items()} == {
        id: entry["samples"] for id, entry in shared.items()
    }
    (pair,) = compare({name: record(project / f"{name}.json") for name in ("workers", "again")})["comparisons"]
    assert pair["summary"]["the same"] == len(VERDICTS)


def test_the_level_is_split(workers: Done, project: Path) -> None:
    """Among sixteen tests, those that are skipped or go wrong too, another end of one, and a broken variant."""
    made = record(project / "workers.json")
    assert made["options"]["alpha"] == 0.05
    alarms = {entry["id"]: entry["alarm"] for entry in made["claims"]}
    share = 0.05 / 18
    assert 0.8 * share < alarms["test_own.py::test_supported"] <= share
    assert sum(alarms.values()) <= 0.05


def test_one_seed(project: Path) -> None:
    """The command that a failure names: the exception, or the number, and no verdict."""
    done = toy_project.session(project, "--claims-seed=3", "test_own.py", "-k", "breaks or supported or method")
    assert done.returncode == 1
    assert "1 failed, 3 passed" in done.stdout
    assert re.search(r"test_own.py::test_supported at seed 3: number \d\.\d+\n", done.stdout)
    assert " verdicts " not in done.stdout


@pytest.mark.long
def test_what_is_run_again_is_no_other_draw(tmp_path: Path) -> None:
    """A plugin that runs failures again finds the same seeds, and the record has each test once; async is refused."""
    toy_project.write(tmp_path, test_own=OWN, conftest=RERUNS, test_refused=REFUSED)
    options = ("--continue-on-collection-errors", "-k", "test_refuted or supported", "test_refused.py")
    done = toy_project.session(tmp_path, *handing_over("report.json"), *options)
    assert done.returncode == 1
    assert re.search(r"2 failed, 1 passed, \d+ deselected, 1 error, 4 rerun", done.stdout)
    made = entries(tmp_path / "report.json")
    assert [entry["verdict"] for entry in made.values()] == ["refuted", "refuted", "supported"]
    assert "test_refused.py:4: SettingError: test_async is async; legal is a plain function" in done.stdout


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--claims-seed=-1", "--claims-seed is -1; legal is 0 or more"),
        ("--claims-alpha=0", "--claims-alpha is 0.0; legal is above 0 and at most 0.05"),
        ("--claims-alpha=0.2", "--claims-alpha is 0.2; legal is above 0 and at most 0.05"),
    ],
)
def test_illegal_options_are_named(pytester: pytest.Pytester, option: str, message: str) -> None:
    """Before anything is collected."""
    result = pytester.runpytest_inprocess(*toy_project.QUICK, "--collect-only", option)
    assert result.ret is pytest.ExitCode.USAGE_ERROR
    assert message in str(result.stderr)
