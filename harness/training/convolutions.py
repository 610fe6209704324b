"""Convolutions of small images in a stack of nets, as matrix products of rows.

For each row of the kernel, a convolution multiplies whole rows of images by one matrix, whose blocks of input by output
channels stand on three diagonals, one for each column of the kernel (a Toeplitz matrix). Most of it is zero where
images are wide, and still it is faster than a loop over nets where they are no wider than `WIDEST`: nothing is copied,
and all nets are multiplied at once. A gradient is that of the matrix, summed along its diagonals.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from memorization_claims.training.layers import Drawn, Passed
from memorization_claims.training.padding import padded
from memorization_claims.training.products import of_convolution
from memorization_claims.training.rows import Rows, held

WIDEST = 8
"""Columns of the widest images whose convolutions are faster so, as measured."""


def is_known(layer: nn.Conv2d) -> bool:
    """Whether a convolution is one of these."""
    plain = layer.groups == 1 and layer.padding_mode == "zeros" and layer.dilation == (1, 1)
    size, margin = layer.kernel_size, layer.padding
    return plain and (size, margin) in (((1, 1), (0, 0)), ((3, 3), (1, 1))) and layer.stride in ((1, 1), (2, 2))


def laid_out(shape: tuple[int, ...], layer: nn.Conv2d) -> Rows:
    """The rows of images (channels, height, width) that a convolution takes first."""
    channels, height, width = shape
    if (layer.kernel_size, layer.stride) == ((3, 3), (1, 1)):
        return Rows(height, width, channels, held(3 * channels, width), tall=True)
    return Rows(height, width, channels, held(channels, width))


class Laid:
    """Images, laid out in rows."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        return self._rows.lay(values), None

    def backward(self, slope: Tensor, kept: None) -> Tensor:
        """The slope in the input."""
        return self._rows.gathered(slope)


class Convolution:
    """A convolution 1x1 or 3x3 with a margin of zeros, from rows to rows, of each row and column or every other.

    Its weights are held as (nets, kernel rows, kernel columns, inputs, outputs), flat and padded, or from tall rows
    with the rows of the kernel as inputs; its biases as (nets, outputs), padded.
    """

    def __init__(self, layer: nn.Conv2d, weight: Tensor, bias: Tensor | None, given: Rows, made: Rows) -> None:
        self._given, self._made = given, made
        self._size, self._step = layer.kernel_size[0], layer.stride[0]
        # Rows of the kernel that meet the input one after another, its columns, and inputs that meet it at once.
        sizes = (1, self._size, self._size * given.channels) if given.tall else (self._size,) * 2 + (given.channels,)
        self._kernel = sizes
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
        given, made, (_, columns, inputs) = self._given, self._made, self._kernel
        parts = made.parts(given.parts(matrices.transpose(2, 3)).movedim(2, -1))
        parts = parts[:, :, :, :inputs, :, : made.channels]
        meetings = [self._meeting(column, given.width, made.width) for column in range(columns)]
        return [parts[:, :, entering, :, leaving].diagonal(0, 2, 4) for entering, leaving in meetings]

    def _meeting(self, place: int, given: int, made: int) -> tuple[slice, slice]:
        """The rows of an input of so many that a row of the kernel meets, and those of the output; columns alike."""
        offset, step = place - self._size // 2, self._step
        first = max(0, -(offset // step))
        count = max(0, min(made, (given - 1 - offset) // step + 1) - first)
        start = first * step + offset
        return slice(start, start + count * step, step) if count else slice(0, 0), slice(first, first + count)

    def state(self) -> dict[str, Tensor]:
        """What a net's state holds, by kind."""
        return self.tensors

    def given(self, kind: str, tensor: Tensor) -> Tensor:
        """The weights or biases of some nets as PyTorch has them."""
        if kind == "bias":
            return tensor[:, : self._made.channels].contiguous()
        kernels = self._kernels(tensor)
        if self._given.tall:
            kernels = kernels.view(-1, self._size, self._size, self._given.channels, self._made.channels).transpose(
                1, 2
            )
        return kernels.permute(0, 4, 3, 1, 2).contiguous()

    def _meetings(self) -> list[tuple[int, slice, slice]]:
        """For each row of the kernel, the middle first: the rows of the input, and those of the output they go to."""
        if self._given.tall:
            whole = slice(0, self._made.height)
            return [(0, whole, whole)]
        middle = self._size // 2
        order = [middle, *range(middle), *range(middle + 1, self._size)]
        return [(row, *self._meeting(row, self._given.height, self._made.height)) for row in order]

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
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
        (middle, entering, leaving), *others = self._meetings()
        begun = torch.bmm(_matrix(slope[:, leaving]), self._matrices[:, middle].transpose(1, 2))
        back = begun.view(*slope.shape[:3], -1)
        if self._step > 1:
            back = values.new_zeros(values.shape)
            back[:, entering] = begun.view(*slope.shape[:3], -1)
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
        (above, *_), beside = self._kernel, self._size // 2
        wide = pad(parts, (0, 0, beside, beside, above // 2, above // 2))
        met = wide.unfold(1, above, self._step).unfold(2, self._size, self._step)
        return met.permute(0, 1, 2, 4, 5, 3).reshape(len(wide), self._made.height * self._made.width, -1)


def _matrix(rows: Tensor) -> Tensor:
    """Rows one below the other: (nets, height * examples, row); a view, where they are every row."""
    return rows.reshape(len(rows), -1, rows.shape[-1])


def _add_products(to: Tensor, rows: Tensor, matrices: Tensor) -> None:
    """Add rows times matrices, net by net: of an output with gaps, the product of several might round otherwise."""
    if to.stride(1) != to.shape[2] * to.stride(2):
        to += torch.bmm(_matrix(rows), matrices).view(to.shape)
        return
    for own, left, right in zip(_matrix(to), _matrix(rows), matrices, strict=True):
        own.addmm_(left, right)
