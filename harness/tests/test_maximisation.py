"""Activation maximisation: where the summit is known, against a plain loop, and whatever the start."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import SettingError, UnfitDataError
from memorization_claims.measures.dissection.answers import answers, representatives
from memorization_claims.measures.dissection.maximisation import into_the_ball, maximise, starts
from memorization_claims.spec.dissection import Climber, Dissection, Objective

NETS, CLASSES, LATENT, PIXELS = 2, 3, 4, 6


def _draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def _generators(nets: int = NETS, seed: int = 0) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed + net) for net in range(nets)]


def _how(**changes: Any) -> Dissection:
    return Dissection(**{"starts": 3, **changes})


def _linear(weights: Tensor) -> Callable[[Tensor], Tensor]:
    """A net or a generator for each row: (nets, inputs, outputs)."""
    return lambda x: x @ weights


def _sought(
    how: Dissection, logits: Callable[[Tensor], Tensor], images: Callable[[Tensor], Tensor], **more: Any
) -> Tensor:
    given = {"latent": LATENT, "classes": CLASSES, "generators": _generators(), **more}
    return maximise(logits, images, how=how, **given)


def test_the_summit_of_a_linear_net() -> None:
    """A logit w . A z is largest, in the ball, where z points along A' w and is sqrt(latent) long.

    Ascent ends there. Adam, whose steps are as long in each value, ends where z is as long in each.
    """
    net, generator = _draw(NETS, PIXELS, CLASSES, seed=1), _draw(NETS, LATENT, PIXELS, seed=2)
    slope = (generator @ net).mT[:, :, None]
    summits = {"ascent": math.sqrt(LATENT) * slope / slope.norm(dim=-1, keepdim=True), "adam": slope.sign()}
    for climber, summit in summits.items():
        z = _sought(_how(climber=climber, rate=0.1, steps=400), _linear(net), _linear(generator))
        torch.testing.assert_close(z, summit.expand_as(z), rtol=0, atol=0.02)


@pytest.mark.parametrize("objective", ["logit", "probability", "log-probability"])
@pytest.mark.parametrize("climber", ["adam", "ascent"])
def test_a_plain_loop_agrees(objective: Objective, climber: Climber) -> None:
    """One net, one class and one start at a time, with torch's own optimizers, end at the same latent vectors."""
    hidden, net, generator = (
        _draw(NETS, PIXELS, 5, seed=1), _draw(NETS, 5, CLASSES, seed=2), _draw(NETS, LATENT, PIXELS, seed=3)
    )  # fmt: skip
    how = _how(objective=objective, climber=climber, steps=12)
    together = _sought(how, lambda x: (x @ hidden).tanh() @ net, _linear(generator))
    raised = {
        "logit": lambda f: f,
        "probability": lambda f: f.softmax(0),
        "log-probability": lambda f: f.log_softmax(0),
    }
    kind = torch.optim.Adam if climber == "adam" else torch.optim.SGD
    for row, begun in enumerate(starts(LATENT, CLASSES, how, _generators())):
        for place, start in enumerate(begun):
            z = start.clone().requires_grad_()
            optimizer = kind([z], lr=how.rate, maximize=True)
            for _ in range(how.steps):
                optimizer.zero_grad()
                answer = (z @ generator[row] @ hidden[row]).tanh() @ net[row]
                raised[objective](answer)[place // how.starts].backward()
                optimizer.step()
                with torch.no_grad():
                    z *= min(1.0, math.sqrt(LATENT) / float(z.norm()))
            torch.testing.assert_close(
                together[row, place // how.starts, place % how.starts], z.detach(), rtol=1e-4, atol=1e-5
            )


def test_what_is_sought_of_a_net_does_not_depend_on_those_beside_it() -> None:
    """Neither on other nets nor on how many classes and nets share the batch."""
    net, generator = _draw(NETS, PIXELS, CLASSES, seed=1), _draw(NETS, LATENT, PIXELS, seed=2)
    both = _sought(_how(), _linear(net), _linear(generator))
    alone = _sought(_how(), _linear(net[1:]), _linear(generator[1:]), generators=_generators()[1:])
    torch.testing.assert_close(both[1:], alone)


def test_the_same_generators_give_the_same_vectors() -> None:
    """And others give others; nothing else is drawn from."""
    net, generator = _draw(NETS, PIXELS, CLASSES, seed=1), _draw(NETS, LATENT, PIXELS, seed=2)
    state = torch.get_rng_state()
    first, again = (_sought(_how(), _linear(net), _linear(generator)) for _ in range(2))
    other = _sought(_how(), _linear(net), _linear(generator), generators=_generators(seed=9))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(state, torch.get_rng_state())


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**31), steps=st.integers(0, 5), rate=st.floats(1e-3, 1e3))
def test_no_vector_leaves_the_ball(seed: int, steps: int, rate: float) -> None:
    """However far a step goes; and a first step of ascent never lowers the logit of a linear net."""
    net, generator = _draw(NETS, PIXELS, CLASSES, seed=seed), _draw(NETS, LATENT, PIXELS, seed=seed + 1)
    how = _how(climber="ascent", rate=rate, steps=steps)
    z = _sought(how, _linear(net), _linear(generator), generators=_generators(seed=seed))
    assert float(z.norm(dim=-1).max()) <= math.sqrt(LATENT) * (1 + 1e-5)
    begun = starts(LATENT, CLASSES, how, _generators(seed=seed)).reshape(z.shape)
    slopes = (generator @ net).mT[:, :, None]
    assert ((z - begun) * slopes).sum(-1).min() >= -1e-3 * float(slopes.abs().max())


def test_the_ball_leaves_what_lies_in_it() -> None:
    """Short vectors stay; long ones keep their direction."""
    z = torch.tensor([[0.0, 0.0], [1.0, 0.5], [30.0, 40.0]])
    expected = torch.tensor([[0.0, 0.0], [1.0, 0.5], [0.6 * math.sqrt(2), 0.8 * math.sqrt(2)]])
    torch.testing.assert_close(into_the_ball(z), expected)


def test_the_search_stays_on_its_device() -> None:
    """Latent vectors are where nets and generators are, from the first step to the last; starts are drawn elsewhere."""
    net, generator = torch.empty(NETS, PIXELS, CLASSES, device="meta"), torch.empty(NETS, LATENT, PIXELS, device="meta")
    z = _sought(_how(steps=2), _linear(net), _linear(generator), device="meta")
    assert (z.device.type, z.shape) == ("meta", (NETS, CLASSES, 3, LATENT))


def test_parameters_keep_their_gradients() -> None:
    """The search differentiates latent vectors alone, even where gradients are off, and leaves no graph."""
    layer = torch.nn.Linear(PIXELS, CLASSES)
    with torch.no_grad():
        z = _sought(_how(), layer, _linear(_draw(NETS, LATENT, PIXELS, seed=2)))
    assert all(parameter.grad is None for parameter in layer.parameters())
    assert not z.requires_grad


def test_both_nets_answer_to_the_images_of_the_first() -> None:
    """Logits of (pairs, classes, starts), each net's own."""
    images = _draw(NETS, CLASSES, 2, PIXELS, seed=1)
    nets = [_draw(NETS, PIXELS, CLASSES, seed=seed) for seed in (2, 3)]
    for net, logits in zip(nets, answers(_linear(nets[0]), _linear(nets[1]), images), strict=True):
        torch.testing.assert_close(logits, torch.einsum("njsp,npk->njsk", images, net))


def test_representatives_are_the_first_of_each_class() -> None:
    """Of each class as many as of the rarest, and no more than were asked for."""
    images, labels = torch.arange(7.0)[:, None], torch.tensor([1, 0, 1, 1, 0, 0, 1])
    assert representatives(images, labels, 2, 2).flatten().tolist() == [1, 4, 0, 2]
    assert representatives(images, labels, 2, 10).shape == (2, 3, 1)
    with pytest.raises(UnfitDataError, match=r"^class 2 has none of 7 validation images; legal is 1 or more$"):
        representatives(images, labels, 3, 2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"objective": "loss"}, "objective is 'loss'; legal are logit, probability, log-probability"),
        ({"climber": "sgd"}, "climber is 'sgd'; legal are adam, ascent"),
        ({"rate": 0.0}, r"the rate of the search is 0\.0; legal is a finite number above 0"),
        ({"rate": math.nan}, "the rate of the search is nan; legal is a finite number above 0"),
        ({"steps": -1}, "steps is -1; legal is 0 or more"),
        ({"starts": 0}, "starts is 0; legal is 1 or more"),
    ],
)
def test_illegal_dissections_are_named(changes: dict[str, Any], message: str) -> None:
    """Each message holds the value and what is legal."""
    with pytest.raises(SettingError, match=f"^{message}$"):
        _how(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latent": 0}, "0 latent values and 2 generators; legal is 1 or more of each"),
        ({"generators": []}, "4 latent values and 0 generators; legal is 1 or more of each"),
        ({"classes": 2}, r"logits of shape \(2, 6, 3\); legal is \(2, 6, 2\)"),
    ],
)
def test_illegal_searches_are_named(changes: dict[str, Any], message: str) -> None:
    """Each message holds the value and what is legal."""
    net, generator = _draw(NETS, PIXELS, CLASSES, seed=1), _draw(NETS, LATENT, PIXELS, seed=2)
    with pytest.raises(SettingError, match=f"^{message}$"):
        _sought(_how(), _linear(net), _linear(generator), **changes)
