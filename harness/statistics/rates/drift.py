"""How often a comparison of two versions errs, by simulation: `python -m memorization_claims.statistics.rates.drift`.

Two versions judge one claim of kind `above` with margin 0, and each seed's effect scatters normally with a standard
deviation of 1 about a truth that changes between the versions, or does not. A test checks that these are the rates of
`drift` itself.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from memorization_claims.seed import numpy_generator
from memorization_claims.statistics.drift import SHARE
from memorization_claims.statistics.rates.verdicts import share
from memorization_claims.statistics.samples import FloatArray
from memorization_claims.statistics.sign_flip import p_mean_exceeds_each
from memorization_claims.statistics.verdict import ALPHA

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


def simulated(pair: Pair, *, seeds: int, simulations: int, base_seed: int) -> tuple[FloatArray, FloatArray]:
    """The effects of the earlier and of the later version, each of shape (simulations, seeds)."""
    name = (str(pair.way), str(pair.change), str(pair.correlation), seeds)
    generator = numpy_generator(base_seed, "measure", "drift", *name)
    shared, before, after = generator.normal(size=(3, simulations, seeds))
    common, separate = math.sqrt(pair.correlation), math.sqrt(1 - pair.correlation)
    return pair.way + common * shared + separate * before, pair.way - pair.change + common * shared + separate * after


def rates(pair: Pair, *, seeds: int, simulations: int, base_seed: int, alpha: float = ALPHA) -> Rates:
    """Simulate one truth, from a stream of its own.

    Args:
        pair: what is true.
        seeds: of each version, at most 16.
        simulations: how many pairs of versions.
        base_seed: what names the stream, together with the pair and the number of seeds.
        alpha: the level of all verdicts.
    """
    before, after = simulated(pair, seeds=seeds, simulations=simulations, base_seed=base_seed)
    p_same, p_drifted = p_values(before, after)
    changed = _verdicts(before, alpha) != _verdicts(after, alpha)
    drifted, same = (p_drifted <= alpha) & ~changed, (p_same <= alpha) & ~changed
    return Rates(int(changed.sum()), int(drifted.sum()), int(same.sum()), simulations)


def p_values(before: FloatArray, after: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The p-values of `drift` to call each pair the same and to call it drifted, each of shape (simulations,)."""
    sign = np.where(before.mean(axis=1, keepdims=True) >= 0, 1.0, -1.0)
    low, high = sign * (after - (1 - SHARE) * before), sign * ((1 + SHARE) * before - after)
    p_same = np.maximum(p_mean_exceeds_each(low, 0.0), p_mean_exceeds_each(high, 0.0))
    p_drifted = 2 * np.minimum(p_mean_exceeds_each(-low, 0.0), p_mean_exceeds_each(-high, 0.0))
    return p_same, np.minimum(1, p_drifted)


def _verdicts(effects: FloatArray, alpha: float) -> FloatArray:
    """1 for supported, -1 for refuted, 0 for undecided: the verdicts of `above` with margin 0."""
    supported, refuted = p_mean_exceeds_each(effects, 0.0) <= alpha, p_mean_exceeds_each(-effects, 0.0) <= alpha
    return supported.astype(np.float64) - refuted


def table(*, seeds: int, simulations: int, base_seed: int) -> Iterator[str]:
    """The lines of the Markdown table: no change, one of exactly the tolerance, and one of twice that, away."""
    yield "| " + " | ".join(HEADINGS) + " |"
    yield "|" + "---|" * len(HEADINGS)
    for correlation in (0.0, 0.9):
        for way in (3.0, 5.0, 8.0):
            for change in (0.0, SHARE * way, -way):
                pair = Pair(way, change, correlation)
                yield row(pair, rates(pair, seeds=seeds, simulations=simulations, base_seed=base_seed))


def row(pair: Pair, found: Rates) -> str:
    """The row of one truth."""
    truth = " | ".join(f"{value:g}" for value in (pair.way, pair.correlation, pair.change))
    shares = " | ".join(share(count, found.simulations) for count in (found.changed, found.drifted, found.same))
    return f"| {truth} | {shares} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=12, help="seeds of each version, at most 16")
    parser.add_argument("--simulations", type=int, default=10_000, help="pairs of versions for each row")
    parser.add_argument("--base-seed", type=int, default=0, help="what the random streams are named by")
    options = parser.parse_args()
    for line in table(seeds=options.seeds, simulations=options.simulations, base_seed=options.base_seed):
        print(line, flush=True)


if __name__ == "__main__":
    main()
