"""An event happens at more than a stated rate of seeds, or at less: the exact binomial."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from memorization_claims.errors import SettingError
from memorization_claims.statistics.rated import Rated, RateLook
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.verdict import Count, Effect, Outcome, Verdict, undecided


def event(
    samples: Samples,
    a: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    look: RateLook | None = None,
) -> Verdict:
    """Whether an event happens at more than a stated rate, or at less, at a fresh seed.

    Args:
        samples: 1 where it happened and 0 where not.
        a: a condition.
        at_least: the rate to exceed, in (0, 1); give this or `at_most`.
        at_most: the rate to stay below.
        look: which runs are looked at; its rate is `at_least`, or what `at_most` leaves of 1. By default a single look
            at all of them.

    Returns:
        Supported when the opposite is rejected at the level of the look, refuted when the claim is; never both. The
        effect is the share of runs, with an interval of 95 % that holds over all looks.

    Raises:
        SettingError: an unknown condition, not exactly one rate, one outside (0, 1), or values other than 0 and 1.
    """
    if (at_least is None) == (at_most is None):
        raise SettingError(f"at_least = {at_least!r}, at_most = {at_most!r}: exactly one of them must be given")
    level = float(at_least if at_least is not None else at_most)  # type: ignore[arg-type]
    if not 0 < level < 1:
        raise SettingError(f"rate = {level!r}: must lie between 0 and 1")
    used, rising = samples.only(a), at_least is not None
    if not np.isin(used[a], (0.0, 1.0)).all():
        raise SettingError(f"{a!r} has values other than 0 and 1: an event happens or does not")
    look = look or RateLook(Rated(level if rising else 1 - level, (len(used.seeds),)))
    happened, runs = int(used[a].sum()), len(used.seeds)
    beyond, short = (happened, runs - happened) if rising else (runs - happened, happened)
    low, high = interval(happened, runs, miss=0.05 / len(look.rated.looks))
    claimed = (level, math.inf) if rising else (-math.inf, level)
    by_seed = tuple(used[a].tolist())
    effect = Effect(f"{used.name}: rate", "", happened / runs, low, high, level, None, by_seed, claimed)
    if not (look.rated.can_support or look.refutes <= look.runs):
        return undecided("event", f"{look.runs} runs decide nothing at alpha = {look.rated.alpha:g}", used, effect)
    outcome = Outcome.UNDECIDED
    if beyond >= look.supports:
        outcome = Outcome.SUPPORTED
    elif short >= look.refutes:
        outcome = Outcome.REFUTED
    more = look.next.runs if outcome is Outcome.UNDECIDED and look.goes_on(beyond) else None
    decides = look.refutes if outcome is Outcome.REFUTED else look.supports
    count = Count(runs, beyond, short, decides, more, look.replicates(outcome, beyond, short))
    p_support, p_refute = look.p_values(beyond, short)
    because = f"{runs} runs, the event in {happened} ({_deciding(look, rising)}); rate {happened / runs:.3g}"
    because += f" [{low:.3g}, {high:.3g}] against {level:g}"
    if outcome is not Outcome.UNDECIDED:
        because += f"; p = {min(p_support, p_refute):.2g}"
    return Verdict("event", outcome, because, effect, p_support, p_refute, used, (), count)


def interval(happened: int, runs: int, *, miss: float) -> tuple[float, float]:
    """The rates that an event in so many of some runs does not reject.

    Args:
        happened: from 0 to the number of runs.
        runs: 1 or more.
        miss: the chance, at most, that the rate lies outside, half on either side.

    Returns:
        The ends, in [0, 1].

    Source: Clopper and Pearson 1934, Biometrika 26 (4).
    """
    low = _turn(lambda rate: _tail(happened, runs, rate) < miss / 2) if happened else 0.0
    high = 1 - _turn(lambda rate: _tail(runs - happened, runs, rate) < miss / 2) if happened < runs else 1.0
    return low, high


def _deciding(look: RateLook, rising: bool) -> str:
    """How many events decide at this look, in words."""
    many, few = (look.supports, look.refutes) if rising else (look.refutes, look.supports)
    parts = (f"{many} or more" if many <= look.runs else "", f"{look.runs - few} or fewer" if few <= look.runs else "")
    return f"{' and '.join(filter(None, parts)) or 'no number'} decide"


def _tail(least: int, runs: int, rate: float) -> float:
    """The chance of at least so many of some runs, each at a rate in (0, 1)."""
    ways = (math.lgamma(runs + 1) - math.lgamma(k + 1) - math.lgamma(runs - k + 1) for k in range(least, runs + 1))
    logs = (k * math.log(rate) + (runs - k) * math.log1p(-rate) for k in range(least, runs + 1))
    return math.fsum(math.exp(way + log) for way, log in zip(ways, logs, strict=True))


def _turn(holds: Callable[[float], bool]) -> float:
    """Where in (0, 1) something that holds from 0 on ends, to 1e-9."""
    low, high = 0.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
