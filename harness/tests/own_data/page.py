"""What came of every data set, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

HEAD = """# The suite on data of a user's

    python -m memorization_claims.tests.own_data [--seeds N] [--whole] [--only NAME]

judges the fast claims on data sets as users may have them, and on MNIST and CIFAR-10 where they are, and writes this
page and [own-data.json](own-data.json); a set that is there is not judged again. Every item reaches a verdict, is
skipped for a reason that is stated, or is undecided for one; data that cannot be judged are refused in a line. Fewer
than 11 seeds decide no claim about nets: they show that nothing goes wrong. So does *hurried*: of each test one item
for every model, with two nets a run that are trained for two epochs.

An **error** is a test that failed otherwise, a traceback, or a verdict without a number. A **contradiction** is looked
for where all is noise: a supported claim that tells real data from noise, or less noise from more.
"""
COLUMNS = ("data", "seeds", "items", "supported", "refuted", "undecided", "skipped", "errors", "contradictions")
VERDICTS = ("supported", "refuted", "undecided")


def markdown(results: Mapping[str, Any]) -> str:
    """The page of some results by name, as `__main__` writes them."""
    return "\n".join([HEAD, *_table(results), *_told(results, "undecided"), *_told(results, "skipped"), ""])


def _table(results: Mapping[str, Any]) -> Iterator[str]:
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "|" + "---|" * len(COLUMNS)
    for result in results.values():
        outcome = result["outcome"]
        data = f"`{result['data']}`: {result['says']}"
        seeds = ", ".join([str(result["seeds"]), *(["hurried"] if result["hurried"] else []), *result["arguments"]])
        if outcome["refused"]:
            yield f"| {data} | {seeds} | refused: {outcome['refused']} |" + " |" * (len(COLUMNS) - 3)
            continue
        counts = [outcome["verdicts"].get(verdict, 0) for verdict in VERDICTS]
        told = outcome["contradictions"] if result["noise"] else None
        contradictions = "" if told is None else ", ".join(told) or "none"
        cells = (data, seeds, outcome["items"], *counts, sum(outcome["skipped"].values()), len(outcome["errors"]))
        yield "| " + " | ".join(map(str, (*cells, contradictions))) + " |"


def _told(results: Mapping[str, Any], what: str) -> Iterator[str]:
    """The reasons for which items are undecided or skipped, and on which data."""
    reasons: dict[str, list[str]] = {}
    for name, result in results.items():
        for reason, count in result["outcome"][what].items():
            reasons.setdefault(reason, []).append(f"{name} {count}")
    if reasons:
        yield f"\n## Why items are {what}\n\nN stands for a number.\n"
    for reason, where in reasons.items():
        yield f"- {reason}: {'; '.join(where)}"
