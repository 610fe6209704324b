"""Mutants of the constructions that theorems rest on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from torch import Tensor

from memorization_claims.controls.mutant import Mutant
from memorization_claims.measures.constructions.curvature import empirical_risk, global_minima
from memorization_claims.measures.constructions.deep import bump
from memorization_claims.measures.constructions.line import Line, line_up
from memorization_claims.measures.constructions.linear import sgd_least_squares
from memorization_claims.measures.constructions.two_layers import hinge_matrix, interleave
from memorization_claims.plan.plan import Cases, Setting


def about_a_theorem(setting: Setting) -> bool:
    """Whether it asks for cases of a theorem."""
    return isinstance(setting, Cases)


def misplaced(whole: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Biases above the projections that they belong to, so that every unit is silent on its own point."""
    return lambda projections, *share: 2 * projections - whole(projections, *share)


def from_one(whole: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """SGD that starts at ones: it interpolates, and keeps what of its start lies outside the span."""
    return lambda features, targets, **rest: whole(features, targets, **{**rest, "start": 0 * features[0] + 1})


def on_an_axis(whole: Callable[..., Line]) -> Callable[..., Line]:
    """Points laid on their first coordinate, and no question asked whether some fall together there."""

    def broken(points: Tensor, values: Tensor, **rest: Any) -> Line:
        line = whole(points, values, **rest)
        direction, order = 0 * line.direction, points[:, 0].argsort()
        direction[0] = 1
        return replace(line, direction=direction, projections=points[order, 0], values=values[order])

    return broken


def linear_units(whole: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """Units that never are silent, x_i - b_j, so that the net is linear."""
    return lambda projections, biases: projections.unsqueeze(1) - biases


def open_bump(whole: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """A block's function without its last hinge, so that it does not return to zero behind the block."""

    def broken(knots: Tensor, heights: Tensor) -> Tensor:
        weights = whole(knots, heights)
        weights[-1] = 0
        return weights

    return broken


def not_a_minimum(whole: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Minima of which the last is doubled, and its outputs with it."""

    def broken(*data: Tensor, **rest: Any) -> Tensor:
        minima = whole(*data, **rest)
        minima[-1] *= 2
        return minima

    return broken


def regularised(whole: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The risk with the paper's weight decay, 5e-4."""
    return lambda weights, *data: whole(weights, *data) + 2.5e-4 * weights.square().sum()


MUTANTS = (
    Mutant(
        "misplaced-biases",
        "the biases of Theorem 1 and Lemma 1 do not interleave with the points",
        target=interleave,
        replacement=misplaced,
        within=about_a_theorem,
        spoils="nothing",
    ),
    Mutant(
        "sgd-not-from-zero",
        "SGD on the linear model starts elsewhere than at zero",
        target=sgd_least_squares,
        replacement=from_one,
        within=about_a_theorem,
        spoils="nothing",
    ),
    Mutant(
        "projection-with-ties",
        "points are projected on an axis, where some fall together",
        target=line_up,
        replacement=on_an_axis,
        within=about_a_theorem,
        spoils="nothing",
    ),
    Mutant(
        "linear-units",
        "the units of the two-layer net are linear",
        target=hinge_matrix,
        replacement=linear_units,
        within=about_a_theorem,
        spoils="nothing",
    ),
    Mutant(
        "open-bump",
        "a layer of the deep net does not return to zero behind its block of points",
        target=bump,
        replacement=open_bump,
        within=about_a_theorem,
        spoils="nothing",
    ),
    Mutant(
        "not-a-minimum",
        "one of the global minima whose curvature is compared is none",
        target=global_minima,
        replacement=not_a_minimum,
        within=about_a_theorem,
        spoils="nothing",
    ),
    Mutant(
        "regularised-risk",
        "the risk of the linear model, whose curvature is taken, has weight decay",
        target=empirical_risk,
        replacement=regularised,
        within=about_a_theorem,
        spoils="nothing",
    ),
)
