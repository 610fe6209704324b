"""Mutants: the science broken in one named way, to see which claims notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from harness.errors import SettingError
from harness.plan import Cases, Plan, Setting
from harness.spec import Corruption


@dataclass(frozen=True)
class Mutant:
    """One way of breaking the science."""

    name: str
    says: str
    """What is broken, in a few words."""
    setting: Callable[[Setting], Setting] = lambda setting: setting
    """What it does to what a claim asks for."""
    target: str = ""
    """`package.module:function` that it replaces, if any."""
    replacement: Callable[[Callable[..., Any]], Callable[..., Any]] = lambda function: function
    """From the function to what replaces it."""

    def patched(self) -> tuple[object, str, Callable[..., Any]] | None:
        """The module, the name in it and the broken function to put there."""
        if not self.target:
            return None
        module_name, name = self.target.split(":")
        module = import_module(module_name)
        return module, name, self.replacement(getattr(module, name))


def _zero_learning_rate(setting: Setting) -> Setting:
    if isinstance(setting, Plan):
        conditions = {
            name: {**changes, "recipe": replace(changes["recipe"], rate=0.0)} if "recipe" in changes else changes
            for name, changes in setting.conditions.items()
        }
        return replace(setting, conditions=conditions).changed(recipe=replace(setting.base.recipe, rate=0.0))
    return replace(setting, options={**setting.options, "rate": 0.0}) if "rate" in setting.options else setting


def _labels_not_corrupted(setting: Setting) -> Setting:
    if isinstance(setting, Cases):
        return setting
    clean = {name: _with_true_labels(changes) for name, changes in setting.conditions.items()}
    plan = replace(setting, conditions=clean)
    return plan.changed(corruption=_true_labels(setting.base.corruption))


def _with_true_labels(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**changes, "corruption": _true_labels(changes["corruption"])} if "corruption" in changes else changes


def _true_labels(corruption: Corruption) -> Corruption:
    return Corruption() if corruption.kind in ("random-labels", "permuted-labels") else corruption


def _misplaced(interleave: Callable[..., Any]) -> Callable[..., Any]:
    """Biases above the projections that they belong to, so that every unit is silent on its own point."""
    return lambda projections, *share: 2 * projections - interleave(projections, *share)


def _from_one(sgd: Callable[..., Any]) -> Callable[..., Any]:
    """SGD that starts at ones: it interpolates, and keeps what of its start lies outside the span."""
    return lambda features, targets, **rest: sgd(features, targets, **{**rest, "start": 0 * features[0] + 1})


def _on_an_axis(line_up: Callable[..., Any]) -> Callable[..., Any]:
    """Points laid on their first coordinate, and no question asked whether some fall together there."""

    def broken(points: Any, values: Any, **rest: Any) -> Any:
        line = line_up(points, values, **rest)
        direction, order = 0 * line.direction, points[:, 0].argsort()
        direction[0] = 1
        return replace(line, direction=direction, projections=points[order, 0], values=values[order])

    return broken


def _linear_units(hinge_matrix: Callable[..., Any]) -> Callable[..., Any]:
    """Units that never are silent, x_i - b_j, so that the net is linear."""
    return lambda projections, biases: projections.unsqueeze(1) - biases


def _open_bump(bump: Callable[..., Any]) -> Callable[..., Any]:
    """A block's function without its last hinge, so that it does not return to zero behind the block."""

    def broken(knots: Any, heights: Any) -> Any:
        weights = bump(knots, heights)
        weights[-1] = 0
        return weights

    return broken


def _not_a_minimum(global_minima: Callable[..., Any]) -> Callable[..., Any]:
    """Minima of which the last is doubled, and its outputs with it."""

    def broken(*data: Any, **rest: Any) -> Any:
        minima = global_minima(*data, **rest)
        minima[-1] *= 2
        return minima

    return broken


def _regularised(risk: Callable[..., Any]) -> Callable[..., Any]:
    """The risk with the paper's weight decay, 5e-4."""
    return lambda weights, *data: risk(weights, *data) + 2.5e-4 * weights @ weights


MUTANTS = {
    mutant.name: mutant
    for mutant in (
        Mutant("zero-learning-rate", "nothing is learned", _zero_learning_rate),
        Mutant("labels-not-corrupted", "random labels are the true ones", _labels_not_corrupted),
        Mutant(
            "misplaced-biases",
            "the biases of Theorem 1 and Lemma 1 do not interleave with the points",
            target="harness.measures.expressivity.two_layers:interleave",
            replacement=_misplaced,
        ),
        Mutant(
            "sgd-not-from-zero",
            "SGD on the linear model starts elsewhere than at zero",
            target="harness.measures.linear:sgd_least_squares",
            replacement=_from_one,
        ),
        Mutant(
            "projection-with-ties",
            "points are projected on an axis, where some fall together",
            target="harness.measures.expressivity.line:line_up",
            replacement=_on_an_axis,
        ),
        Mutant(
            "linear-units",
            "the units of the two-layer net are linear",
            target="harness.measures.expressivity.two_layers:hinge_matrix",
            replacement=_linear_units,
        ),
        Mutant(
            "open-bump",
            "a layer of the deep net does not return to zero behind its block of points",
            target="harness.measures.expressivity.deep:bump",
            replacement=_open_bump,
        ),
        Mutant(
            "not-a-minimum",
            "one of the global minima whose curvature is compared is none",
            target="harness.measures.curvature:global_minima",
            replacement=_not_a_minimum,
        ),
        Mutant(
            "regularised-risk",
            "the risk of the linear model, whose curvature is taken, has weight decay",
            target="harness.measures.curvature:empirical_risk",
            replacement=_regularised,
        ),
    )
}


def find(name: str) -> Mutant:
    """A mutant by name.

    Raises:
        SettingError: for an unknown name.
    """
    if name not in MUTANTS:
        raise SettingError(f"unknown mutant {name!r}; legal are {', '.join(MUTANTS)}")
    return MUTANTS[name]
