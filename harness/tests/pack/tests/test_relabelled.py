"""The corruption by itself."""

import numpy as np
from relabelled import another_label


def test_every_chosen_label_becomes_another() -> None:
    """All others of the classes are drawn about as often; what is not chosen stays."""
    labels, chosen = np.arange(9000) % 10, np.arange(4500)
    _, changed, classes = another_label(np.empty(0), labels, 10, chosen, np.random.default_rng(0))
    moved = (changed - labels) % 10
    assert classes == 10
    assert not moved[4500:].any()
    assert np.bincount(moved[:4500], minlength=10)[0] == 0
    assert np.bincount(moved[:4500], minlength=10)[1:].min() > 400
