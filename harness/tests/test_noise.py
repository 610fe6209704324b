"""Noise layers: where the recipe puts them, what they draw, and that a net's draws are its own."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from memorization_claims.errors import UndecidableError
from memorization_claims.models.build import build
from memorization_claims.models.noise import ACTIVATIONS, Noise, layers, place
from memorization_claims.spec.recipe import Recipe
from memorization_claims.spec.run import RunSpec


def _recipe(
    *, dropout: float = 0.0, input_dropout: float = 0.0, input_noise: float = 0.0, hidden: float = 0.0
) -> Recipe:
    return Recipe(
        rate=0.1,
        batch=10,
        epochs=1,
        dropout=dropout,
        input_dropout=input_dropout,
        input_noise=input_noise,
        hidden_noise=hidden,
    )


def _generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _seen(kind: str, strength: float, *shape: int) -> Noise:
    """A layer at a place of this shape."""
    layer = Noise(kind, strength).eval()  # type: ignore[arg-type]
    layer.shapes = [shape]
    return layer


def _draw(layer: Noise, examples: int, generator: torch.Generator) -> torch.Tensor:
    """What a layer draws for its only pass."""
    (drawn,) = layer.draw(examples, generator)
    return drawn


def _order(model: nn.Module) -> list[str]:
    """The leaves in the order of the forward pass, noise by its kind and strength."""
    leaves = [module for module in model.modules() if not list(module.children())]
    return [f"{m.kind} {m.strength}" if isinstance(m, Noise) else type(m).__name__ for m in leaves]


def test_without_noise_the_model_is_left_as_it_is() -> None:
    """A recipe that asks for nothing puts nothing anywhere."""
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    assert place(model, _recipe()) is model
    assert _order(model) == ["Linear", "ReLU"]
    assert layers(model) == {}


def test_each_kind_lands_in_its_place() -> None:
    """Input dropout, then input noise, before all else; dropout, then hidden noise, after each ReLU."""
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Sequential(nn.Linear(3, 3), nn.ReLU()), nn.Linear(3, 2))
    placed = place(model, _recipe(dropout=0.1, input_dropout=0.2, input_noise=0.3, hidden=0.4))
    hidden = ["Linear", "ReLU", "dropout 0.1", "normal 0.4"]
    assert _order(placed) == ["dropout 0.2", "normal 0.3", *hidden, *hidden, "Linear"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"dropout": 0.1}, ["Linear", "ReLU", "dropout 0.1"]),
        ({"hidden": 0.1}, ["Linear", "ReLU", "normal 0.1"]),
        ({"input_dropout": 0.1}, ["dropout 0.1", "Linear", "ReLU"]),
        ({"input_noise": 0.1}, ["normal 0.1", "Linear", "ReLU"]),
    ],
)
def test_each_kind_comes_alone(asked: dict[str, float], expected: list[str]) -> None:
    """One setting puts one kind in one place."""
    assert _order(place(nn.Sequential(nn.Linear(2, 3), nn.ReLU()), _recipe(**asked))) == expected


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_noise_follows_every_kind_of_activation(kind: type[nn.Module]) -> None:
    """And a subclass of it; the model's own dropout is left alone."""
    own = type("Own", (kind,), {})
    model = nn.Sequential(nn.Linear(2, 3), kind(), nn.Dropout(0.5), nn.Linear(3, 3), own(), nn.Linear(3, 2))
    named = ["Linear", kind.__name__, "dropout 0.1", "Dropout", "Linear", "Own", "dropout 0.1", "Linear"]
    assert _order(place(model, _recipe(dropout=0.1))) == named


def test_noise_without_a_place_is_undecidable() -> None:
    """A net whose activations are functions, or gates, has none for hidden noise, and needs none for that of inputs."""
    for recipe in (_recipe(dropout=0.1), _recipe(hidden=0.1)):
        what = "dropout" if recipe.dropout else "hidden noise"
        with pytest.raises(UndecidableError, match=rf"^{what} has no place in the model: none of its layers is an act"):
            place(nn.Sequential(nn.Linear(2, 2), nn.Sigmoid()), recipe)
    assert _order(place(nn.Linear(2, 2), _recipe(input_noise=0.1))) == ["normal 0.1", "Linear"]


def test_a_relu_in_two_places_gets_noise_in_both() -> None:
    """The same nn.ReLU object twice in a Sequential is two places."""
    relu = nn.ReLU()
    placed = place(nn.Sequential(nn.Linear(2, 2), relu, nn.Linear(2, 2), relu), _recipe(dropout=0.5))
    assert _order(placed).count("dropout 0.5") == 1 + 1
    assert len(layers(placed)) == 2


def test_layers_learn_the_shape_at_their_place() -> None:
    """After building, the layers draw for the input, the channels and the units that they will meet."""
    recipe = _recipe(dropout=0.1, input_noise=0.3)
    model = build(RunSpec(data="digits", model="cnn-2", recipe=recipe), (1, 8, 8), 10)
    assert [layer.shapes for layer in layers(model).values()] == [[(1, 8, 8)], [(2, 8, 8)], [(4, 4, 4)], [(16,)]]


def test_evaluation_mode_is_the_identity() -> None:
    """Noise acts in training only, whatever was drawn last."""
    values = torch.randn(5, 3, generator=_generator())
    for layer in (_seen("dropout", 0.5, 3), _seen("normal", 2.0, 3)):
        layer.give(layer.draw(5, _generator()))
        assert torch.equal(layer(values), values)
        assert not torch.equal(layer.train()(values), values)


def test_dropout_multiplies_by_its_mask_and_noise_is_added() -> None:
    """In training mode dropout is values * drawn and normal noise values + drawn."""
    values = torch.randn(5, 3, generator=_generator())
    dropout, normal = _seen("dropout", 0.5, 3).train(), _seen("normal", 2.0, 3).train()
    mask, added = _draw(dropout, 5, _generator(1)), _draw(normal, 5, _generator(2))
    dropout.give([mask])
    normal.give([added])
    assert torch.equal(dropout(values), values * mask)
    assert torch.equal(normal(values), values + added)


@settings(deadline=None, max_examples=25)
@given(strength=st.floats(0.0, 0.9), seed=st.integers(0, 2**32))
def test_dropout_keeps_the_mean(strength: float, seed: int) -> None:
    """A mask is 0 or 1/(1-p), zero as often as p says, and 1 on the average, to six standard errors."""
    mask = _draw(_seen("dropout", strength, 50, 40), 10, _generator(seed)).double()
    kept = mask > 0
    torch.testing.assert_close(mask[kept], torch.full_like(mask[kept], 1 / (1 - strength)))
    error = (strength / (1 - strength) / mask.numel()) ** 0.5
    assert abs(float(mask.mean()) - 1) <= 6 * error + 1e-6


@settings(deadline=None, max_examples=25)
@given(strength=st.floats(0.01, 10.0), seed=st.integers(0, 2**32))
def test_normal_noise_has_the_strength_asked_for(strength: float, seed: int) -> None:
    """Mean 0 and the given standard deviation, to six standard errors."""
    drawn = _draw(_seen("normal", strength, 50, 40), 10, _generator(seed)).double() / strength
    assert abs(float(drawn.mean())) < 6 / drawn.numel() ** 0.5
    assert float(drawn.std()) == pytest.approx(1, abs=6 / (2 * drawn.numel()) ** 0.5)


@settings(deadline=None, max_examples=25)
@given(examples=st.integers(1, 9), kind=st.sampled_from(["dropout", "normal"]), seed=st.integers(0, 2**32))
def test_a_draw_is_decided_by_its_generator(examples: int, kind: str, seed: int) -> None:
    """Same generator, same bits; and the global generator is neither read nor moved."""
    layer, before = _seen(kind, 0.5, 3, 2), torch.get_rng_state()
    first = _draw(layer, examples, _generator(seed))
    assert first.shape == (examples, 3, 2)
    assert first.dtype == torch.float32
    assert torch.equal(first, _draw(layer, examples, _generator(seed)))
    assert torch.equal(torch.get_rng_state(), before)
