"""From the end of a claim's test to what its report says and carries: the entry of the record."""

from __future__ import annotations

from typing import Any

import pytest

from memorization_claims.errors import HarnessError
from memorization_claims.session import items, overrides, reported, stash

PACKAGE = "memorization_claims"
OTHERS = (PACKAGE, "_pytest", "pluggy", "importlib", "_frozen_importlib", "dataclasses")
"""The beginnings of the names of modules that no claim is written in."""


def tell(item: pytest.Function, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Put what a claim came to on the report on its test, in the words of a reader who knows the claim alone."""
    carried: dict[str, Any] = {"item": items.name_of(item)}
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, HarnessError):
        report.longrepr = f"{type(error).__name__}: {error}"
    if call.when == "call":
        carried |= _verdict(item, call, report)
        carried |= {"drawn": item.stash.get(stash.DRAWN, []), "noted": _noted(item)}
    if call.when == "teardown":
        damaged = item.config.stash[stash.DAMAGED]
        carried |= {"device": item.config.stash.get(stash.DEVICE, ""), "damaged": list(damaged)}
        damaged.clear()
        carried |= {"uncompiled": list(item.config.stash[stash.UNCOMPILED].values())}
        item.config.stash[stash.SPARED].clear()
        # The item stays to the end of the session; what its runs weigh must not.
        if stash.HELD in item.stash:
            del item.stash[stash.HELD]
    reported.attach(report, **carried)


def located(excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """A mistake in the text of a claim: the place in the user's own file, and what it is, in one line."""
    modules = ((each, str(each.frame.f_globals.get("__name__"))) for each in excinfo.traceback)
    theirs = [each for each, name in modules if name.startswith(f"{PACKAGE}.claims") or not name.startswith(OTHERS)]
    place = f"{theirs[-1].path}:{theirs[-1].lineno + 1}: " if theirs else ""
    return f"{place}{type(excinfo.value).__name__}: {excinfo.value}"


def _verdict(item: pytest.Function, call: pytest.CallInfo[None], report: pytest.TestReport) -> dict[str, Any]:
    """The entry and the paper, where there is a verdict; what goes wrong after a verdict leaves none."""
    from memorization_claims.judging.judge import NotSupportedError
    from memorization_claims.reports import effects, junit

    judge = item.stash.get(stash.JUDGE, None)
    error = call.excinfo.value if call.excinfo else None
    if judge is None or judge.verdict is None or not (error is None or isinstance(error, NotSupportedError)):
        return {}
    entry = of(item, call.duration)
    # JUnit's XML takes those of the item's last report; a test that is run again has those of its last run.
    earlier = item.stash.get(stash.PROPERTIES, [])
    item.stash[stash.PROPERTIES] = told = junit.properties(entry)
    item.user_properties[:] = [each for each in item.user_properties if each not in earlier] + list(told)
    if error is not None and report.failed:
        report.longrepr = f"{entry['id']} {judge.claim.says}\n{entry['verdict']}: {entry['because']}"
        tolerated = entry["verdict"] == "undecided" and item.config.stash[stash.OPTIONS].allow_undecided
        if tolerated or effects.leans(entry):
            report.outcome = "passed"
    paper = judge.claim.source.paper
    return {"entry": entry, "papers": {paper.key: {"short": paper.short, "bibtex": paper.bibtex}}}


def of(item: pytest.Function, duration: float) -> dict[str, Any]:
    """The entry of an item whose judge has reached a verdict.

    Args:
        item: of a claim.
        duration: seconds that its test took.
    """
    from memorization_claims.reports import effects, record

    judge, chosen, place = item.stash[stash.JUDGE], overrides.of(item.config), items.placed(item)
    spared = item.config.stash[stash.SPARED]
    assert judge.verdict is not None
    found = items.known(item, chosen)
    held = item.stash.get(stash.HELD, None)
    cost = held.cost if held else {}
    made = record.entry(
        judge.verdict,
        item=judge.item,
        nodeid=item.nodeid,
        scale=place.scale,
        dataset=place.setting.dataset,
        says=judge.claim.says,
        source=str(judge.claim.source),
        paper=judge.claim.source.paper.key,
        refuted_by=judge.claim.refuted_by,
        margin_reason=judge.claim.margin.reason,
        known=found.says if found else "",
        expected=found.verdict if found else "supported",
        notes=tuple(_noted(item)),
        departs=(*judge.claim.departures(place.scale), *chosen.departures(place.setting)),
        seconds={
            "training": cost.get("training", 0.0),
            "measuring": duration - cost.get("within", 0.0) + sum(spared),
            "wall": duration + cost.get("fetching", 0.0),
        },
        runs={"trained": int(cost.get("trained", 0)), "reused": int(cost.get("reused", 0))},
    )
    # Of a control nothing is expected, and undecided is the right answer.
    control = chosen.placebo is not None or chosen.mutant is not None
    return made | {"leans": not control and effects.leans_to(made, made["expected"])}


def _noted(item: pytest.Function) -> list[str]:
    """How the claim was judged on its data; nothing where it asked for none."""
    noted: dict[str, None] = item.stash.get(stash.NOTES, {})
    return list(noted)
