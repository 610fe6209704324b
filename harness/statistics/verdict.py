"""A verdict: one of three outcomes, with everything that is needed to check it by hand."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NoReturn

from memorization_claims.statistics.samples import Samples

ALPHA = 0.0005
"""The level of a claim's verdict on either side, over all looks at it: with 100 claims, the chance of even one false
support is at most 5 %."""


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
    """The median over seeds."""
    low: float | None
    """The lower end of its interval of 95 %, which holds over all looks; None where seeds are too few to bound it."""
    high: float | None
    """The upper end of it."""
    margin: float
    """What each run is held against: the smallest effect that counts, or the stated level."""
    standardized: float | None
    """The median over the standard deviation between seeds (ddof 1); None where that is zero."""
    by_seed: tuple[float, ...] = ()
    """The effect of each run, in the order of seeds, NaN for one that does not count; empty where seeds have none."""
    claimed: tuple[float, float] | None = None
    """The ends of what the claim says that the effect is, infinite where it has none."""


@dataclass(frozen=True)
class Count:
    """How many runs are for which answer."""

    runs: int
    """The runs at this look."""
    beyond: int
    """Those that show what is claimed."""
    short: int
    """Those that show the opposite; the rest shows neither."""
    needed: int
    """How many decide."""
    more: int | None
    """The runs at the next look; None where there is none, or it could not decide."""
    replicates: float
    """The chance that a fresh base seed gives the same verdict."""
    seen: int | None = None
    """The runs in which every positive control is seen; None where the claim names none."""


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
    """The p-value against "the claim is false", valid over all looks until then."""
    p_refute: float | None
    """The p-value against "the claim is true"."""
    samples: Samples | None
    """The numbers that were tested, the conditions of the claim alone."""
    notes: tuple[str, ...] = ()
    """What a careful reader should also know."""
    count: Count | None = None
    """The runs for either answer; None where none were counted."""

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
            "count": asdict(self.count) if self.count else None,
            "p_support": _plain(self.p_support),
            "p_refute": _plain(self.p_refute),
            "seeds": samples["seeds"],
            "samples": samples["values"],
            "notes": list(self.notes),
        }


def undecided(kind: str, because: str, samples: Samples | None, effect: Effect | None = None) -> Verdict:
    """The verdict when nothing could be counted."""
    return Verdict(kind, Outcome.UNDECIDED, because, effect, None, None, samples)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return float(value) if math.isfinite(value) else None
