"""Pools of the images of a stack of nets: the largest pixel of each window, and the mean of all pixels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, pad

from memorization_claims.training.layers import Drawn, Passed
from memorization_claims.training.padding import BOUNDARY
from memorization_claims.training.rows import Rows, held


def pair(size: int | tuple[int, ...]) -> tuple[int, ...]:
    """A size of both dimensions, as PyTorch's layers have it, as one of each."""
    return (size, size) if isinstance(size, int) else tuple(size)


class Pooled:
    """The largest pixel of each window. A slope goes to the first that is the largest, row by row, as in PyTorch."""

    def __init__(self, layer: nn.MaxPool2d, given: Rows) -> None:
        self._kernel, self._stride, self._padding = map(pair, (layer.kernel_size, layer.stride, layer.padding))
        sides = zip((given.height, given.width), self._kernel, self._stride, self._padding, strict=True)
        height, width = ((side + 2 * margin - size) // step + 1 for side, size, step, margin in sides)
        fit = given.held * width % BOUNDARY == 0
        self._given = given
        self.made = Rows(height, width, given.channels, given.held if fit else held(given.channels, width))
        # Where windows lie side by side, so may all examples of a net, as one wide image: nothing is copied.
        self._wide = self._kernel == self._stride and not any(self._padding) and given.width % self._kernel[1] == 0
        self._quarter = self._wide and self._kernel == (2, 2) and given.height % 2 == 0 and fit

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        if self._quarter and not back:
            return self._largest(values), None
        images = self._images(values, self._given)
        pooled, places = max_pool2d(images, self._kernel, self._stride, self._padding, return_indices=True)
        return self._rows(pooled, values, self.made), (images, places)

    def _largest(self, values: Tensor) -> Tensor:
        """Of two by two pixels, without a way back: the fastest."""
        nets, height, examples, _ = values.shape
        pairs = values.view(nets, height // 2, 2, -1)
        pairs = torch.maximum(pairs[:, :, 0], pairs[:, :, 1]).view(nets, height // 2, -1, 2, self._given.held)
        return torch.maximum(pairs[..., 0, :], pairs[..., 1, :]).view(nets, height // 2, examples, -1)

    def backward(self, slope: Tensor, kept: tuple[Tensor, Tensor]) -> Tensor:
        """The slope in the input."""
        images, places = kept
        own = self._images(slope, self.made)
        sizes = (self._kernel, self._stride, self._padding, [1, 1], False)
        whole = torch.ops.aten.max_pool2d_with_indices_backward(own, images, *sizes, places)
        return self._rows(whole, slope, self._given)

    def _images(self, values: Tensor, rows: Rows) -> Tensor:
        """Images with their channels last, each example its own or all of a net side by side."""
        parts = rows.parts(values)
        if rows.held > self._given.held:
            parts = parts[..., : self._given.held]
        images = parts.flatten(2, 3) if self._wide else parts.transpose(1, 2).flatten(0, 1)
        return images.permute(0, 3, 1, 2)

    def _rows(self, images: Tensor, like: Tensor, rows: Rows) -> Tensor:
        """The rows of such images, of as many nets and examples as others."""
        nets, _, examples, _ = like.shape
        parts = images.permute(0, 2, 3, 1)
        if not self._wide:
            parts = parts.view(nets, examples, *parts.shape[1:]).transpose(1, 2)
        if rows.held > self._given.held:
            parts = pad(parts, (0, rows.held - self._given.held))
        return parts.reshape(nets, rows.height, examples, rows.width * rows.held).contiguous()


class Averaged:
    """The mean over all pixels, as images of one."""

    def __init__(self, given: Rows) -> None:
        self._given, self.made = given, Rows(1, 1, given.channels, held(given.channels, 1))

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        given = self._given
        return given.totals_of_examples(values).div_(given.height * given.width)[:, None], None

    def backward(self, slope: Tensor, kept: Any) -> Tensor:
        """The slope in the input."""
        given = self._given
        own = (slope[..., : given.held] / (given.height * given.width))[:, :, :, None]
        nets, _, examples, _ = slope.shape
        return own.expand(-1, given.height, -1, given.width, -1).reshape(nets, given.height, examples, -1)
