"""Images of several nets, so laid out that a convolution is a few matrix products of them as they lie.

An image's row is one vector of columns and channels. The same row of all examples lies together, and above the next, so
that a step of a kernel to the next row is a step in memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

from memorization_claims.training.padding import BOUNDARY, padded


@dataclass(frozen=True)
class Rows:
    """The layout (nets, height, examples, width * held), columns before channels; in tall rows channels first."""

    height: int
    width: int
    channels: int
    held: int
    """Channels with those added, zero, that make a row a whole number of boundaries."""
    tall: bool = False
    """Whether each row holds the one above it, itself and the one below it, as three times the channels."""

    def lay(self, images: Tensor) -> Tensor:
        """Lay out images (nets, examples, channels, height, width); rows and columns beyond ours are left out."""
        rows = images.new_zeros(len(images), self.height, images.shape[1], self.width * self.held)
        parts, given = self.parts(rows), images[..., : self.height, : self.width].permute(0, 3, 1, 4, 2)
        for to, of, channels in self._copies():
            parts[:, to, ..., channels] = given[:, of]
        return rows

    def parts(self, rows: Tensor) -> Tensor:
        """Rows (..., row) as (..., width, held); a view."""
        if self.tall:
            return rows.view(*rows.shape[:-1], self.held, self.width).transpose(-1, -2)
        return rows.view(*rows.shape[:-1], self.width, self.held)

    def images(self, rows: Tensor) -> Tensor:
        """The images that rows hold: (nets, examples, channels, height, width)."""
        _, _, channels = self._copies()[0]
        return self.parts(rows)[..., channels].permute(0, 2, 4, 1, 3)

    def gathered(self, slopes: Tensor) -> Tensor:
        """Slopes in images from those in rows, which may hold a pixel several times."""
        (_, _, channels), *others = self._copies()
        parts = self.parts(slopes)
        total = parts[..., channels].clone()
        for to, of, channels in others:
            total[:, of] += parts[:, to, ..., channels]
        return total.permute(0, 2, 4, 1, 3)

    def across(self, values: Tensor) -> Tensor:
        """Values of each channel, (nets, channels held or more), along a row: (nets, 1, 1, row)."""
        own = values[:, None, : self.held].expand(-1, self.width, -1)
        return own.reshape(len(values), 1, 1, self.width * self.held)

    def totals(self, rows: Tensor) -> Tensor:
        """Sums over all examples and pixels, (nets, held)."""
        return rows.flatten(1, 2).sum(1).view(len(rows), self.width, self.held).sum(1)

    def totals_of_examples(self, rows: Tensor) -> Tensor:
        """Sums over all pixels, (nets, examples, held), padded."""
        return padded(rows.sum(1).view(len(rows), -1, self.width, self.held).sum(2), 1)

    def _copies(self) -> list[tuple[slice, slice, slice]]:
        """For each copy of the images, the image itself first: rows here, rows of the image, and channels here."""
        own, whole = self.channels, slice(0, self.height)
        if not self.tall:
            return [(whole, whole, slice(0, own))]
        below, above = slice(1, self.height), slice(0, self.height - 1)
        return [
            (whole, whole, slice(own, 2 * own)),
            (below, above, slice(0, own)),
            (above, below, slice(2 * own, 3 * own)),
        ]


def held(channels: int, width: int) -> int:
    """How many channels are held so that a row of `width` columns is a whole number of boundaries."""
    unit = BOUNDARY // math.gcd(BOUNDARY, width)
    return -(-channels // unit) * unit


def flattened(rows: Tensor) -> Tensor:
    """Each example as one vector: (nets, examples, height * row)."""
    return rows.transpose(1, 2).flatten(2)


def unflattened(vectors: Tensor, height: int) -> Tensor:
    """The rows that such vectors are of."""
    return vectors.view(*vectors.shape[:2], height, -1).transpose(1, 2).contiguous()
