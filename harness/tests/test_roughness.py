"""How unsteadily a course moves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from memorization_claims.errors import SettingError
from memorization_claims.measures.courses.roughness import log_roughness

PATHS = arrays(np.float64, (2, 3, 7), elements=st.floats(0, 1, width=16))
STEPS = st.lists(st.integers(1, 5), min_size=6, max_size=6)


def _slowly(path: list[float], epochs: list[float], after: float) -> float:
    """One course with a loop, and NumPy's own interpolation."""
    strays = []
    for place in range(1, len(epochs) - 1):
        if epochs[place - 1] < after * epochs[-1] or math.isnan(path[place + 1]):
            continue
        sides = [place - 1, place + 1]
        line = np.interp(epochs[place], [epochs[side] for side in sides], [path[side] for side in sides])
        strays.append(abs(path[place] - float(line)))
    return sum(strays) / len(strays)


def test_a_zigzag_is_as_rough_as_it_is_high() -> None:
    """Up and down by 0.1 on a steady rise: every evaluation lies 0.1 off the line between its neighbours."""
    path = np.array([0.2, 0.35, 0.3, 0.45, 0.4, 0.55]).reshape(1, 1, -1)
    assert log_roughness(path, np.arange(0.0, 12.0, 2.0), after=0.0) == pytest.approx(math.log(0.1))


def test_only_the_later_evaluations_count() -> None:
    """A jump at the beginning leaves no trace: all three evaluations lie after it."""
    path = np.array([0.9, 0.1, 0.2, 0.4, 0.5]).reshape(1, 1, -1)
    assert log_roughness(path, np.arange(5.0), after=0.25) == pytest.approx(math.log((0.05 + 0.05) / 2))


@given(paths=PATHS, steps=STEPS, after=st.sampled_from([0.0, 0.1, 1 / 3]), stopped=st.integers(5, 7))
def test_roughness_is_that_of_a_loop(paths: np.ndarray, steps: list[int], after: float, stopped: int) -> None:
    """At any epochs, also for nets that have stopped before the end."""
    epochs = np.array([0.0, *np.cumsum(steps)])
    paths[..., stopped:] = np.nan
    if (epochs[:stopped] >= after * epochs[-1]).sum() < 3:
        return
    by_hand = [[_slowly(list(path), list(epochs), after) for path in run] for run in paths]
    np.testing.assert_allclose(np.exp(log_roughness(paths, epochs, after=after)), by_hand, atol=1e-12)


@given(paths=PATHS, steps=STEPS, slope=st.floats(-1, 1), factor=st.floats(0.1, 10))
def test_a_trend_adds_nothing_and_a_factor_its_logarithm(
    paths: np.ndarray, steps: list[int], slope: float, factor: float
) -> None:
    """Roughness does not depend on a line that is added to the course, and grows in proportion to the course."""
    epochs = np.array([0.0, *np.cumsum(steps)])
    before = np.exp(log_roughness(paths, epochs, after=0.0))
    after = np.exp(log_roughness(factor * paths + slope * epochs, epochs, after=0.0))
    np.testing.assert_allclose(after, factor * before, atol=1e-12)


def test_a_straight_course_has_no_roughness() -> None:
    """Minus infinity, on which no verdict is reached; of fewer than three evaluations nothing is known."""
    straight, short = np.linspace(0, 1, 5), np.array([0.1, 0.2, *[np.nan] * 3])
    found = log_roughness(np.stack([straight, short])[:, None], np.arange(5.0), after=0.0)
    assert found[0] == -np.inf
    assert np.isnan(found[1])
    assert np.isnan(log_roughness(straight[None, None], np.arange(5.0), after=0.9))


@pytest.mark.parametrize(
    ("after", "message"),
    [
        (1.0, "the share that does not count is 1.0; legal is 0 to below 1"),
        (-0.5, "the share that does not count is -0.5; legal is 0 to below 1"),
    ],
)
def test_a_share_that_is_none_is_told(after: float, message: str) -> None:
    """The message says what is legal."""
    with pytest.raises(SettingError) as told:
        log_roughness(np.zeros((1, 1, 5)), np.arange(5.0), after=after)
    assert str(told.value) == message
