"""The wait before training converges, the rise to the fit, and correlation with random signs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.measures.courses.rademacher import correlation
from memorization_claims.measures.courses.start import rise, share_waited, wait_and_rise

GUESS = float(np.log(10))


def test_wait_and_rise_of_a_plateau_and_a_quick_fall() -> None:
    """A loss that stays at guessing for 9 epochs and falls to nothing in the tenth: started within it, fitted after."""
    losses = np.r_[np.full(10, GUESS), 0.0][None, None]
    accuracies = np.r_[np.full(10, 0.1), 1.0][None, None]
    wait, rise = wait_and_rise(losses, accuracies, np.arange(11.0), loss_of_guessing=GUESS)
    assert wait.item() == pytest.approx(9.1)
    assert rise.item() == pytest.approx(9 + 0.89 / 0.9 - 9.1)


@given(st.integers(2, 40), st.integers(0, 2**32))
def test_a_slower_clock_changes_no_ratio(evaluations: int, seed: int) -> None:
    """Both times scale with the epochs, so that their ratio does not depend on the learning rate's unit of time."""
    generator = np.random.default_rng(seed)
    losses = GUESS * np.sort(generator.uniform(0, 1.1, (1, 1, evaluations)))[..., ::-1]
    accuracies = np.sort(generator.uniform(0, 1, (1, 1, evaluations)))
    losses[..., -1], accuracies[..., -1] = 0.0, 1.0
    epochs = np.arange(float(evaluations))
    one = wait_and_rise(losses, accuracies, epochs, loss_of_guessing=GUESS)
    other = wait_and_rise(losses, accuracies, 3 * epochs, loss_of_guessing=GUESS)
    np.testing.assert_allclose(other, 3 * np.array(one), atol=1e-9)


def test_what_never_starts_has_no_end() -> None:
    """Without a start the wait is infinite; without a fit the rise is; a net that stopped stays where it was."""
    flat, falls = np.full((1, 1, 3), GUESS), np.array([[[GUESS, 0.0, np.nan]]])
    low, high = np.full((1, 1, 3), 0.1), np.array([[[0.1, 1.0, np.nan]]])
    epochs = np.arange(3.0)
    assert np.isinf(wait_and_rise(flat, high, epochs, loss_of_guessing=GUESS)[0]).all()
    wait, rise = wait_and_rise(falls, low, epochs, loss_of_guessing=GUESS)
    assert np.isfinite(wait).all()
    assert np.isinf(rise).all()
    assert np.isnan(wait_and_rise(flat, low, epochs, loss_of_guessing=GUESS)[1]).all()


def test_the_share_of_a_plateau() -> None:
    """Nine epochs and a tenth of waiting, out of nearly ten: the rest is the rise. What never fits has no share."""
    losses = np.r_[np.full(10, GUESS), 0.0][None, None]
    accuracies = np.r_[np.full(10, 0.1), 1.0][None, None]
    options: dict[str, Any] = {"epochs": np.arange(11.0), "loss_of_guessing": GUESS}
    wait, rises = wait_and_rise(losses, accuracies, **options)
    assert share_waited(losses, accuracies, **options).item() == pytest.approx(9.1 / (9 + 0.89 / 0.9))
    assert rise(losses, accuracies, **options) == rises
    assert share_waited(losses, np.full_like(accuracies, 0.1), **options).item() == 0
    assert wait.item() > rises.item()


@given(st.integers(1, 60), st.integers(0, 2**32))
def test_correlation_is_the_mean_of_sign_times_prediction(examples: int, seed: int) -> None:
    """Counted on signs and predictions themselves, at the last evaluation before a net stopped."""
    signs, predictions = np.random.default_rng(seed).choice([-1, 1], (2, examples))
    accuracy = np.array([[[0.5, (signs == predictions).mean(), np.nan]]])
    assert correlation(accuracy).item() == pytest.approx((signs * predictions).mean())


@given(st.integers(2, 8), st.integers(0, 2**32))
def test_both_times_by_a_walk_along_the_course(evaluations: int, seed: int) -> None:
    """The loss falls to nine tenths of guessing, and the accuracy rises to 99 %, on straight lines."""
    generator = np.random.default_rng(seed)
    losses, accuracies = generator.uniform(0.5, 1.2, evaluations) * GUESS, generator.uniform(0.9, 1, evaluations)
    steps = np.linspace(0, evaluations - 1, 20_000 * (evaluations - 1) + 1)
    on_the_way = [np.interp(steps, range(evaluations), each) for each in (0.9 * GUESS - losses, accuracies - 0.99)]
    start, end = (float(steps[np.argmax(each >= 0)]) if (each >= 0).any() else np.inf for each in on_the_way)
    wait, rises = wait_and_rise(
        losses[None, None], accuracies[None, None], np.arange(float(evaluations)), loss_of_guessing=GUESS
    )
    assert wait.item() == pytest.approx(start, abs=1e-4)
    expected = end - start if np.isfinite([start, end]).any() else np.nan
    assert rises.item() == pytest.approx(expected, abs=2e-4, nan_ok=True)


def test_correlation_of_known_accuracies() -> None:
    """All right, half of them, and none."""
    paths = np.array([[[0.5, 1.0], [1.0, 0.5], [0.5, 0.0]]])
    assert correlation(paths).tolist() == [[1.0, 0.0, -1.0]]
