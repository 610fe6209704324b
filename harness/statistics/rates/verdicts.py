"""How often the verdicts err, and what they take to decide, by simulation.

`python -m memorization_claims.statistics.rates.verdicts` prints a Markdown table. Each of its rows simulates
measurements of every condition at all the seeds that a claim can have, reduces them as the verdict does, and stops at
looks as a session does. Many claims are judged at once; a test checks that this gives the verdicts of the verdict
functions themselves.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from memorization_claims.seed import numpy_generator
from memorization_claims.statistics.event import interval
from memorization_claims.statistics.looks import SEQUENTIAL, Look
from memorization_claims.statistics.samples import BoolArray, FloatArray
from memorization_claims.statistics.trend import in_order, least_squares_slopes

KINDS = ("above", "same", "bound", "trend", "interaction", "fit")
LEVELS = {f"level {share:g}": share for share in (0.0, 0.25, 0.5, 0.75, 1.0)}
"""The levels of the simulated trend."""
MARGIN = 3.0
"""The margin, in standard deviations, of all but an equivalence whose truth lies in its middle."""
DISTANCES = (0.5, 1.0, 2.0, 3.0)
"""How far beyond the margin the true median lies where a claim should be decided, in standard deviations."""
BATCH = 2000
"""Claims judged at once."""
NORMAL = NormalDist()
SMALL = 0.1
"""The standard deviation of every other run, on average, where runs have two scales."""

Law = Callable[[np.random.Generator, tuple[int, int]], FloatArray]
LAWS: dict[str, Law] = {
    "normal": lambda generator, shape: generator.normal(size=shape),
    "exponential, long tail below": lambda generator, shape: math.log(2) - generator.exponential(size=shape),
    "exponential, long tail above": lambda generator, shape: generator.exponential(size=shape) - math.log(2),
    "lognormal, long tail below": lambda generator, shape: _lognormal(generator, shape, -1),
    "lognormal, long tail above": lambda generator, shape: _lognormal(generator, shape, 1),
    "quarters of a deviation, with ties": lambda generator, shape: _in_quarters(generator.normal(size=shape)),
    "Cauchy": lambda generator, shape: (
        generator.standard_cauchy(size=shape) / math.tan(math.pi * (NORMAL.cdf(1) - 0.5))
    ),
    "two scales, 1 to 14": lambda generator, shape: (
        generator.normal(size=shape) * np.where(generator.random(shape) < 0.5, SMALL, math.sqrt(2 - SMALL**2))
    ),
}
"""How effects scatter between seeds: median 0, standard deviation 1. Cauchy's law has none: as many of its runs lie
within 1 as of the normal's."""
FAILURES: dict[str, Callable[[FloatArray, float, np.random.Generator], BoolArray]] = {
    "any": lambda scatter, share, generator: generator.random(scatter.shape) < share,
    "the lowest": lambda scatter, share, _: scatter < NORMAL.inv_cdf(share),
    "the highest": lambda scatter, share, _: scatter > NORMAL.inv_cdf(1 - share),
}
"""Which runs fall short of a precondition, given how normal effects scatter and the share that does."""
NONE = ("any", 0.0)
"""No run does."""


@dataclass(frozen=True)
class Cell:
    """What is true of one simulated claim, in standard deviations of an effect between seeds."""

    kind: str
    """The kind of verdict."""
    effect: float
    """The true median."""
    margin: float
    """The margin that the verdict holds runs against."""
    law: str = "normal"
    """How the effect scatters between seeds."""
    failing: tuple[str, float] = NONE
    """Which runs fall short of a precondition, and what share of all."""


@dataclass(frozen=True)
class Rates:
    """How many simulations of a cell were supported and refuted, and how many seeds they took on average."""

    supported: int
    refuted: int
    simulations: int
    seeds: float


def rates(cell: Cell, *, simulations: int, base_seed: int) -> Rates:
    """Simulate one cell, from a stream of its own.

    Args:
        cell: what is true.
        simulations: how many claims.
        base_seed: what names the stream, together with the cell.
    """
    name = (cell.kind, str(cell.effect), str(cell.margin), cell.law, *map(str, cell.failing))
    generator = numpy_generator(base_seed, "measure", "calibration", *name)
    supported, refuted, seeds = 0, 0, 0
    for start in range(0, simulations, BATCH):
        values = simulated(cell, min(BATCH, simulations - start), generator)
        outcomes, runs = judged(*shown(cell.kind, values, cell.margin))
        supported += int((outcomes > 0).sum())
        refuted += int((outcomes < 0).sum())
        seeds += int(runs.sum())
    return Rates(supported, refuted, simulations, seeds / simulations)


def simulated(cell: Cell, simulations: int, generator: np.random.Generator) -> dict[str, FloatArray]:
    """The measurements of each condition at all the seeds of the last look, (simulations, seeds); NaN for a failure."""
    shape = (simulations, SEQUENTIAL.looks[-1])
    scatter = LAWS[cell.law](generator, shape)
    which, share = cell.failing
    effects = np.where(FAILURES[which](scatter, share, generator), np.nan, cell.effect + scatter)
    if cell.kind == "bound":
        return {"a": effects}
    if cell.kind == "fit":
        return {"a": np.exp(effects)}
    if cell.kind == "trend":
        return _over_levels(effects, generator)
    # Steps of which doubles are exact, so that what lies on the margin stays there.
    b = _in_quarters(generator.normal(size=shape))
    if cell.kind == "interaction":
        c, d = generator.normal(size=(2, *shape))
        return {"a": effects + b + c - d, "b": b, "c": c, "d": d}
    return {"a": effects + b, "b": b}


def shown(kind: str, values: dict[str, FloatArray], margin: float) -> tuple[Sequence[BoolArray], Sequence[BoolArray]]:
    """What runs show for the claim and against it, each (simulations, seeds).

    Support takes enough runs for each of the first; refutation takes enough for one of the second.
    """
    if kind == "trend":
        measured = np.stack(list(values.values()), axis=-1)
        slopes = least_squares_slopes(measured, list(LEVELS.values()))
        return [(slopes > margin) & in_order(measured, np.zeros(len(LEVELS), bool))], [slopes < margin]
    effects = values["a"] - values["b"] if "b" in values else values["a"]
    if kind == "interaction":
        effects = effects - (values["c"] - values["d"])
    if kind == "fit":
        effects = np.log(effects)
    if kind in ("same", "fit"):
        return [effects > -margin, effects < margin], [effects > margin, effects < -margin]
    return [effects > margin], [effects < margin]


def judged(beyond: Sequence[BoolArray], short: Sequence[BoolArray]) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """The verdict of each claim, 1 for supported, -1 for refuted, 0 for undecided, and the seeds that it took."""
    leads = np.minimum.reduce([_counted(each) for each in beyond])
    lags = np.maximum.reduce([_counted(each) for each in short])
    outcomes, seeds = np.zeros((2, len(leads)), dtype=int)
    for place, runs in enumerate(SEQUENTIAL.looks):
        look, more, less = Look(SEQUENTIAL, place), leads[:, place], lags[:, place]
        goes_on = np.array([look.goes_on(count) for count in range(runs + 1)])
        verdicts = (more >= look.needed).astype(int) - (less >= look.needed)
        ends = (seeds == 0) & ((verdicts != 0) | ~goes_on[np.maximum(more, less)])
        outcomes[ends], seeds[ends] = verdicts[ends], runs
    return outcomes, seeds


def table(*, simulations: int, base_seed: int) -> Iterator[str]:
    """The lines of the Markdown table: all kinds, then all laws, then runs that fail."""
    distances = " | ".join(f"{distance:g} sd" for distance in DISTANCES)
    yield f"| kind | effects | runs that fail | false support | false refutation | {distances} |"
    yield "|" + "---|" * (5 + len(DISTANCES))
    truths = [(kind, "normal", NONE) for kind in KINDS]
    truths += [("above", law, NONE) for law in LAWS if law != "normal"]
    truths += [("above", "normal", (which, failing)) for failing in (0.1, 0.3) for which in FAILURES]
    for kind, law, failing in truths:
        yield row(kind, law, failing, simulations=simulations, base_seed=base_seed)


def row(kind: str, law: str, failing: tuple[str, float], *, simulations: int, base_seed: int) -> str:
    """The row of one kind of claim and truth: false verdicts at the margin, then decisions and mean seeds beyond it."""

    def rate(effect: float, margin: float, simulations: int) -> Rates:
        return rates(Cell(kind, effect, margin, law, failing), simulations=simulations, base_seed=base_seed)

    at_margin = rate(MARGIN, MARGIN, simulations)
    equivalence = kind in ("same", "fit")
    beyond = [
        rate(*((0.0, distance) if equivalence else (MARGIN + distance, MARGIN)), max(1, simulations // 10))
        for distance in DISTANCES
    ]
    fails = f"{100 * failing[1]:g} %, {failing[0]}" if failing[1] else "none"
    false = [share(count, simulations) for count in (at_margin.supported, at_margin.refuted)]
    decided = [f"{100 * each.supported / each.simulations:.3g} %, {each.seeds:.1f} seeds" for each in beyond]
    return f"| `{kind}` | {law} | {fails} | " + " | ".join((*false, *decided)) + " |"


def share(count: int, simulations: int) -> str:
    """A share with its Clopper-Pearson 95 % interval, in percent."""
    ends = interval(count, simulations, miss=0.05)
    share, low, high = (f"{100 * part:.3g}" for part in (count / simulations, *ends))
    return f"{share} % [{low}, {high}]"


def _counted(runs: BoolArray) -> NDArray[np.int_]:
    """How many runs there are until each look, (simulations, looks)."""
    return np.asarray(np.add.reduceat(runs, (0, *SEQUENTIAL.looks[:-1]), axis=1, dtype=int).cumsum(axis=1))


def _lognormal(generator: np.random.Generator, shape: tuple[int, int], sign: int) -> FloatArray:
    return sign * (generator.lognormal(size=shape) - 1) / math.sqrt((math.e - 1) * math.e)


def _in_quarters(values: FloatArray) -> FloatArray:
    return np.round(4 * values) / 4


def _over_levels(slopes: FloatArray, generator: np.random.Generator) -> dict[str, FloatArray]:
    """Lines of these slopes, with a scatter about them that leaves the slopes alone and their order not."""
    levels = np.array(list(LEVELS.values()))
    centred = levels - levels.mean()
    scatter = generator.normal(scale=np.sqrt((centred**2).sum()), size=(*slopes.shape, levels.size))
    scatter -= least_squares_slopes(scatter, levels)[..., None] * centred
    values = slopes[..., None] * centred + scatter
    return {condition: values[..., place] for place, condition in enumerate(LEVELS)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument(
        "--simulations", type=int, default=200_000, help="claims on the margin in each row, and ten for each beyond it"
    )
    parser.add_argument("--base-seed", type=int, default=0, help="what the random streams are named by")
    options = parser.parse_args()
    for line in table(simulations=options.simulations, base_seed=options.base_seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
