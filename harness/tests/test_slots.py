"""Places of workers: one that replaces another has its place, and so its GPU."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from memorization_claims.session import slots


def test_places() -> None:
    """In the order in which workers begin, and of one that is gone again."""
    config = SimpleNamespace(stash=pytest.Stash())
    nodes = [SimpleNamespace(config=config, workerinput={}) for _ in range(4)]
    for node in nodes[:3]:
        slots.take(node)
    slots.leave(nodes[1])
    slots.take(nodes[3])
    assert [node.workerinput[slots.INPUT] for node in nodes] == [0, 1, 2, 1]


WHICH = """
import os
import pytest


@pytest.mark.parametrize("number", range(6))
def test_place(request, number):
    worker = request.config.workerinput
    with open(os.environ["PLACES"], "a") as file:
        file.write(f"{worker['workerid']} {worker['claims_slot']}\\n")
    if number == 0:
        os._exit(1)
"""


def test_a_worker_that_crashed_is_replaced_in_its_place(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under another name."""
    pytester.makepyfile(WHICH)
    monkeypatch.setenv("PLACES", str(pytester.path / "places"))
    pytester.runpytest_subprocess("-n", "1")
    found = (pytester.path / "places").read_text().splitlines()
    assert found[0] == "gw0 0"
    assert set(found[1:]) == {"gw1 0"}
