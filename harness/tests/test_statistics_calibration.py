"""The simulated error rates and power."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from memorization_claims import statistics
from memorization_claims.statistics import ALPHA, Samples
from memorization_claims.statistics.rates.verdicts import JUDGES, LAWS, Cell, p_values, rates, row, simulated

README = Path(statistics.__file__).with_name("README.md")


@pytest.mark.parametrize("kind", JUDGES)
@pytest.mark.parametrize("law", LAWS)
def test_many_at_once_are_the_verdicts_themselves(kind: str, law: str) -> None:
    """The p-values of a batch of simulations are those that the verdict functions give one by one."""
    for effect, margin in ((3.0, 3.0), (1.0, 1.5), (0.0, 2.0)):
        values = simulated(Cell(kind, effect, margin, law), seeds=12, simulations=8, base_seed=1)
        batch = zip(*p_values(kind, values, margin), strict=True)
        for place, (p_support, p_refute) in enumerate(batch):
            one = Samples("x", "", {name: array[place] for name, array in values.items()}, tuple(range(12)))
            verdict = JUDGES[kind](one, margin)
            assert verdict.p_support == pytest.approx(p_support, rel=1e-9)
            assert verdict.p_refute == pytest.approx(p_refute, rel=1e-9)


@pytest.mark.parametrize("kind", JUDGES)
def test_false_verdicts_are_no_more_frequent_than_alpha(kind: str) -> None:
    """With the truth on the margin, the counts of false support and refutation are likely under a rate of alpha."""
    from scipy.stats import binom

    found = rates(Cell(kind, 3.0, 3.0), seeds=12, simulations=4000, base_seed=7)
    ceiling = binom.ppf(0.9999, found.simulations, ALPHA)
    assert max(found.supported, found.refuted) <= ceiling


@pytest.mark.parametrize("law", LAWS)
def test_laws_are_standardised(law: str) -> None:
    """Each law has mean 0 and standard deviation 1, within four standard errors of a heavy tail."""
    draws = LAWS[law](np.random.default_rng(0), (1000, 1000))
    assert draws.mean() == pytest.approx(0, abs=0.005)
    assert draws.std() == pytest.approx(1, abs=0.05)


def test_simulated_trend_has_the_slopes_it_should() -> None:
    """The slopes of the simulated levels have the cell's mean effect and standard deviation 1."""
    values = simulated(Cell("trend", 2.0, 1.0), seeds=12, simulations=4000, base_seed=0)
    slopes = np.polyfit([0, 0.25, 0.5, 0.75, 1], np.stack([array.ravel() for array in values.values()]), 1)[0]
    assert slopes.mean() == pytest.approx(2, abs=0.02)
    assert slopes.std() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(("kind", "signs"), [("above", {"a": 1, "b": -1}), ("interaction", dict(a=1, b=-1, c=-1, d=1))])
def test_simulated_conditions_differ_as_they_should(kind: str, signs: dict[str, int]) -> None:
    """The differences between the simulated conditions have the cell's mean effect and standard deviation 1."""
    values = simulated(Cell(kind, 2.0, 1.0), seeds=12, simulations=4000, base_seed=0)
    differences = np.sum([sign * values[condition] for condition, sign in signs.items()], axis=0)
    assert differences.mean() == pytest.approx(2, abs=0.02)
    assert differences.std() == pytest.approx(1, abs=0.02)


def test_readme_holds_what_this_code_measures() -> None:
    """A row of the README's table, simulated again with its seed and size, is the same to the last digit."""
    assert row("bound", "normal", seeds=12, simulations=20_000, base_seed=0) in README.read_text(encoding="utf-8")


def test_command_prints_a_table() -> None:
    """The command prints a header and a row for every kind and every skewed law."""
    command = [
        sys.executable,
        "-m",
        "memorization_claims.statistics.rates.verdicts",
        "--simulations",
        "20",
        "--seeds",
        "11",
    ]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=README.parents[2]).stdout
    lines = printed.splitlines()
    assert lines[0].startswith("| kind | differences | false support | false refutation |")
    assert [line.split("`")[1] for line in lines[2:]] == [*JUDGES, "above", "above"]
