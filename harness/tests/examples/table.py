"""The worked examples at many base seeds, beside what the usual variants of the same tests say.

`python -m memorization_claims.tests.examples.table` prints a Markdown table. A usual test asks of one run what a seeded
one asks of each: at one seed; with the limit so wide that no sound run of 200 falls short; or three times at the most.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from memorization_claims.seeding.circumstances import Circumstances
from memorization_claims.seeding.claimed import Claimed
from memorization_claims.seeding.judged import looked_at
from memorization_claims.seeding.returned import numbers
from memorization_claims.seeding.trial import Trial
from memorization_claims.statistics.samples import FloatArray, Samples
from memorization_claims.statistics.verdict import Verdict

NAMES = ("learner", "chain", "spread", "optimiser", "counter", "shuffle", "agreement", "speed")
HEADINGS = (
    *("example", "sound: supported", "mean seeds", "fault: refuted", "mean seeds"),
    *("at one seed: sound fails", "fault passes", "widened: fault passes", "run again: sound fails", "fault passes"),
)
APART = 1000
"""Base seeds lie so far apart that no two have a seed in common."""
RUNS = 200
"""At which the usual tests are tried."""

Test = Callable[[int], Any]


def example(name: str) -> tuple[Claimed, Test, Test, str]:
    """What a worked example claims, its sound version, its fault, and what it is in words."""
    module = importlib.import_module(f"memorization_claims.tests.examples.test_{name}")
    (marked,) = (each for label, each in vars(module).items() if label.startswith("test_"))
    claimed = marked.pytestmark[-1].args[0]
    return claimed, marked.__wrapped__, claimed.broken[0], str(module.__doc__).partition(":")[0]


def verdicts(claimed: Claimed, test: Test, base_seeds: int) -> list[Verdict]:
    """At each of so many base seeds."""
    found = []
    for place in range(base_seeds):
        here = Circumstances(base_seed=APART * place)
        trial = Trial("example", test, claimed.procedure, here)
        found.append(looked_at(claimed, trial, here, checks=False)[0])
    return found


def lengths(claimed: Claimed, test: Test) -> FloatArray:
    """How far each of `RUNS` lies on the right side of what it is held against, (RUNS,); below 0 it falls short."""
    seeds = range(10**6, 10**6 + RUNS)
    found = [numbers(test(seed), claimed.procedure, "example") for seed in seeds]
    values = {name: np.array([each[name] for each in found]) for name in claimed.procedure.conditions}
    look = claimed.procedure.first(seeds=RUNS)
    effect = claimed.procedure.judge(Samples("example", "", values, tuple(seeds)), look).effect
    assert effect is not None
    assert effect.claimed is not None
    each, (low, high) = np.array(effect.by_seed), effect.claimed
    if claimed.procedure.keyword == "fit":
        each, low, high = np.log(each), np.log(low), np.log(high)
    return np.asarray(np.minimum(each - low, high - each))


def row(name: str, base_seeds: int) -> tuple[str, ...]:
    """The row of an example."""
    claimed, sound, fault, words = example(name)
    ended = [verdicts(claimed, test, base_seeds) for test in (sound, fault)]
    wanted = ("supported", "refuted")
    right = [sum(one.outcome == want for one in each) for each, want in zip(ended, wanted, strict=True)]
    seeds = [np.mean([len(one.samples.seeds) for one in each if one.samples]) for each in ended]
    good, bad = lengths(claimed, sound), lengths(claimed, fault)
    fails, passes = float((good <= 0).mean()), float((bad > 0).mean())
    event = claimed.procedure.kind == "event"
    widened = "cannot be" if event else _percent(float((bad > min(0.0, float(good.min()) - 1e-9)).mean()))
    shown = [f"{right[0]} of {base_seeds}", f"{seeds[0]:.1f}", f"{right[1]} of {base_seeds}", f"{seeds[1]:.1f}"]
    again = (_percent(fails**3), _percent(1 - (1 - passes) ** 3))
    return (words, *shown, _percent(fails), _percent(passes), widened, *again)


def table(base_seeds: int) -> Iterator[str]:
    """The lines of the table."""
    yield "| " + " | ".join(HEADINGS) + " |"
    yield "|" + "---|" * len(HEADINGS)
    for name in NAMES:
        yield "| " + " | ".join(row(name, base_seeds)) + " |"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-seeds", type=int, default=50, help="how many")
    for line in table(parser.parse_args().base_seeds):
        print(line, flush=True)
