"""Layers of a stack of nets, forward and back, written out: linear, ReLU, noise and flattening.

Each has `forward(values, drawn, back)`, which gives the layer's output and what `backward(slope, kept)` needs of it to
turn the loss's slope in the output into that in the input; `back` tells whether there will be a way back. Values are
(nets, examples, units) with units padded, and before they are flattened images as they were given or as `Rows`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from memorization_claims.models.noise import Noise
from memorization_claims.training.padding import padded
from memorization_claims.training.rows import Rows, flattened, unflattened

Drawn = dict[str, list[Tensor]]
"""What was drawn for each noise layer, by its name: for each pass through it (nets, examples, *shape)."""
Passed = tuple[Tensor, Any]
"""A layer's output and what it keeps for the way back."""


class Linear:
    """Weights (nets, outputs, inputs) and maybe biases (nets, outputs), padded, and their gradients.

    Behind flattened `rows` the inputs are in their order.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, rows: Rows | None) -> None:
        self._shapes, self._rows = {"weight": weight.shape[1:]}, rows
        if rows:
            images = weight.reshape(*weight.shape[:2], rows.channels, rows.height, rows.width)
            weight = flattened(rows.lay(images))
        self.tensors = {"weight": padded(weight, 2)}
        if bias is not None:
            self._shapes["bias"], self.tensors["bias"] = bias.shape[1:], padded(bias, 1)
        self.keep(torch.arange(len(weight), device=weight.device))

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only."""
        self.tensors = {kind: tensor.index_select(0, nets) for kind, tensor in self.tensors.items()}
        self.gradients = {kind: torch.empty_like(tensor) for kind, tensor in self.tensors.items()}

    def settle(self) -> None:
        """Take note that the tensors have moved."""

    def state(self) -> dict[str, Tensor]:
        """What a net's state holds, by kind."""
        return self.tensors

    def given(self, kind: str, tensor: Tensor) -> Tensor:
        """The weights or biases of some nets as PyTorch has them."""
        if kind == "weight" and self._rows:
            tensor = self._rows.images(unflattened(tensor, self._rows.height)).flatten(2)
        return tensor[:, *map(slice, self._shapes[kind])].contiguous()

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        weight, bias = self.tensors["weight"].transpose(1, 2), self.tensors.get("bias")
        return torch.bmm(values, weight) if bias is None else torch.baddbmm(bias[:, None], values, weight), values

    def backward(self, slope: Tensor, values: Tensor) -> Tensor:
        """The slope in the input."""
        return torch.bmm(slope, self.tensors["weight"])

    def learn(self, slope: Tensor, values: Tensor) -> None:
        """Write the gradients of the tensors, from the slope in the output and the input."""
        torch.bmm(slope.transpose(1, 2), values, out=self.gradients["weight"])
        if "bias" in self.gradients:
            torch.sum(slope, 1, out=self.gradients["bias"])

    def products(self, slope: Tensor, values: Tensor) -> Tensor:
        """Inner products of the examples' own gradients: (nets, examples, examples)."""
        entered = torch.bmm(values, values.transpose(1, 2)) + ("bias" in self.tensors)
        return entered * torch.bmm(slope, slope.transpose(1, 2))


class Rectified:
    """ReLU, in place of an input that nothing else keeps, if so asked."""

    def __init__(self, *, in_place: bool) -> None:
        self._in_place = in_place

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        values = values.relu_() if self._in_place else values.relu()
        return values, values

    def backward(self, slope: Tensor, values: Tensor) -> Tensor:
        """The slope in the input."""
        return torch.ops.aten.threshold_backward(slope, values, 0)  # type: ignore[no-any-return]


class Noisy:
    """A layer of noise, of values that lie as `rows`, flattened or not, or plainly.

    In evaluation mode, where none is drawn, it does nothing.
    """

    def __init__(self, name: str, layer: Noise, rows: Rows | None) -> None:
        self._name, self._layer, self._rows = name, layer, rows

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        if drawn is None:
            return values, None
        (own,) = drawn[self._name]
        noise = self._laid(own, values.shape[-1])
        return self._layer.apply_to(values, noise), noise

    def _laid(self, own: Tensor, width: int) -> Tensor:
        """What was drawn, laid out and padded as the values are: a padded unit stays at zero."""
        rows = self._rows
        if rows is None:
            return pad(own, (0, width - own.shape[-1]))
        if own.dim() == 5:
            return rows.lay(own)
        return flattened(rows.lay(own.view(*own.shape[:2], rows.channels, rows.height, rows.width)))

    def backward(self, slope: Tensor, noise: Tensor | None) -> Tensor:
        """The slope in the input."""
        return slope if noise is None or self._layer.kind != "dropout" else slope * noise


class Flat:
    """Flattens each example, which lies as `rows` or plainly, to a vector, padded."""

    def __init__(self, rows: Rows | None) -> None:
        self._rows = rows

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        flat = flattened(values) if self._rows else padded(values.flatten(2), 1)
        return flat, values.shape

    def backward(self, slope: Tensor, shape: torch.Size) -> Tensor:
        """The slope in the input."""
        return unflattened(slope, shape[1]) if self._rows else slope[..., : shape[2:].numel()].view(shape)
