"""What the claims of a session came to, over all workers, and how that is shown when it is over."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from memorization_claims.session import pack, stash
from memorization_claims.session.reported import carried
from memorization_claims.session.root import root_of

UNRECORDED = ("store", "report", "data_root", "only")
"""Options that change no verdict."""
REFUSED = "claims_refused"
"""The key of the error, in a worker's output, for which it judges nothing."""


class Results:
    """Collects entries, errors, skips and figures from the reports on tests, and shows and writes them at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.entries: list[dict[str, Any]] = []
        self.papers: dict[str, dict[str, str]] = {}
        self.errors: list[dict[str, str]] = []
        self.skipped: list[dict[str, str]] = []
        self.damaged: list[str] = []
        self.figures: list[dict[str, Any]] = []
        self.device = ""
        self.stopped = ""
        self.refused = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what the report on a claim's test carries."""
        told = carried(report)
        self.device = told.get("device") or self.device
        self.damaged += told.get("damaged", ())
        self.figures += told.get("drawn", ())
        self.papers |= told.get("papers", {})
        if "entry" in told:
            self.entries.append(told["entry"])
        # The report on a worker that died has no keywords.
        elif report.failed and (told or not report.keywords):
            self.errors.append({"nodeid": report.nodeid, "message": _message(report)})
        elif told and report.skipped and isinstance(report.longrepr, tuple):
            self.skipped.append({"nodeid": report.nodeid, "reason": report.longrepr[2].removeprefix("Skipped: ")})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take note of a file that cannot be collected."""
        if report.failed:
            self.errors.append({"nodeid": report.nodeid, "message": _message(report)})

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take note of why a worker judged nothing."""
        self.refused = getattr(node, "workeroutput", {}).get(REFUSED, self.refused)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(
        self, session: pytest.Session, exitstatus: int | pytest.ExitCode
    ) -> Generator[None, object, object]:
        """Take note of why the session ended before its end."""
        interrupted = "interrupted" if exitstatus == pytest.ExitCode.INTERRUPTED else ""
        if self.refused:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        self.stopped = str(session.shouldfail or session.shouldstop or interrupted)
        return (yield)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the verdicts, and write the record and its report where they are asked for."""
        if self.refused:
            terminalreporter.write_line(f"ERROR: {self.refused}", red=True)
        for sentence in self.damaged:
            terminalreporter.write_line(f"damaged: {sentence}", yellow=True)
        if self.entries:
            self._show(terminalreporter)
        folder = self.config.stash[stash.OPTIONS].report
        if folder and not self.config.option.collectonly:
            from memorization_claims.reports import record

            path = record.write(self.document(), folder)
            terminalreporter.write_line(f"record: {path}")
            self._report(terminalreporter, path)

    def _show(self, reporter: pytest.TerminalReporter) -> None:
        from memorization_claims.reports import terminal

        writer = reporter._tw
        width, color = writer.fullwidth, writer.hasmarkup
        reporter.section("verdicts")
        entries = sorted(self.entries, key=lambda entry: (entry["scale"], entry["id"]))
        writer.write(terminal.table(entries, width=width, color=color))
        if reasons := terminal.reasons(entries, width=width, color=color):
            writer.write("\n" + reasons)

    def _report(self, reporter: pytest.TerminalReporter, path: Path) -> None:
        """Render the record, which is safe by now: whatever goes wrong here costs no verdict."""
        from memorization_claims.reports import render

        try:
            shown, _ = render.write(path, path.parent)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            reporter.write_line(f"no report: {what}; `claims report {path}` tries again", red=True)
        else:
            reporter.write_line(f"report: {shown}")

    def document(self) -> dict[str, Any]:
        """The record of the session."""
        from memorization_claims.reports import record

        chosen = self.config.stash[stash.OPTIONS]
        return record.document(
            self.entries,
            self.errors,
            self.skipped,
            self.figures,
            papers=self.papers,
            pack=pack.of(self.config),
            device=self.device or chosen.device,
            options={key: value for key, value in asdict(chosen).items() if key not in UNRECORDED},
            root=root_of(self.config),
            stopped=self.stopped,
        )


def _message(report: pytest.TestReport | pytest.CollectReport) -> str:
    """What went wrong, in a line: the exception where there is a traceback, else the end of the text."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash:
        return str(crash.message).splitlines()[0]
    return str(report.longrepr).strip().splitlines()[-1].removeprefix("E   ")
