"""Batch norm of the images of a stack of nets, each net's by its own batch, and shifts of their channels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from memorization_claims.training.layers import Drawn, Passed
from memorization_claims.training.padding import padded
from memorization_claims.training.rows import Rows


class Shifted:
    """Adds its biases (nets, channels), padded, to the channels."""

    def __init__(self, bias: Tensor, rows: Rows) -> None:
        self._shape, self._rows = bias.shape[1:], rows
        self.tensors = {"bias": padded(bias.flatten(1), 1)}
        self.keep(torch.arange(len(bias), device=bias.device))

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only."""
        self.tensors = {"bias": self.tensors["bias"].index_select(0, nets)}
        self.gradients = {"bias": torch.zeros_like(self.tensors["bias"])}

    def settle(self) -> None:
        """Take note that the tensors have moved."""

    def state(self) -> dict[str, Tensor]:
        """What a net's state holds, by kind."""
        return self.tensors

    def given(self, kind: str, tensor: Tensor) -> Tensor:
        """The biases of some nets as the module has them."""
        return tensor[:, : self._rows.channels].reshape(-1, *self._shape).contiguous()

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        return values + self._rows.across(self.tensors["bias"]), None

    def backward(self, slope: Tensor, kept: None) -> Tensor:
        """The slope in the input."""
        return slope

    def learn(self, slope: Tensor, kept: None) -> None:
        """Write the gradients of the biases, from the slope in the output."""
        self.gradients["bias"].copy_(padded(self._rows.totals(slope), 1))

    def products(self, slope: Tensor, kept: None) -> Tensor:
        """Inner products of the examples' own gradients: (nets, examples, examples)."""
        own = self._rows.totals_of_examples(slope)
        return torch.bmm(own, own.transpose(1, 2))


class Normalised:
    """Batch norm with running statistics, and maybe weights and biases; all are (nets, channels), padded.

    In training `backward` follows `learn`. Channels that are added have mean and variance 0, and stay at 0.
    """

    def __init__(self, layer: nn.BatchNorm2d, tensors: dict[str, Tensor], rows: Rows) -> None:
        assert layer.momentum is not None
        self._rows, self._momentum, self._epsilon = rows, layer.momentum, layer.eps
        wide = {kind: padded(tensor, 1) if tensor.dim() > 1 else tensor for kind, tensor in tensors.items()}
        self.tensors = {kind: wide[kind] for kind in ("weight", "bias") if kind in wide}
        self._buffers = {kind: tensor for kind, tensor in wide.items() if kind not in self.tensors}
        self.keep(torch.arange(len(wide["running_mean"]), device=wide["running_mean"].device))

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only."""
        self.tensors = {kind: tensor.index_select(0, nets) for kind, tensor in self.tensors.items()}
        self._buffers = {kind: tensor.index_select(0, nets) for kind, tensor in self._buffers.items()}
        # Of the loss in weights and biases, whether there are any or not.
        self._sums = [torch.zeros_like(self._buffers["running_mean"]) for _ in range(2)]
        self.gradients = dict(zip(self.tensors, self._sums, strict=False))

    def settle(self) -> None:
        """Take note that the tensors have moved."""

    def state(self) -> dict[str, Tensor]:
        """What a net's state holds, by kind."""
        return self.tensors | self._buffers

    def given(self, kind: str, tensor: Tensor) -> Tensor:
        """The weights, biases or buffers of some nets as PyTorch has them."""
        return tensor[:, : self._rows.channels].contiguous() if tensor.dim() > 1 else tensor

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        rows = self._rows
        if drawn is None:
            scale = self._scale(self._buffers["running_var"])
            shift = self._buffers["running_mean"] * scale * -1
            if self.tensors:
                scale, shift = scale * self.tensors["weight"], shift * self.tensors["weight"] + self.tensors["bias"]
            return torch.addcmul(rows.across(shift), values, rows.across(scale)), (values, None)
        count = values.shape[1] * values.shape[2] * rows.width
        mean = padded(rows.totals(values) / count, 1)
        normed = values - rows.across(mean)
        variance = padded(rows.totals(normed.square()) / count, 1)
        self._buffers["running_mean"].lerp_(mean, self._momentum)
        self._buffers["running_var"].lerp_(variance * (count / (count - 1)), self._momentum)
        self._buffers["num_batches_tracked"] += 1
        scale = self._scale(variance)
        normed *= rows.across(scale)
        if not self.tensors:
            return normed, (normed, scale)
        weight, bias = rows.across(self.tensors["weight"]), rows.across(self.tensors["bias"])
        return torch.addcmul(bias, normed, weight), (normed, scale)

    def _scale(self, variance: Tensor) -> Tensor:
        return (variance + self._epsilon).rsqrt()

    def backward(self, slope: Tensor, kept: tuple[Tensor, Tensor | None]) -> Tensor:
        """The slope in the input."""
        (values, scale), rows = kept, self._rows
        trained = scale is not None
        scale = self._scale(self._buffers["running_var"]) if scale is None else scale
        if self.tensors:
            scale = scale * self.tensors["weight"]
        if not trained:
            return slope * rows.across(scale)
        count = values.shape[1] * values.shape[2] * rows.width
        turned, moved = (rows.across(total * scale / -count) for total in self._sums)
        return torch.addcmul(moved, slope, rows.across(scale)).addcmul_(values, turned)

    def learn(self, slope: Tensor, kept: tuple[Tensor, Tensor]) -> None:
        """Write the gradients of the tensors, from the slope in the output and the normalised input."""
        for total, of in zip(self._sums, (slope * kept[0], slope), strict=True):
            total.copy_(padded(self._rows.totals(of), 1))

    def products(self, slope: Tensor, kept: tuple[Tensor, Any]) -> Tensor:
        """Inner products of the examples' own gradients: (nets, examples, examples)."""
        if not self.tensors:
            return slope.new_zeros(())
        rows, scale = self._rows, self._scale(self._buffers["running_var"])
        normed = (kept[0] - rows.across(self._buffers["running_mean"])) * rows.across(scale)
        own = torch.cat([rows.totals_of_examples(each) for each in (slope * normed, slope)], -1)
        return torch.bmm(own, own.transpose(1, 2))
