"""Which worker is given which tests: the claims of one file together, all others as pytest-xdist does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from xdist.scheduler import LoadScheduling

from memorization_claims.session.scheduling import Scheduling


class Worker:
    """A worker that keeps what it was sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.shutting_down = False
        self.gateway = SimpleNamespace(id="gw")

    def send_runtest_some(self, tests: list[int]) -> None:
        """Take tests."""
        self.sent += tests

    def shutdown(self) -> None:
        """Take no more."""
        self.shutting_down = True


class Config:
    """As much of pytest's configuration as a scheduler asks for."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def getvalue(self, name: str) -> list[str]:
        """Where the workers are."""
        return ["popen"] * self.workers

    def getoption(self, name: str) -> None:
        """The most tests to send at a time: as many as the scheduler likes."""


def spread(kind: type[Any], tests: list[str], workers: int) -> list[list[str]]:
    """The tests of each worker, where each runs one in turn as soon as it knows the next or that there is none."""
    scheduling, nodes = kind(Config(workers)), [Worker() for _ in range(workers)]
    for node in nodes:
        scheduling.add_node(node)
        scheduling.add_node_collection(node, tests)
    scheduling.schedule()
    ran: list[list[int]] = [[] for _ in nodes]
    while True:
        before = sum(map(len, ran))
        for node, done in zip(nodes, ran, strict=True):
            if len(node.sent) - len(done) > (0 if node.shutting_down else 1):
                done.append(node.sent[len(done)])
                scheduling.mark_test_complete(node, done[-1], duration=0.5)
        if sum(map(len, ran)) == before:
            break
    assert scheduling.tests_finished
    assert sorted(test for done in ran for test in done) == list(range(len(tests)))
    return [[tests[test] for test in done] for done in ran]


def claims(file: str, number: int) -> list[str]:
    """The ids of a file's claims."""
    return [f"{file}.py::test_{i}[{scale}]" for i in range(number) for scale in ("fast-mlp-1x4", "fullscale")]


@given(st.lists(st.integers(0, 3), max_size=6), st.integers(0, 40), st.integers(1, 4))
def test_claims_of_one_file_share_a_worker(files: list[int], others: int, workers: int) -> None:
    """Whatever the files hold and however many workers there are, every test is run once and no file is split."""
    tests = [test for i, number in enumerate(files) for test in claims(f"test_{i}", number)]
    tests += [f"test_plain.py::test_plain[{i}]" for i in range(others)]
    ran = spread(Scheduling, tests, workers)
    for i in range(len(files)):
        assert sum(any(test.startswith(f"test_{i}.py") for test in done) for done in ran) <= 1


@given(st.integers(0, 60), st.integers(1, 4))
def test_other_tests_are_given_out_as_ever(number: int, workers: int) -> None:
    """Without claims nothing differs from pytest-xdist's own."""
    tests = [f"folder/test_plain.py::test_plain[{i}-fast]" for i in range(number)]
    assert spread(Scheduling, tests, workers) == spread(LoadScheduling, tests, workers)


def test_files_are_spread() -> None:
    """Two files of claims go to two workers, and tests of others with them to both."""
    tests = [*claims("test_a", 2), *claims("test_b", 2), *(f"test_p.py::test_p[{i}]" for i in range(12))]
    ran = spread(Scheduling, tests, 2)
    assert [done[:4] for done in ran] == [claims("test_a", 2), claims("test_b", 2)]
    assert all(any(test.startswith("test_p") for test in done) for done in ran)
