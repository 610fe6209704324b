"""How often claims are supported under placebos and A/A tests, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from memorization_claims.statistics.looks import SEQUENTIAL
from memorization_claims.statistics.verdict import ALPHA

CONTROLS = {"placebo": "conditions exchanged within each seed", "aa": "A/A: one condition, at different seeds"}
VERDICTS = ("supported", "refuted", "undecided")
OPTIONS = {"placebo": "--claims-placebo", "aa": "--claims-aa"}
HEAD = """# Placebos and A/A tests

    python -m memorization_claims.tests.placebos [--seeds N] [PYTEST ARGUMENTS]

judges the fast claims, and what is measured of their runs once more under {number} placebos, `--claims-placebo
--claims-placebo-seed 0` and so on, and as many A/A tests, `--claims-aa`. For these nothing is trained or measured; runs
that the store lacks are trained for the claims themselves, and stay there if the command is interrupted. A **placebo**
exchanges the conditions that a claim compares, at random within each seed. In an **A/A test** both arms are the same
condition, each at {pairs} of {runs} seeds, drawn at random; it is made of items that are looked at {runs} seeds, and
not of trends, which have more arms than two. No claim holds then, and each support is a false one.
"""
COLUMNS = ("items", "judged", "supported", "share, 95 % interval", "bound", "refuted", "undecided", "sessions with any")


def markdown(result: Mapping[str, Any]) -> str:
    """The page of a result, as `__main__` writes it."""
    pairs, runs = SEQUENTIAL.looks[:2]
    head = HEAD.format(number=result["seeds"], pairs=pairs, runs=runs)
    return "\n".join([head, *_table(result), "", *_words(result, pairs), ""])


def _table(result: Mapping[str, Any]) -> Iterator[str]:
    yield f"| | {' | '.join(COLUMNS)} |"
    yield "|" + "---|" * (1 + len(COLUMNS))
    for control, says in CONTROLS.items():
        found = [told[control] for told in result["items"].values() if control in told]
        counts = {verdict: sum(told.get(verdict, 0) for told in found) for verdict in VERDICTS}
        judged = sum(counts.values())
        sessions = {seed for told in found for seed in told["seeds"]}
        shares = (_share(counts["supported"], judged), f"{100 * ALPHA:g} %")
        cells = (says, len(found), judged, counts["supported"], *shares, counts["refuted"], counts["undecided"])
        yield f"| {' | '.join(map(str, (*cells, len(sessions))))} |"


def _share(count: int, number: int) -> str:
    """A share with its Clopper-Pearson 95 % interval, in percent."""
    if not number:
        return ""
    from scipy.stats import binomtest

    ends = binomtest(count, number).proportion_ci(0.95, method="exact")
    share, low, high = (f"{100 * part:.3g}" for part in (count / number, ends.low, ends.high))
    return f"{share} % [{low}, {high}]"


def _words(result: Mapping[str, Any], pairs: int) -> Iterator[str]:
    claims = ", ".join(f"{count} are {verdict}" for verdict, count in result["claims"].items())
    yield f"Of the same items {claims} by the same runs; {result['trained']} runs were trained for it."
    yield (
        f"Whatever the runs are, in which arm each of a pair stands is the toss of a coin, so that {pairs} of {pairs} "
        f"pairs lie beyond the margin with a chance of at most {100 * 0.5**pairs:.3g} %, independently under each "
        "control: the intervals, of Clopper and Pearson, are exact. The bound is that of all looks together. That a "
        "claim is refuted is right: nothing exceeds the margin."
    )
    told = [
        f"- `pytest claims -m fast {OPTIONS[control]} --claims-placebo-seed {seed} --claims-only '{item}'`"
        for control in CONTROLS
        for item, found in result["items"].items()
        for seed in found.get(control, {}).get("seeds", ())
    ]
    yield from ("\nEach false support, to be seen again:\n", *told) if told else ()
    yield f"\n{', '.join(f'{name} {value}' for name, value in result['environment'].items())}"
