"""Models of users: what their factories get, and what is told of a misfit."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from memorization_claims.errors import SettingError
from memorization_claims.models import noise
from memorization_claims.models.build import build
from memorization_claims.spec import names
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec

USERS = """
import torch
from torch import nn

legal = "a string"

class Reused(nn.Module):
    def __init__(self, values, classes):
        super().__init__()
        self.first, self.second = nn.Linear(values, 8), nn.Linear(8, classes)
        self.act = nn.ReLU()
    def forward(self, x):
        return self.second(self.act(self.act(self.first(x.flatten(1)))))

def own(shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], classes))
def number(shape, classes):
    return 3
def narrow(shape, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(shape[0] * shape[1] * shape[2], classes - 1))
class Deaf(nn.Module):
    def forward(self, x):
        raise RuntimeError("only squares")
def deaf(shape, classes):
    return Deaf()
def reused(shape, classes):
    return Reused(shape[0] * shape[1] * shape[2], classes)
class Pair(nn.Module):
    def forward(self, x):
        return x, x
def pair(shape, classes):
    return Pair()
def nameless():
    return Pair()
class Listed(nn.Linear):
    def get_extra_state(self):
        return [1]
    def set_extra_state(self, state):
        pass
def listed(shape, classes):
    return nn.Sequential(nn.Flatten(), Listed(64, classes))
def unused(shape, classes):
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, classes))
    net.never = nn.LazyLinear(3)
    net.forward = lambda x: net[1](net[0](x))
    return net
"""


def _spec(model: str, *, seed: int = 0, dropout: float = 0.0) -> RunSpec:
    return RunSpec(data="digits", model=model, recipe=Recipe(rate=0.1, batch=10, epochs=1, dropout=dropout), seed=seed)


def _same(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(first.state_dict().items(), second.state_dict().items(), strict=True)
    return all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)


@pytest.fixture
def users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of a user's own on the path."""
    (tmp_path / "users_models.py").write_text(USERS)
    monkeypatch.syspath_prepend(tmp_path)
    return "users_models"


def test_building_leaves_the_global_generator_alone(users: str) -> None:
    """What a caller draws next does not depend on the nets built before."""
    before = torch.get_rng_state()
    for name in ("mlp-1x8", "cnn-2", f"{users}:own"):
        build(_spec(name), (1, 8, 8), 10)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_users_factory_is_called_and_keeps_its_initialisation(users: str) -> None:
    """`module:factory` gets shape and classes; its weights are PyTorch's own, decided by the seed."""
    model = build(_spec(f"{users}:own", seed=5), (1, 8, 8), 10)
    assert [tuple(p.shape) for p in model.parameters()] == [(10, 64), (10,)]
    weight, bias = model.parameters()
    assert bool((weight.abs() <= 64**-0.5).all())  # PyTorch's own is uniform, He et al.'s is not bounded
    assert bias.any()
    assert _same(model, build(_spec(f"{users}:own", seed=5), (1, 8, 8), 10))
    assert not _same(model, build(_spec(f"{users}:own", seed=6), (1, 8, 8), 10))


LEGAL = (
    "legal are mlp-DxW, cnn-W, cnn-bn-W, inception, inception-W, inception-nobn, inception-nobn-W, alexnet, alexnet-W, "
    "arpit-cnn, arpit-cnn-W, vgg11, vgg13, vgg3-W, vgg6-W, resnet32, resnet8-W (D layers of W units or channels), or "
    "package.module:factory"
)


@pytest.mark.parametrize(
    "name", ["mlp", "mlp-2x0", "mlp-x5", "cnn-0", "cnn-bn", "inception-0", "alexnet-", "", "a:b:c", ":f", "a:", "a b:c"]
)
def test_an_unknown_name_is_told_with_the_legal_ones(name: str) -> None:
    """The message lists every name there is."""
    with pytest.raises(SettingError) as told:
        names.model(name)
    assert str(told.value) == f"unknown model {name!r}; {LEGAL}"


@pytest.mark.parametrize("module", ["no_such_module_here", "no_such_package.module", "json.no_such"])
def test_an_unknown_module_is_told(module: str) -> None:
    """A factory's module that cannot be found, in a package or not, is named."""
    with pytest.raises(SettingError) as told:
        build(_spec(f"{module}:factory"), (1, 8, 8), 10)
    assert str(told.value) == f"model '{module}:factory': there is no module {module!r} on the path; {LEGAL}"


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        ("missing", "model 'users_models:missing': users_models has no callable 'missing'"),
        ("legal", "model 'users_models:legal': users_models has no callable 'legal'"),
        ("number", "model 'users_models:number' returned 3; legal is a torch.nn.Module"),
        (
            "narrow",
            "model 'users_models:narrow' gives torch.float32 of shape (2, 9) in evaluation mode; legal is one tensor "
            "of logits, floating, (2, 10)",
        ),
        (
            "deaf",
            "model 'users_models:deaf', given inputs of shape (2, 1, 8, 8) in evaluation mode, raised RuntimeError: "
            "only squares (users_models.py, line 23)",
        ),
        (
            "pair",
            "model 'users_models:pair' gives a tuple in evaluation mode; legal is one tensor of logits, floating, "
            "(2, 10)",
        ),
        (
            "nameless",
            "model 'users_models:nameless', called as factory((1, 8, 8), 10), raised TypeError: nameless() takes 0 "
            "positional arguments but 2 were given",
        ),
        (
            "listed",
            "model 'users_models:listed' keeps a state that is no tensor, '1._extra_state'; legal are parameters, "
            "buffers, and an extra state that is a tensor",
        ),
        (
            "unused",
            "model 'users_models:unused' leaves 'never.weight' without a shape; legal are layers that forward uses",
        ),
    ],
)
def test_a_users_misfit_is_told(users: str, factory: str, message: str) -> None:
    """A factory that is missing, or whose net does not fit, is told in one line."""
    with pytest.raises(SettingError) as told:
        build(_spec(f"{users}:{factory}"), (1, 8, 8), 10)
    assert str(told.value) == message


def test_a_layer_passed_twice_draws_twice(users: str) -> None:
    """One nn.ReLU for two places has noise of its own at each pass."""
    model = build(_spec(f"{users}:reused", dropout=0.5), (1, 8, 8), 10)
    (layer,) = noise.layers(model).values()
    first, second = layer.draw(3, torch.Generator().manual_seed(0))
    assert first.shape == second.shape == (3, 8)
    inputs = torch.ones(3, 1, 8, 8)
    layer.give([first, second])
    hidden = model.act[0](model.first(inputs.flatten(1))) * first  # type: ignore[operator, index]
    expected = model.second(hidden.relu() * second)  # type: ignore[operator]
    assert torch.equal(model(inputs), expected)
    layer.give([first])
    with pytest.raises(SettingError, match=r"^noise was drawn for \[\(3, 8\)\] and meets \(3, 8\): the net goes"):
        model(inputs)
