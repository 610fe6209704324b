"""The pytest plugin: options, items, outcomes, and what is shown at the end. Imports torch nowhere."""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.errors import HarnessError, UndecidableError
from memorization_claims.judging.judge import Judge, NotSupportedError
from memorization_claims.reports import junit, record, render, terminal
from memorization_claims.session import benchmarks as benchmark
from memorization_claims.session import devices, items, options
from memorization_claims.session.items import leave_out
from memorization_claims.session.options import Options
from memorization_claims.statistics.verdict import Verdict

MARKERS = (
    "claim(claim): the test of a claim, made by `memorization_claims.claim`",
    "fast: the claim at reduced scale, on a CPU in seconds",
    "fullscale: the claim at the paper's own scale, on a GPU",
)
pytest_plugins = [f"memorization_claims.fixtures.{name}" for name in ("device", "laboratory", "claims")]

OPTIONS: pytest.StashKey[Options] = pytest.StashKey()
JUDGE: pytest.StashKey[Judge] = pytest.StashKey()
COST: pytest.StashKey[dict[str, float]] = pytest.StashKey()
"""Of an item: seconds of training, runs trained and reused, as the fixture `runs` finds them."""
DRAWN: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()
"""Of an item: the panels that its claim handed over for the report."""
DEVICE: pytest.StashKey[str] = pytest.StashKey()
DAMAGED: pytest.StashKey[list[str]] = pytest.StashKey()
SPARED: pytest.StashKey[list[float]] = pytest.StashKey()
"""Of a worker: the seconds that measured values took which came from the store, since the last claim."""


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    for line in MARKERS:
        config.addinivalue_line("markers", line)
    worker = getattr(config, "workerinput", {}).get("workerid", "")
    # A GPU that is named is the same for every worker, and its number counts those that the caller allowed.
    if worker.startswith("gw") and config.getoption("--device") in ("auto", "cuda"):
        devices.claim_gpu(int(worker.removeprefix("gw")))
    try:
        config.stash[OPTIONS] = options.read(config)
    except HarnessError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[DAMAGED], config.stash[SPARED] = [], []
    if hasattr(config, "workerinput"):
        benchmark.leave_to_controller(config.option)
    else:
        results = Results(config)
        config.pluginmanager.register(benchmark.Hooks(config, results.document), "claims-benchmarks")
        config.pluginmanager.register(results, "claims-results")


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object | None:
    """Keep an experiment on one worker, since its claims share their runs: one experiment is one file.

    Not by --dist in the configuration, which would switch pytest-benchmark off where there are no workers.
    """
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log) if config.getoption("dist") == "load" else None


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    items.parametrize(metafunc, metafunc.config.stash[OPTIONS])


def pytest_itemcollected(item: pytest.Item) -> None:
    if isinstance(item, pytest.Function) and items.claim_of(item):
        items.mark(item, item.config.stash[OPTIONS])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept, left_out = leave_out(items, config.stash[OPTIONS])
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    try:
        result = yield
    except UndecidableError as error:
        if (judge := item.stash.get(JUDGE, None)) is None:
            raise
        judge.undecidable(str(error))
        raise AssertionError("an undecidable claim ends inconclusive") from error
    judge = item.stash.get(JUDGE, None)
    if item.get_closest_marker("claim") and (judge is None or judge.verdict is None):
        pytest.fail("the test of a claim ended without a verdict: call one procedure of `judge`", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, HarnessError) and "claim" in report.keywords:
        report.longrepr = f"{type(error).__name__}: {error}"
    judge = item.stash.get(JUDGE, None) if call.when == "call" else None
    # What goes wrong after a verdict leaves none.
    if judge and judge.verdict is not None and (error is None or isinstance(error, NotSupportedError)):
        assert isinstance(item, pytest.Function)
        entry = _entry(item, judge, judge.verdict, call.duration)
        report.user_properties.append(("claim", json.dumps(entry, allow_nan=False)))
        # JUnit's XML takes those of the item's last report.
        item.user_properties += junit.properties(entry)
        if isinstance(error, NotSupportedError) and report.failed:
            report.longrepr = f"{entry['id']} {judge.claim.says}\n{entry['verdict']}: {entry['because']}"
            if entry["verdict"] == "inconclusive" and item.config.stash[OPTIONS].allow_inconclusive:
                report.outcome = "passed"
    if call.when == "call" and (drawn := item.stash.get(DRAWN, None)):
        # Not a property of the item, which JUnit's XML would show; reports carry other attributes across workers too.
        report.__dict__["drawn"] = json.dumps(drawn, allow_nan=False)
    if call.when == "teardown":
        damaged = item.config.stash[DAMAGED]
        report.__dict__ |= {"device": item.config.stash.get(DEVICE, ""), "damaged": tuple(damaged)}
        damaged.clear()
        item.config.stash[SPARED].clear()
    return report


def _entry(item: pytest.Function, judge: Judge, verdict: Verdict, duration: float) -> dict[str, Any]:
    cost, spared = item.stash.get(COST, {}), item.config.stash[SPARED]
    measuring = duration + sum(spared)
    scale, _, setting = items.placed(item)
    return record.entry(
        verdict,
        item=judge.item,
        nodeid=item.nodeid,
        scale=scale,
        dataset=setting.dataset,
        says=judge.claim.says,
        source=str(judge.claim.source),
        refuted_by=judge.claim.refuted_by,
        margin_reason=judge.claim.margin.reason,
        known=items.known(item, item.config.stash[OPTIONS]),
        expected=items.expected(item, item.config.stash[OPTIONS]),
        departs=(*judge.claim.departures(scale), *item.config.stash[OPTIONS].departures(setting)),
        seconds={
            "training": cost.get("training", 0.0),
            "measuring": measuring,
            "wall": duration + cost.get("fetching", 0.0),
        },
        runs={"trained": int(cost.get("trained", 0)), "reused": int(cost.get("reused", 0))},
    )


def _claim(report: pytest.TestReport) -> dict[str, Any] | None:
    """The entry on a report, if it carries one."""
    found = dict(report.user_properties).get("claim") if report.when == "call" else None
    return json.loads(str(found)) if found else None


def _message(report: pytest.TestReport | pytest.CollectReport) -> str:
    """What went wrong, in a line: the exception where there is a traceback, else the end of the text."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash:
        return str(crash.message).splitlines()[0]
    return str(report.longrepr).strip().splitlines()[-1].removeprefix("E   ")


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
    entry = _claim(report) if isinstance(report, pytest.TestReport) else None
    if entry and entry["verdict"] == "inconclusive":
        return "inconclusive", "?", ("INCONCLUSIVE", {"yellow": True})
    return None


class Results:
    """Collects what claims came to, over all workers, and shows it at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.entries: list[dict[str, Any]] = []
        self.errors: list[dict[str, str]] = []
        self.skipped: list[dict[str, str]] = []
        self.damaged: list[str] = []
        self.figures: list[dict[str, Any]] = []
        self.device = ""
        self.stopped = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.device = getattr(report, "device", "") or self.device
        self.damaged += getattr(report, "damaged", ())
        self.figures += json.loads(getattr(report, "drawn", "[]"))
        if entry := _claim(report):
            self.entries.append(entry)
        # The report on a worker that died has no keywords.
        elif report.failed and ("claim" in report.keywords or not report.keywords):
            self.errors.append({"nodeid": report.nodeid, "message": _message(report)})
        elif "claim" in report.keywords and report.skipped and isinstance(report.longrepr, tuple):
            self.skipped.append({"nodeid": report.nodeid, "reason": report.longrepr[2].removeprefix("Skipped: ")})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append({"nodeid": report.nodeid, "message": _message(report)})

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int | pytest.ExitCode
    ) -> Generator[None, object, object]:
        interrupted = "interrupted" if exitstatus == pytest.ExitCode.INTERRUPTED else ""
        self.stopped = str(session.shouldfail or session.shouldstop or interrupted)
        return (yield)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for sentence in self.damaged:
            terminalreporter.write_line(f"damaged: {sentence}", yellow=True)
        if self.entries:
            self._show(terminalreporter)
        folder = self.config.stash[OPTIONS].report
        if folder and not self.config.option.collectonly:
            path = record.write(self.document(), folder)
            terminalreporter.write_line(f"record: {path}")
            self._report(terminalreporter, path)

    def _report(self, reporter: pytest.TerminalReporter, path: Path) -> None:
        """Render the record, which is safe by now: whatever goes wrong here costs no verdict."""
        try:
            shown, _ = render.write(path, path.parent)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            reporter.write_line(f"no report: {what}; `claims report {path}` tries again", red=True)
        else:
            reporter.write_line(f"report: {shown}")

    def _show(self, reporter: pytest.TerminalReporter) -> None:
        writer = reporter._tw
        width, color = writer.fullwidth, writer.hasmarkup
        reporter.section("verdicts")
        entries = sorted(self.entries, key=lambda entry: (entry["scale"], entry["id"]))
        writer.write(terminal.table(entries, width=width, color=color))
        if reasons := terminal.reasons(entries, width=width, color=color):
            writer.write("\n" + reasons)

    def document(self) -> dict[str, Any]:
        """The record of the session."""
        chosen = self.config.stash[OPTIONS]
        plain = {key: value for key, value in asdict(chosen).items() if key not in ("store", "report", "data_root")}
        return record.document(
            self.entries,
            self.errors,
            self.skipped,
            self.figures,
            device=self.device or chosen.device,
            options=plain,
            root=self.config.rootpath,
            stopped=self.stopped,
        )
