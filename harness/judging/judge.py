"""The judge of one claim: checks what was taken for granted, applies the verdict procedure, writes the result down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from memorization_claims.judging import placebo
from memorization_claims.judging.claim import Claim, Kind
from memorization_claims.judging.placebo import Placebo
from memorization_claims.statistics import above, bound, exact, fit, interaction, same, trend
from memorization_claims.statistics.contested import contested
from memorization_claims.statistics.counted import contrast
from memorization_claims.statistics.looks import FIRST, Look, one_look
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Outcome, Verdict, undecided


class NotSupportedError(Exception):
    """Ends the test of a claim that was not supported; carries the verdict."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.because)
        self.verdict = verdict


class RefutedError(NotSupportedError):
    """The claim was refuted."""


class UndecidedError(NotSupportedError):
    """The claim was neither supported nor refuted."""


@dataclass(eq=False)
class Judge:
    """Reaches the verdict of one test; each test calls one procedure once, with the margin that its claim states."""

    claim: Claim
    item: str
    """The claim's id with its parameters."""
    placebo: Placebo | None = None
    """The control that is judged in the place of the claim, if any."""
    look: Look = FIRST
    """Which runs are looked at."""
    lost: Mapping[int, str] = field(default_factory=dict)
    """Seeds that gave no number, each with the reason; they are not among the samples."""
    verdict: Verdict | None = field(default=None, init=False)
    _unfit: list[str] = field(default_factory=list, init=False)
    """What was taken for granted and did not hold, a sentence each."""
    _unseen: list[str] = field(default_factory=list, init=False)
    """Which positive controls were not seen, a sentence each."""

    def look_again(self) -> None:
        """Take the verdict back, before the claim is judged once more with the runs of the next look."""
        self.look, self.verdict, self._unfit, self._unseen = self.look.next, None, [], []

    def given(self, samples: Samples, *conditions: str, at_least: float) -> None:
        """A precondition: these conditions reach a level. A run that falls short of it counts for neither answer."""
        for condition in conditions or samples.values:
            # What is not a number has not reached the level either.
            short = ~(samples[condition] >= at_least)
            if short.any():
                self.look = replace(self.look, unfit=self.look.unfit | set(np.array(samples.seeds)[short].tolist()))
                self._unfit.append(
                    f"precondition failed at {short.sum()} of {self.look.runs} runs, which count for neither answer: "
                    f"{samples.name} of {condition!r} should be at least {at_least:g}, and is "
                    f"{samples[condition].min():.3g} at its lowest"
                )

    def control(self, samples: Samples, *conditions: str, at_least: float) -> None:
        """A positive control: these conditions lie above a level, and so the effect, if there were one, would be seen.

        That nothing is there, a difference refuted or a sameness supported, takes so many runs that say so and in which
        all of these lie above the level. The other runs are not left out: to choose runs by what shares a number with
        the effect would choose them by the effect.

        Raises:
            SettingError: for a condition that the samples do not have, whatever the verdict.
        """
        unseen = self.look.unseen or frozenset()
        for condition in conditions or samples.values:
            seen = contrast(samples.only(condition), {condition: 1.0}, FIRST).above(at_least)
            known = samples[condition][np.isfinite(samples[condition])]
            unseen |= set(np.array(samples.seeds)[~seen].tolist())
            if not seen.all():
                self._unseen.append(
                    f"in {(~seen).sum()} of {self.look.runs} runs an effect could not have been seen, and they do not "
                    f"count for its absence: {samples.name} of {condition!r} should lie above {at_least:g}, and is "
                    f"{f'{np.median(known):.3g}' if known.size else 'unknown'} at the median"
                )
        self.look = replace(self.look, unseen=unseen)

    def above(self, samples: Samples, a: str, b: str) -> None:
        """`a` exceeds `b` by more than the margin."""
        samples = self._samples("above", samples, a, b)
        self._settle(above(samples, a, b, margin=self.claim.margin.value, look=self.look))

    def same(self, samples: Samples, a: str, b: str | float) -> None:
        """`a` and `b`, a condition or a constant, differ by less than the margin."""
        samples = self._samples("same", samples, *([a, b] if isinstance(b, str) else [a]))
        self._settle(same(samples, a, b, margin=self.claim.margin.value, look=self.look))

    def at_least(self, samples: Samples, a: str, *, less: str | None = None, refutes: bool = True) -> None:
        """`a`, or what it has more than `less`, lies above the level that the claim's margin names.

        With `refutes=False` a run short of it is no evidence against the claim, as one that does not fit in its budget
        is none that it cannot be fitted.
        """
        samples = self._samples("bound", samples, *([a, less] if less else [a]))
        level = self.claim.margin.value
        self._settle(bound(samples, a, less=less, at_least=level, refutes=refutes, look=self.look))

    def at_most(self, samples: Samples, a: str, *, less: str | None = None) -> None:
        """`a`, or what it has more than `less`, lies below the level that the claim's margin names."""
        samples = self._samples("bound", samples, *([a, less] if less else [a]))
        level = self.claim.margin.value
        self._settle(bound(samples, a, less=less, at_most=level, look=self.look))

    def trend(self, samples: Samples, levels: Mapping[str, float], *, rising: bool = True) -> None:
        """The samples rise, or fall, over the levels, by more than the margin for one unit of level."""
        samples = self._samples("trend", samples, *levels)
        self._settle(trend(samples, levels, margin=self.claim.margin.value, rising=rising, look=self.look))

    def interaction(self, samples: Samples, first: tuple[str, str], second: tuple[str, str]) -> None:
        """The first difference exceeds the second by more than the margin."""
        samples = self._samples("interaction", samples, *first, *second)
        self._settle(interaction(samples, first, second, margin=self.claim.margin.value, look=self.look))

    def fit(self, dispersion: Samples, a: str) -> None:
        """The dispersion over what a binomial gives is one, within a factor of the margin."""
        dispersion = self._samples("fit", dispersion, a)
        self._settle(fit(dispersion, a, margin=self.claim.margin.value, look=self.look))

    def exact(self, errors: Samples, tolerance: ArrayLike) -> None:
        """Every case's error, of the only condition, is within its tolerance."""
        (condition,) = errors.values
        self._settle(exact(self._samples("exact", errors, condition), condition, tolerance=tolerance))

    def contested(self, samples: Samples, a: str, b: str) -> None:
        """`a` exceeds `b`, where another source says the opposite and has a test of its own."""
        samples = self._samples("contested", samples, a, b)
        self._settle(contested(samples, a, b, margin=self.claim.margin.value, look=self.look))

    def undecidable(self, because: str) -> None:
        """End undecided for a reason found before any number was."""
        self._settle(undecided(self.claim.kind, because, None))

    def _samples(self, kind: Kind, samples: Samples, *conditions: str) -> Samples:
        """The samples to judge, after the placebo; an A/A test looks at half as many pairs as there are runs."""
        if kind != self.claim.kind:
            raise TypeError(f"{self.item} declares itself {self.claim.kind!r} and is judged by {kind!r}")
        samples = samples.only(*dict.fromkeys(conditions))
        if self.placebo is None:
            return samples
        if not self.placebo.same:
            return placebo.exchange(samples, self.item, self.placebo.seed)
        samples, beside = placebo.apart(samples, self.item, self.placebo.seed)

        def of_either(seeds: frozenset[int]) -> frozenset[int]:
            return frozenset(first for first, second in beside.items() if seeds & {first, second})

        unseen = None if self.look.unseen is None else of_either(self.look.unseen)
        self.look = Look(one_look(self.look.runs // 2), unfit=of_either(self.look.unfit), unseen=unseen)
        return samples

    def _settle(self, verdict: Verdict) -> None:
        """Keep the verdict and say what it is."""
        if self.verdict is not None:
            raise TypeError(f"{self.item} is judged twice; write one test for each verdict")
        if without := (*self._without(), *self._unseen):
            because = (verdict.because, *(without if verdict.outcome is Outcome.UNDECIDED else ()))
            verdict = replace(verdict, because="; ".join(because), notes=(*without, *verdict.notes))
        self.verdict = verdict
        if verdict.outcome is Outcome.REFUTED:
            raise RefutedError(verdict)
        if verdict.outcome is Outcome.UNDECIDED:
            raise UndecidedError(verdict)

    def _without(self) -> tuple[str, ...]:
        """Why runs count for neither answer, a sentence each."""
        if not self.lost:
            return tuple(self._unfit)
        first = self.lost[min(self.lost)]
        return (f"{len(self.lost)} of {self.look.runs} runs count for neither answer: {first}", *self._unfit)
