"""Paths through a stack of nets, forward and back: layers one after another, and paths beside each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, split
from torch.nn.functional import pad

from memorization_claims.training.layers import Drawn, Passed
from memorization_claims.training.rows import Rows, held

Visit = Callable[[Any, Tensor, Any], None]
"""Called on the way back with a layer, the slope in its output, and what it kept."""


class Path:
    """Layers one after another."""

    def __init__(self, layers: list[Any]) -> None:
        self.layers = layers

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> tuple[Tensor, list[Any]]:
        """The output, and what each layer keeps for the way back."""
        kept = []
        for layer in self.layers:
            values, needed = layer.forward(values, drawn, back)
            kept.append(needed if back else None)
        return values, kept

    def backward(self, slope: Tensor, kept: list[Any], visit: Visit, last: int = 0) -> Tensor:
        """The slope in the input of the layer at place `last`, after a visit to each layer from the end to there."""
        for place in range(len(self.layers) - 1, last - 1, -1):
            layer = self.layers[place]
            if isinstance(layer, Beside):
                slope = layer.backward(slope, kept[place], visit)
            else:
                visit(layer, slope, kept[place])
                slope = layer.backward(slope, kept[place])
        return slope


class Beside:
    """Paths over the same input, the channels of their outputs concatenated; with each, how its output lies."""

    def __init__(self, paths: list[tuple[Path, Rows]]) -> None:
        self._paths = paths
        _, first = paths[0]
        channels = sum(rows.channels for _, rows in paths)
        self.made = Rows(first.height, first.width, channels, held(channels, first.width))

    def forward(self, values: Tensor, drawn: Drawn | None, back: bool) -> Passed:
        """The output, and what `backward` takes."""
        outputs, kept = zip(*(path.forward(values, drawn, back) for path, _ in self._paths), strict=True)
        whole = values.new_zeros(*outputs[0].shape[:3], self.made.width * self.made.held)
        parts = split(self.made.parts(whole), self._channels(), -1)
        for to, output, (_, rows) in zip(parts, outputs, self._paths, strict=False):
            to.copy_(rows.parts(output)[..., : rows.channels])
        return whole, kept

    def backward(self, slope: Tensor, kept: list[list[Any]], visit: Visit) -> Tensor:
        """The slope in the input, after a visit to each layer."""
        slopes = []
        parts = split(self.made.parts(slope), self._channels(), -1)
        for part, needed, (path, rows) in zip(parts, kept, self._paths, strict=False):
            own = pad(part, (0, rows.held - rows.channels)).flatten(3)
            slopes.append(path.backward(own, needed, visit))
        first, *others = slopes
        for other in others:
            first = first + other
        return first

    def _channels(self) -> list[int]:
        """The channels of each path, and those that are added."""
        return [*(rows.channels for _, rows in self._paths), self.made.held - self.made.channels]
