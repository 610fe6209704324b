"""Models of a user's own in a cohort: what they draw is drawn for each net, or they are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from memorization_claims.errors import SettingError
from memorization_claims.tests.training_samples import differing, spec, trained

USERS = """
import random
import numpy as np
import torch
from torch import nn
from torch.nn.functional import dropout

class Careless(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.layer = nn.Linear(64, classes)
    def forward(self, x):
        return self.layer(dropout(x.flatten(1), 0.5, self.training))
def careless(shape, classes):
    return Careless(classes)
class Drawing(nn.Sequential):
    def forward(self, x):
        return super().forward(x) + (self.draw() if self.training else 0)
def pythons(shape, classes):
    net = Drawing(nn.Flatten(), nn.Linear(64, classes))
    net.draw = random.random
    return net
def numpys(shape, classes):
    net = Drawing(nn.Flatten(), nn.Linear(64, classes))
    net.draw = lambda: float(np.random.rand())
    return net
class Tired(nn.Linear):
    steps = 0
    def forward(self, x):
        self.steps += self.training
        if self.steps > 2:
            raise RuntimeError("enough")
        return super().forward(x)
def tired(shape, classes):
    return nn.Sequential(nn.Flatten(), Tired(64, classes))
def careful(shape, classes):
    hidden = [nn.Linear(64, 7), nn.Dropout(0.0), nn.Tanh(), nn.Dropout(0.5)]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(7, classes))
def off(shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 7), nn.Dropout(0.0), nn.ReLU(), nn.Linear(7, classes))
def bare(shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 7), nn.Identity(), nn.ReLU(), nn.Linear(7, classes))
"""


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of a user's own models on the path."""
    (tmp_path / "users_nets.py").write_text(USERS)
    monkeypatch.syspath_prepend(tmp_path)
    return "users_nets"


def test_what_a_model_draws_is_its_own(users: str) -> None:
    """Dropout within a forward gives the same bits alone and in company, in every session, and leaves others alone."""
    before = torch.get_rng_state()
    specs = [spec(seed, model=f"{users}:careless", nets=2) for seed in range(2)]
    together = trained(specs)
    torch.rand(3)
    assert all(differing(trained([run])[run], together[run]) == [] for run in specs)
    torch.set_rng_state(before)


@pytest.mark.parametrize(("name", "whose"), [("pythons", "Python's"), ("numpys", "NumPy's")])
def test_a_model_that_draws_from_elsewhere_is_refused(users: str, name: str, whose: str) -> None:
    """Its runs would depend on what else was drawn; the message says what to use instead."""
    with pytest.raises(SettingError) as told:
        trained([spec(model=f"{users}:{name}")])
    assert str(told.value) == (
        f"model 'users_nets:{name}' draws from {whose} global generator in training, so that its runs cannot be "
        "repeated; legal is torch's, as in torch.rand, whose draws are each net's own"
    )


def test_a_users_dropout_is_drawn_for_each_net(users: str) -> None:
    """With nn.Dropout a user's net gives the same bits alone and in company."""
    specs = [spec(seed, model=f"{users}:careful", nets=2) for seed in range(2)]
    together = trained(specs)
    assert all(differing(trained([run])[run], together[run]) == [] for run in specs)


def test_a_dropout_of_nothing_drops_nothing(users: str) -> None:
    """nn.Dropout(0.0) trains as the same net with an nn.Identity in its place."""
    off, bare = spec(model=f"{users}:off"), spec(model=f"{users}:bare")
    assert trained([off])[off]["trace/loss"].tolist() == trained([bare])[bare]["trace/loss"].tolist()


def test_what_goes_wrong_in_training_is_a_line(users: str) -> None:
    """With the update at which it did, and the place in the user's code."""
    with pytest.raises(SettingError) as told:
        trained([spec(model=f"{users}:tired")])
    assert (
        str(told.value) == "model 'users_nets:tired', in update 3, raised RuntimeError: enough (users_nets.py, line 32)"
    )
