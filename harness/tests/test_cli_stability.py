"""`claims stability`: the sessions that it runs, what it keeps of them, and what it refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from memorization_claims.cli import stability, variations
from memorization_claims.cli.main import main
from memorization_claims.reports import result
from memorization_claims.tests import toy_project
from memorization_claims.tests.command_line import claims, outsider
from memorization_claims.tests.toy_project import QUICK

TRAINED = toy_project.HEADER + (
    '''
@toy("T01")
def test_supported(runs, judge):
    """Training raises training accuracy."""
    judge.above(runs.final("train_accuracy"), "learns", "rests")
'''
)
FACTS = {"torch": "2.14.1", "numpy": "2.4.6", "instructions": "AVX2", "machine": "x86_64"}
ENTRY = {
    **{"id": "T01", "scale": "fast", "dataset": "/data/own.npz", "verdict": "supported", "expected": "supported"},
    **{"because": "12 of 12 runs", "effect": {"estimate": 0.5, "low": 0.4, "high": 0.6, "margin": 0.1, "unit": ""}},
    "count": {"runs": 12, "beyond": 12, "short": 0, "needed": 12, "more": None, "replicates": 0.9989},
}
LEGAL = "legal is another folder"
BAD_SESSIONS: list[tuple[str, str]] = [
    (
        "out tests",
        "no session is named for pytest tests; legal are --base-seed N, --instructions NAME, --python PATH, ",
    ),
    ("out", "no session is named and there is none in out; legal are --base-seed N, "),
    ("--workers 1 -x out", "the folder comes first and is -x; legal is claims stability FOLDER [OPTIONS]"),
    ("full --workers 1", "full holds other things than sessions; legal is a folder that is empty or not there"),
    ("full/file --workers 1", "full/file cannot be written: Not a directory; legal is a folder that can"),
    ("out --instructions sse", "Invalid value for '--instructions': 'sse' is not one of 'default', 'avx2', 'avx512'"),
    ("out --base-seed 0 --base-seed 191", "base seeds 0 and 191 have seeds in common; legal are those that lie 192 "),
    (
        "out --python ./no/python",
        "./no/python cannot be run: No such file or directory; legal is an interpreter whose ",
    ),
    ("out --python ./bare", "./bare cannot judge claims: No module named 'torch'; legal is an interpreter whose "),
]


class Sessions:
    """Stands for the sessions of pytest: notes what they are given, and has all come to the same.

    Args:
        monkeypatch: puts it in their place.
        folder: the command is called in.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.given: list[tuple[list[str], dict[str, str], str]] = []
        self.datasets, self.status = ["own.npz"], 0
        self.train: Callable[[Path], object] = lambda store: store.mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(folder)
        monkeypatch.setattr(stability, "hand_over", self._hand_over)
        monkeypatch.setattr(stability, "collect", lambda arguments: {"datasets": self.datasets})
        monkeypatch.setattr(variations, "facts", lambda python, environment=(): FACTS)

    def _hand_over(
        self, arguments: list[str], *, python: str, environment: dict[str, str]
    ) -> tuple[dict[str, Any], int, str]:
        self.given.append((arguments, environment, python))
        self.train(Path(arguments[arguments.index("--claims-store") + 1]))
        about = {"options": {"base_seed": 0}, "environment": {"device": "cpu", "commit": "abc"}}
        return {"record": {"claims": [ENTRY], "errors": [], "skipped": [], **about}}, self.status, "output"

    def run(self, line: str) -> tuple[int, str]:
        """The exit status of a command line, and what it says beside the page."""
        done = CliRunner().invoke(main, ["stability", *line.split()])
        return done.exit_code, done.stderr


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Sessions:
    """Sessions that do nothing."""
    return Sessions(monkeypatch, tmp_path)


def files(folder: Path) -> list[str]:
    """What lies in a folder and below."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one claim that trains."""
    return outsider(tmp_path_factory.mktemp("project"), TRAINED)


def two_seeds(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Two base seeds of that project, judged in processes of their own."""
    return claims(project, "stability", "out", "--base-seed", "0", "--base-seed", "1000", *QUICK, *arguments)


def test_two_base_seeds(project: Path) -> None:
    """Two files and a page, which is printed too; a second call runs nothing, and other claims are refused."""
    first = two_seeds(project)
    assert first.returncode == 0, first.stdout + first.stderr
    assert files(project / "out") == ["README.md", "seed-0.json", "seed-1000.json"]
    page = (project / "out/README.md").read_text(encoding="utf-8")
    assert first.stdout == page
    assert "Of 1 items in 2 sessions, 0 of 2 verdicts turned" in page
    results = [json.loads((project / f"out/seed-{seed}.json").read_text(encoding="utf-8")) for seed in (0, 1000)]
    assert [one["base_seed"] for one in results] == [0, 1000]
    assert [one["datasets"] for one in results] == [["digits"], ["digits"]]
    assert str(project) not in json.dumps(results) + page
    second = two_seeds(project)
    assert (second.returncode, second.stdout) == (0, page)
    assert second.stderr == "seed-0 is there\nseed-1000 is there\n"
    other = two_seeds(project, "-k", "T01")
    there = "pytest -m fast " + " ".join(QUICK)
    assert other.returncode == 2
    assert (
        other.stderr == f"Error: out holds sessions of {there}, and this is {there} -k T01; legal is another folder\n"
    )


def test_what_sessions_are_given(sessions: Sessions, tmp_path: Path) -> None:
    """Each its own store and one thing that is not as in the others."""
    line = "out --base-seed 1000 --instructions default --python other --workers 1 --reversed tests -mslow"
    assert sessions.run(line)[0] == 0
    words, environments, pythons = zip(*sessions.given, strict=True)
    names = ("seed-1000", "instructions-default", "torch-2.14.1", "workers-1", "reversed")
    stores = [str(tmp_path / "out/.work" / name / "store") for name in names]
    assert [each[:5] for each in words] == [["-q", "tests", "-mslow", "--claims-store", store] for store in stores]
    assert [each[5:] for each in words] == [
        ["--claims-base-seed", "1000"],
        [],
        [],
        ["-n", "1"],
        ["-p", "memorization_claims.cli.backwards"],
    ]
    limits = {"ATEN_CPU_CAPABILITY": "default", "DNNL_MAX_CPU_ISA": "SSE41", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"}
    assert environments == ({}, {**limits, "OPENBLAS_CORETYPE": "Nehalem"}, {}, {}, {})
    assert pythons == (sys.executable, sys.executable, "other", sys.executable, sys.executable)
    assert files(tmp_path / "out") == ["README.md", *sorted(f"{name}.json" for name in names)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_session_goes_on(sessions: Sessions, tmp_path: Path, number: signal.Signals) -> None:
    """What it has trained is kept until it is done; those that are done are not run again."""

    def train(store: Path) -> None:
        store.mkdir(parents=True, exist_ok=True)
        if len(sessions.given) == 2:
            (store / "run").touch()
            signal.raise_signal(number)
        found.append(files(store))

    found: list[list[str]] = []
    sessions.train, line = train, "out --base-seed 0 --base-seed 1000 tests"
    assert sessions.run(line)[0] == 130
    assert [name for name in files(tmp_path / "out") if "." in name] == [
        *(".work", ".work/seed-1000", ".work/seed-1000/seconds", ".work/seed-1000/store", ".work/seed-1000/store/run"),
        *("README.md", "seed-0.json"),
    ]
    status, said = sessions.run(line)
    assert status == 0
    assert said.splitlines()[:2] == ["seed-0 is there", "seed-1000 goes on"]
    assert found == [[], ["run"]]
    assert files(tmp_path / "out") == ["README.md", "seed-0.json", "seed-1000.json"]


@pytest.mark.parametrize("status", [2, 3, 4, 5, -9])
def test_a_session_that_came_to_no_end(sessions: Sessions, tmp_path: Path, status: int) -> None:
    """Its output is shown, and it is not done."""
    sessions.status = status
    found, said = sessions.run("out --base-seed 0 tests")
    assert found == 2
    assert said.endswith(f"Error: seed-0 is not done, it ended with exit status {status}:\noutput\n")
    assert files(tmp_path / "out") == [".work", ".work/seed-0", ".work/seed-0/seconds", ".work/seed-0/store"]


def test_a_session_that_fails(sessions: Sessions) -> None:
    """It is done; the command's exit status says that a session failed, then and later."""
    sessions.status = 1
    assert sessions.run("out --base-seed 0 tests")[0] == 1
    assert sessions.run("out")[0] == 1


def test_no_file_names_a_place(sessions: Sessions, tmp_path: Path) -> None:
    """Of paths from the root the last name is noted, and nothing of where things lie: that may differ in a folder."""
    line = f"out {tmp_path}/tests --claims-dataset={tmp_path}/own.npz --data-root"
    assert sessions.run(f"{line} /here --store s --base-seed 0")[0] == 0
    text = (tmp_path / "out/seed-0.json").read_text(encoding="utf-8")
    assert json.loads(text)["arguments"] == ["-m", "fast", "tests", "--claims-dataset=own.npz"]
    assert "/" not in text.replace(result.SCHEMA, "")
    assert sessions.run(f"{line} /there --base-seed 1000")[0] == 0


def test_other_data(sessions: Sessions) -> None:
    """Sessions on fewer data sets than those that are there are refused, naming both."""
    sessions.datasets = ["digits", "mnist"]
    assert sessions.run("out --base-seed 0 tests")[0] == 0
    sessions.datasets = ["digits"]
    wrong = f"Error: out holds sessions of digits, mnist, and this is digits; {LEGAL}\n"
    assert sessions.run("out --workers 1 tests") == (2, wrong)
    assert len(sessions.given) == 1


@pytest.mark.parametrize(("line", "message"), BAD_SESSIONS, ids=[line for line, _ in BAD_SESSIONS])
def test_bad_usage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, message: str) -> None:
    """It is refused in one line, before any session."""
    facts = variations.facts
    sessions = Sessions(monkeypatch, tmp_path)
    monkeypatch.setattr(variations, "facts", facts)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/README.md").write_text("# Another", encoding="utf-8")
    (tmp_path / "full/file").touch()
    bare = tmp_path / "bare"
    bare.write_text("#!/bin/sh\necho \"No module named 'torch'\" >&2; exit 1\n", encoding="utf-8")
    bare.chmod(0o755)
    status, said = sessions.run(line)
    assert (status, sessions.given) == (2, [])
    assert said.startswith(f"Error: {message}")
    assert said.count("\n") == 1


def test_two_environments_with_one_torch(sessions: Sessions) -> None:
    """Their sessions would have one name."""
    status, said = sessions.run("out --python one --python two tests")
    assert (status, sessions.given) == (2, [])
    assert said.startswith("Error: --python is one and two, both torch-2.14.1; legal are interpreters with different ")


def test_a_file_that_is_no_result(sessions: Sessions, tmp_path: Path) -> None:
    """It is named, and so is one that lacks something."""
    assert sessions.run("out --base-seed 0 tests")[0] == 0
    path = tmp_path / "out/seed-0.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    path.write_text("{}", encoding="utf-8")
    status, said = sessions.run("out")
    assert (status, said.startswith("Error: out/seed-0.json is no result of a session with schema ")) == (2, True)
    damaged = [
        {key: value for key, value in whole.items() if key != lost}
        for lost in whole
        if lost not in ("schema", "base_seed")
    ]
    damaged += [whole | {"session": "moon-0"}, whole | {"items": [{"id": "T01"}]}, whole | {"seconds": "long"}]
    for each in damaged:
        path.write_text(json.dumps(each), encoding="utf-8")
        assert sessions.run("out") == (
            2,
            "Error: out/seed-0.json is a damaged result of a session; delete it to run the session anew\n",
        )


def test_reversed(pytester: pytest.Pytester) -> None:
    """The tests run from the last to the first."""
    pytester.makepyfile("".join(f"def test_{name}():\n    pass\n" for name in "abc"))
    ran = pytester.runpytest_inprocess(*QUICK, "-p", "memorization_claims.cli.backwards", "-v")
    ran.stdout.fnmatch_lines([f"*::test_{name} PASSED*" for name in "cba"])
