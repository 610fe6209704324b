"""The share of a net's accuracy above chance that it keeps."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorization_claims.errors import SettingError
from memorization_claims.measures.values.kept_share import kept_share

COUNTS = st.lists(st.tuples(st.integers(0, 1000), st.integers(200, 1000)), min_size=1, max_size=8)


def test_the_papers_alexnet_keeps_93_percent() -> None:
    """Zhang 2017, table 1: 76.07 % without regularisers, 81.22 % with both, ten classes."""
    kept = kept_share(np.array([0.7607]), np.array([0.8122]), chance=0.1)
    assert kept == pytest.approx([0.6607 / 0.7122])


@given(counts=COUNTS, classes=st.integers(6, 20))
def test_shares_are_those_of_exact_fractions(counts: list[tuple[int, int]], classes: int) -> None:
    """Against rational arithmetic on counts of right answers, seed by seed."""
    chance = Fraction(1, classes)
    by_hand = [float((Fraction(a, 1000) - chance) / (Fraction(b, 1000) - chance)) for a, b in counts]
    accuracy, reference = (np.array(column) / 1000 for column in zip(*counts, strict=True))
    np.testing.assert_allclose(kept_share(accuracy, reference, chance=1 / classes), by_hand, atol=1e-12)


@given(counts=COUNTS)
def test_all_is_kept_of_oneself_and_nothing_at_chance(counts: list[tuple[int, int]]) -> None:
    """Whatever the reference, 1 for itself and 0 for guessing."""
    reference = np.array([second for _, second in counts]) / 1000
    assert (kept_share(reference, reference, chance=0.1) == 1).all()
    assert (kept_share(np.full_like(reference, 0.1), reference, chance=0.1) == 0).all()


def test_a_reference_at_chance_leaves_nothing_finite() -> None:
    """There is no share of nothing, and no warning of it either."""
    assert not np.isfinite(kept_share(np.array([0.5, 0.1]), np.array([0.1, 0.1]), chance=0.1)).any()


@pytest.mark.parametrize("chance", [-0.1, 1.0])
def test_a_chance_that_is_none_is_told(chance: float) -> None:
    """The message says what is legal."""
    with pytest.raises(SettingError, match=f"^chance is {chance}; legal is 0 to below 1$"):
        kept_share(np.array([0.5]), np.array([0.5]), chance=chance)
