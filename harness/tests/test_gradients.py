"""The gradient magnitude: against a closed form, finite differences, and itself in other chunks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.measures.nets.gradients import input_gradient_magnitude

NETS, EXAMPLES, CLASSES = 3, 7, 4


def _draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def _labels(nets: int = NETS, examples: int = EXAMPLES) -> Tensor:
    return torch.randint(CLASSES, (nets, examples), generator=torch.Generator().manual_seed(1))


def _tanh_net(nets: int = NETS) -> Callable[[Tensor], Tensor]:
    first, second = _draw(nets, 6, 8, seed=2), _draw(nets, 8, CLASSES, seed=3)
    return lambda x: (x.flatten(2) @ first).tanh() @ second


def test_a_linear_softmax_net_has_a_closed_form() -> None:
    """For logits W'x the gradient is W(p - e_y), so G is the mean of its l1 norm."""
    weight, inputs, labels = _draw(NETS, 5, CLASSES), _draw(NETS, EXAMPLES, 5, seed=4), _labels()
    error = (inputs @ weight).softmax(-1) - torch.nn.functional.one_hot(labels, CLASSES)
    expected = (error @ weight.mT).abs().sum(-1).mean(-1)
    torch.testing.assert_close(input_gradient_magnitude(lambda x: x @ weight, inputs, labels), expected)


def test_a_worked_example() -> None:
    """Two classes at even odds: logits (x, 0) at x = 0 give |dL/dx| = 1/2 for either label, in float32 too."""
    magnitude = input_gradient_magnitude(
        lambda x: torch.cat([x, torch.zeros_like(x)], -1), torch.zeros(1, 2, 1), torch.tensor([[0, 1]])
    )
    assert magnitude.tolist() == [0.5]
    assert magnitude.dtype == torch.float64


def test_finite_differences_agree() -> None:
    """Central differences of each example's own loss, one input dimension at a time, give the same G."""
    net, inputs, labels, step = _tanh_net(), _draw(NETS, EXAMPLES, 2, 3, seed=5), _labels(), 1e-5

    def loss(x: Tensor) -> Tensor:
        return -net(x).log_softmax(-1).gather(-1, labels.unsqueeze(-1)).squeeze(-1)

    slopes = torch.zeros(NETS, EXAMPLES, dtype=torch.float64)
    for row in range(2):
        for column in range(3):
            nudge = torch.zeros(2, 3, dtype=torch.float64)
            nudge[row, column] = step
            slopes += ((loss(inputs + nudge) - loss(inputs - nudge)) / (2 * step)).abs()
    torch.testing.assert_close(input_gradient_magnitude(net, inputs, labels), slopes.mean(-1), rtol=1e-7, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(chunk=st.integers(1, 20), copies=st.integers(1, 4), seed=st.integers(0, 2**31))
def test_neither_chunks_nor_copies_enter(chunk: int, copies: int, seed: int) -> None:
    """G is a mean of per-example terms: splitting the examples or repeating them changes nothing."""
    net, inputs, labels = _tanh_net(), _draw(NETS, EXAMPLES, 6, seed=seed), _labels()
    once = input_gradient_magnitude(net, inputs, labels)
    again = input_gradient_magnitude(net, inputs.repeat(1, copies, 1), labels.repeat(1, copies), chunk=chunk)
    torch.testing.assert_close(once, again)


def test_only_so_many_examples_count() -> None:
    """The first of them, as if there were no others."""
    net, inputs, labels = _tanh_net(), _draw(NETS, EXAMPLES, 6, seed=3), _labels()
    few = input_gradient_magnitude(net, inputs[:, :2], labels[:, :2])
    assert torch.equal(input_gradient_magnitude(net, inputs, labels, most=2), few)
    with pytest.raises(SettingError, match="most is 0: at least 1"):
        input_gradient_magnitude(net, inputs, labels, most=0)


def test_a_net_alone_gives_what_it_gives_among_others() -> None:
    """No gradient flows between the rows."""
    weight, inputs, labels = _draw(NETS, 5, CLASSES), _draw(NETS, EXAMPLES, 5, seed=4), _labels()
    together = input_gradient_magnitude(lambda x: x @ weight, inputs, labels)
    for net in range(NETS):
        row = slice(net, net + 1)
        alone = input_gradient_magnitude(lambda x, row=row: x @ weight[row], inputs[row], labels[row])  # type: ignore[misc]
        torch.testing.assert_close(alone[0], together[net])


def test_parameters_keep_their_gradients() -> None:
    """Only the inputs are differentiated, also where gradients are off."""
    layer, inputs = torch.nn.Linear(5, CLASSES), _draw(NETS, EXAMPLES, 5).float()
    with torch.no_grad():
        magnitude = input_gradient_magnitude(layer, inputs, _labels())
    assert all(parameter.grad is None for parameter in layer.parameters())
    assert not magnitude.requires_grad
    assert (magnitude > 0).all()


@pytest.mark.parametrize(
    ("inputs", "labels", "chunk", "message"),
    [
        ((2, 3, 5), (2, 4), 1, r"inputs of shape \(2, 3, 5\) and labels of shape \(2, 4\): need \(nets, examples"),
        ((2, 0, 5), (2, 0), 1, r"none empty"),
        ((2, 3, 5), (2, 3), 0, r"chunk is 0: at least 1"),
    ],
)
def test_illegal_settings_are_named(inputs: tuple[int, ...], labels: tuple[int, ...], chunk: int, message: str) -> None:
    """Each message holds the value and what is legal."""
    with pytest.raises(SettingError, match=message):
        input_gradient_magnitude(lambda x: x, torch.zeros(inputs), torch.zeros(labels, dtype=torch.int64), chunk=chunk)
