"""The store filled beforehand: what is given to workers, how it goes, and what becomes of it when they are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.errors import StoreError
from memorization_claims.filling import local, on_ray
from memorization_claims.filling.course import TRIES, Course, duration
from memorization_claims.filling.place import Place
from memorization_claims.filling.tasks import Task, tasks
from memorization_claims.price.devices import BUILT_IN
from memorization_claims.spec.arithmetic import PLAIN, Arithmetic
from memorization_claims.tests.filling_samples import fault, note, place_at, spec, task

CPU = BUILT_IN["cpu"]
WORK = {"flops": 0.0, "moved": 0.0, "launches": 1e6, "drawn": 0.0, "peak": 0.0}
"""30 s of a processor."""


def job(
    cohort: int, first: int, seconds: float = 30.0, together: int = 1, stored: Sequence[int] = ()
) -> dict[str, Any]:
    """What a bill says of runs from seed 100 on."""
    work = WORK | {"launches": seconds / CPU.launch * 1e6}
    return {
        **{"kind": "run", "spec": spec(100).to_dict(), "cohort": cohort, "first": first, "most": 2 * first},
        **{"stored": {"cpu": list(stored), "cuda": []}, "together": {"cpu": together, "cuda": 1}},
        **{"work": {"cpu": work, "cuda": work}, "double": False},
    }


def seeds(given: Task) -> list[int]:
    """The seeds of its runs."""
    return [each.seed for each in given.specs]


def test_the_longest_come_first() -> None:
    """What the store lacks, in parts of as many as are trained side by side, about equally large."""
    jobs = [job(0, 3), job(1, 5, together=2, stored=[101, 107]), job(1, 1, together=2), job(2, 1, seconds=500.0)]
    found = tasks(jobs, CPU, "first")
    assert [(round(each.seconds), len(each.specs)) for each in found] == [
        (500, 1),
        *[(60, 2)] * 2,
        *[(30, 1)] * 4,
    ]
    assert sorted(seed for each in found[1:3] for seed in seeds(each)) == [100, 100, 102, 104]
    assert sum(len(each.specs) for each in tasks(jobs, CPU, "most")) == 6 + 8 + 2 + 2
    assert tasks([], CPU, "first") == []


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_how_long_the_rest_takes() -> None:
    """By the plan, stretched as what is done was, in the order in which workers take it."""
    clock, lines = Clock(), list[str]()
    course = Course([task(1, 30), task(2, 20), task(3, 10)], 2, lines.append, clock)
    assert course.left() == 30
    first, second = course.take(), course.take()
    assert first
    assert second
    clock.now = 40.0
    course.ended(second)
    assert course.left() == 20  # twice as long as planned: 20 s of the first, and 20 s of the third
    course.tell()
    assert lines == ["1 of 3 in 40 s; 20 s left"]
    course.ended(first)
    third = course.take()
    assert third
    course.ended(third)
    assert not course.open
    course.tell()
    assert len(lines) == 1
    course.tell(last=True)
    assert lines[1:] == ["3 of 3 in 40 s"]


def test_a_task_with_which_workers_are_lost() -> None:
    """It is tried again, and then no more."""
    lines = list[str]()
    course = Course([task(1), task(2)], 1, lines.append)
    for _ in range(TRIES):
        taken = course.take()
        assert taken
        assert seeds(taken) == [1]
        course.lost(taken)
    assert course.failures == [f"{TRIES} workers were lost with {spec(1).name}; with the last, a worker was lost"]
    taken = course.take()
    assert taken
    assert seeds(taken) == [2]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (99, "99 s"), (100, "2 min"), (5990, "1 h 40 min"), (7500, "2 h 05 min")]
)
def test_durations(seconds: float, said: str) -> None:
    """One unit, or hours and minutes."""
    assert duration(seconds) == said


def pids(folder: Path, seed: int) -> list[int]:
    """The processes that began a run."""
    path = folder / f"run-{seed}"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_workers_that_are_lost_are_replaced(tmp_path: Path) -> None:
    """What they had begun is begun again, and nothing else."""
    lines = list[str]()
    course = Course([task(seed) for seed in (9, 7, 8, 1, 2, 3)], 2, lines.append)
    local.run(course, place_at(tmp_path), 2, note)
    assert {seed: len(pids(tmp_path, seed)) for seed in (9, 7, 8, 1, 2, 3)} == {9: 2, 7: 1, 8: 1, 1: 1, 2: 1, 3: 1}
    assert sorted(course.failures) == ["it cannot be made", f"{spec(8).name} went wrong: ValueError: eight"]
    assert any("a worker was lost" in line for line in lines)


def test_what_a_device_fails_is_given_to_a_worker_again(tmp_path: Path) -> None:
    """Also what its memory had no room for, after all else; what is worth a line is told once."""
    lines = list[str]()
    course = Course([task(seed) for seed in (5, 6, 1)], 1, lines.append)
    local.run(course, place_at(tmp_path), 1, fault)
    assert (tmp_path / "order").read_text().split() == ["5", "6", "1", "6", "5"]
    assert {seed: len(pids(tmp_path, seed)) for seed in (5, 6, 1)} == {5: 2, 6: 2, 1: 1}
    assert course.failures == []
    assert lines.count("steps are not compiled") == 1
    again = f"{spec(5).name} went wrong: AcceleratorError: uncorrectable; {spec(5).name} is given to another"
    assert again in lines


def test_workers_whose_devices_are_broken_are_given_nothing_more(tmp_path: Path) -> None:
    """They do not fail one task after another; what is left is told."""
    lines = list[str]()
    course = Course([task(seed) for seed in (10, 11, 12, 1, 2)], 1, lines.append)
    local.run(course, place_at(tmp_path), 1, fault)
    assert {seed: len(pids(tmp_path, seed)) for seed in (10, 11, 12, 1, 2)} == {10: 1, 11: 1, 12: 1, 1: 0, 2: 0}
    told = "cannot be made: every worker's device has failed"
    assert sorted(course.failures) == sorted(f"{spec(seed).name} {told}" for seed in (10, 11, 12, 1, 2))
    assert "worker 0 is given nothing more: its device failed 3 times in a row" in lines


def test_a_task_that_fails_on_every_device_stops_no_worker(tmp_path: Path) -> None:
    """As where a user's net trips an assertion on the device: the others are done."""
    course = Course([task(seed) for seed in (10, 1, 2, 3, 4)], 2, print)
    local.run(course, place_at(tmp_path), 2, fault)
    assert {seed: len(pids(tmp_path, seed)) for seed in (1, 2, 3, 4)} == dict.fromkeys((1, 2, 3, 4), 1)
    (failure,) = course.failures
    assert failure.startswith(f"{TRIES} workers were lost with {spec(10).name}; with the last, ")


DRIVER = """
import sys
from memorization_claims.filling import local
from memorization_claims.filling.course import Course
from memorization_claims.tests.filling_samples import note, place_at, task
from pathlib import Path
if __name__ == "__main__":
    local.run(Course([task(seed) for seed in (1000, 1001)], 2, print), place_at(Path(sys.argv[1])), 2, note)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_driver_that_is_killed_takes_its_workers_with_it(tmp_path: Path) -> None:
    """They end at once, in the middle of what they do."""
    (tmp_path / "driver.py").write_text(DRIVER, encoding="utf-8")
    driver = subprocess.Popen([sys.executable, str(tmp_path / "driver.py"), str(tmp_path)])
    try:
        found = until(lambda: [*pids(tmp_path, 1000), *pids(tmp_path, 1001)], 2)
    finally:
        driver.kill()
        driver.wait()
    until(lambda: [pid for pid in found if not alive(pid)], 2)


def until(found: Any, number: int) -> list[int]:
    """Wait until there are so many."""
    end = time.monotonic() + 300
    while len(now := found()) < number:
        assert time.monotonic() < end
        time.sleep(0.05)
    return list(now)


def alive(pid: int) -> bool:
    """Whether there is such a process, which is no zombie."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text().split(")")[-1][:4]
    except OSError:
        return False


@pytest.mark.parametrize(("workers", "gpus", "part"), [(4, 4, 1), (8, 4, 0.5), (1, 4, 1), (6, 1, 0.1666)])
def test_shares_of_a_gpu(workers: int, gpus: int, part: float) -> None:
    """On no GPU lies more than all of it."""
    assert on_ray.share(workers, gpus) == part
    assert int(1 / part) * gpus >= workers


@pytest.mark.parametrize(("workers", "gpus", "number"), [(4, 4, 4), (9, 8, 8), (17, 8, 16), (3, 8, 3), (6, 0, 6)])
def test_tasks_at_once(workers: int, gpus: int, number: int) -> None:
    """As many on every GPU, if there are more than GPUs; so many fill all, since Ray fills one before the next."""
    assert on_ray.at_once(workers, gpus) == number
    if gpus:
        assert -(-number // int(1 / on_ray.share(number, gpus))) == min(number, gpus)


def test_on_no_gpu() -> None:
    """Nothing is asked for."""
    assert on_ray.share(4, 0) == 0
    assert on_ray._options(4, 0)["max_calls"] == 0


def test_on_gpus_a_process_does_one_task() -> None:
    """The next task may be meant for another GPU."""
    assert on_ray._options(4, 4)["max_calls"] == 1


def test_a_node_with_another_store(tmp_path: Path) -> None:
    """It refuses before it trains."""
    with pytest.raises(StoreError, match="is not the driver's on "):
        on_ray._fill_in_sight_of(str(tmp_path / "seen"), place_at(tmp_path), [spec(1)])


def test_specs_of_a_place() -> None:
    """It is read from JSON, where there are no tuples."""
    told = {
        "store": "/s",
        "data_root": "/d",
        "device": "cpu",
        "arithmetic": {"precision": "tf32", "compiled": True},
        "readings": [["a.npz", [0.0, 1.0], None]],
        "paths": ["/p"],
    }
    assert Place.of(told) == Place(
        "/s", "/d", "cpu", (("a.npz", (0.0, 1.0), None),), ("/p",), Arithmetic("tf32", compiled=True)
    )
    assert hash(Place.of(told))
    plain = replace(Place.of(told), readings=(), arithmetic=PLAIN)
    assert plain == Place("/s", "/d", "cpu", (), ("/p",))
