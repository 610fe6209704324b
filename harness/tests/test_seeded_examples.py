"""The worked examples: the README has what the commands print, and each example tells its fault from what is sound."""

from __future__ import annotations

import numpy as np
import pytest

from memorization_claims.statistics.event import event
from memorization_claims.statistics.looks import SEQUENTIAL, Look
from memorization_claims.statistics.rated import Rated, RateLook, looks
from memorization_claims.statistics.rates import sessions
from memorization_claims.statistics.same import same
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import ALPHA, Verdict
from memorization_claims.tests.examples import table
from memorization_claims.tests.toy_project import ROOT

README = (ROOT / "harness/seeding/README.md").read_text(encoding="utf-8")
TIMED = "speed"
"""The example whose numbers are those of a machine."""


@pytest.mark.parametrize("name", [name for name in table.NAMES if name != TIMED])
def test_an_example_tells_its_fault(name: str) -> None:
    """At two base seeds; and the table has the example, fully told at 50."""
    claimed, sound, fault, words = table.example(name)
    assert [one.outcome for one in table.verdicts(claimed, sound, 2)] == ["supported"] * 2
    assert [one.outcome for one in table.verdicts(claimed, fault, 2)] == ["refuted"] * 2
    (line,) = [line for line in README.splitlines() if line.startswith(f"| {words} |")]
    assert line.count("50 of 50") == 2


@pytest.mark.long
@pytest.mark.parametrize("name", table.NAMES)
def test_the_table_is_what_is_printed(name: str) -> None:
    """To the digit, but for times."""
    found = table.row(name, 50)
    assert (found[1], found[3]) == ("50 of 50", "50 of 50")
    if name != TIMED:
        assert "| " + " | ".join(found) + " |" in README


def test_simulated_sessions_end_as_sessions_do() -> None:
    """Each test of some sessions, looked at by the functions that reach verdicts."""
    generator, rated = np.random.default_rng(0), Rated(sessions.RATE, looks(192))
    values, seeds = generator.normal(size=(4, 2, 192)), tuple(range(192))
    found = sessions.equivalences(SEQUENTIAL, values, margin=0.8)
    happened = generator.random((4, 2, 192)) < 0.8
    events = sessions.events(rated, happened)

    def verdict(numbers: np.ndarray, place: int, *, is_event: bool) -> Verdict:
        runs = SEQUENTIAL.looks[place]
        samples = Samples("number", "", {"a": numbers[:runs]}, seeds[:runs])
        if is_event:
            return event(samples, "a", at_least=sessions.RATE, look=RateLook(rated, place))
        return same(samples, "a", 0.0, margin=0.8, look=Look(SEQUENTIAL, place))

    for ends, drawn, is_event in ((found, values, False), (events, happened, True)):
        for session, test in np.ndindex(4, 2):
            place = 0
            while (one := verdict(drawn[session, test], place, is_event=is_event)).count and one.count.more:
                place += 1
            assert ends.seeds[session, test] == SEQUENTIAL.looks[place]
            assert ends.refuted[session, test] == (one.outcome == "refuted")
            assert ends.undecided[session, test] == (one.outcome == "undecided")


def test_what_is_stated_is_what_sessions_state() -> None:
    """The sum over ten tests; in the README, whose sentence it is."""
    assert sessions.stated(ALPHA) == pytest.approx(12 * 0.000497, rel=0.01)
    assert f"at most one session in {int(1 / sessions.stated(ALPHA))} refutes what is true" in README


@pytest.mark.long
def test_the_rates_are_what_is_printed() -> None:
    """Of ten thousand sessions, to the digit."""
    for line in sessions.table():
        assert line in README
