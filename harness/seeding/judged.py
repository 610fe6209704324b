"""From a test that is called at its seeds to its verdict: look by look, then its broken variants."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from memorization_claims.errors import BlindError, SettingError
from memorization_claims.judging.judge import RefutedError, UndecidedError
from memorization_claims.seeding import circumstances
from memorization_claims.seeding.circumstances import Circumstances, Ended
from memorization_claims.seeding.claimed import Claimed
from memorization_claims.seeding.kept import Kept
from memorization_claims.seeding.trial import OverTimeError, Trial
from memorization_claims.statistics.verdict import Outcome, Verdict, undecided

MOST_OF_A_VARIANT = 40
"""What three looks do not support of a broken variant has lost its support."""


def run(claimed: Claimed, function: Callable[..., object], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Judge a test, or try it out at one seed where the session asks for that.

    Args:
        claimed: what it claims.
        function: of the test, without its decorator.
        args: the object that it is a method of, if any.
        kwargs: its arguments by name, but the seed.

    Raises:
        RefutedError: it does not hold.
        UndecidedError: neither.
        BlindError: it holds of a broken variant too.
        SettingError: the test cannot do what it is for, in one line.
    """
    __tracebackhide__ = True
    here = circumstances.current()
    trial = _trial(claimed, function, args, kwargs, here)
    if here.only is not None:
        shown = ", ".join(f"{name} {value:.6g}" for name, value in trial.at(here.only).items())
        here.said.append(f"{here.nodeid or trial.name} at seed {here.only}: {shown}")
        return
    if claimed.store and here.store:
        if args:
            raise SettingError(f"{trial.name} has store=True, which is for functions: a method's object has no key")
        trial.kept = Kept(here.store(), function, kwargs)
    verdict, noted = looked_at(claimed, trial, here)
    alarm = claimed.procedure.false_alarm(claimed.procedure.first(alpha=here.alpha, seeds=here.seeds))
    if verdict.outcome is Outcome.SUPPORTED:
        for variant in claimed.broken:
            broken = replace(_trial(claimed, variant, args, kwargs, here), sound=False)
            noted = (*noted, _told(claimed, broken, here))
    kept = len(trial.found) - trial.computed
    alarm += len(claimed.broken) * here.alpha
    here.ended = Ended(verdict, alarm, noted, trial.seconds, trial.computed, kept)
    if verdict.outcome is Outcome.REFUTED:
        raise RefutedError(verdict)
    if verdict.outcome is Outcome.UNDECIDED:
        raise UndecidedError(verdict)


def _trial(
    claimed: Claimed,
    function: Callable[..., object],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    here: Circumstances,
) -> Trial:
    def call(seed: int) -> object:
        __tracebackhide__ = True
        return function(*args, **kwargs, seed=seed)

    deadline = time.perf_counter() + claimed.seconds if claimed.seconds else math.inf
    return Trial(getattr(function, "__name__", repr(function)), call, claimed.procedure, here, deadline)


def looked_at(
    claimed: Claimed, trial: Trial, here: Circumstances, *, checks: bool = True, most: float = math.inf
) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict, and what is to be noted.

    Args:
        claimed: of the test.
        trial: gives its numbers.
        here: how it is judged.
        checks: whether the test is checked for what its seeds decide, after the first look.
        most: no look at more seeds.
    """
    __tracebackhide__ = True
    look, verdict = claimed.procedure.first(alpha=here.alpha, seeds=here.seeds), None
    noted: tuple[str, ...] = ()
    while True:
        seeds = range(here.base_seed, here.base_seed + look.runs)
        try:
            samples = trial.samples(claimed.label, seeds)
        except OverTimeError:
            return _over_time(claimed, trial, seeds, verdict), noted
        if checks and verdict is None:
            if claimed.repeatable:
                trial.check_repeats(here.base_seed)
            noted = tuple(filter(None, (trial.check_varies(),)))
        verdict = claimed.procedure.judge(samples, look)
        more = verdict.count.more if verdict.count else None
        if verdict.outcome is not Outcome.UNDECIDED or more is None or more > most:
            return verdict, noted
        look = look.next


def _over_time(claimed: Claimed, trial: Trial, seeds: Sequence[int], last: Verdict | None) -> Verdict:
    """Undecided, as the last look left it."""
    because = f"no more time after {len(trial.found)} of {len(seeds)} seeds and {claimed.seconds:g} s"
    if last is None:
        samples = trial.known(claimed.label, seeds) if trial.found else None
        return undecided(claimed.procedure.kind, because, samples)
    count = last.count and replace(last.count, more=None)
    return replace(last, because=f"{because}; {last.because}", count=count)


def _told(claimed: Claimed, trial: Trial, here: Circumstances) -> str:
    """What a broken variant came to, in a sentence.

    Raises:
        BlindError: it is supported.
    """
    __tracebackhide__ = True
    verdict, _ = looked_at(claimed, trial, here, checks=False, most=MOST_OF_A_VARIANT)
    if verdict.outcome is Outcome.SUPPORTED:
        raise BlindError(f"the broken variant {trial.name} is supported too: {verdict.because}")
    return f"the broken variant {trial.name} is {verdict.outcome.value}: {verdict.because}"
