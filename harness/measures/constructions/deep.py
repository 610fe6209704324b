"""Corollary 1: depth in place of width. A net of depth k and width O(n / k) takes any values on n points.

The points lie on a line, in k - 1 blocks of neighbours. Hidden layer j hands on the projection, adds up the values of
the blocks before it, and has hinges for a piecewise linear function that takes the values of block j and is zero at all
other points. Each layer sees the one before it alone, and has a constant number of weights for each point of its block.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from memorization_claims.errors import SettingError
from memorization_claims.measures.constructions import line
from memorization_claims.measures.constructions.rounding import gamma

CARRIED = 2
"""Units that each hidden layer has beside its hinges: the projection first, then the sum of the blocks before it."""


class SparseLinear(torch.nn.Module):
    """A linear layer with a weight for some pairs of units only, and a bias for each unit."""

    def __init__(self, edges: Sequence[tuple[int, int]], weights: Tensor, biases: Tensor) -> None:
        """Take edges (from, to), their weights of shape (edges,), and biases of shape (units,)."""
        super().__init__()
        self.register_buffer("edges", torch.tensor(edges, device=weights.device).T)
        self.weights = torch.nn.Parameter(weights)
        self.biases = torch.nn.Parameter(biases)

    def forward(self, inputs: Tensor) -> Tensor:
        """Map inputs of shape (m, units of the layer before) to shape (m, units)."""
        start, end = self.get_buffer("edges")
        return self.biases.expand(len(inputs), -1).index_add(1, end, inputs[:, start] * self.weights)


class DeepInterpolant(torch.nn.Module):
    """A feed-forward net on one projection of its input.

    Attributes:
        projection: the linear map x -> <a, x> + offset, which the first layer's units share, as in Theorem 1.
        layers: sparse linear layers with ReLU between them, as many as the depth.
    """

    def __init__(self, direction: Tensor, offset: Tensor, layers: Sequence[SparseLinear]) -> None:
        super().__init__()
        self.projection = torch.nn.Linear(len(direction), 1, dtype=direction.dtype, device=direction.device)
        self.projection.weight = torch.nn.Parameter(direction.unsqueeze(0))
        self.projection.bias = torch.nn.Parameter(offset.reshape(1))
        between = [part for layer in layers for part in (layer, torch.nn.ReLU())]
        self.layers = torch.nn.Sequential(*between[:-1])

    @property
    def widths(self) -> list[int]:
        """Number of units of each hidden layer."""
        return [len(layer.biases) for layer in self.linear()[:-1]]

    def forward(self, points: Tensor) -> Tensor:
        """Map points of shape (m, d) to values of shape (m,), in the type of the parameters."""
        values: Tensor = self.layers(self.projection(points.to(self.projection.weight))).squeeze(1)
        return values

    def hinges(self) -> list[tuple[Tensor, Tensor]]:
        """Each hidden layer's knots and the weights with which its hinges are added up, both of shape (hinges,)."""
        layers = self.linear()
        knots = [-layer.biases[CARRIED:] for layer in layers[:-1]]
        return [(k, after.weights[-len(k) :]) for k, after in zip(knots, layers[1:], strict=True)]

    def linear(self) -> list[SparseLinear]:
        """The layers without the ReLU between them."""
        return [layer for layer in self.layers if isinstance(layer, SparseLinear)]


def interpolate_deep(
    points: Tensor, values: Tensor, *, depth: int, generator: torch.Generator | None = None
) -> DeepInterpolant:
    """Build a net of Corollary 1 that takes the values on the points.

    Its depth k counts layers of weights, as "two-layer" does in Theorem 1, so that there are k - 1 hidden layers. Each
    is at most 4 units wider than its block, which is at most 2n / k + 5. All weights and biases, also those that are
    one or zero by construction, are 3n + 10 (k - 1) + d + 2 parameters, which is at most 13 n + d + 2.

    Args:
        points: shape (n, d), finite. Equal points with equal values are merged, and n counts them once.
        values: shape (n,), finite.
        depth: k, from 2 to n + 1.
        generator: for the projection; if None, one that starts the same at every call.

    Returns:
        The net, in float64. `deep_error_bound` says how near rounding lets it come to the values.

    Raises:
        SettingError: as `interpolate` does, and for a depth outside its range.

    Source:
        Zhang et al. 2017, Corollary 1, and the construction before it in appendix C. That multiplies each layer's
        output by an indicator of its interval, which ReLU can only approximate; here it vanishes outside by itself.
    """
    laid = line.line_up(points, values, generator=generator)
    n, blocks = len(laid.values), depth - 1
    if not 1 <= blocks <= n:
        raise SettingError(f"depth is {depth}: from 2 to {n + 1} for {n} distinct points")
    along = laid.projections + laid.offset
    gap = (along[-1:] - along[:1]) / (n - 1) if n > 1 else along
    framed = torch.cat([along[:1] - gap, along, along[-1:] + gap])
    hinges = []
    for block in torch.arange(n).tensor_split(blocks):
        first, end = int(block[0]), int(block[-1]) + 1
        knots = framed[first : end + 2]
        hinges.append((knots, bump(knots, laid.values[first:end])))
    return DeepInterpolant(laid.direction, laid.offset, _layers(hinges, laid.values.abs().max().reshape(1)))


def bump(knots: Tensor, heights: Tensor) -> Tensor:
    """Give the weights of hinges that sum to a piecewise linear function with the heights at the inner knots.

    Args:
        knots: shape (m + 2,), increasing.
        heights: shape (m,).

    Returns:
        Weights of shape (m + 2,); sum_i w_i max(t - knot_i, 0) is zero up to the first knot and from the last on.
    """
    zero = torch.zeros_like(knots[:1])
    slopes = torch.cat([zero, heights, zero]).diff() / knots.diff()
    return torch.cat([zero, slopes, zero]).diff()


def _layers(hinges: Sequence[tuple[Tensor, Tensor]], floor: Tensor) -> list[SparseLinear]:
    """All layers; `floor`, of shape (1,), lifts sums from -floor or more, so that ReLU hands them on as they are."""
    zero, one = torch.zeros_like(floor), torch.ones_like(floor)
    layers: list[SparseLinear] = []
    adding, added = list[tuple[int, int]](), zero[:0]
    for knots, weights in hinges:
        spreading = [(0, 0), *((0, CARRIED + unit) for unit in range(len(knots)))]
        sums = torch.cat([one.expand(len(spreading)), added])
        biases = torch.cat([zero, zero if layers else floor, -knots])
        layers.append(SparseLinear(spreading + adding, sums, biases))
        adding = [(unit, 1) for unit in range(1, CARRIED + len(knots))]
        added = torch.cat([one, weights])
    layers.append(SparseLinear([(unit, 0) for unit, _ in adding], added, -floor))
    return layers


def deep_error_bound(net: DeepInterpolant, points: Tensor) -> Tensor:
    """Bound |c(x_i) - y_i| for a net that was built on these points and is evaluated in float64.

    With N hinges, weights w_j that are differences s_j - s_(j-1) of computed slopes, each of three roundings, and S_j =
    |s_j| + |s_(j-1)|, the stored weights are within gamma_5 S_j of right. Every value of a hinge, product and sum costs
    a rounding: at most gamma_(N+8) of the hinges, and in each of k layers as much of the sum that is handed on, at most
    three times its floor. And a projection may differ from the one at construction by twice its own error, which moves
    the values by a slope beside it. So the bound is gamma_(2N+4k+16) (sum_j S_j max(t - b_j, 0) + 3 floor) +
    shift |slope|. On 1000 digits with labels 0 to 9 it is about as large as that of Theorem 1.

    Args:
        net: what `interpolate_deep` returned.
        points: shape (m, d), some of the points it was built on, in any order.

    Returns:
        Shape (m,), float64, at least 0; NaN where it is not finite, so that no error compares as within it.
    """
    points = points.double()
    with torch.no_grad():
        direction, offset = net.projection.weight[0], net.projection.bias[0]
        shift = 2 * line.projection_error(points, direction, offset).unsqueeze(1)
        along = (points @ direction + offset).unsqueeze(1)
        knots, weights = (torch.cat(parts) for parts in zip(*net.hinges(), strict=True))
        roundings = gamma(2 * len(knots) + 4 * len(net.widths) + 16)
        slack = roundings * weights.abs().sum()
        sizes = torch.cat([_slopes(part) for _, part in net.hinges()]) + slack
        beside = [(knots < along - shift).double() @ weights, (knots <= along + shift).double() @ weights]
        slope = torch.stack(beside).abs().amax(dim=0) + slack
        floor = net.linear()[-1].biases.abs()
        bound = roundings * ((along - knots + shift).relu() @ sizes + 3 * floor) + shift.squeeze(1) * slope
    return bound.where(bound.isfinite(), torch.nan)


def _slopes(weights: Tensor) -> Tensor:
    """|s_j| + |s_(j-1)| for the slopes before and behind each knot of a block."""
    behind = weights.cumsum(0).abs()
    return behind + behind.roll(1)
