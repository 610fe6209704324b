"""The simulated error rates and power, and what the README says of them."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from memorization_claims import statistics
from memorization_claims.statistics import Outcome, Samples, Verdict, above, bound, fit, interaction, same, trend
from memorization_claims.statistics.looks import FIRST, SEQUENTIAL, Look
from memorization_claims.statistics.rates import looks as exact
from memorization_claims.statistics.rates import verdicts as rates
from memorization_claims.statistics.rates.verdicts import FAILURES, KINDS, LAWS, LEVELS, MARGIN, Cell
from memorization_claims.statistics.verdict import ALPHA

README = Path(statistics.__file__).with_name("README.md")
JUDGES: dict[str, Callable[[Samples, float, Look], Verdict]] = {
    "above": lambda samples, margin, look: above(samples, "a", "b", margin=margin, look=look),
    "same": lambda samples, margin, look: same(samples, "a", "b", margin=margin, look=look),
    "bound": lambda samples, margin, look: bound(samples, "a", at_least=margin, look=look),
    "trend": lambda samples, margin, look: trend(samples, LEVELS, margin=margin, look=look),
    "interaction": lambda samples, margin, look: interaction(samples, ("a", "b"), ("c", "d"), margin=margin, look=look),
    "fit": lambda samples, margin, look: fit(samples, "a", margin=math.exp(margin), look=look),
}


def in_a_session(kind: str, values: dict[str, np.ndarray], margin: float) -> tuple[int, int]:
    """The verdict of one claim, with more seeds for as long as it asks for them; and how many it took."""
    look = FIRST
    while True:
        seen = {condition: array[: look.runs] for condition, array in values.items()}
        verdict = JUDGES[kind](Samples("x", "", seen, tuple(range(look.runs))), margin, look)
        assert verdict.count is not None
        if verdict.count.more is None:
            return (verdict.outcome is Outcome.SUPPORTED) - (verdict.outcome is Outcome.REFUTED), look.runs
        look = look.next


@pytest.mark.parametrize(
    "cell",
    [
        *(Cell(kind, effect, margin) for kind in KINDS for effect, margin in ((3.0, 3.0), (4.0, 3.0), (0.0, 0.6))),
        *(Cell("above", 3.5, 3.0, law) for law in LAWS),
        *(Cell("above", 4.0, 3.0, failing=(which, 0.3)) for which in FAILURES),
    ],
    ids=lambda cell: f"{cell.kind}-{cell.effect}-{cell.law}-{cell.failing[0]}",
)
def test_many_at_once_are_the_verdicts_themselves(cell: Cell) -> None:
    """Outcome and seeds of a batch are those of the verdict functions, called look by look as a session does."""
    values = rates.simulated(cell, 4, np.random.default_rng(1))
    outcomes, seeds = rates.judged(*rates.shown(cell.kind, values, cell.margin))
    for place in range(4):
        one = {condition: array[place] for condition, array in values.items()}
        assert in_a_session(cell.kind, one, cell.margin) == (outcomes[place], seeds[place])


@pytest.mark.parametrize("law", LAWS)
def test_laws_are_centred_at_their_median(law: str) -> None:
    """As many runs lie on either side; the deviation is 1, or as many lie within 1 as of a normal."""
    draws = LAWS[law](np.random.default_rng(0), (1000, 1000))
    assert (draws > 0).mean() == pytest.approx((draws < 0).mean(), abs=0.003)
    if law == "Cauchy":
        assert (np.abs(draws) < 1).mean() == pytest.approx(0.6827, abs=0.002)
    else:
        assert draws.std() == pytest.approx(1, abs=0.05)


def test_ties_lie_on_the_margin() -> None:
    """A tenth of the runs of a law in quarters, after the other condition is taken off."""
    values = rates.simulated(
        Cell("above", MARGIN, MARGIN, "quarters of a deviation, with ties"), 100, np.random.default_rng(0)
    )
    assert (values["a"] - values["b"] == MARGIN).mean() == pytest.approx(0.0995, abs=0.01)


@pytest.mark.parametrize("which", FAILURES)
def test_runs_fail_as_often_as_they_are_said_to(which: str) -> None:
    """They have no number, and the median of the others gives way where the highest or lowest are the first."""
    cell = Cell("bound", 0.0, 0.0, failing=(which, 0.3))
    values = rates.simulated(cell, 1000, np.random.default_rng(0))["a"]
    assert np.isnan(values).mean() == pytest.approx(0.3, abs=0.01)
    assert np.nanmedian(values) == pytest.approx(
        {"any": 0, "the lowest": 0.385, "the highest": -0.385}[which], abs=0.02
    )


def test_simulated_trend_has_the_slopes_it_should() -> None:
    """The slopes of the simulated levels have the cell's median and deviation."""
    values = rates.simulated(Cell("trend", 2.0, 1.0), 200, np.random.default_rng(0))
    slopes = np.polyfit([0, 0.25, 0.5, 0.75, 1], np.stack([array.ravel() for array in values.values()]), 1)[0]
    assert np.median(slopes) == pytest.approx(2, abs=0.03)
    assert slopes.std() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_false_verdicts_are_no_more_frequent_than_alpha(kind: str) -> None:
    """With the median on the margin, the counts of false support and refutation are likely under a rate of alpha."""
    from scipy.stats import binom

    found = rates.rates(Cell(kind, MARGIN, MARGIN), simulations=2000, base_seed=7)
    assert max(found.supported, found.refuted) <= binom.ppf(0.9999, 2000, ALPHA)


def test_simulations_agree_with_the_sums_over_paths() -> None:
    """The share decided and the mean seeds, where 70 of 100 runs lie beyond the margin."""
    from scipy.stats import norm

    found = rates.rates(Cell("bound", float(norm.ppf(0.7)), 0.0), simulations=10_000, base_seed=1)
    expected = exact.rates(SEQUENTIAL, 0.7)
    assert found.supported / 10_000 == pytest.approx(expected.decided, abs=0.008)
    assert found.seeds == pytest.approx(expected.seeds, abs=2.5)


def test_readme_holds_what_this_code_measures() -> None:
    """A simulated row of the README, simulated again with its seed and size, is the same to the last digit."""
    text = README.read_text(encoding="utf-8")
    assert rates.row("bound", "normal", rates.NONE, simulations=200_000, base_seed=0) in text


@pytest.mark.parametrize("share", exact.SHARES)
def test_readme_holds_the_sums_over_paths(share: float) -> None:
    """Every row of the table on looks is what the command prints."""
    assert exact.row(share, exact.rates(SEQUENTIAL, share)) in README.read_text(encoding="utf-8")


def test_command_prints_a_table() -> None:
    """A header, then a row for every kind, every other law and every way to fail."""
    command = [sys.executable, "-m", "memorization_claims.statistics.rates.verdicts", "--simulations", "20"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=README.parents[2]).stdout
    lines = printed.splitlines()
    assert lines[0].startswith("| kind | effects | runs that fail | false support | false refutation |")
    others = ["above"] * (len(LAWS) - 1 + 2 * len(FAILURES))
    assert [line.split("`")[1] for line in lines[2:]] == [*KINDS, *others]
