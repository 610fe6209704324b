"""Convolutions 3x3 of small images and the max pools behind them, in a stack of nets, as matrix products of rows.

For each row of the kernel, a convolution multiplies whole rows of images by one matrix, whose blocks of input by output
channels stand on three diagonals, one for each column of the kernel (a Toeplitz matrix). Most of it is zero where
images are wide, and still it is faster than a loop over nets where they are no wider than `WIDEST`: nothing is copied,
and all nets are multiplied at once. A gradient is that of the matrix, summed along its diagonals.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d, pad

from memorization_claims.training.layers import Drawn, Passed
from memorization_claims.training.padding import padded
from memorization_claims.training.products import of_convolution
from memorization_claims.training.rows import Rows

WIDEST = 8
"""Columns of the widest images whose convolutions are faster so, as measured."""


def is_known(layer: nn.Module) -> bool:
    """Whether a convolution or a max pool is one of these."""
    if type(layer) is nn.Conv2d:
        plain = layer.groups == 1 and layer.padding_mode == "zeros"
        return plain and _sizes(layer) == (3, 1, 1, 1)
    plain = type(layer) is nn.MaxPool2d and not (layer.ceil_mode or layer.return_indices)
    return plain and _sizes(layer) == (2, 2, 0, 1)


def _sizes(layer: nn.Module) -> tuple[object, ...]:
    """Kernel, stride, padding and dilation, each as one number where both are the same."""
    sizes = (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    return tuple(size[0] if isinstance(size, tuple) and size[0] == size[1] else size for size in sizes)


class Laid:
    """Images, laid out in rows."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def forward(self, values: Tensor, drawn: Drawn, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        return self._rows.lay(values), None

    def backward(self, slope: Tensor, kept: None) -> Tensor:
        """The slope in the input."""
        return self._rows.gathered(slope)


class Convolution:
    """A convolution 3x3 with a margin of zeros, from rows to rows of no more height and width.

    Its weights are held as (nets, kernel rows, kernel columns, inputs, outputs), flat and padded, or from tall rows
    with the rows of the kernel as inputs; its biases as (nets, outputs), padded.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None, given: Rows, made: Rows) -> None:
        self._given, self._made = given, made
        # Rows of the kernel that meet the input one after another, and inputs that meet it at once.
        self._kernel = (1, 3, 3 * given.channels) if given.tall else (3, 3, given.channels)
        kernels = weight.permute(0, 4, 3, 2, 1) if given.tall else weight.permute(0, 3, 4, 2, 1)
        self.tensors = {"weight": padded(kernels.flatten(1), 1)}
        if bias is not None:
            self.tensors["bias"] = padded(bias, 1)
        self.keep(torch.arange(len(weight), device=weight.device))

    def keep(self, nets: Tensor) -> None:
        """Go on with these nets only."""
        self.tensors = {kind: tensor.index_select(0, nets) for kind, tensor in self.tensors.items()}
        self.gradients = {kind: torch.zeros_like(tensor) for kind, tensor in self.tensors.items()}
        weight, (given, made) = self.tensors["weight"], (self._given, self._made)
        sizes = (given.width * given.held, made.width * made.held)
        # Matrices (nets, kernel rows, input row, output row), a row of biases (nets, 1, output row), and what of them
        # is written from which tensors.
        self._matrices = weight.new_zeros(len(nets), self._kernel[0], *sizes)
        self._bias = weight.new_zeros(len(nets), 1, sizes[1])
        kernels, self._written = self._kernels(weight), self._diagonals(self._matrices)
        self._source = [kernels[:, :, at, ..., None].expand_as(to) for at, to in enumerate(self._written)]
        if "bias" in self.tensors:
            self._written.append(self._bias.view(-1, made.width, made.held)[..., : made.channels])
            self._source.append(self.tensors["bias"][:, None, : made.channels].expand_as(self._written[-1]))
        # Gradients of the matrices (kernel rows, nets, ...), and which parts of them are summed up for which weights.
        self._slopes = weight.new_empty(self._kernel[0], len(nets), *sizes)
        kernels = self._kernels(self.gradients["weight"]).transpose(0, 1)
        self._summed = [(of, kernels[:, :, at]) for at, of in enumerate(self._diagonals(self._slopes))]
        self.settle()

    def settle(self) -> None:
        """Write the matrices and the row of biases from the tensors as they are."""
        torch._foreach_copy_(self._written, self._source)

    def _kernels(self, flat: Tensor) -> Tensor:
        """Weights as they are held, as (nets, kernel rows, kernel columns, inputs, outputs); a view."""
        sizes = (*self._kernel, self._made.channels)
        return flat[:, : math.prod(sizes)].view(-1, *sizes)

    def _diagonals(self, matrices: Tensor) -> list[Tensor]:
        """For each column of the kernel its blocks in matrices (a, b, input row, output row).

        Each is a view, (a, b, inputs, outputs, blocks).
        """
        given, made = self._given, self._made
        parts = made.parts(given.parts(matrices.transpose(2, 3)).movedim(2, -1))
        parts = parts[:, :, :, : self._kernel[2], :, : made.channels]
        return [parts.diagonal(1 - column, 2, 4) for column in range(3)]

    def given(self, kind: str, tensor: Tensor) -> Tensor:
        """The weights or biases of some nets as PyTorch has them."""
        if kind == "bias":
            return tensor[:, : self._made.channels].contiguous()
        kernels = self._kernels(tensor)
        if self._given.tall:
            kernels = kernels.view(-1, 3, 3, self._given.channels, self._made.channels).transpose(1, 2)
        return kernels.permute(0, 4, 3, 1, 2).contiguous()

    def _meetings(self) -> list[tuple[int, slice, slice]]:
        """For each row of the kernel, the middle first: the rows of the input, and those of the output they go to."""
        height, above = self._made.height, min(self._made.height, self._given.height - 1)
        middle = slice(0, height)
        if self._given.tall:
            return [(0, middle, middle)]
        return [
            (1, middle, middle),
            (0, slice(0, height - 1), slice(1, height)),
            (2, slice(1, above + 1), slice(0, above)),
        ]

    def forward(self, values: Tensor, drawn: Drawn, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        (middle, entering, _), *others = self._meetings()
        begun, matrices = _matrix(values[:, entering]), self._matrices[:, middle]
        made = torch.baddbmm(self._bias, begun, matrices) if "bias" in self.tensors else torch.bmm(begun, matrices)
        made = made.view(len(values), self._made.height, values.shape[2], -1)
        for row, entering, leaving in others:
            _add_products(made[:, leaving], values[:, entering], self._matrices[:, row])
        return made, values

    def backward(self, slope: Tensor, values: Tensor) -> Tensor:
        """The slope in the input."""
        (middle, _, leaving), *others = self._meetings()
        back = torch.bmm(_matrix(slope[:, leaving]), self._matrices[:, middle].transpose(1, 2))
        back = back.view(len(slope), self._made.height, slope.shape[2], -1)
        if missing := values.shape[1] - self._made.height:
            back = pad(back, (0, 0, 0, 0, 0, missing))
        for row, entering, leaving in others:
            _add_products(back[:, entering], slope[:, leaving], self._matrices[:, row].transpose(1, 2))
        return back

    def learn(self, slope: Tensor, values: Tensor) -> None:
        """Write the gradients of the tensors, from the slope in the output and the input."""
        for row, entering, leaving in self._meetings():
            torch.bmm(_matrix(values[:, entering]).transpose(1, 2), _matrix(slope[:, leaving]), out=self._slopes[row])
        for parts, total in self._summed:
            torch.sum(parts, -1, out=total)
        if "bias" in self.gradients:
            by_column = _matrix(slope).sum(1).view(len(slope), self._made.width, self._made.held)
            self.gradients["bias"][:, : self._made.channels] = by_column.sum(1)[:, : self._made.channels]

    def products(self, slope: Tensor, values: Tensor) -> Tensor:
        """Inner products of the examples' own gradients: (nets, examples, examples)."""
        pairs = zip(values, slope, strict=True)
        return torch.stack(
            [of_convolution(self._met(own), self._pixels(behind), "bias" in self.tensors) for own, behind in pairs]
        )

    def _pixels(self, rows: Tensor) -> Tensor:
        """One net's rows in the output, as (examples, pixels, outputs)."""
        return self._made.parts(rows).transpose(0, 1).flatten(1, 2)

    def _met(self, rows: Tensor) -> Tensor:
        """What the kernel meets of one net's rows in the input, as (examples, pixels of the output, weights)."""
        parts = self._given.parts(rows).transpose(0, 1)
        margin = self._kernel[0] // 2
        wide = pad(parts, (0, 0, 1, 1, margin, margin))
        met = wide.unfold(1, self._kernel[0], 1).unfold(2, 3, 1)[:, : self._made.height, : self._made.width]
        return met.permute(0, 1, 2, 4, 5, 3).reshape(len(wide), self._made.height * self._made.width, -1)


def _matrix(rows: Tensor) -> Tensor:
    """Rows one below the other: (nets, height * examples, row); a view."""
    return rows.view(len(rows), -1, rows.shape[-1])


def _add_products(to: Tensor, rows: Tensor, matrices: Tensor) -> None:
    """Add rows times matrices, net by net: of an output with gaps, the product of several might round otherwise."""
    for own, left, right in zip(_matrix(to), _matrix(rows), matrices, strict=True):
        own.addmm_(left, right)


class Pooled:
    """The largest of two by two pixels. A slope goes to the first that is the largest, row by row, as in PyTorch."""

    def __init__(self, width: int) -> None:
        self._width = width

    def forward(self, values: Tensor, drawn: Drawn, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        nets, height, examples, row = values.shape
        if not back:
            pairs = values.view(nets, height // 2, 2, -1)
            pairs = torch.maximum(pairs[:, :, 0], pairs[:, :, 1]).view(nets, height // 2, -1, 2, row // self._width)
            return torch.maximum(pairs[..., 0, :], pairs[..., 1, :]).view(nets, height // 2, examples, -1), None
        images = self._images(values)
        pooled, places = max_pool2d(images, 2, return_indices=True)
        return pooled.permute(0, 2, 3, 1).reshape(nets, height // 2, examples, -1), (images, places)

    def backward(self, slope: Tensor, kept: tuple[Tensor, Tensor]) -> Tensor:
        """The slope in the input."""
        images, places = kept
        own = slope.view(*slope.shape[:2], -1, images.shape[1]).permute(0, 3, 1, 2)
        sizes = ([2, 2], [2, 2], [0, 0], [1, 1], False)
        whole = torch.ops.aten.max_pool2d_with_indices_backward(own, images, *sizes, places).permute(0, 2, 3, 1)
        rows: Tensor = whole.reshape(*whole.shape[:2], slope.shape[2], -1)
        return rows

    def _images(self, values: Tensor) -> Tensor:
        """All examples of a net side by side, as one wide image with its channels last."""
        nets, height, examples, row = values.shape
        return values.view(nets, height, examples * self._width, row // self._width).permute(0, 3, 1, 2)
