"""Gradients through training: a closed form, finite differences, unrolled autograd net by net, and the run's course."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from memorization_claims.data.dataset import prepare
from memorization_claims.errors import SettingError, UndecidableError
from memorization_claims.lab.sensitivity import batches_of
from memorization_claims.measures.loss_sensitivity import unrolled
from memorization_claims.measures.loss_sensitivity.course import course, retraced
from memorization_claims.measures.loss_sensitivity.direct import directly
from memorization_claims.measures.loss_sensitivity.norms import between_classes, norms, of_others
from memorization_claims.measures.loss_sensitivity.second_order import by_vmap, changes
from memorization_claims.models.build import build
from memorization_claims.spec.recipe import Recipe
from memorization_claims.tests.training_samples import CPU, DIGITS, spec, trained
from memorization_claims.training import engine as engines

NETS, EXAMPLES, SIDE, CLASSES = 2, 11, 4, 3
PLAIN = Recipe(rate=0.2, momentum=0.0, batch=4, epochs=3)
RECIPES = {
    "plain": PLAIN,
    "momentum": replace(PLAIN, momentum=0.9),
    "decays": replace(PLAIN, momentum=0.5, weight_decay=0.01, decay=0.5),
}
AT = (1, 5, 9)


def _work(model: str, recipe: Recipe, nets: int = NETS) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(0)
    shape = (1, SIDE, SIDE)
    orders = [torch.randperm(EXAMPLES, generator=generator).expand(nets, -1) for _ in range(recipe.epochs)]
    return {
        "models": [build(spec(seed, recipe, model=model), shape, CLASSES).double() for seed in range(nets)],
        "inputs": torch.randn(nets, EXAMPLES, *shape, dtype=torch.float64, generator=generator),
        "labels": torch.randint(CLASSES, (nets, EXAMPLES), generator=generator),
        "batches": [batch for order in orders for batch in torch.split(order, recipe.batch, dim=1)],
        "recipe": recipe,
    }


def _whole(work: dict[str, Any]) -> Tensor:
    return torch.full((len(work["models"]), 1, EXAMPLES), 1 / EXAMPLES, dtype=torch.float64)


def _unrolled(work: dict[str, Any], net: int, at: Sequence[int]) -> Tensor:
    """The derivatives of one net's losses, by autograd through a graph of the whole course."""
    recipe, model, labels = work["recipe"], work["models"][net], work["labels"][net]
    inputs = work["inputs"][net].clone().requires_grad_()
    weights = {name: own.detach().requires_grad_() for name, own in model.named_parameters()}
    velocity = {name: torch.zeros_like(own) for name, own in weights.items()}
    losses = []
    for update, batch in enumerate(work["batches"], 1):
        examples = batch[net]
        loss = cross_entropy(torch.func.functional_call(model, weights, inputs[examples]), labels[examples])
        gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        rate = recipe.rate * recipe.decay ** ((update - 1) // -(-EXAMPLES // recipe.batch))
        for name, gradient in zip(list(weights), gradients, strict=True):
            velocity[name] = recipe.momentum * velocity[name] + gradient + recipe.weight_decay * weights[name]
            weights[name] = weights[name] - rate * velocity[name]
        if update in at:
            losses.append(cross_entropy(torch.func.functional_call(model, weights, inputs.detach()), labels))
    return torch.stack([torch.autograd.grad(loss, inputs, retain_graph=True)[0] for loss in losses])


def _losses(work: dict[str, Any], inputs: Tensor, taken_on: Tensor | None = None) -> list[Tensor]:
    """The losses after training on some inputs, on those as they were or on others: (nets,) at each recorded time."""
    taken_on = work["inputs"] if taken_on is None else taken_on
    engine = engines.make("loop", deepcopy(work["models"]), work["recipe"], CPU, work["inputs"].shape[2:])
    nets, found = torch.arange(len(inputs))[:, None], []
    per_epoch = -(-EXAMPLES // work["recipe"].batch)
    for update, batch in enumerate(work["batches"]):
        scale = work["recipe"].scale_at(update // per_epoch)
        engine.step(inputs[nets, batch], work["labels"][nets, batch], {}, scale)
        if update + 1 in AT:
            pairs = zip(engine.logits(taken_on), work["labels"], strict=True)
            found.append(torch.stack([cross_entropy(logits, labels) for logits, labels in pairs]).detach())
    return found


def test_one_update_of_a_linear_model_from_zero() -> None:
    """After one step on all examples the gradient is -(rate/n) (1/classes - label) G, with G that of the loss then."""
    work = _work("mlp-0x1", replace(PLAIN, batch=EXAMPLES, epochs=1), nets=1)
    (model,) = work["models"]
    layer = model[1]
    layer.weight.data.zero_()
    (found,), _ = unrolled.through_updates(**work, at=[1], terms=_whole(work))
    inputs, labels = work["inputs"][0].flatten(1), work["labels"][0]
    off = 1 / CLASSES - nn.functional.one_hot(labels, CLASSES).double()
    weight, bias = -0.2 * off.T @ inputs / EXAMPLES, -0.2 * off.mean(0)
    shares = (inputs @ weight.T + bias).softmax(1)
    slope = (shares - nn.functional.one_hot(labels, CLASSES)).T @ inputs / EXAMPLES
    torch.testing.assert_close(found[0, 0].flatten(1), -0.2 / EXAMPLES * off @ slope, rtol=0, atol=1e-14)


@pytest.mark.parametrize("model", ["mlp-2x5", "cnn-2"])
@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_finite_differences_agree(model: str, recipe: Recipe) -> None:
    """In float64 to 1e-6 of the largest, along directions in one example at a time."""
    work = _work(model, recipe)
    found, _ = unrolled.through_updates(**work, at=AT, terms=_whole(work))
    generator = torch.Generator().manual_seed(1)
    for example in (0, 6):
        direction = torch.zeros_like(work["inputs"])
        direction[:, example] = torch.randn(direction[:, example].shape, dtype=torch.float64, generator=generator)
        ends = [_losses(work, work["inputs"] + sign * 1e-5 * direction) for sign in (1, -1)]
        for place, (high, low) in enumerate(zip(*ends, strict=True)):
            slopes = (found[:, place, 0] * direction).flatten(1).sum(1)
            torch.testing.assert_close(slopes, (high - low) / 2e-5, rtol=0, atol=1e-6 * float(found.abs().max()) + 1e-9)


@pytest.mark.parametrize("model", ["mlp-2x5", "cnn-2"])
@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_a_sweep_gives_what_the_unrolled_graph_gives(model: str, recipe: Recipe) -> None:
    """All nets and times at once, against autograd through one net's whole course; the direct term is in neither."""
    work = _work(model, recipe)
    found, _ = unrolled.through_updates(**work, at=AT, terms=_whole(work))
    for net in range(NETS):
        torch.testing.assert_close(found[net, :, 0], _unrolled(work, net, AT), rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("model", ["mlp-2x5", "cnn-2"])
def test_both_parts_make_the_total_derivative(model: str) -> None:
    """By finite differences of the loss on the very inputs that are trained on, and of the loss alone."""
    work = _work(model, RECIPES["momentum"])
    gradients, weights = unrolled.through_updates(**work, at=AT, terms=_whole(work))
    through = gradients[:, :, 0]
    direct = directly(work["models"][0], weights, work["inputs"], work["labels"]) / EXAMPLES
    generator, step = torch.Generator().manual_seed(1), torch.zeros_like(work["inputs"])
    step[:, 3] = 1e-5 * torch.randn(step[:, 3].shape, dtype=torch.float64, generator=generator)
    moved = [work["inputs"] + sign * step for sign in (1, -1)]
    total = zip(*(_losses(work, each, each) for each in moved), strict=True)
    alone = zip(*(_losses(work, work["inputs"], each) for each in moved), strict=True)
    for place, (both, one) in enumerate(zip(total, alone, strict=True)):
        for found, (high, low) in ((through + direct, both), (direct, one)):
            slopes = (found[:, place] * step).flatten(1).sum(1)
            torch.testing.assert_close(slopes, (high - low) / 2, rtol=1e-5, atol=1e-13)


def test_terms_add_up_to_the_whole() -> None:
    """The losses on the classes, each followed by itself, have gradients whose sum is that of the mean loss."""
    work = _work("mlp-2x5", PLAIN)
    by_class = nn.functional.one_hot(work["labels"], CLASSES).mT.double() / EXAMPLES
    parts, _ = unrolled.through_updates(**work, at=AT, terms=by_class)
    whole, _ = unrolled.through_updates(**work, at=AT, terms=_whole(work))
    assert parts.shape == (NETS, len(AT), CLASSES, EXAMPLES, 1, SIDE, SIDE)
    torch.testing.assert_close(parts.sum(2, keepdim=True), whole, rtol=0, atol=1e-14)


def test_a_net_alone_gives_what_it_gives_among_others() -> None:
    """Each net has a course of its own, also in float32."""
    work = _work("mlp-2x5", PLAIN, nets=5)
    work["models"] = [model.float() for model in work["models"]]
    work["inputs"] = work["inputs"].float()
    together, _ = unrolled.through_updates(**work, at=AT, terms=_whole(work))
    for net in range(5):
        own = {name: value[net : net + 1] for name, value in work.items() if name in ("models", "inputs", "labels")}
        batches = [batch[net : net + 1] for batch in work["batches"]]
        alone, _ = unrolled.through_updates(**{**work, **own, "batches": batches}, at=AT, terms=_whole(work)[:1])
        torch.testing.assert_close(alone[0], together[net], rtol=1e-5, atol=1e-8)


@settings(deadline=None, max_examples=15)
@given(
    nets=st.integers(1, 3),
    directions=st.integers(1, 3),
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    bias=st.booleans(),
)
def test_what_is_written_out_is_what_torch_derives(nets: int, directions: int, sizes: list[int], bias: bool) -> None:
    """Nets of any depth, with and without biases, some beginning with a ReLU."""
    front: list[nn.Module] = [nn.Flatten(), *([nn.ReLU()] if len(sizes) % 2 else [])]
    widths = [6, *sizes]
    hidden = [layer for one, other in pairwise(widths) for layer in (nn.Linear(one, other, bias), nn.ReLU())]
    model = nn.Sequential(*front, *hidden, nn.Linear(widths[-1], CLASSES, bias)).double()
    generator = torch.Generator().manual_seed(0)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, dtype=torch.float64, generator=generator)

    weights = {name: draw(nets, *own.shape) for name, own in model.named_parameters()}
    along = {name: draw(nets, directions, *own.shape) for name, own in model.named_parameters()}
    batch = draw(nets, 4, 2, 3), torch.randint(CLASSES, (nets, 4), generator=generator)
    torch.testing.assert_close(changes(model, weights, *batch, along), by_vmap(model, weights, *batch, along))


def test_the_course_ends_at_the_runs_own_weights() -> None:
    """Repeated from initial weights and order alone, bit for bit, by runs of two nets each."""
    runs = [spec(seed, PLAIN, nets=2, model="mlp-2x16") for seed in range(2)]
    found, datasets = trained(runs), [prepare(run, DIGITS) for run in runs]
    models = [build(run, (1, 8, 8), 10, net) for run in runs for net in range(2)]
    inputs = torch.stack([data.inputs for data in datasets for _ in range(2)])
    labels = torch.stack([data.labels for data in datasets for _ in range(2)])
    retracing = course(models, inputs, labels, batches_of(runs, 60), PLAIN)
    updates, weights = next(retracing)
    assert updates == 45
    for name, own in weights.items():
        stored = np.concatenate([found[run][f"weights/final/{name}"] for run in runs])
        np.testing.assert_array_equal(own.numpy(), stored)


class _Counting:
    """An engine that counts its steps and its copies."""

    copies = 0

    def __init__(self, steps: int = 0) -> None:
        self.steps = steps

    def __deepcopy__(self, memo: dict[int, Any]) -> _Counting:
        _Counting.copies += 1
        return _Counting(self.steps)

    def one_more(self, update: int) -> None:
        self.steps += 1

    def weights(self, nets: Tensor) -> dict[str, Tensor]:
        return {"steps": torch.tensor(self.steps)}


@given(updates=st.integers(1, 120))
def test_a_course_goes_back_one_update_at_a_time(updates: int) -> None:
    """From the end to the start, of which as many states are kept as the root of their number, about."""
    _Counting.copies = 0
    found = list(retraced(_Counting(), _Counting.one_more, torch.arange(1), updates))  # type: ignore[arg-type]
    assert [(update, int(own["steps"])) for update, own in found] == [(at, at) for at in range(updates, -1, -1)]
    assert _Counting.copies <= 2 * updates**0.5 + 1


def test_norms_of_a_known_gradient() -> None:
    """Of (3, -4) the norms are 7, 5 and 4; terms are added before a norm is taken."""
    gradients = torch.tensor([[3.0, 0.0], [0.0, -4.0]]).view(1, 1, 2, 1, 2)
    assert {name: own.item() for name, own in norms(gradients).items()} == {"l1": 7, "l2": 5, "linf": 4}


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), pixels=st.integers(1, 9))
def test_norms_are_ordered(seed: int, pixels: int) -> None:
    """Each is at most the next, and a norm of d values at most a root of d times, or d times, that of the largest."""
    found = norms(torch.randn(2, 3, 2, 4, pixels, generator=torch.Generator().manual_seed(seed), dtype=torch.float64))
    rising = [found["linf"], found["l2"], found["l1"], pixels**0.5 * found["l2"], pixels * found["linf"]]
    assert all(bool((low <= high * (1 + 1e-12)).all()) for low, high in pairwise(rising))


def test_classes_are_averaged_cell_by_cell() -> None:
    """Each cell is the mean l1 norm of a class's gradients over the examples of another; NaN where there are none."""
    gradients = torch.randn(1, 2, 3, 5, 1, 2, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([[0, 1, 0, 1, 1]])
    found = between_classes(gradients, labels)
    for loss in range(3):
        for kind in range(2):
            sizes = [gradients[0, 1, loss, example].abs().sum() for example in range(5) if labels[0, example] == kind]
            assert found[0, 1, loss, kind].item() == pytest.approx(float(sum(sizes)) / len(sizes), rel=1e-5)
    assert found[..., 2].isnan().all()


def test_the_loss_on_other_classes() -> None:
    """Terms of all classes but the example's are added before the norm is taken."""
    gradients = torch.randn(1, 2, 3, 4, 1, 2, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([[0, 2, 1, 1]])
    found = of_others(gradients, labels)
    for example, own in enumerate(labels[0].tolist()):
        sums = gradients[0, :, [kind for kind in range(3) if kind != own], example].sum(1)
        torch.testing.assert_close(found[0, :, example], sums.abs().sum((1, 2)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": "adam"}, "the recipe has adam; legal is plain SGD, through which gradients are taken"),
        ({"dropout": 0.5}, "the recipe has dropout; legal is plain SGD, through which gradients are taken"),
        ({"flip": True}, "the recipe has flip; legal is plain SGD, through which gradients are taken"),
    ],
)
def test_other_recipes_are_refused(change: dict[str, Any], message: str) -> None:
    """The message names what is not plain SGD."""
    work = _work("mlp-1x3", PLAIN)
    with pytest.raises(UndecidableError) as told:
        unrolled.through_updates(**{**work, "recipe": replace(PLAIN, **change)}, at=AT, terms=_whole(work))
    assert str(told.value) == message


def test_other_nets_are_refused() -> None:
    """Batch norm has buffers, and a parameter that is not trained has no part in the course."""
    message = (
        "the net has buffers or fixed parameters; legal is one without dropout and batch norm, all of whose parameters "
        "are trained"
    )
    for model in ("cnn-bn-2", "mlp-1x3"):
        work = _work(model, PLAIN)
        next(work["models"][0].parameters()).requires_grad_(model == "cnn-bn-2")
        with pytest.raises(UndecidableError) as told:
            unrolled.through_updates(**work, at=AT, terms=_whole(work))
        assert str(told.value) == message


def test_a_net_that_draws_is_refused() -> None:
    """Its course would not repeat itself."""
    work = _work("mlp-1x3", PLAIN)
    for model in work["models"]:
        model.append(nn.Dropout(0.5))
    with pytest.raises(
        UndecidableError, match=r"^the net draws in training, as with dropout; legal is one whose course"
    ):
        unrolled.through_updates(**work, at=AT, terms=_whole(work))


@pytest.mark.parametrize("at", [(), (0, 3), (3, 3), (5, 4), (10,)])
def test_times_out_of_range_are_named(at: tuple[int, ...]) -> None:
    """The message holds them and what is legal."""
    work = _work("mlp-1x3", PLAIN)
    with pytest.raises(SettingError) as told:
        unrolled.through_updates(**work, at=at, terms=_whole(work))
    assert str(told.value) == (f"the loss is taken after {list(at)} updates; legal are rising numbers from 1 to 9")


def test_the_direct_term_is_left_out() -> None:
    """An example that no update has seen yet has moved no loss; one that was seen has, or all its units were off."""
    work = _work("mlp-2x5", PLAIN)
    found, _ = unrolled.through_updates(**work, at=[1], terms=_whole(work))
    seen = torch.zeros(EXAMPLES, dtype=torch.bool)
    seen[work["batches"][0][0]] = True
    assert bool((found[:, 0, 0, ~seen] == 0).all())
    assert (found[:, 0, 0, seen].flatten(2).abs().sum(-1) > 0).double().mean() > 0.5
