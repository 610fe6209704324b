"""A pytest plugin that judges what a session measures once more, under many placebos and A/A tests.

What a test asks of its judge is heard, and asked again of judges under each control: those of a session with
`--claims-placebo` or `--claims-aa` and that `--claims-placebo-seed`. Nothing is trained or measured for them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.judging.judge import Judge, NotSupportedError
from memorization_claims.judging.placebo import Placebo
from memorization_claims.session import stash
from memorization_claims.session.items import claim_of
from memorization_claims.statistics.looks import SEQUENTIAL, Look, one_look

NUMBER, FILE = "--placebos", "--placebos-file"
FIRST_LOOK, SECOND_LOOK = SEQUENTIAL.looks[:2]
LOOKS = {
    FIRST_LOOK: (False, Look(SEQUENTIAL.capped(FIRST_LOOK))),
    SECOND_LOOK: (True, Look(one_look(SECOND_LOOK))),
}
"""By the runs that a test has: whether an A/A test is made of them, else placebos are, and how they are looked at."""
FOUND: pytest.StashKey[dict[str, dict[str, Any]]] = pytest.StashKey()
Call = tuple[str, tuple[Any, ...], dict[str, Any]]


class Heard:
    """Stands for a judge, and notes what it is asked."""

    def __init__(self, judge: Judge) -> None:
        self._judge, self.calls = judge, list[Call]()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method of the judge."""

        def asked(*args: Any, **options: Any) -> Any:
            self.calls.append((name, args, options))
            return getattr(self._judge, name)(*args, **options)

        return asked


def verdicts(calls: list[Call], judge: Judge, *, number: int, same: bool, look: Look) -> Iterator[str]:
    """The verdicts under so many placebos or A/A tests; none where the test ended before it asked for a verdict.

    Args:
        calls: of a test of a claim.
        judge: that they were made to.
        number: of controls.
        same: whether they are A/A tests.
        look: which runs are looked at.
    """
    for seed in range(number):
        controlled = Judge(judge.claim, judge.item, Placebo(same, seed), look, judge.lost)
        try:
            for name, args, options in calls:
                getattr(controlled, name)(*args, **options)
        except NotSupportedError:
            pass
        if controlled.verdict is not None:
            yield controlled.verdict.outcome.value


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many of either control, and where to tell of them."""
    parser.addoption(NUMBER, type=int, default=20, help="judge under so many placebos, and as many A/A tests")
    parser.addoption(FILE, help="write what they came to")


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is found yet."""
    config.stash[FOUND] = {}


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Hear the test of a claim at each look, and judge it under the controls that are made of so many runs."""
    judge = pyfuncitem.stash.get(stash.JUDGE, None)
    if claim_of(pyfuncitem) is None or judge is None or judge.look.runs not in LOOKS:
        return (yield)
    (same, look), heard = LOOKS[judge.look.runs], Heard(judge)
    pyfuncitem.funcargs["judge"] = heard
    try:
        return (yield)
    finally:
        if judge.claim.kind in Placebo(same).kinds:
            number = pyfuncitem.config.getoption(NUMBER)
            told = list(verdicts(heard.calls, judge, number=number, same=same, look=look))
            if told:
                of_item = pyfuncitem.config.stash[FOUND].setdefault(judge.item, {"kind": judge.claim.kind})
                supported = [seed for seed, verdict in enumerate(told) if verdict == "supported"]
                of_item["aa" if same else "placebo"] = dict(Counter(told)) | {"seeds": supported}


def pytest_unconfigure(config: pytest.Config) -> None:
    """Tell what was found."""
    if file := config.getoption(FILE):
        Path(file).write_text(json.dumps(config.stash.get(FOUND, {})), encoding="utf-8")
