"""One number per condition and seed: what every verdict is reached from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from memorization_claims.errors import SettingError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Samples:
    """The measurements of one quantity, paired by seed over all conditions.

    The unit of replication is the run: what was averaged within a run (examples, batches) has been averaged already.
    A run that gave no number is a NaN or an infinity; the verdicts answer it, not this class.

    Raises:
        SettingError: no condition, no seed, a seed twice, values that are not one number for each seed, or a mark of
            censoring for an unknown condition.
    """

    name: str
    """What was measured, as a reader would say it: "test accuracy"."""
    unit: str
    """The unit of every value; empty for a pure number."""
    values: Mapping[str, FloatArray]
    """For each condition an array of shape (seeds,), float64; copied, and read-only from then on."""
    seeds: tuple[int, ...]
    """The seed behind each position, all different."""
    censored: Mapping[str, BoolArray] = field(default_factory=dict)
    """For conditions of which some values are lower bounds (times that were not reached within the budget): which,
    shape (seeds,). Verdicts let such a value count as it stands where a larger one would make the claim only truer,
    and reach no verdict that a larger one could overturn."""

    def __post_init__(self) -> None:
        seeds = tuple(int(seed) for seed in self.seeds)
        if not self.values:
            raise SettingError(f"samples of {self.name!r} have no condition: at least one is needed")
        if not seeds:
            raise SettingError(f"samples of {self.name!r} have no seed: at least one is needed")
        if len(set(seeds)) < len(seeds):
            raise SettingError(f"seeds = {seeds}: each seed may stand once, or one run would count twice")
        values = {}
        for condition, given in self.values.items():
            array = np.array(given, dtype=np.float64)
            if array.shape != (len(seeds),):
                raise SettingError(
                    f"values of {condition!r} have shape {array.shape}: one number for each seed is {(len(seeds),)}"
                )
            array.setflags(write=False)
            values[condition] = array
        censored = {condition: np.array(marks, dtype=np.bool_) for condition, marks in self.censored.items()}
        for condition, marks in censored.items():
            if condition not in values or marks.shape != (len(seeds),):
                raise SettingError(
                    f"marks of censoring for {condition!r} have shape {marks.shape}: one for each seed is "
                    f"{(len(seeds),)}, and the conditions are {', '.join(map(repr, values))}"
                )
            marks.setflags(write=False)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "censored", {c: marks for c, marks in censored.items() if marks.any()})
        object.__setattr__(self, "seeds", seeds)

    def __getitem__(self, condition: str) -> FloatArray:
        """The values of one condition, shape (seeds,), float64, read-only.

        Raises:
            SettingError: there is no such condition.
        """
        try:
            return self.values[condition]
        except KeyError:
            conditions = ", ".join(map(repr, self.values))
            raise SettingError(f"no condition {condition!r}; there are {conditions}") from None

    def stack(self, *conditions: str) -> FloatArray:
        """The values of several conditions beside each other, (seeds, conditions).

        Raises:
            SettingError: there is no such condition.
        """
        return np.stack([self[condition] for condition in conditions], axis=1)

    def only(self, *conditions: str) -> Samples:
        """The same samples with these conditions alone, in this order.

        Raises:
            SettingError: there is no such condition, or none is named.
        """
        censored = {condition: self.censored[condition] for condition in conditions if condition in self.censored}
        values = {condition: self[condition] for condition in conditions}
        return Samples(self.name, self.unit, values, self.seeds, censored)

    def log(self) -> Samples:
        """Natural logarithms of all values, so that differences compare ratios; NaN for zero and what is not finite.

        Raises:
            SettingError: a finite value is negative.
        """
        logs = {}
        for condition, array in self.values.items():
            finite = np.isfinite(array)
            if (bad := finite & (array < 0)).any():
                place = int(bad.argmax())
                raise SettingError(
                    f"{condition!r} is {array[place]:g} at seed {self.seeds[place]}: no negative value has a logarithm"
                )
            logs[condition] = np.log(array, out=np.full_like(array, np.nan), where=finite & (array > 0))
        unit = f"log {self.unit}" if self.unit else ""
        return Samples(f"log {self.name}", unit, logs, self.seeds, self.censored)

    def less(self, other: Samples, name: str) -> Samples:
        """What the values exceed another quantity's by, condition by condition.

        Raises:
            SettingError: the other has other seeds, lacks a condition, or either is censored.
        """
        if other.seeds != self.seeds or self.censored or other.censored:
            raise SettingError(f"{self.name!r} and {other.name!r} need the same seeds, and no value that is a bound")
        values = {condition: array - other[condition] for condition, array in self.values.items()}
        return Samples(name, self.unit, values, self.seeds)

    def between(self, name: str, pairs: Mapping[str, tuple[str, str]]) -> Samples:
        """What the first condition of each pair exceeds the second by.

        Where the first is a lower bound, so is the difference; where the second is one, it is not known.

        Args:
            name: what the differences are.
            pairs: the two conditions, by the condition that their difference is.

        Raises:
            SettingError: there is no such condition.
        """
        none = np.zeros(len(self.seeds), dtype=bool)
        values = {
            condition: np.where(self.censored.get(second, none), np.nan, self[first] - self[second])
            for condition, (first, second) in pairs.items()
        }
        censored = {condition: self.censored.get(first, none) for condition, (first, _) in pairs.items()}
        return Samples(name, self.unit, values, self.seeds, censored)

    def to_dict(self) -> dict[str, Any]:
        """Name, unit, seeds and values as plain builtins; None stands for a value that is not finite."""
        values = {
            condition: [value if math.isfinite(value) else None for value in array.tolist()]
            for condition, array in self.values.items()
        }
        return {"name": self.name, "unit": self.unit, "seeds": list(self.seeds), "values": values}
