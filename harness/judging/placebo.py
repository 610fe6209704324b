"""What is done to the samples of a comparison so that nothing it claims holds: a placebo, and an A/A test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from memorization_claims.errors import SettingError
from memorization_claims.seed import numpy_generator
from memorization_claims.statistics.samples import Samples

if TYPE_CHECKING:
    from memorization_claims.judging.claim import Kind

COMPARING: tuple[Kind, ...] = ("above", "trend", "interaction", "contested")
"""Kinds that a placebo must leave unsupported: exchanging conditions destroys what they claim. It leaves alone what
claims that conditions are the same, and has nothing to exchange where there is one condition."""
OF_TWO_ARMS: tuple[Kind, ...] = ("above", "interaction", "contested")
"""Those that an A/A test must; a trend has more arms than two."""


@dataclass(frozen=True)
class Placebo:
    """Which control it is, and what it draws; each claim has draws of its own."""

    same: bool = False
    """An A/A test; else conditions are exchanged."""
    seed: int = 0
    """Tells the draws of one session from those of another."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of claim that must not be supported."""
        return OF_TWO_ARMS if self.same else COMPARING


def exchange(samples: Samples, item: str, number: int = 0) -> Samples:
    """The samples with their conditions in a random order at every seed.

    Args:
        samples: of at least two conditions.
        item: the claim's id; each claim is given an order of its own.
        number: of the placebo.
    """
    values = np.stack(list(samples.values.values()))
    none = np.zeros(len(samples.seeds), dtype=bool)
    censored = np.stack([samples.censored.get(condition, none) for condition in samples.values])
    for column, seed in enumerate(samples.seeds):
        order = numpy_generator(seed, "placebo", item, number).permutation(len(values))
        values[:, column], censored[:, column] = values[order, column], censored[order, column]
    exchanged = dict(zip(samples.values, values, strict=True))
    marks = dict(zip(samples.values, censored, strict=True))
    return Samples(samples.name, samples.unit, exchanged, samples.seeds, marks)


def apart(samples: Samples, item: str, number: int = 0) -> tuple[Samples, dict[int, int]]:
    """An A/A test: two arms that are the same, each at seeds of its own, half as many as there are.

    The first half of the conditions is the one arm. The other conditions get its values at other seeds, in their order,
    and theirs are not looked at. Which seeds these are is drawn, as is which of them stand in one pair.

    Args:
        samples: of an even number of conditions, at two seeds or more.
        item: the claim's id; each claim is given an order of its own.
        number: of the A/A test.

    Returns:
        The samples at the seeds of the first arm, and by each of these that of the second arm beside it.

    Raises:
        SettingError: for an odd number of conditions, or fewer than two seeds.
    """
    names, pairs = list(samples.values), len(samples.seeds) // 2
    if len(names) % 2 or not pairs:
        raise SettingError(
            f"{item} compares {len(names)} conditions at {len(samples.seeds)} seeds; legal for an A/A test are two "
            "arms of as many conditions, and two seeds or more"
        )
    order = numpy_generator(number, "placebo", item).permutation(len(samples.seeds))
    columns = (order[:pairs], order[pairs : 2 * pairs])
    half = len(names) // 2
    none = np.zeros(len(samples.seeds), dtype=bool)
    values, censored = {}, {}
    for place, name in enumerate(names):
        arm, condition = columns[place // half], names[place % half]
        values[name], censored[name] = samples[condition][arm], samples.censored.get(condition, none)[arm]
    first, second = (tuple(samples.seeds[column] for column in arm) for arm in columns)
    return Samples(samples.name, samples.unit, values, first, censored), dict(zip(first, second, strict=True))
