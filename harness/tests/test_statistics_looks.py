"""The looks at a claim: their level, what decides at them, when they end, and what a verdict says of the next."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom

from memorization_claims.errors import SettingError
from memorization_claims.statistics import boundaries
from memorization_claims.statistics.looks import FIRST, SEQUENTIAL, Look, Schedule, one_look
from memorization_claims.statistics.rates import looks as rates
from memorization_claims.statistics.verdict import ALPHA, Outcome

PLACES = range(len(SEQUENTIAL.looks))


def counted_paths(schedule: Schedule, needed: tuple[int, ...]) -> Fraction:
    """The share of all sequences of runs, each as likely either way, that reach a count: whole numbers only."""
    paths, runs, stopped = [1], 0, Fraction(0)
    for look, least in zip(schedule.looks, needed, strict=True):
        for _ in range(look - runs):
            paths = [a + b for a, b in zip([*paths, 0], [0, *paths], strict=True)]
        runs = look
        stopped += Fraction(sum(paths[least:]), 2**look)
        paths[least:] = [0] * (look + 1 - least)
    return stopped


def test_the_level_of_all_looks_together_is_within_alpha() -> None:
    """Counted path by path it is below one in 2000, and it is what the command prints."""
    exact = counted_paths(SEQUENTIAL, SEQUENTIAL.needed)
    assert Fraction("0.00049") < exact <= Fraction(1, 2000)
    assert rates.level(SEQUENTIAL) == pytest.approx(float(exact), rel=1e-9)


def test_the_intervals_of_all_looks_together_hold_the_median_in_95_of_100() -> None:
    """A median is missed below where as many runs lie above it as leave it out, and above likewise."""
    outside = tuple(look + 1 - rank for look, rank in zip(SEQUENTIAL.looks, SEQUENTIAL.ranks, strict=True))
    exact = 2 * counted_paths(SEQUENTIAL, outside)
    assert Fraction("0.049") < exact <= Fraction(1, 20)
    assert rates.missed(SEQUENTIAL) == pytest.approx(float(exact), rel=1e-9)


def test_the_search_finds_the_schedule_in_use() -> None:
    """It finds where later looks are left out, and the counts for fewer looks; for these no single step would help."""
    assert boundaries.needed((12, 24, 48, 96, 192)) == (12, 22, 37, 67, 123)
    assert boundaries.hopeless(SEQUENTIAL.looks, SEQUENTIAL.needed) == SEQUENTIAL.hopeless
    least = boundaries.cost(SEQUENTIAL.looks, SEQUENTIAL.needed)
    for place in PLACES:
        for step in (-1, 1):
            near = tuple(count + step * (at == place) for at, count in enumerate(SEQUENTIAL.needed))
            dearer = boundaries.cost(SEQUENTIAL.looks, near) > least
            assert dearer or counted_paths(SEQUENTIAL, near) > Fraction(1, 2000)


@pytest.mark.parametrize("runs", [1, 5, 10, 11, 12, 40, 100, 192])
def test_a_single_look_asks_for_as_few_as_alpha_allows(runs: int) -> None:
    """One run less would be too likely; where even all of them are, more are needed than there are."""
    (needed,), (rank,) = one_look(runs).needed, one_look(runs).ranks
    assert binom.sf(needed - 1, runs, 0.5) <= ALPHA < binom.sf(needed - 2, runs, 0.5)
    assert (needed > runs) == (runs < 11)
    assert binom.cdf(rank - 1, runs, 0.5) <= 0.025 < binom.cdf(rank, runs, 0.5)


def test_a_single_look_takes_a_run() -> None:
    """None is refused."""
    with pytest.raises(SettingError, match=r"^0 runs; legal is 1 or more$"):
        one_look(0)


@pytest.mark.parametrize("runs", [11, 12, 24, 57, 192])
def test_at_a_single_look_the_p_value_decides(runs: int) -> None:
    """It is at most alpha from the count that is needed on, and from no smaller one."""
    look = Look(one_look(runs))
    for count in {0, *range(look.needed - 3, look.needed + 3), runs} & set(range(runs + 1)):
        assert (look.p_value(count) <= ALPHA) == (count >= look.needed)


@pytest.mark.parametrize("place", PLACES)
def test_at_each_look_the_p_value_decides(place: int) -> None:
    """Within the part of alpha that is spent until then: the rest is kept for later looks."""
    look, spent = Look(SEQUENTIAL, place), float(SEQUENTIAL.walk.stops([0.5])[: place + 1].sum())
    for count in {0, *range(look.needed - 3, look.needed + 3), look.runs} & set(range(look.runs + 1)):
        assert (look.p_value(count) <= spent * (1 + 1e-12)) == (count >= look.needed)


def test_p_values_are_ordered_by_look_and_then_by_count() -> None:
    """What stops earlier is the stronger evidence."""
    values = [
        Look(SEQUENTIAL, place).p_value(count)
        for place, (look, needed) in enumerate(zip(SEQUENTIAL.looks, SEQUENTIAL.needed, strict=True))
        for count in (look, (look + needed) // 2, needed)
    ]
    assert values == sorted(values)
    assert values[-1] == rates.level(SEQUENTIAL)


@pytest.mark.parametrize(("most", "looks"), [(1, 1), (12, 1), (39, 2), (40, 3), (192, 7), (500, 7)])
def test_a_cap_leaves_the_first_looks(most: int, looks: int) -> None:
    """Those of no more runs, or the first; what decides at them stays."""
    capped = SEQUENTIAL.capped(most)
    whole = (SEQUENTIAL.looks, SEQUENTIAL.needed, SEQUENTIAL.ranks, SEQUENTIAL.hopeless)
    kept = (capped.looks, capped.needed, capped.ranks, capped.hopeless)
    assert kept == tuple(numbers[:looks] for numbers in whole)


def test_looks_end_where_they_could_not_decide() -> None:
    """At the last; where a later count is out of reach; and where it is too seldom reached."""
    assert FIRST.goes_on(6)
    assert not Look(SEQUENTIAL.capped(12)).goes_on(11)
    third = Look(SEQUENTIAL.capped(40), place=1)
    assert (third.goes_on(16), third.goes_on(15)) == (True, False)
    for place in PLACES:
        look, hopeless = Look(SEQUENTIAL, place), SEQUENTIAL.hopeless[place]
        last = place == PLACES[-1]
        assert (look.goes_on(hopeless + 1), look.goes_on(hopeless)) == (not last, False)


def test_the_next_look_knows_nothing_of_its_runs() -> None:
    """What did not fit is found again among them."""
    later = Look(SEQUENTIAL, unfit=frozenset({3})).next
    assert (later.runs, later.needed, later.rank, later.unfit) == (24, 22, 6, frozenset())


def test_a_verdict_is_as_sure_as_its_runs() -> None:
    """All of the first twelve are reached again, just enough of the last only every other time; the three sum to 1."""
    last = Look(SEQUENTIAL, place=PLACES[-1])
    assert FIRST.replicates(Outcome.SUPPORTED, 12, 0) > 0.998
    assert FIRST.replicates(Outcome.REFUTED, 0, 12) == FIRST.replicates(Outcome.SUPPORTED, 12, 0)
    assert last.replicates(Outcome.SUPPORTED, 123, 69) == pytest.approx(0.54, abs=0.01)
    assert sum(last.replicates(outcome, 110, 82) for outcome in Outcome) == pytest.approx(1)


def test_runs_for_neither_answer_make_both_less_sure() -> None:
    """Half of the runs on one side and the others on none are no more than half."""
    assert FIRST.replicates(Outcome.SUPPORTED, 10, 0) == FIRST.replicates(Outcome.SUPPORTED, 10, 2)


@pytest.mark.parametrize("schedule", [SEQUENTIAL, SEQUENTIAL.capped(40), one_look(24)])
def test_what_verdicts_foretell_is_what_fresh_seeds_do(schedule: Schedule) -> None:
    """Over all shares of runs, as Jeffreys' prior weighs them, summed over the paths of both base seeds."""
    found = [rates.rates(schedule, share) for share in rates.EVEN[::2].tolist()]
    differ, foretold = np.mean([(each.differ, each.foretold) for each in found], axis=0)
    assert foretold == pytest.approx(differ, abs=0.005)
    # Whatever is true, verdicts that seem sure seldom mislead.
    assert schedule is not SEQUENTIAL or max(each.surprise for each in found) < 0.01


@pytest.mark.parametrize("share", [0.5, 0.7, 0.95])
def test_paths_end_once(share: float) -> None:
    """The chances of all ends sum to 1, and those that decide to what the walk gives, less what was left out."""
    assert sum(law.sum() for _, law in rates.ends(SEQUENTIAL, share)) == pytest.approx(1)
    found = rates.rates(SEQUENTIAL, share)
    assert found.decided - found.wrong == pytest.approx(float(SEQUENTIAL.walk.stops([share]).sum()), abs=0.01)
