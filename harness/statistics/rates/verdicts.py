"""How often the verdicts err, and how often they decide, by simulation.

Each cell of the printed table simulates measurements of every condition, reduces them as the verdict does and counts
p-values at or below alpha. Many simulations are tested at once; a test checks that this gives the p-values of the
verdict functions themselves.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from memorization_claims.seed import numpy_generator
from memorization_claims.statistics import ALPHA, Samples, Verdict, above, bound, fit, interaction, same, trend
from memorization_claims.statistics.page import doubled_l, doubled_ranks, tail
from memorization_claims.statistics.samples import FloatArray
from memorization_claims.statistics.sign_flip import p_mean_exceeds_each
from memorization_claims.statistics.trend import least_squares_slopes

LEVELS = {f"level {share:g}": share for share in (0.0, 0.25, 0.5, 0.75, 1.0)}
"""The levels of the simulated trend."""
NULL_MARGIN = 3.0
"""The margin, in standard deviations, of the cells whose true effect lies exactly on it."""

Law = Callable[[np.random.Generator, tuple[int, int]], FloatArray]

LAWS: dict[str, Law] = {
    "normal": lambda generator, shape: generator.normal(size=shape),
    "exponential, long tail below": lambda generator, shape: 1 - generator.exponential(size=shape),
    "lognormal, long tail below": lambda generator, shape: (
        (math.exp(0.5) - generator.lognormal(size=shape)) / math.sqrt((math.e - 1) * math.e)
    ),
}
"""How differences scatter between seeds: mean 0, standard deviation 1."""

JUDGES: dict[str, Callable[[Samples, float], Verdict]] = {
    "above": lambda samples, margin: above(samples, "a", "b", margin=margin),
    "same": lambda samples, margin: same(samples, "a", "b", margin=margin),
    "bound": lambda samples, margin: bound(samples, "a", at_least=margin),
    "trend": lambda samples, margin: trend(samples, LEVELS, margin=margin),
    "interaction": lambda samples, margin: interaction(samples, ("a", "b"), ("c", "d"), margin=margin),
    "fit": lambda samples, margin: fit(samples, "a", margin=math.exp(margin)),
}
"""The verdict of one simulation for each kind, at a margin in standard deviations."""


@dataclass(frozen=True)
class Cell:
    """One simulated truth, in standard deviations of the per-seed effect."""

    kind: str
    """The kind of verdict."""
    effect: float
    """The true mean effect."""
    margin: float
    """The margin that the verdict holds it against."""
    law: str = "normal"
    """How the effect scatters between seeds."""


@dataclass(frozen=True)
class Rates:
    """How many simulations of a cell were supported and refuted."""

    supported: int
    refuted: int
    simulations: int


def rates(cell: Cell, *, seeds: int, simulations: int, base_seed: int, alpha: float = ALPHA) -> Rates:
    """Simulate one cell, from a stream of its own.

    Args:
        cell: what is true.
        seeds: how many seeds each simulated experiment has, at most 16.
        simulations: how many experiments.
        base_seed: what names the stream, together with the cell and the number of seeds.
        alpha: the level of the verdicts.
    """
    values = simulated(cell, seeds=seeds, simulations=simulations, base_seed=base_seed)
    p_support, p_refute = p_values(cell.kind, values, cell.margin)
    return Rates(int((p_support <= alpha).sum()), int((p_refute <= alpha).sum()), simulations)


def simulated(cell: Cell, *, seeds: int, simulations: int, base_seed: int) -> dict[str, FloatArray]:
    """The measurements of each condition, shape (simulations, seeds), float64."""
    name = (cell.kind, str(cell.effect), str(cell.margin), cell.law, seeds)
    generator = numpy_generator(base_seed, "measure", "calibration", *name)
    effects = cell.effect + LAWS[cell.law](generator, (simulations, seeds))
    if cell.kind == "bound":
        return {"a": effects}
    if cell.kind == "fit":
        return {"a": np.exp(effects)}
    if cell.kind == "trend":
        return _over_levels(effects, generator)
    b, c, d = generator.normal(size=(3, simulations, seeds))
    if cell.kind == "interaction":
        return {"a": effects + b + c - d, "b": b, "c": c, "d": d}
    return {"a": effects + b, "b": b}


def p_values(kind: str, values: dict[str, FloatArray], margin: float) -> tuple[FloatArray, FloatArray]:
    """The p-values to support and to refute of every simulation at once, each of shape (simulations,)."""
    effects = _reduced(kind, values)
    above_margin, below_margin = p_mean_exceeds_each(effects, margin), p_mean_exceeds_each(-effects, -margin)
    if kind == "trend":
        return np.maximum(above_margin, _page_each(values)), below_margin
    if kind not in ("same", "fit"):
        return above_margin, below_margin
    above_lower, below_lower = p_mean_exceeds_each(effects, -margin), p_mean_exceeds_each(-effects, margin)
    return np.maximum(above_lower, below_margin), np.minimum(1, 2 * np.minimum(above_margin, below_lower))


def table(*, seeds: int, simulations: int, base_seed: int) -> Iterator[str]:
    """The lines of the Markdown table, one cell's row after the other."""
    yield "| kind | differences | false support | false refutation | support at 1 sd | at 2 sd | at 3 sd |"
    yield "|---|---|---|---|---|---|---|"
    for kind in JUDGES:
        yield row(kind, "normal", seeds=seeds, simulations=simulations, base_seed=base_seed)
    for law in [law for law in LAWS if law != "normal"]:
        yield row("above", law, seeds=seeds, simulations=simulations, base_seed=base_seed)


def row(kind: str, law: str, *, seeds: int, simulations: int, base_seed: int) -> str:
    """The row of one kind and one law: both false rates at the margin, then the power at 1, 2 and 3 sd."""

    def rate(effect: float, margin: float) -> Rates:
        return rates(Cell(kind, effect, margin, law), seeds=seeds, simulations=simulations, base_seed=base_seed)

    at_margin = rate(NULL_MARGIN, NULL_MARGIN)
    beyond = [
        rate(0.0, distance) if kind in ("same", "fit") else rate(NULL_MARGIN + distance, NULL_MARGIN)
        for distance in (1.0, 2.0, 3.0)
    ]
    counts = (at_margin.supported, at_margin.refuted, *(cell.supported for cell in beyond))
    return f"| `{kind}` | {law} | " + " | ".join(share(count, simulations) for count in counts) + " |"


def _reduced(kind: str, values: dict[str, FloatArray]) -> FloatArray:
    if kind == "trend":
        return least_squares_slopes(np.stack(list(values.values()), axis=-1), list(LEVELS.values()))
    if kind == "interaction":
        return (values["a"] - values["b"]) - (values["c"] - values["d"])
    if kind == "fit":
        return np.log(values["a"])
    return values["a"] - values["b"] if "b" in values else values["a"]


def _over_levels(slopes: FloatArray, generator: np.random.Generator) -> dict[str, FloatArray]:
    """Lines of these slopes with the scatter about them that gives normal slopes their standard deviation of 1."""
    levels = np.array(list(LEVELS.values()))
    centred = levels - levels.mean()
    scatter = generator.normal(scale=np.sqrt((centred**2).sum()), size=(*slopes.shape, levels.size))
    scatter -= least_squares_slopes(scatter, levels)[..., None] * centred
    values = slopes[..., None] * centred + scatter
    return {condition: values[..., place] for place, condition in enumerate(LEVELS)}


def _page_each(values: dict[str, FloatArray]) -> FloatArray:
    ranks = doubled_ranks(np.stack(list(values.values()), axis=-1))
    seeds, levels = ranks.shape[-2:]
    untied = tuple(range(2, 2 * levels + 1, 2))
    return tail([untied] * seeds)[doubled_l(ranks)]


def share(count: int, simulations: int) -> str:
    """A share with its Clopper-Pearson 95 % interval, in percent."""
    from scipy.stats import binomtest

    ends = binomtest(count, simulations).proportion_ci(0.95, method="exact")
    share, low, high = (f"{100 * part:.3g}" for part in (count / simulations, ends.low, ends.high))
    return f"{share} % [{low}, {high}]"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=12, help="seeds of each simulated experiment, at most 16")
    parser.add_argument("--simulations", type=int, default=20_000, help="experiments for each cell")
    parser.add_argument("--base-seed", type=int, default=0, help="what the random streams are named by")
    options = parser.parse_args()
    for line in table(seeds=options.seeds, simulations=options.simulations, base_seed=options.base_seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
