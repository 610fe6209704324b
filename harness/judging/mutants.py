"""Mutants of the judge: what a claim takes for granted, or needs to be seen, is not asked for."""

from __future__ import annotations

from typing import Any

from memorization_claims.controls.mutant import Mutant
from memorization_claims.judging.judge import Judge
from memorization_claims.statistics.mutants import counts_runs


def trusting(whole: type[Judge]) -> type[Judge]:
    """Judges that ask for no precondition."""

    class Trusting(whole):  # type: ignore[misc, valid-type]
        def given(self, *arguments: Any, **options: Any) -> None:
            """Nothing."""

    return Trusting


def uncontrolled(whole: type[Judge]) -> type[Judge]:
    """Judges that ask for no positive control."""

    class Uncontrolled(whole):  # type: ignore[misc, valid-type]
        def control(self, *arguments: Any, **options: Any) -> None:
            """Nothing."""

    return Uncontrolled


MUTANTS = (
    Mutant(
        "preconditions-ignored",
        "a run counts though it does not do what the claim takes for granted",
        target=Judge,
        replacement=trusting,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_judge.py::test_runs_that_fall_short_refute_nothing",
    ),
    Mutant(
        "controls-ignored",
        "that nothing is there counts though it could not have been seen",
        target=Judge,
        replacement=uncontrolled,
        within=counts_runs,
        spoils="nothing",
        blunt=True,
        caught_by="harness/tests/test_judge.py::test_a_refutation_counts_where_a_control_is_seen",
    ),
)
