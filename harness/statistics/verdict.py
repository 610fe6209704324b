"""A verdict: one of three outcomes, with everything that is needed to check it by hand."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NoReturn

from memorization_claims.statistics.samples import Samples

ALPHA = 0.0005
"""The level of every claim's test: with 100 claims, the chance of even one false support is at most 5 %."""


class Outcome(StrEnum):
    """What a claim's evidence comes to. An exception is a fourth thing, and never a verdict."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Effect:
    """The size of what was tested, in the unit of the measure. None stands for what cannot be told."""

    name: str
    """What the numbers are, such as "test accuracy: true labels - random labels"."""
    unit: str
    """The unit of all but `standardized`; empty for a pure number."""
    estimate: float | None
    """The mean over seeds."""
    low: float | None
    """The lower end of the 95 % interval; None where the seeds are too few to bound it."""
    high: float | None
    """The upper end of it."""
    margin: float
    """What the estimate is held against: the smallest effect that counts, or the stated level."""
    standardized: float | None
    """The mean difference over its standard deviation between seeds (ddof 1); None where that is zero."""
    by_seed: tuple[float, ...] = ()
    """What `estimate` is the mean of, in the order of seeds; empty where seeds have no effect of their own."""


@dataclass(frozen=True)
class Verdict:
    """The answer to one claim."""

    kind: str
    """The procedure that gave it, such as "above"."""
    outcome: Outcome
    """Supported, refuted or undecided."""
    because: str
    """The reason in one line, with numbers."""
    effect: Effect | None
    """None when the verdict was reached before anything could be measured."""
    p_support: float | None
    """The p-value against "the claim is false"; the claim is supported at or below alpha."""
    p_refute: float | None
    """The p-value against "the claim is true"; the claim is refuted at or below alpha."""
    samples: Samples | None
    """The numbers that were tested, the conditions of the claim alone."""
    notes: tuple[str, ...] = ()
    """What a careful reader should also know."""

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a verdict has three outcomes, so it is neither true nor false: "
            "compare verdict.outcome with Outcome.SUPPORTED, Outcome.REFUTED or Outcome.UNDECIDED"
        )

    def to_dict(self) -> dict[str, Any]:
        """The verdict as plain builtins that JSON can hold: None stands for what is absent or not finite."""
        samples = self.samples.to_dict() if self.samples else {"seeds": [], "values": {}}
        effect = asdict(self.effect) if self.effect else None
        return {
            "kind": self.kind,
            "verdict": self.outcome.value,
            "because": self.because,
            "effect": effect and {key: _plain(value) for key, value in effect.items()},
            "p_support": _plain(self.p_support),
            "p_refute": _plain(self.p_refute),
            "seeds": samples["seeds"],
            "samples": samples["values"],
            "notes": list(self.notes),
        }


def undecided(kind: str, because: str, samples: Samples | None, effect: Effect | None = None) -> Verdict:
    """The verdict when no test could be run: a failed precondition, a diverged run, too few seeds, no spread."""
    return Verdict(kind, Outcome.UNDECIDED, because, effect, None, None, samples)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return float(value) if math.isfinite(value) else None
