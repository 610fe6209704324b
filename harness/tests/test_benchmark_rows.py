"""Claims as rows of pytest-benchmark: saved, compared and failed, with and without workers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from memorization_claims.reports.saved import restored
from memorization_claims.session import benchmarks as benchmark
from memorization_claims.tests import toy_project
from memorization_claims.tests.test_plugin import VERDICTS
from memorization_claims.tests.test_record import document, entry

FILES = ("test_trained.py", "test_others.py")
WORKERS = {"alone": (), "workers": ("-n2",)}


@pytest.fixture(scope="module", params=WORKERS)
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A project after a session that began with an empty store, and what pytest-benchmark saved of it."""
    folder = tmp_path_factory.mktemp(request.param)
    toy_project.write(folder, test_trained=toy_project.TRAINED, test_others=toy_project.OTHERS)
    arguments = (
        "--claims-store=store",
        "--benchmark-save=first",
        "--claims-report=report",
        "--junitxml=junit.xml",
        *FILES,
    )
    done = toy_project.session(folder, *WORKERS[request.param], *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    (path,) = folder.glob(".benchmarks/*/0001_first.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return folder, found


def again(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A second session over the same store, with as many workers as the folder's name says."""
    workers = next(value for name, value in WORKERS.items() if folder.name.startswith(name))
    return toy_project.session(folder, *workers, "--claims-store=store", *arguments, *FILES)


def test_every_claim_is_a_row(saved: tuple[Path, dict[str, Any]]) -> None:
    """Its time is the seconds of the record, its extra information the whole entry."""
    folder, found = saved
    claims = {one["nodeid"]: one for one in toy_project.record(folder / "report")["claims"]}
    rows = {row["fullname"]: row for row in found["benchmarks"]}
    assert {row["extra_info"]["id"] for row in rows.values()} == set(VERDICTS)
    assert rows.keys() == claims.keys()
    for nodeid, row in rows.items():
        took = claims[nodeid]["seconds"]
        assert row["extra_info"] == claims[nodeid]
        assert row["group"] == "claims"
        assert row["stats"]["mean"] == pytest.approx(max(0.001, took["training"] + took["measuring"]))
        assert row["stats"]["rounds"] == 1


def test_rows_are_in_the_order_of_their_tests(saved: tuple[Path, dict[str, Any]]) -> None:
    """Whichever worker was first."""
    names = [row["fullname"] for row in saved[1]["benchmarks"]]
    assert names == sorted(names)


def test_a_row_says_whether_its_runs_were_reused(saved: tuple[Path, dict[str, Any]]) -> None:
    """The claim that trained them has no mark; those that found them have one, and the same seconds of training."""
    entries = {row["name"]: row["extra_info"] for row in saved[1]["benchmarks"]}
    for name, made in entries.items():
        assert name.endswith(" (reused)") == (made["runs"]["reused"] > 0 == made["runs"]["trained"])
    shared = {made["seconds"]["training"] for made in entries.values() if sum(made["runs"].values()) == 24}
    assert len(shared) == 1
    assert shared.pop() > 0


def test_the_machine_is_told(saved: tuple[Path, dict[str, Any]]) -> None:
    """Versions of torch, NumPy and CUDA, and the device, as in the record; and the record but for its figures.

    It is written before the benchmarks are saved, and so has fewer seconds.
    """
    folder, found = saved
    record = toy_project.record(folder / "report")
    took, later = record["summary"], found["record"]["summary"]["seconds"]
    assert 1 < took["seconds"]["processor"] <= later["processor"]
    assert took["seconds"]["wall"] <= later["wall"]
    for name in ("torch", "numpy", "cuda", "device"):
        assert found["machine_info"][name] == record["environment"][name]
    assert restored(found) == record | {
        "options": found["record"]["options"],
        "summary": {**took, "seconds": later},
        "claims": [row["extra_info"] for row in found["benchmarks"]],
        "figures": [],
    }


def test_a_later_session_compares_itself(saved: tuple[Path, dict[str, Any]]) -> None:
    """It shows both times of each claim, fails where one grew too much, and writes its record all the same."""
    folder, found = saved
    compared = again(folder, "--benchmark-compare=0001", "--benchmark-autosave")
    assert compared.returncode == 1
    assert "T01 (0001_first)" in compared.stdout.replace("(reused) ", "")
    assert "T01 (reused) (NOW)" in compared.stdout
    assert compared.stderr.count("Comparing against benchmarks from") == 1
    (path,) = folder.glob(".benchmarks/*/0002_*.json")
    assert path.stem.endswith(f"_torch-{found['machine_info']['torch']}")
    for old in folder.glob(".benchmarks/*/0001_first.json"):
        faster = json.loads(old.read_text(encoding="utf-8"))
        faster["machine_info"]["torch"] = "1.0"
        for row in faster["benchmarks"]:
            row["stats"]["mean"] /= 1000
        old.with_name("0009_faster.json").write_text(json.dumps(faster), encoding="utf-8")
    elsewhere = shutil.copytree(folder / ".benchmarks", folder.parent / f"{folder.name}-elsewhere")
    options = (f"--benchmark-storage={elsewhere}", "--benchmark-compare=0009", "--benchmark-compare-fail=mean:50%")
    failed = again(folder, *options, "--claims-report=slower", "-k", "test_supported")
    assert failed.returncode != 0
    assert "Performance has regressed" in failed.stderr
    assert f"torch was 1.0 there and is {found['machine_info']['torch']} here" in failed.stderr
    assert [one["id"] for one in toy_project.record(folder / "slower")["claims"]] == ["T01"]


def test_junit_carries_verdict_and_effect(saved: tuple[Path, dict[str, Any]]) -> None:
    """As plain properties of the test case of each claim that was judged, and of no other."""
    folder, _ = saved
    cases: dict[str, dict[str, str]] = {}
    for case in ElementTree.parse(folder / "junit.xml").iter("testcase"):
        told = {str(one.get("name")): str(one.get("value")) for one in case.iter("property")}
        cases |= {told["claim"]: told} if told else {}
    assert {name: told["verdict"] for name, told in cases.items()} == VERDICTS
    assert cases["T01"].keys() == {"claim", "verdict", "expected", "because", "seeds", "effect", "effect_of", "margin"}
    assert cases["T01"]["effect"].startswith("0.1")
    assert cases["T01"]["effect_of"] == "train accuracy: learns - rests"


def test_a_session_that_saves_nothing_shows_no_times(tmp_path: Path) -> None:
    """No table, no file; and where the user names a storage, that is used."""
    toy_project.write(tmp_path, test_trained=toy_project.TRAINED)
    only = ("-k", "test_supported", "test_trained.py")
    plain = toy_project.session(tmp_path, *only)
    assert "benchmark 'claims'" not in plain.stdout
    assert not list(tmp_path.glob(".benchmarks/*"))
    saving = ("--benchmark-storage=mine", "--benchmark-save=own")
    assert toy_project.session(tmp_path, *only, *saving).returncode == 0
    assert len(list(tmp_path.glob("mine/*/0001_own.json"))) == 1
    assert not list(tmp_path.glob(".benchmarks/*"))


def test_benchmarks_proper_stand_beside_claims(tmp_path: Path) -> None:
    """Where they are enabled; both are saved, each in a group of its own with all of its columns."""
    proper = "def test_proper(benchmark):\n    benchmark(sum, [1, 2])\n"
    toy_project.write(tmp_path, test_trained=toy_project.TRAINED, test_proper=proper)
    arguments = ("--benchmark-enable", "--benchmark-json=all.json", "-k", "supported or proper")
    done = toy_project.session(tmp_path, *arguments, "test_trained.py", "test_proper.py")
    assert done.returncode == 0, done.stdout
    rows = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))["benchmarks"]
    assert {row["name"]: row["group"] for row in rows} == {"T01": "claims", "test_proper": None}
    assert "StdDev" in done.stdout


def test_measuring_takes_what_it_took(tmp_path: Path) -> None:
    """A value that comes from the store counts the seconds of its measuring, as runs count those of their training."""
    own = """
import time


def slow(logits, inputs, generators):
    time.sleep(0.4)
    with open("calls", "a") as calls:
        calls.write(".")
    return logits(inputs).double().amax(dim=(1, 2))
"""
    claim = '''
from dataclasses import replace

from own import slow


@toy("T41", fast=Plan(base=replace(BASE, record=Record(every=20)), conditions=ARMS))
def test_slow(runs, judge):
    """A measure that takes its time."""
    judge.above(runs.measure(slow, "slowness"), "learns", "rests")
'''
    toy_project.write(tmp_path, own=own, test_slow=toy_project.HEADER + claim)
    for report in ("cold", "warm"):
        toy_project.session(tmp_path, f"--claims-report={report}", "--claims-seeds=12", "test_slow.py")
    (cold,), (warm,) = (toy_project.record(tmp_path / report)["claims"] for report in ("cold", "warm"))
    assert warm["samples"] == cold["samples"]
    assert (tmp_path / "calls").read_text(encoding="utf-8") == "."
    assert min(cold["seconds"]["measuring"], warm["seconds"]["measuring"]) >= 0.4


def test_no_row_takes_no_time() -> None:
    """What rounds to zero takes a millisecond, so that no ratio is infinite."""
    made = benchmark.row(entry(seconds={"training": 0, "measuring": 0, "wall": 0}))
    assert made.stats.mean == 0.001


def test_only_what_differs_is_told() -> None:
    """A machine that says nothing of a version was not made by claims."""
    here = {"torch": "2.15.0", "numpy": "2.4.6", "node": "a"}
    assert benchmark.differences(here, here | {"cpu": "other"}) == []
    assert benchmark.differences(here, {"torch": "2.11.0", "node": "a"}) == [
        "torch was 2.11.0 there and is 2.15.0 here"
    ]


def test_benchmarks_of_no_claim_are_no_record() -> None:
    """A file of other benchmarks is told from one of claims."""
    with pytest.raises(KeyError):
        restored({"benchmarks": [], "machine_info": {}})
    made = document(entry())
    found = restored({"benchmarks": [], "record": made})
    assert found is not None
    assert found["claims"] == []
    assert restored({"benchmarks": None, "record": made}) is None
