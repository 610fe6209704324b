"""How often a comparison of two versions errs, by simulation: `python -m memorization_claims.statistics.rates.drift`.

Two versions judge one claim of kind `above` with margin 0, each at as many looks as it takes, and are compared at the
seeds that both have. Each seed's effect scatters normally with a standard deviation of 1 about a truth that changes
between the versions, or does not. A test checks that these are the rates of `drift` itself.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from memorization_claims.seed import numpy_generator
from memorization_claims.statistics.drift import SHARE
from memorization_claims.statistics.looks import SEQUENTIAL, one_look
from memorization_claims.statistics.rates.verdicts import judged, share
from memorization_claims.statistics.samples import FloatArray

HEADINGS = ("way", "correlation", "change", "verdict changed", "drifted", "the same")


@dataclass(frozen=True)
class Pair:
    """One simulated truth of two versions, in standard deviations of the per-seed effect."""

    way: float
    """Distance from the true effect of the earlier version to the margin."""
    change: float
    """How much nearer to the margin the later version's true effect lies."""
    correlation: float = 0.0
    """Correlation of the two versions' effects at one seed."""


@dataclass(frozen=True)
class Rates:
    """How many simulated pairs came to what."""

    changed: int
    """The two verdicts differ."""
    drifted: int
    same: int
    simulations: int


def rates(pair: Pair, *, simulations: int, base_seed: int) -> Rates:
    """Simulate one truth, from a stream of its own.

    Args:
        pair: what is true.
        simulations: how many pairs of versions.
        base_seed: what names the stream, together with the pair.
    """
    before, after = simulated(pair, simulations=simulations, base_seed=base_seed)
    (earlier, seeds), (later, others) = (judged([each > 0], [each < 0]) for each in (before, after))
    unchanged = earlier == later
    found = compared(before, after, seeds, np.minimum(seeds, others))
    drifted, same = (int((unchanged & (found == verdict)).sum()) for verdict in (-1, 1))
    return Rates(int((~unchanged).sum()), drifted, same, simulations)


def simulated(pair: Pair, *, simulations: int, base_seed: int) -> tuple[FloatArray, FloatArray]:
    """The effects of the earlier and of the later version at all the seeds of the last look, (simulations, seeds)."""
    name = (str(pair.way), str(pair.change), str(pair.correlation))
    generator = numpy_generator(base_seed, "measure", "drift", *name)
    shared, before, after = generator.normal(size=(3, simulations, SEQUENTIAL.looks[-1]))
    common, separate = math.sqrt(pair.correlation), math.sqrt(1 - pair.correlation)
    return pair.way + common * shared + separate * before, pair.way - pair.change + common * shared + separate * after


def compared(
    before: FloatArray, after: FloatArray, seeds: NDArray[np.int_], shared: NDArray[np.int_]
) -> NDArray[np.int_]:
    """What `drift` says of each pair: 1 for the same, -1 for drifted, 0 where it cannot tell.

    Args:
        before: shape (simulations, seeds), the effects of the earlier version, about a margin of 0.
        after: those of the later version.
        seeds: shape (simulations,), how many of the first seeds the earlier version has.
        shared: how many of them both have.
    """
    places = np.arange(before.shape[1])
    medians = np.nanmedian(np.where(places < seeds[:, None], before, np.nan), axis=1)
    sign, both = np.where(medians >= 0, 1.0, -1.0)[:, None], places < shared[:, None]
    ends = sign * (after - (1 - SHARE) * before), sign * ((1 + SHARE) * before - after)
    beyond = np.minimum.reduce([((each > 0) & both).sum(axis=1) for each in ends])
    short = np.maximum.reduce([((each < 0) & both).sum(axis=1) for each in ends])
    needed = np.array([one_look(runs).needed[0] for runs in shared.tolist()])
    return np.asarray((beyond >= needed).astype(int) - (short >= needed))


def table(*, simulations: int, base_seed: int) -> Iterator[str]:
    """The lines of the Markdown table: no change, one of exactly the tolerance, and one of twice that, away."""
    yield "| " + " | ".join(HEADINGS) + " |"
    yield "|" + "---|" * len(HEADINGS)
    for correlation in (0.0, 0.9):
        for way in (1.0, 5.0):
            for change in (0.0, SHARE * way, -way):
                pair = Pair(way, change, correlation)
                yield row(pair, rates(pair, simulations=simulations, base_seed=base_seed))


def row(pair: Pair, found: Rates) -> str:
    """The row of one truth."""
    truth = " | ".join(f"{value:g}" for value in (pair.way, pair.correlation, pair.change))
    shares = " | ".join(share(count, found.simulations) for count in (found.changed, found.drifted, found.same))
    return f"| {truth} | {shares} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--simulations", type=int, default=10_000, help="pairs of versions for each row")
    parser.add_argument("--base-seed", type=int, default=0, help="what the random streams are named by")
    options = parser.parse_args()
    for line in table(simulations=options.simulations, base_seed=options.base_seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
