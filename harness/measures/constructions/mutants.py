"""What mutants put in the place of functions that theorems rest on: each takes the whole function and breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from memorization_claims.plan.plan import Cases, Setting


def concerned(setting: Setting) -> bool:
    """Whether it asks for cases of a theorem."""
    return isinstance(setting, Cases)


def misplaced(interleave: Callable[..., Any]) -> Callable[..., Any]:
    """Biases above the projections that they belong to, so that every unit is silent on its own point."""
    return lambda projections, *share: 2 * projections - interleave(projections, *share)


def from_one(sgd: Callable[..., Any]) -> Callable[..., Any]:
    """SGD that starts at ones: it interpolates, and keeps what of its start lies outside the span."""
    return lambda features, targets, **rest: sgd(features, targets, **{**rest, "start": 0 * features[0] + 1})


def on_an_axis(line_up: Callable[..., Any]) -> Callable[..., Any]:
    """Points laid on their first coordinate, and no question asked whether some fall together there."""

    def broken(points: Any, values: Any, **rest: Any) -> Any:
        line = line_up(points, values, **rest)
        direction, order = 0 * line.direction, points[:, 0].argsort()
        direction[0] = 1
        return replace(line, direction=direction, projections=points[order, 0], values=values[order])

    return broken


def linear_units(hinge_matrix: Callable[..., Any]) -> Callable[..., Any]:
    """Units that never are silent, x_i - b_j, so that the net is linear."""
    return lambda projections, biases: projections.unsqueeze(1) - biases


def open_bump(bump: Callable[..., Any]) -> Callable[..., Any]:
    """A block's function without its last hinge, so that it does not return to zero behind the block."""

    def broken(knots: Any, heights: Any) -> Any:
        weights = bump(knots, heights)
        weights[-1] = 0
        return weights

    return broken


def not_a_minimum(global_minima: Callable[..., Any]) -> Callable[..., Any]:
    """Minima of which the last is doubled, and its outputs with it."""

    def broken(*data: Any, **rest: Any) -> Any:
        minima = global_minima(*data, **rest)
        minima[-1] *= 2
        return minima

    return broken


def regularised(risk: Callable[..., Any]) -> Callable[..., Any]:
    """The risk with the paper's weight decay, 5e-4."""
    return lambda weights, *data: risk(weights, *data) + 2.5e-4 * weights @ weights
