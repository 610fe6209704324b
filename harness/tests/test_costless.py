"""What is memorised at no cost: worked examples, a walk along the line, and what it cannot depend on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.measures.values.costless import memorised_at_no_cost

STRENGTHS = st.integers(2, 6)


def _one(memorised: list[float], accuracy: list[float], loss: float) -> float:
    found = memorised_at_no_cost([np.array([m]) for m in memorised], [np.array([a]) for a in accuracy], loss=loss)
    return float(found[0])


def test_the_line_is_read_where_the_accuracy_is_lost() -> None:
    """Half way down from 0.95 to 0.85 lies the level 0.9, and half way from 0.6 to 0.2 lies 0.4."""
    assert _one([1.0, 0.6, 0.2], [0.95, 0.95, 0.85], 0.05) == pytest.approx(0.4)


def test_a_regulariser_that_never_costs_goes_as_far_as_it_goes() -> None:
    """The greatest strength, though another is weaker on memories."""
    assert _one([1.0, 0.3, 0.5], [0.9, 0.95, 0.89], 0.02) == 0.5


def test_a_regulariser_that_costs_at_once_is_left_at_the_start() -> None:
    """Of a way that falls steeply only the first part counts; a later recovery does not."""
    assert _one([1.0, 0.0, 0.0], [0.9, 0.1, 0.95], 0.08) == pytest.approx(0.9)


def _walk(memorised: list[float], accuracy: list[float], loss: float) -> float:
    """A hundred thousand small steps along the line until the accuracy is lost."""
    for step in np.linspace(0, len(memorised) - 1, 100_001):
        place = np.arange(len(memorised))
        if np.interp(step, place, accuracy) < accuracy[0] - loss:
            return float(np.interp(step, place, memorised))
    return memorised[-1]


@pytest.mark.parametrize("seed", range(5))
def test_a_walk_in_small_steps_ends_there(seed: int) -> None:
    """An independent reference: to 1e-3 on random lines, seed by seed."""
    draw = np.random.default_rng(seed)
    memorised, accuracy = draw.uniform(size=(5, 3)), draw.uniform(0.6, 1.0, size=(5, 3))
    found = memorised_at_no_cost(list(memorised), list(accuracy), loss=0.1)
    expected = [_walk(memorised[:, s].tolist(), accuracy[:, s].tolist(), 0.1) for s in range(3)]
    np.testing.assert_allclose(found, expected, atol=1e-3)


@settings(deadline=None)
@given(strengths=STRENGTHS, seed=st.integers(0, 2**32), loss=st.floats(0.01, 1.0))
def test_it_lies_among_what_was_memorised(strengths: int, seed: int, loss: float) -> None:
    """Never above or below all of it; a strength between two on the line between them changes nothing."""
    draw = np.random.default_rng(seed)
    memorised, accuracy = draw.uniform(size=(strengths, 4)), draw.uniform(size=(strengths, 4))
    found = memorised_at_no_cost(list(memorised), list(accuracy), loss=loss)
    assert (found >= memorised.min(axis=0) - 1e-12).all()
    assert (found <= memorised.max(axis=0) + 1e-12).all()
    finer = [np.insert(values, 1, (values[0] + values[1]) / 2, axis=0) for values in (memorised, accuracy)]
    np.testing.assert_allclose(memorised_at_no_cost(list(finer[0]), list(finer[1]), loss=loss), found, atol=1e-9)


@pytest.mark.parametrize(
    ("strengths", "loss", "message"),
    [
        ((1, 1), 0.1, "1 and 1 strengths; legal is the same number, 2 or more"),
        ((3, 2), 0.1, "3 and 2 strengths; legal is the same number, 2 or more"),
        ((2, 2), 0.0, "loss is 0.0; legal is above 0"),
    ],
)
def test_illegal_settings_are_named(strengths: tuple[int, int], loss: float, message: str) -> None:
    """Each with its value and what is legal."""
    with pytest.raises(SettingError) as refused:
        memorised_at_no_cost(*([np.zeros(2)] * count for count in strengths), loss=loss)
    assert str(refused.value) == message
