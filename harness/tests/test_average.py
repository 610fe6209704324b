"""The average of a course over the first part of training."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.measures.courses.average import early_average

EPOCHS = np.array([0.0, 1.0, 2.0, 4.0, 10.0, 40.0])


def test_a_straight_course() -> None:
    """From epoch 1 to epoch 10, a course that is the epoch averages 5.5, whatever it was before training."""
    path = EPOCHS.copy()
    path[0] = 1000.0
    assert early_average(path[None, None], EPOCHS, share=0.25).item() == pytest.approx(5.5)


def test_an_end_between_two_evaluations() -> None:
    """The value there is read off the line between them: epochs 1 to 7."""
    assert early_average(EPOCHS[None, None], EPOCHS, share=7 / 40).item() == pytest.approx(4.0)


def test_one_epoch() -> None:
    """Where the share ends by the first epoch, its value then."""
    path = np.array([0.0, 3.0])[None, None]
    assert early_average(path, np.array([0.0, 1.0]), share=0.25).item() == 3.0


@given(seed=st.integers(0, 2**32 - 1), share=st.floats(0.01, 1.0))
def test_against_many_points(seed: int, share: float) -> None:
    """The mean of the course at ten thousand evenly spaced times, and never outside its range."""
    paths = np.random.default_rng(seed).random((2, 3, len(EPOCHS)))
    found = early_average(paths, EPOCHS, share=share)
    edges = np.linspace(1.0, max(1.0, share * 40), 10001)
    middles = (edges[1:] + edges[:-1]) / 2
    for run in range(2):
        for net in range(3):
            slow = np.interp(middles, EPOCHS, paths[run, net]).mean()
            assert found[run, net] == pytest.approx(slow, abs=1e-4)
            assert paths[run, net].min() - 1e-12 <= found[run, net] <= paths[run, net].max() + 1e-12


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1])
def test_an_illegal_share(share: float) -> None:
    """The message says what is legal."""
    with pytest.raises(SettingError, match=rf"^share is {share}; legal is above 0 to 1$"):
        early_average(EPOCHS[None, None], EPOCHS, share=share)
