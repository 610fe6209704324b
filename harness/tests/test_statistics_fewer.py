"""Fisher's exact test against scipy's, and the counts at which an item of twelve runs notices a mutant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from memorization_claims.statistics.fewer import fewer


@given(runs=st.integers(0, 20), of=st.integers(0, 20), data=st.data())
def test_it_is_scipys(runs: int, of: int, data: st.DataObject) -> None:
    """One-sided, of every table of counts."""
    shown, before = data.draw(st.integers(0, runs)), data.draw(st.integers(0, of))
    expected = stats.fisher_exact([[shown, runs - shown], [before, of - before]], alternative="less").pvalue
    assert fewer(shown, runs, before, of) == pytest.approx(expected, rel=1e-9)


def test_worked_tables() -> None:
    """Of 12 runs each: all before and none now is one way of choosing 12 of 24."""
    assert fewer(0, 12, 12, 12) == 1 / 2704156
    assert fewer(3, 12, 12, 12) < 0.0005 < fewer(4, 12, 12, 12)
    assert fewer(12, 12, 12, 12) == fewer(5, 5, 1, 9) == 1
