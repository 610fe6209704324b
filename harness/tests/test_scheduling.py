"""Which worker is given which tests: claims that share runs together, what costs most first, others as ever."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import chain
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


def spread(kind: Callable[..., Any], tests: list[str], workers: int) -> list[list[str]]:
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


def assert_one_begins(group: list[str], ran: list[list[str]]) -> None:
    """One worker has the tests of a group from the first on, and helpers what it did not come to."""
    mine = [[test for test in done if test in group] for done in ran]
    (front,) = [part for part in mine if part and part[0] == group[0]]
    assert front == group[: len(front)]


@given(st.lists(st.integers(1, 3), max_size=6), st.integers(0, 40), st.integers(1, 4))
def test_claims_of_one_file_share_a_worker(files: list[int], others: int, workers: int) -> None:
    """Where nothing is told: whatever the files hold and however many workers there are, every test is run once."""
    groups = [claims(f"test_{i}", number) for i, number in enumerate(files)]
    tests = [*chain(*groups), *(f"test_plain.py::test_plain[{i}]" for i in range(others))]
    ran = spread(Scheduling, tests, workers)
    for group in groups:
        assert_one_begins(group, ran)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=25), st.integers(1, 4))
def test_claims_that_share_runs_share_a_worker(costs: list[tuple[int, int]], workers: int) -> None:
    """Wherever they stand among others; one worker alone has them in the order of what they cost together."""
    tests = [f"test.py::test_it[fast-{i}]" for i in range(len(costs))]
    told = dict(zip(tests, costs, strict=True))
    ran = spread(partial(Scheduling, log=None, told=lambda: told), tests, workers)
    groups = {one: [test for test in tests if told[test][0] == one] for one, _ in costs}
    for group in groups.values():
        assert_one_begins(group, ran)
    if workers == 1:
        inorder = sorted(groups.values(), key=lambda group: -sum(told[test][1] for test in group))
        assert ran == [list(chain(*inorder))]


def test_the_dearest_groups_begin() -> None:
    """However late they were collected; each of two workers has one, and the third group when that is done."""
    tests = [f"test.py::test_it[fast-{i}]" for i in range(8)]
    groups = ["cheap"] * 4 + ["dear"] * 2 + ["dearest"] * 2
    told = dict(zip(tests, zip(groups, [1.0] * 4 + [3.0] * 2 + [math.inf] * 2, strict=True), strict=True))
    ran = spread(partial(Scheduling, log=None, told=lambda: told), tests, 2)
    assert [done[:2] for done in ran] == [tests[6:], tests[4:6]]
    assert sorted(ran[0][2:] + ran[1][2:]) == tests[:4]


def test_a_worker_with_nothing_of_its_own_helps() -> None:
    """From the end of what most is left of, which its owner comes to last."""
    tests = [f"test.py::test_it[fast-{i}]" for i in range(9)]
    told = {test: (0, 1.0) for test in tests}
    first, second = spread(partial(Scheduling, log=None, told=lambda: told), tests, 2)
    assert len(first) >= 4 <= len(second)
    assert first == tests[: len(first)]
    assert second == tests[: len(first) - 1 : -1]


def test_what_a_worker_that_died_had_is_given_to_others() -> None:
    """All but the test that it was at, though their group had begun."""
    tests = [f"test.py::test_it[fast-{i}]" for i in range(6)]
    scheduling, nodes = Scheduling(Config(2), None, lambda: {test: (0, 1.0) for test in tests}), [Worker(), Worker()]
    for node in nodes:
        scheduling.add_node(node)
        scheduling.add_node_collection(node, tests)
    scheduling.schedule()
    assert scheduling.remove_node(nodes[0]) == tests[0]
    for test in list(nodes[1].sent):
        scheduling.mark_test_complete(nodes[1], test)
    while len(nodes[1].sent) < 5:
        scheduling.mark_test_complete(nodes[1], nodes[1].sent[-2])
    assert sorted(nodes[1].sent) == [1, 2, 3, 4, 5]


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
