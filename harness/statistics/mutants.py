"""Mutants of how numbers become a verdict: they fail claims whatever these say, and train and measure nothing anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from memorization_claims.controls.mutant import Mutant
from memorization_claims.measures.constructions.mutants import about_a_theorem
from memorization_claims.plan.plan import Plan, Setting
from memorization_claims.statistics.above import exceeds
from memorization_claims.statistics.counted import Contrast, conclude, contrast, interval
from memorization_claims.statistics.exact import exact
from memorization_claims.statistics.looks import Look, one_look
from memorization_claims.statistics.same import within
from memorization_claims.statistics.samples import Samples
from memorization_claims.statistics.trend import in_order
from memorization_claims.statistics.verdict import Effect, Verdict

Procedure = Callable[..., Verdict]
Contrasted = Callable[[Samples, Mapping[str, float], Look], Contrast]


def counts_runs(setting: Setting) -> bool:
    """Whether its runs are counted: those of theorems are not."""
    return isinstance(setting, Plan)


def turned_round(whole: Procedure) -> Procedure:
    """Conclusions from the runs of the one answer for the other."""

    def broken(
        kind: str, samples: Samples, look: Look, effect: Effect, beyond: int, short: int, **rest: Any
    ) -> Verdict:
        return whole(kind, samples, look, effect, short, beyond, **rest)

    return broken


def unfit_beyond(whole: Procedure) -> Procedure:
    """Conclusions that count for the claim what fell short of a precondition."""

    def broken(
        kind: str, samples: Samples, look: Look, effect: Effect, beyond: int, short: int, **rest: Any
    ) -> Verdict:
        return whole(kind, samples, look, effect, beyond + len(look.unfit), short, **rest)

    return broken


def all_of_alpha(whole: Procedure) -> Procedure:
    """Conclusions at each look from as few runs as decide a single one."""

    def broken(kind: str, samples: Samples, look: Look, *rest: Any, **more: Any) -> Verdict:
        needed = tuple(one_look(runs).needed[0] for runs in look.schedule.looks)
        return whole(kind, samples, replace(look, schedule=replace(look.schedule, needed=needed)), *rest, **more)

    return broken


def margin_turned(whole: Procedure) -> Procedure:
    """Excesses over the margin's negative."""
    return lambda *arguments, margin, **rest: whole(*arguments, margin=-margin, **rest)


def margin_ignored(whole: Procedure) -> Procedure:
    """Excesses over nothing."""
    return lambda *arguments, margin, **rest: whole(*arguments, margin=0.0, **rest)


def one_end(whole: Procedure) -> Procedure:
    """Equivalences of which only the upper end is tested."""

    def broken(kind: str, samples: Samples, found: Contrast, look: Look, **rest: Any) -> Verdict:
        return whole(kind, samples, replace(found, values=np.maximum(found.values, 0.0)), look, **rest)

    return broken


def narrow(whole: Callable[..., Any]) -> Callable[..., Any]:
    """Intervals between order statistics that lie one nearer to the median."""

    def broken(found: Contrast, look: Look) -> Any:
        ranks = tuple(rank + 1 if rank else 0 for rank in look.schedule.ranks)
        return whole(found, replace(look, schedule=replace(look.schedule, ranks=ranks)))

    return broken


def uncensored(whole: Contrasted) -> Contrasted:
    """Contrasts in which a lower bound is taken for the value itself."""
    return lambda samples, weights, look: whole(replace(samples, censored={}), weights, look)


def unpaired(whole: Contrasted) -> Contrasted:
    """Contrasts of conditions at different seeds: each stands one seed further on than the one before."""

    def broken(samples: Samples, weights: Mapping[str, float], look: Look) -> Contrast:
        moved = {condition: np.roll(own, place) for place, (condition, own) in enumerate(samples.values.items())}
        return whole(replace(samples, values=moved), weights, look)

    return broken


def any_order(whole: Callable[..., Any]) -> Callable[..., Any]:
    """Every order of a trend's levels."""
    return lambda *arguments: np.ones_like(whole(*arguments))


def by_its_median(whole: Procedure) -> Procedure:
    """Theorems judged by their median case."""

    def broken(errors: Samples, a: str, **rest: Any) -> Verdict:
        median = np.full(len(errors.seeds), np.nanmedian(errors[a]))
        return whole(replace(errors, values={a: median}), a, **rest)

    return broken


MUTANTS = (
    Mutant(
        "answers-exchanged",
        "the runs that show the opposite are counted for a claim, and those that show it against it",
        target=conclude,
        replacement=turned_round,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_counted.py::test_each_look_decides_with_the_runs_that_it_needs",
    ),
    Mutant(
        "unfit-runs-beyond",
        "a run that falls short of a precondition counts for the claim",
        target=conclude,
        replacement=unfit_beyond,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_counted.py::test_a_run_that_did_not_fit_counts_for_neither",
    ),
    Mutant(
        "alpha-at-every-look",
        "each look decides at the level that is due to all of them together",
        target=conclude,
        replacement=all_of_alpha,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_counted.py::test_each_look_decides_with_the_runs_that_it_needs",
    ),
    Mutant(
        "margin-turned",
        "what exceeds the margin's negative counts as exceeding the margin",
        target=exceeds,
        replacement=margin_turned,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_verdicts.py::test_above_says_what_it_found",
    ),
    Mutant(
        "margin-ignored",
        "what exceeds nothing counts as exceeding the margin",
        target=exceeds,
        replacement=margin_ignored,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_verdicts.py::test_above_says_what_it_found",
    ),
    Mutant(
        "one-end-tested",
        "an equivalence is tested at its upper end alone",
        target=within,
        replacement=one_end,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_verdicts.py::test_same_says_what_it_found",
    ),
    Mutant(
        "intervals-too-narrow",
        "the ends of an interval of 95 % are order statistics one nearer to the median",
        target=interval,
        replacement=narrow,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_counted.py::test_the_interval_stands_at_the_ranks_of_its_look",
    ),
    Mutant(
        "bounds-taken-for-values",
        "a time that was not reached within the budget is taken to be the budget",
        target=contrast,
        replacement=uncensored,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_censored.py::test_a_run_counts_where_it_is_known_to_lie",
    ),
    Mutant(
        "seeds-not-paired",
        "a condition at one seed is compared with another at the next",
        target=contrast,
        replacement=unpaired,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_verdicts.py::test_above_sizes_the_effect",
    ),
    Mutant(
        "order-ignored",
        "a trend needs its slope alone, in whatever order the levels lie",
        target=in_order,
        replacement=any_order,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_verdicts.py::test_trend_takes_order_as_well_as_slope",
    ),
    Mutant(
        "theorem-by-its-median",
        "a theorem is judged by its median case, not by the worst",
        target=exact,
        replacement=by_its_median,
        within=about_a_theorem,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_statistics_exact.py::test_error_that_is_not_finite_refutes",
    ),
)
