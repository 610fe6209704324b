"""Forgetting events of hand-written histories."""

import numpy as np
from forgetting import events, mean_over


def history(*examples: str) -> np.ndarray:
    """What one net does at each evaluation, 1 right and 0 wrong, by example: (1, 1, evaluations, n)."""
    return np.array([[list(own) for own in examples]]).transpose(0, 2, 1)[:, None] == "1"


def test_forgetting_is_from_right_to_wrong() -> None:
    """Learning is no forgetting, and what is never right is never forgotten."""
    assert events(history("00000", "11111", "00111", "11000", "10100", "10101")).tolist() == [[[0, 0, 0, 1, 2, 2]]]


def test_each_seed_has_its_own_examples() -> None:
    """A mean is over those that were changed at that seed."""
    counts = np.array([[[4, 0, 2]], [[1, 5, 3]]])
    changed = np.array([[True, False, True], [False, True, False]])
    assert mean_over(changed, counts).tolist() == [[3.0], [5.0]]
    assert np.isnan(mean_over(np.zeros_like(changed), counts)).all()
