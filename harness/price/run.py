"""What a run costs: every pass of its nets that its spec asks for, to the end of the budget.

Beside the passes stand a gather and a loss for every batch, draws of noise and crops, and the data's preparation: none
of these is counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from memorization_claims.lab.laboratory import SHARE
from memorization_claims.price.net import KINDS, Kind, Net, net_of
from memorization_claims.price.sizes import Size
from memorization_claims.price.work import Work
from memorization_claims.spec.run import RunSpec
from memorization_claims.training.pool import CPU_EVALUATION_EXAMPLES, EVALUATION_EXAMPLES
from memorization_claims.training.trace import FOLDS, MEASURES, Trace

TRACE_BYTES = 8
COMPILED = 8.0
"""Launches of a compiled step on a GPU: copies of what it is given, the graph, and copies of what it gives."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """What one run, fit or generator costs."""

    work: dict[Kind, Work]
    """By kind of device: portions and cohorts differ. The peak is that of the whole cohort with all that it holds."""
    kept: int
    """Bytes in the store, of arrays."""
    together: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 1))
    """Runs of a cohort that are trained side by side at most, and share their launches."""
    nets: int = 1
    parameters: int = 0
    """Of one net."""
    passes: dict[str, int] = field(default_factory=dict)
    """Images that nets are given, by what for."""
    bound: bool = False
    """Training may stop before the end of the budget, so that this is the most."""
    double: bool = False
    """It is computed in double precision."""


def price(spec: RunSpec, data: Size) -> Price:
    """Count a run.

    Args:
        spec: of the run.
        data: what it takes of its data.

    Returns:
        Its price. Passes are of all its nets: `training`, forward and backward; `evaluation` and `validation`, forward;
        `search`, the forward and backward passes of adversarial search; `probes`, forward and as a rule backward;
        `gradients`, forward and backward.
    """
    net, times = net_of(spec, data.shape, data.classes), _Times(spec, data)
    images = _passes(spec, data, times)
    recorded = Work()
    for name in spec.record.probes:
        counted, given = net.probe(name, data.examples)
        recorded += counted * times.evaluations
        images["probes"] = images.get("probes", 0) + given * times.evaluations
    if spec.record.gradient_probes:
        few = min(spec.record.gradient_batch, data.examples)
        recorded += net.products(few) * times.evaluations
        images["gradients"] = few * times.evaluations
    works = {kind: _training(spec, data, net, kind) + recorded + _evaluations(data, net, times, kind) for kind in KINDS}
    return Price(
        work={kind: _in_cohort(spec, data, net, works[kind], kind) for kind in KINDS},
        kept=spec.nets * _kept(spec, data, net, times),
        together={kind: _together(spec, net, kind) for kind in KINDS},
        nets=spec.nets,
        parameters=net.parameters,
        passes={name: spec.nets * count for name, count in images.items()},
        bound=spec.recipe.stop_accuracy is not None,
    )


class _Times:
    """How often a run is evaluated."""

    def __init__(self, spec: RunSpec, data: Size) -> None:
        per_epoch = math.ceil(data.examples / spec.recipe.batch)
        updates = Trace(spec.record, spec.recipe.epochs, per_epoch, 0).updates
        self.evaluations = len(updates)
        whole = sum(update % per_epoch == 0 for update in updates)
        self.validations = whole if spec.record.validation == "every" else 1


def _passes(spec: RunSpec, data: Size, times: _Times) -> dict[str, int]:
    seen = spec.recipe.epochs * data.examples
    images = {
        "training": seen * (2 if spec.recipe.adversarial else 1),
        "evaluation": data.examples * times.evaluations,
        "validation": data.validation * times.validations,
    }
    return images | ({"search": seen * (spec.recipe.adversarial_steps + 1)} if spec.recipe.adversarial else {})


def _training(spec: RunSpec, data: Size, net: Net, kind: Kind) -> Work:
    """All steps of one net, with the search for critical samples before each."""
    recipe, total = spec.recipe, Work()
    for batch, times in _portions(data.examples, recipe.batch):
        step = net.step(batch * (2 if recipe.adversarial else 1))
        if kind == "cuda" and net.compiled:
            step = replace(step, launches=COMPILED)
        total += (net.search(batch, recipe.adversarial_steps) + step if recipe.adversarial else step) * times
    return total * recipe.epochs


def _evaluations(data: Size, net: Net, times: _Times, kind: Kind) -> Work:
    size = CPU_EVALUATION_EXAMPLES if kind == "cpu" else EVALUATION_EXAMPLES
    total = Work()
    for examples, often in ((data.examples, times.evaluations), (data.validation, times.validations)):
        for portion, count in _portions(examples, size):
            total += net.logits(portion) * (count * often)
    return total


def _portions(examples: int, size: int) -> list[tuple[int, int]]:
    """Sizes of portions, and how many there are of each."""
    return [(few, count) for few, count in ((size, examples // size), (examples % size, 1)) if few and count]


def _together(spec: RunSpec, net: Net, kind: Kind) -> int:
    return min(SHARE, max(1, net.side_by_side[kind] // spec.nets)) if net.stacked else 1


def _in_cohort(spec: RunSpec, data: Size, net: Net, work: Work, kind: Kind) -> Work:
    """The work of a run's nets, from that of one: nets of a stack share their launches, others hold one at a time."""
    runs = _together(spec, net, kind)
    moments = {"adam": 2, "sgd": 1 if spec.recipe.momentum else 0}.get(spec.recipe.optimizer, 2)
    # The stack keeps its gradients, others give theirs back.
    held = runs * spec.nets * net.state * (1 + moments + net.stacked)
    sets = 1 if spec.subset is None else runs
    pool = 4 * sets * (data.examples + data.validation) * math.prod(data.shape)
    peak = held + pool + work.peak * (runs * spec.nets if net.stacked else 1)
    launches = work.launches * (1 / runs if net.stacked else spec.nets)
    return Work(work.flops * spec.nets, work.moved * spec.nets, launches, peak, work.drawn * spec.nets)


def _kept(spec: RunSpec, data: Size, net: Net, times: _Times) -> int:
    """Bytes that are stored of one net."""
    record = spec.record
    named = record.weights if isinstance(record.weights, tuple) else ()
    moments = 0 if record.weights == "none" else 1 + len(named)
    traces = len((*MEASURES, *FOLDS, *record.probes, *record.gradient_probes))
    answers = {"none": 0, "final": 1, "every": times.evaluations}[record.examples]
    return moments * net.state + traces * TRACE_BYTES * times.evaluations + answers * data.examples
