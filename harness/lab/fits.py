"""The kernel fits of a plan, and the numbers that claims are judged on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from memorization_claims.errors import SettingError
from memorization_claims.spec.kernel import KernelSpec
from memorization_claims.statistics.samples import Samples
from memorization_claims.store import Entry


@dataclass(frozen=True, eq=False, repr=False)
class Fits:
    """The fits of a plan by condition, in the order of seeds."""

    specs: Mapping[str, list[KernelSpec]]
    keys: Mapping[KernelSpec, str]
    """The fit's name in the store."""
    entries: Mapping[str, Entry]
    """The fits by key."""
    trained: int
    """How many of them were made for this request."""
    seconds: float
    """Seconds that all of them took when they were made."""
    lost: Mapping[int, str] = field(default_factory=dict)
    """Seeds that gave no number in some condition, each with the reason; they are not among the specs."""

    def __repr__(self) -> str:
        """One line, as of runs."""
        return f"<fits of {', '.join(self.specs)} at {len(self.seeds)} seeds>"

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of every condition."""
        return tuple(spec.seed for spec in next(iter(self.specs.values())))

    def value(self, value: str, name: str | None = None, unit: str = "") -> Samples:
        """One of the numbers of `memorization_claims.measures.kernels.fit` for each condition and seed.

        Raises:
            SettingError: for a number that fits do not have.
        """
        values = {
            condition: np.array([self._one(spec, value) for spec in specs]) for condition, specs in self.specs.items()
        }
        return Samples(name or value.replace("_", " "), unit, values, self.seeds)

    def _one(self, spec: KernelSpec, value: str) -> float:
        entry = self.entries[self.keys[spec]]
        if value not in entry.arrays:
            raise SettingError(f"a fit has no {value!r}; there are {', '.join(entry.arrays)}")
        return float(entry.arrays[value])
