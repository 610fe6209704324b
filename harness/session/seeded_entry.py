"""From the end of a seeded test to what its report says and carries: the entry of the record, as of a claim."""

from __future__ import annotations

from typing import Any

import pytest

from memorization_claims.errors import HarnessError
from memorization_claims.session import reported, stash
from memorization_claims.session.seeds import CIRCUMSTANCES, seeded_of


def tell(item: pytest.Function, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Put what a seeded test came to on its report."""
    carried: dict[str, Any] = {"item": item.nodeid}
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, HarnessError):
        report.longrepr = f"{type(error).__name__}: {error}"
    if call.when == "call" and CIRCUMSTANCES in item.stash:
        carried |= _verdict(item, call, report) | {"said": item.stash[CIRCUMSTANCES].said}
    if call.when == "teardown":
        damaged = item.config.stash[stash.DAMAGED]
        carried["damaged"] = list(damaged)
        damaged.clear()
    reported.attach(report, **carried)


def _verdict(item: pytest.Function, call: pytest.CallInfo[None], report: pytest.TestReport) -> dict[str, Any]:
    """The entry, where there is a verdict; what goes wrong otherwise leaves none."""
    from memorization_claims.judging.judge import NotSupportedError
    from memorization_claims.reports import junit

    here, claimed = item.stash[CIRCUMSTANCES], seeded_of(item)
    error = call.excinfo.value if call.excinfo else None
    if claimed is None or here.ended is None or not (error is None or isinstance(error, NotSupportedError)):
        return {}
    entry = of(item, expected=_expected(report, here.ended.verdict.outcome))
    earlier = item.stash.get(stash.PROPERTIES, [])
    item.stash[stash.PROPERTIES] = told = junit.properties(entry)
    item.user_properties[:] = [each for each in item.user_properties if each not in earlier] + list(told)
    if error is not None and report.failed:
        again = f"pytest {here.nodeid} --claims-base-seed {here.base_seed}"
        report.longrepr = f"{entry['says']}\n{entry['verdict']}: {entry['because']}\nthe same seeds: {again}"
        if entry["verdict"] == "undecided" and item.config.stash[stash.OPTIONS].allow_undecided:
            report.outcome = "passed"
    return {"entry": entry}


def _expected(report: pytest.TestReport, outcome: str) -> str:
    """What was expected: of a test that was to fail and did, what it came to, and of one that did not, a refutation."""
    unmet = isinstance(report.longrepr, str) and report.longrepr.startswith("[XPASS(strict)]")
    if not (hasattr(report, "wasxfail") or unmet):
        return "supported"
    return str(outcome) if report.skipped else "refuted"


def of(item: pytest.Function, *, expected: str) -> dict[str, Any]:
    """The entry of a seeded test that has a verdict: `alarm` is the chance, at most, that it fails though it holds."""
    from memorization_claims.reports import record

    claimed, ended = seeded_of(item), item.stash[CIRCUMSTANCES].ended
    assert claimed is not None
    assert ended is not None
    file, _, name = item.nodeid.partition("::")
    made = record.entry(
        ended.verdict,
        item=item.nodeid,
        nodeid=item.nodeid,
        scale="fast",
        dataset="seeds",
        says=claimed.says,
        source=f"{file}, {name}",
        paper="",
        refuted_by=claimed.procedure.opposite,
        margin_reason=claimed.because,
        known="",
        expected=expected,
        notes=ended.notes,
        departs=(),
        seconds={"training": 0.0, "measuring": ended.seconds, "wall": ended.seconds},
        runs={"trained": ended.computed, "reused": ended.kept},
    )
    return made | {"alarm": ended.alarm}
